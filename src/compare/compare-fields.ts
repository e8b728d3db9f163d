import { matchesRemembered } from "../core/digest.ts";
import { isEmpty, meansTheSame } from "../core/equality.ts";
import type { Field, Fields, ListShape } from "../core/field.ts";
import { formatPath, mapLeaves, type Path } from "../core/spec-walk.ts";
import { isDigest, isObject, type Json, type Values } from "../core/value.ts";
import type { FieldChange } from "../plan/diff.ts";

/** One object in one environment, ids that the environment knows as references to what they belong to. */
export interface FieldSide {
  /** What its manifest says. */
  readonly want: Values;
  readonly live: Values;
  /** As last applied, in remembered form. */
  readonly applied: Values;
  /** Dotted paths that its manifest leaves to Coze. */
  readonly ignore: readonly string[];
  /** The lineage of its state. */
  readonly salt: string;
}

/** The two environments that are compared. */
export interface Pair<T> {
  readonly before: T;
  readonly after: T;
}

/**
 * Where a value comes from: `as-wanted`: its manifest; `unapplied`: its manifest isn't applied yet; `changed`: edited
 * at Coze; `unmanaged`: its manifest doesn't set the field.
 */
export type ValueOrigin = "as-wanted" | "unapplied" | "changed" | "unmanaged";

/** A field that differs. Of a secret it holds no value. */
export interface FieldDifference extends FieldChange {
  /** The manifests of the two environments differ here as well. */
  readonly manifests: boolean;
  readonly standings: Pair<ValueOrigin>;
  /** The manifests differ, and neither environment strays from its own. */
  readonly expected: boolean;
}

/** Compares an object in two environments field by field, in the fields' order. */
export function compareFields(fields: Fields, sides: Pair<FieldSide>): readonly FieldDifference[] {
  const context: Context = { sides, found: [] };
  walkFields(fields, [], { sensitive: false, unreadable: false }, context, {
    before: rootOf(sides.before),
    after: rootOf(sides.after),
  });
  return context.found;
}

interface Context {
  readonly sides: Pair<FieldSide>;
  readonly found: FieldDifference[];
}

interface FieldTraits {
  readonly sensitive: boolean;
  readonly unreadable: boolean;
}

/** A value as its manifest, Coze and the state have it. */
type Trio<T> = { readonly [from in "want" | "live" | "applied"]: T };
type Part = Trio<Json | undefined>;

const rootOf = ({ want, live, applied }: FieldSide): Part => ({ want, live, applied });

const mapTrio = <T, R>({ want, live, applied }: Trio<T>, map: (value: T) => R): Trio<R> => ({
  want: map(want),
  live: map(live),
  applied: map(applied),
});

/** The same of both environments. */
export const mapPair = <T, R>({ before, after }: Pair<T>, map: (value: T) => R): Pair<R> => ({
  before: map(before),
  after: map(after),
});

function walkFields(
  fields: Fields,
  path: Path,
  traits: FieldTraits,
  context: Context,
  parts: Pair<Part>,
): void {
  for (const [name, field] of Object.entries(fields)) {
    if (field.presence === "computed") continue;
    const inner = mapPair(parts, (part) =>
      mapTrio(part, (value) => (isObject(value) ? value[name] : undefined)),
    );
    const inherited: FieldTraits = {
      sensitive: traits.sensitive || field.sensitive === true,
      unreadable: traits.unreadable || field.readable === false,
    };
    walkField(field, [...path, name], inherited, context, inner);
  }
}

function walkField(field: Field, path: Path, traits: FieldTraits, context: Context, parts: Pair<Part>): void {
  if (field.type === "object") {
    walkFields(field.fields, path, traits, context, parts);
  } else if (field.type === "list" && field.key !== undefined && field.items.type === "object") {
    walkItems({ ...field, key: field.key, items: field.items }, path, traits, context, parts);
  } else {
    compareField(field, path, traits, context, parts);
  }
}

type Keyed = Field &
  ListShape & { readonly key: string; readonly items: Extract<ListShape["items"], { type: "object" }> };

/** Items of both are compared field by field; one that only one of them has differs as a whole. */
function walkItems(list: Keyed, path: Path, traits: FieldTraits, context: Context, parts: Pair<Part>): void {
  const items = mapPair(parts, (part) => mapTrio(part, (value) => byKey(value, list.key)));
  const there = mapPair(items, ({ live, applied }) => (traits.unreadable ? applied : live));
  for (const key of new Set([...there.before.keys(), ...there.after.keys()])) {
    const inner = mapPair(items, (part) => mapTrio(part, (byName): Json | undefined => byName.get(key)));
    const place = [...path, key];
    if (there.before.has(key) && there.after.has(key)) {
      walkFields(list.items.fields, place, traits, context, inner);
    } else {
      const whole: Field = { ...list.items, presence: "optional", description: "" };
      compareField(whole, place, traits, context, inner);
    }
  }
}

function byKey(list: Json | undefined, key: string): ReadonlyMap<string, Values> {
  const items = Array.isArray(list) ? list.filter(isObject) : [];
  return new Map(items.map((item: Values) => [String(item[key]), item]));
}

/** A value of one environment, with the salt under which a secret in it would be remembered. */
interface SaltedValue {
  readonly value: Json | undefined;
  readonly salt: string;
}

interface EffectiveValue extends SaltedValue {
  /** It is only what was last applied. */
  readonly blind: boolean;
}

function compareField(
  field: Field,
  path: Path,
  traits: FieldTraits,
  context: Context,
  parts: Pair<Part>,
): void {
  const { sides } = context;
  const before = effectiveValue(field, traits, parts.before, sides.before.salt);
  const after = effectiveValue(field, traits, parts.after, sides.after.salt);
  if (isSame(field, before, after)) return;
  const wants = {
    before: { value: parts.before.want, salt: sides.before.salt },
    after: { value: parts.after.want, salt: sides.after.salt },
  };
  const manifests =
    (wants.before.value === undefined) !== (wants.after.value === undefined) ||
    !isSame(field, wants.before, wants.after);
  const standings = {
    before: originOf(field, path, parts.before, before, sides.before),
    after: originOf(field, path, parts.after, after, sides.after),
  };
  const strays = Object.values(standings).some((one) => one === "unapplied" || one === "changed");
  const show = (value: Json | undefined): Json | undefined =>
    value === undefined ? undefined : traits.sensitive ? hidden : hideInside(field, value);
  context.found.push({
    path,
    before: show(before.value),
    after: show(after.value),
    sensitive: traits.sensitive || undefined,
    unreadable: before.blind || after.blind || undefined,
    manifests,
    standings,
    expected: manifests && !strays,
  });
}

const hidden: Json = { $digest: "", sensitive: true };

/** An item as a whole may have secrets in it. */
const hideInside = (field: Field, value: Json): Json =>
  mapLeaves({ it: field }, { it: value }, (leaf) => (leaf.sensitive ? hidden : leaf.value)).it ?? value;

/** The value to compare: the live one, or the last applied one where Coze doesn't return it. */
function effectiveValue(
  field: Field,
  traits: FieldTraits,
  { want, live, applied }: Part,
  salt: string,
): EffectiveValue {
  const sometimes = field.readable === "sometimes" && live === undefined;
  if (traits.unreadable || (sometimes && applied !== undefined)) {
    return { value: restoreText(want, applied, salt), salt, blind: true };
  }
  // Lists that Coze shows in part (a tool without its id) are what was applied, as long as they may be.
  const fits = field.type === "list" && applied !== undefined && live !== undefined;
  const whole = fits && meansAsMuch(field, applied, live) && !isEmpty(applied);
  return { value: whole ? applied : live, salt, blind: false };
}

/** The applied value, in full if the manifest still has it: the state keeps only digests of long texts and secrets. */
const restoreText = (want: Json | undefined, applied: Json | undefined, salt: string): Json | undefined =>
  want !== undefined && applied !== undefined && matchesRemembered(want, applied, salt) ? want : applied;

function isSame(field: Field, one: SaltedValue, other: SaltedValue): boolean {
  const [a, b] = [one.value ?? field.default, other.value ?? field.default];
  if (a === undefined || b === undefined) return isEmpty(a) && isEmpty(b);
  // Two secrets that are known by digests of different salts may or may not be the same.
  if (isDigest(a) && isDigest(b)) return a.$digest === b.$digest;
  if (isDigest(a)) return matchesRemembered(b, a, one.salt);
  if (isDigest(b)) return matchesRemembered(a, b, other.salt);
  if (field.equal) return field.equal(a, b) || field.equal(b, a);
  return meansTheSame(field, a, b) && meansTheSame(field, b, a);
}

const meansAsMuch = (field: Field, want: Json, live: Json): boolean =>
  field.equal ? field.equal(want, live) : meansTheSame(field, want, live);

function originOf(
  field: Field,
  path: Path,
  { want, applied }: Part,
  value: SaltedValue,
  { ignore, salt }: FieldSide,
): ValueOrigin {
  const asApplied = applied !== undefined && isSame(field, { value: applied, salt }, value);
  if (ignore.includes(formatPath(path))) return "unmanaged";
  if (want === undefined) {
    if (applied === undefined || field.sticky) return "unmanaged";
    return asApplied ? "unapplied" : "changed";
  }
  if (isSame(field, { value: want, salt }, value)) return "as-wanted";
  return applied === undefined || asApplied ? "unapplied" : "changed";
}
