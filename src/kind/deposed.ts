import { type Address, formatAddress, parseAddress } from "../core/address.ts";
import type { Entry } from "./state-entry.ts";

/** Before the id of a deposed object in its address. */
const deposedMark = "was ";

/**
 * The address at which the state keeps a replaced object that stays at Coze until its follow-ups are taken back. It fits
 * no manifest, so after an apply that was cut off, the next plan removes the entry.
 */
export function addressOfDeposed(address: Address, id: string): Address | undefined {
  const parsed = parseAddress(address);
  if (!parsed) return undefined;
  const { kind, name, key } = parsed;
  const was = `${deposedMark}${id}`;
  return formatAddress(kind, name, key === undefined ? was : [key, was].join(", "));
}

/** Whether an entry of the state is a deposed object. */
export function isDeposed(address: Address, { id }: Entry): boolean {
  const { key } = parseAddress(address) ?? {};
  return id !== undefined && key !== undefined && `, ${key}`.endsWith(`, ${deposedMark}${id}`);
}

/** Whether the replacement of a resource was begun, and what it replaced still has to go. */
export function isBeingReplaced(
  entries: ReadonlyMap<Address, Entry>,
  address: Address,
  { previous = [] }: Entry,
): boolean {
  if (previous.length > 0) return true;
  return [...entries].some(([one, { id = "" }]) => one === addressOfDeposed(address, id));
}
