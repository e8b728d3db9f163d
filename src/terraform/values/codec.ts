import { Decoder, Encoder, ExtData } from "@msgpack/msgpack";
import type { Path } from "../../core/spec-walk.ts";
import { isObject, type Json, type Values } from "../../core/value.ts";
import { say } from "../../messages/text.ts";
import { type Type, typeFromJson, typeToJson } from "../schema/attribute.ts";
import { memoizeEach } from "../schema/memoize.ts";
import { isUnknown, unknown } from "./unknown.ts";

/** A value that isn't one of the type that it should have. */
export class UnfitValue extends Error {
  override readonly name = "UnfitValue";
  readonly path: Path;

  constructor(message: string, path: Path) {
    super(message);
    this.path = path;
  }
}

/** A number that would be another one here. */
export class InexactNumber extends UnfitValue {}

/**
 * A value as Terraform's MessagePack. Objects must have just the attributes of their type, or an {@link UnfitValue}
 * names those that are missing or too many.
 */
export const encodeValue = (value: Json, type: Type): Uint8Array<ArrayBuffer> =>
  encoder.encode(convert(value, type, toWire, []));

/**
 * The same with whole numbers as digits. Terraform remembers in how many bits a number came: one of a state's JSON has
 * 512, as digits have, and any other way is a change to a refresh-only plan.
 */
export const encodeState = (value: Json, type: Type): Uint8Array<ArrayBuffer> =>
  encoder.encode(convert(value, type, toDigits, []));

/** The value that such MessagePack stands for; what is known of unknown values is left aside. */
export const decodeValue = (bytes: Uint8Array, type: Type): Json =>
  convert(decoder.decode(bytes), type, fromWire, []) as Json;

/** The value that JSON of Terraform's stands for. */
export const decodeJsonValue = (json: string, type: Type): Json =>
  convert(JSON.parse(json), type, fromJson, []) as Json;

const unknownOnWire = new ExtData(0, new Uint8Array(1));

/** Terraform says that every extension, whatever its code, stands for an unknown value. */
const extensionCodec = {
  tryToEncode: (value: unknown) => (isUnknown(value) ? unknownOnWire : null),
  decode: () => unknown,
};

const encoder = new Encoder({ extensionCodec });
const decoder = new Decoder({ extensionCodec, useBigInt64: true });

/** What becomes of a value without parts, on its way in or out. */
type Conversion = (value: unknown, type: "string" | "number" | "bool" | "dynamic", trail: Trail) => unknown;

/** Where the conversion is; longer while it is inside of something. */
type Trail = (string | number)[];

function convert(value: unknown, type: Type, leaf: Conversion, trail: Trail): unknown {
  if (value === null || isUnknown(value)) return value;
  if (typeof type === "string") return leaf(value, type, trail);
  if ("object" in type) return convertObject(value, type.object, leaf, trail);
  if ("map" in type) return convertMap(value, type.map, leaf, trail);
  if (!Array.isArray(value)) throw unfit("list", value, trail);
  if ("list" in type) return value.map((item, index) => inside(item, type.list, leaf, trail, index));
  if ("set" in type) return value.map((item, index) => inside(item, type.set, leaf, trail, index));
  if (value.length !== type.tuple.length) throw unfit(`list(${type.tuple.length})`, value, trail);
  return type.tuple.map((item, index) => inside(value[index], item, leaf, trail, index));
}

function inside(value: unknown, type: Type, leaf: Conversion, trail: Trail, step: string | number): unknown {
  trail.push(step);
  const converted = convert(value, type, leaf, trail);
  trail.pop();
  return converted;
}

function convertMap(value: unknown, type: Type, leaf: Conversion, trail: Trail): unknown {
  if (!isObject(value)) throw unfit("map", value, trail);
  const entries = Object.entries(value).map(
    ([key, item]) => [key, inside(item, type, leaf, trail, key)] as const,
  );
  return Object.fromEntries(entries);
}

function convertObject(
  value: unknown,
  types: { readonly [name: string]: Type },
  leaf: Conversion,
  trail: Trail,
): unknown {
  if (!isObject(value)) throw unfit("object", value, trail);
  const parts = entriesOf(types);
  const isFit =
    Object.keys(value).length === parts.length && parts.every(([name]) => value[name] !== undefined);
  if (!isFit) throw unfitObject(value, types, trail);
  const converted: { [name: string]: unknown } = {};
  for (const [name, type] of parts) converted[name] = inside(value[name], type, leaf, trail, name);
  return converted;
}

const entriesOf = memoizeEach((types: { readonly [name: string]: Type }) => Object.entries(types));

function unfitObject(value: Values, types: { readonly [name: string]: Type }, trail: Trail): UnfitValue {
  const missing = Object.keys(types).filter((name) => value[name] === undefined);
  const extra = Object.keys(value).filter((name) => !Object.hasOwn(types, name));
  const parts = [
    missing.length > 0 ? say("terraform-provider/missing-attributes", { names: missing.join(", ") }) : [],
    extra.length > 0 ? say("terraform-provider/unexpected-attributes", { names: extra.join(", ") }) : [],
  ];
  return new UnfitValue(parts.flat().join("; "), [...trail]);
}

const toWire: Conversion = (value, type, trail) => {
  switch (type) {
    case "dynamic": {
      const implied = impliedType(value as Json);
      return [new TextEncoder().encode(typeToJson(implied)), convert(value, implied, toWire, trail)];
    }
    case "number": {
      if (!Number.isFinite(value)) throw unfit("number", value, trail);
      // Terraform takes a binary fraction at its word: as a double, 0.1 would be another number than the 0.1 of a
      // configuration.
      return Number.isSafeInteger(value) ? value : String(value);
    }
    default:
      return plain(value, type, trail);
  }
};

const toDigits: Conversion = (value, type, trail) => {
  const encoded = toWire(value, type, trail);
  return type === "number" ? String(encoded) : encoded;
};

const fromWire: Conversion = (value, type, trail) => {
  switch (type) {
    case "dynamic": {
      const [json, inner] = Array.isArray(value) ? value : [];
      if (!(json instanceof Uint8Array)) throw unfit("dynamic", value, trail);
      return convert(inner, typeFromJson(new TextDecoder().decode(json)), fromWire, trail);
    }
    case "number":
      return typeof value === "number" ? value : exactNumber(value, trail);
    default:
      return plain(value, type, trail);
  }
};

const fromJson: Conversion = (value, type, trail) => {
  if (type !== "dynamic") return plain(value, type, trail);
  if (!isObject(value)) throw unfit("dynamic", value, trail);
  return convert(value.value, typeFromJson(JSON.stringify(value.type)), fromJson, trail);
};

const javaScriptTypes = { string: "string", number: "number", bool: "boolean" } as const;

function plain(value: unknown, type: keyof typeof javaScriptTypes, trail: Trail): unknown {
  if (typeof value !== javaScriptTypes[type]) throw unfit(type, value, trail);
  return value;
}

/** Whole numbers of 64 bits come as such, those with more digits than a double has as text. */
function exactNumber(value: unknown, trail: Trail): number {
  if (typeof value !== "bigint" && typeof value !== "string") throw unfit("number", value, trail);
  const text = String(value);
  const number = Number(text);
  if (sameDecimal(text, String(number))) return number;
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  throw new InexactNumber(say("terraform-provider/inexact-number", { number: shown }), [...trail]);
}

/** JSON has lists and objects of mixed parts: for Terraform these are tuples and objects. */
function impliedType(value: Json): Type {
  if (value === null || isUnknown(value)) return "dynamic";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string" || typeof value === "number") return typeof value as "string" | "number";
  if (Array.isArray(value)) return { tuple: value.map(impliedType) };
  const entries = Object.entries(value).map(([name, part]) => [name, impliedType(part)] as const);
  return { object: Object.fromEntries(entries) };
}

/** Says what kind of thing was there, never the thing itself: it may be a secret. */
function unfit(wanted: string, value: unknown, trail: Trail): UnfitValue {
  const found = Array.isArray(value) ? `list(${value.length})` : typeof value;
  return new UnfitValue(say("terraform-provider/unfit-value", { wanted, found }), [...trail]);
}

/** Whether two texts are the same number, digit by digit: `1.50e2` and `150`. */
export const sameDecimal = (one: string, other: string): boolean => {
  const normal = normalize(one);
  return normal !== undefined && normal === normalize(other);
};

/** Digits without zeros at either end, and the power of ten that the last one stands for. */
function normalize(text: string): string | undefined {
  const [, sign, whole = "", fraction = "", power = "0"] =
    /^([+-]?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/iu.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const digits = `${whole}${fraction}`.replace(/^0+/u, "");
  const kept = digits.replace(/0+$/u, "");
  if (kept === "") return "0";
  const exponent = Number(power) - fraction.length + digits.length - kept.length;
  return `${sign === "-" ? "-" : ""}${kept}e${exponent}`;
}
