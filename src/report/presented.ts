import type { Address } from "../core/address.ts";
import type { Field, Fields, Shape } from "../core/field.ts";
import type { Kind } from "../core/kind.ts";
import { mapLeaves, type Path } from "../core/shape.ts";
import {
  canonicalJson,
  type Digest,
  isObject,
  type Json,
  type Reference,
  type Values,
} from "../core/value.ts";
import type { FieldChange } from "../plan/diff.ts";
import type { Step } from "../plan/plan.ts";

/** What a report needs to know of a kind. */
export type KindFacts = Pick<Kind<never>, "name" | "fields" | "replacement">;

/** Turns values into what may be shown of them: no secrets, and addresses in place of ids that the plan knows. */
export interface Presenter {
  spec(kind: string, values: Values): Values;
  change(kind: string, change: FieldChange): FieldChange;
}

/** A presenter for the values of a plan: its steps tell which ids are whose. */
export function createPresenter(kinds: readonly KindFacts[], steps: readonly Step[]): Presenter {
  const fieldsOf = new Map(kinds.map(({ name, fields }) => [name, fields]));
  const addresses = new Map<string, Address>();
  for (const { kind, place, address } of steps) if (place) addresses.set(`${kind} ${place.id}`, address);

  const present = (fields: Fields, values: Values): Values =>
    mapLeaves(fields, values, ({ shape, value, sensitive }) => {
      if (sensitive) return hidden;
      const address = shape.type === "ref" ? addresses.get(`${shape.kind} ${String(value)}`) : undefined;
      return address === undefined ? value : knownReference(address);
    });
  return {
    // Of a kind that isn't known nobody can tell what is secret.
    spec(kind, values) {
      const fields = fieldsOf.get(kind);
      return fields ? (useWords({ type: "object", fields }, present(fields, values)) as Values) : {};
    },
    change(kind, change) {
      const shape = shapeAt(fieldsOf.get(kind) ?? {}, change.path);
      const secret = change.sensitive === true || shape === undefined;
      const show = (value: Json): Json =>
        secret ? hidden : useWords(shape, present({ value: asField(shape) }, { value }).value ?? hidden);
      return {
        ...change,
        ...(change.before === undefined ? {} : { before: show(change.before) }),
        ...(change.after === undefined ? {} : { after: show(change.after) }),
      };
    },
  };
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
