import type { Address } from "../core/address.ts";
import type { Field, Fields, Shape } from "../core/field.ts";
import { mapLeaves, type Path } from "../core/spec-walk.ts";
import {
  canonicalJson,
  type Digest,
  isObject,
  type Json,
  type Reference,
  type Values,
} from "../core/value.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { FieldChange } from "../plan/diff.ts";
import type { Step } from "../plan/plan.ts";

/** What a report needs to know of a kind. */
export type KindFacts = Pick<KindSchema, "name" | "fields" | "replacement">;

/** A change as it is to be shown. */
interface RemarkedChange extends FieldChange {
  /** What to say of it at its end. */
  readonly remark?: string;
}

/** A change as it is shown. `items`: both sides hold only what came to and went from a list. */
export interface ShownChange extends RemarkedChange {
  readonly items?: true;
}

/** Turns values into what may be shown of them: no secrets, and addresses in place of ids that the plan knows. */
export interface Presenter {
  spec(kind: string, values: Values): Values;
  /** Items that come to and go from one list are put together where a manifest has words for them. */
  changes(kind: string, changes: readonly RemarkedChange[]): readonly ShownChange[];
}

/** A presenter for the values of a plan: its steps tell which ids are whose. */
export function createPresenter(kinds: readonly KindFacts[], steps: readonly Step[]): Presenter {
  const fieldsOf = new Map(kinds.map(({ name, fields }) => [name, fields]));
  const addresses = new Map<string, Address>();
  for (const { kind, place, address } of steps) if (place) addresses.set(`${kind} ${place.id}`, address);

  const present = (fields: Fields, values: Values): Values =>
    mapLeaves(fields, values, ({ shape, value, sensitive }) => {
      if (sensitive) return hidden;
      const others = shape.type === "ref" ? Object.values(shape.others ?? {}) : [];
      const named = shape.type === "ref" ? [shape, ...others] : [];
      const address = named.map(({ kind }) => addresses.get(`${kind} ${String(value)}`)).find(Boolean);
      return address === undefined ? value : knownReference(address);
    });
  return {
    // Of a kind that isn't known nobody can tell what is secret.
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
          const show = (value: Json): Json =>
            secret ? hidden : useWords(shape, present({ value: asField(shape) }, { value }).value ?? hidden);
          return {
            ...change,
            ...(change.before === undefined ? {} : { before: show(change.before) }),
            ...(change.after === undefined ? {} : { after: show(change.after) }),
          };
        }),
      );
    },
  };
}

/** One change of a list in place of one for each item that came or went, where items are written as words. */
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
    return [{ path, before: went, after: came, items: true, ...(remark === undefined ? {} : { remark }) }];
  });
}

/** Where the list is that a whole item came to or went from, if its items are written as words. */
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

/** A reference to something that has an id: shown without "known after apply". */
const knownReference = (address: Address): Reference & { readonly known: true } => ({
  $ref: address,
  known: true,
});

const asField = (shape: Shape): Field => ({ ...shape, description: "", presence: "optional" });

/** Puts the words of manifests back in place of the objects that they stand for: `api` for `{id: "1024"}`. */
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
