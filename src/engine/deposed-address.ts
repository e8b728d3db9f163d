import { type Address, formatAddress, parseAddress } from "../core/address.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { Step } from "../plan/plan.ts";

/**
 * Where the state keeps a replaced object that stays at Coze until what was done for it is taken back. No manifest
 * has such an address, so a plan lets go of what an apply that was cut off left there. Undefined when a step leaves
 * none.
 */
export function deposedAddress({ address, spec, undo }: Step): Address | undefined {
  const parsed = parseAddress(address);
  if (!parsed || !undo || spec === undefined) return undefined;
  const { kind, name, key } = parsed;
  const was = describeWas(undo.place.id);
  return formatAddress(kind, name, key === undefined ? was : `${key}, ${was}`);
}

const describeWas = (id: string): string => `was ${id}`;

/** Whether an address of the state is such a place. */
export function isDeposed(address: Address, { id }: Entry): boolean {
  const { key } = parseAddress(address) ?? {};
  return id !== undefined && key !== undefined && `, ${key}`.endsWith(`, ${describeWas(id)}`);
}
