import { findTextFault } from "../core/content-faults.ts";
import { isEmpty, meansTheSame } from "../core/equality.ts";
import type { Field, Fields, Shape } from "../core/field.ts";
import { findConflicts } from "../core/schema-errors.ts";
import { leavesOf, type Path } from "../core/spec-walk.ts";
import { canonicalJson, isObject, type Json, type Values } from "../core/value.ts";
import type { KindSchema } from "../kind/schema.ts";
import { collectDiagnostics } from "../manifest/collected-problems.ts";
import { apiVersion } from "../manifest/schema/header-fields.ts";
import { manifestValidator } from "../manifest/schema/validate.ts";
import { escapeInterpolation, isMistyped } from "../manifest/values/substitute.ts";
import type { SourceEntry, SourceNode } from "../manifest/yaml/source-tree.ts";
import { say } from "../messages/text.ts";

/** The required fields of a kind that Coze never returns: without them there is no manifest. */
export function findUnreturned({ fields }: KindSchema): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (field.presence !== "required") return [];
    if (field.readable === false) return [name];
    const ways = field.type === "object" ? (field.exactlyOne ?? []) : [];
    const isHidden = (way: string) => field.type === "object" && field.fields[way]?.readable === false;
    return ways.length > 0 && ways.every(isHidden) ? [name] : [];
  });
}

/**
 * What a manifest would say of an object: what Coze shows of it, without what only Coze sets and without Coze's own
 * defaults. References are ids.
 */
export const specOf = (fields: Fields, live: Values): Values => readFields(fields, live).values;

/** `isPlain`: everything that was shown is Coze's default. */
function readFields(fields: Fields, live: Values): { readonly values: Values; readonly isPlain: boolean } {
  const values: Record<string, Json> = {};
  let isPlain = true;
  for (const [name, field] of Object.entries(fields)) {
    const value = live[name];
    if (field.presence === "computed" || field.readable === false || value === undefined || value === null)
      continue;
    const read = readField(field, value);
    if (!read.isPlain) isPlain = false;
    if (!read.isPlain || field.presence === "required") values[name] = read.value;
  }
  return { values, isPlain };
}

function readField(field: Field, value: Json): { readonly value: Json; readonly isPlain: boolean } {
  if (field.type === "object" && isObject(value)) {
    const { values, isPlain } = readFields(field.fields, value);
    return { value: values, isPlain };
  }
  const isPlain = field.default === undefined ? isEmpty(value) : meansTheSame(field, field.default, value);
  return { value: readShape(field, value), isPlain };
}

function readShape(shape: Shape, value: Json): Json {
  if (shape.type === "object" && isObject(value)) return readFields(shape.fields, value).values;
  if (shape.type !== "list" || !Array.isArray(value)) return value;
  const items = value.map((item: Json) => readShape(shape.items, item));
  // Coze promises no order, and files shall be the same every time.
  return shape.unordered ? items.sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)) : items;
}

/** A field that isn't written, by its dotted path, and why. */
interface OmittedField {
  readonly field: string;
  readonly message: string;
}

/** What a manifest may say, and what it can't. */
export interface FittedSpec {
  readonly spec: Values;
  readonly omitted: readonly OmittedField[];
  /** A required field is among what can't be said. */
  readonly lacking?: OmittedField | undefined;
}

/**
 * Takes fields out of a spec until it is valid: Coze may hold what manifests can't say, such as longer texts. `isSecret`
 * tells whether a text must not be written in clear.
 */
export function fitSpec(
  kind: KindSchema,
  kinds: readonly KindSchema[],
  spec: Values,
  isSecret: (text: string) => boolean,
): FittedSpec {
  const omitted: OmittedField[] = [];
  for (let rest = spec; ; ) {
    const faults = findFaults(kind, kinds, rest, isSecret).map(({ path, message }) => ({
      path: findOmissible(kind.fields, path),
      message,
    }));
    if (faults.length === 0) return { spec: rest, omitted };
    for (const { path, message } of faults) {
      const [name = ""] = path;
      const field = path.join(".");
      const isRequired = path.length <= 1 && kind.fields[name]?.presence !== "optional";
      if (isRequired) return { spec: rest, omitted, lacking: { field, message } };
      if (!omitted.some((one) => one.field === field)) omitted.push({ field, message });
      rest = withoutField(rest, path);
    }
  }
}

/** Whether a text may have a file of its own, in which nothing is put in. */
export const isText = (shape: Shape | undefined): boolean => shape?.type === "string" && shape.text === true;

/** Whether a file gives a text back as it is: it is read as UTF-8, with LF, and without a byte order mark. */
export function fitsFile(text: string): boolean {
  const bytes = Buffer.from(text);
  if (/\r|^\ufeff/u.test(text) || bytes.toString() !== text) return false;
  return findTextFault("text.md", bytes) === undefined;
}

const isSayable = (shape: Shape, text: string): boolean =>
  !isMistyped(escapeInterpolation(text)) || (isText(shape) && fitsFile(text));

interface Fault {
  readonly path: Path;
  readonly message: string;
}

/** The field around a fault that can be left out: within lists, the whole list. */
function findOmissible(fields: Fields, path: Path): readonly string[] {
  const [name = "", ...inner] = path.map(String);
  const field = fields[name];
  if (field?.type !== "object" || inner.length === 0) return [name];
  const rest = findOmissible(field.fields, inner);
  return field.fields[rest[0] ?? ""]?.presence === "optional" || rest.length > 1 ? [name, ...rest] : [name];
}

function withoutField(values: Values, [name = "", ...inner]: readonly string[]): Values {
  const { [name]: value, ...others } = values;
  if (inner.length === 0 || !isObject(value)) return others;
  const rest = withoutField(value, inner);
  return Object.keys(rest).length === 0 ? others : { ...values, [name]: rest };
}

function findFaults(
  kind: KindSchema,
  kinds: readonly KindSchema[],
  spec: Values,
  isSecret: (text: string) => boolean,
): readonly Fault[] {
  const secrets = findTexts(spec, [])
    .filter(({ text }) => isSecret(text))
    .map(({ path }) => ({ path, message: say("export/holds-secret") }));
  if (secrets.length > 0) return secrets;
  const mistyped = leavesOf(kind.fields, spec)
    .filter(({ shape, value }) => typeof value === "string" && !isSayable(shape, value))
    .map(({ path }) => ({ path, message: say("export/looks-like-variable") }));
  if (mistyped.length > 0) return mistyped;
  const invalid = findInvalid(kind, kinds, spec);
  if (invalid.length > 0) return invalid;
  const conflicts = findConflicts(kind.fields, Object.keys(spec)).map(([earlier, name]) => ({
    path: [name],
    message: say("export/conflicts", { field: earlier }),
  }));
  return [...conflicts, ...(kind.check?.(spec) ?? [])];
}

function findTexts(value: Json, path: Path): readonly { readonly text: string; readonly path: Path }[] {
  if (typeof value === "string") return [{ text: value, path }];
  if (typeof value !== "object" || value === null) return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, one]) => [
    ...(typeof key === "string" ? [{ text: key, path }] : []),
    ...findTexts(one as Json, [...path, key]),
  ]);
}

/** What the schema of manifests objects to. */
function findInvalid(kind: KindSchema, kinds: readonly KindSchema[], spec: Values): readonly Fault[] {
  const { report, diagnostics } = collectDiagnostics();
  const written = nameReferences(kind.fields, spec);
  const named = { apiVersion, kind: kind.name, metadata: { name: "name" }, spec: written };
  manifestValidator(kinds)(placeByPath(named, []), report);
  return [...diagnostics].flatMap(({ message, at, severity }) => {
    const [part, ...path] = JSON.parse(at?.file ?? "[]") as Path;
    return severity === "error" && part === "spec" ? [{ path, message }] : [];
  });
}

/** A spec with ids in the form in which manifests write them. */
const nameReferences = (fields: Fields, spec: Values): Values =>
  Object.fromEntries(
    Object.entries(spec).map(([name, value]) => {
      const field = fields[name];
      return [name, field ? nameReference(field, value) : value];
    }),
  );

function nameReference(shape: Shape, value: Json): Json {
  if (shape.type === "ref" && typeof value === "string") return { id: value };
  if (shape.type === "list" && Array.isArray(value))
    return value.map((item: Json) => nameReference(shape.items, item));
  return shape.type === "object" && isObject(value) ? nameReferences(shape.fields, value) : value;
}

/** A value each part of which has its path for a place, so that problems tell the path. */
function placeByPath(value: Json, path: readonly (string | number)[]): SourceNode {
  const at = { file: JSON.stringify(path), line: 1, column: 1 };
  if (Array.isArray(value))
    return { type: "list", at, items: value.map((item: Json, index) => placeByPath(item, [...path, index])) };
  if (!isObject(value)) return { type: "scalar", at, value: value as string, source: String(value) };
  const entries = Object.entries(value).map(([key, item]): [string, SourceEntry] => [
    key,
    { key: at, value: placeByPath(item, [...path, key]) },
  ]);
  return { type: "map", at, entries: new Map(entries) };
}
