import type { Fields } from "../core/field.ts";
import { isObject, type Json, type Values } from "../core/value.ts";

/**
 * The part of a spec that a manifest speaks of itself: of the fields that `own` has, the values that the spec has.
 * Objects go field by field, lists and maps are taken whole.
 */
export function restrictTo(fields: Fields, spec: Values, own: Values | undefined): Values {
  if (!own) return spec;
  const kept = Object.entries(own).flatMap(([name, said]): readonly [string, Json][] => {
    const [field, value] = [fields[name], spec[name]];
    if (value === undefined) return [];
    const isNested = field?.type === "object" && isObject(value) && isObject(said);
    return [[name, isNested ? restrictTo(field.fields, value, said) : value]];
  });
  return Object.fromEntries(kept);
}

/** What was applied, over what somebody else set before: what is wanted no more then goes, as if a manifest had had it. */
export function coverFormer(fields: Fields, applied: Values, former: Values | undefined): Values {
  const entries = Object.entries(former ?? {}).map(([name, before]): readonly [string, Json] => {
    const [field, value] = [fields[name], applied[name]];
    const isNested = field?.type === "object" && isObject(value) && isObject(before);
    return [name, isNested ? coverFormer(field.fields, value, before) : (value ?? before)];
  });
  return { ...applied, ...Object.fromEntries(entries) };
}
