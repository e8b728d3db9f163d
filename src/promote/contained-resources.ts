import type { Address } from "../core/address.ts";
import { addTo } from "../core/group.ts";
import { leavesOf } from "../core/spec-walk.ts";
import { isReference } from "../core/value.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";

/**
 * What is inside the resources that others refer to: without its documents, a dataset is of no use to the bot that
 * draws on it. What holds the others themselves isn't looked into. Sorted; pure.
 */
export function findContainedResources(
  kinds: readonly Pick<KindSchema, "name" | "fields" | "parent">[],
  resources: readonly Resource[],
  addresses: readonly Address[],
): readonly Address[] {
  const kindOf = new Map(kinds.map((kind) => [kind.name, kind]));
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  const parentOf = ({ kind, spec }: Resource): Address | undefined => {
    const holder = spec[kindOf.get(kind)?.parent ?? ""];
    return isReference(holder) ? holder.$ref : undefined;
  };
  const contents = new Map<Address, Resource[]>();
  for (const resource of resources) {
    const holder = parentOf(resource);
    if (holder !== undefined) addTo(contents, holder, resource);
  }
  const holders = new Set<Address>();
  const climb = (resource: Resource | undefined): void => {
    const holder = resource && parentOf(resource);
    if (holder === undefined || holders.has(holder)) return;
    holders.add(holder);
    climb(byAddress.get(holder));
  };
  const seen = new Set<Address>();
  const inside = new Set<Address>();
  const visit = (resource: Resource): void => {
    if (seen.has(resource.address)) return;
    seen.add(resource.address);
    climb(resource);
    const leaves = leavesOf(kindOf.get(resource.kind)?.fields ?? {}, resource.spec);
    const needed = leaves.flatMap(({ value }) => (isReference(value) ? [value.$ref] : []));
    for (const address of needed.filter((one) => !holders.has(one))) {
      const other = byAddress.get(address);
      if (other) visit(other);
      for (const one of contents.get(address) ?? []) {
        inside.add(one.address);
        visit(one);
      }
    }
  };
  for (const resource of resources.filter(({ address }) => addresses.includes(address))) visit(resource);
  return [...inside].filter((address) => !addresses.includes(address)).sort();
}
