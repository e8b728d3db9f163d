import { isObject, type Json, type Values } from "../../core/value.ts";
import type { Attribute, Attributes } from "../attribute.ts";
import { isUnknown } from "../unknown.ts";

/** An object with null wherever its schema lets only configurations hold a value. */
export function withoutWriteOnly(values: Values, attributes: Attributes): Values {
  const entries = Object.entries(values).map(([name, value]): [string, Json] => {
    const attribute = attributes[name];
    return [name, attribute ? strip(value, attribute) : value];
  });
  return Object.fromEntries(entries);
}

/** Whether a schema has anything that only configurations hold. */
export const hasWriteOnly = (attributes: Attributes): boolean =>
  Object.values(attributes).some(
    ({ type, writeOnly }) =>
      writeOnly === true ||
      (typeof type === "object" && "nested" in type && hasWriteOnly(type.nested.attributes)),
  );

function strip(value: Json, { type, writeOnly }: Attribute): Json {
  if (writeOnly) return null;
  if (typeof type === "string" || !("nested" in type) || isUnknown(value)) return value;
  const { nesting, attributes } = type.nested;
  const stripItem = (item: Json) =>
    isObject(item) && !isUnknown(item) ? withoutWriteOnly(item, attributes) : item;
  if (Array.isArray(value)) return value.map(stripItem);
  if (nesting !== "map" || !isObject(value)) return stripItem(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, stripItem(item)]));
}
