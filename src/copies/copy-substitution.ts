import type { Address } from "../core/address.ts";
import { mapLeaves } from "../core/spec-walk.ts";
import { isReference, type Json, type Values } from "../core/value.ts";
import type { SourceName } from "../kind/copying.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";

/** Kinds by name. */
export type KindOf = (name: string) => KindSchema;

/** What stands where a reference to a stand-in stood, and what has to come before it. */
interface SubstitutedCopy {
  readonly value: Json;
  readonly dependencies: readonly Address[];
}

/**
 * The resources of an environment without those whose original is in that very environment: whoever refers to one of
 * them refers to the resource that makes the original, or looks the original up.
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
    .map((resource) => redirect(kindOf, resource, originals));
}

/** Where a name of an environment leads. */
interface Named {
  /** The resource that is the object or makes it. */
  readonly maker?: Resource;
  /** What Coze calls it, where no resource makes it. */
  readonly last: SourceName;
  /** The manifest of that environment that says so. */
  readonly standIn?: Resource;
}

/**
 * Follows a name among the resources of the environment that it is of; `from` is where it stands when it stands there.
 * A resource that stands for an original of that environment leads on.
 */
export function followName(
  kindOf: KindOf,
  resources: readonly Resource[],
  kind: string,
  source: SourceName,
  from?: Resource,
): Named {
  const passed = new Set(from ? [from.address] : []);
  let named: Named = { last: source, ...(from ? { standIn: from } : {}) };
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
  if (!named) throw new Error(`nobody knows what ${resource.address} stands for`);
  const holder = parent === undefined ? undefined : standIn.spec[parent];
  const field = kindOf(named.kind).parent;
  const within = field === undefined || holder === undefined ? {} : { [field]: wordOf(holder) };
  return { value: { $lookup: { ...named.words, ...within } }, dependencies: standIn.dependencies };
}

/** What a lookup says of the object that holds what it looks for. */
const wordOf = (holder: Json): Json => (isReference(holder) ? holder.$ref : holder);

function redirect(
  kindOf: KindOf,
  resource: Resource,
  originals: ReadonlyMap<Address, SubstitutedCopy>,
): Resource {
  const spec = mapLeaves(kindOf(resource.kind).fields, resource.spec, ({ value }) =>
    isReference(value) ? (originals.get(value.$ref)?.value ?? value) : value,
  );
  return { ...resource, spec, dependencies: passOn(resource.dependencies, originals) };
}

/** Dependencies with those of the originals in place of stand-ins; there are no circles among manifests. */
function passOn(
  dependencies: readonly Address[],
  originals: ReadonlyMap<Address, SubstitutedCopy>,
): readonly Address[] {
  const all = dependencies.flatMap((address) => {
    const original = originals.get(address);
    return original ? passOn(original.dependencies, originals) : [address];
  });
  return [...new Set(all)].sort();
}
