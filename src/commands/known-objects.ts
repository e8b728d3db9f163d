import type { Address } from "../core/address.ts";
import { digestSpec, rememberSpec } from "../core/digest.ts";
import { mapLeaves, valueAt } from "../core/spec-walk.ts";
import { canonicalJson, isLookup, isReference, type Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { Project } from "../manifest/load.ts";
import { readCache, writeCache } from "../state/cache.ts";
import type { StatePlace } from "../state/place.ts";
import type { Store } from "../state/store.ts";

/** An object that was read at Coze, and the resource that it is. */
export interface KnownObject {
  readonly address: Address;
  readonly kind: string;
  readonly id: string;
  readonly parent?: string | undefined;
  /** The object as its manifest gives it, with ids for references. */
  readonly spec: Values;
  readonly revision?: number | undefined;
}

/**
 * Writes objects into the state that are just as their manifests say, and into the cache, so that the next plan needn't
 * read them again. Makes no call. What the state has of an object beyond its spec is kept.
 */
export function rememberObjects(
  { kinds }: { readonly kinds: readonly KindSchema[] },
  store: Store,
  place: StatePlace,
  project: Project,
  objects: readonly KnownObject[],
): void {
  const { lineage, resources } = store.state;
  const ids = new Map(objects.map(({ address, id }) => [address, id]));
  const wanted = new Map(project.resources.map((resource) => [resource.address, resource]));
  const cache = new Map(readCache(place).cache);
  const entries: Record<Address, Entry> = {};
  for (const { address, kind: name, id, parent, spec: read, revision } of objects) {
    const resource = wanted.get(address);
    if (!resource) continue;
    const kind = findKind({ kinds }, name);
    const spec = mapLeaves(kind.fields, resource.spec, ({ value, path }) => {
      if (isReference(value)) return ids.get(value.$ref) ?? resources[value.$ref]?.id ?? value;
      return isLookup(value) ? (valueAt(read, path) ?? value) : value;
    });
    const { read: _forms, note: _note, ...former } = resources[address] ?? {};
    const done = kind.followUps?.map((followUp) => followUp.name);
    const entry: Entry = {
      ...former,
      ...{ kind: name, id, status: "ready", dependencies: resource.dependencies },
      ...(parent === undefined ? {} : { parent }),
      ...(done ? { done } : {}),
      spec: rememberSpec(kind.fields, spec, lineage),
    };
    if (canonicalJson(entry) !== canonicalJson(resources[address] ?? null)) entries[address] = entry;
    if (revision === undefined) cache.delete(address);
    else cache.set(address, { id, revision, digest: digestSpec(kind.fields, spec, lineage) });
  }
  if (Object.keys(entries).length > 0) store.put("known", entries);
  writeCache(place, cache);
}
