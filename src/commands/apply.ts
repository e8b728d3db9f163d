import { createHash } from "node:crypto";
import { InvalidInput } from "../core/diagnostic.ts";
import { describeReason, systemCodeOf } from "../core/system-error.ts";
import type { ApplyResult } from "../engine/apply.ts";
import { reconcileState } from "../engine/reconcile.ts";
import { findSideProducts } from "../engine/side-products.ts";
import { readFileGuarded, UnfitFile } from "../files/guarded-reading.ts";
import type { Project } from "../manifest/load.ts";
import type { Permission } from "../plan/permissions.ts";
import { findStaleSteps, readPlanDocument, restoreDesired, type SavedPlan } from "../plan/plan-file.ts";
import { findPrepared } from "../promote/open-promotion.ts";
import type { PhasedResult } from "../promote/phases.ts";
import { closePromotion, keepSettled } from "../promote/release-history.ts";
import { openStore, type Store } from "../state/store.ts";
import {
  type EnvironmentConnections,
  type Host,
  openConnections,
  placeOfState,
  readValidProject,
} from "./connections.ts";
import { executePlan } from "./execute-plan.ts";
import { createObjectLocator } from "./locate-object.ts";
import { type PlanCommandOptions, type Planned, planProject, planWanted } from "./plan.ts";
import { findStaleSources } from "./stale-sources.ts";

export interface ApplyCommandOptions extends PlanCommandOptions {
  /** A plan made by `plan --out`: it is applied exactly, or refused as stale. */
  readonly planFile?: string;
  /** SHA-256 of the plan file, in hexadecimal: one with another content is refused. */
  readonly planSha256?: string;
  readonly parallelism?: number;
  /** How long Coze's own work is waited for, milliseconds; half an hour by default. */
  readonly timeout?: number;
  /**
   * Where a copying call got no answer, waits until what it made can't appear any more, as far as `timeout` allows, and
   * then repeats it; without this, the run ends as pending once nothing else is left to do.
   */
  readonly waitLost?: boolean;
  readonly allow?: ReadonlySet<Permission>;
  /** Asked once there is something to do; nothing is sent to Coze unless it answers true. */
  approve(planned: Planned): Promise<boolean>;
}

/** How an apply went; `result` is absent when there was nothing to do or it wasn't approved. */
export interface Applied {
  readonly planned: Planned;
  /** Of a promotion, or of the way back from one, it says as well whether callers were switched. */
  readonly result?: ApplyResult | PhasedResult;
}

/** A step needs a permission that wasn't given. Nothing was sent. */
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

/** The run may make fewer calls than the plan's apply needs. Nothing was written. */
export class TooFewCalls extends Error {
  override readonly name = "TooFewCalls";
  readonly planned: Planned;
  readonly hint: string;

  /** `left`: the calls that the run may still make. */
  constructor(planned: Planned, left: number) {
    const { made, apply: needed } = planned.calls;
    super(`this apply needs about ${needed} calls, and --max-calls leaves ${left}`);
    this.planned = planned;
    this.hint = `say --max-calls ${made + needed} at least, or do a part of it with --target`;
  }
}

/** A saved plan no longer says what an apply would do. Nothing was sent. */
export class StalePlan extends Error {
  override readonly name = "StalePlan";
  readonly hint: string;
  /** It isn't out of date, but meant for another place than the options say. */
  readonly elsewhere: boolean;

  /** `move`: what leads to the place that the plan is for. */
  constructor(message: string, move?: string) {
    super(message);
    this.hint = move ?? "plan again, look at what it says now, and apply that";
    this.elsewhere = move !== undefined;
  }
}

/** Brings Coze to what the manifests say, or to what a saved plan says. */
export async function apply(host: Host, options: ApplyCommandOptions): Promise<Applied> {
  const saved =
    options.planFile === undefined ? undefined : await readPlanFile(options.planFile, options.planSha256);
  return applyPlanned(host, options, {
    command: "cozeform apply",
    ...(saved ? { saved } : {}),
    plan: async (door, project, store) => {
      const planned = await (saved
        ? replan(host, door, { project, store, saved }, options)
        : planWanted(host, door, project, store.state, options));
      const isPlain = !planned.promotion && !(options.destroy || saved?.options.destroy);
      const prepared = isPlain ? findPrepared(store.state, planned.plan) : [];
      if (prepared.length > 0) throw new InvalidInput(prepared, project.sources);
      return planned;
    },
  });
}

/** Where a plan comes from that is to be applied. */
export interface PlanSource {
  /** Who holds the lock, for others to read. */
  readonly command: string;
  readonly saved?: SavedPlan;
  /** Plans what is then shown, approved and done; throws when there can be no plan. */
  plan(door: EnvironmentConnections, project: Project, store: Store): Promise<Planned>;
  /** Remembers what has to be remembered before anything is done; without it, that a rollback was given up. */
  begin?(store: Store): void;
  /** Remembers that all of it was done, or that there was nothing to do; not called otherwise. */
  end?(store: Store): void;
}

/** Locks the state, plans, asks for approval and does what the plan says. */
export async function applyPlanned(
  host: Host,
  options: ApplyCommandOptions,
  { command, saved, plan, begin, end }: PlanSource,
): Promise<Applied> {
  if (options.refresh === "none")
    throw new StalePlan("nothing can be applied without asking Coze (--refresh none)");
  const project = await readValidProject(host, { ...options, ...placedAs(saved, options) });
  const place = placeOfState(project, options);
  if (saved && (saved.environment !== place.environment || saved.endpoint !== place.endpoint)) {
    const [planned, given] = [saved, place].map(namePlace);
    throw new StalePlan(`the plan is for ${planned}, and this would be ${given}`, moveTo(saved, place));
  }
  const store = openStore({ ...place, ...(saved ? { lineage: saved.lineage } : {}) }, command);
  try {
    const door = await openConnections(host, project, options);
    const { engine } = door;
    const planned = await plan(door, project, store);
    if (planned.refused.length > 0) throw new Refused(planned);
    // The need is at least that, so there is no doubt that it would end halfway.
    if (planned.changes && planned.calls.apply > engine.callsLeft()) {
      throw new TooFewCalls(planned, engine.callsLeft());
    }
    const isUntried = hasUntried(planned, store);
    const acts = planned.changes || isUntried;
    if (acts && !(await options.approve(planned))) return { planned };
    if (begin) begin(store);
    else keepSettled(store);
    reconcileState(engine.provider, store, planned.plan);
    if (!acts) {
      // Then nothing of a promotion that was cut off is left to do.
      if (planned.promotion) closePromotion(store);
      // A run that was cut off may have left this undone.
      await findSideProducts(engine, store);
      end?.(store);
      return { planned };
    }
    const locateId = createObjectLocator(host, options, planned, store);
    const result = await executePlan(engine, store, planned, { ...options, locateId });
    if (isAllDone(result)) end?.(store);
    return { planned, result };
  } finally {
    store.close();
  }
}

/** Whether checks were asked for that what an open promotion made hasn't passed. */
const hasUntried = ({ promotion, plan: { steps } }: Planned, { state }: Store): boolean =>
  promotion?.check === true &&
  promotion.from === state.promotion?.from &&
  state.promotion?.open === true &&
  steps.some(({ checks }) => checks !== undefined);

const isAllDone = ({ failed, skipped, pending, interrupted, end }: ApplyResult): boolean =>
  [failed, skipped, pending].every(({ length }) => length === 0) && !interrupted && !end;

type Place = Pick<SavedPlan, "environment" | "endpoint">;

const emulated = /\.emulator$/;

const namePlace = ({ environment, endpoint }: Place): string =>
  `${environment.replace(emulated, "")} at ${emulated.test(environment) ? "the emulator" : endpoint}`;

/** The options that turn an apply to the place that a plan is for. */
function moveTo({ environment, endpoint }: Place, given: Place): string {
  const [name, givenName] = [environment, given.environment].map((one) => one.replace(emulated, ""));
  const [atEmulator, givenEmulator] = [environment, given.environment].map((one) => emulated.test(one));
  const moves = [
    ...(name === givenName ? [] : [`say -e ${name}`]),
    ...(atEmulator === givenEmulator ? [] : [atEmulator ? "add --emulator" : "leave --emulator out"]),
  ];
  return moves.join(" and ") || `say --endpoint ${endpoint}`;
}

/** The environment that a saved plan was made for, unless the options name one. */
const placedAs = (saved: SavedPlan | undefined, { environment }: ApplyCommandOptions) =>
  saved && environment === undefined ? { environment: saved.environment.replace(emulated, "") } : {};

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

/** Bytes; larger than any text can be. */
const largestPlan = 512 * 2 ** 20;

function readPlanText(file: string, refuse: (error: unknown) => never): string {
  try {
    return readFileGuarded(file, { most: largestPlan, links: "follow" }).toString();
  } catch (error) {
    return refuse(error);
  }
}

/** The saved plan's steps, made anew from its own resources and found to be the same. */
async function replan(
  host: Host,
  door: EnvironmentConnections,
  { project, store, saved }: { readonly project: Project; readonly store: Store; readonly saved: SavedPlan },
  options: ApplyCommandOptions,
): Promise<Planned> {
  const { engine } = door;
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
  const moved = await findStaleSources(host, door, options, { project, state: store.state, saved });
  if (moved.length > 0) {
    throw new StalePlan(`what would be copied was changed since the plan was made: ${moved.join(", ")}`);
  }
  const planned = await planProject(engine, project, store.state, {
    directory: options.directory,
    ...(options.allow ? { allow: options.allow } : {}),
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
