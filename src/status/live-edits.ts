import type { Address } from "../core/address.ts";
import type { Fields, RefShape, Shape } from "../core/field.ts";
import { formatPath, leavesOf, type Path, valueAt } from "../core/spec-walk.ts";
import { canonicalJson, isLookup, isObject, isReference, type Json, type Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Resource, WrittenPart } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import { type FieldStanding, pathToList } from "./field-standings.ts";

/** A value of a manifest that becomes what Coze holds, both in the words of manifests. */
export interface LiveEdit {
  readonly address: Address;
  readonly path: Path;
  readonly before: Json;
  /** Undefined: the field is taken out. */
  readonly after: Json | undefined;
  readonly part: WrittenPart;
}

/** Why a value that was edited at Coze can't be written back. */
export interface EditObstacle {
  readonly address: Address;
  readonly path: Path;
  /**
   * `unwritten`: no file has the field; `shared`: other resources are made of the same place; `output`: another project
   * gives the value.
   */
  readonly reason: "unwritten" | "shared" | "output";
  readonly others?: readonly Address[] | undefined;
}

/** What to write back. */
export interface LiveEdits {
  readonly edits: readonly LiveEdit[];
  readonly obstacles: readonly EditObstacle[];
}

/** Resources whose objects were edited at Coze. */
export interface EditedResource {
  readonly resource: Resource;
  /** Its spec with an id for each reference. */
  readonly resolved: Values;
  /** What Coze holds. */
  readonly live: Values;
  readonly fields: readonly FieldStanding[];
  /** Fields are written that the manifest lacks, and taken out where `live` lacks them. */
  readonly whole?: true | undefined;
}

interface EditContext {
  readonly kinds: readonly KindSchema[];
  /** All of the project: others may be made of the same place. */
  readonly resources: readonly Resource[];
  /** The name by which manifests refer to an object, by kind and id. */
  readonly nameOf: (kind: string, id: string) => string | undefined;
  /** The file that a text's path leads to. */
  readonly fileOf: (textFile: string) => string;
  /** How a part of a manifest names the directory of another project, which is relative to this project's. */
  readonly projectFrom: (part: WrittenPart, project: string) => string;
}

/** Finds what manifests have to say so that they say what Coze holds. Pure. */
export function findLiveEdits(edited: readonly EditedResource[], context: EditContext): LiveEdits {
  const edits: LiveEdit[] = [];
  const obstacles: EditObstacle[] = [];
  const findSharers = indexSharers(context);
  for (const { resource, resolved, live, fields, whole = false } of edited) {
    const kind = findKind(context, resource.kind);
    const { address } = resource;
    const lookups = lookupsIn(kind.fields, resource.spec, resolved);
    const spellIn = (part: WrittenPart): Spell => {
      const outputs = outputsIn(resource, (project) => context.projectFrom(part, project));
      return {
        reference: (shape, id, at) =>
          outputs(at, id) ?? lookups.get(id) ?? nameReference(shape, id, context.nameOf),
        text: (value, at) => outputs(at, value) ?? value,
      };
    };
    for (const path of pathsToEdit(kind.fields, fields)) {
      const shape = shapeAt(kind.fields, path);
      const part = resource.written?.(path);
      const [old, now] = [valueAt(resource.spec, path), valueAt(live, path)];
      const isDefault = part?.isDefault === true;
      const isAdded = isDefault || (whole && old === undefined && now !== undefined);
      const into = shape && isAdded ? findHolder(resource, path) : undefined;
      if (into && shape) {
        const sharers = isDefault ? findSharers(into.part, address) : [];
        if (sharers.length > 0) obstacles.push({ address, path, reason: "shared", others: sharers });
        else {
          const value = now ?? (whole ? null : emptyOf(shape));
          const written = writeValue(shape, value, spellIn(into.part), path);
          add(edits, { address, path, part: into.part }, into.steps, written);
        }
        continue;
      }
      if (!part || isDefault || !shape || old === undefined) {
        obstacles.push({ address, path, reason: "unwritten" });
        continue;
      }
      const others = findSharers(part, address);
      if (others.length > 0) obstacles.push({ address, path, reason: "shared", others });
      else if (replacesOutput(resource, path, live)) obstacles.push({ address, path, reason: "output" });
      else {
        const spell = spellIn(part);
        const write = (value: Json): Json => writeValue(shape, value, spell, path);
        const isOut = whole && now === undefined;
        const after = isOut ? undefined : write(now ?? emptyOf(shape));
        edits.push({ address, path, part, before: write(old), after });
      }
    }
  }
  return { edits, obstacles };
}

/**
 * The map of the manifest that a new field goes into, and the keys from there to the field: maps that only defaults have
 * are made. Undefined where no map is written.
 */
function findHolder(
  { written, spec }: Resource,
  path: Path,
): { readonly part: WrittenPart; readonly steps: readonly string[] } | undefined {
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    const above = path.slice(0, depth);
    const part = isObject(valueAt(spec, above)) ? written?.(above) : undefined;
    if (!part || part.textFile !== undefined) return undefined;
    if (!part.isDefault) return { part, steps: path.slice(depth).map(String) };
  }
  return undefined;
}

/** Adds a key to a map of a manifest, or to what an earlier edit adds there. */
function add(
  edits: LiveEdit[],
  edit: Omit<LiveEdit, "before" | "after">,
  steps: readonly string[],
  value: Json,
): void {
  const added = steps.reduceRight<Json>((inner, step) => ({ [step]: inner }), value);
  const [name = ""] = steps;
  const earlier = edits.findIndex(
    ({ part, before, after = null }) =>
      part.at === edit.part.at && canonicalJson(before) === "{}" && isObject(after) && name in after,
  );
  const other = edits[earlier];
  if (!other) edits.push({ ...edit, before: {}, after: added });
  else {
    edits[earlier] = { ...other, after: mergeMaps(other.after ?? {}, added) };
    edits.push({ ...edit, before: {}, after: {} });
  }
}

function mergeMaps(one: Json, other: Json): Json {
  if (!isObject(one) || !isObject(other)) return other;
  const merged = Object.entries(other).map(([key, value]): [string, Json] => {
    const known = one[key];
    return [key, known === undefined ? value : mergeMaps(known, value)];
  });
  return { ...one, ...Object.fromEntries(merged) };
}

/** The paths of values that were edited at Coze, each once; a list whose items have keys is one value. */
function pathsToEdit(fields: Fields, standings: readonly FieldStanding[]): readonly Path[] {
  const paths = standings
    .filter(({ ahead }) => ahead === "live" || ahead === "both")
    .map(({ change }) => pathToList(fields, change.path));
  return [...new Map(paths.map((path) => [formatPath(path), path])).values()];
}

function shapeAt(fields: Fields, path: Path): Shape | undefined {
  let shape: Shape | undefined = { type: "object", fields };
  for (const step of path) {
    if (shape?.type === "object") shape = shape.fields[String(step)];
    else if (shape?.type === "map") shape = shape.values;
    else return undefined;
  }
  return shape;
}

/** Finds the other resources that are made of a place: items of a `for_each`, manifests with one text. */
function indexSharers({ resources, fileOf }: EditContext) {
  const nameOf = ({ at, textFile }: WrittenPart): string =>
    textFile === undefined ? `${at.file}:${at.line}:${at.column}` : fileOf(textFile);
  const sharers = new Map<string, Set<Address>>();
  for (const resource of resources) {
    for (const part of partsOf(resource)) {
      for (const name of [nameOf(part), ...(part.included ?? []).map(fileOf)]) {
        const known = sharers.get(name);
        if (known) known.add(resource.address);
        else sharers.set(name, new Set([resource.address]));
      }
    }
  }
  return (part: WrittenPart, address: Address): readonly Address[] =>
    [...(sharers.get(nameOf(part)) ?? [])].filter((one) => one !== address);
}

/** How every part of a resource's spec is written. */
function partsOf({ spec, written }: Resource): readonly WrittenPart[] {
  const find = (value: Json, path: Path): readonly WrittenPart[] => {
    const inner = isObject(value)
      ? Object.entries(value).flatMap(([key, item]) => find(item, [...path, key]))
      : [];
    const own = written?.(path);
    return own ? [own, ...inner] : inner;
  };
  const whole = written?.([]);
  return [...(whole ? [whole] : []), ...Object.entries(spec).flatMap(([key, value]) => find(value, [key]))];
}

const emptyOf = (shape: Shape): Json =>
  shape.type === "list" ? [] : shape.type === "map" || shape.type === "object" ? {} : "";

/** A value in the words of manifests: references by name, objects by their short forms. `at`: where it is in the spec. */
function writeValue(shape: Shape, value: Json, spell: Spell, at: Path): Json {
  if (shape.type === "ref") return writeReference(shape, value, spell, at);
  if (shape.type === "string" && typeof value === "string") return spell.text(value, at);
  if (shape.type === "list" && Array.isArray(value))
    return value.map((item: Json, index) => writeValue(shape.items, item, spell, [...at, index]));
  if (shape.type === "map" && shape.values && isObject(value)) {
    const { values } = shape;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, writeValue(values, item, spell, [...at, key])]),
    );
  }
  if (shape.type !== "object" || !isObject(value)) return value;
  const word = Object.entries(shape.shorthand ?? {}).find(
    ([, whole]) => canonicalJson(whole) === canonicalJson(value),
  );
  if (word) return word[0];
  const { fields } = shape;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const field = fields[key];
      return [key, field ? writeValue(field, item, spell, [...at, key]) : item];
    }),
  );
}

/** Writes what a manifest doesn't have as Coze has it. */
interface Spell {
  /** The reference to an object by its id. */
  readonly reference: (shape: RefShape, id: string, at: Path) => Json;
  readonly text: (value: string, at: Path) => Json;
}

/** A path in which the items of a list are alike: Coze may hold them in another order. */
const placeOf = (path: Path): string => formatPath(path.map((step) => (typeof step === "number" ? 0 : step)));

/** Finds the output of another project that gives a value at a place, as manifests write it. */
function outputsIn({ outputs = [] }: Resource, from: (project: string) => string) {
  const keyOf = (path: Path, value: string): string => JSON.stringify([placeOf(path), value]);
  const known = new Map(
    outputs.map(({ path, project, output, environment, value }): readonly [string, Json] => [
      keyOf(path, value),
      { project: from(project), output, ...(environment !== undefined && { environment }) },
    ]),
  );
  return (path: Path, value: string): Json | undefined => known.get(keyOf(path, value));
}

/** Whether the value of an output gives way to another one. References may leave a list. */
function replacesOutput({ outputs = [], spec }: Resource, edited: Path, live: Values): boolean {
  return outputs.some(({ path, value }) => {
    if (!edited.every((step, index) => path[index] === step)) return false;
    const list = path.slice(0, -1);
    const [before, now] = [valueAt(spec, list), valueAt(live, list)];
    if (typeof path.at(-1) !== "number" || !Array.isArray(before)) return valueAt(live, path) !== value;
    const items: readonly Json[] = Array.isArray(now) ? now : [];
    return !items.includes(value) && items.length >= before.length;
  });
}

/** By id, the lookups that a spec finds objects with. */
function lookupsIn(fields: Fields, spec: Values, resolved: Values): ReadonlyMap<string, Json> {
  return new Map(
    leavesOf(fields, spec).flatMap(({ value, path }): readonly [string, Json][] => {
      const id = valueAt(resolved, path);
      return isLookup(value) && typeof id === "string" ? [[id, { lookup: value.$lookup }]] : [];
    }),
  );
}

function writeReference(shape: RefShape, value: Json, spell: Spell, at: Path): Json {
  if (isLookup(value)) return { lookup: value.$lookup };
  if (isReference(value)) return nameReference(shape, value.$ref, nameIn);
  return typeof value === "string" ? spell.reference(shape, value, at) : value;
}

/** The name of what a reference means, with the word for its kind where it isn't the usual one. */
function nameReference(
  shape: RefShape,
  value: string,
  nameOf: (kind: string, value: string) => string | undefined,
): Json {
  const usual = nameOf(shape.kind, value);
  if (usual !== undefined) return usual;
  for (const [word, { kind }] of Object.entries(shape.others ?? {})) {
    const name = nameOf(kind, value);
    if (name !== undefined) return { [word]: name };
  }
  return { id: value };
}

/** The name of an address of this kind. */
const nameIn = (kind: string, address: Address): string | undefined =>
  address.startsWith(`${kind}.`) ? address.slice(kind.length + 1) : undefined;
