import type { Address } from "../core/address.ts";
import { mapLeaves } from "../core/spec-walk.ts";
import { isReference, type Json, type Values } from "../core/value.ts";
import type { SourceName } from "../kind/copying.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";

/** Kinds by name. */
export type KindOf = (name: string) => KindSchema;

/** The value that replaces references to a substituted copy, and what must be applied before it. */
interface SubstitutedCopy {
  readonly value: Json;
  readonly dependencies: readonly Address[];
}

/**
 * The resources of an environment without copies whose source is in the same environment: references to such a copy
 * become references to the resource that makes the source, or lookups of the source.
 */
export function substituteCopies(
  kindOf: KindOf,
  resources: readonly Resource[],
  environment: string,
): readonly Resource[] {
  const originals = new Map<Address, SubstitutedCopy>();
  for (const resource of resources) {
    const source = kindOf(resource.kind).copying?.sources.sourceOf(resource.spec);
    if (source?.environment !== environment) continue;
    originals.set(resource.address, describeOriginal(kindOf, resources, resource, source));
  }
  if (originals.size === 0) return resources;
  return resources
    .filter(({ address }) => !originals.has(address))
    .map((resource) => redirectReferences(kindOf, resource, originals));
}

/** What a name in an environment refers to. */
interface ResolvedName {
  /** The resource that manages the object. */
  readonly maker?: Resource | undefined;
  /** Its name at Coze if no resource manages it. */
  readonly last: SourceName;
  /** The manifest in that environment with this name. */
  readonly standIn?: Resource | undefined;
}

/**
 * Follows a name among the resources of its environment; `from` is the resource that contains it, if that is in the same
 * environment. A resource that stands for its own copy source leads to the name of that source.
 */
export function followName(
  kindOf: KindOf,
  resources: readonly Resource[],
  kind: string,
  source: SourceName,
  from?: Resource,
): ResolvedName {
  const passed = new Set(from ? [from.address] : []);
  let named: ResolvedName = { last: source, standIn: from };
  for (;;) {
    const { last } = named;
    const makers = kindOf(kind).copying?.sources.makersOf(last) ?? [];
    const [found] = makers.flatMap((maker) =>
      resources.filter(
        ({ address, spec }) =>
          address === `${maker.kind}.${last.name}` && !passed.has(address) && fits(spec, maker.where),
      ),
    );
    if (!found) return named;
    const next = kindOf(found.kind).copying?.sources.sourceOf(found.spec);
    if (next?.environment !== source.environment) return { ...named, maker: found };
    passed.add(found.address);
    named = { last: next, standIn: found };
  }
}

const fits = (spec: Values, where: { readonly [field: string]: string }): boolean =>
  Object.entries(where).every(([name, want]) => spec[name] === want);

function describeOriginal(
  kindOf: KindOf,
  resources: readonly Resource[],
  resource: Resource,
  source: SourceName,
): SubstitutedCopy {
  const { maker, last, standIn = resource } = followName(kindOf, resources, resource.kind, source, resource);
  if (maker) return { value: { $ref: maker.address }, dependencies: [maker.address] };
  const { copying, parent } = kindOf(standIn.kind);
  const named = copying?.sources.lookup(last);
  if (!named) throw new Error(`no lookup replaces ${resource.address}`);
  const holder = parent === undefined ? undefined : standIn.spec[parent];
  const field = kindOf(named.kind).parent;
  const within = field === undefined || holder === undefined ? {} : { [field]: wordOf(holder) };
  // In all other environments the reference leads to a copy, which Coze makes as a draft.
  return {
    value: { $lookup: { ...named.words, ...within }, $drafts: true },
    dependencies: standIn.dependencies,
  };
}

/** The parent of a looked-up object in the form of lookups. */
const wordOf = (holder: Json): Json => (isReference(holder) ? holder.$ref : holder);

function redirectReferences(
  kindOf: KindOf,
  resource: Resource,
  originals: ReadonlyMap<Address, SubstitutedCopy>,
): Resource {
  const spec = mapLeaves(kindOf(resource.kind).fields, resource.spec, ({ value }) =>
    isReference(value) ? (originals.get(value.$ref)?.value ?? value) : value,
  );
  return { ...resource, spec, dependencies: replaceDependencies(resource.dependencies, originals) };
}

/** Dependencies on substituted copies become dependencies on their sources; manifests have no cycles. */
function replaceDependencies(
  dependencies: readonly Address[],
  originals: ReadonlyMap<Address, SubstitutedCopy>,
): readonly Address[] {
  const all = dependencies.flatMap((address) => {
    const original = originals.get(address);
    return original ? replaceDependencies(original.dependencies, originals) : [address];
  });
  return [...new Set(all)].sort();
}
