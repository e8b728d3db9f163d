import { createHash } from "node:crypto";
import type { Address } from "../core/address.ts";
import { InvalidInput } from "../core/diagnostic.ts";
import { describeReason, systemCodeOf } from "../core/system-error.ts";
import { type ApplyResult, applyPlan } from "../engine/apply.ts";
import { reconcileState } from "../engine/reconcile.ts";
import { findSideProducts } from "../engine/side-products.ts";
import { readFileGuarded, UnfitFile } from "../files/guarded-reading.ts";
import { moveEntries } from "../kind/move.ts";
import type { Entry } from "../kind/state-entry.ts";
import { type Explained, explain, say } from "../messages/text.ts";
import type { Refusal } from "../plan/guards/refusal.ts";
import { largestPlan, type PlanFault, readPlanDocument, type SavedPlan } from "../plan/plan-file.ts";
import { endPromotionIfDone, findPreparedChanges, saveAbandonedRollback } from "../promote/open-promotion.ts";
import type { PhasedResult } from "../promote/phases.ts";
import { noteSeen } from "../state/seen.ts";
import { openStore, type Store } from "../state/store.ts";
import { type CozeEngine, type EnvironmentConnections, openConnections } from "./connections.ts";
import { type ExecuteOptions, executePlan } from "./execute-plan.ts";
import type { Host } from "./host.ts";
import { createObjectLocator } from "./locate-object.ts";
import { type LockOptions, waitFor } from "./lock-waiting.ts";
import { type PlanCommandOptions, type Planned, planEnvironment } from "./plan.ts";
import { findStatePlace, type RunProject, readValidProject } from "./project.ts";
import { Refused, StalePlan, TooFewCalls } from "./refusals.ts";
import { nameEnvironment, replan, requireSamePlace, requireSameSource } from "./stale-plan.ts";

export interface ApplyCommandOptions extends PlanCommandOptions, ExecuteOptions, LockOptions {
  /** A plan saved by `plan --out`: it is applied exactly, or refused as stale. */
  readonly planFile?: string | undefined;
  /** The expected SHA-256 of the plan file in hexadecimal; another file is refused. */
  readonly planSha256?: string | undefined;
  readonly parallelism?: number | undefined;
  /**
   * Called when the plan removes so much that its number has to be confirmed, and `confirmRemovals` doesn't: resolves to
   * the number that was typed. Nothing is written unless it is the right one.
   */
  readonly countRemovals?: ((planned: Planned, removals: Refusal) => Promise<number | undefined>) | undefined;
  /** Called when there is something to do. Nothing is written unless it resolves to true. */
  approve(planned: Planned): Promise<boolean>;
}

/** The result of an apply; `result` is absent when there was nothing to do or it wasn't approved. */
export interface Applied {
  readonly planned: Planned;
  /** For a promotion or a rollback it also tells whether callers were switched. */
  readonly result?: ApplyResult | PhasedResult | undefined;
}

/** Applies the manifests of an environment, or a saved plan. */
export async function apply(host: Host, options: ApplyCommandOptions): Promise<Applied> {
  const saved =
    options.planFile === undefined ? undefined : await readPlanFile(options.planFile, options.planSha256);
  return applyPlanned(host, options, {
    command: "cozeform apply",
    saved,
    plan: async (connections, project, store) => {
      const planned = await (saved
        ? replan(host, connections, { project, store, saved }, options)
        : planEnvironment(host, connections, project, store.state, options));
      const isOrdinary =
        !planned.promotion && !planned.refreshOnly && !(options.destroy || saved?.options.destroy);
      const prepared = isOrdinary ? findPreparedChanges(store.state, planned.plan) : [];
      if (prepared.length > 0) throw new InvalidInput(prepared, project.sources);
      return planned;
    },
  });
}

/** How a command makes the plan that is then applied. */
export interface PlanSource {
  /** The command line for the message of the lock. */
  readonly command: string;
  readonly saved?: SavedPlan | undefined;
  /** Makes the plan to approve and apply; throws when there is none. */
  plan(connections: EnvironmentConnections, project: RunProject, store: Store): Promise<Planned>;
  /** Writes to the state before the apply begins; by default it ends an interrupted rollback. */
  begin?(store: Store): void | Promise<void>;
  /** There is something to approve and to do even where the plan changes nothing. */
  mustAct?(): boolean;
  /** Writes to the state after a complete apply or when there was nothing to do; not called otherwise. */
  end?(store: Store): void;
}

/** Locks the state, plans, asks for approval and applies the plan. */
export async function applyPlanned(
  host: Host,
  options: ApplyCommandOptions,
  { command, saved, plan, begin, end, mustAct: mustActBesides }: PlanSource,
): Promise<Applied> {
  if (options.refresh === "none") throw new StalePlan(say("commands/apply-without-calls"));
  const project = await readValidProject(host, {
    ...options,
    environment: environmentOf(saved, options),
    // What is removed needs none, and those may be gone already.
    outputsLater: saved ? saved.options.destroy : options.destroy,
  });
  const place = await findStatePlace(project, options);
  if (saved) requireSamePlace(saved, place);
  const store = await openStore({ ...place, lineage: saved?.lineage }, command, waitFor(host, options));
  try {
    const connections = await openConnections(host, project, options);
    const { engine } = connections;
    const planned = await plan(connections, project, store);
    const { refusals } = planned.plan;
    const countable = saved ? undefined : options.countRemovals && refusals.find(isCount);
    const final = refusals.filter((one) => one !== countable);
    if (final.length > 0) throw new Refused(planned, refusals, saved !== undefined);
    // The estimate is a lower bound: the apply would certainly stop halfway.
    if (planned.changes && planned.calls.apply > engine.callsLeft()) {
      throw new TooFewCalls(planned, engine.callsLeft());
    }
    const mustAct = planned.changes || hasOpenChecks(planned, store) || mustActBesides?.() === true;
    if (countable && (await options.countRemovals?.(planned, countable)) !== countable.count) {
      throw new Refused(planned, [countable], false);
    }
    if (mustAct && !(await options.approve(planned))) return { planned };
    if (planned.refreshOnly) return await updateState(engine, store, planned);
    if (planned.promotion) await requireSameSource(project, store.state, planned.promotion);
    if (begin) await begin(store);
    else saveAbandonedRollback(store);
    writeMoves(store, planned.moved);
    endHolds(store, planned.ended);
    reconcileState(engine.provider, store, planned.plan);
    if (!mustAct) {
      // An interrupted promotion has nothing left to do.
      if (planned.promotion) endPromotionIfDone(store);
      // An interrupted run may have left this undone.
      await findSideProducts(engine, store);
      end?.(store);
      return { planned };
    }
    const locateId = createObjectLocator(host, options, planned, store);
    const result = await executePlan(engine, store, planned, { ...options, locateId });
    if (isComplete(result)) end?.(store);
    return { planned, result };
  } finally {
    await store.close();
    if (!place.backend) noteSeen(place, store.state);
  }
}

/** Takes what changed at Coze into the state, and keeps a copy of the state before. Makes no call. */
async function updateState(engine: CozeEngine, store: Store, planned: Planned): Promise<Applied> {
  if (!planned.changes) return { planned };
  await store.backUp(engine.clock.now());
  const { clock } = engine;
  const [startedAt, callsBefore] = [clock.now(), engine.callCount()];
  const ended = await applyPlan(engine, store, planned.plan, { timeout: 0, waitLost: false });
  const result = { ...ended, calls: engine.callCount() - callsBefore, ms: clock.now() - startedAt };
  engine.onEvent({ type: "run-finished", at: clock.now(), ms: result.ms, calls: result.calls });
  return { planned, result };
}

const isCount = ({ guard }: Refusal): boolean => guard === "removals";

/** Gives resources their new addresses in the state, all of them at once. */
function writeMoves(store: Store, moved: Planned["moved"]): void {
  if (moved.size === 0) return;
  const entries = new Map(Object.entries(store.state.resources));
  store.put("moved", Object.fromEntries(moveEntries(entries, moved)));
}

/** Forgets that resources were held at an earlier release. */
function endHolds(store: Store, addresses: readonly Address[]): void {
  const changed = addresses.flatMap((address): readonly [Address, Entry][] => {
    const { hold, ...entry } = store.state.resources[address] ?? { hold: undefined };
    return hold ? [[address, entry as Entry]] : [];
  });
  if (changed.length > 0) store.put("hold-ended", Object.fromEntries(changed));
}

/** Whether an open promotion still has to pass the requested checks. */
const hasOpenChecks = ({ promotion, plan: { steps } }: Planned, { state }: Store): boolean =>
  promotion?.check === true &&
  promotion.from === state.promotion?.from &&
  state.promotion?.open === true &&
  steps.some(({ checks }) => checks !== undefined);

const isComplete = ({ failed, skipped, pending, interrupted, end }: ApplyResult): boolean =>
  [failed, skipped, pending].every(({ length }) => length === 0) && !interrupted && !end;

/** The environment of the options, or else that of the saved plan. */
const environmentOf = (saved: SavedPlan | undefined, { environment }: ApplyCommandOptions) =>
  environment ?? (saved && nameEnvironment(saved));

async function readPlanFile(file: string, pinned?: string): Promise<SavedPlan> {
  const refuse = ({ at, ...problem }: Explained & Partial<PlanFault>): never => {
    const place = { file, line: 1, column: 1, ...at };
    throw new InvalidInput([{ code: "plan-file", severity: "error", ...problem, at: place }]);
  };
  const text = readPlanText(file, refuse);
  const digest = createHash("sha256").update(text).digest("hex");
  if (pinned !== undefined && pinned.toLowerCase() !== digest) {
    return refuse(explain("commands/plan-not-pinned", { digest }));
  }
  const read = readPlanDocument(text);
  return "saved" in read ? read.saved : refuse(read.fault);
}

function readPlanText(file: string, refuse: (problem: Explained) => never): string {
  try {
    return readFileGuarded(file, { most: largestPlan, links: "follow" }).toString();
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return refuse(explain("commands/plan-missing"));
    const reason =
      error instanceof UnfitFile ? say("common/it-is", { what: error.what }) : describeReason(error);
    return refuse(explain("commands/plan-unreadable", { reason }));
  }
}
