import { excerpt } from "../../core/excerpt.ts";
import type { Field, Fields, FileShape, ListShape, ObjectShape, Shape } from "../../core/field.ts";
import {
  describeAlternatives,
  describeConflict,
  describeDuplicate,
  findConflicts,
  findFileFaults,
  type SchemaError,
} from "../../core/schema-errors.ts";
import { formatPath, type Path } from "../../core/spec-walk.ts";
import { readDuration } from "../../core/time.ts";
import { canonicalJson, isObject, type Json, type Values } from "../../core/value.ts";
import { explain, say } from "../../messages/text.ts";
import { toValues } from "../resource/attribute-conversion.ts";
import type { Attributes } from "../schema/attribute.ts";
import {
  anyOf,
  type CozeKind,
  describeReference,
  resourceType,
  timeoutsName,
  writeOnlyName,
} from "../schema/names.ts";
import { hasWriteOnly, ownFields, resourceSchema } from "../schema/resource-schema.ts";
import { findScalarErrors } from "../values/scalars.ts";
import { hasUnknown, unknown } from "../values/unknown.ts";
import { type LocalFiles, readableFile } from "./file-content.ts";
import type { ProviderDiagnostic, ResourceState } from "./provider-interface.ts";
import { errorAt, faultAt, sentence } from "./text.ts";

type LookAtFiles = Pick<LocalFiles, "look">;

/** A value's place, and what it is checked with. */
interface Site {
  readonly path: Path;
  readonly files: LookAtFiles;
  /** The value is never repeated. */
  readonly sensitive?: boolean | undefined;
}

const inside = (site: Site, step: string | number): Site => ({ ...site, path: [...site.path, step] });

/**
 * All that is wrong with the configuration of a resource, as far as it is known: each field by itself, fields with each
 * other, local files, and the kind's own rules once nothing else is wrong.
 */
export function validateConfig(
  kind: CozeKind,
  config: ResourceState,
  files: LookAtFiles,
): readonly ProviderDiagnostic[] {
  const { attributes } = resourceSchema(kind);
  const diagnostics = [
    ...findComputed(attributes, config, []),
    ...checkFields({ fields: kind.fields }, config, { path: [], files }),
    ...checkTimeouts(config[timeoutsName] ?? null),
  ];
  const isSound = diagnostics.every(({ severity }) => severity === "warning");
  return isSound && !hasUnknown(config) ? [...diagnostics, ...checkRules(kind, config, files)] : diagnostics;
}

/** What isn't a duration, or is none at all. */
const checkTimeouts = (timeouts: Json): readonly ProviderDiagnostic[] =>
  Object.entries(isObject(timeouts) && timeouts !== unknown ? timeouts : {}).flatMap(([name, given]) => {
    if (typeof given !== "string" || (readDuration(given) ?? 0) > 0) return [];
    const path = [timeoutsName, name];
    const place = formatPath(path);
    return [
      errorAt(
        explain("terraform-provider/timeout", { place, given: excerpt(JSON.stringify(given), 60) }),
        path,
      ),
    ];
  });

/** Terraform itself doesn't refuse values of attributes that only the provider sets. */
function findComputed(attributes: Attributes, values: Values, path: Path): readonly ProviderDiagnostic[] {
  return Object.entries(attributes).flatMap(([name, attribute]): readonly ProviderDiagnostic[] => {
    const value = values[name] ?? null;
    const at = [...path, name];
    if (value === null) return [];
    const isComputed = attribute.computed && !attribute.optional && !attribute.required;
    if (isComputed) return [errorAt(explain("terraform-provider/computed", { field: formatPath(at) }), at)];
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
  if (meant !== undefined) return say("terraform-provider/set", { value: meant });
  const meanings = parts.map(([word, part]) => say("terraform-provider/word-means", { value: part, word }));
  return parts.length === 0 ? undefined : meanings.join(", ");
}

interface Owner {
  readonly fields: Fields;
  readonly exactlyOne?: readonly string[] | undefined;
  readonly shorthand?: ObjectShape["shorthand"] | undefined;
}

function checkFields(owner: Owner, values: Values, site: Site): readonly ProviderDiagnostic[] {
  const { path } = site;
  const own = ownFields(owner.fields);
  const checked = Object.entries(own).flatMap(([name, field]) => [
    ...checkField(field, values[name] ?? null, inside(site, name)).map((diagnostic) => {
      const hint = diagnostic.detail === undefined && hintAtWords(owner, name, values[name] ?? null);
      return hint ? { ...diagnostic, detail: sentence(hint) } : diagnostic;
    }),
    ...(hasWriteOnly(field) ? checkSecret(field, name, values, site) : []),
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
  return errorAt({ message: said, hint }, other);
}

/** A secret is given in one way or in the other. */
function checkSecret(field: Field, name: string, values: Values, site: Site): readonly ProviderDiagnostic[] {
  const secret = writeOnlyName(name);
  const [plain, hidden] = [values[name] ?? null, values[secret] ?? null];
  const both = [plain, hidden].every((value) => value !== null && value !== unknown);
  const conflict = both ? [tellConflict([...site.path, name], [...site.path, secret])] : [];
  return [...conflict, ...checkField(field, hidden, inside(site, secret))];
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
  return [faultAt(formatPath(path), describeAlternatives(names, known), path)];
}

function checkField(field: Field, value: Json, site: Site): readonly ProviderDiagnostic[] {
  if (value === unknown || field.presence === "computed") return [];
  if (value !== null) return checkShape(field, value, { ...site, sensitive: field.sensitive });
  if (field.presence !== "required") return [];
  const message = say("terraform-provider/missing", { field: formatPath(site.path) });
  return [errorAt({ message, hint: hintAtValue(field) }, site.path)];
}

function checkShape(shape: Shape, value: Json, site: Site): readonly ProviderDiagnostic[] {
  const { path, sensitive = false } = site;
  if (value === unknown) return [];
  if (value === null)
    return [errorAt(explain("terraform-provider/no-value", { field: formatPath(path) }), path)];
  switch (shape.type) {
    case "object":
      return isObject(value) ? checkFields(shape, value, site) : [];
    case "list":
      return Array.isArray(value) ? checkList(shape, value, site) : [];
    case "file":
      return checkFile(shape, String(value), site);
    default:
      return findScalarErrors(shape, value, sensitive).map((fault) =>
        fault.severity === "warning"
          ? { ...errorAbout(path, fault), severity: "warning" }
          : faultAt(formatPath(path), fault, path),
      );
  }
}

function checkList(shape: ListShape, items: readonly Json[], site: Site): readonly ProviderDiagnostic[] {
  const { path, sensitive = false } = site;
  const lengths = findScalarErrors(shape, items, sensitive);
  return [
    ...lengths.map((fault) => faultAt(formatPath(path), fault, path)),
    ...items.flatMap((item, index) => checkShape(shape.items, item, inside(site, index))),
    ...checkKeys(shape, items, path),
  ];
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
    return [errorAbout([...path, index, key], describeDuplicate(key))];
  });
}

function checkFile(shape: FileShape, name: string, { path, files }: Site): readonly ProviderDiagnostic[] {
  if (name === "")
    return [errorAt(explain("terraform-provider/file-unset", { field: formatPath(path) }), path)];
  const content = readableFile(files, name, path);
  if ("diagnostic" in content) return [content.diagnostic];
  return findFileFaults(shape, name, content).map((fault) => errorAbout(path, fault));
}

/** Rules between fields, which see files by their content. */
function checkRules(
  kind: CozeKind,
  config: ResourceState,
  files: LookAtFiles,
): readonly ProviderDiagnostic[] {
  const fileOf = (path: string): Json => {
    const { sha256 = "", size = 0 } = files.look(path) ?? {};
    return { $file: path, sha256, size };
  };
  const problems = kind.check?.(toValues(kind.fields, config, { fileOf, secrets: "sent" })) ?? [];
  return problems.map(({ path, message, hint }) =>
    path.length === 0 ? errorAt({ message, hint }, path) : errorAbout(path, { said: message, hint }),
  );
}

/** The error of a field that doesn't read on from its name. */
function errorAbout(path: Path, { said, hint }: SchemaError): ProviderDiagnostic {
  const message = say("terraform-provider/about-place", { place: formatPath(path), problem: said });
  return errorAt({ message, hint }, path);
}

/** What a field may be set to. */
function hintAtValue(shape: Shape): string {
  switch (shape.type) {
    case "string":
      if (shape.patternHint !== undefined)
        return say("terraform-provider/set", { value: shape.patternHint() });
      return shape.format === "uri"
        ? say("terraform-provider/set-url")
        : say("terraform-provider/set-string");
    case "enum":
      return say("terraform-provider/set-enum", { words: shape.values.join(", ") });
    case "integer":
      return say("terraform-provider/set-integer");
    case "number":
      return say("terraform-provider/set-number");
    case "boolean":
      return say("terraform-provider/set-boolean");
    case "ref": {
      const type = resourceType({ name: shape.kind });
      return say("terraform-provider/set-reference", { type, reference: describeReference(shape) });
    }
    case "file":
      return say("terraform-provider/set-file");
    case "list":
      return say("terraform-provider/set-list");
    case "map":
      return say("terraform-provider/set", { value: "jsonencode({…})" });
    case "object":
      return shape.exactlyOne
        ? say("terraform-provider/set-object-with", { fields: anyOf(shape.exactlyOne) })
        : say("terraform-provider/set-object");
  }
}
