import type { Field, Fields, FileShape, ListShape, ObjectShape, Shape } from "../../core/field.ts";
import {
  describeAlternatives,
  describeConflict,
  describeDuplicate,
  findConflicts,
  findFileFaults,
} from "../../core/schema-errors.ts";
import { formatPath, type Path } from "../../core/spec-walk.ts";
import { canonicalJson, isObject, type Json, type Values } from "../../core/value.ts";
import { toValues } from "../resource/attribute-conversion.ts";
import type { Attributes } from "../schema/attribute.ts";
import { type CozeKind, describeReference, resourceType, writeOnlyName } from "../schema/names.ts";

import { hasWriteOnly, ownFields, resourceSchema } from "../schema/resource-schema.ts";
import { findScalarErrors } from "../values/scalars.ts";
import { hasUnknown, unknown } from "../values/unknown.ts";
import { type Files, readableFile } from "./file-content.ts";
import type { ProviderDiagnostic, ResourceState } from "./provider-interface.ts";
import { errorAt, sentence } from "./text.ts";

type LocalFiles = Pick<Files, "look">;

/**
 * All that is wrong with the configuration of a resource, as far as it is known: each field by itself, fields with each
 * other, local files, and the kind's own rules once nothing else is wrong.
 */
export function validateConfig(
  kind: CozeKind,
  config: ResourceState,
  files: LocalFiles,
): readonly ProviderDiagnostic[] {
  const { attributes } = resourceSchema(kind);
  const diagnostics = [
    ...findComputed(attributes, config, []),
    ...checkFields({ fields: kind.fields }, config, [], files),
  ];
  const isSound = diagnostics.every(({ severity }) => severity === "warning");
  return isSound && !hasUnknown(config) ? [...diagnostics, ...checkRules(kind, config, files)] : diagnostics;
}

/** Terraform itself doesn't refuse values of attributes that only the provider sets. */
function findComputed(attributes: Attributes, values: Values, path: Path): readonly ProviderDiagnostic[] {
  return Object.entries(attributes).flatMap(([name, attribute]): readonly ProviderDiagnostic[] => {
    const value = values[name] ?? null;
    const at = [...path, name];
    if (value === null) return [];
    const isComputed = attribute.computed && !attribute.optional && !attribute.required;
    if (isComputed) return [errorAt(`${formatPath(at)} is set by Coze or the provider`, "remove it", at)];
    const { type } = attribute;
    if (typeof type === "string" || !("nested" in type) || value === unknown) return [];
    const { attributes: inner } = type.nested;
    const items = Array.isArray(value)
      ? value.map((item: Json, index) => [item, [...at, index]] as const)
      : [];
    return (isObject(value) ? [[value, at] as const] : items).flatMap(([item, place]) =>
      isObject(item) && item !== unknown ? findComputed(inner, item, place) : [],
    );
  });
}

/** What the words mean that stand for a whole object in manifests, where a part of one was refused. */
function hintAtWords({ shorthand = {} }: Owner, name: string, value: Json): string | undefined {
  const parts = Object.entries(shorthand).flatMap(([word, object]) =>
    name in object ? [[word, JSON.stringify(object[name])] as const] : [],
  );
  const [, meant] = parts.find(([word]) => word === value) ?? [];
  if (meant !== undefined) return `write ${meant}`;
  return parts.length === 0 ? undefined : parts.map(([word, part]) => `${part} is ${word}`).join(", ");
}

interface Owner {
  readonly fields: Fields;
  readonly exactlyOne?: readonly string[] | undefined;
  readonly shorthand?: ObjectShape["shorthand"] | undefined;
}

function checkFields(
  owner: Owner,
  values: Values,
  path: Path,
  files: LocalFiles,
): readonly ProviderDiagnostic[] {
  const own = ownFields(owner.fields);
  const checked = Object.entries(own).flatMap(([name, field]) => [
    ...checkField(field, values[name] ?? null, [...path, name], files).map((diagnostic) => {
      const hint = diagnostic.detail === undefined && hintAtWords(owner, name, values[name] ?? null);
      return hint ? { ...diagnostic, detail: sentence(hint) } : diagnostic;
    }),
    ...(hasWriteOnly(field) ? checkSecret(field, name, values, path, files) : []),
  ]);
  const given = Object.keys(own).filter((name) => (values[name] ?? null) !== null);
  const conflicts = findConflicts(
    own,
    given.filter((name) => values[name] !== unknown),
  );
  return [
    ...checked,
    ...checkAlternatives({ ...owner, fields: own }, values, path),
    ...conflicts.map(([one, other]) => tellConflict([...path, one], [...path, other])),
  ];
}

function tellConflict(one: Path, other: Path): ProviderDiagnostic {
  const { said, hint } = describeConflict(String(one.at(-1)), String(other.at(-1)));
  return errorAt(said, hint, other);
}

/** A secret is given in one way or in the other. */
function checkSecret(
  field: Field,
  name: string,
  values: Values,
  path: Path,
  files: LocalFiles,
): readonly ProviderDiagnostic[] {
  const secret = writeOnlyName(name);
  const [plain, hidden] = [values[name] ?? null, values[secret] ?? null];
  const at = [...path, secret];
  const both = plain !== null && plain !== unknown && hidden !== null && hidden !== unknown;
  return [...(both ? [tellConflict([...path, name], at)] : []), ...checkField(field, hidden, at, files)];
}

function checkAlternatives(
  { fields, exactlyOne }: Owner,
  values: Values,
  path: Path,
): readonly ProviderDiagnostic[] {
  const names = (exactlyOne ?? []).filter((name) => Object.hasOwn(fields, name));
  const given = names.filter((name) => (values[name] ?? null) !== null);
  // What isn't known yet may turn out to be null.
  const known = given.filter((name) => values[name] !== unknown);
  if (names.length === 0 || known.length === 1 || (known.length === 0 && given.length > 0)) return [];
  const { said, hint } = describeAlternatives(names, known);
  return [errorAt(`${formatPath(path)} ${said}`, hint, path)];
}

function checkField(field: Field, value: Json, path: Path, files: LocalFiles): readonly ProviderDiagnostic[] {
  if (value === unknown || field.presence === "computed") return [];
  if (value !== null) return checkShape(field, value, path, files, field.sensitive === true);
  return field.presence === "required"
    ? [errorAt(`${formatPath(path)} is missing`, `give ${expectedOf(field)}`, path)]
    : [];
}

function checkShape(
  shape: Shape,
  value: Json,
  path: Path,
  files: LocalFiles,
  sensitive: boolean,
): readonly ProviderDiagnostic[] {
  if (value === unknown) return [];
  if (value === null) return [errorAt(`${formatPath(path)} has no value`, "remove it or give a value", path)];
  switch (shape.type) {
    case "object":
      return isObject(value) ? checkFields(shape, value, path, files) : [];
    case "list":
      return Array.isArray(value) ? checkList(shape, value, path, files, sensitive) : [];
    case "file":
      return checkFile(shape, String(value), path, files);
    default:
      return findScalarErrors(shape, value, sensitive).map(
        ({ said, hint, severity }): ProviderDiagnostic => ({
          ...errorAt(`${formatPath(path)}${severity === undefined ? "" : ":"} ${said}`, hint, path),
          ...(severity === undefined ? {} : { severity }),
        }),
      );
  }
}

function checkList(
  shape: ListShape,
  items: readonly Json[],
  path: Path,
  files: LocalFiles,
  sensitive: boolean,
): readonly ProviderDiagnostic[] {
  const lengths = findScalarErrors(shape, items, sensitive).map(({ said, hint }) =>
    errorAt(`${formatPath(path)} ${said}`, hint, path),
  );
  const parts = items.flatMap((item, index) =>
    checkShape(shape.items, item, [...path, index], files, sensitive),
  );
  return [...lengths, ...parts, ...checkKeys(shape, items, path)];
}

function checkKeys({ key }: ListShape, items: readonly Json[], path: Path): readonly ProviderDiagnostic[] {
  if (key === undefined) return [];
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const value = isObject(item) ? (item[key] ?? null) : null;
    if (value === null || value === unknown) return [];
    const text = canonicalJson(value);
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    const at = [...path, index, key];
    const { said, hint } = describeDuplicate(key);
    return [errorAt(`${formatPath(at)}: ${said}`, hint, at)];
  });
}

function checkFile(
  shape: FileShape,
  name: string,
  path: Path,
  files: LocalFiles,
): readonly ProviderDiagnostic[] {
  if (name === "") return [errorAt(`${formatPath(path)} is empty`, `give ${expectedOf(shape)}`, path)];
  const content = readableFile(files, name, path);
  if ("diagnostic" in content) return [content.diagnostic];
  const faults = findFileFaults(shape, name, content.size);
  return faults.map(({ said, hint }) => errorAt(`${formatPath(path)}: ${said}`, hint, path));
}

/** Rules between fields, which see files by their content. */
function checkRules(kind: CozeKind, config: ResourceState, files: LocalFiles): readonly ProviderDiagnostic[] {
  const fileOf = (path: string): Json => {
    const { sha256 = "", size = 0 } = files.look(path) ?? {};
    return { $file: path, sha256, size };
  };
  const problems = kind.check?.(toValues(kind.fields, config, { fileOf, secrets: "sent" })) ?? [];
  return problems.map(({ path, message, hint }) =>
    errorAt(path.length === 0 ? message : `${formatPath(path)}: ${message}`, hint, path),
  );
}

/** What may be given for a field, in words. */
function expectedOf(shape: Shape): string {
  switch (shape.type) {
    case "string":
      return shape.patternHint?.() ?? (shape.format === "uri" ? "a URL" : "a text");
    case "enum":
      return `one of ${shape.values.join(", ")}`;
    case "integer":
      return "a whole number";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "ref":
      return `the id of a ${resourceType({ name: shape.kind })}: ${describeReference(shape)}`;
    case "file":
      return "the path of a file";
    case "list":
      return "a list";
    case "map":
      return "jsonencode({…})";
    case "object":
      return shape.exactlyOne ? `an object with ${shape.exactlyOne.join(" or ")}` : "an object";
  }
}
