import type { Field, Shape } from "./field.ts";
import { canonicalJson, isFileContent, isObject, isSameContent, type Json, type Values } from "./value.ts";

/**
 * Whether a wanted and a live value mean the same in the shape's terms: numbers by value, unordered lists as
 * sets, objects by the fields that are wanted, absent as empty. A field's own `equal` has the last word.
 */
export function meansTheSame(shape: Shape, want: Json, live: Json | undefined): boolean {
  if (live === undefined || live === null) return isEmpty(want);
  if (want === live) return true;
  switch (shape.type) {
    case "integer":
    case "number":
      return Number(want) === Number(live);
    case "list":
      return Array.isArray(want) && Array.isArray(live) && sameItems(shape, want, live);
    case "object":
      return isObject(want) && isObject(live) && sameFields(shape.fields, want, live);
    case "file":
      return isFileContent(want) && isFileContent(live) && isSameContent(want, live);
    case "string":
    case "enum":
    case "boolean":
    case "ref":
    case "map":
      return canonicalJson(want) === canonicalJson(live);
  }
}

/** Whether two values are the same to a server that trims, composes and shortens what it stores. */
export const isSameNormalised = (one: Json, other: Json): boolean =>
  canonicalJson(normalise(one)) === canonicalJson(normalise(other));

/** Whether a wanted value and a live one mean the same in a field's own terms. */
export const isShown = (field: Field, want: Json, live: Json | undefined): boolean =>
  field.equal && live !== undefined ? field.equal(want, live) : meansTheSame(field, want, live);

/** The same at a server that trims, composes and shortens what it stores. */
export const isShownNormalised = (field: Field, want: Json, live: Json): boolean =>
  isShown(field, normalise(want), normalise(live));

/** A value as a server stores it that trims, composes and shortens. */
export function normalise(value: Json): Json {
  if (typeof value === "string") {
    const text = value.replaceAll("\r\n", "\n").normalize("NFC");
    // White space alone, such as a separator, has a meaning.
    return text.trim() || text;
  }
  if (typeof value === "number") return Math.fround(value);
  if (Array.isArray(value)) return value.map(normalise);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, normalise(inner)]));
}

function sameFields(fields: { readonly [name: string]: Field }, want: Values, live: Values): boolean {
  return Object.entries(want).every(([name, value]) => {
    const field = fields[name];
    if (!field || field.readable === false) return true;
    const there = live[name] ?? field.default;
    if (there === undefined && field.readable === "sometimes") return true;
    return field.equal && there !== undefined ? field.equal(value, there) : meansTheSame(field, value, there);
  });
}

function sameItems(
  list: Extract<Shape, { type: "list" }>,
  want: readonly Json[],
  live: readonly Json[],
): boolean {
  if (want.length !== live.length) return false;
  if (!list.unordered) return want.every((item, index) => meansTheSame(list.items, item, live[index]));
  const rest = [...live];
  return want.every((item) => {
    const index = rest.findIndex((other) => meansTheSame(list.items, item, other));
    if (index >= 0) rest.splice(index, 1);
    return index >= 0;
  });
}

/** What an answer leaves out when there is nothing: `null`, an empty text, list or object. */
export function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}
