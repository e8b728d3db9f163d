import type { Failure } from "../core/failure.ts";
import type { Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry } from "../kind/state-entry.ts";
import { countActions, type Plan, type Step } from "../plan/plan.ts";
import { type Node, scheduleSteps, type Unit } from "../plan/schedule.ts";
import { StateUnwritable } from "../state/model.ts";
import type { Store } from "../state/store.ts";
import { applyUnit } from "./apply-unit.ts";
import type { Engine } from "./engine.ts";
import type { CameAlong } from "./events.ts";
import type { LocateId } from "./failure-parts.ts";
import { describeFatal, isFatal } from "./fatal-failures.ts";
import { createFileHandles } from "./file-handles.ts";
import { type Locate, locateFailure } from "./locate-failure.ts";
import { removeUnit } from "./remove-unit.ts";
import { runSchedule, type Turn } from "./scheduler.ts";
import { findSideProducts } from "./side-products.ts";

export interface ApplyOptions {
  /** How long Coze's own work (documents, copies) is waited for, milliseconds. */
  readonly timeout: number;
  /** Waits until what a lost call may have made can't appear any more, as far as `timeout` allows. */
  readonly waitLost?: boolean;
  /** Where manifests say what a failure turns out to be about; nowhere without it. */
  readonly locate?: Locate;
  /** Which resource of the project stands for an object at Coze, in whichever environment. */
  readonly locateId?: LocateId;
  /** Has the last word on what is remembered of a resource whenever a step changes that. */
  readonly record?: (remembering: Remembering) => Entry;
}

/** What is about to be remembered of a resource. */
export interface Remembering {
  readonly kind: Pick<KindSchema, "fields" | "release">;
  readonly step: Step;
  readonly before: Entry | undefined;
  readonly after: Entry;
  /** The object's whole configuration as the step leaves it, references as ids; undefined when only `after` tells. */
  readonly whole: Values | undefined;
}

/** How an apply ended, step by step. */
export interface ApplyResult {
  readonly done: readonly Step[];
  readonly failed: readonly { readonly step: Step; readonly failure: Failure }[];
  readonly skipped: readonly { readonly step: Step; readonly because: string }[];
  /** Coze is still at work on these, or may be; a later run waits on. */
  readonly pending: readonly Pending[];
  /** What Coze made beside what was asked for. */
  readonly cameAlong?: readonly CameAlong[];
  readonly interrupted: boolean;
  /** Why the run ended before its end: no further call would have worked, or none was allowed. */
  readonly end?: Failure;
  /** API calls made. */
  readonly calls: number;
  readonly ms: number;
}

/** A step that may yet be done at Coze. */
interface Pending {
  readonly step: Step;
  readonly detail: string;
  /** Until when what its lost call made may appear; epoch milliseconds. */
  readonly until?: number;
}

/** What the steps of a run share. */
export interface ApplyRun<Api> {
  readonly engine: Engine<Api>;
  readonly store: Store;
  readonly files: ReturnType<typeof createFileHandles>;
  readonly options: ApplyOptions;
  started(node: Node, doing: string): void;
  finished(node: Node, doing: string, more?: { readonly id?: string; readonly note?: string }): void;
  /** All is done but what lets callers see it. */
  prepared(node: Node): void;
  /** `sent`: top-level fields of the call that failed. */
  failed(node: Node, error: unknown, sent?: readonly string[]): Failure;
  /** `until`: when what its lost call made can't appear any more, epoch milliseconds. */
  pending(node: Node, detail: string, until?: number): void;
}

type ApplyEnd = Omit<ApplyResult, "calls" | "ms">;

/**
 * Does exactly what a plan says, remembering each writing call before and after it. Failures stop only what
 * hangs on them; throws {@link StateUnwritable} once nothing can be remembered any more, when what is in flight has
 * ended. Whoever called it says when the run is over.
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
   * Does what some of its units say; those that don't begin any more are skipped. `whole`: an interruption lets all of
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
  const tally = beginTally(engine, options.locate ?? (() => undefined));
  const run: ApplyRun<Api> = { engine, store, files: createFileHandles(engine, store), options, ...tally };
  const begun = engine.clock.now();
  const steps = units.flatMap(({ nodes }) => nodes.map(({ step }) => step));
  const distinct = [...new Set(steps)];
  engine.onEvent({ type: "run-started", at: begun, steps: distinct.length, counts: countActions(distinct) });

  let isWhole = false;
  const stopped = () => (!isWhole && engine.signal?.aborted === true) || tally.end() !== undefined;
  // Coze works on tasks, so they take no place of what we work on; how many it takes at once is written nowhere.
  const laneOf = ({ part, kind }: Unit): string =>
    part === "main" && findKind(engine.provider, kind).copying ? "tasks" : "calls";
  const overlap = { parallelism: engine.parallelism, stopped, laneOf };
  const whyStopped = () => {
    const end = tally.end();
    return end ? describeFatal(end) : "the run was interrupted";
  };
  const skip = (skipped: readonly Unit[], because: string): void => {
    for (const node of skipped.flatMap(({ nodes }) => nodes)) tally.skip(node, because);
  };
  return {
    async carryOut(some, whole) {
      isWhole = whole !== undefined;
      skip(await runSchedule(some, overlap, (unit, turn) => runUnit(run, tally, unit, turn)), whyStopped());
    },
    skip,
    obstacle: () => tally.obstacle() ?? (stopped() ? whyStopped() : undefined),
    async end() {
      const isInterrupted = engine.signal?.aborted === true;
      const cameAlong = stopped() || isInterrupted ? [] : await findSideProducts(engine, store);
      const end = tally.end();
      return {
        ...tally.result(distinct),
        ...(cameAlong.length > 0 ? { cameAlong } : {}),
        ...(end ? { end } : {}),
        interrupted: isInterrupted,
      };
    },
  };
}

async function runUnit<Api>(run: ApplyRun<Api>, tally: Tally, unit: Unit, turn: Turn): Promise<void> {
  const ready = unit.nodes.filter((node) => {
    const broken = node.waitsFor.find(({ id }) => tally.unsuccessful.has(id));
    if (broken !== undefined) tally.skip(node, `it waits for ${broken.address}`);
    return broken === undefined;
  });
  if (ready.length === 0) return;
  try {
    await (unit.part === "old" ? removeUnit(run, ready) : applyUnit(run, ready, turn));
  } catch (error) {
    // A call that failed never gets here: this is the disk, or a mistake of ours.
    for (const node of ready) run.failed(node, error);
    throw error;
  }
}

type Tally = ReturnType<typeof beginTally>;

function beginTally<Api>(engine: Engine<Api>, locate: Locate) {
  const failed = new Map<Step, Failure>();
  const skipped = new Map<Step, string>();
  const pending = new Map<Step, Pending>();
  const unsuccessful = new Set<string>();
  const begun = new Map<string, number>();
  let end: Failure | undefined;
  const now = () => engine.clock.now();
  const since = (node: Node) => now() - (begun.get(node.id) ?? now());
  function skip(node: Node, because: string): void {
    unsuccessful.add(node.id);
    if (failed.has(node.step) || pending.has(node.step) || skipped.has(node.step)) return;
    skipped.set(node.step, because);
    engine.onEvent({ type: "step-skipped", at: now(), step: node.step, because });
  }
  return {
    unsuccessful,
    end: () => end,
    started(node: Node, doing: string) {
      begun.set(node.id, now());
      engine.onEvent({ type: "step-started", at: now(), step: node.step, doing });
    },
    finished(node: Node, doing: string, more: { readonly id?: string; readonly note?: string } = {}) {
      engine.onEvent({ type: "step-finished", at: now(), step: node.step, doing, ms: since(node), ...more });
    },
    prepared(node: Node) {
      engine.onEvent({ type: "step-prepared", at: now(), step: node.step, ms: since(node) });
    },
    failed(node: Node, error: unknown, sent: readonly string[] = []): Failure {
      // No step's fault: it ends the run, and whoever called it tells of it, once.
      if (error instanceof StateUnwritable) throw error;
      const kind = findKind(engine.provider, node.step.kind);
      const failure = locateFailure(kind, node.step, engine.provider.explain(error), { sent, locate });
      if (isFatal.has(failure.type)) end ??= failure;
      if (failure.type === "out-of-calls") {
        // Its next call wasn't made: no fault of the step's, and what was made of it is remembered.
        skip(node, describeFatal(failure));
        return failure;
      }
      failed.set(node.step, failure);
      unsuccessful.add(node.id);
      engine.onEvent({ type: "step-failed", at: now(), step: node.step, failure, ms: since(node) });
      return failure;
    },
    pending(node: Node, detail: string, until?: number) {
      const { step } = node;
      const open: Pending = { step, detail, ...(until === undefined ? {} : { until }) };
      pending.set(step, open);
      unsuccessful.add(node.id);
      engine.onEvent({ type: "step-pending", at: now(), ...open });
    },
    skip,
    obstacle(): string | undefined {
      const [broken] = failed.keys();
      if (broken) return `${broken.address} failed`;
      const [late] = pending.values();
      if (late) {
        const { address } = late.step;
        return late.until === undefined
          ? `Coze is still at work on ${address}`
          : `what the lost copying call of ${address} made may still appear`;
      }
      const [left] = skipped;
      return left && `${left[0].address} was skipped (${left[1]})`;
    },
    result: (steps: readonly Step[]) => ({
      done: steps.filter((step) => !failed.has(step) && !skipped.has(step) && !pending.has(step)),
      failed: [...failed].map(([step, failure]) => ({ step, failure })),
      skipped: [...skipped].map(([step, because]) => ({ step, because })),
      pending: [...pending.values()],
    }),
  };
}
