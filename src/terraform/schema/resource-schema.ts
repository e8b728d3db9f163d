import type { Field, Fields, Shape } from "../../core/field.ts";
import type { Values } from "../../core/value.ts";
import type { KindSchema } from "../../kind/schema.ts";
import type { Attribute, Attributes, Schema, Type } from "./attribute.ts";
import { memoizeEach } from "./memoize.ts";
import {
  hashName,
  resourceType,
  taskName,
  timeoutsName,
  unfinishedName,
  writeOnlyName,
  writeOnlyVersionName,
} from "./names.ts";

/** Where a field stands: of what is in a collection, Terraform can't tell what was left out from what is gone. */
export type Within = "object" | "collection";

/** The resource of a kind that can be made. */
export const resourceSchema: (kind: KindSchema) => Schema = memoizeEach((kind) => ({
  version: versionOf(kind),
  description: kind.description,
  attributes: {
    id: { type: "string", computed: true, description: "Id that Coze gave it." },
    ...attributesOfResource(kind.fields),
    ...(kind.copying ? { [taskName]: task } : {}),
    ...(isMadeInSteps(kind) ? { [unfinishedName]: unfinished } : {}),
    ...timeoutsOf(kind),
  },
}));

/** Operations that wait for Coze's own work. A copy that isn't finished yet is still being created. */
const waitingOperations = ({ processed, copying }: KindSchema): readonly ("create" | "update")[] => {
  if (copying) return ["create"];
  return processed ? ["create", "update"] : [];
};

/** Whether an operation on a kind's objects waits for work of Coze's, and so takes a time-out. */
export const takesTimeouts = (kind: KindSchema): boolean => waitingOperations(kind).length > 0;

function timeoutsOf(kind: KindSchema): Attributes {
  const operations = waitingOperations(kind);
  if (operations.length === 0) return {};
  const attributes = Object.fromEntries(operations.map((name) => [name, timeouts[name]]));
  const nested = { nesting: "single", attributes } as const;
  return {
    [timeoutsName]: {
      type: { nested },
      block: true,
      optional: true,
      description:
        "How long Coze's own work is waited for. The next apply continues to wait for what takes longer.",
    },
  };
}

const timeouts = {
  create: {
    type: "string",
    optional: true,
    description:
      'How long a creation may take, such as `"90s"`, `"10m"` or `"1h30m"`. Default 30 minutes of waiting.',
  },
  update: {
    type: "string",
    optional: true,
    description: "The same for an apply that continues to wait for what an earlier one made.",
  },
} as const satisfies Attributes;

const unfinished: Attribute = {
  type: { list: "string" },
  computed: true,
  description:
    "What an apply that failed didn't come to, such as `publish`; the next one does it. Null when all was done.",
};

const task: Attribute = {
  type: "string",
  computed: true,
  description:
    "Coze's task that is still making it; the next apply goes on waiting for it. Null when it is made.",
};

function attributesOfResource(fields: Fields): Attributes {
  const entries = Object.entries(attributesOf(fields, "object")).map(([name, attribute]) => {
    if (!fields[name]?.derived) return [name, attribute];
    // Terraform would report what other resources of the same apply bring about as changes made outside of it.
    return [
      name,
      {
        ...attribute,
        description: `${attribute.description} As of the last apply that made or changed this resource; the data source has the present one.`,
      },
    ];
  });
  return Object.fromEntries(entries);
}

/** Whether making or changing an object may take more than one call. */
export const isMadeInSteps = (kind: KindSchema): boolean =>
  (kind.followUps?.length ?? 0) > 0 ||
  kind.processed === true ||
  kind.copying !== undefined ||
  Object.values(kind.fields).some(({ settable }) => settable === "update");

/** The attributes of fields, by the fields' names and order. */
export const attributesOf = (fields: Fields, within: Within): Attributes => attributesWithin[within](fields);

const describeFieldsWithin = (within: Within) =>
  memoizeEach((fields: Fields): Attributes => {
    const entries = Object.entries(ownFields(fields)).flatMap(([name, field]) => [
      [name, describeField(field, within)] as const,
      ...Object.entries(derivedOf(name, field, within)),
    ]);
    return Object.fromEntries(entries);
  });

const attributesWithin = {
  object: describeFieldsWithin("object"),
  collection: describeFieldsWithin("collection"),
} as const;

/** Fields but those that speak of a project's other environments, of which Terraform knows nothing. */
export const ownFields: (fields: Fields) => Fields = memoizeEach((fields) => {
  const isOwn = (field: Field) =>
    !(field.type === "string" && (field.names === "environment" || field.elsewhere !== undefined));
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => isOwn(field)));
});

function derivedOf(name: string, field: Field, within: Within): Attributes {
  if (field.type === "file") {
    return {
      [hashName(name)]: {
        type: "string",
        computed: true,
        description: `SHA-256 of the content of \`${name}\`, worked out when planning.`,
      },
    };
  }
  if (!hasWriteOnly(field)) return {};
  const [secret, version] = [writeOnlyName(name), writeOnlyVersionName(name)];
  return {
    [secret]: {
      type: plainType(field, within),
      optional: true,
      // Not sensitive as well: Terraform stores paths of sensitive values in any order, and then sees changes where none are.
      writeOnly: true,
      description: `The same as \`${name}\`, kept in no plan and no state (Terraform 1.11 and later). Give it an \`ephemeral\` variable that isn't \`sensitive\`. Raise \`${version}\` to have another value sent.`,
    },
    [version]: {
      type: "string",
      optional: true,
      description: `Any text; another one sends \`${secret}\` again.`,
    },
  };
}

/** Whether a field is a secret that only goes to Coze: then it can be given without being kept anywhere. */
export const hasWriteOnly = (field: Field): boolean =>
  field.sensitive === true && field.readable === false && field.presence === "optional";

function describeField(field: Field, within: Within): Attribute {
  return {
    type: attributeType(field, within),
    description: field.description,
    required: field.presence === "required" || undefined,
    optional: field.presence === "optional" || undefined,
    computed: field.presence === "computed" || keepsUnset(field, within) || undefined,
    sensitive: field.sensitive || undefined,
    ...holdings(field),
  };
}

/** What Terraform's types don't tell of the texts that an attribute holds. */
function holdings(shape: Shape): Pick<Attribute, "refersTo" | "json" | "words"> {
  if (shape.type === "map") return { json: true };
  if (shape.type === "enum") return { words: shape.values };
  if (shape.type === "list") return holdings(shape.items);
  if (shape.type !== "ref") return {};
  const others = Object.values(shape.others ?? {}).map(({ kind }) => kind);
  return { refersTo: [shape.kind, ...others].map((name) => resourceType({ name })) };
}

/** Whether an attribute that a configuration leaves out has a value all the same: the one at Coze. */
export function keepsUnset(field: Field, within: Within): boolean {
  if (field.presence !== "optional" || within === "collection") return false;
  if (field.type === "object" && field.readable !== false) return true;
  return field.readable !== false || field.default !== undefined || field.sticky === true;
}

function attributeType(shape: Shape, within: Within): Attribute["type"] {
  if (shape.type === "object") {
    return { nested: { nesting: "single", attributes: attributesOf(shape.fields, within) } };
  }
  if (shape.type === "list" && shape.items.type === "object") {
    const attributes = attributesOf(shape.items.fields, "collection");
    // Items with a key are told apart by it, and a list lets them hold what only configurations hold.
    return { nested: { nesting: shape.unordered && shape.key === undefined ? "set" : "list", attributes } };
  }
  return plainType(shape, within);
}

function plainType(shape: Shape, within: Within): Type {
  switch (shape.type) {
    case "string":
    case "enum":
    case "ref":
    case "file":
    // Free keys with values of any type: as JSON text, since no type of Terraform's fits them inside of lists.
    case "map":
      return "string";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "bool";
    case "list": {
      const items = plainType(shape.items, "collection");
      return shape.unordered ? { set: items } : { list: items };
    }
    case "object":
      return {
        object: Object.fromEntries(
          Object.entries(shape.fields).map(([name, field]) => [name, plainType(field, within)]),
        ),
      };
  }
}

/** Makes of a stored state of one version one of the next. */
export type Upgrade = (stored: Values) => Values;

/** By type of resource, from version 0 on. Renaming or reshaping an attribute needs another one. */
const upgrades: { readonly [type: string]: readonly Upgrade[] } = {};

/** The version of states of a kind. */
const versionOf = (kind: Pick<KindSchema, "name">): number => upgrades[resourceType(kind)]?.length ?? 0;

/** A stored state in today's form; undefined when it was written by a later provider than this. */
export function upgradeState(
  type: string,
  version: number,
  stored: Values,
  steps: readonly Upgrade[] = upgrades[type] ?? [],
): Values | undefined {
  if (version > steps.length) return undefined;
  return steps.slice(version).reduce((state, step) => step(state), stored);
}
