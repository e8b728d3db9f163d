import type { Address } from "../core/address.ts";
import type { Field, Fields } from "../core/field.ts";
import { formatPath, mapLeaves, type Path } from "../core/spec-walk.ts";
import { describeTime } from "../core/time.ts";
import { isFileContent, isObject, isReference, type Json, type Values } from "../core/value.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Return } from "./rollback.ts";
import { placedFields } from "./three-way-merge.ts";

/**
 * What a rollback wants of a name: its earlier release over its manifest, which goes on deciding where it is and who
 * sees it, and gives what a history never holds, secrets and files. `addressOf` tells whose object an id is.
 */
export function restoreReleased(
  kind: KindSchema,
  resource: Resource,
  { target, left, entry }: Return,
  addressOf: (id: string) => Address | undefined,
): Resource {
  const notes = [describeTarget({ target, ...(left ? { left } : {}) })];
  if (kind.replacement === "keep-old") {
    // What is there again stays as it is, down to what can't change.
    const taken = left && left.id !== target.id ? [`${target.id} takes the place of ${left.id}`] : [];
    return { ...resource, spec: entry.spec, promoted: { own: entry.spec, notes: [...notes, ...taken] } };
  }
  const blended: Blended = { stays: [] };
  const placed = placedFields(kind);
  const fields = Object.entries(kind.fields).filter(([name]) => !placed.has(name));
  const kept = Object.entries(resource.spec).filter(([name]) => placed.has(name));
  const former = restore(Object.fromEntries(fields), [], blended, target.spec ?? {}, resource.spec);
  const dependencies = new Set(resource.dependencies);
  const spec = mapLeaves(kind.fields, { ...Object.fromEntries(kept), ...former }, ({ shape, value }) => {
    const address = shape.type === "ref" && typeof value === "string" ? addressOf(value) : undefined;
    if (isReference(value)) dependencies.add(value.$ref);
    if (address === undefined || address === resource.address) return value;
    dependencies.add(address);
    return { $ref: address };
  });
  const files = blended.stays.map((path) => `${path} stays: a history holds no files`);
  return {
    ...resource,
    spec,
    dependencies: [...dependencies].sort(),
    promoted: { own: resource.spec, notes: [...notes, ...files] },
  };
}

interface Blended {
  /** Paths of files that aren't what they were. */
  readonly stays: string[];
}

function restore(fields: Fields, path: Path, blended: Blended, released: Values, manifest: Values): Values {
  const entries = Object.entries(fields).flatMap(([name, field]): readonly [string, Json][] => {
    const value = restoreField(field, [...path, name], blended, released[name], manifest[name]);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

function restoreField(
  field: Field,
  path: Path,
  blended: Blended,
  released: Json | undefined,
  manifest: Json | undefined,
): Json | undefined {
  if (field.presence === "computed") return undefined;
  if (field.sensitive || field.settable === "create") return manifest;
  if (field.type === "file") {
    const same = isFileContent(released) && isFileContent(manifest) && released.sha256 === manifest.sha256;
    if (released !== undefined && !same) blended.stays.push(formatPath(path));
    return manifest;
  }
  if (field.type === "object" && !(released === undefined && field.clearable === false)) {
    const [former, own] = [released, manifest].map((value) => (isObject(value) ? value : {}));
    const values = restore(field.fields, path, blended, former ?? {}, own ?? {});
    return Object.keys(values).length > 0 ? values : undefined;
  }
  // Whatever Coze shows it showed then, so what is missing wasn't set.
  return released ?? (field.readable === undefined ? field.default : undefined);
}

function describeTarget({ target, left }: Pick<Return, "target" | "left">): string {
  const [name, value] =
    target.version === undefined ? ["revision", target.revision] : ["version", target.version];
  const version = value === undefined ? "" : ` (${name} ${value})`;
  if (target.promotion !== undefined) return `as released on ${describeTime(target.at)}${version}`;
  const before = left?.promotion === undefined ? "" : ` before promotion ${left.promotion}`;
  return `as it was${before}${version}`;
}
