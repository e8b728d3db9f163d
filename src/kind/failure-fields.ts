import type { Failure } from "../core/failure.ts";
import type { Fields, Shape } from "../core/field.ts";
import type { Path } from "../core/spec-walk.ts";
import { isObject, type Json, type Values } from "../core/value.ts";
import type { KindSchema } from "./schema.ts";

/** What tells which field an error is about. */
export type FailureFields = Pick<KindSchema, "fields" | "failureFields">;

/**
 * The fields of a spec that an error is about, if any can be found: by its code, by the API's name for a parameter in
 * Coze's message, or by what Coze objects to. `sent`: top-level fields of the call that failed.
 */
export function findFailureFields(
  { fields, failureFields = {} }: FailureFields,
  { field, code, about, said = "" }: Failure,
  spec: Values,
  sent: readonly string[],
): readonly Path[] {
  if (field !== undefined) return [[field]];
  const all = listLeaves(fields, spec);
  const byCode = failureFields[code ?? ""];
  if (typeof byCode === "object") {
    const isNamed = ({ path }: Leaf): boolean => byCode.some((name) => isWithin(path, name));
    return all.filter((leaf) => isFreeText(leaf) && isNamed(leaf)).map(({ path }) => path);
  }
  const leaves = all.filter(({ path }) => sent.includes(String(path[0])));
  if (about === "texts") return leaves.filter(isFreeText).map(({ path }) => path);
  if (about === "files") return leaves.filter(({ shape }) => shape.type === "file").map(({ path }) => path);
  const own = new Map(listNames(fields).map((path) => [path.at(-1) ?? "", path.join(".")]));
  const words = said.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [];
  const byWord = words.flatMap(
    (word) => (Object.hasOwn(failureFields, word) ? failureFields[word] : own.get(word)) ?? [],
  );
  // The deepest path is the most specific: `model.temperature` beside `model`.
  const named = [...(byCode ? [byCode] : []), ...byWord.sort((one, other) => depthOf(other) - depthOf(one))];
  const paths = named.flatMap((name) => {
    const leaf = leaves.find(({ path }) => isWithin(path, name));
    return leaf ? [leaf.path.slice(0, depthOf(name))] : [];
  });
  return paths.slice(0, 1);
}

interface Leaf {
  readonly path: Path;
  readonly shape: Shape;
  readonly value: Json;
}

const depthOf = (name: string): number => name.split(".").length;

/** A text that a user wrote, unlike an id, an address or an enum value. */
const isFreeText = ({ shape, value }: Leaf): boolean =>
  shape.type === "string" && shape.pattern === undefined && shape.format === undefined && value !== "";

/** Whether a path leads to a field or into it; names of fields have no list indexes. */
function isWithin(path: Path, name: string): boolean {
  const steps = name.split(".");
  const shown = path.filter((step) => typeof step === "string");
  return steps.every((step, index) => shown[index] === step) && typeof path[steps.length - 1] === "string";
}

/** The paths of all fields, without indexes. */
function listNames(fields: Fields): readonly (readonly string[])[] {
  return Object.entries(fields).flatMap(([name, field]) => [
    ...(field.type === "object" ? listNames(field.fields).map((path) => [name, ...path]) : []),
    [name],
  ]);
}

/** The leaf values of a spec with their shapes; no sensitive ones. */
function listLeaves(fields: Fields, values: Values): readonly Leaf[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const field = fields[name];
    return field && !field.sensitive ? leavesOf(field, value, [name]) : [];
  });
}

function leavesOf(shape: Shape, value: Json, path: Path): readonly Leaf[] {
  if (shape.type === "object" && isObject(value)) {
    return listLeaves(shape.fields, value).map((leaf) => ({ ...leaf, path: [...path, ...leaf.path] }));
  }
  if (shape.type === "list" && Array.isArray(value) && value.length > 0) {
    return value.flatMap((item: Json, index) => leavesOf(shape.items, item, [...path, index]));
  }
  return [{ shape, value, path }];
}
