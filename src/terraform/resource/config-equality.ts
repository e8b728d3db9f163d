import { isShown, normalise } from "../../core/equality.ts";
import type { Field, Fields, Shape } from "../../core/field.ts";
import type { Path } from "../../core/spec-walk.ts";
import { canonicalJson, isFileContent, isObject, type Json, type Values } from "../../core/value.ts";

/**
 * Whether two values that were configured are one, in kinds' terms: lists without an order as sets, files by their
 * content. Unlike a comparison with what Coze shows, nothing is taken for left out.
 */
export function isConfigEqual(field: Field, one: Json | undefined, other: Json | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (field.equal?.(one, other)) return true;
  return canonicalJson(normalize(field, one)) === canonicalJson(normalize(field, other));
}

function normalize(shape: Shape, value: Json): Json {
  if (shape.type === "list" && Array.isArray(value)) {
    const items = value.map((item: Json) => normalize(shape.items, item));
    return shape.unordered ? items.map(canonicalJson).sort() : items;
  }
  if (shape.type === "object" && isObject(value)) return normalizeFields(shape.fields, value);
  if (shape.type === "file" && isFileContent(value)) return value.sha256;
  if (shape.type === "integer" || shape.type === "number") return Number(value);
  return value;
}

function normalizeFields(fields: Fields, values: { readonly [name: string]: Json }): Json {
  const entries = Object.entries(values).map(([name, value]): [string, Json] => {
    const field = fields[name];
    return [name, field ? normalize(field, value) : value];
  });
  return Object.fromEntries(entries);
}

/**
 * What is taken to be at Coze of an object that was imported: what was seen, and of what Coze never shows that which is
 * wanted now. In kinds' terms.
 */
export function assumeWanted(fields: Fields, seen: Values, wanted: Values, hidden = false): Values {
  const entries = Object.entries(fields).flatMap(([name, field]): [string, Json][] => {
    const value = assumeValue(field, seen[name], wanted[name], hidden || field.readable === false);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...seen, ...Object.fromEntries(entries) };
}

/** The same for the value of one field. */
export function assumeValue(
  field: Field,
  seen: Json | undefined,
  wanted: Json | undefined,
  hidden: boolean,
): Json | undefined {
  if (seen === undefined) return hidden ? wanted : undefined;
  if (field.type === "object" && isObject(seen) && isObject(wanted)) {
    return assumeWanted(field.fields, seen, wanted, hidden);
  }
  if (field.type !== "list" || field.items.type !== "object" || field.key === undefined) return seen;
  if (!Array.isArray(seen) || !Array.isArray(wanted)) return seen;
  const { key, items } = field;
  const byKey = new Map(wanted.filter(isObject).map((item: Values) => [item[key], item]));
  return seen
    .filter(isObject)
    .map((item: Values) => assumeWanted(items.fields, item, byKey.get(item[key] as Json) ?? {}, hidden));
}

/** What was seen of an object, where a form in which a server may store a wanted value is that value. In kinds' terms. */
export const takeForms = (fields: Fields, seen: Values, wanted: Values): Values =>
  Object.fromEntries(
    Object.entries(seen).map(([name, value]) => {
      const [field, want] = [fields[name], wanted[name]];
      const isForm =
        field !== undefined && want !== undefined && isConfigEqual(field, normalise(want), normalise(value));
      return [name, isForm ? want : value];
    }),
  );

/** Where an object differs from what is wanted in what Coze shows and can't change. In kinds' terms. */
export const findFixedDifferences = (fields: Fields, wanted: Values, seen: Values): readonly Path[] =>
  findFixed(fields, wanted, seen, (field, want, live) => live !== undefined && !isShown(field, want, live));

/** What is wanted that can't be changed or sent later, and that Coze doesn't show. In kinds' terms. */
export const findTrusted = (fields: Fields, wanted: Values, seen: Values): readonly Path[] =>
  findFixed(fields, wanted, seen, (_field, _want, live) => live === undefined);

function findFixed(
  fields: Fields,
  wanted: Values,
  seen: Values,
  fits: (field: Field, want: Json, live: Json | undefined) => boolean,
  { path, fixed }: { readonly path: Path; readonly fixed: boolean } = { path: [], fixed: false },
): readonly Path[] {
  return Object.entries(fields).flatMap(([name, field]): readonly Path[] => {
    const [want, live] = [wanted[name], seen[name]];
    if (want === undefined || field.presence === "computed") return [];
    const at = [...path, name];
    const isFixed = fixed || field.immutable === true || field.settable === "create";
    if (field.type === "object" && isObject(want) && isObject(live)) {
      return findFixed(field.fields, want, live, fits, { path: at, fixed: isFixed });
    }
    return isFixed && fits(field, want, live) ? [at] : [];
  });
}
