import type { Failure } from "../core/failure.ts";
import { findKind } from "../kind/find-kind.ts";
import { say } from "../messages/text.ts";
import { countActions, type Plan } from "../plan/plan.ts";
import { type Node, scheduleSteps, type Unit } from "../plan/schedule.ts";
import type { Store } from "../state/store.ts";
import { type ApplyOptions, type ApplyRun, beginTally, openWaits, type StepResults } from "./apply-run.ts";
import { applyUnit } from "./apply-unit.ts";
import { type Engine, openPort } from "./engine.ts";
import type { CameAlong } from "./events.ts";
import { describeFatal, explainRefusal } from "./failures.ts";
import { createFileHandles } from "./file-handles.ts";
import { announceTogether, withdrawAnnounced } from "./intents.ts";
import { refreshEntry } from "./reconcile.ts";
import { finishAlong, removeUnit } from "./remove-unit.ts";
import { runSchedule, type Turn } from "./scheduler.ts";
import { findSideProducts } from "./side-products.ts";

/** How an apply ended, step by step. */
export interface ApplyResult extends StepResults {
  /** What Coze made beside what was asked for. */
  readonly cameAlong?: readonly CameAlong[] | undefined;
  readonly interrupted: boolean;
  /** Why the run ended early: no further call would have worked, or none was allowed. */
  readonly end?: Failure | undefined;
  /** API calls made. */
  readonly calls: number;
  readonly ms: number;
}

type ApplyEnd = Omit<ApplyResult, "calls" | "ms">;

/**
 * Applies a plan and remembers each writing call before and after it. A failure stops only the steps that depend on it.
 * Throws {@link StateUnwritable} if the state can't be written, once the calls in flight have ended. The caller reports
 * the end of the run.
 */
export async function applyPlan<Api>(
  engine: Engine<Api>,
  store: Store,
  plan: Plan,
  options: ApplyOptions,
): Promise<ApplyEnd> {
  const units = scheduleSteps(plan, engine.provider.kinds);
  const running = beginRun(engine, store, units, options);
  await running.carryOut(units);
  return running.end();
}

/** A run that goes on. */
export interface Running {
  /**
   * Applies some of its units; those that don't begin any more are skipped. With `whole`, an interruption lets all of
   * them come to their end. Throws what {@link applyPlan} does.
   */
  carryOut(units: readonly Unit[], whole?: "whole"): Promise<void>;
  skip(units: readonly Unit[], because: string): void;
  /** Why not everything went well so far, in words. */
  obstacle(): string | undefined;
  end(): Promise<ApplyEnd>;
}

/** Begins a run of these units, to be carried out some after others. */
export function beginRun<Api>(
  engine: Engine<Api>,
  store: Store,
  units: readonly Unit[],
  options: ApplyOptions,
): Running {
  const run: ApplyRun<Api> = {
    ...beginTally(engine, options.locate),
    engine,
    port: openPort(engine, options.timeout),
    waits: openWaits(engine, options.timeout),
    store,
    files: createFileHandles(engine, store),
    options,
    announced: new Map(),
    untold: new Set(),
  };
  const begun = engine.clock.now();
  const steps = units.flatMap(({ nodes }) => nodes.map(({ step }) => step));
  const distinct = [...new Set(steps)];
  engine.onEvent({ type: "run-started", at: begun, steps: distinct.length, counts: countActions(distinct) });

  let isWhole = false;
  const stopped = () => (!isWhole && run.port.stopped) || run.end() !== undefined;
  // Coze works on tasks, so they take no place among our calls; how many it takes at once is undocumented.
  const laneOf = ({ part, kind }: Unit): string =>
    part === "main" && findKind(engine.provider, kind).copying ? "tasks" : "calls";
  const announcing = announceTogether(run);
  const overlap = { parallelism: engine.parallelism, stopped, laneOf, announcing };
  const whyStopped = () => {
    const end = run.end();
    return end ? describeFatal(end) : say("engine/interrupted");
  };
  const skip = (skipped: readonly Unit[], because: string): void => {
    for (const node of skipped.flatMap(({ nodes }) => nodes)) run.skip(node, because);
  };
  return {
    async carryOut(some, whole) {
      isWhole = whole !== undefined;
      // How far a promotion has come can't be found out at Coze.
      await store.synced();
      skip(await runSchedule(some, overlap, (unit, turn) => runUnit(run, unit, turn)), whyStopped());
      withdrawAnnounced(run);
    },
    skip,
    obstacle: () => run.obstacle() ?? (stopped() ? whyStopped() : undefined),
    async end() {
      const interrupted = run.port.stopped;
      const cameAlong = stopped() || interrupted ? [] : await findSideProducts(engine, store);
      return {
        ...run.result(distinct),
        cameAlong: cameAlong.length > 0 ? cameAlong : undefined,
        end: run.end(),
        interrupted,
      };
    },
  };
}

const describeBroken = ({ address, contents }: Node["waitsFor"][number]): string =>
  say(contents ? "engine/waits-for-contents" : "engine/waits-for", { address });

/** A step that makes no call. The state has the new address of a moved one already. */
function writeAlone<Api>(run: ApplyRun<Api>, node: Node): void {
  const { address, action, spec, changes } = node.step;
  const doing = action === "moved" ? "move" : "refresh";
  run.started(node, doing);
  const entry = run.store.state.resources[address];
  if (action === "refresh" && entry && spec && changes.length > 0) {
    run.store.put("refreshed", { [address]: refreshEntry(entry, spec, changes) });
  }
  run.finished(node, doing, entry?.id === undefined ? {} : { id: entry.id });
}

/** The nodes that can be done; the others are skipped, each because of one that wasn't. */
function skipBroken<Api>(run: ApplyRun<Api>, nodes: readonly Node[]): readonly Node[] {
  return nodes.filter((node) => {
    const broken = node.waitsFor.find(run.isUnsuccessful);
    if (broken) run.skip(node, describeBroken(broken));
    return !broken;
  });
}

async function runUnit<Api>(run: ApplyRun<Api>, unit: Unit, turn: Turn): Promise<void> {
  const along = unit.nodes.filter(({ goesAlong }) => goesAlong);
  const ready = skipBroken(
    run,
    unit.nodes.filter(({ goesAlong }) => !goesAlong),
  );
  const refused = ready.filter(({ part, step }) => part === "main" && step.refusal !== undefined);
  for (const node of refused) run.failed(node, explainRefusal(node.step.refusal));
  const rest = ready.filter((node) => !refused.includes(node));
  const alone = rest.filter(({ step }) => step.action === "moved" || step.action === "refresh");
  for (const node of alone) writeAlone(run, node);
  try {
    if (rest.length > alone.length) {
      await (unit.part === "old" ? removeUnit(run, rest, along) : applyUnit(run, rest, turn));
    }
  } catch (error) {
    // A call that failed never gets here: this is the disk, or a mistake of ours.
    for (const node of rest) run.failed(node, error);
    throw error;
  }
  for (const node of skipBroken(run, along)) finishAlong(run, node);
}
