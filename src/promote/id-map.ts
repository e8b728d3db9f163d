import type { Address } from "../core/address.ts";
import type { Entry } from "../core/entry.ts";
import type { Fields } from "../core/field.ts";
import type { Resource } from "../core/resource.ts";
import { mapLeaves, valueAt } from "../core/shape.ts";
import { isLookup, type Json, type Values } from "../core/value.ts";

/** What is known of ids in the environment that is promoted from. */
export interface IdSources {
  readonly fieldsOf: (kind: string) => Fields;
  /** What the environment that is promoted to wants, references by address. */
  readonly target: readonly Resource[];
  /** The other one's manifests, and the same with the id in place of each lookup. */
  readonly source: readonly Resource[];
  readonly found: readonly Resource[];
  /** Its state, by address. */
  readonly entries: ReadonlyMap<Address, Entry>;
  /** By id: the resource of the target that was copied from it. */
  readonly originals: ReadonlyMap<string, { readonly address: Address }>;
  /** What the project file says, id by id. */
  readonly given: { readonly [id: string]: string };
}

/** What stands in the target for an id of the source: an id, a reference or a lookup; undefined: nobody knows. */
export type IdMap = (id: string) => Json | undefined;

/**
 * Maps ids of one environment to another. What the project file says goes before what was copied, that before
 * resources of the same address, lookups of the same words, and ids that the target's manifests write themselves.
 */
export function createIdMap(sources: IdSources): IdMap {
  const known = new Map<string, Json>(literalIds(sources).map((id) => [id, id]));
  for (const [id, lookup] of lookedUp(sources)) known.set(id, lookup);
  const wanted = new Set(sources.target.map(({ address }) => address));
  for (const [address, { id }] of sources.entries) {
    if (id !== undefined && wanted.has(address)) known.set(id, { $ref: address });
  }
  for (const [id, { address }] of sources.originals) {
    if (wanted.has(address)) known.set(id, { $ref: address });
  }
  for (const [id, here] of Object.entries(sources.given)) known.set(id, here);
  return (id) => known.get(id);
}

/** Ids in references of the target's manifests: each is good there. */
const literalIds = ({ target, fieldsOf }: IdSources): readonly string[] =>
  target.flatMap((resource) => {
    const ids: string[] = [];
    mapLeaves(fieldsOf(resource.kind), resource.spec, ({ shape, value }) => {
      if (shape.type === "ref" && typeof value === "string") ids.push(value);
      return value;
    });
    return ids;
  });

/** By the id that it found in the source, each lookup: it goes by words, so it finds the target's own there. */
function lookedUp({ source, found, fieldsOf }: IdSources): ReadonlyMap<string, Json> {
  const specs = new Map<Address, Values>(found.map(({ address, spec }) => [address, spec]));
  const lookups = new Map<string, Json>();
  for (const { address, kind, spec } of source) {
    mapLeaves(fieldsOf(kind), spec, ({ value, path }) => {
      const id = isLookup(value) ? valueAt(specs.get(address) ?? {}, path) : undefined;
      if (typeof id === "string") lookups.set(id, value);
      return value;
    });
  }
  return lookups;
}
