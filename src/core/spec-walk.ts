import type { Field, Fields, Shape } from "./field.ts";
import { isObject, type Json, type Values } from "./value.ts";

/** Leads into a spec: field names, map keys, list indexes. */
export type Path = readonly (string | number)[];

/** A path as users write and read it: `model.temperature`, `plugins[0].tool`. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join("");
}

/** One value at the end of a path: anything but an object, a list or a map of shaped values. */
export interface Leaf {
  readonly shape: Shape;
  readonly value: Json;
  readonly path: Path;
  /** It, or something around it, is a secret. */
  readonly sensitive: boolean;
}

/**
 * Values with every leaf replaced by what `visit` returns; unknown keys are kept as they are, and so is each part in which
 * nothing changes.
 */
export function mapLeaves(fields: Fields, values: Values, visit: (leaf: Leaf) => Json): Values {
  return mapObject(fields, values, { path: [], sensitive: false }, visit);
}

/** Every leaf of values, in their order. */
export function leavesOf(fields: Fields, values: Values): readonly Leaf[] {
  const leaves: Leaf[] = [];
  mapLeaves(fields, values, (leaf) => {
    leaves.push(leaf);
    return leaf.value;
  });
  return leaves;
}

interface LeafContext {
  readonly path: Path;
  readonly sensitive: boolean;
}

function mapObject(
  fields: Fields,
  values: Values,
  context: LeafContext,
  visit: (leaf: Leaf) => Json,
): Values {
  return mapValues(values, (value, name) => {
    const field = fields[name];
    return field ? mapShape(field, value, enter(context, name, field), visit) : value;
  });
}

function mapValues(values: Values, change: (value: Json, name: string) => Json): Values {
  const entries = Object.entries(values);
  const changed = entries.map(([name, value]): [string, Json] => [name, change(value, name)]);
  return changed.some(([, value], index) => value !== entries[index]?.[1])
    ? Object.fromEntries(changed)
    : values;
}

function mapShape(shape: Shape, value: Json, context: LeafContext, visit: (leaf: Leaf) => Json): Json {
  if (shape.type === "object" && isObject(value)) return mapObject(shape.fields, value, context, visit);
  if (shape.type === "list" && Array.isArray(value)) {
    const items = value.map((item: Json, index) => mapShape(shape.items, item, enter(context, index), visit));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const values = shape.type === "map" ? shape.values : undefined;
  if (values && isObject(value)) {
    return mapValues(value, (item, key) => mapShape(values, item, enter(context, key), visit));
  }
  return visit({ shape, value, ...context });
}

const enter = (context: LeafContext, step: string | number, field?: Field): LeafContext => ({
  path: [...context.path, step],
  sensitive: context.sensitive || field?.sensitive === true,
});

/** A path down to the first list whose items it tells apart by their keys: manifests have no names for these. */
export function pathAsWritten(fields: Fields, path: Path): Path {
  let shape: Shape | undefined = { type: "object", fields };
  for (const [index, step] of path.entries()) {
    if (shape?.type === "list" && shape.key !== undefined) return path.slice(0, index);
    if (shape?.type === "object") shape = shape.fields[String(step)];
    else if (shape?.type === "list") shape = shape.items;
    else return path;
  }
  return path;
}

/** The value at the end of a path, if the path leads anywhere. */
export function valueAt(values: Values, path: Path): Json | undefined {
  let value: Json | undefined = values;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)] as Json | undefined;
    else value = isObject(value) ? value[String(step)] : undefined;
  }
  return value;
}
