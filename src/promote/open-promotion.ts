import type { Address } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Entry } from "../kind/state-entry.ts";
import { changesAnything, type Plan, type Step } from "../plan/plan.ts";
import type { Promotion, State } from "../state/model.ts";
import { standingOf } from "./release-history.ts";

/** What callers of a name get while a promotion is open that prepared another; undefined when that is what stands. */
export function shownInstead(entry: Entry, promotion: Promotion | undefined) {
  if (!promotion?.open) return undefined;
  const standing = standingOf(entry);
  if (!isUnseen(entry, promotion)) return entry.status === "ready" ? undefined : standing;
  return entry.history?.findLast((release) => release !== standing && !release.undone);
}

/** Whether a release was made by the open promotion that callers are still to be switched to. */
const isUnseen = (entry: Entry, { number, open, switching }: Promotion): boolean =>
  open === true && !switching && standingOf(entry)?.promotion === number;

/**
 * What another apply would show to callers though the open promotion has only prepared it: the names that it left
 * unfinished, and what refers to a copy that nobody was switched to.
 */
export function findPrepared(
  { promotion, resources, environment }: Pick<State, "promotion" | "resources" | "environment">,
  { steps }: Plan,
): readonly Diagnostic[] {
  if (!promotion?.open) return [];
  const { from, number } = promotion;
  const to = environment.replace(/\.emulator$/, "");
  const isHeld = (address: Address): boolean => {
    const entry = resources[address];
    return entry?.history !== undefined && (entry.status !== "ready" || isUnseen(entry, promotion));
  };
  const isTouched = (step: Step): boolean =>
    changesAnything(step) && step.spec !== undefined && [step.address, ...step.dependencies].some(isHeld);
  const hint = `finish it: cozeform promote --from ${from} --to ${to}; or take it back: cozeform promote --rollback --to ${to}`;
  return steps.filter(isTouched).map(({ address, dependencies, at }): Diagnostic => {
    const what = isHeld(address) ? address : `${dependencies.find(isHeld)}, which ${address} refers to,`;
    const message = `${what} was prepared by promotion ${number} from ${from}, and callers don't see it yet`;
    return { code: "prepared", severity: "error", message, hint, ...(at ? { at } : {}) };
  });
}
