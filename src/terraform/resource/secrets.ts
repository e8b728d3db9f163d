import type { Fields } from "../../core/field.ts";
import { isObject, type Json, type Values } from "../../core/value.ts";
import { writeOnlyName } from "../schema/names.ts";
import { hasWriteOnly, ownFields } from "../schema/resource-schema.ts";

/** What was planned, with what only the configuration holds: Terraform keeps that out of plans. */
export function withSecrets(fields: Fields, planned: Values, config: Values): Values {
  const entries = Object.entries(ownFields(fields)).flatMap(([name, field]): [string, Json][] => {
    const [value, given] = [planned[name] ?? null, config[name] ?? null];
    if (hasWriteOnly(field)) return [[writeOnlyName(name), config[writeOnlyName(name)] ?? null]];
    if (field.type === "object" && isObject(value) && isObject(given)) {
      return [[name, withSecrets(field.fields, value, given)]];
    }
    if (field.type !== "list" || field.items.type !== "object" || !Array.isArray(value)) return [];
    const { key, items } = field;
    if (key === undefined || !Array.isArray(given)) return [];
    const byKey = new Map(given.filter(isObject).map((item: Values) => [item[key], item]));
    const merged = value.filter(isObject).map((item: Values) => {
      const own = byKey.get(item[key]);
      return own ? withSecrets(items.fields, item, own) : item;
    });
    return [[name, merged]];
  });
  return { ...planned, ...Object.fromEntries(entries) };
}
