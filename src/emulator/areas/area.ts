import { refuseMissing } from "../http/envelope.ts";
import type { Operation } from "../http/operation.ts";
import { flag, id, number, type Rules, required, text } from "../http/params.ts";
import { lookAt, type Seen } from "../world/tracked-collection.ts";
import type { CollectionName, ItemOf, World } from "../world/world.ts";

/**
 * One area of the API: its operations, what it stores, and what tests and people do to it. Its collections and methods
 * are declared as members of `World` in the same file.
 */
export interface Area {
  readonly operations?: readonly Operation[] | undefined;
  /** In the order in which files of worlds hold them. */
  readonly collections?: { readonly [K in CollectionName]?: Collection<ItemOf<K>> } | undefined;
  /** Methods of the world: seeds for objects that the API can't make, and what people do in Coze's web page. */
  readonly methods?: (world: World) => Partial<World>;
  /** Completes what is due in the background; returns whether anything changed. Runs before each operation. */
  readonly completeDue?: (world: World) => boolean;
}

/** How the items of a collection are stored. */
export interface Collection<T> {
  /** The fields of an item in the world's file. */
  readonly fields: FieldsOf<T> & Rules;
  /** Items of other collections that must exist, since nothing else leads to an item of this one. */
  readonly owners?: readonly Owner<T>[] | undefined;
  /** The generation of the file's format that brought it, 1 by default: files of earlier generations lack it. */
  readonly generation?: number | undefined;
}

interface Owner<T> {
  /** The field that holds the owner's id. */
  readonly by: keyof T & string;
  readonly in: CollectionName;
  /** The field's value in items without an owner. */
  readonly unless?: string | undefined;
}

/** The rules that fit a type: the compiler compares the fields of a collection with the type of its items. */
type RuleOf<T> = [T] extends [string]
  ? { readonly type: "text" | "id" | "choice" }
  : [T] extends [number]
    ? { readonly type: "number" | "integer" | "choice" }
    : [T] extends [boolean]
      ? { readonly type: "flag" }
      : T extends readonly (infer Item)[]
        ? { readonly type: "list"; readonly of: RuleOf<Item> }
        : unknown extends T
          ? { readonly type: "anything" }
          : string extends keyof T
            ? { readonly type: "map" }
            : { readonly type: "object"; readonly fields: FieldsOf<T> };

/** Rules for all properties of a type; those that it requires are required. */
export type FieldsOf<T> = {
  readonly [K in keyof T]-?: RuleOf<Exclude<T[K], undefined>> &
    (Record<never, never> extends Pick<T, K> ? { readonly required?: never } : { readonly required: true });
};

/** A stored text, whose length isn't checked: limits are those of requests. */
export const anyText = text();

/** Required fields by their type. */
export const stored = { text: required(anyText), number: required(number), flag: required(flag) } as const;

/** The id and name of an item. */
export const named = { id: required(id), name: stored.text } as const;

/** The id, name and description of an item. */
export const described = { ...named, description: stored.text } as const;

/** Adds an item to a collection and returns it. */
export function addItem<T extends { id: string }>(to: Map<string, T>, item: T): T {
  to.set(item.id, item);
  return item;
}

/** An item that a test or a person names by id. Throws an Error when there is none. */
export function takeItem<T>(from: Map<string, T>, itemId: string): T {
  const found = from.get(itemId);
  if (!found) throw new Error(`The world holds no object ${itemId}`);
  return found;
}

/** An object that a request names by id and doesn't change, or a refusal with 4200. */
export function lookIn<T>(from: ReadonlyMap<string, T>, what: string, itemId: string): Seen<T> {
  return lookAt(from, itemId) ?? refuseMissing(what, itemId);
}

/** An object that a request names by id and may change, or a refusal with 4200. */
export function findIn<T>(from: Map<string, T>, what: string, itemId: string): T {
  return from.get(itemId) ?? refuseMissing(what, itemId);
}
