import { rememberSpec } from "../core/digest.ts";
import type { Fields, Shape } from "../core/field.ts";
import type { Path } from "../core/spec-walk.ts";
import { canonicalJson, isObject, type Json, type Values } from "../core/value.ts";
import type { Entry } from "../kind/state-entry.ts";
import { asWritten } from "../kind/stored-form.ts";
import { diffSpec, type FieldChange } from "../plan/diff.ts";

/**
 * Which side of a field is ahead: `manifest`: it was changed and isn't applied; `live`: the object was edited at Coze;
 * `both`: both happened; `draft`: callers still get what was published before.
 */
export type Ahead = "manifest" | "live" | "both" | "draft";

/** A field whose sides differ. */
export interface FieldStanding {
  readonly ahead: Ahead;
  /**
   * From the side that is behind to the one that is ahead. Of `both`, from the object to the manifest, as an apply would
   * change it.
   */
  readonly change: FieldChange;
}

type StatusKind = Parameters<typeof asWritten>[0];

/** An object, and what was and is wanted of it. */
export interface ManagedObject {
  readonly want: Values;
  readonly live: Values;
  readonly entry: Entry;
  /** The lineage of the state. */
  readonly salt: string;
}

/** Says of what an apply would change which side was changed since the last apply. */
export function judgeChanges(
  kind: StatusKind,
  changes: readonly FieldChange[],
  object: ManagedObject,
): readonly FieldStanding[] {
  const { want, live, entry, salt } = object;
  const remember = (values: Values) => rememberSpec(kind.fields, values, salt);
  const written = asWritten(kind, live, { ...entry, whole: [want], salt, digests: true });
  const sides = { wanted: remember(want), there: remember(written), applied: entry.spec };
  return changes.map((change): FieldStanding => {
    const ahead = aheadOf(kind.fields, change, sides);
    if (ahead !== "live") return { ahead, change };
    const { before, after, cleared: _, replaces: __, ...rest } = change;
    return { ahead, change: { ...rest, before: after, after: before } };
  });
}

interface Sides {
  readonly wanted: Values;
  readonly there: Values;
  readonly applied: Values;
}

function aheadOf(fields: Fields, { path, unreadable }: FieldChange, sides: Sides): Ahead {
  const [wanted, there, applied] = [sides.wanted, sides.there, sides.applied].map((values) =>
    itemAt({ type: "object", fields }, values, path),
  );
  // What the last apply didn't have can't have been edited since; of a list, that is the list and not its item.
  const wasApplied =
    itemAt({ type: "object", fields }, sides.applied, pathToList(fields, path)) !== undefined;
  const isEdited = unreadable !== true && wasApplied && !isSame(there, applied);
  const isRewritten = !isSame(wanted, applied);
  if (isEdited) return isRewritten ? "both" : "live";
  return "manifest";
}

/** A path up to the first list on its way. */
export function pathToList(fields: Fields, path: Path): Path {
  let shape: Shape | undefined = { type: "object", fields };
  for (const [index, step] of path.entries()) {
    if (shape?.type === "list") return path.slice(0, index);
    shape = shape?.type === "object" ? shape.fields[step] : shape?.type === "map" ? shape.values : undefined;
  }
  return path;
}

const isSame = (one: Json | undefined, other: Json | undefined): boolean =>
  one === undefined || other === undefined ? one === other : canonicalJson(one) === canonicalJson(other);

/** The value at a path that names items of lists by their keys. */
function itemAt(shape: Shape | undefined, value: Json | undefined, path: Path): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined || value === undefined) return value;
  if (shape?.type === "list" && Array.isArray(value)) {
    const { key, items } = shape;
    const item =
      key === undefined
        ? (value[Number(step)] as Json | undefined)
        : value.find((one: Json) => isObject(one) && one[key] === step);
    return itemAt(items, item, rest);
  }
  const inner =
    shape?.type === "object" ? shape.fields[step] : shape?.type === "map" ? shape.values : undefined;
  return isObject(value) ? itemAt(inner, value[step], rest) : undefined;
}

/** What callers don't get yet of a draft: the fields in which it differs from the published configuration. */
export function compareWithPublished(
  { fields }: StatusKind,
  draft: Values,
  published: Values,
  salt: string,
): readonly FieldStanding[] {
  const { changes } = diffSpec(fields, {
    want: draft,
    live: published,
    applied: published,
    ignore: [],
    salt,
    only: new Set(Object.keys(published)),
  });
  return changes
    .filter(({ unreadable }) => !unreadable)
    .map(({ replaces: _, ...change }) => ({ ahead: "draft", change }));
}
