import { type ApplyOptions, type ApplyResult, beginRun } from "../engine/apply.ts";
import { ends } from "../engine/ends.ts";
import type { Engine } from "../engine/engine.ts";
import type { Tried } from "../engine/events.ts";
import type { Plan, PromotionOptions, Step } from "../plan/plan.ts";
import { type Phases, schedulePhases } from "../plan/schedule.ts";
import type { Store } from "../state/store.ts";
import { closePromotion, openPromotion, recordReleases, recordReturn } from "./ledger.ts";

/** How an apply in phases ended. */
export interface PhasedResult extends ApplyResult {
  /** Absent when none were to be run. */
  readonly checks?: readonly Tried[];
  /** Callers see all that was prepared; false: they see nothing of it. */
  readonly switched: boolean;
}

/** What a phased apply is for, and how it tries what it has prepared. */
export interface PhaseOptions extends PromotionOptions {
  runChecks(steps: readonly Step[]): Promise<readonly Tried[]>;
}

/**
 * Does what the plan of a promotion, or of the way back from one, says: first everything that no caller sees, then the
 * checks, and only when all of it went well what lets callers see it, with removals. Keeps the ledger. Throws what
 * `applyPlan` does.
 */
export async function applyInPhases<Api>(
  engine: Engine<Api>,
  store: Store,
  plan: Plan,
  options: ApplyOptions,
  { from, check, runChecks }: PhaseOptions,
): Promise<Omit<PhasedResult, "calls" | "ms">> {
  const seconds = () => Math.floor(engine.clock.now() / 1000);
  const record =
    from === undefined ? recordReturn : recordReleases(openPromotion(store, from, seconds()), seconds);
  const phases = schedulePhases(plan, engine.provider.kinds);
  const all = [...phases.prepare, ...phases.switch];
  const running = beginRun(engine, store, all, { ...options, record });
  await running.carryOut(phases.prepare);
  let obstacle = running.obstacle();
  let checks: readonly Tried[] | undefined;
  if (obstacle === undefined && check) {
    checks = await runChecks(stepsToTry(plan, phases));
    obstacle = describeRefused(checks) ?? running.obstacle();
  }
  if (obstacle === undefined) await running.carryOut(phases.switch);
  else running.skip(phases.switch, `nothing is switched: ${obstacle}`);
  const ended = await running.end();
  if (obstacle === undefined && running.obstacle() === undefined) closePromotion(store);
  const last = ended.end ?? checks?.find(({ failure }) => failure && ends.has(failure.type))?.failure;
  return {
    ...ended,
    ...(last ? { end: last } : {}),
    ...(checks ? { checks } : {}),
    switched: obstacle === undefined,
  };
}

/** What has checks among all that callers are to see, and what that refers to, changed in this run or not. */
function stepsToTry(plan: Plan, phases: Phases): readonly Step[] {
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
  return plan.steps.filter((step) => tried.has(step) && step.checks !== undefined);
}

function describeRefused(checks: readonly Tried[]): string | undefined {
  const [first, ...others] = checks.filter(({ passed }) => !passed);
  if (!first) return undefined;
  const more = others.length > 0 ? `, and ${others.length} more` : "";
  return `the check ${JSON.stringify(first.check.name)} of ${first.address} didn't pass${more}`;
}
