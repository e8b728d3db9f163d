import { type Address, parseAddress } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import { rememberValue } from "../core/digest.ts";
import { groupBy } from "../core/group.ts";
import { canonicalJson, isReference, type Json } from "../core/value.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { PlanContext, Rename, Step } from "./plan.ts";

/**
 * Steps with the renames among them: where one resource goes and another of the same kind and identity comes, most
 * likely its manifest got another name. Pairs that could be told in several ways aren't told.
 */
export function markRenames(context: PlanContext, steps: readonly Step[]): readonly Step[] {
  const { entries, options } = context.input;
  if (options.destroy) return steps;
  const going = steps.filter(({ action, spec }) => !spec && (action === "delete" || action === "abandon"));
  const coming = steps.filter(({ address, action }) => action === "create" && !entries.has(address));
  const pairs = new Map<Address, Address>();
  // What is held by a renamed resource is found once that one is.
  for (let count = -1; count < pairs.size; ) {
    count = pairs.size;
    for (const [from, to] of findPairs(context, going, coming, pairs)) pairs.set(from, to);
  }
  const former = new Map([...pairs].map(([from, to]) => [to, from]));
  const families = findFamilies(entries, pairs);
  return steps.map((step): Step => {
    const own =
      pairs.has(step.address) || former.has(step.address) ? step.address : movedHolder(step, former);
    if (own === undefined) return step;
    const [from, to] = [former.get(own) ?? own, pairs.get(own) ?? own];
    const family = families.get(familyOf(from));
    const moved = family ? [familyOf(from), family] : [from, to];
    const command = commandLine(["state", "mv", ...moved]);
    return { ...step, renamed: { from, to, command } satisfies Rename };
  });
}

/** The renamed resource on whose account a step replaces an object that could stay. */
const movedHolder = ({ changes }: Step, former: ReadonlyMap<Address, Address>): Address | undefined =>
  changes
    .flatMap(({ replaces, after }) => (replaces && isReference(after) ? [after.$ref] : []))
    .find((address) => former.has(address));

/** Pairs of one identity, as far as those that are known tell it; the fields of what goes are as they were applied. */
function findPairs(
  { input, kind }: PlanContext,
  going: readonly Step[],
  coming: readonly Step[],
  known: ReadonlyMap<Address, Address>,
): readonly (readonly [Address, Address])[] {
  const taken = new Set(known.values());
  const earlier = new Map([...known].map(([from, to]) => [to, from]));
  const identityOf = (name: string, partOf: (field: string) => Json | undefined): string | undefined => {
    const { identity, fields } = kind(name);
    const parts = identity.map((field) => partOf(field) ?? fields[field]?.default);
    return parts.includes(undefined) ? undefined : canonicalJson([name, ...parts]);
  };
  const wanted = (value: Json | undefined): Json | undefined => {
    if (value === undefined) return undefined;
    if (!isReference(value)) return rememberValue(value, input.salt);
    // What is made, or made again, bears the identity of what it was before.
    return input.entries.get(earlier.get(value.$ref) ?? value.$ref)?.id;
  };
  const came = groupBy(
    coming.filter(({ address }) => !taken.has(address)),
    (step) => identityOf(step.kind, (field) => wanted(step.spec?.[field])),
  );
  const went = groupBy(
    going.filter(({ address }) => !known.has(address)),
    ({ address, kind: name }) => {
      const { spec = {}, parent = undefined } = input.entries.get(address) ?? {};
      return identityOf(name, (field) => (field === kind(name).parent ? parent : undefined) ?? spec[field]);
    },
  );
  return [...went].flatMap(([identity, [from, ...others]]) => {
    const [to, ...rest] = came.get(identity) ?? [];
    return to && others.length + rest.length === 0 ? [[from.address, to.address] as const] : [];
  });
}

const familyOf = (address: Address): Address => address.replace(/\[.*$/su, "");

/** The families of `for_each` of which every item is renamed into the same other family, under its own key. */
function findFamilies(
  entries: ReadonlyMap<Address, Entry>,
  pairs: ReadonlyMap<Address, Address>,
): ReadonlyMap<Address, Address> {
  const families = new Map<Address, Address | undefined>();
  for (const address of entries.keys()) {
    const [own, other] = [parseAddress(address), parseAddress(pairs.get(address) ?? "")];
    if (own?.key === undefined) continue;
    const to = other && other.key === own.key ? familyOf(pairs.get(address) ?? "") : undefined;
    const family = familyOf(address);
    families.set(family, families.has(family) && families.get(family) !== to ? undefined : to);
  }
  return new Map([...families].flatMap(([from, to]) => (to === undefined ? [] : [[from, to]])));
}
