import { digestOf } from "../../core/digest.ts";
import { isEmpty, isShown, isShownNormalised } from "../../core/equality.ts";
import type { Field, Fields, ListShape } from "../../core/field.ts";
import { formatPath, type Path } from "../../core/spec-walk.ts";
import { isObject, type Json, type Values } from "../../core/value.ts";
import { ownFields, type Within } from "../schema/resource-schema.ts";
import { unknown } from "../values/unknown.ts";
import { blankOf, comparing, defaultOf, toAttribute, toValues } from "./attribute-conversion.ts";
import type { PrivateNotes } from "./private-state.ts";

/** How much of an object a read covers, and what is assumed about the rest. */
export interface LiveCoverage {
  /** All that Coze ever shows was seen. */
  readonly whole: boolean;
  /** Fields that Coze never shows are assumed to hold their defaults. */
  readonly guess: boolean;
  /** Forms in which Coze is known to store values. */
  readonly forms?: StoredForms | undefined;
}

type StoredForms = NonNullable<PrivateNotes["read"]>;

/**
 * A state with what Coze shows put over it: where both mean the same, or Coze normalised what was written, the state's
 * spelling stays; what Coze doesn't show stays as well. The very state where all of it stays.
 */
export function mergeLive(
  fields: Fields,
  state: Values,
  live: Values,
  coverage: LiveCoverage,
  within: Within = "object",
  path: Path = [],
): Values {
  const entries = Object.entries(ownFields(fields)).map(([name, field]): [string, Json] => [
    name,
    overlayField(field, state[name] ?? null, live[name], coverage, within, [...path, name]),
  ]);
  const news = entries.filter(([name, value]) => value !== state[name]);
  return news.length === 0 ? state : { ...state, ...Object.fromEntries(news) };
}

function overlayField(
  field: Field,
  held: Json | null,
  live: Json | undefined,
  coverage: LiveCoverage,
  within: Within,
  path: Path,
): Json {
  if (live === undefined) return keepUnseen(field, held, coverage, within);
  if (field.presence === "computed" && held !== null && saysNothing(field, live)) return held;
  if (field.type === "object" && isObject(live)) {
    return mergeLive(
      field.fields,
      isObject(held) ? held : blankOf(field.fields, within),
      live,
      coverage,
      within,
      path,
    );
  }
  if (held === null) return toAttribute(field, live, within);
  const known = valueIn(field, held);
  if (isShown(field, known, live) || isShownNormalised(field, known, live)) return held;
  const form = coverage.forms?.[formatPath(path)];
  if (form && form.of === digestOf(known) && form.is === digestOf(live)) return held;
  const isKeyed = field.type === "list" && field.key !== undefined;
  return isKeyed ? overlayItems(field, held, live, coverage) : toAttribute(field, live, within);
}

/** What Coze leaves empty it may have set all the same; what other objects decide is no drift of this one. */
const saysNothing = (field: Field, live: Json): boolean => field.derived === true || live === "";

function keepUnseen(field: Field, held: Json | null, { whole, guess }: LiveCoverage, within: Within): Json {
  if (field.presence === "computed" || field.default === undefined) return held;
  const empty = defaultOf(field, within) ?? null;
  const isShowable = field.readable === undefined && field.type !== "object";
  if (whole && isShowable) return held !== null && sameAsEmpty(field, held, empty) ? held : empty;
  return guess && held === null && within === "object" ? empty : held;
}

const sameAsEmpty = (field: Field, held: Json, empty: Json): boolean =>
  isShown(field, valueIn(field, held), valueIn(field, empty));

/** Items with a key keep their order and what Coze doesn't show of them. */
function overlayItems({ items, key = "" }: ListShape, held: Json, live: Json, coverage: LiveCoverage): Json {
  if (items.type !== "object" || !Array.isArray(held) || !Array.isArray(live)) return held;
  const { fields } = items;
  const shown = new Map(live.filter(isObject).map((item: Values) => [item[key], item] as const));
  const kept = held.filter(isObject).filter((item: Values) => shown.has(item[key] as Json));
  const known = new Set(kept.map((item: Values) => item[key]));
  const added = [...shown.values()].filter((item) => !known.has(item[key] as Json));
  const merge = (item: Values, one: Values) => mergeLive(fields, item, one, coverage, "collection");
  return [
    ...kept.map((item: Values) => merge(item, shown.get(item[key] as Json) ?? {})),
    ...added.map((one) => merge(blankOf(fields, "collection"), one)),
  ];
}

const valueIn = (field: Field, held: Json): Json =>
  toValues({ field }, { field: held }, comparing).field ?? null;

/**
 * The forms in which Coze shows what was just applied, where they are others. What reads empty, or as it did `before` an
 * update, may only be late.
 */
export function findForms(
  fields: Fields,
  state: Values,
  live: Values,
  before: Values,
  path: Path = [],
): StoredForms {
  const forms = Object.entries(ownFields(fields)).map(([name, field]): StoredForms => {
    const [held, shown, former] = [state[name] ?? null, live[name], before[name] ?? null];
    const at = [...path, name];
    if (held === null || shown === undefined || isEmpty(shown) || field.sensitive) return {};
    if (field.type === "object") {
      const [inner, earlier] = [held, former].map((value) => (isObject(value) ? value : {}));
      return isObject(shown) ? findForms(field.fields, inner ?? {}, shown, earlier ?? {}, at) : {};
    }
    const isKeyed = field.type === "list" && field.key !== undefined;
    const known = valueIn(field, held);
    if (isKeyed || field.presence === "computed" || isShown(field, known, shown)) return {};
    const isAsBefore = former !== null && isShown(field, valueIn(field, former), shown);
    return isAsBefore ? {} : { [formatPath(at)]: { of: digestOf(known), is: digestOf(shown) } };
  });
  return Object.assign({}, ...forms) as StoredForms;
}

/** What an apply planned, with what wasn't known then: as Coze shows it, or nothing. */
export function fillIn(fields: Fields, planned: Values, live: Values): Values {
  const entries = Object.entries(ownFields(fields)).map(([name, field]): [string, Json] => {
    const [value, shown] = [planned[name] ?? null, live[name]];
    if (value === unknown)
      return [name, shown === undefined ? null : overlayField(field, null, shown, created, "object", [name])];
    if (field.type !== "object" || !isObject(value)) return [name, value];
    return [name, fillIn(field.fields, value, isObject(shown) ? shown : {})];
  });
  const others = Object.entries(planned).map(([name, value]): [string, Json] => [
    name,
    value === unknown ? null : value,
  ]);
  return { ...Object.fromEntries(others), ...Object.fromEntries(entries) };
}

const created: LiveCoverage = { whole: true, guess: true };
