import type { Address } from "../core/address.ts";
import type { Fields } from "../core/field.ts";
import { addTo } from "../core/group.ts";
import { leavesOf, valueAt } from "../core/spec-walk.ts";
import { isLookup, type Json, type Values } from "../core/value.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";

/** What is known of ids in the environment that is promoted from. */
export interface IdSources {
  readonly fieldsOf: (kind: string) => Fields;
  /** What the environment that is promoted to wants, references by address. */
  readonly target: readonly Resource[];
  /** The source environment's manifests, and the same with lookups resolved to ids. */
  readonly source: readonly Resource[];
  readonly found: readonly Resource[];
  /** Its state, by address. */
  readonly entries: ReadonlyMap<Address, Entry>;
  /** The id that a resource of the target is copied from, wherever that is. */
  readonly originalOf: (resource: Resource) => string | undefined;
  /** What the project file says, id by id. */
  readonly given: { readonly [id: string]: string };
}

/** The target's counterparts of an id of the source: ids, references and lookups, the best first; empty if none is known. */
export type IdMap = (id: string) => readonly Json[];

/**
 * Maps ids of one environment to another. What the project file says goes without the rest; else what was copied goes
 * before resources of the same address, lookups of the same words, and ids that the target's manifests write themselves.
 */
export function createIdMap(sources: IdSources): IdMap {
  const known = new Map<string, Json[]>();
  const add = (id: string, here: Json): void => addTo(known, id, here);
  const target = [...sources.target].sort((a, b) => (a.address < b.address ? -1 : 1));
  for (const resource of target) {
    const original = sources.originalOf(resource);
    if (original !== undefined) add(original, { $ref: resource.address });
  }
  const wanted = new Set(target.map(({ address }) => address));
  for (const [address, { id }] of sources.entries) {
    if (id !== undefined && wanted.has(address)) add(id, { $ref: address });
  }
  for (const [id, lookup] of lookupsById(sources)) add(id, lookup);
  for (const id of new Set(literalIds(sources))) add(id, id);
  for (const [id, here] of Object.entries(sources.given)) known.set(id, [here]);
  return (id) => known.get(id) ?? [];
}

/** Ids in references of the target's manifests, which are valid there; ids of copy sources aren't. */
const literalIds = ({ target, fieldsOf }: IdSources): readonly string[] =>
  target.flatMap(({ kind, spec }) =>
    leavesOf(fieldsOf(kind), spec).flatMap(({ shape, value }) =>
      shape.type === "ref" && shape.elsewhere === undefined && typeof value === "string" ? [value] : [],
    ),
  );

/** Lookups by the id that they found in the source: in the target the same lookup finds the target's object. */
function lookupsById({ source, found, fieldsOf }: IdSources): readonly (readonly [string, Json])[] {
  const specs = new Map<Address, Values>(found.map(({ address, spec }) => [address, spec]));
  return source.flatMap(({ address, kind, spec }) =>
    leavesOf(fieldsOf(kind), spec).flatMap(({ value, path }): [string, Json][] => {
      const id = isLookup(value) ? valueAt(specs.get(address) ?? {}, path) : undefined;
      return typeof id === "string" ? [[id, value]] : [];
    }),
  );
}
