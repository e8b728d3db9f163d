import { meansTheSame } from "../../core/equality.ts";
import type { Field, Fields, Shape } from "../../core/field.ts";
import { canonicalJson, isFileContent, isObject, type Json } from "../../core/value.ts";

/**
 * Whether two values that were configured are one, in kinds' terms: lists without an order as sets, files by their
 * content. Unlike a comparison with what Coze shows, nothing is taken for left out.
 */
export function isConfigEqual(field: Field, one: Json | undefined, other: Json | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (field.equal?.(one, other)) return true;
  return canonicalJson(normalize(field, one)) === canonicalJson(normalize(field, other));
}

/** Whether a value of a state means what Coze shows. */
export const isShown = (field: Field, value: Json, live: Json): boolean =>
  field.equal ? field.equal(value, live) : meansTheSame(field, value, live);

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
