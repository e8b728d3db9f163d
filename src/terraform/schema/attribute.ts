/** A type of Terraform's, as its JSON spells it: `"string"`, `{list: "string"}`. */
export type Type =
  | "string"
  | "number"
  | "bool"
  | "dynamic"
  | { readonly list: Type }
  | { readonly set: Type }
  | { readonly map: Type }
  | { readonly object: { readonly [name: string]: Type } }
  | { readonly tuple: readonly Type[] };

/** An object, or a collection of objects, whose attributes have descriptions of their own. */
export interface Nested {
  readonly nesting: "single" | "list" | "set" | "map";
  readonly attributes: Attributes;
}

/** One attribute of a resource, a data source or the provider. */
export interface Attribute {
  readonly type: Type | { readonly nested: Nested };
  /** Markdown. */
  readonly description: string;
  readonly required?: true | undefined;
  readonly optional?: true | undefined;
  readonly computed?: true | undefined;
  readonly sensitive?: true | undefined;
  /** Only configurations hold it: never a plan, never a state. */
  readonly writeOnly?: true | undefined;
  /** Configurations write it as a block: `timeouts { … }`. */
  readonly block?: true | undefined;
  /** Types of resources whose ids these are: of the text, or of the texts in the collection. */
  readonly refersTo?: readonly string[] | undefined;
  /** The text is JSON, of any value. */
  readonly json?: true | undefined;
  /** Words that it may be; Coze may know others. */
  readonly words?: readonly string[] | undefined;
}

/** By name. */
export type Attributes = { readonly [name: string]: Attribute };

/** A resource, a data source or the provider itself. */
export interface Schema {
  /** Of a resource: states of earlier versions are upgraded. */
  readonly version: number;
  /** Markdown. */
  readonly description: string;
  readonly attributes: Attributes;
}

/** A function that configurations call as `provider::coze::NAME(…)`. */
export interface FunctionSchema {
  readonly summary: string;
  /** Markdown. */
  readonly description: string;
  readonly parameters: readonly Parameter[];
  /** More arguments of this one, none to many. */
  readonly variadic?: Parameter | undefined;
  readonly returns: Type;
}

interface Parameter {
  readonly name: string;
  readonly type: Type;
  readonly description: string;
}

/** All that a provider has. */
export interface ProviderSchema {
  readonly provider: Schema;
  readonly resources: { readonly [type: string]: Schema };
  readonly dataSources: { readonly [type: string]: Schema };
  readonly functions: { readonly [name: string]: FunctionSchema };
}

/** The type of an object with these attributes. */
export function objectType(attributes: Attributes): Type {
  const types = Object.entries(attributes).map(([name, { type }]) => [name, plainType(type)] as const);
  return { object: Object.fromEntries(types) };
}

function plainType(type: Attribute["type"]): Type {
  if (typeof type === "string" || !("nested" in type)) return type;
  const { nesting, attributes } = type.nested;
  const item = objectType(attributes);
  switch (nesting) {
    case "single":
      return item;
    case "list":
      return { list: item };
    case "set":
      return { set: item };
    case "map":
      return { map: item };
  }
}

/** A type as Terraform writes it in JSON: `"string"`, `["list","string"]`, `["object",{"name":"string"}]`. */
export const typeToJson = (type: Type): string => JSON.stringify(toArrays(type));

/** The type that such JSON stands for. */
export const typeFromJson = (json: string): Type => fromArrays(JSON.parse(json));

function toArrays(type: Type): unknown {
  if (typeof type === "string") return type;
  if ("list" in type) return ["list", toArrays(type.list)];
  if ("set" in type) return ["set", toArrays(type.set)];
  if ("map" in type) return ["map", toArrays(type.map)];
  if ("tuple" in type) return ["tuple", type.tuple.map(toArrays)];
  return ["object", mapValues(type.object, toArrays)];
}

function fromArrays(json: unknown): Type {
  if (json === "string" || json === "number" || json === "bool" || json === "dynamic") return json;
  const [name, of] = Array.isArray(json) ? json : [];
  switch (name) {
    case "list":
      return { list: fromArrays(of) };
    case "set":
      return { set: fromArrays(of) };
    case "map":
      return { map: fromArrays(of) };
    case "tuple":
      return { tuple: (of as readonly unknown[]).map(fromArrays) };
    case "object":
      return { object: mapValues(of as { readonly [name: string]: unknown }, fromArrays) };
    default:
      throw new Error(`${JSON.stringify(json)} is no type of Terraform's`);
  }
}

const mapValues = <From, To>(of: { readonly [name: string]: From }, map: (value: From) => To) =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, map(value)]));
