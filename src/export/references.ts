import type { RefShape } from "../core/field.ts";
import { isId } from "../core/field.ts";
import type { Json, Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import { holderKind } from "../kind/holder.ts";
import type { Item } from "../kind/kind.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Estate, LiveObject } from "./read-estate.ts";

/** A reference as manifests write it. */
interface WrittenReference {
  readonly value: Json;
  /** What the object is called, where the value doesn't say. */
  readonly comment?: string | undefined;
}

/** Writes the reference of an object to another one, by its id. */
export type ReferenceWriter = (from: LiveObject, shape: RefShape, id: string) => WrittenReference;

/**
 * Writes references by name to what is exported; as a lookup to what a listing shows under a name that only it has; by id
 * to everything else. `nameOf` gives the names of what is exported.
 */
export function createReferences(
  { listed }: Estate,
  kinds: readonly KindSchema[],
  nameOf: (kind: string, id: string) => string | undefined,
): ReferenceWriter {
  return (from, { kind: name }, id) => {
    const own = nameOf(name, id);
    if (own !== undefined) return { value: own };
    const kind = findKind({ kinds }, name);
    const words = lookupOf(kind, listed.get(name) ?? [], id, from);
    if (words) return { value: { lookup: words } };
    return { value: { id }, comment: from.names.get(id) };
  };
}

/** The words that find an object; undefined where they would find another one, too, or none. */
function lookupOf(
  kind: KindSchema,
  items: readonly Item[],
  id: string,
  from: LiveObject,
): Values | undefined {
  const item = items.find((one) => one.id === id);
  if (!item || item.unmanageable || !isId(id)) return undefined;
  const names = kind.identity.filter((name) => name !== kind.parent);
  const words = names.map((name) => [name, item.live[name]] as const);
  if (words.some(([, word]) => typeof word !== "string" || word === "")) return undefined;
  // Without a holder of its own, a lookup means that of the resource.
  const isNear =
    kind.parent === undefined || (item.parent === from.parent && holderKind(kind) === holderKind(from.kind));
  const same = items.filter(
    (one) => one.parent === item.parent && names.every((name) => one.live[name] === item.live[name]),
  );
  return isNear && same.length === 1 ? Object.fromEntries(words as [string, Json][]) : undefined;
}
