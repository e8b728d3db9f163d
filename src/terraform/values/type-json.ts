import type { Type } from "../schema/attribute.ts";

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
      throw new TypeError(`${JSON.stringify(json)} is no type of Terraform's`);
  }
}

const mapValues = <From, To>(of: { readonly [name: string]: From }, map: (value: From) => To) =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, map(value)]));
