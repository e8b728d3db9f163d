import { type Address, addressMatches } from "../core/address.ts";
import { type Diagnostic, InvalidInput, isError } from "../core/diagnostic.ts";
import type { Json } from "../core/value.ts";
import { version } from "../core/version.ts";
import { type PlanRun, runPlan } from "../engine/plan-run.ts";
import { refreshCache } from "../engine/reconcile.ts";
import { runRefresh } from "../engine/refresh-run.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry, Hold } from "../kind/state-entry.ts";
import { showPlace } from "../manifest/problems.ts";
import { findUnfitEntries } from "../plan/conflicts.ts";
import { estimateApply, estimateSeconds } from "../plan/estimate.ts";
import { isNamed } from "../plan/guards/refusal.ts";
import { findHolds, type Holds } from "../plan/holds.ts";
import { moveToday } from "../plan/moves.ts";
import {
  changesAnything,
  type Observed,
  type Plan,
  type PlannedCalls,
  type PlanOptions,
  type PromotionOptions,
} from "../plan/plan.ts";
import { writePlanDocument } from "../plan/plan-file.ts";
import { abandonRollback } from "../promote/open-promotion.ts";
import { type Cache, emptyCache, readCache, writeCache } from "../state/cache.ts";
import type { StateLocation } from "../state/location.ts";
import type { State } from "../state/model.ts";
import { checkSeen, noteSeen } from "../state/seen.ts";
import { readState } from "../state/store.ts";
import { bindSources } from "./bind-copy-sources.ts";
import {
  type AccessFacts,
  type CozeEngine,
  type EnvironmentConnections,
  openConnections,
} from "./connections.ts";
import type { Host } from "./host.ts";
import { checkTargets, expandLabels, warnOfIdleAnswers } from "./named-addresses.ts";
import { listManagedElsewhere } from "./other-environment.ts";
import { findStatePlace, type ProjectOptions, type RunProject, readValidProject } from "./project.ts";
import { warnOfUnmatched } from "./unmatched-manifests.ts";

export interface PlanCommandOptions extends ProjectOptions, PlanOptions {
  /** `full` reads every object. `none` makes no calls and compares with the state. */
  readonly refresh?: "auto" | "full" | "none" | undefined;
}

/** What to plan in a project that was read. */
export interface ProjectPlanOptions extends PlanCommandOptions {
  /** The project's resources by default. */
  readonly desired?: readonly Resource[] | undefined;
}

/** A plan and what it was made from. */
export interface Planned {
  readonly project: RunProject;
  readonly plan: Plan;
  /** The resources of the plan's steps, with lookups resolved. */
  readonly desired: readonly Resource[];
  /** What was seen of the objects. */
  readonly observed: ReadonlyMap<Address, Observed>;
  /** API calls: those made for this plan, and an estimate of those that its apply makes. */
  readonly calls: PlannedCalls;
  /** The endpoint and the credentials of the calls. */
  readonly access: AccessFacts;
  /** The plan as JSON; `--out` writes it. */
  readonly document: { readonly [key: string]: Json };
  /** The new addresses of moved resources by their former ones; its apply begins with them. */
  readonly moved: ReadonlyMap<Address, Address>;
  /** Resources that stay at an earlier release while their manifests are as they are. */
  readonly held: ReadonlyMap<Address, Hold>;
  /** Those of the plan whose hold ends with its apply. */
  readonly ended: readonly Address[];
  readonly changes: boolean;
  /** The plan changes nothing but the state. */
  readonly refreshOnly: boolean;
  /** The choices that it was made with, which its document records. */
  readonly options: PlanOptions;
  /** Set when the plan is a promotion or a rollback. */
  readonly promotion?: PromotionOptions | undefined;
}

/** Compares manifests with Coze and plans what an apply would do. Writes only the cache. */
export async function plan(host: Host, options: PlanCommandOptions): Promise<Planned> {
  const project = await readValidProject(host, { ...options, outputsLater: options.destroy });
  const state = await readState(await findStatePlace(project, options));
  const connections = await openConnections(host, project, options);
  return redactDocument(host, await planEnvironment(host, connections, project, state, options));
}

/** Plans the manifests of an environment after binding the copy sources that they name in other environments. */
export async function planEnvironment(
  host: Host,
  connections: EnvironmentConnections,
  project: RunProject,
  state: State,
  given: ProjectPlanOptions,
): Promise<Planned> {
  const options = { ...given, targets: expandLabels(project.resources, given.targets) };
  if (options.destroy || options.refreshOnly) return planProject(connections.engine, project, state, options);
  const { desired } = await bindSources(host, connections, options, project, state);
  return planProject(connections.engine, project, state, { ...options, desired });
}

/** Redacts the plan's document, so that it may be printed and saved. */
export const redactDocument = (host: Host, planned: Planned): Planned =>
  replaceParts(
    planned,
    writeWhenRead(() => {
      const { document } = planned;
      // Manifests contain no secret outside of sensitive fields. Coze's answers may.
      const changes = host.secrets.redactValue(document.resource_changes ?? []);
      return { ...document, resource_changes: changes };
    }),
  );

/** The plan with other parts; its document stays unwritten until it is read. */
export const replaceParts = (planned: Planned, parts: Partial<Planned>): Planned =>
  Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(planned), ...Object.getOwnPropertyDescriptors(parts) },
  ) as Planned;

/** A document that is written when it is first read: of a large plan that takes longer than all the rest. */
function writeWhenRead(write: () => Planned["document"]): Pick<Planned, "document"> {
  let written: Planned["document"] | undefined;
  return {
    get document() {
      written ??= write();
      return written;
    },
  };
}

/** Plans a project that was read; throws {@link InvalidInput} when its apply couldn't succeed. */
export async function planProject(
  engine: CozeEngine,
  project: RunProject,
  state: State,
  options: ProjectPlanOptions,
): Promise<Planned> {
  const { kinds } = engine.provider;
  const found = entriesOf(state, options.promotion);
  const unfit = findUnfitEntries(found, kinds);
  if (unfit.length > 0) throw new InvalidInput(unfit);
  const salt = state.lineage;
  const { desired = project.resources, refresh = "auto", adopt = false } = options;
  const location = locationOf(project, state);
  const isFile = keepsFile(project, options);
  if (isFile) checkSeen(location, state);
  // Without calls to Coze the cache would spare none.
  const { cache: kept, warnings } = refresh === "none" ? emptyCache : readCache(location);
  if (options.refreshOnly) return planRefreshOnly(engine, project, state, options, { kept, warnings });
  const {
    entries,
    moved,
    problems: unmovable,
  } = options.destroy
    ? { entries: found, moved: new Map<Address, Address>(), problems: [] }
    : moveToday(found, desired, project.moves, kinds, salt);
  const holds = findHolds(entries, options.destroy ? [] : project.resources, kinds, salt);
  const unmatched = await project.findUnmatched();
  const files = unmatched.manifests.flatMap(({ file, shownFile = file, addresses }) =>
    addresses.map((address) => [address, shownFile] as const),
  );
  const cache = new Map([...kept].map(([address, seen]) => [moved.get(address) ?? address, seen] as const));
  if (unmovable.length > 0) throw new InvalidInput(unmovable, project.sources);
  const run = await runPlan(engine, { desired, entries, cache, salt, refresh, adopt }, choicesOf(options), {
    moved,
    findElsewhere: () => listManagedElsewhere(project, state),
    held: holds.held,
    stateMissing: state.serial === 0 && found.size === 0,
    stateless: project.stateless,
    advice: options.destroy
      ? undefined
      : { unmatched: new Map(files), excluded: listExcluded(project, entries.keys()) },
  });
  requireSound(project, state, run, options);
  if (refresh !== "none" && isFile) noteSeen(location, state);
  if (refresh !== "none") writeCache(location, refreshCache(engine, cache, run.plan, run.observed, salt));
  const removed = run.plan.steps.flatMap(({ address, spec }) => (spec ? [] : [address]));
  const strays = options.destroy ? [] : warnOfUnmatched(unmatched, removed);
  const idle = warnOfIdleAnswers(run.plan, options, entries);
  return describePlanned(engine, project, state, run, {
    options,
    warnings: [...warnings, ...strays, ...idle],
    moved: chooseMoves(moved, run.plan, options),
    held: holds.held,
    ended: endedHolds(holds, run.plan, options),
  });
}

function listExcluded(project: RunProject, addresses: Iterable<Address>) {
  const excluded = [...addresses].flatMap((address) => {
    const by = project.findExclusion(address);
    return by ? [[address, { pattern: by.text, place: showPlace(by.at) }] as const] : [];
  });
  return new Map(excluded);
}

/** Compares the state with Coze, and plans to bring it up to date. */
async function planRefreshOnly(
  engine: CozeEngine,
  project: RunProject,
  state: State,
  options: ProjectPlanOptions,
  { kept, warnings }: { readonly kept: Cache; readonly warnings: readonly Diagnostic[] },
): Promise<Planned> {
  const { targets = [], refresh } = options;
  const chosen = [...entriesOf(state, undefined)].filter(
    ([address]) => targets.length === 0 || targets.some((target) => addressMatches(target, address)),
  );
  const observation = {
    ...{ entries: new Map(chosen), cache: kept, salt: state.lineage },
    refresh: refresh === "full" ? ("full" as const) : ("auto" as const),
  };
  const manifests = new Map(project.resources.map((one) => [one.address, one]));
  const run = await runRefresh(engine, observation, manifests);
  requireSound(project, state, run, options);
  // What is remembered isn't what is wanted: a saved plan compares the state again.
  return describePlanned(
    engine,
    project,
    state,
    { ...run, desired: [] },
    { options, warnings, moved: new Map(), held: new Map(), ended: [] },
  );
}

const locationOf = (
  { directory, linkedFolders = [] }: RunProject,
  { environment }: State,
): StateLocation => ({
  directory,
  environment,
  linkedFolders,
});

/** Whether the state is a file of the project's directory. */
const keepsFile = (
  { states, environmentName }: Pick<RunProject, "states" | "environmentName">,
  { emulator = false }: ProjectOptions,
): boolean => emulator || (states.get(environmentName)?.type ?? "local") === "local";

/** Throws {@link InvalidInput} when a plan's apply couldn't succeed, or its options name what isn't there. */
function requireSound(project: RunProject, state: State, run: PlanRun, options: ProjectPlanOptions): void {
  const { desired = [] } = options;
  // A resource that stands for its own copy source isn't desired, and its address is valid all the same.
  const known = [...desired, ...project.resources];
  const problems = [...run.diagnostics, ...checkTargets(known, state, addressesIn(options))];
  if (problems.some(isError)) throw new InvalidInput(problems, project.sources);
}

/** A plan with its document, its cost and what it was made from. */
function describePlanned(
  engine: CozeEngine,
  project: RunProject,
  state: State,
  { plan: made, desired, observed }: PlanRun,
  {
    options,
    warnings,
    moved,
    held,
    ended,
  }: {
    readonly options: ProjectPlanOptions;
    readonly warnings: readonly Diagnostic[];
    readonly moved: Planned["moved"];
    readonly held: Planned["held"];
    readonly ended: Planned["ended"];
  },
): Planned {
  const { promotion, refresh = "auto" } = options;
  const calls = estimateCalls(engine, state, made, promotion);
  const { environment, endpoint, lineage, serial } = state;
  const { credentials } = engine.access;
  const choices = choicesOf(options);
  const context = {
    ...{ version, environment, endpoint, credentials, lineage, serial },
    ...{ options: choices, refresh, calls },
  };
  const planned: Omit<Planned, "document"> = {
    ...{ project, desired, observed, calls, moved, promotion, options: choices },
    plan: { ...made, diagnostics: [...warnings, ...made.diagnostics] },
    access: engine.access,
    changes: made.steps.some(changesAnything),
    refreshOnly: options.refreshOnly === true,
    held,
    ended,
  };
  return Object.assign(
    writeWhenRead(() => writePlanDocument(made, desired, engine.provider.kinds, context)),
    planned,
  );
}

/** The addresses that options name, each once. */
const addressesIn = ({
  targets = [],
  replace = [],
  notRenamed = [],
  duplicate = [],
  releaseHold = [],
}: PlanOptions): readonly Address[] => [
  ...new Set([...targets, ...replace, ...notRenamed, ...duplicate, ...releaseHold]),
];

/** The resources of a plan whose hold ends with its apply. */
const endedHolds = (
  { held, over }: Holds,
  { steps }: Plan,
  { releaseHold }: PlanOptions,
): readonly Address[] =>
  steps.flatMap(({ address }) =>
    over.has(address) || (held.has(address) && isNamed(releaseHold, address)) ? [address] : [],
  );

/** The entries to plan with. Only a rollback continues from the entries of an interrupted rollback. */
function entriesOf(state: State, promotion: PromotionOptions | undefined): ReadonlyMap<Address, Entry> {
  const isRollback = promotion !== undefined && promotion.from === undefined;
  const { resources } = isRollback ? state : abandonRollback(state);
  return new Map(Object.entries(resources));
}

/** The choices that the plan document records: only those that were made. */
const choicesOf = ({
  targets,
  replace,
  refreshOnly,
  alone,
  destroy,
  adopt,
  allow,
  notRenamed,
  duplicate,
  releaseHold,
  confirmRemovals,
  noWait,
  retryRefused,
  promotion,
}: PlanOptions): PlanOptions => ({
  ...(targets?.length ? { targets } : {}),
  ...(replace?.length ? { replace } : {}),
  ...(refreshOnly ? { refreshOnly } : {}),
  ...(alone ? { alone } : {}),
  ...(destroy ? { destroy } : {}),
  ...(adopt ? { adopt } : {}),
  ...(allow && [...allow].length > 0 ? { allow: [...allow].sort() } : {}),
  ...(notRenamed?.length ? { notRenamed } : {}),
  ...(duplicate?.length ? { duplicate } : {}),
  ...(releaseHold?.length ? { releaseHold } : {}),
  ...(confirmRemovals === undefined ? {} : { confirmRemovals }),
  ...(noWait ? { noWait } : {}),
  ...(retryRefused ? { retryRefused } : {}),
  ...(promotion ? { promotion } : {}),
});

/** The moves of the plan's resources; where targets stand alone, also those of what they depend on. */
function chooseMoves(
  moved: ReadonlyMap<Address, Address>,
  { steps }: Plan,
  { alone }: PlanOptions,
): ReadonlyMap<Address, Address> {
  if (alone) return moved;
  const about = new Set(steps.map(({ address }) => address));
  // What stands where another is moved to has to go from there.
  for (const [, to] of moved) {
    for (let next = about.has(to) ? moved.get(to) : undefined; next !== undefined && !about.has(next); ) {
      about.add(next);
      next = moved.get(next);
    }
  }
  return new Map([...moved].filter(([, to]) => about.has(to)));
}

function estimateCalls(
  engine: CozeEngine,
  state: State,
  plan: Plan,
  promotion: PromotionOptions | undefined,
): PlannedCalls {
  const estimate = estimateApply(plan, engine.provider.kinds, {
    known: new Set(Object.keys(state.files)),
    operation: engine.provider.uploadOperation,
    keyOf: engine.uploadKey,
    check: promotion?.check,
  });
  return {
    // All calls of the run so far, those for copy sources included.
    made: engine.callCount(),
    apply: estimate.calls,
    seconds: estimateSeconds(estimate, engine.callRate),
  };
}
