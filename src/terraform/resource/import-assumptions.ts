import type { Field, Fields } from "../../core/field.ts";
import { isObject, type Json, type Values } from "../../core/value.ts";

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
