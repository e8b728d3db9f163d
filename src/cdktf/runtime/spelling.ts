import { isObject, type Json, type Values } from "../../core/value.ts";
import type { Attribute, Attributes } from "../../terraform/schema/attribute.ts";

/** A construct's configuration, or an object in it: by the names that CDKTF gives to attributes. */
export type Config = { readonly [property: string]: unknown };

/** What CDKTF calls an attribute: `iconSha256` for `icon_sha256`. */
export const camelCase = (attribute: string): string =>
  attribute.replace(/_([a-z0-9])/gu, (_, letter: string) => letter.toUpperCase());

/** The same with a capital, as classes and methods have it. */
export const pascalCase = (attribute: string): string => camelCase(`_${attribute}`);

/** Configuration made of values by attribute; null and what has no attribute is left out. */
export function toConfig(attributes: Attributes, values: { readonly [attribute: string]: unknown }): Config {
  const entries = Object.entries(attributes).flatMap(([name, attribute]): [string, unknown][] => {
    const value = values[name] ?? undefined;
    return value === undefined ? [] : [[camelCase(name), toProperty(attribute, value)]];
  });
  return Object.fromEntries(entries);
}

function toProperty({ type }: Attribute, value: unknown): unknown {
  if (typeof type === "string" || !("nested" in type)) return value;
  const { attributes } = type.nested;
  if (Array.isArray(value)) return value.map((item: Json) => toConfig(attributes, item as Values));
  return isObject(value) ? toConfig(attributes, value) : value;
}

const ids = new WeakMap<object, unknown>();

/**
 * The id of what stands for one: a construct, or the id itself. A construct's is one and the same token each time, since
 * CDKTF writes onto tokens what they are called in other stacks.
 */
export function toId(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("id" in value)) return value;
  const id = ids.get(value) ?? value.id;
  ids.set(value, id);
  return id;
}
