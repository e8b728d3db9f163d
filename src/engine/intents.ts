import { rememberSpec } from "../core/digest.ts";
import { findKind } from "../kind/find-kind.ts";
import { createdFields } from "../kind/planned-calls.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { Node, Unit } from "../plan/schedule.ts";
import type { ApplyRun } from "./apply-run.ts";
import type { Announcing } from "./held-units.ts";
import {
  entryOf,
  isPreparable,
  type PreparedStep,
  prepareStep,
  rememberAll,
  type StepRun,
} from "./step-run.ts";
import { deposedAddress, deposedEntries, listSuperseded } from "./superseded.ts";

/** Writes what is about to be created, so that no object is lost when the run is cut off. */
export async function intend<Api>(creations: readonly StepRun<Api>[]): Promise<void> {
  const [first] = creations;
  if (!first) return;
  const { run } = first;
  const fresh = creations.filter(({ step }) => !run.announced.has(step.address));
  if (fresh.length > 0) {
    rememberIntent(fresh);
    await run.store.synced();
  }
  for (const { step } of creations) run.announced.delete(step.address);
}

/** The state entry before a creation was announced or begun. */
export function entryBefore<Api>(stepRun: StepRun<Api>): Entry | undefined {
  const announced = stepRun.run.announced.get(stepRun.step.address);
  return announced ? announced.before : entryOf(stepRun);
}

/**
 * Where each write takes the whole state, the intents of all creations that may begin next go into one: units wait until
 * nothing else runs, or the time of the next write has come.
 */
export function announceTogether<Api>(run: ApplyRun<Api>): Announcing | undefined {
  const { store, engine } = run;
  if (!store.isWhole) return undefined;
  return {
    needs: (unit) => creationsOf(run, unit).length > 0,
    async due(signal) {
      for (let ms = store.dueIn(); ms > 0 && !signal.aborted; ms = store.dueIn())
        await engine.clock.sleep(ms, signal).catch(() => {});
    },
    async announce(units) {
      const steps = units.flatMap((unit) => creationsOf(run, unit)).map((node) => prepareStep(run, node));
      for (const one of steps) {
        const before = entryOf(one);
        run.announced.set(one.step.address, { before, deposes: before && deposedAddress(one.step) });
      }
      rememberIntent(steps);
      await store.synced();
    },
  };
}

/** Takes back what was announced and won't be begun any more. */
export function withdrawAnnounced<Api>({ announced, store }: ApplyRun<Api>): void {
  if (announced.size === 0) return;
  const former = [...announced].flatMap(([address, { before, deposes }]) => [
    [address, before ?? null] as const,
    ...(deposes === undefined ? [] : [[deposes, null] as const]),
  ]);
  store.put("not-begun", Object.fromEntries(former));
  announced.clear();
}

/** The creations of a unit that may begin. */
const creationsOf = <Api>(run: ApplyRun<Api>, { part, nodes }: Unit): readonly Node[] =>
  part === "main" ? nodes.filter((node) => mayBeAnnounced(run, node)) : [];

function mayBeAnnounced<Api>(run: ApplyRun<Api>, node: Node): boolean {
  const { calls, step, waitsFor, goesAlong } = node;
  const { listing } = findKind(run.engine.provider, step.kind);
  const entries = run.store.state.resources;
  return (
    calls[0]?.call === "create" &&
    !goesAlong &&
    step.refusal === undefined &&
    // The objects of others appear so late that an intent without a call would be waited for.
    listing?.appearsWithin === undefined &&
    !waitsFor.some(run.isUnsuccessful) &&
    step.dependencies.every((address) => entries[address]?.id !== undefined) &&
    // A step that can't be prepared fails in its own turn, not the announcement of all.
    isPreparable(run, node)
  );
}

/** Remembers what is about to be created: the identity finds it, and the rest says whether it is still wanted. */
function rememberIntent<Api>(stepRuns: readonly PreparedStep<Api>[]): void {
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
