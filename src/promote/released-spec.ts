import { isEmpty, isShown } from "../core/equality.ts";
import type { Field, Fields } from "../core/field.ts";
import { formatPath, mapLeaves, type Path, valueAt } from "../core/spec-walk.ts";
import { canonicalJson, isLookup, isObject, isReference, type Json, type Values } from "../core/value.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry, Release } from "../kind/state-entry.ts";

/** What a manifest has to say so that it says what a release was. */
export interface ReleasedSpec {
  /** The manifest's own, with ids for references as far as they are known. */
  readonly before: Values;
  /** The same of the release. */
  readonly after: Values;
  /** Where they differ. */
  readonly paths: readonly Path[];
  /** The dotted paths of files that have changed since: releases keep none. */
  readonly files: readonly string[];
}

/**
 * The manifest of a release: its values where the manifest speaks of them now or did then. What tells an object apart
 * stays if it can't change, and so do channels, secrets and files. `idOf` gives the id of a resource. Pure.
 */
export function specOfRelease(
  kind: KindSchema,
  manifest: Values,
  release: Pick<Release, "spec" | "managed">,
  entry: Pick<Entry, "spec">,
  idOf: (address: string) => string | undefined,
): ReleasedSpec {
  const before = resolveKnown(kind.fields, manifest, entry.spec, idOf);
  const files: string[] = [];
  const published = new Set(kind.followUps?.flatMap(({ fields }) => fields));
  const context: Context = { managed: release.managed && new Set(release.managed), files };
  const isRestored = ([name, field]: [string, Field]): boolean =>
    // A kept object is taken back as it is, and the revision says which one is meant.
    kind.replacement === "keep-old"
      ? name === kind.release?.revision
      : name !== kind.parent && !published.has(name) && field.immutable !== true;
  const fields = Object.entries(kind.fields).filter(isRestored);
  const restored = restoreFields(Object.fromEntries(fields), [], context, release.spec ?? {}, before);
  const chosen = new Set(fields.map(([name]) => name));
  const kept = Object.entries(before).filter(([name]) => !chosen.has(name));
  const after = { ...Object.fromEntries(kept), ...restored };
  return { before, after, paths: differingPaths(kind.fields, [], before, after), files };
}

/** A spec with ids: of references those of the state, of lookups those that were found last. */
const resolveKnown = (
  fields: Fields,
  spec: Values,
  applied: Values,
  idOf: (address: string) => string | undefined,
): Values =>
  mapLeaves(fields, spec, ({ value, path }) => {
    if (isReference(value)) return idOf(value.$ref) ?? value;
    const found = isLookup(value) ? valueAt(applied, path) : undefined;
    return typeof found === "string" ? found : value;
  });

interface Context {
  /** Undefined: it isn't known what the manifest spoke of. */
  readonly managed: ReadonlySet<string> | undefined;
  readonly files: string[];
}

function restoreFields(fields: Fields, path: Path, context: Context, released: Values, now: Values): Values {
  const entries = Object.entries(fields).flatMap(([name, field]): readonly [string, Json][] => {
    const value = restoreField(field, [...path, name], context, released[name], now[name]);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

function restoreField(
  field: Field,
  path: Path,
  context: Context,
  released: Json | undefined,
  now: Json | undefined,
): Json | undefined {
  if (field.presence === "computed") return undefined;
  if (field.sensitive || field.settable === "create") return now;
  if (field.type === "file") {
    if (canonicalJson(released ?? null) !== canonicalJson(now ?? null)) context.files.push(formatPath(path));
    return now;
  }
  if (field.type === "object" && isObject(released ?? {}) && isObject(now ?? {})) {
    const [then, today] = [released, now].map((value) => (isObject(value) ? value : {}));
    const values = restoreFields(field.fields, path, context, then ?? {}, today ?? {});
    return Object.keys(values).length > 0 ? values : undefined;
  }
  const { managed } = context;
  const spoke = managed?.has(formatPath(path));
  if (now === undefined) return spoke ? released : undefined;
  // Only the manifest of that time tells whether a field that Coze never shows was set.
  if (released === undefined) return managed === undefined || spoke ? now : undefined;
  const isUnset = isEmpty(released) || canonicalJson(released) === canonicalJson(field.default ?? null);
  return spoke === false && isUnset && field.presence !== "required" ? undefined : released;
}

/** The paths, through objects only, at which two specs differ. */
function differingPaths(fields: Fields, path: Path, one: Values, other: Values): readonly Path[] {
  return Object.entries(fields).flatMap(([name, field]): readonly Path[] => {
    const [before, after] = [one[name], other[name]];
    const at = [...path, name];
    if (field.type === "object" && isObject(before) && isObject(after)) {
      return differingPaths(field.fields, at, before, after);
    }
    if (before === undefined || after === undefined) return before === after ? [] : [at];
    return isShown(field, before, after) ? [] : [at];
  });
}
