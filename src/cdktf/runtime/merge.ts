import { TerraformElement, Tokenization } from "cdktf";
import { isObject } from "../../core/value.ts";
import type { Config } from "./spelling.ts";

/** Configuration with another one on top of it: objects are merged, everything else is replaced. */
export function mergeConfig(base: Config, top: Config): Config {
  const entries = Object.entries(top).map(([property, value]): [string, unknown] => {
    if (value === undefined) return [property, base[property]];
    const below = base[property];
    return [property, isPlain(below) && isPlain(value) ? mergeConfig(below, value) : value];
  });
  return { ...base, ...Object.fromEntries(entries) };
}

/** Configuration with every construct in it, at whatever depth, replaced. */
export function replaceConstructs(
  config: Config,
  replace: (construct: TerraformElement) => TerraformElement,
): Config {
  const replaceIn = (value: unknown): unknown => {
    if (isConstruct(value)) return replace(value);
    if (Array.isArray(value)) return value.map(replaceIn);
    return isPlain(value) ? replaceConstructs(value, replace) : value;
  };
  return Object.fromEntries(Object.entries(config).map(([property, value]) => [property, replaceIn(value)]));
}

const isConstruct = (value: unknown): value is TerraformElement =>
  typeof value === "object" && value !== null && TerraformElement.isTerraformElement(value);

/** An object that somebody wrote: no token, no construct. */
const isPlain = (value: unknown): value is Config =>
  isObject(value) && !Tokenization.isResolvable(value) && Object.getPrototypeOf(value) === Object.prototype;
