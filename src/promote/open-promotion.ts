import type { Address } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Entry } from "../kind/state-entry.ts";
import { explain } from "../messages/text.ts";
import { changesAnything, leavesObject, type Plan, type Step } from "../plan/plan.ts";
import type { Promotion, State } from "../state/model.ts";
import type { Store } from "../state/store.ts";
import { currentRelease, isPromoted, withoutSpec } from "./release-history.ts";

/** The release that callers get while an open promotion has prepared another one; undefined if there is no such. */
export function releaseShownInstead(entry: Entry, promotion: Promotion | undefined) {
  if (!promotion?.open) return undefined;
  const standing = currentRelease(entry);
  if (!isNotShown(entry, promotion)) return entry.status === "ready" ? undefined : standing;
  return entry.history?.findLast((release) => release !== standing && !release.undone);
}

/** Whether the current release belongs to the open promotion and callers aren't switched to it yet. */
const isNotShown = (entry: Entry, { number, open, switching }: Promotion): boolean =>
  open === true && !switching && currentRelease(entry)?.promotion === number;

/**
 * Changes that another apply would show to callers though the open promotion has only prepared them: resources that it
 * left unfinished, and what refers to a copy that callers weren't switched to.
 */
export function findPreparedChanges(
  { promotion, resources, environment }: Pick<State, "promotion" | "resources" | "environment">,
  { steps }: Plan,
): readonly Diagnostic[] {
  if (!promotion?.open) return [];
  const { from, number } = promotion;
  const to = environment.replace(/\.emulator$/, "");
  const isHeld = (address: Address): boolean => {
    const entry = resources[address];
    return (
      entry !== undefined && isPromoted(entry) && (entry.status !== "ready" || isNotShown(entry, promotion))
    );
  };
  const isTouched = (step: Step): boolean =>
    changesAnything(step) && step.spec !== undefined && [step.address, ...step.dependencies].some(isHeld);
  return steps.filter(isTouched).map(({ address, dependencies, at }): Diagnostic => {
    const prepared = isHeld(address) ? undefined : dependencies.find(isHeld);
    const values = {
      address,
      number,
      from,
      commandLine: commandLine(["promote"], { environment: null, after: ["--from", from, "--to", to] }),
      rollbackCommandLine: commandLine(["promote"], {
        environment: null,
        after: ["--rollback", "--to", to],
      }),
    };
    const texts =
      prepared === undefined
        ? explain("promote/prepared", values)
        : explain("promote/needs-prepared", { ...values, prepared });
    return { code: "prepared", severity: "error", ...texts, at };
  });
}

/**
 * Begins a promotion from an environment, or continues an open one from there. Once callers have begun to see an open
 * promotion, it is continued only to finish its switch: what they saw stays a release.
 */
export function openPromotion(store: Store, from: string, seconds: number, { steps }: Plan): Promotion {
  const { promotion: last } = store.state;
  const isSame = last?.open && last.from === from;
  if (isSame && (!wasShown(store.state, last) || steps.every(isRestOfSwitch))) return last;
  const next: Promotion = { number: (last?.number ?? 0) + 1, from, begun: seconds, open: true };
  store.putPromotion(next);
  return next;
}

/** Whether callers saw anything of a promotion: its switch published a version. */
const wasShown = ({ resources }: State, { number, switching }: Promotion): boolean =>
  switching === true &&
  Object.values(resources).some(({ history = [] }) =>
    history.some(
      ({ promotion, version, undone }) => promotion === number && version !== undefined && !undone,
    ),
  );

/** Whether a step only finishes a switch that was cut off. */
const isRestOfSwitch = ({ action, spec, calls }: Step): boolean =>
  leavesObject({ action }) ||
  spec === undefined ||
  (action === "retry" && calls.every(({ call }) => call === "follow-up" || call === "settle"));

/** Records that callers begin to see the open promotion. */
export function beginSwitch(store: Store): void {
  const { promotion } = store.state;
  if (promotion?.open && !promotion.switching) store.putPromotion({ ...promotion, switching: true });
}

/**
 * Records which resources are being rolled back, for as long as the rollback runs: one that was cut off after its last
 * step must not go back one release further when it is run again. `isEmpty`: the open promotion changed nothing, and
 * ends.
 */
export function beginRollback(
  store: Store,
  entries: { readonly [address: Address]: Entry },
  isEmpty: boolean,
): void {
  const { promotion } = store.state;
  const addresses = Object.keys(entries);
  if (!promotion) return;
  const { open, switching, ...rest } = promotion;
  const kept = isEmpty || !open ? rest : { ...rest, open, switching };
  if (addresses.length === 0) {
    if (isEmpty) store.putPromotion(kept);
    return;
  }
  const returning = [...new Set([...(promotion.returning ?? []), ...addresses])];
  store.put("rollback", entries, { ...kept, returning });
}

/**
 * The state after giving up a rollback that was cut off: another apply continues from there. Resources that were being
 * rolled back count as rolled back, so that all histories agree; that apply does the rest.
 */
export function abandonRollback(state: State): State {
  const changed = Object.entries(state.resources).flatMap(([address, entry]): readonly [Address, Entry][] =>
    entry.restoring === undefined ? [] : [[address, abandonEntryRollback(entry, entry.restoring)]],
  );
  const { promotion } = state;
  if (changed.length === 0 && !promotion?.returning) return state;
  const { returning: _over, ...rest } = promotion ?? {};
  return {
    ...state,
    resources: { ...state.resources, ...Object.fromEntries(changed) },
    promotion: promotion && (rest as Promotion),
  };
}

/** Saves the result of {@link abandonRollback} says, before another apply begins. */
export function saveAbandonedRollback(store: Store): void {
  const { state } = store;
  const { resources, promotion } = abandonRollback(state);
  const changed = Object.entries(resources).filter(([address, entry]) => entry !== state.resources[address]);
  if (changed.length === 0 && promotion === state.promotion) return;
  store.put("rollback-abandoned", Object.fromEntries(changed), promotion);
}

function abandonEntryRollback({ restoring: _over, ...entry }: Entry, restoring: number): Entry {
  const { status, history = [], id } = entry;
  const left = history.filter(({ at, undone }) => at > restoring && !undone);
  // The same object with another configuration: how much of it was written isn't known.
  const isInPlace = left.every((release) => release.id === id);
  return {
    ...entry,
    status: status === "ready" && isInPlace ? "incomplete" : status,
    history: history.map((release) =>
      release.at > restoring ? { ...withoutSpec(release), undone: true } : release,
    ),
  };
}

/** Records the end of a rollback. */
export function endRollback(store: Store): void {
  const { promotion } = store.state;
  if (!promotion?.returning) return;
  const { returning: _over, ...back } = promotion;
  store.putPromotion(back);
}

/** Ends the last promotion once everything that promotions touched is ready or taken back. */
export function endPromotionIfDone(store: Store): void {
  const { resources } = store.state;
  if (Object.values(resources).some((entry) => isPromoted(entry) && entry.status !== "ready")) return;
  endPromotion(store);
}

/** Ends the last promotion: callers see everything that it was for. */
export function endPromotion(store: Store): void {
  const { promotion } = store.state;
  if (!promotion?.open) return;
  const { open: _over, switching: _switched, ...closed } = promotion;
  store.putPromotion(closed);
}
