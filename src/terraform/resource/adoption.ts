import { isEmpty, isShown, isShownNormalised } from "../../core/equality.ts";
import type { Field, Fields, ListShape } from "../../core/field.ts";
import { isObject, type Json, type Values } from "../../core/value.ts";
import type { CozeKind } from "../schema/names.ts";
import { ownFields } from "../schema/resource-schema.ts";
import { clearedOf, comparing, toValues } from "./attribute-conversion.ts";

/**
 * What an adopted object is to have: what the configuration gives, and nothing, or the default, where it leaves out what
 * Coze shows, as if the object had been created now. In kinds' terms.
 */
export function withLeftOutCleared(fields: Fields, given: Values, live: Values): Values {
  const entries = Object.entries(ownFields(fields)).flatMap(([name, field]): [string, Json][] => {
    const [want, shown] = [given[name], live[name]];
    if (shown === undefined || shown === null || !isChangeable(field)) return [];
    if (want !== undefined)
      return field.type === "object" && isObject(want) && isObject(shown)
        ? [[name, withLeftOutCleared(field.fields, want, shown)]]
        : [];
    if (field.clearable === false || field.sticky) return [];
    const cleared = toValues({ [name]: field }, { [name]: clearedOf(field) ?? null }, comparing)[name];
    return cleared === undefined || isHeld(field, cleared, shown) ? [] : [[name, cleared]];
  });
  return { ...given, ...Object.fromEntries(entries) };
}

/**
 * Top-level fields of an adopted object that are to be sent. What Coze never shows is taken to have its default, as after
 * an import; without one, what is wanted is sent. In kinds' terms.
 */
export const findUnmet = (fields: Fields, wanted: Values, live: Values): readonly string[] =>
  Object.entries(ownFields(fields)).flatMap(([name, field]) =>
    isHeld(field, wanted[name], live[name]) ? [] : [name],
  );

const isChangeable = (field: Field): boolean =>
  field.presence !== "computed" && !field.immutable && field.settable !== "create";

function isHeld(field: Field, want: Json | undefined, live: Json | undefined): boolean {
  if (want === undefined || want === null || !isChangeable(field)) return true;
  if (field.type === "object" && isObject(want)) return holdsFields(field.fields, want, live);
  const there = live ?? field.default;
  if (there === undefined || there === null) return isEmpty(want);
  if (field.type === "list" && field.key !== undefined) return holdsItems(field, want, there);
  return isShown(field, want, there) || isShownNormalised(field, want, there);
}

const holdsFields = (fields: Fields, want: Values, live: Json | undefined): boolean =>
  Object.entries(want).every(([name, value]) => {
    const field = fields[name];
    // What isn't a field is the version of a value that only configurations hold: Coze shows neither.
    return field !== undefined && isHeld(field, value, isObject(live) ? live[name] : undefined);
  });

/** Items with a key are compared one by one, since a part of one may be hidden. */
function holdsItems({ items, key = "" }: ListShape, want: Json, live: Json): boolean {
  if (items.type !== "object" || !Array.isArray(want) || !Array.isArray(live)) return false;
  const byKey = new Map(live.filter(isObject).map((item: Values) => [item[key], item] as const));
  return (
    want.length === live.length &&
    want.filter(isObject).every((item: Values) => {
      const shown = byKey.get(item[key] as Json);
      return shown !== undefined && holdsFields(items.fields, item, shown);
    })
  );
}

/** What a list has to be asked for to show all that can be seen of an object, also what isn't wanted of it. */
export function widenListing(kind: CozeKind, wanted: Values): Values {
  const widest = (kind.listing?.widest ?? []) as readonly Values[];
  return widest.reduce((all, more) => joinValues(all, more) as Values, wanted);
}

function joinValues(one: Json | undefined, more: Json): Json {
  if (one === undefined) return more;
  if (Array.isArray(one) && Array.isArray(more)) return [...one, ...more];
  if (!isObject(one) || !isObject(more)) return one;
  const entries = Object.entries(more).map(([name, value]): [string, Json] => [
    name,
    joinValues(one[name], value),
  ]);
  return { ...one, ...Object.fromEntries(entries) };
}
