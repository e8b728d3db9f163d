import { type Address, addressMatches } from "../core/address.ts";
import type { Entry, Release } from "../core/entry.ts";
import { describeTime } from "../core/time.ts";
import type { State } from "../state/state.ts";
import { standingOf } from "./ledger.ts";

/** A name that goes back, and to what. */
export interface Return {
  readonly address: Address;
  readonly target: Release;
  /** The release that is left; absent when callers never got to see what is taken back. */
  readonly left?: Release;
  /** What is remembered of it while it is on its way. */
  readonly entry: Entry;
}

/** A name that can't go back, why, and the next move where there is one. */
export interface Stay {
  readonly address: Address;
  readonly why: string;
  readonly hint?: string;
}

/** What a rollback takes back. */
export interface Rollback {
  readonly returns: readonly Return[];
  readonly stays: readonly Stay[];
  /** The promotion that is taken back, as far as there is one number for all. */
  readonly promotion?: number;
}

/**
 * What goes back: what an earlier rollback didn't finish, and nothing when it was cut off with all of that done; else
 * the named addresses; else all that the last promotion made, with what it began and never showed to callers. Pure.
 */
export function planRollback(state: State, addresses: readonly Address[]): Rollback {
  const known = Object.entries(state.resources).filter(
    ([address, { history }]) =>
      history !== undefined &&
      (addresses.length === 0 || addresses.some((one) => addressMatches(one, address))),
  );
  const underway = known.filter(([, { restoring }]) => restoring !== undefined);
  if (underway.length > 0) return sortOut(underway, continueReturn);
  const back = new Set(state.promotion?.returning);
  const named = known.filter(([address]) => !back.has(address));
  if (addresses.length > 0) return sortOut(named, beginReturn);
  if (back.size > 0) return { returns: [], stays: [] };
  const number = numberOfLast(state);
  const concerned = known.filter(
    ([, entry]) => standingOf(entry)?.promotion === number || isUnfinished(state, entry),
  );
  if (number === undefined) return { returns: [], stays: [] };
  return { ...sortOut(concerned, beginReturn), promotion: number };
}

/** A promotion that didn't get to its end began it: what callers get is the standing release. */
const isUnfinished = ({ promotion }: Pick<State, "promotion">, { status, history }: Entry): boolean =>
  promotion?.open === true && history !== undefined && status !== "ready";

/** The last promotion of which anything is left. */
function numberOfLast(state: State): number | undefined {
  const entries = Object.values(state.resources);
  if (entries.some((entry) => isUnfinished(state, entry))) return state.promotion?.number;
  const numbers = entries.flatMap((entry) => standingOf(entry)?.promotion ?? []);
  return numbers.length > 0 ? Math.max(...numbers) : undefined;
}

type Named = readonly [Address, Entry];
type Way = Return | Stay;

function sortOut(entries: readonly Named[], decide: (named: Named) => Way | undefined): Rollback {
  const ways = entries.flatMap((named) => decide(named) ?? []);
  const byAddress = (a: Way, b: Way): number => (a.address < b.address ? -1 : 1);
  return {
    returns: ways.filter((way): way is Return => "entry" in way).sort(byAddress),
    stays: ways.filter((way): way is Stay => "why" in way).sort(byAddress),
  };
}

function continueReturn([address, entry]: Named): Way | undefined {
  const { history = [], restoring } = entry;
  const target = history.find(({ at }) => at === restoring);
  const left = standingOf(entry);
  if (!target) return { address, why: "the state doesn't tell any more what it was on its way to" };
  return { address, target, entry, ...(left && left.at !== target.at ? { left } : {}) };
}

function beginReturn([address, entry]: Named): Way {
  const { history = [], status, id } = entry;
  const standing = standingOf(entry);
  if (!standing) return { address, why: "nothing of it is left to take back" };
  if (id === undefined) {
    const hint = `promote again first, which waits for it, or forget it: cozeform state rm '${address}'`;
    return { address, why: "Coze is still at work on what the promotion began", hint };
  }
  // What was begun and never shown is taken back by itself.
  const isHalfway = status !== "ready" && standing.id === id;
  const earlier = history.filter(({ at, undone }) => at < standing.at && !undone).at(-1);
  const target = isHalfway ? standing : earlier;
  if (!target) {
    const made = standing.promotion === undefined ? "it" : `promotion ${standing.promotion}`;
    return { address, why: `${made} made it, and there is nothing before that to go back to: it stays` };
  }
  if (target.id !== id) return swap(address, entry, target, standing);
  if (!target.spec) return tellLost(address, target);
  const way = { address, target, entry: { ...entry, restoring: target.at } };
  return target === standing ? way : { ...way, left: standing };
}

/** The object of an earlier release takes the place of the one that is there. */
function swap(address: Address, entry: Entry, target: Release, left: Release): Way {
  const { id = "", parent, spec, brought, kept = [] } = entry;
  const former = kept.find((one) => one.id === target.id);
  if (!former) {
    const why = `it was ${target.id} before, and the state doesn't know that one any more`;
    return { address, why, hint: "copy it anew: change its revision and apply" };
  }
  const place = parent === undefined ? { id } : { id, parent };
  const current = { ...place, spec, ...(brought ? { brought } : {}) };
  const { brought: _left, done: _done, version: _version, begun: _begun, ...rest } = entry;
  return {
    address,
    target,
    left,
    entry: {
      ...rest,
      ...former,
      status: "ready",
      kept: [...kept.filter((one) => one !== former), current],
      restoring: target.at,
    },
  };
}

const tellLost = (address: Address, { at }: Release): Stay => ({
  address,
  why: `the state no longer holds what it was on ${describeTime(at)}: only the latest five releases keep that`,
  hint: "write it into the manifest and apply",
});
