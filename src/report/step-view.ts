import type { Address } from "../core/address.ts";
import { type Field, type Fields, kindLookedUp, type Shape } from "../core/field.ts";
import { mapLeaves, type Path, shapeAt } from "../core/spec-walk.ts";
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
export type KindFacts = Pick<KindSchema, "name" | "fields" | "replacement">;

/** A change with a remark. */
interface RemarkedChange extends FieldChange {
  /** A remark at the end of the line. */
  readonly remark?: string | undefined;
}

/** A change as it is shown. With `items`, both sides contain only the removed and added items of a list. */
export interface ShownChange extends RemarkedChange {
  readonly items?: true;
}

/** Replaces secrets and known ids in values before they are shown: ids by addresses. */
export interface Presenter {
  spec(kind: string, values: Values): Values;
  /** Joins the added and removed items of a list whose items manifests write as words. */
  changes(kind: string, changes: readonly RemarkedChange[]): readonly ShownChange[];
}

/** A presenter for the values of a plan, whose steps tell the addresses of ids. */
export function createPresenter(kinds: readonly KindFacts[], steps: readonly Step[]): Presenter {
  const fieldsOf = new Map(kinds.map(({ name, fields }) => [name, fields]));
  const addresses = new Map<string, Address>();
  const lookups = new Map<string, FoundLookup>();
  const outputs = new Map<string, FoundOutput>();
  for (const { kind, place, address, lookups: found = [], outputs: taken = [] } of steps) {
    for (const { project, output, value } of taken)
      outputs.set(value, { $output: output, project, id: value });
    if (place) addresses.set(keyOf(kind, place.id), address);
    for (const { kind, lookup, id } of found) lookups.set(keyOf(kind, id), { $lookup: lookup, id });
  }

  const present = (fields: Fields, values: Values): Values =>
    mapLeaves(fields, values, ({ shape, value, sensitive }) => {
      if (sensitive) return hidden;
      const others = shape.type === "ref" ? Object.values(shape.others ?? {}) : [];
      const named = shape.type === "ref" ? [shape, ...others] : [];
      const address = named.map(({ kind }) => addresses.get(keyOf(kind, String(value)))).find(Boolean);
      if (address !== undefined) return knownReference(address);
      const output = kindLookedUp(shape) === undefined ? undefined : outputs.get(String(value));
      return output ?? lookups.get(keyOf(kindLookedUp(shape) ?? "", String(value))) ?? value;
    });
  return {
    // An unknown kind may have secrets in any field.
    spec(kind, values) {
      const fields = fieldsOf.get(kind);
      return fields ? (useWords({ type: "object", fields }, present(fields, values)) as Values) : {};
    },
    changes(kind, changes) {
      const fields = fieldsOf.get(kind) ?? {};
      return joinItems(
        fields,
        changes.map((change) => {
          const shape = shapeAt(fields, change.path);
          const secret = change.sensitive === true || shape === undefined;
          const show = (value: Json | undefined): Json | undefined => {
            if (value === undefined || secret) return value === undefined ? undefined : hidden;
            return useWords(shape, present({ value: asField(shape) }, { value }).value ?? hidden);
          };
          return { ...change, before: show(change.before), after: show(change.after) };
        }),
      );
    },
  };
}

const keyOf = (kind: string, id: string): string => JSON.stringify([kind, id]);

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
