import { matchesRemembered } from "../core/digest.ts";
import { isEmpty, isShown, isShownNormalised, meansTheSame } from "../core/equality.ts";
import type { Field, Fields, ListShape, Shape } from "../core/field.ts";
import { formatPath, type Path, valueAt } from "../core/spec-walk.ts";
import { isDigest, isObject, isSettled, type Json, type Values } from "../core/value.ts";
import type { Entry } from "../kind/state-entry.ts";
import { isFormOf } from "../kind/stored-form.ts";
import { say } from "../messages/text.ts";

/** One field that an apply would change; `before` or `after` undefined: Coze's own default. */
export interface FieldChange {
  readonly path: Path;
  readonly before?: Json | undefined;
  readonly after?: Json | undefined;
  readonly sensitive?: true | undefined;
  /** Coze never returns the field: `before` is what was last applied, and drift can't be seen. */
  readonly unreadable?: true | undefined;
  /** Nothing is known of the value before. */
  readonly unknownBefore?: true | undefined;
  /** The field was taken out of the manifest. */
  readonly cleared?: true | undefined;
  /** The change means replacing the object. */
  readonly replaces?: true | undefined;
}

/** What differs between a wanted spec and an object. */
export interface Difference {
  readonly changes: readonly FieldChange[];
  /** The wanted spec over what Coze holds, fields taken out set to their default: what an update sends from. */
  readonly target: Values;
  /** What the API can't do, for the plan. */
  readonly notes: readonly string[];
}

/** What a spec is compared with. */
export interface SpecComparison {
  /** Wanted values, references to objects that exist already as ids. */
  readonly want: Values;
  readonly live: Values;
  /** The spec as last applied, in remembered form; undefined when the object was never applied. */
  readonly applied: Values | undefined;
  /** Dotted paths that are left as they are. */
  readonly ignore: readonly string[];
  /** Applied values that Coze stores in another form. */
  readonly read?: Entry["read"];
  /** Nothing is read back after an apply, so a normalised form of an applied value counts as that value. */
  readonly normalised?: boolean | undefined;
  /**
   * Of a promoted resource: what was applied of its own manifest. The rest comes from a release and isn't read back, so a
   * normalised form of it counts as that value.
   */
  readonly own?: Values | undefined;
  /** Of an object that a lost call made: the spec of that call. */
  readonly made?: Values | undefined;
  readonly salt: string;
  /** Compare only these top-level fields: the others are known to be unchanged. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Nothing is known of the object but what was applied. */
  readonly unasked?: true | undefined;
}

/** A spec with omitted sticky fields as last applied. */
export function keepSticky(fields: Fields, want: Values, applied: Values): Values {
  const kept: [string, Json][] = [];
  for (const [name, field] of Object.entries(fields)) {
    const wish = want[name];
    const before = applied[name];
    if (before === undefined) continue;
    if (wish === undefined) {
      if (field.sticky) kept.push([name, before]);
    } else if (field.type === "object" && isObject(wish) && isObject(before))
      kept.push([name, keepSticky(field.fields, wish, before)]);
  }
  return kept.length === 0 ? want : { ...want, ...Object.fromEntries(kept) };
}

/** Compares a spec with an object, field by field; changes come in the fields' order. */
export function diffSpec(fields: Fields, comparison: SpecComparison): Difference {
  const context: Context = { ...comparison, changes: [], notes: [] };
  const traits = { sensitive: false, replaces: false };
  const target = diffFields(fields, [], traits, context, comparison);
  return { changes: context.changes, target: { ...comparison.want, ...target }, notes: context.notes };
}

interface Context extends SpecComparison {
  readonly changes: FieldChange[];
  readonly notes: string[];
}

type Sides = Pick<SpecComparison, "want" | "live" | "applied">;

interface FieldTraits {
  readonly sensitive: boolean;
  readonly replaces: boolean;
  readonly unreadable?: boolean | undefined;
}

interface FieldValues {
  readonly want: Json | undefined;
  readonly live: Json | undefined;
  readonly applied: Json | undefined;
}

function diffFields(fields: Fields, path: Path, traits: FieldTraits, context: Context, sides: Sides): Values {
  const target: Record<string, Json> = {};
  for (const [name, field] of Object.entries(fields)) {
    if (field.presence === "computed") continue;
    if (path.length === 0 && context.only?.has(name) === false) continue;
    const values = { want: sides.want[name], live: sides.live[name], applied: sides.applied?.[name] };
    // Most fields are like this.
    if (values.want === undefined && values.applied === undefined) {
      if (values.live !== undefined) target[name] = values.live;
      continue;
    }
    const inherited: FieldTraits = {
      sensitive: traits.sensitive || field.sensitive === true,
      replaces: traits.replaces || field.immutable === true,
      unreadable: traits.unreadable || field.readable === false,
    };
    const value = diffField(field, [...path, name], inherited, context, values);
    if (value !== undefined) target[name] = value;
  }
  return target;
}

/** Whether a wanted value is the one that was last applied, which is remembered. */
export function isAsApplied(
  field: Field | undefined,
  want: Json | undefined,
  applied: Json | undefined,
  salt: string,
): boolean {
  if (want === undefined || applied === undefined) return false;
  const known = field?.readable === false ? field.equal?.(want, applied) : undefined;
  return known ?? matchesRemembered(want, applied, salt);
}

/** Records how one field differs and returns the value an update would send for it. */
function diffField(
  field: Field,
  path: Path,
  traits: FieldTraits,
  context: Context,
  values: FieldValues,
): Json | undefined {
  const { want, live, applied } = values;
  // An ignored field is sent as it is live, or as last applied if it can't be read.
  if (context.ignore.length > 0 && context.ignore.includes(formatPath(path)))
    return live ?? (isDigest(applied) ? want : (applied ?? want));
  if (field.shownBy !== undefined) return want;
  const isHidden = traits.unreadable && field.equal !== undefined;
  if (isHidden && isAsApplied(field, want, applied, context.salt)) return want;
  if (field.type === "object" && !(isEmpty(want) && field.clearable === false)) {
    const sides = {
      want: valuesOf(want),
      live: valuesOf(live),
      applied: applied ? valuesOf(applied) : undefined,
    };
    return diffFields(field.fields, path, traits, context, sides);
  }
  if (want === undefined) return diffCleared(field, path, traits, context, values);
  if (field.type === "list" && field.key !== undefined)
    return diffKeyed(field, path, traits, context, values);

  const blind = isComparedWithApplied(field, traits, context, live);
  const same = blind
    ? isAsMade(context, path, traits, values)
    : isSettled(want) &&
      ((isShown(field, want, live ?? field.default) && !hidesChange(field, want, applied)) ||
        isStoredForm(context, field, path, values));
  if (!same) {
    if (field.settable === "create" && !traits.replaces) {
      context.notes.push(say("plan/create-only", { field: formatPath(path) }));
      return applied;
    }
    const before = blind ? applied : live;
    record(context, path, before, want, traits, blind ? { unreadable: true } : {});
  }
  return want;
}

/** Whether a value that can't be seen is as last applied, or as the call that made the object sent it. */
function isAsMade(
  context: Context,
  path: Path,
  traits: FieldTraits,
  { want, applied }: FieldValues,
): boolean {
  const sent = traits.unreadable || !context.made ? undefined : valueAt(context.made, path);
  const known = applied ?? sent;
  return want !== undefined && known !== undefined && matchesRemembered(want, known, context.salt);
}

function diffCleared(
  field: Field,
  path: Path,
  traits: FieldTraits,
  context: Context,
  { live, applied }: FieldValues,
): Json | undefined {
  const blind = isComparedWithApplied(field, traits, context, live);
  const before = blind ? applied : (live ?? undefined);
  if (field.clearable === false || field.settable === "create") {
    context.notes.push(say("plan/not-unset", { field: formatPath(path) }));
    return live;
  }
  const after = field.default ?? emptyValue(field);
  if (isEmpty(before) || (after !== undefined && meansTheSame(field, after, before))) return after;
  record(context, path, before, after, traits, { cleared: true, unreadable: blind || undefined });
  return after;
}

/** Whether only what was last applied can be compared with. */
const isComparedWithApplied = (
  field: Field,
  traits: FieldTraits,
  context: Context,
  live: Json | undefined,
): boolean =>
  context.unasked === true ||
  traits.unreadable === true ||
  (field.readable === "sometimes" && live === undefined);

/** Lists whose items have a key are compared item by item, so that what can't be read of one doesn't hide the rest. */
function diffKeyed(
  field: Field & ListShape,
  path: Path,
  traits: FieldTraits,
  context: Context,
  values: FieldValues,
): Json | undefined {
  const key = field.key ?? "";
  const there = context.unasked ? values.applied : values.live;
  const [want, live, applied] = [values.want, there, values.applied].map((list) => byKey(list, key));
  for (const [name, item] of want ?? []) {
    const same = live?.get(name);
    if (!same) record(context, [...path, name], undefined, item, traits);
    else if (field.items.type === "object") {
      const sides = { want: item, live: same, applied: applied?.get(name) };
      diffFields(field.items.fields, [...path, name], traits, context, sides);
    }
  }
  for (const [name, item] of live ?? []) {
    if (!want?.has(name)) record(context, [...path, name], item, undefined, traits);
  }
  return values.want;
}

function byKey(list: Json | undefined, key: string): ReadonlyMap<string, Values> {
  const items = Array.isArray(list) ? list.filter(isObject) : [];
  return new Map(items.map((item: Values) => [String(item[key]), item]));
}

function record(
  context: Context,
  path: Path,
  before: Json | undefined,
  after: Json | undefined,
  traits: FieldTraits,
  more: Partial<FieldChange> = {},
): void {
  context.changes.push({
    path,
    before,
    after,
    sensitive: traits.sensitive || undefined,
    replaces: traits.replaces || undefined,
    unknownBefore: (more.unreadable && before === undefined && context.applied === undefined) || undefined,
    ...more,
  });
}

/** Whether the wanted value was last applied, and the live value is the form in which Coze stores it. */
function isStoredForm(
  context: Context,
  field: Field,
  path: Path,
  { want, live, applied }: FieldValues,
): boolean {
  const { read, normalised, own, made, salt } = context;
  if (want === undefined || live === undefined) return false;
  if (own && valueAt(own, path) === undefined && isShownNormalised(field, want, live)) return true;
  const written = applied ?? (made && valueAt(made, path));
  if (written === undefined) return false;
  if (!matchesRemembered(want, written, salt)) return false;
  if (isFormOf(read?.[formatPath(path)], want, live, salt)) return true;
  return (normalised === true || made !== undefined) && isShownNormalised(field, want, live);
}

/** Where the live value may stand for several (a tool whose id isn't told), what was applied tells whether the wish changed. */
const hidesChange = (field: Field, want: Json, applied: Json | undefined): boolean =>
  isLenient(field) && applied !== undefined && !meansTheSame(field, want, applied);

function isLenient(shape: Shape | Field): boolean {
  if ("equal" in shape && shape.equal !== undefined) return true;
  if (shape.type === "list") return isLenient(shape.items);
  return shape.type === "object" && Object.values(shape.fields).some(isLenient);
}

const valuesOf = (value: Json | undefined): Values => (isObject(value) ? value : {});

function emptyValue(shape: Shape): Json | undefined {
  switch (shape.type) {
    case "string":
      return "";
    case "list":
      return [];
    case "map":
      return {};
    case "object":
    case "enum":
    case "integer":
    case "number":
    case "boolean":
    case "ref":
    case "file":
      return undefined;
  }
}

/**
 * The values of a spec in the fields that the manifest itself sets (`own`). Objects are restricted field by field, lists
 * and maps are taken whole.
 */
export function restrictToOwn(fields: Fields, spec: Values, own: Values | undefined): Values {
  if (!own) return spec;
  const kept = Object.entries(own).flatMap(([name, said]): readonly [string, Json][] => {
    const [field, value] = [fields[name], spec[name]];
    if (value === undefined) return [];
    const isNested = field?.type === "object" && isObject(value) && isObject(said);
    return [[name, isNested ? restrictToOwn(field.fields, value, said) : value]];
  });
  return Object.fromEntries(kept);
}

/** The applied spec with fields that an earlier promotion set, so that they are cleared like removed manifest fields. */
export function includeFormerPromotion(fields: Fields, applied: Values, former: Values | undefined): Values {
  if (!former) return applied;
  const entries = Object.entries(former).map(([name, before]): readonly [string, Json] => {
    const [field, value] = [fields[name], applied[name]];
    const isNested = field?.type === "object" && isObject(value) && isObject(before);
    return [name, isNested ? includeFormerPromotion(field.fields, value, before) : (value ?? before)];
  });
  return { ...applied, ...Object.fromEntries(entries) };
}
