import type { Field, Fields, Shape } from "../../core/field.ts";
import type { Attribute, Attributes, Nested, Type } from "../schema/attribute.ts";
import { tellFacts } from "./facts.ts";
import { joinBlocks } from "./markdown.ts";

/** What stands behind attributes: fields, as far as they have some. */
type FieldsOf = { readonly [name: string]: Field | undefined };

interface Place {
  readonly attributes: Attributes;
  readonly fields: FieldsOf;
  /** Names from the resource down to these attributes. */
  readonly path: readonly string[];
  /** A change of what holds them replaces the resource. */
  readonly fixed: boolean;
}

const groups = [
  ["Required", ({ required }: Attribute) => required === true],
  ["Optional", ({ optional }: Attribute) => optional === true],
  ["Read-Only", ({ required, optional }: Attribute) => !required && !optional],
] as const;

/** The attributes of a resource, data source or provider as Markdown: by presence, nested ones below with anchors. */
export function describeSchema(attributes: Attributes, fields: Fields): string {
  const top = { attributes, fields, path: [], fixed: false };
  return joinBlocks(["## Schema", ...describeGroups(top, (title) => `### ${title}`), ...nestedBlocks(top)]);
}

function describeGroups(place: Place, heading: (title: string) => string): readonly string[] {
  const entries = Object.entries(place.attributes);
  return groups.flatMap(([title, belongs]) => {
    const lines = entries
      .filter(([, attribute]) => belongs(attribute))
      .map(([name, attribute]) => describeAttribute(place, name, attribute));
    return lines.length === 0 ? [] : [heading(title), lines.join("\n")];
  });
}

/** Each nested object, and what is nested in it right behind. */
function nestedBlocks(place: Place): readonly string[] {
  return Object.entries(place.attributes).flatMap(([name, attribute]) => {
    const nested = nestedIn(attribute);
    if (!nested) return [];
    const field = place.fields[name];
    const inner: Place = {
      attributes: nested.attributes,
      fields: fieldsIn(field),
      path: [...place.path, name],
      fixed: place.fixed || field?.immutable === true,
    };
    const head = `<a id="${anchorOf(inner.path)}"></a>\n\n### Nested Schema for \`${inner.path.join(".")}\``;
    return [head, ...describeGroups(inner, (title) => `${title}:`), ...nestedBlocks(inner)];
  });
}

function describeAttribute(place: Place, name: string, attribute: Attribute): string {
  const field = place.fields[name];
  const isSetByUser = attribute.required === true || attribute.optional === true;
  const facts = field && isSetByUser ? tellFacts(field, { fixed: place.fixed }) : [];
  const below = nestedIn(attribute) ? [`(see [below](#${anchorOf([...place.path, name])}))`] : [];
  const text = [`(${traitsOf(attribute).join(", ")})`, attribute.description, ...facts, ...below].join(" ");
  return `- \`${name}\` ${text}`;
}

const traitsOf = ({ type, sensitive, writeOnly }: Attribute): readonly string[] => [
  describeType(type),
  ...(sensitive ? ["Sensitive"] : []),
  ...(writeOnly
    ? [
        "[Write-only](https://developer.hashicorp.com/terraform/language/resources/ephemeral#write-only-arguments)",
      ]
    : []),
];

const nestings = {
  single: "Attributes",
  list: "Attributes List",
  set: "Attributes Set",
  map: "Attributes Map",
};

function describeType(type: Attribute["type"]): string {
  return typeof type === "object" && "nested" in type ? nestings[type.nested.nesting] : formatType(type);
}

/** A type in the words of Terraform's own pages: `Set of String`. */
export function formatType(type: Type): string {
  if (typeof type === "string")
    return type === "bool" ? "Boolean" : type.replace(/^./u, (first) => first.toUpperCase());
  if ("list" in type) return `List of ${formatType(type.list)}`;
  if ("set" in type) return `Set of ${formatType(type.set)}`;
  if ("map" in type) return `Map of ${formatType(type.map)}`;
  return "object" in type ? "Object" : "Tuple";
}

const nestedIn = ({ type }: Attribute): Nested | undefined =>
  typeof type === "object" && "nested" in type ? type.nested : undefined;

function fieldsIn(shape: Shape | undefined): FieldsOf {
  if (shape?.type === "object") return shape.fields;
  return shape?.type === "list" && shape.items.type === "object" ? shape.items.fields : {};
}

const anchorOf = (path: readonly string[]): string => `nestedatt--${path.join("--")}`;
