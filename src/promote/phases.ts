import type { Address } from "../core/address.ts";
import { type ApplyResult, beginRun } from "../engine/apply.ts";
import type { ApplyOptions } from "../engine/apply-run.ts";
import type { Engine } from "../engine/engine.ts";
import type { Tried } from "../engine/events.ts";
import { isFatal } from "../engine/failures.ts";
import { say } from "../messages/text.ts";
import type { Plan, PromotionOptions, Step } from "../plan/plan.ts";
import { type Phases, schedulePhases } from "../plan/schedule.ts";
import type { Store } from "../state/store.ts";
import { beginSwitch, endPromotion, endPromotionIfDone, openPromotion } from "./open-promotion.ts";
import { readBaseline } from "./published-values.ts";
import { currentRelease, recordReleases, recordRollback } from "./release-history.ts";

/** How an apply in phases ended. */
export interface PhasedResult extends ApplyResult {
  /** Absent when none were to be run. */
  readonly checks?: readonly Tried[] | undefined;
  /** Callers see all that was prepared, nothing of it, or a part. */
  readonly switched: boolean | "partly";
  /** When a part: whose callers see the new release, and whose the old one. */
  readonly seen?: readonly Address[] | undefined;
  readonly unseen?: readonly Address[] | undefined;
}

/** What a phased apply promotes, and how it runs checks. */
export interface PhaseOptions extends PromotionOptions {
  runChecks(steps: readonly Step[]): Promise<readonly Tried[]>;
}

/**
 * Applies the plan of a promotion or rollback in phases: first everything that no caller sees, then the checks, and
 * only if all of that succeeded the switch, with removals. Records releases. Throws like `applyPlan`.
 */
export async function applyInPhases<Api>(
  engine: Engine<Api>,
  store: Store,
  plan: Plan,
  options: ApplyOptions,
  { from, check, runChecks }: PhaseOptions,
): Promise<Omit<PhasedResult, "calls" | "ms">> {
  const wasOpen = from !== undefined && store.state.promotion?.open === true;
  const seconds = () => Math.floor(engine.clock.now() / 1000);
  const record =
    from === undefined
      ? recordRollback
      : recordReleases(
          openPromotion(store, from, seconds(), plan),
          seconds,
          store.state.lineage,
          await readBaseline(engine, store.state, plan),
        );
  const phases = schedulePhases(plan, engine.provider.kinds);
  const all = [...phases.prepare, ...phases.switch];
  const run = beginRun(engine, store, all, { ...options, record });
  await run.carryOut(phases.prepare);
  let obstacle = run.obstacle();
  let checks: readonly Tried[] | undefined;
  if (obstacle === undefined && check) {
    checks = await runChecks(stepsToCheck(plan, phases, wasOpen ? store : undefined));
    obstacle = describeFailedCheck(checks) ?? run.obstacle();
  }
  obstacle ??= describeMissingCalls(engine, phases);
  if (obstacle === undefined) {
    if (from !== undefined) beginSwitch(store);
    await run.carryOut(phases.switch, "whole");
  } else run.skip(phases.switch, say("promote/switch-stopped", { why: obstacle }));
  const ended = await run.end();
  const isDone = obstacle === undefined && run.obstacle() === undefined;
  if (isDone && from !== undefined) endPromotion(store);
  else if (isDone) endPromotionIfDone(store);
  const last = ended.end ?? checks?.find(({ failure }) => failure && isFatal.has(failure.type))?.failure;
  return {
    ...ended,
    end: last,
    checks,
    ...describeSwitch(phases, obstacle === undefined ? ended : undefined),
  };
}

/** Why the switch can't begin: the run may not make enough calls to finish it. */
function describeMissingCalls<Api>(engine: Engine<Api>, phases: Phases): string | undefined {
  const counts = phases.switch.flatMap(({ nodes }) =>
    nodes.map(({ part, calls, step, goesAlong }) => {
      if (goesAlong) return 0;
      return part === "old" ? step.removes.length + (step.undo?.calls.length ?? 0) : calls.length;
    }),
  );
  const needed = counts.reduce((sum, count) => sum + count, 0);
  const left = engine.callsLeft();
  if (needed <= left) return undefined;
  return say("promote/calls-missing", { count: needed, left, enough: engine.callCount() + needed });
}

type Switched = Pick<PhasedResult, "switched" | "seen" | "unseen">;

/** What callers see after a switch that ended so, or wasn't begun. */
function describeSwitch(phases: Phases, ended: Pick<ApplyResult, "done"> | undefined): Switched {
  if (!ended) return { switched: false };
  const done = new Set(ended.done);
  const steps = phases.switch.flatMap(({ nodes }) =>
    nodes.filter(({ part }) => part === "switch").map(({ step }) => step),
  );
  const name = (some: readonly Step[]) => some.map(({ address }) => address);
  const unseen = steps.filter((step) => !done.has(step));
  if (unseen.length === 0) return { switched: true };
  if (unseen.length === steps.length) return { switched: false };
  return {
    switched: "partly",
    seen: name(steps.filter((step) => done.has(step))),
    unseen: name(unseen),
  };
}

/**
 * The steps with checks among everything that callers will see and its dependencies, changed in this run or not.
 * `continued`: the store of a continued promotion, whose earlier steps haven't been checked yet.
 */
function stepsToCheck(plan: Plan, phases: Phases, continued: Store | undefined): readonly Step[] {
  const byAddress = new Map(plan.steps.map((step) => [step.address, step]));
  const tried = new Set<Step>();
  const add = (step: Step): void => {
    if (tried.has(step) || step.spec === undefined) return;
    tried.add(step);
    for (const address of step.dependencies) {
      const needed = byAddress.get(address);
      if (needed) add(needed);
    }
  };
  for (const { nodes } of [...phases.prepare, ...phases.switch]) for (const { step } of nodes) add(step);
  const { promotion, resources = {} } = continued?.state ?? {};
  for (const step of plan.steps) {
    const made = currentRelease(resources[step.address] ?? {})?.promotion;
    if (made !== undefined && made === promotion?.number) add(step);
  }
  return plan.steps.filter((step) => tried.has(step) && step.checks !== undefined);
}

function describeFailedCheck(checks: readonly Tried[]): string | undefined {
  const [first, ...others] = checks.filter(({ passed }) => !passed);
  if (!first) return undefined;
  const values = { name: JSON.stringify(first.check.name), address: first.address, count: others.length };
  return others.length > 0 ? say("promote/checks-failed", values) : say("promote/check-failed", values);
}
