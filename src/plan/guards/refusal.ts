import { type Address, addressMatches } from "../../core/address.ts";
import type { Location } from "../../core/diagnostic.ts";

/** An option without which a step is refused. */
export type Permission = "allow-ownership-transfer" | "allow-orphans";

/**
 * What a plan is refused for. `renamed`: what goes looks like what comes. `exists`: what would be created is at Coze
 * already. `held`: it was taken back to an earlier release. `removals`: so much goes that its number has to be confirmed.
 */
export type Guard = Permission | "renamed" | "exists" | "held" | "removals";

/** Something that a plan would do and that is refused until it is answered. */
export interface Refusal {
  readonly guard: Guard;
  /** The resources that it is about; the first one is named in messages. */
  readonly addresses: readonly [Address, ...Address[]];
  /** Ids of the objects that it is about. */
  readonly ids: readonly string[];
  /** What is refused, and why; without the address. */
  readonly message: string;
  /** The options that say yes to it, as words of a command line; empty when nothing does. */
  readonly options: readonly string[];
  /** Of `removals`: how much goes. It can also be typed at a terminal. */
  readonly count?: number | undefined;
  /** Of `renamed`: the addresses as a move names them; of a whole `for_each` without keys. */
  readonly move?: { readonly from: Address; readonly to: Address } | undefined;
  /** Of `held`: the number of the release. */
  readonly release?: number | undefined;
  /** Of `exists`: the state has it, and its object is gone. */
  readonly remembered?: true | undefined;
  /** Of `exists`: nothing is remembered at all, so most likely the state got lost. */
  readonly stateMissing?: true | undefined;
  readonly at?: Location | undefined;
}

/** The answers that a plan is made with, each of which says yes to what is refused otherwise. */
export interface Answers {
  readonly allow?: Iterable<Permission> | undefined;
  /** Take over the one live object that bears a new resource's identity. */
  readonly adopt?: boolean | undefined;
  /** Resources, or whole `for_each`, that are no renamed ones. */
  readonly notRenamed?: readonly Address[] | undefined;
  /** Resources, or whole `for_each`, that are created although objects of their identity exist. */
  readonly duplicate?: readonly Address[] | undefined;
  /** Resources, or whole `for_each`, that are applied though they were taken back to an earlier release. */
  readonly releaseHold?: readonly Address[] | undefined;
  /** How much goes. */
  readonly confirmRemovals?: number | undefined;
}

/** Whether one of the addresses that an answer names, or its whole `for_each`, is this one. */
export const isNamed = (named: readonly Address[] | undefined, address: Address): boolean =>
  named?.some((one) => addressMatches(one, address)) === true;

/** Whether the options of a plan say yes to a refusal. */
export function isAnswered({ guard, addresses, count, options }: Refusal, answers: Answers): boolean {
  if (options.length === 0) return false;
  switch (guard) {
    case "renamed":
      return addresses.some((address) => isNamed(answers.notRenamed, address));
    case "exists":
      return isNamed(answers.duplicate, addresses[0]);
    case "held":
      return isNamed(answers.releaseHold, addresses[0]);
    case "removals":
      return answers.confirmRemovals === count;
    default:
      return new Set(answers.allow).has(guard);
  }
}
