import type { Field, Fields } from "../../core/field.ts";
import { showsIdentity } from "../../kind/identity-match.ts";
import { kinds } from "../../kinds/index.ts";
import type { Attribute, Attributes, Schema } from "./attribute.ts";
import { type CozeKind, resourceType } from "./names.ts";
import { attributesOf, ownFields } from "./resource-schema.ts";

/** Kinds whose objects can be told apart by what Coze shows of them, by the types of their data sources. */
export const dataSourceKinds: ReadonlyMap<string, CozeKind> = new Map(
  kinds.filter(showsIdentity).map((kind) => [resourceType(kind), kind]),
);

/** Of what Coze keeps once per identity, such as a member, an id says nothing without what holds it. */
export const isKnownById = (kind: CozeKind): boolean => kind.unique !== true;

/** The data sources by type: an object by its id, or by what it is called. */
export const dataSourceSchemas: { readonly [type: string]: Schema } = Object.fromEntries(
  [...dataSourceKinds].map(([type, kind]) => [type, describeSource(kind)]),
);

function describeSource(kind: CozeKind): Schema {
  const words = kind.identity.join(" and ");
  const id: Attribute = {
    type: "string",
    ...(isKnownById(kind) ? { optional: true } : {}),
    computed: true,
    description: isKnownById(kind) ? `Its id, instead of ${words}.` : "Its id.",
  };
  return {
    version: 0,
    description: `${kind.description} Looked up by ${isKnownById(kind) ? "`id`, or by " : ""}${words}; it is an error if there is none or more than one.`,
    attributes: { id, ...shownAttributes(kind) },
  };
}

function shownAttributes(kind: CozeKind): Attributes {
  const all = Object.entries(attributesOf(shownFields(kind.fields), "object"));
  return Object.fromEntries(
    all.map(([name, attribute]) => {
      if (kind.identity.includes(name)) return [name, asKey(kind, attribute)];
      const computed = asComputed(attribute);
      return [name, kind.narrowedBy?.includes(name) ? { ...computed, optional: true } : computed];
    }),
  );
}

function asKey(kind: CozeKind, attribute: Attribute): Attribute {
  const { required: _, optional: __, computed: ___, ...common } = attribute;
  return isKnownById(kind) ? { ...common, optional: true, computed: true } : { ...common, required: true };
}

function asComputed({ type, description, sensitive }: Attribute): Attribute {
  const common = { description, computed: true, ...(sensitive ? { sensitive } : {}) } as const;
  if (typeof type === "string" || !("nested" in type)) return { type, ...common };
  const { nesting, attributes } = type.nested;
  const inner = Object.entries(attributes).map(([name, one]) => [name, asComputed(one)] as const);
  return { type: { nested: { nesting, attributes: Object.fromEntries(inner) } }, ...common };
}

/** Fields without those that Coze never shows, and without local files. */
export function shownFields(fields: Fields): Fields {
  const entries = Object.entries(ownFields(fields)).flatMap(([name, field]): [string, Field][] => {
    if (field.readable === false || field.type === "file") return [];
    if (field.type === "object") return [[name, { ...field, fields: shownFields(field.fields) }]];
    if (field.type !== "list" || field.items.type !== "object") return [[name, field]];
    return [[name, { ...field, items: { ...field.items, fields: shownFields(field.items.fields) } }]];
  });
  return Object.fromEntries(entries);
}
