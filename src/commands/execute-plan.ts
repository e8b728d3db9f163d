import type { Address } from "../core/address.ts";
import type { Path } from "../core/spec-walk.ts";
import { type ApplyResult, applyPlan } from "../engine/apply.ts";
import type { LocateId } from "../engine/failures.ts";
import { type Applied, readBack } from "../engine/read-back.ts";
import type { Step } from "../plan/plan.ts";
import { applyInPhases, type PhasedResult } from "../promote/phases.ts";
import { recordApplied } from "../promote/release-history.ts";
import { runChecks, type Subject } from "../promote/run-checks.ts";
import { readCache, writeCache } from "../state/cache.ts";
import type { Store } from "../state/store.ts";
import type { CozeEngine } from "./connections.ts";
import type { Planned } from "./plan.ts";

const halfAnHour = 30 * 60 * 1000;

/** How a plan is executed. */
export interface ExecuteOptions {
  /** How long to wait for Coze to finish its own work, milliseconds; half an hour by default. */
  readonly timeout?: number | undefined;
  /**
   * After a copying call without an answer: wait until its copy can no longer appear, as far as `timeout` allows, and
   * repeat the call. Without this the run does everything else and ends as pending.
   */
  readonly waitLost?: boolean | undefined;
}

/** Executes a plan, a promotion in its phases, and reads back the written objects into the cache. */
export async function executePlan(
  engine: CozeEngine,
  store: Store,
  planned: Planned,
  options: ExecuteOptions & { readonly locateId: LocateId },
): Promise<ApplyResult | PhasedResult> {
  const { clock } = engine;
  const [startedAt, callsBefore] = [clock.now(), engine.callCount()];
  const resources = new Map(planned.desired.map((resource) => [resource.address, resource]));
  const { plan, desired, promotion } = planned;
  // The state changes in place.
  const earlier = { ...store.state.resources };
  const applyOptions = {
    timeout: options.timeout ?? halfAnHour,
    waitLost: options.waitLost ?? false,
    locate: (address: Address, path: Path) => resources.get(address)?.locate(path),
    locateId: options.locateId,
  };
  // Only promotions have checks, and loading what judges their answers takes time. It is loaded before anything is
  // written: a later version may have replaced the file when the checks run.
  const judging = promotion?.check ? await import("../promote/check-assertions.ts") : undefined;
  const applied = promotion
    ? await applyInPhases(engine, store, plan, applyOptions, {
        ...promotion,
        runChecks: async (steps) =>
          judging ? runChecks(engine, listSubjects(steps, store), judging.judgeReply) : [],
      })
    : await applyPlan(engine, store, plan, {
        ...applyOptions,
        record: recordApplied(() => Math.floor(clock.now() / 1000), store.state.lineage),
      });
  if (!applied.interrupted && !applied.end) {
    const { done } = applied;
    await refreshAfter(engine, store, planned.project, { plan, done, desired, earlier });
  }
  const result = { ...applied, calls: engine.callCount() - callsBefore, ms: clock.now() - startedAt };
  engine.onEvent({ type: "run-finished", at: clock.now(), ms: result.ms, calls: result.calls });
  return result;
}

/** The prepared objects whose steps have checks. */
const listSubjects = (steps: readonly Step[], { state }: Store): readonly Subject[] =>
  steps.flatMap(({ address, kind, spec = {}, checks = [] }) => {
    const { id, parent } = state.resources[address] ?? {};
    if (id === undefined) return [];
    return { address, kind, spec, checks, place: parent === undefined ? { id } : { id, parent } };
  });

/** Reads back what the run wrote. A failure is reported and changes nothing about the result. */
async function refreshAfter(
  engine: CozeEngine,
  store: Store,
  { directory, linkedFolders = [] }: Planned["project"],
  applied: Applied,
): Promise<void> {
  const location = { directory, environment: store.state.environment, linkedFolders };
  const { cache } = readCache(location);
  try {
    writeCache(location, await readBack(engine, store, cache, applied));
  } catch (error) {
    engine.onEvent({
      type: "not-read-back",
      at: engine.clock.now(),
      failure: engine.provider.explain(error),
    });
  }
}
