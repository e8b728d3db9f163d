import type { Field, Fields, Shape } from "../../core/field.ts";
import { canonicalJson, isObject, type Json, type Values } from "../../core/value.ts";
import type { Attributes } from "../schema/attribute.ts";
import { hashName, writeOnlyName, writeOnlyVersionName } from "../schema/names.ts";
import { attributesOf, hasWriteOnly, ownFields, type Within } from "../schema/resource-schema.ts";
import { unknown } from "../values/unknown.ts";

/** How values are made of attributes. */
export interface Purpose {
  /** What a kind is given for the path of a file. */
  fileOf(path: string, sha256: string): Json;
  /** `sent`: values that only configurations hold count as their fields'; `compared`: their versions stand for them. */
  readonly secrets: "sent" | "compared";
}

/** Values to be compared: files are identified by their content and never read. */
export const comparing: Purpose = {
  fileOf: (path, sha256) => ({ $file: path, sha256, size: 0 }),
  secrets: "compared",
};

/** The values of an object as kinds take them: only what there is, JSON text parsed. What isn't known is left out. */
export function toValues(fields: Fields, object: Json | undefined, purpose: Purpose): Values {
  if (!isObject(object)) return {};
  const entries = Object.entries(ownFields(fields)).flatMap(([name, field]): [string, Json][] => {
    const secret = hasWriteOnly(field) ? secretOf(name, object, purpose) : {};
    const given = secret.value ?? object[name];
    const extra = secret.extra ?? [];
    if (given === undefined || given === null || given === unknown) return extra;
    const hash = field.type === "file" ? object[hashName(name)] : undefined;
    return [[name, toValue(field, given, purpose, typeof hash === "string" ? hash : "")], ...extra];
  });
  return Object.fromEntries(entries);
}

function secretOf(
  name: string,
  object: Values,
  { secrets }: Purpose,
): { readonly value?: Json | null; readonly extra?: [string, Json][] } {
  if (secrets === "sent") return { value: object[writeOnlyName(name)] ?? null };
  const versionName = writeOnlyVersionName(name);
  const version = object[versionName] ?? null;
  return version === null ? {} : { extra: [[versionName, version]] };
}

function toValue(shape: Shape, value: Json, purpose: Purpose, hash = ""): Json {
  if (shape.type === "object") return toValues(shape.fields, value, purpose);
  if (shape.type === "file") return purpose.fileOf(String(value), hash);
  if (shape.type === "map") return parseMap(value);
  if (shape.type === "list" && Array.isArray(value)) {
    const known = value.filter((item: Json) => item !== unknown && item !== null);
    return known.map((item: Json) => toValue(shape.items, item, purpose));
  }
  return value;
}

/** The map in a JSON text; validation refuses other texts. */
function parseMap(text: Json): Json {
  try {
    return JSON.parse(String(text)) as Json;
  } catch {
    return {};
  }
}

/** An object with every attribute of these, null where a kind's values hold none. */
export function toObject(fields: Fields, values: Values, within: Within = "object"): Values {
  const own = ownFields(fields);
  const all = blankOf(fields, within);
  const given = Object.entries(own).flatMap(([name, field]): [string, Json][] => {
    const value = values[name];
    return value === undefined || value === null ? [] : [[name, toAttribute(field, value, within)]];
  });
  return { ...all, ...Object.fromEntries(given) };
}

/** A kind's value as an attribute holds it. */
export function toAttribute(shape: Shape, value: Json, within: Within = "object"): Json {
  if (shape.type === "object" && isObject(value)) return toObject(shape.fields, value, within);
  if (shape.type === "map") return canonicalJson(value);
  if (shape.type === "list" && Array.isArray(value))
    return value.map((item: Json) => toAttribute(shape.items, item, "collection"));
  return value;
}

/** An object of these fields in which there is nothing. */
export const blankOf = (fields: Fields, within: Within): Values => blankState(attributesOf(fields, within));

/** An object of these attributes in which there is nothing. */
export const blankState = (attributes: Attributes): Values =>
  Object.fromEntries(Object.keys(attributes).map((name) => [name, null]));

/** A field's default as its attribute holds it; of an object, those of its fields. */
export function defaultOf(field: Field, within: Within = "object"): Json | undefined {
  return field.default === undefined ? undefined : toAttribute(field, field.default, within);
}

/** A field that was given and is left out now, as its attribute holds it; undefined: there is no way back. */
export function clearedOf(field: Field): Json | undefined {
  if (field.default !== undefined) return defaultOf(field);
  switch (field.type) {
    case "string":
      return "";
    case "list":
      return [];
    case "map":
      return "{}";
    case "object": {
      const parts = Object.entries(ownFields(field.fields)).flatMap(([name, part]): [string, Json][] => {
        const cleared = part.presence === "computed" ? undefined : clearedOf(part);
        return cleared === undefined ? [] : [[name, cleared]];
      });
      return { ...blankOf(field.fields, "object"), ...Object.fromEntries(parts) };
    }
    case "enum":
    case "integer":
    case "number":
    case "boolean":
    case "ref":
    case "file":
      return undefined;
  }
}
