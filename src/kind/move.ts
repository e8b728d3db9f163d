import { type Address, parseAddress } from "../core/address.ts";
import type { Location } from "../core/diagnostic.ts";
import type { Entry } from "./state-entry.ts";

/** A statement that a resource has another address now. Without keys, of all items of a `for_each` with theirs. */
export interface Move {
  readonly from: Address;
  readonly to: Address;
  /** Where it is written. */
  readonly at: Location;
}

/** Whether a move is about a resource and all items of its `for_each`, under their own keys. */
export const isWholeMove = ({ from, to }: Pick<Move, "from" | "to">): boolean =>
  parseAddress(from)?.key === undefined && parseAddress(to)?.key === undefined;

/** Where moves lead an address, one after the other; undefined when they go round in a circle. */
export function followMoves(address: Address, moves: readonly Move[]): Address | undefined {
  let current = address;
  for (let left = moves.length; left >= 0; left -= 1) {
    const next = moveOnce(current, moves);
    if (next === undefined) return current;
    current = next;
  }
  return undefined;
}

/** What is said of an item itself goes before what is said of its whole `for_each`. */
function moveOnce(address: Address, moves: readonly Move[]): Address | undefined {
  const own = moves.find(({ from }) => from === address);
  if (own) return own.to;
  const whole = moves.find((move) => isWholeMove(move) && address.startsWith(`${move.from}[`));
  return whole && `${whole.to}${address.slice(whole.from.length)}`;
}

/** The entries that change when some resources get other addresses: null for an address that is left. */
export function moveEntries(
  entries: ReadonlyMap<Address, Entry>,
  moved: ReadonlyMap<Address, Address>,
): ReadonlyMap<Address, Entry | null> {
  const changes = new Map<Address, Entry | null>([...moved.keys()].map((from) => [from, null]));
  for (const [address, entry] of entries) {
    const depends = entry.dependencies.some((one) => moved.has(one));
    if (!moved.has(address) && !depends) continue;
    const dependencies = entry.dependencies.map((one) => moved.get(one) ?? one);
    changes.set(moved.get(address) ?? address, { ...entry, dependencies });
  }
  return changes;
}

/** The entries after such a change. */
export function entriesAfter(
  entries: ReadonlyMap<Address, Entry>,
  moved: ReadonlyMap<Address, Address>,
): ReadonlyMap<Address, Entry> {
  if (moved.size === 0) return entries;
  const after = new Map(entries);
  for (const [address, entry] of moveEntries(entries, moved)) {
    if (entry === null) after.delete(address);
    else after.set(address, entry);
  }
  return after;
}
