import type { Address } from "../core/address.ts";
import { addressOfDeposed } from "../kind/deposed.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { Step } from "../plan/plan.ts";
import { type EntryChange, entryOf, type PreparedStep, type StepRun } from "./step-run.ts";

/** The address of the object that a step deposes; undefined when it has none. */
export const deposedAddress = ({ address, spec, undo }: Step): Address | undefined =>
  undo && spec !== undefined ? addressOfDeposed(address, undo.place.id) : undefined;

/** The entries of the objects that some steps depose. */
export function deposedEntries<Api>(stepRuns: readonly PreparedStep<Api>[]): {
  readonly [address: Address]: Entry;
} {
  const deposed = stepRuns.flatMap((stepRun) => {
    const [address, entry] = [deposedAddress(stepRun.step), entryOf(stepRun)];
    if (address === undefined || entry?.id === undefined) return [];
    // Its protection was checked when the replacement was planned.
    const { preventDestroy: _checked, ...rest } = entry;
    return [[address, rest] as const];
  });
  return Object.fromEntries(deposed);
}

/** The superseded objects that stay at Coze beside the object that a step is about to create. */
export function listSuperseded<Api>(stepRun: PreparedStep<Api>): Entry["kept"] {
  const entry = entryOf(stepRun);
  const current = stepRun.step.action === "replace" && entry ? supersede(entry) : undefined;
  return current ? [...(entry?.kept ?? []), current] : entry?.kept;
}

/** The entry after a creation that made nothing: that of the object it was to replace, or none. */
export function restoreSuperseded<Api>(stepRun: StepRun<Api>): Entry | null {
  const { kept = [], kind, dependencies, preventDestroy, history } = entryOf(stepRun) ?? {};
  const last = kept.at(-1);
  if (!last || kind === undefined) return null;
  const others = kept.slice(0, -1);
  return {
    ...last,
    kind,
    status: "ready",
    dependencies: dependencies ?? [],
    preventDestroy,
    kept: others.length > 0 ? others : undefined,
    history,
  };
}

/** The change of the entry when a superseded object takes its place again; empty in any other step. */
export function retakeSuperseded<Api>(stepRun: StepRun<Api>): EntryChange {
  const entry = entryOf(stepRun);
  const { kept = [] } = entry ?? {};
  const again = kept.find(({ id }) => id === stepRun.step.place?.id);
  const current = entry && supersede(entry);
  if (!again || !current) return {};
  return {
    id: again.id,
    spec: again.spec,
    brought: again.brought,
    kept: [...kept.filter((one) => one !== again), current],
  };
}

function supersede({ id, parent, spec, brought }: Entry): NonNullable<Entry["kept"]>[number] | undefined {
  return id === undefined ? undefined : { id, parent, spec, brought };
}
