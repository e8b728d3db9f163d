import { type Address, addressMatches, parseAddress } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import { InvalidInput } from "../core/diagnostic.ts";
import { moveEntries } from "../kind/move.ts";
import type { Entry } from "../kind/state-entry.ts";
import { type CommandLine, type Explained, explain } from "../messages/text.ts";
import { openStore, readState } from "../state/store.ts";
import type { Host } from "./host.ts";
import { type LockOptions, waitFor } from "./lock-waiting.ts";
import { findStatePlaceWithoutCalls, type ProjectOptions, readProject } from "./project.ts";

/** The entries of the state, sorted by address. */
export async function listState(
  host: Host,
  options: ProjectOptions,
): Promise<readonly { readonly address: Address; readonly entry: Entry }[]> {
  const state = await readState(await findStatePlaceWithoutCalls(await readProject(host, options), options));
  return Object.entries(state.resources)
    .map(([address, entry]) => ({ address, entry }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** The state entry of one resource; throws {@link InvalidInput} when there is none. */
export async function showState(host: Host, options: ProjectOptions, address: Address): Promise<Entry> {
  const all = await listState(host, options);
  return all.find((one) => one.address === address)?.entry ?? refuse(explainLacking(address));
}

/**
 * Moves a resource, or all items of a `for_each` with their keys, to another address, for example after a manifest was
 * renamed. Makes no call. Returns the file with the state before.
 */
export async function moveState(
  host: Host,
  options: ProjectOptions & LockOptions,
  from: Address,
  to: Address,
): Promise<string | undefined> {
  return changeState(host, options, (resources) => {
    const parsed = parseAddress(to) ?? refuse(explain("commands/not-address", { address: to }));
    const moves = findMoves(Object.keys(resources), from, to);
    if (moves.size === 0) refuse(explainLacking(from));
    for (const [address, other] of moves) {
      const { kind } = resources[address] ?? refuse(explainLacking(address));
      if (parsed.kind !== kind) {
        const values = { address, kind, other: parsed.kind, commandLine: listing() };
        refuse(explain("commands/move-to-other-kind", values));
      }
      if (resources[other])
        refuse(explain("commands/move-to-taken", { address: other, commandLine: listing() }));
    }
    return Object.fromEntries(moveEntries(new Map(Object.entries(resources)), moves));
  });
}

/** The new addresses by the old ones: of the resource itself, and of the items of a `for_each` if `to` has no key. */
function findMoves(addresses: readonly Address[], from: Address, to: Address): ReadonlyMap<Address, Address> {
  const isWhole = parseAddress(to)?.key === undefined;
  const moved = addresses.filter((one) => one === from || (isWhole && addressMatches(from, one)));
  return new Map(moved.map((one) => [one, `${to}${one.slice(from.length)}`]));
}

/** Removes resources from the state. Their objects stay at Coze. Returns the file with the state before. */
export async function removeState(
  host: Host,
  options: ProjectOptions & LockOptions,
  addresses: readonly Address[],
): Promise<string | undefined> {
  return changeState(host, options, (resources) => {
    const missing = addresses.filter((address) => !resources[address]);
    if (missing.length > 0) refuse(explainLacking(missing.join(", ")));
    return Object.fromEntries(addresses.map((address) => [address, null]));
  });
}

async function changeState(
  host: Host,
  options: ProjectOptions & LockOptions,
  change: (resources: { readonly [address: Address]: Entry }) => {
    readonly [address: Address]: Entry | null;
  },
): Promise<string | undefined> {
  const place = await findStatePlaceWithoutCalls(await readProject(host, options), options);
  const store = await openStore(place, "cozeform state", waitFor(host, options), "set-aside");
  try {
    const changes = change(store.state.resources);
    const backup = await store.backUp(host.clock.now());
    store.put("cozeform state", changes);
    return backup;
  } finally {
    await store.close();
  }
}

const listing = (): CommandLine => commandLine(["state", "list"]);

const explainLacking = (address: string): Explained =>
  explain("commands/state-lacks", { address, commandLine: listing() });

function refuse(problem: Explained): never {
  throw new InvalidInput([{ code: "state", severity: "error", ...problem }]);
}
