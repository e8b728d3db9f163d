import type { Fields } from "../../core/field.ts";
import { formatPath, type Path } from "../../core/spec-walk.ts";
import { canonicalJson, isObject, type Json, type Values } from "../../core/value.ts";
import { writeOnlyName } from "../schema/names.ts";
import { hasWriteOnly, ownFields } from "../schema/resource-schema.ts";
import { defaultOf } from "./attribute-conversion.ts";

/** What the configuration gives, as it was planned: what it leaves out isn't sent to be made. */
export function given(fields: Fields, planned: Values, config: Values): Values {
  const entries = Object.entries(planned).flatMap(([name, value]): [string, Json][] => {
    const field = ownFields(fields)[name];
    const own = config[name] ?? null;
    if (field && own === null) return [];
    const isNested = field?.type === "object" && isObject(value) && isObject(own);
    return [[name, isNested ? given(field.fields, value, own) : value]];
  });
  return Object.fromEntries(entries);
}

/**
 * The planned values without defaults assumed for fields that Coze doesn't show: the configuration doesn't give them, and not every model
 * knows it. `former`: dotted paths of what the configuration gave before, which has to be sent to be taken back.
 */
export function withoutGuesses(
  fields: Fields,
  planned: Values,
  config: Values,
  former: ReadonlySet<string>,
  path: Path = [],
): Values {
  const own = ownFields(fields);
  const entries = Object.entries(planned).map(([name, value]): [string, Json] => {
    const field = own[name];
    const wanted = config[name] ?? null;
    const at = [...path, name];
    if (field?.type === "object" && isObject(value)) {
      return [name, withoutGuesses(field.fields, value, isObject(wanted) ? wanted : {}, former, at)];
    }
    if (!field || wanted !== null || former.has(formatPath(at))) return [name, value];
    const guess = field.readable === undefined ? undefined : defaultOf(field);
    return [name, guess !== undefined && canonicalJson(guess) === canonicalJson(value) ? null : value];
  });
  return Object.fromEntries(entries);
}

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

/** The texts in what is secret of some values, as they are and by the parts of those that are JSON. */
export function secretTexts(fields: Fields, values: Values): readonly string[] {
  return Object.entries(ownFields(fields)).flatMap(([name, field]): readonly string[] => {
    const value = values[name] ?? null;
    if (field.sensitive) {
      return [value, values[writeOnlyName(name)] ?? null].flatMap((one) =>
        textsIn(one, field.type === "map"),
      );
    }
    const inner = field.type === "object" ? field : field.type === "list" ? field.items : undefined;
    if (inner?.type !== "object") return [];
    return [value].flat().flatMap((item: Json) => (isObject(item) ? secretTexts(inner.fields, item) : []));
  });
}

function textsIn(value: Json, isJson = false): readonly string[] {
  if (typeof value === "string") return isJson ? [value, ...textsIn(parse(value))] : [value];
  if (Array.isArray(value)) return value.flatMap((item: Json) => textsIn(item));
  return isObject(value) ? Object.values(value).flatMap((item) => textsIn(item)) : [];
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
