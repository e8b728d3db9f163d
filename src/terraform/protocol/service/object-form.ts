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
import { hasUnknown, isUnknown } from "../../values/unknown.ts";

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
  // What comes back as it was read or written goes out in the bytes that are there already: most resources of a plan are
  // as they were.
  const written = new WeakMap<object, WireValue>();
  const readMsgpack = memoizeRecent((bytes: Uint8Array) => {
    const value = decodeValue(bytes, type);
    const isWritable = isObject(value) && !hasUnknown(value) && stripped(value) === value;
    if (isWritable && !hasNumber(value)) written.set(value, { msgpack: bytes, json: nothing });
    return value;
  });
  function write(state: ResourceState): WireValue {
    const known = written.get(state);
    if (known) return known;
    const value = writeValue(stripped(state), type);
    written.set(state, value);
    return value;
  }
  return {
    type,
    read: (value) =>
      (value && value.msgpack.length > 0
        ? readMsgpack(value.msgpack)
        : readValue(value, type)) as ResourceState | null,
    write: (state) => (state === null ? writeValue(null, type) : write(state)),
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
    : decodeJsonValue(textOf(value.json), type);
}

/** The same the other way round; throws `UnfitValue` for a value that isn't of the type. */
export const writeValue = (value: Json, type: Type): WireValue => ({
  msgpack: encodeState(value, type),
  json: nothing,
});

const nothing = new Uint8Array();

/** Whether a number is anywhere in a value: it isn't written in the bytes in which it comes, see {@link encodeState}. */
const hasNumber = (value: Json): boolean =>
  typeof value === "number" ||
  (typeof value === "object" && value !== null && Object.values(value).some(hasNumber));

function fits(value: Json | undefined, type: Type): boolean {
  try {
    encodeState(value ?? null, type);
    return true;
  } catch (error) {
    if (error instanceof UnfitValue) return false;
    throw error;
  }
}

/** The text in these bytes. */
export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();

/** The bytes that private states came in. */
const privateBytes = new WeakMap<Values, Uint8Array>();

/** The private state in these bytes; empty for bytes that another provider wrote. */
export function readPrivateState(bytes: Uint8Array): Values {
  if (bytes.length === 0) return {};
  try {
    const privateState: unknown = JSON.parse(textOf(bytes));
    if (!isObject(privateState)) return {};
    privateBytes.set(privateState, bytes);
    return privateState;
  } catch {
    return {};
  }
}

/** The bytes of a private state; none for an empty one. One that was read has those that it came in. */
export function writePrivateState(privateState: Values): Uint8Array {
  if (Object.keys(privateState).length === 0) return nothing;
  return privateBytes.get(privateState) ?? new TextEncoder().encode(JSON.stringify(privateState));
}

/** An object with null wherever its schema lets only configurations hold a value; itself where it has none there. */
export function withoutWriteOnly(values: Values, attributes: Attributes): Values {
  const stripped = secretsOf(attributes).flatMap(([name, attribute]): [string, Json][] => {
    const held = values[name] ?? null;
    const value = strip(held, attribute);
    return value === held && values[name] !== undefined ? [] : [[name, value]];
  });
  return stripped.length === 0 ? values : { ...values, ...Object.fromEntries(stripped) };
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
  if (Array.isArray(value)) return sameOr(value, value.map(stripItem));
  if (nesting !== "map" || !isObject(value)) return stripItem(value);
  const parts = Object.entries(value).map(([key, item]) => [key, stripItem(item)] as const);
  return parts.every(([key, item]) => value[key] === item) ? value : Object.fromEntries(parts);
}

/** The first of two lists where both have the same items. */
const sameOr = (one: readonly Json[], other: readonly Json[]): readonly Json[] =>
  one.every((item, index) => item === other[index]) ? one : other;
