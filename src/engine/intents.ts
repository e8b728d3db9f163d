import { rememberSpec } from "../core/digest.ts";
import { findKind } from "../kind/find-kind.ts";
import { createdFields } from "../kind/planned-calls.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { Node } from "../plan/schedule.ts";
import type { ApplyRun } from "./apply-run.ts";
import type { Turn } from "./scheduler.ts";
import { beginStepRun, entryOf, rememberAll, type StepRun } from "./step-run.ts";
import { deposedEntries, listSuperseded } from "./superseded.ts";

/**
 * Writes what is about to be created, so that no object is lost when the run is cut off. Where each write takes the whole
 * state, the creations whose turn may come next go into the same one.
 */
export async function intend<Api>(creations: readonly StepRun<Api>[]): Promise<void> {
  const [first] = creations;
  if (!first) return;
  const { run, turn } = first;
  const fresh = creations.filter(({ step }) => !run.announced.has(step.address));
  if (fresh.length > 0) {
    const next = run.store.isWhole ? listNext(run, turn) : [];
    rememberIntent([...fresh, ...next]);
    const written = run.store.synced();
    // The units that wait for it get the error.
    written.catch(() => {});
    for (const { step } of next) run.announced.set(step.address, written);
    await written;
  }
  await Promise.all(creations.map(({ step }) => run.announced.get(step.address)));
  for (const { step } of creations) run.announced.delete(step.address);
}

/** The state entry before a creation was announced or begun. */
export const entryBefore = <Api>(stepRun: StepRun<Api>): Entry | undefined =>
  stepRun.run.announced.has(stepRun.step.address) ? undefined : entryOf(stepRun);

/** Takes back what was announced and won't be begun any more. */
export function withdrawAnnounced<Api>({ announced, store }: ApplyRun<Api>): void {
  if (announced.size === 0) return;
  store.put("not-begun", Object.fromEntries([...announced.keys()].map((address) => [address, null])));
  announced.clear();
}

/** The plain creations among the units that may begin next. What an earlier run left of one is found out in its turn. */
function listNext<Api>(run: ApplyRun<Api>, turn: Turn): readonly StepRun<Api>[] {
  const nodes = turn.next().flatMap((unit) => (unit.part === "main" ? unit.nodes : []));
  return nodes.flatMap((node) => (isPlainCreation(run, node) ? [beginStepRun(run, node, turn)] : []));
}

function isPlainCreation<Api>(run: ApplyRun<Api>, { calls, step, waitsFor }: Node): boolean {
  const { listing } = findKind(run.engine.provider, step.kind);
  const entries = run.store.state.resources;
  return (
    step.action === "create" &&
    calls[0]?.call === "create" &&
    step.refusal === undefined &&
    // The objects of others appear so late that an intent without a call would be waited for.
    listing?.appearsWithin === undefined &&
    entries[step.address] === undefined &&
    !waitsFor.some(run.isUnsuccessful) &&
    step.dependencies.every((address) => entries[address]?.id !== undefined)
  );
}

/** Remembers what is about to be created: the identity finds it, and the rest says whether it is still wanted. */
function rememberIntent<Api>(stepRuns: readonly StepRun<Api>[]): void {
  const now = stepRuns[0]?.run.port.now() ?? 0;
  rememberAll(
    stepRuns,
    "about-to-create",
    (stepRun) => {
      const { kind, step, wanted, run } = stepRun;
      const fields = createdFields(kind);
      const intended = Object.entries(wanted).filter(([name]) => fields.includes(name));
      return {
        id: undefined,
        status: "unknown",
        spec: rememberSpec(kind.fields, Object.fromEntries(intended), run.store.state.lineage),
        done: undefined,
        read: undefined,
        note: undefined,
        refusal: undefined,
        brought: undefined,
        before: step.before ?? [],
        begun: Math.floor(now / 1000),
        ...(kind.replacement === "create-first" ? { previous: step.removes } : {}),
        ...(kind.replacement === "keep-old" ? { kept: listSuperseded(stepRun) } : {}),
      };
    },
    deposedEntries(stepRuns),
  );
}
