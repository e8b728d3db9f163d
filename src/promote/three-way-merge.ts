import { matchesRemembered } from "../core/digest.ts";
import { isEmpty, meansTheSame } from "../core/equality.ts";
import type { Field, Fields, ListShape, Shape } from "../core/field.ts";
import { formatPath, leavesOf, mapLeaves, type Path } from "../core/spec-walk.ts";
import {
  canonicalJson,
  isDigest,
  isFileContent,
  isLookup,
  isObject,
  isReference,
  isSameContent,
  type Json,
  type Values,
} from "../core/value.ts";
import type { FieldProblem, KindSchema } from "../kind/schema.ts";
import { explain } from "../messages/text.ts";
import type { IdMap } from "./id-map.ts";

/** One logical name in two environments. */
export interface Sides {
  /** What the target's manifest says, references by address. */
  readonly target: Values;
  /** What the source's manifest says, in the same form; empty when it has none. */
  readonly source: Values;
  /** The same with ids of the source, as far as they are known. */
  readonly written: Values;
  /** As last applied in the source, in remembered form. */
  readonly applied: Values;
  /** What callers get in the source, with ids of the source. */
  readonly released: Values;
  /** What callers get in the target by the last promotion. */
  readonly former: Values;
  /** The source's name, and the lineage of its state. */
  readonly from: string;
  readonly salt: string;
}

/** The merged spec of the target, and where its values come from. */
export interface MergedSpec {
  readonly spec: Values;
  /** Fields that stay as the target's manifest has them, since the two manifests differ there. */
  readonly own: readonly string[];
  /** Those of them that were changed by hand in the source. */
  readonly changedByHand: readonly Path[];
  /** Fields in no manifest that the last promotion set and that the source no longer has. */
  readonly cleared: readonly Path[];
  /** Fields that Coze never returns: taken from manifests and state. */
  readonly unreadable: readonly string[];
  /** Ids without a counterpart in the target. */
  readonly problems: readonly FieldProblem[];
}

type MergeKind = Pick<KindSchema, "fields" | "identity" | "parent" | "followUps">;

/**
 * Merges what callers get in one environment over the manifest of another. Where the two manifests agree, the released
 * value wins; where they differ, they do so on purpose, and the target's value stays. Identity, parent and publication
 * are always the target's own.
 */
export function mergeSpecs(kind: MergeKind, sides: Sides, toTarget: IdMap): MergedSpec {
  const found: Findings = { own: [], changedByHand: [], cleared: [], unreadable: [], problems: [] };
  const placed = placedFields(kind);
  const fields = Object.entries(kind.fields).filter(([name]) => !placed.has(name));
  const context: Context = { ...found, sides, toTarget, isHidden: false };
  const merged = mergeFields(Object.fromEntries(fields), [], context, sides);
  const kept = Object.entries(sides.target).filter(([name]) => placed.has(name));
  return { ...found, spec: { ...Object.fromEntries(kept), ...merged } };
}

/** Fields that an environment's own manifest decides: what tells objects apart, where they are, and who sees them. */
export function placedFields({ fields, identity, parent, followUps }: MergeKind): ReadonlySet<string> {
  const fixed = Object.entries(fields).filter(
    ([, { presence, immutable }]) => presence === "computed" || immutable,
  );
  return new Set([
    ...identity,
    ...(parent === undefined ? [] : [parent]),
    ...(followUps ?? []).flatMap((followUp) => followUp.fields),
    ...fixed.map(([name]) => name),
  ]);
}

interface Findings {
  readonly own: string[];
  readonly changedByHand: Path[];
  readonly cleared: Path[];
  readonly unreadable: string[];
  readonly problems: FieldProblem[];
}

interface Context extends Findings {
  readonly sides: Sides;
  readonly toTarget: IdMap;
  readonly isHidden: boolean;
}

type PerSide<T> = {
  readonly [side in "target" | "source" | "written" | "applied" | "released" | "former"]: T;
};

const mapSides = <T, U>(sides: PerSide<T>, map: (value: T) => U): PerSide<U> => ({
  target: map(sides.target),
  source: map(sides.source),
  written: map(sides.written),
  applied: map(sides.applied),
  released: map(sides.released),
  former: map(sides.former),
});

/** Without a released object, all fields count as unreadable. */
function mergeFields(
  fields: Fields,
  path: Path,
  context: Context,
  sides: PerSide<Values | undefined>,
): Values {
  const inner = { ...context, isHidden: context.isHidden || sides.released === undefined };
  const entries = Object.entries(fields).flatMap(([name, field]) => {
    const values = mapSides(sides, (side) => side?.[name]);
    const value = mergeField(field, [...path, name], inner, values);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function mergeField(
  field: Field,
  path: Path,
  context: Context,
  sides: PerSide<Json | undefined>,
): Json | undefined {
  const { target, source, released, former } = sides;
  if (field.type === "object" && [target, source, released, former].some(isObject)) {
    const merged = mergeFields(
      field.fields,
      path,
      context,
      mapSides(sides, (value) => (isObject(value) ? value : undefined)),
    );
    return isEmpty(merged) ? target : merged;
  }
  const isUntold = field.readable === "sometimes" && released === undefined;
  const isHidden = context.isHidden || field.readable === false || isUntold;
  if (!isSameDesired(target, source)) {
    context.own.push(formatPath(path));
    if (!isHidden && isChangedByHand(field, context, sides)) context.changedByHand.push(path);
    return target;
  }
  if (target === undefined && isCleared(field, sides)) context.cleared.push(path);
  return isHidden ? mergeUnreadable(field, path, context, sides) : mergeReleased(field, path, context, sides);
}

/** Whether what the source has released is neither what its manifest says nor what was applied there. */
function isChangedByHand(
  field: Field,
  { sides }: Context,
  { written, applied, released }: PerSide<Json | undefined>,
): boolean {
  const there = released ?? field.default;
  if (field.sensitive || hasUnresolved(written)) return false;
  const same = (wish: Json | undefined) => {
    if (wish === undefined || there === undefined) return isUnset(field, wish) && isUnset(field, there);
    return field.equal?.(wish, there) ?? meansTheSame(field, wish, there);
  };
  const asApplied =
    there !== undefined && applied !== undefined && matchesRemembered(there, applied, sides.salt);
  return !asApplied && !same(written) && !same(applied);
}

/** Whether the target was given it and the source doesn't have it; of what Coze may leave out, what was applied tells. */
function isCleared(field: Field, { applied, released, former }: PerSide<Json | undefined>): boolean {
  if (field.readable === false || isUnset(field, former)) return false;
  const there = field.readable === "sometimes" ? (released ?? applied) : released;
  return isUnset(field, there);
}

const isUnset = (field: Field, value: Json | undefined): boolean =>
  isEmpty(value) || canonicalJson(value) === canonicalJson(field.default);

/** Whether an id in a value isn't known. */
function hasUnresolved(value: Json | undefined): boolean {
  if (isReference(value) || isLookup(value)) return true;
  if (Array.isArray(value)) return value.some(hasUnresolved);
  return isObject(value) && Object.values(value).some(hasUnresolved);
}

/** Merges a field that Coze never returns: from what was applied in the source, else from the manifest. */
function mergeUnreadable(
  field: Field,
  path: Path,
  context: Context,
  { target, applied }: PerSide<Json | undefined>,
): Json | undefined {
  if (target === undefined) return undefined;
  // The source's manifest says it by now, and wasn't applied since.
  if (applied === undefined) return field.default;
  context.unreadable.push(formatPath(path));
  const asWritten = matchesRemembered(target, applied, context.sides.salt);
  const isWhole = !isDigest(applied) && !isFileContent(applied);
  return asWritten || field.sensitive || !isWhole ? target : mapIds(field, applied, path, context, target);
}

function mergeReleased(
  field: Field,
  path: Path,
  context: Context,
  { target, released }: PerSide<Json | undefined>,
): Json | undefined {
  const there = released ?? field.default;
  // Coze shows nothing of what isn't set.
  if (there === undefined) return undefined;
  // What no manifest speaks of is taken along only when somebody set it.
  if (target === undefined && isUnset(field, there)) return undefined;
  const complaints: FieldProblem[] = [];
  const here = mapIds(field, there, path, { ...context, problems: complaints }, target);
  const whole = field.type === "list" ? fillItems(field, here, target, path, complaints) : here;
  const same = target !== undefined && (field.equal?.(target, here) ?? meansTheSame(field, target, here));
  if (same) return target;
  context.problems.push(...complaints);
  return whole;
}

/** Whether two manifests say the same; files count by content. */
function isSameDesired(one: Json | undefined, other: Json | undefined): boolean {
  if (isFileContent(one) && isFileContent(other)) return isSameContent(one, other);
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}

/** Maps the ids of a value to the target; of several counterparts, the one in the target's manifest wins. */
function mapIds(shape: Shape, value: Json, path: Path, context: Context, target: Json | undefined): Json {
  const fields: Fields = { it: { ...shape, presence: "optional", description: "" } };
  const named = new Set(leavesOf(fields, { it: target ?? null }).map((leaf) => canonicalJson(leaf.value)));
  const mapped = mapLeaves(fields, { it: value }, (leaf) => {
    if (typeof leaf.value !== "string") return leaf.value;
    const several = context.toTarget(leaf.value);
    const here = several.find((one) => named.has(canonicalJson(one))) ?? several[0];
    if (here !== undefined || leaf.shape.type !== "ref") return here ?? leaf.value;
    const place = [...path, ...leaf.path.slice(1)];
    context.problems.push({
      path: place,
      ...explain("promote/no-counterpart", {
        path: formatPath(place),
        kind: leaf.shape.kind,
        id: leaf.value,
        from: context.sides.from,
      }),
    });
    return leaf.value;
  });
  return mapped.it ?? value;
}

/** Items that Coze shows only in part are completed from those that the manifest has. */
function fillItems(
  { items }: ListShape,
  list: Json,
  target: Json | undefined,
  path: Path,
  problems: FieldProblem[],
): Json {
  if (items.type !== "object" || !Array.isArray(list)) return list;
  const required = Object.entries(items.fields).filter(([, { presence }]) => presence === "required");
  const known = Array.isArray(target) ? target.filter(isObject) : [];
  return list.map((item: Json, index) => {
    if (!isObject(item)) return item;
    const missing = required.filter(([name]) => item[name] === undefined).map(([name]) => name);
    if (missing.length === 0) return item;
    const fits = known.filter((one) =>
      Object.entries(item).every(
        ([name, value]) => canonicalJson(value) === canonicalJson(one[name] ?? null),
      ),
    );
    const [only] = fits;
    if (only && fits.length === 1) return only;
    const place = [...path, index];
    const values = { names: missing.join(", "), path: formatPath(place) };
    problems.push({ path: place, ...explain("promote/part-hidden", values) });
    return item;
  });
}
