import { type TerraformProvider, Tokenization } from "cdktf";
import { isObject, type Json, type Values } from "../../core/value.ts";
import type { Attribute, Attributes } from "../../terraform/schema/attribute.ts";

/** The argument that names a provider: CDKTF's types take none that is undefined. */
export const providedBy = (provider: TerraformProvider | undefined): { provider?: TerraformProvider } =>
  provider ? { provider } : {};

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

/** Configuration with another one on top of it: objects are merged, everything else is replaced. */
export function mergeConfig(base: Config, top: Config): Config {
  const entries = Object.entries(top).map(([property, value]): [string, unknown] => {
    if (value === undefined) return [property, base[property]];
    const below = base[property];
    return [property, isPlain(below) && isPlain(value) ? mergeConfig(below, value) : value];
  });
  return { ...base, ...Object.fromEntries(entries) };
}

/** Configuration with what became of `before` in `after`: what was taken back there isn't in it either. */
export function applyChanges(config: Config, before: Config, after: Config): Config {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => before[name] !== after[name]);
  const kept = Object.entries(config).filter(([name]) => !changed.includes(name));
  const entries = changed.flatMap((name): [string, unknown][] => {
    const [own, old, value] = [config[name], before[name], after[name]];
    if (value === undefined) return [];
    if (!isPlain(old) || !isPlain(value)) return [[name, value]];
    const part = applyChanges(isPlain(own) ? own : {}, old, value);
    return own === undefined && Object.keys(part).length === 0 ? [] : [[name, part]];
  });
  return Object.fromEntries([...kept, ...entries]);
}

/** An object that somebody wrote: no token, no construct. */
export const isPlain = (value: unknown): value is Config =>
  isObject(value) && !Tokenization.isResolvable(value) && Object.getPrototypeOf(value) === Object.prototype;
