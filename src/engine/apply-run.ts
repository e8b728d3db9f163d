import type { Address } from "../core/address.ts";
import type { Failure } from "../core/failure.ts";
import type { Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { Port } from "../lifecycle/port.ts";
import { createWaiter, type Waiter } from "../lifecycle/wait-until-ready.ts";
import { say } from "../messages/text.ts";
import type { Step } from "../plan/plan.ts";
import type { Node } from "../plan/schedule.ts";
import { StateUnwritable } from "../state/model.ts";
import type { Store } from "../state/store.ts";
import { type Engine, openPort } from "./engine.ts";
import type { Doing } from "./events.ts";
import { describeFatal, isFatal, type Locate, type LocateId, locateFailure } from "./failures.ts";
import type { createFileHandles } from "./file-handles.ts";

export interface ApplyOptions {
  /** How long Coze's own work (documents, copies) is waited for, milliseconds. */
  readonly timeout: number;
  /** Waits until the object of a lost call can't appear any more, as far as `timeout` allows. */
  readonly waitLost?: boolean | undefined;
  /** Where manifests say what a failure turns out to be about; nowhere without it. */
  readonly locate?: Locate | undefined;
  /** The project's resource for an object at Coze, in any environment. */
  readonly locateId?: LocateId | undefined;
  /** Gives the state entry that is written whenever a step changes one. */
  readonly record?: ((draft: EntryDraft) => Entry) | undefined;
}

/** The state entry that a step is about to write, and the one before it. */
export interface EntryDraft {
  readonly kind: Pick<KindSchema, "fields" | "listing" | "release">;
  readonly step: Step;
  readonly before: Entry | undefined;
  readonly after: Entry;
  /** The object's whole configuration as the step leaves it, references as ids; undefined when only `after` says. */
  readonly whole: Values | undefined;
  /** What its manifest says, references as ids. */
  readonly wanted: Values;
  /** A call has just published the object. */
  readonly published?: true | undefined;
}

/** A step that may yet be done at Coze. */
interface PendingStep {
  readonly step: Step;
  readonly detail: string;
  /** Until when the object of its lost call may appear; epoch milliseconds. */
  readonly until?: number | undefined;
}

/** What the steps of a run share. */
export interface ApplyRun<Api> extends RunTally {
  readonly engine: Engine<Api>;
  /** The run as its waits see it. */
  readonly port: Port;
  /** Waits for Coze's own work on objects, together for all units. */
  readonly waits: Waits<Api>;
  readonly store: Store;
  readonly files: ReturnType<typeof createFileHandles>;
  readonly options: ApplyOptions;
  /** Creations whose intent is written before their turn comes. */
  readonly announced: Map<Address, Announced>;
  /** The steps whose creating call's answer doesn't show what Coze took of the values. */
  readonly untold: Set<Step>;
}

/** What was remembered of a resource before its creation was announced. */
interface Announced {
  readonly before: Entry | undefined;
  /** Where the object before goes that the creation replaces. */
  readonly deposes: Address | undefined;
}

/** The waits of a run. */
interface Waits<Api> {
  readonly waiter: Waiter<Api>;
  /** Leaves everything that is waited for as it is. */
  end(): void;
}

/** Opens the waits of a run. */
export function openWaits<Api>(engine: Engine<Api>, timeout: number): Waits<Api> {
  const ending = new AbortController();
  const waiter = createWaiter<Api>(openPort(engine, timeout, ending.signal));
  return { waiter, end: () => ending.abort() };
}

/** The progress of a run: what began and how it ended, told as events. */
export interface RunTally {
  started(node: Node, doing: Doing): void;
  finished(
    node: Node,
    doing: Doing,
    more?: { readonly id?: string; readonly note?: string | undefined },
  ): void;
  /** All is done but what lets callers see it. */
  prepared(node: Node): void;
  /** `sent`: top-level fields of the call that failed. Throws the error again when the state can't be written. */
  failed(node: Node, error: unknown, sent?: readonly string[]): Failure;
  /** Once the step is done, it counts as failed; what waits for it goes on. */
  complain(node: Node, error: Error): void;
  /** `until`: when the object of its lost call can't appear any more, epoch milliseconds. */
  pending(node: Node, detail: string, until?: number): void;
  skip(node: Node, because: string): void;
  /** Whether what waits for a node can't be done. */
  isUnsuccessful(node: { readonly id: string }): boolean;
  /** The failure after which no call will work, if there was one. */
  end(): Failure | undefined;
  /** Why not everything went well so far, in words. */
  obstacle(): string | undefined;
  result(steps: readonly Step[]): StepResults;
}

/** How steps ended. */
export interface StepResults {
  readonly done: readonly Step[];
  readonly failed: readonly { readonly step: Step; readonly failure: Failure }[];
  readonly skipped: readonly { readonly step: Step; readonly because: string }[];
  /** Coze is still at work on these, or may be; a later run waits on. */
  readonly pending: readonly PendingStep[];
}

/** Begins to keep the progress of a run. */
export function beginTally<Api>(engine: Engine<Api>, locate: Locate = () => undefined): RunTally {
  const failed = new Map<Step, Failure>();
  const skipped = new Map<Step, string>();
  const pending = new Map<Step, PendingStep>();
  const unsuccessful = new Set<string>();
  const complaints = new Map<Step, Error>();
  const begun = new Map<string, number>();
  let end: Failure | undefined;
  const now = () => engine.clock.now();
  const isUnhindered = (step: Step) => !skipped.has(step) && !pending.has(step);
  const since = (node: Node) => now() - (begun.get(node.id) ?? now());
  function skip(node: Node, because: string): void {
    unsuccessful.add(node.id);
    if (failed.has(node.step) || pending.has(node.step) || skipped.has(node.step)) return;
    skipped.set(node.step, because);
    engine.onEvent({ type: "step-skipped", at: now(), step: node.step, because });
  }
  const explainFailure = (node: Node, error: unknown, sent: readonly string[]): Failure => {
    const kind = findKind(engine.provider, node.step.kind);
    return locateFailure(kind, node.step, engine.provider.explain(error), { sent, locate });
  };
  function tellFailure(node: Node, failure: Failure): void {
    failed.set(node.step, failure);
    engine.onEvent({ type: "step-failed", at: now(), step: node.step, failure, ms: since(node) });
  }
  return {
    isUnsuccessful: ({ id }) => unsuccessful.has(id),
    end: () => end,
    started(node, doing) {
      begun.set(node.id, now());
      engine.onEvent({ type: "step-started", at: now(), step: node.step, doing });
    },
    complain: ({ step }, error) => void complaints.set(step, error),
    finished(node, doing, more = {}) {
      const complaint = complaints.get(node.step);
      if (complaint) return tellFailure(node, explainFailure(node, complaint, []));
      engine.onEvent({ type: "step-finished", at: now(), step: node.step, doing, ms: since(node), ...more });
    },
    prepared(node) {
      engine.onEvent({ type: "step-prepared", at: now(), step: node.step, ms: since(node) });
    },
    failed(node, error, sent = []) {
      // It is about no step: it ends the run, and the caller reports it once.
      if (error instanceof StateUnwritable) throw error;
      complaints.delete(node.step);
      const failure = explainFailure(node, error, sent);
      if (isFatal.has(failure.type)) end ??= failure;
      if (failure.type === "out-of-calls") {
        // The step's next call wasn't made; what was done of it is remembered.
        skip(node, describeFatal(failure));
        return failure;
      }
      unsuccessful.add(node.id);
      tellFailure(node, failure);
      return failure;
    },
    pending(node, detail, until) {
      const open: PendingStep = { step: node.step, detail, until };
      pending.set(node.step, open);
      unsuccessful.add(node.id);
      engine.onEvent({ type: "step-pending", at: now(), ...open });
    },
    skip,
    obstacle: () => findObstacle({ failed, pending, skipped }),
    result: (steps) => ({
      // One with a complaint was done, although not as it was wanted.
      done: steps.filter((step) => complaints.has(step) || !failed.has(step)).filter(isUnhindered),
      failed: [...failed].map(([step, failure]) => ({ step, failure })),
      skipped: [...skipped].map(([step, because]) => ({ step, because })),
      pending: [...pending.values()],
    }),
  };
}

function findObstacle(progress: {
  readonly failed: ReadonlyMap<Step, Failure>;
  readonly pending: ReadonlyMap<Step, PendingStep>;
  readonly skipped: ReadonlyMap<Step, string>;
}): string | undefined {
  const [broken] = progress.failed.keys();
  if (broken) return say("engine/step-failed", { address: broken.address });
  const [late] = progress.pending.values();
  if (late) {
    const { address } = late.step;
    return say(late.until === undefined ? "engine/step-pending" : "engine/step-lost", { address });
  }
  const [left] = progress.skipped;
  return left && say("engine/step-skipped", { address: left[0].address, reason: left[1] });
}
