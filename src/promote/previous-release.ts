import { type Path, valueAt } from "../core/spec-walk.ts";
import { canonicalJson, isObject, type Json, type Values } from "../core/value.ts";
import type { Entry } from "../kind/state-entry.ts";
import { standingOf } from "./release-history.ts";

/**
 * What the standing release has at these paths, as far as promotions brought it there: what somebody set in the target
 * before the first one is nobody's to clear. Undefined when that is nothing; pure.
 */
export function findPreviousRelease(
  entry: Pick<Entry, "history">,
  paths: readonly Path[],
): Values | undefined {
  const brought = paths.filter((path) => isPromoted(entry, path));
  return brought.length > 0 ? select(standingOf(entry)?.spec ?? {}, brought) : undefined;
}

/** Whether a promotion made a value what it is, and not somebody in the target before the first one. */
function isPromoted({ history = [] }: Pick<Entry, "history">, path: Path): boolean {
  const standing = history.filter(({ undone }) => !undone);
  const values = standing.map(({ spec = {} }) => canonicalJson(valueAt(spec, path) ?? null));
  return standing.some(
    ({ promotion }, index) => promotion !== undefined && values[index] !== values[index - 1],
  );
}

/** The values at these paths, which lead through objects only. */
function select(values: Values, paths: readonly Path[]): Values {
  const heads = new Set(paths.map(([head]) => String(head)));
  const entries = [...heads].map((name): readonly [string, Json] => {
    const below = paths.filter(([head]) => head === name).map(([, ...rest]) => rest);
    const value = values[name] ?? null;
    const isWhole = !isObject(value) || below.some(({ length }) => length === 0);
    return [name, isWhole ? value : select(value, below)];
  });
  return Object.fromEntries(entries);
}
