import { type Address, addressMatches, parseAddress } from "../core/address.ts";
import { InvalidInput } from "../core/diagnostic.ts";
import type { Entry } from "../kind/state-entry.ts";
import { type Explained, explain } from "../messages/text.ts";
import { openStore, readState } from "../state/store.ts";
import type { Host } from "./host.ts";
import { type ProjectOptions, placeOfState, readProject } from "./project.ts";

/** The entries of the state, sorted by address. */
export async function listState(
  host: Host,
  options: ProjectOptions,
): Promise<readonly { readonly address: Address; readonly entry: Entry }[]> {
  const state = readState(placeOfState(await readProject(host, options), options));
  return Object.entries(state.resources)
    .map(([address, entry]) => ({ address, entry }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** The state entry of one resource; throws {@link InvalidInput} when there is none. */
export async function showState(host: Host, options: ProjectOptions, address: Address): Promise<Entry> {
  const all = await listState(host, options);
  return (
    all.find((one) => one.address === address)?.entry ?? refuse(explain("commands/state-lacks", { address }))
  );
}

/**
 * Moves a resource, or all items of a `for_each` with their keys, to another address, for example after a manifest was
 * renamed. Makes no call.
 */
export async function moveState(
  host: Host,
  options: ProjectOptions,
  from: Address,
  to: Address,
): Promise<void> {
  await changeState(host, options, (resources) => {
    const parsed = parseAddress(to) ?? refuse(explain("commands/not-address", { address: to }));
    const moves = new Map(
      Object.keys(resources).flatMap((address): [Address, Address][] => {
        if (address === from) return [[from, to]];
        const isItem = parsed.key === undefined && addressMatches(from, address);
        return isItem ? [[address, `${to}${address.slice(from.length)}`]] : [];
      }),
    );
    if (moves.size === 0) refuse(explain("commands/state-lacks", { address: from }));
    const moved = [...moves].map(([address, other]): [Address, Entry] => {
      const entry = resources[address] ?? refuse(explain("commands/state-lacks", { address }));
      if (parsed.kind !== entry.kind) {
        const values = { address, kind: entry.kind, other: parsed.kind };
        refuse(explain("commands/move-to-other-kind", values));
      }
      if (resources[other]) refuse(explain("commands/move-to-taken", { address: other }));
      return [other, entry];
    });
    const kept = Object.entries(resources).filter(([address]) => !moves.has(address));
    const follow = ([address, entry]: [Address, Entry]): [Address, Entry][] => {
      if (!entry.dependencies.some((one) => moves.has(one))) return [];
      return [[address, { ...entry, dependencies: entry.dependencies.map((one) => moves.get(one) ?? one) }]];
    };
    const left = [...moves.keys()].map((address): [Address, null] => [address, null]);
    const placed = moved.map((one) => follow(one)[0] ?? one);
    return Object.fromEntries([...kept.flatMap(follow), ...left, ...placed]);
  });
}

/** Removes resources from the state. Their objects stay at Coze. */
export async function removeState(
  host: Host,
  options: ProjectOptions,
  addresses: readonly Address[],
): Promise<void> {
  await changeState(host, options, (resources) => {
    const missing = addresses.filter((address) => !resources[address]);
    if (missing.length > 0) refuse(explain("commands/state-lacks", { address: missing.join(", ") }));
    return Object.fromEntries(addresses.map((address) => [address, null]));
  });
}

async function changeState(
  host: Host,
  options: ProjectOptions,
  change: (resources: { readonly [address: Address]: Entry }) => {
    readonly [address: Address]: Entry | null;
  },
): Promise<void> {
  const store = openStore(placeOfState(await readProject(host, options), options), "cozeform state");
  try {
    store.put("cozeform state", change(store.state.resources));
  } finally {
    store.close();
  }
}

function refuse(problem: Explained): never {
  throw new InvalidInput([{ code: "state", severity: "error", ...problem }]);
}
