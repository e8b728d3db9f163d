import { isObject, type Json, type Values } from "../../../core/value.ts";
import type { Attribute, Attributes } from "../../schema/attribute.ts";
import { memoizeEach } from "../../schema/memoize.ts";
import { isUnknown } from "../../values/unknown.ts";

/** An object with null wherever its schema lets only configurations hold a value. */
export function withoutWriteOnly(values: Values, attributes: Attributes): Values {
  const secrets = secretsOf(attributes);
  if (secrets.length === 0) return values;
  const stripped = secrets.map(([name, attribute]): [string, Json] => [
    name,
    strip(values[name] ?? null, attribute),
  ]);
  return { ...values, ...Object.fromEntries(stripped) };
}

/** The attributes in which there is anything that only configurations hold. */
const secretsOf = memoizeEach((attributes: Attributes): readonly (readonly [string, Attribute])[] =>
  Object.entries(attributes).filter(
    ([, { type, writeOnly }]) =>
      writeOnly === true ||
      (typeof type === "object" && "nested" in type && secretsOf(type.nested.attributes).length > 0),
  ),
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
