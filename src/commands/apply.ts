import { createHash } from "node:crypto";
import { InvalidInput } from "../core/diagnostic.ts";
import { describeReason, systemCodeOf } from "../core/system-error.ts";
import type { ApplyResult } from "../engine/apply.ts";
import { reconcileState } from "../engine/reconcile.ts";
import { findSideProducts } from "../engine/side-products.ts";
import { readFileGuarded, UnfitFile } from "../files/guarded-reading.ts";
import type { Permission } from "../plan/plan.ts";
import {
  findStaleSteps,
  largestPlan,
  readPlanDocument,
  restoreDesired,
  type SavedPlan,
} from "../plan/plan-file.ts";
import { endPromotionIfDone, findPreparedChanges, saveAbandonedRollback } from "../promote/open-promotion.ts";
import type { PhasedResult } from "../promote/phases.ts";

import { openStore, type Store } from "../state/store.ts";
import { findStaleSources } from "./bind-sources.ts";
import { type EnvironmentConnections, openConnections } from "./connections.ts";
import { type ExecuteOptions, executePlan } from "./execute-plan.ts";
import type { Host } from "./host.ts";
import { createObjectLocator } from "./locate-object.ts";
import { type PlanCommandOptions, type Planned, planEnvironment, planProject } from "./plan.ts";
import { placeOfState, type RunProject, readValidProject } from "./project.ts";

export interface ApplyCommandOptions extends PlanCommandOptions, ExecuteOptions {
  /** A plan saved by `plan --out`: it is applied exactly, or refused as stale. */
  readonly planFile?: string | undefined;
  /** The expected SHA-256 of the plan file in hexadecimal; another file is refused. */
  readonly planSha256?: string | undefined;
  readonly parallelism?: number | undefined;
  readonly allow?: ReadonlySet<Permission> | undefined;
  /** Called when there is something to do. Nothing is written unless it resolves to true. */
  approve(planned: Planned): Promise<boolean>;
}

/** The result of an apply; `result` is absent when there was nothing to do or it wasn't approved. */
export interface Applied {
  readonly planned: Planned;
  /** For a promotion or a rollback it also tells whether callers were switched. */
  readonly result?: ApplyResult | PhasedResult | undefined;
}

/** A step needs a permission that wasn't given. Nothing was written. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly planned: Planned;

  constructor(planned: Planned) {
    const lacks = [...new Set(planned.refused.flatMap((one) => one.lacks))].sort();
    const addresses = planned.refused.map(({ step }) => step.address).join(", ");
    super(
      `${addresses} would do harm that can't be undone: say --${lacks.join(" --")} to do it all the same`,
    );
    this.planned = planned;
  }
}

/** `maxCalls` leaves fewer calls than the apply needs. Nothing was written. */
export class TooFewCalls extends Error {
  override readonly name = "TooFewCalls";
  readonly planned: Planned;
  readonly hint: string;

  /** `left`: the number of calls that the run may still make. */
  constructor(planned: Planned, left: number) {
    const { made, apply: needed } = planned.calls;
    super(`this apply needs about ${needed} calls, and --max-calls leaves ${left}`);
    this.planned = planned;
    this.hint = `say --max-calls ${made + needed} at least, or do a part of it with --target`;
  }
}

/** A saved plan no longer matches what an apply would do. Nothing was written. */
export class StalePlan extends Error {
  override readonly name = "StalePlan";
  readonly hint: string;
  /** The plan is for another environment or endpoint than the options name. */
  readonly elsewhere: boolean;

  /** `move`: the options that lead to the environment of the plan. */
  constructor(message: string, move?: string) {
    super(message);
    this.hint = move ?? "plan again, look at what it says now, and apply that";
    this.elsewhere = move !== undefined;
  }
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
      const isOrdinary = !planned.promotion && !(options.destroy || saved?.options.destroy);
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
  begin?(store: Store): void;
  /** Writes to the state after a complete apply or when there was nothing to do; not called otherwise. */
  end?(store: Store): void;
}

/** Locks the state, plans, asks for approval and applies the plan. */
export async function applyPlanned(
  host: Host,
  options: ApplyCommandOptions,
  { command, saved, plan, begin, end }: PlanSource,
): Promise<Applied> {
  if (options.refresh === "none")
    throw new StalePlan("nothing can be applied without asking Coze (--refresh none)");
  const project = await readValidProject(host, { ...options, environment: environmentOf(saved, options) });
  const place = placeOfState(project, options);
  if (saved && (saved.environment !== place.environment || saved.endpoint !== place.endpoint)) {
    const [planned, given] = [saved, place].map(namePlace);
    throw new StalePlan(`the plan is for ${planned}, and this would be ${given}`, moveTo(saved, place));
  }
  const store = openStore({ ...place, ...(saved ? { lineage: saved.lineage } : {}) }, command);
  try {
    const connections = await openConnections(host, project, options);
    const { engine } = connections;
    const planned = await plan(connections, project, store);
    if (planned.refused.length > 0) throw new Refused(planned);
    // The estimate is a lower bound: the apply would certainly stop halfway.
    if (planned.changes && planned.calls.apply > engine.callsLeft()) {
      throw new TooFewCalls(planned, engine.callsLeft());
    }
    const mustAct = planned.changes || hasOpenChecks(planned, store);
    if (mustAct && !(await options.approve(planned))) return { planned };
    if (begin) begin(store);
    else saveAbandonedRollback(store);
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
    store.close();
  }
}

/** Whether an open promotion still has to pass the requested checks. */
const hasOpenChecks = ({ promotion, plan: { steps } }: Planned, { state }: Store): boolean =>
  promotion?.check === true &&
  promotion.from === state.promotion?.from &&
  state.promotion?.open === true &&
  steps.some(({ checks }) => checks !== undefined);

const isComplete = ({ failed, skipped, pending, interrupted, end }: ApplyResult): boolean =>
  [failed, skipped, pending].every(({ length }) => length === 0) && !interrupted && !end;

type Place = Pick<SavedPlan, "environment" | "endpoint">;

const emulated = /\.emulator$/;

const namePlace = ({ environment, endpoint }: Place): string =>
  `${environment.replace(emulated, "")} at ${emulated.test(environment) ? "the emulator" : endpoint}`;

/** The options that lead to the environment of a plan. */
function moveTo({ environment, endpoint }: Place, given: Place): string {
  const [name, givenName] = [environment, given.environment].map((one) => one.replace(emulated, ""));
  const [atEmulator, givenEmulator] = [environment, given.environment].map((one) => emulated.test(one));
  const moves = [
    ...(name === givenName ? [] : [`say -e ${name}`]),
    ...(atEmulator === givenEmulator ? [] : [atEmulator ? "add --emulator" : "leave --emulator out"]),
  ];
  return moves.join(" and ") || `say --endpoint ${endpoint}`;
}

/** The environment of the options, or else that of the saved plan. */
const environmentOf = (saved: SavedPlan | undefined, { environment }: ApplyCommandOptions) =>
  environment ?? saved?.environment.replace(emulated, "");

async function readPlanFile(file: string, pinned?: string): Promise<SavedPlan> {
  const refuse = (message: string, hint: string, at = { line: 1, column: 1 }): never => {
    throw new InvalidInput([{ code: "plan-file", severity: "error", message, hint, at: { file, ...at } }]);
  };
  const text = readPlanText(file, (error) => {
    if (systemCodeOf(error) === "ENOENT")
      return refuse("there is no such plan file", "make one with plan --out");
    const why = error instanceof UnfitFile ? `it is ${error.what}` : describeReason(error);
    return refuse(`the plan can't be read: ${why}`, "name a file that plan --out wrote");
  });
  const digest = createHash("sha256").update(text).digest("hex");
  if (pinned !== undefined && pinned.toLowerCase() !== digest)
    return refuse(
      `this isn't the plan that was pinned: its SHA-256 is ${digest}`,
      "look at what it does now, and pin that",
    );
  const read = readPlanDocument(text);
  return "saved" in read ? read.saved : refuse(read.fault.message, read.fault.hint, read.fault.at);
}

function readPlanText(file: string, refuse: (error: unknown) => never): string {
  try {
    return readFileGuarded(file, { most: largestPlan, links: "follow" }).toString();
  } catch (error) {
    return refuse(error);
  }
}

/** Plans the resources of a saved plan again; throws {@link StalePlan} when the steps differ. */
async function replan(
  host: Host,
  connections: EnvironmentConnections,
  {
    project,
    store,
    saved,
  }: { readonly project: RunProject; readonly store: Store; readonly saved: SavedPlan },
  options: ApplyCommandOptions,
): Promise<Planned> {
  const { engine } = connections;
  const { lineage } = store.state;
  if (saved.refresh === "none") throw new StalePlan("the plan was made without asking Coze (--refresh none)");
  if (saved.serial > 0 && lineage !== saved.lineage) {
    throw new StalePlan("the plan was made for another state than the one that is there now");
  }
  if (store.openedAt !== saved.serial) {
    throw new StalePlan(
      `the state changed since the plan was made (serial ${saved.serial}, now ${store.openedAt})`,
    );
  }
  const { desired, changed } = restoreDesired(saved, project.resources, engine.provider.kinds);
  if (changed.length > 0)
    throw new StalePlan(`secrets differ from those planned with: ${changed.join(", ")}`);
  const moved = await findStaleSources(host, connections, options, { project, state: store.state, saved });
  if (moved.length > 0) {
    throw new StalePlan(`what would be copied was changed since the plan was made: ${moved.join(", ")}`);
  }
  const planned = await planProject(engine, project, store.state, {
    directory: options.directory,
    allow: options.allow,
    ...saved.options,
    refresh: saved.refresh,
    desired,
  });
  const stale = findStaleSteps(saved, planned.plan, engine.provider.kinds);
  if (stale.length > 0) {
    const named = stale.length > 5 ? [...stale.slice(0, 5), `${stale.length - 5} more`] : stale;
    throw new StalePlan(`what is at Coze changed since the plan was made: ${named.join(", ")}`);
  }
  return planned;
}
