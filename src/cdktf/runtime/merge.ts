import { Tokenization } from "cdktf";
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
