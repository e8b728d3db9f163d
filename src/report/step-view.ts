import type { Address } from "../core/address.ts";
import type { Field, Fields, Shape } from "../core/field.ts";
import { mapLeaves, type Path } from "../core/spec-walk.ts";
import {
  canonicalJson,
  type Digest,
  isObject,
  type Json,
  type Lookup,
  type Reference,
  type Values,
} from "../core/value.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { FieldChange } from "../plan/diff.ts";
import type { Step } from "../plan/plan.ts";
import type { FoundOutput } from "./values.ts";

/** The facts of a kind that reports use. */
export type KindFacts = Pick<KindSchema, "name" | "fields" | "replacement"> &
  Partial<Pick<KindSchema, "title" | "identity">>;

/** A change with a remark. */
interface RemarkedChange extends FieldChange {
  /** A remark at the end of the line. */
  readonly remark?: string | undefined;
}

/** A change as it is shown. With `items`, both sides contain only the removed and added items of a list. */
export interface ShownChange extends RemarkedChange {
  readonly items?: true;
}

/** Whose values are shown. */
type Subject = Pick<Step, "address" | "kind">;

/**
 * Replaces secrets and known ids in values before they are shown: ids by addresses, and what a resource looks up or takes
 * from another project by how its manifest says so.
 */
export interface Presenter {
  spec(subject: Subject, values: Values): Values;
  /** Joins the added and removed items of a list whose items manifests write as words. */
  changes(subject: Subject, changes: readonly RemarkedChange[]): readonly ShownChange[];
}

/** A presenter for the values of a plan, whose steps tell the addresses of ids. */
export function createPresenter(kinds: readonly KindFacts[], steps: readonly Step[]): Presenter {
  const fieldsOf = new Map(kinds.map(({ name, fields }) => [name, fields]));
  const addresses = new Map<string, Address>();
  const found = new Map<string, FoundLookup | FoundOutput>();
  for (const { kind, place, address, lookups = [], outputs = [] } of steps) {
    const at = (path: Path, value: string) => foundKey(address, fieldsOf.get(kind) ?? {}, path, value);
    if (place) addresses.set(keyOf(kind, place.id), address);
    for (const { path, lookup, id } of lookups) found.set(at(path, id), { $lookup: lookup, id });
    for (const { path, project, output, value } of outputs)
      found.set(at(path, value), { $output: output, project, value });
  }

  /** `above`: the path to the values, which are those of the fields `inner`. */
  const present = ({ address, kind }: Subject, inner: Fields, values: Values, above?: Path): Values =>
    mapLeaves(inner, values, ({ shape, value, path, sensitive }) => {
      if (sensitive) return hidden;
      const others = shape.type === "ref" ? Object.values(shape.others ?? {}) : [];
      const named = shape.type === "ref" ? [shape, ...others] : [];
      const known = named.map((one) => addresses.get(keyOf(one.kind, String(value)))).find(Boolean);
      if (known !== undefined) return knownReference(known);
      if (found.size === 0 || typeof value !== "string") return value;
      const whole = above ? [...above, ...path.slice(1)] : path;
      return found.get(foundKey(address, fieldsOf.get(kind) ?? {}, whole, value)) ?? value;
    });
  return {
    // An unknown kind may have secrets in any field.
    spec(subject, values) {
      const fields = fieldsOf.get(subject.kind);
      return fields ? (useWords({ type: "object", fields }, present(subject, fields, values)) as Values) : {};
    },
    changes(subject, changes) {
      const fields = fieldsOf.get(subject.kind) ?? {};
      return joinItems(
        fields,
        changes.map((change) => {
          const shape = shapeAt(fields, change.path);
          const secret = change.sensitive === true || shape === undefined;
          const show = (value: Json | undefined): Json | undefined => {
            if (value === undefined || secret) return value === undefined ? undefined : hidden;
            const shown = present(subject, { value: asField(shape) }, { value }, change.path);
            return useWords(shape, shown.value ?? hidden);
          };
          return { ...change, before: show(change.before), after: show(change.after) };
        }),
      );
    },
  };
}

const keyOf = (kind: string, id: string): string => JSON.stringify([kind, id]);

/** The items of a list are alike: Coze may hold them in another order, and changes name them by their keys. */
function foundKey(address: Address, fields: Fields, path: Path, value: string): string {
  const isItem = (index: number): boolean => shapeAt(fields, path.slice(0, index))?.type === "list";
  return JSON.stringify([address, path.map((step, index) => (isItem(index) ? "" : step)), value]);
}

/** Joins the changes of a list's items into one change where items are written as words. */
function joinItems(fields: Fields, changes: readonly RemarkedChange[]): readonly ShownChange[] {
  const lists = new Map<string, { path: Path; went: Json[]; came: Json[]; remark: string | undefined }>();
  const parts = changes.map((change) => {
    const path = listOfWords(fields, change);
    if (!path) return change;
    const { remark } = change;
    const key = JSON.stringify([path, remark]);
    const known = lists.get(key);
    const list = known ?? { path, went: [], came: [], remark };
    lists.set(key, list);
    if (change.before !== undefined) list.went.push(change.before);
    if (change.after !== undefined) list.came.push(change.after);
    return known ? undefined : list;
  });
  return parts.flatMap((part): readonly ShownChange[] => {
    if (!part) return [];
    if (!("went" in part)) return [part];
    const { path, went, came, remark } = part;
    return [{ path, before: went, after: came, items: true, remark }];
  });
}

/**
 * The path of the list that the change adds a whole item to or removes one from, if its items are written as
 * words.
 */
function listOfWords(
  fields: Fields,
  { path, before, after, sensitive, replaces }: FieldChange,
): Path | undefined {
  const list = path.slice(0, -1);
  const shape = shapeAt(fields, list);
  const whole = (before === undefined) !== (after === undefined) && !replaces;
  const worded =
    shape?.type === "list" && shape.items.type === "object" && shape.items.shorthand !== undefined;
  return whole && worded && !sensitive ? list : undefined;
}

const hidden: Digest & { readonly [key: string]: Json } = { $digest: "", sensitive: true };

/** A reference to an existing object, which is shown without "known after apply". */
const knownReference = (address: Address): Reference & { readonly known: true } => ({
  $ref: address,
  known: true,
});

/** A lookup with the id that it found. */
type FoundLookup = Lookup & { readonly id: string };

const asField = (shape: Shape): Field => ({ ...shape, description: "", presence: "optional" });

/** Replaces objects by the words that manifests have for them: `{id: "1024"}` by `api`. */
function useWords(shape: Shape, value: Json): Json {
  if (shape.type === "list" && Array.isArray(value))
    return value.map((item: Json) => useWords(shape.items, item));
  if (shape.type !== "object" || !isObject(value)) return value;
  const words = Object.entries(shape.shorthand ?? {});
  const word = words.find(([, whole]) => canonicalJson(whole) === canonicalJson(value));
  if (word) return word[0];
  const entries = Object.entries(value).map(([name, item]): [string, Json] => {
    const field = shape.fields[name];
    return [name, field ? useWords(field, item) : item];
  });
  return Object.fromEntries(entries);
}

function shapeAt(fields: Fields, path: Path): Shape | undefined {
  let shape: Shape | undefined = { type: "object", fields };
  for (const step of path) {
    if (shape?.type === "object") shape = shape.fields[String(step)];
    else if (shape?.type === "list") shape = shape.items;
    else if (shape?.type === "map") shape = shape.values ?? shape;
    else return undefined;
  }
  return shape;
}
