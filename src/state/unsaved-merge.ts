import type { Address } from "../core/address.ts";
import { canonicalJson, type Json } from "../core/value.ts";
import { keyOfPlace, placesOf } from "../kind/identity-match.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { State } from "./model.ts";
import { withTextHashes } from "./release-texts.ts";

/** Entries of a state by address; null where there was none. */
export type Entries = { readonly [address: Address]: Entry | null };

/** What a run changed: of the addresses, their entries when it began, and in the last document that may have arrived. */
export interface Changes {
  readonly before: Entries;
  readonly attempted?: Entries | undefined;
}

/** Two states that were brought together. */
interface MergedEntries {
  readonly resources: { readonly [address: Address]: Entry };
  /** The addresses where each has an object of its own: there the saved entry stays. */
  readonly left: readonly Address[];
}

/**
 * The saved entries with those changes of a run that no other run contradicts. Each object of either state is in the
 * result, at an address that is left, or was removed by one of the two; none is at two addresses.
 */
export function mergeEntries(saved: State, ours: State, changes: Changes): MergedEntries {
  const { taken, left } = chooseSides(saved, ours, changes);
  for (;;) {
    const resources = place(saved, ours, taken);
    const forgotten = findForgetful(saved, ours, { changes, resources, left });
    if (forgotten.length === 0) return { resources, left };
    for (const address of forgotten) taken.delete(address);
    left.push(...forgotten);
  }
}

/** The addresses where the entry of the run counts, and those where each side has an object of its own. */
function chooseSides(saved: State, { resources }: State, { before, attempted }: Changes) {
  const taken = new Set<Address>();
  const left: Address[] = [];
  for (const address of Object.keys(before)) {
    const [former, ours, theirs] = [before[address], resources[address], saved.resources[address]];
    if (isSameEntry(ours, theirs)) continue;
    const isUntouched = isSameEntry(theirs, former) || (attempted && isSameEntry(theirs, attempted[address]));
    // Another run removed the object that was there, not one that came since.
    const isNew = !theirs && ours && ours.id !== former?.id;
    if (isUntouched || isNew) taken.add(address);
    else if (theirs && ours && ours.id !== theirs.id) left.push(address);
  }
  return { taken, left };
}

/** Puts the entries of a run, unless another run knows their objects under another address: there they stay. */
function place(saved: State, ours: State, taken: ReadonlySet<Address>) {
  const stay = Object.entries(saved.resources).filter(([address]) => !taken.has(address));
  const known = new Set(stay.flatMap(([, entry]) => keysOf(entry)));
  const resources: Record<Address, Entry> = Object.fromEntries(stay);
  for (const address of taken) {
    const entry = ours.resources[address];
    const { id, parent } = entry ?? {};
    if (entry && (id === undefined || !known.has(keyOfPlace({ id, parent }))))
      resources[address] = withoutKnown(entry, known);
  }
  return resources;
}

/** The addresses where a run had objects that would be forgotten, though no other run removed them. */
function findForgetful(
  saved: State,
  { resources: ours }: State,
  merge: MergedEntries & { readonly changes: Changes },
): readonly Address[] {
  const { before } = merge.changes;
  const there = new Set(Object.values(saved.resources).flatMap(keysOf));
  const former = new Set(
    [
      ...Object.values(before),
      ...Object.entries(ours).map(([address, entry]) => !(address in before) && entry),
    ].flatMap((entry) => (entry ? keysOf(entry) : [])),
  );
  const remembered = new Set(
    [...Object.values(merge.resources), ...merge.left.map((address) => ours[address])].flatMap((entry) =>
      entry ? keysOf(entry) : [],
    ),
  );
  const isForgotten = (key: string): boolean => !remembered.has(key) && (there.has(key) || !former.has(key));
  return Object.keys(before).filter((address) => {
    const entry = ours[address];
    return entry && !merge.left.includes(address) && keysOf(entry).some(isForgotten);
  });
}

/** The addresses that a run changed whose objects another state doesn't know. */
export function findUnknown(ours: State, changes: Changes, { resources }: State): readonly Address[] {
  const known = new Set(Object.values(resources).flatMap(keysOf));
  return Object.keys(changes.before).filter((address) => {
    const entry = ours.resources[address];
    const keys = entry ? keysOf(entry) : [];
    return entry && (keys.length === 0 ? !resources[address] : keys.some((key) => !known.has(key)));
  });
}

/** The objects of an entry, those that are still to be removed included. */
const keysOf = (entry: Entry): readonly string[] =>
  [...placesOf(entry), ...(entry.previous ?? [])].map(keyOfPlace);

/** An entry without the replaced objects that another one stands for: they aren't its own to remove. */
function withoutKnown(entry: Entry, known: ReadonlySet<string>): Entry {
  const isOwn = (one: { readonly id: string; readonly parent?: string | undefined }): boolean =>
    !known.has(keyOfPlace(one));
  const { kept, previous } = entry;
  return {
    ...entry,
    ...(kept && { kept: kept.filter(isOwn) }),
    ...(previous && { previous: previous.filter(isOwn) }),
  };
}

/** Whether two entries say the same, wherever the configurations of their releases are. */
export const isSameEntry = (one: Entry | null | undefined, other: Entry | null | undefined): boolean =>
  one === other || plainOf(one) === plainOf(other);

const plainOf = (entry: Entry | null | undefined): string =>
  canonicalJson((entry ? withTextHashes(entry) : null) as unknown as Json);
