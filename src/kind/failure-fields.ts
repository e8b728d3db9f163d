import type { Failure } from "../core/failure.ts";
import type { Fields, Shape } from "../core/field.ts";
import type { Path } from "../core/spec-walk.ts";
import { isObject, type Json, type Values } from "../core/value.ts";
import type { KindSchema } from "./schema.ts";

/** What tells which field an error is about. */
export type FailureFields = Pick<KindSchema, "fields" | "failureFields">;

/**
 * The parts of a spec that a refusal is about, as far as that can be told: by its code, by the API's name for a
 * parameter in Coze's own words, or by what it objects to; `sent`: top-level fields of the call that failed.
 */
export function findFailureFields(
  { fields, failureFields = {} }: FailureFields,
  { code, about, said = "" }: Failure,
  spec: Values,
  sent: readonly string[],
): readonly Path[] {
  const leaves = listLeaves(fields, spec).filter(({ path }) => sent.includes(String(path[0])));
  if (about === "texts") return leaves.filter(isFreeText).map(({ path }) => path);
  if (about === "files") return leaves.filter(({ shape }) => shape.type === "file").map(({ path }) => path);
  const own = new Map(listNames(fields).map((path) => [path.at(-1) ?? "", path.join(".")]));
  const words = said.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [];
  const byCode = failureFields[code ?? ""];
  const byWord = words.flatMap((word) => failureFields[word] ?? own.get(word) ?? []);
  // The deepest is the most telling: `model.temperature` beside `model`.
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

/** A text that somebody wrote, as opposed to an id, an address or one of a few words. */
const isFreeText = ({ shape, value }: Leaf): boolean =>
  shape.type === "string" && shape.pattern === undefined && shape.format === undefined && value !== "";

/** Whether a path leads to a field or into it; of items of a list the name tells none. */
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

/** Values at the ends of a spec, all that a field says about them beside them; sensitive ones are nobody's to name. */
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
