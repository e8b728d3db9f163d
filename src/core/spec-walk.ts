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
  return mapObject(fields, values, undefined, visit);
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

/** Every shape that values of these fields may have a part of. */
export function shapesIn(fields: Fields): readonly (Shape & Pick<Field, "sensitive">)[] {
  const inside = (shape: Shape): readonly Shape[] => {
    if (shape.type === "object") return shapesIn(shape.fields);
    const inner = shape.type === "list" ? shape.items : shape.type === "map" ? shape.values : undefined;
    return inner ? [inner, ...inside(inner)] : [];
  };
  return Object.values(fields).flatMap((field) => [field, ...inside(field)]);
}

/** A step on the way to a leaf. */
interface Way {
  readonly from: Way | undefined;
  readonly step: string | number;
  readonly sensitive: boolean;
}

/** A leaf that writes its path only when it is read: hardly any visit does that. */
class VisitedLeaf implements Leaf {
  readonly shape: Shape;
  readonly value: Json;
  readonly #way: Way;

  constructor(shape: Shape, value: Json, way: Way) {
    this.shape = shape;
    this.value = value;
    this.#way = way;
  }

  get path(): Path {
    const path: (string | number)[] = [];
    for (let way: Way | undefined = this.#way; way; way = way.from) path.unshift(way.step);
    return path;
  }

  get sensitive(): boolean {
    return this.#way.sensitive;
  }
}

function mapObject(
  fields: Fields,
  values: Values,
  from: Way | undefined,
  visit: (leaf: Leaf) => Json,
): Values {
  const isSecret = from?.sensitive === true;
  const changed: [string, Json][] = [];
  for (const name of Object.keys(values)) {
    const value = values[name] as Json;
    const field = fields[name];
    if (!field) continue;
    const way = { from, step: name, sensitive: isSecret || field.sensitive === true };
    const next = mapShape(field, value, way, visit);
    if (next !== value) changed.push([name, next]);
  }
  return withChanged(values, changed);
}

/** Values with some of them replaced, in their order; the same if none is. */
const withChanged = (values: Values, changed: readonly (readonly [string, Json])[]): Values =>
  changed.length === 0
    ? values
    : Object.fromEntries(new Map<string, Json>([...Object.entries(values), ...changed]));

function mapShape(shape: Shape, value: Json, way: Way, visit: (leaf: Leaf) => Json): Json {
  const { sensitive } = way;
  if (shape.type === "object" && isObject(value)) return mapObject(shape.fields, value, way, visit);
  if (shape.type === "list" && Array.isArray(value)) {
    const items = value.map((item: Json, step) =>
      mapShape(shape.items, item, { from: way, step, sensitive }, visit),
    );
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const values = shape.type === "map" ? shape.values : undefined;
  if (values && isObject(value)) {
    const changed = Object.entries(value).flatMap(([step, item]): [string, Json][] => {
      const next = mapShape(values, item, { from: way, step, sensitive }, visit);
      return next === item ? [] : [[step, next]];
    });
    return withChanged(value, changed);
  }
  return visit(new VisitedLeaf(shape, value, way));
}

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

/** The shape of the values at a path; undefined where the fields have none. */
export function shapeAt(fields: Fields, path: Path): Shape | undefined {
  let shape: Shape | undefined = { type: "object", fields };
  for (const step of path) {
    if (shape?.type === "object") shape = shape.fields[String(step)];
    else if (shape?.type === "list") shape = shape.items;
    else if (shape?.type === "map") shape = shape.values ?? shape;
    else return undefined;
  }
  return shape;
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
