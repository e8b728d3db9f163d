import { isObject, type Json, type Values } from "../../../core/value.ts";
import type { ResourceState } from "../../provider/provider-interface.ts";
import {
  type Attribute,
  type Attributes,
  objectType,
  type Schema,
  type Type,
} from "../../schema/attribute.ts";
import { memoizeEach, memoizeRecent } from "../../schema/memoize.ts";
import { decodeJsonValue, decodeValue, encodeState, UnfitValue } from "../../values/codec.ts";
import { isUnknown } from "../../values/unknown.ts";

/** A value in one of the protocol's two encodings; the other has no bytes. */
export interface WireValue {
  readonly msgpack: Uint8Array;
  readonly json: Uint8Array;
}

/** How the objects of one schema stand on the wire. */
export interface ObjectForm {
  readonly type: Type;
  /** Throws {@link UnfitValue}, above all for numbers with too many digits. */
  read(value: WireValue | undefined): ResourceState | null;
  /** Throws {@link UnfitValue} for an object that isn't as the schema says. */
  write(state: ResourceState | null): WireValue;
  /** The same for an object that has to be kept whatever it lacks: null stands in where it doesn't fit. */
  writeAnyhow(state: ResourceState): WireValue;
}

/** The form of a schema's objects. */
export function objectForm({ attributes }: Schema): ObjectForm {
  const type = objectType(attributes);
  const stripped = (state: ResourceState) => withoutWriteOnly(state, attributes);
  const readMsgpack = memoizeRecent((bytes: Uint8Array) => decodeValue(bytes, type));
  return {
    type,
    read: (value) =>
      (value && value.msgpack.length > 0
        ? readMsgpack(value.msgpack)
        : readValue(value, type)) as ResourceState | null,
    write: (state) => writeValue(state && stripped(state), type),
    writeAnyhow(state) {
      const fitting = Object.entries((type as { object: { [name: string]: Type } }).object).map(
        ([name, part]): [string, Json] => [name, fits(state[name], part) ? (state[name] ?? null) : null],
      );
      return writeValue(stripped(Object.fromEntries(fitting)), type);
    },
  };
}

/** One value of any type. */
export function readValue(value: WireValue | undefined, type: Type): Json {
  if (value === undefined || value.msgpack.length + value.json.length === 0) return null;
  return value.msgpack.length > 0
    ? decodeValue(value.msgpack, type)
    : decodeJsonValue(new TextDecoder().decode(value.json), type);
}

/** The same the other way round; throws `UnfitValue` for a value that isn't of the type. */
export const writeValue = (value: Json, type: Type): WireValue => ({
  msgpack: encodeState(value, type),
  json: new Uint8Array(),
});

function fits(value: Json | undefined, type: Type): boolean {
  try {
    encodeState(value ?? null, type);
    return true;
  } catch (error) {
    if (error instanceof UnfitValue) return false;
    throw error;
  }
}

/** The private state in these bytes; empty for bytes that another provider wrote. */
export function readPrivateState(bytes: Uint8Array): Values {
  if (bytes.length === 0) return {};
  try {
    const privateState: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(privateState) ? privateState : {};
  } catch {
    return {};
  }
}

/** The bytes of a private state; none for an empty one. */
export const writePrivateState = (privateState: Values): Uint8Array =>
  Object.keys(privateState).length === 0
    ? new Uint8Array()
    : new TextEncoder().encode(JSON.stringify(privateState));

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
