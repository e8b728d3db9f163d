import type { Address } from "../core/address.ts";
import { digestSpec } from "../core/digest.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry, Hold } from "../kind/state-entry.ts";

/** What the holds of a state mean for the manifests of today. */
export interface Holds {
  /** Whose manifests are still as they were: they aren't applied. */
  readonly held: ReadonlyMap<Address, Hold>;
  /** Whose manifests changed, or are gone: these holds are over. */
  readonly over: ReadonlySet<Address>;
}

/** Tells the holds that stand from those that are over. `salt` is the state's lineage. */
export function findHolds(
  entries: ReadonlyMap<Address, Entry>,
  resources: readonly Resource[],
  kinds: readonly KindSchema[],
  salt: string,
): Holds {
  const holding = [...entries].flatMap(([address, { hold }]) => (hold ? [[address, hold] as const] : []));
  if (holding.length === 0) return { held: new Map(), over: new Set() };
  const wanted = new Map(resources.map((resource) => [resource.address, resource]));
  const stands = ([address, { digest }]: (typeof holding)[number]): boolean => {
    const resource = wanted.get(address);
    return resource !== undefined && digestManifest(resource, kinds, salt) === digest;
  };
  const held = new Map(holding.filter(stands));
  return { held, over: new Set(holding.flatMap(([address]) => (held.has(address) ? [] : [address]))) };
}

/** The digest of what a manifest says, by which a hold knows that it changed. */
export function digestManifest(
  { kind: name, spec }: Pick<Resource, "kind" | "spec">,
  kinds: readonly KindSchema[],
  salt: string,
): string {
  const kind = kinds.find((one) => one.name === name);
  return digestSpec(kind?.fields ?? {}, spec, salt);
}
