import { type Address, addressMatches } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import { type Diagnostic, InvalidInput, isError } from "../core/diagnostic.ts";
import { suggestAddress } from "../core/suggestions.ts";
import type { Json } from "../core/value.ts";
import { version } from "../core/version.ts";
import { runPlan } from "../engine/plan-run.ts";
import { refreshCache } from "../engine/reconcile.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry, Hold } from "../kind/state-entry.ts";
import { explain, say } from "../messages/text.ts";
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
import { emptyCache, readCache, writeCache } from "../state/cache.ts";
import type { State } from "../state/model.ts";
import { readState } from "../state/store.ts";
import { bindSources } from "./bind-copy-sources.ts";
import {
  type AccessFacts,
  type CozeEngine,
  type EnvironmentConnections,
  openConnections,
} from "./connections.ts";
import type { Host } from "./host.ts";
import { listManagedElsewhere } from "./other-environment.ts";
import { type ProjectOptions, placeOfState, type RunProject, readValidProject } from "./project.ts";
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
  /** Set when the plan is a promotion or a rollback. */
  readonly promotion?: PromotionOptions | undefined;
}

/** Compares manifests with Coze and plans what an apply would do. Writes only the cache. */
export async function plan(host: Host, options: PlanCommandOptions): Promise<Planned> {
  const project = await readValidProject(host, options);
  const state = readState(placeOfState(project, options));
  const connections = await openConnections(host, project, options);
  return redactDocument(host, await planEnvironment(host, connections, project, state, options));
}

/** Plans the manifests of an environment after binding the copy sources that they name in other environments. */
export async function planEnvironment(
  host: Host,
  connections: EnvironmentConnections,
  project: RunProject,
  state: State,
  options: ProjectPlanOptions,
): Promise<Planned> {
  if (options.destroy) return planProject(connections.engine, project, state, options);
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
  const { directory, linkedFolders = [] } = project;
  const { kinds } = engine.provider;
  const location = { directory, environment: state.environment, linkedFolders };
  const found = entriesOf(state, options.promotion);
  const unfit = findUnfitEntries(found, kinds);
  if (unfit.length > 0) throw new InvalidInput(unfit);
  const salt = state.lineage;
  const { desired = project.resources, refresh = "auto", adopt = false, promotion } = options;
  const {
    entries,
    moved,
    problems: unmovable,
  } = options.destroy
    ? { entries: found, moved: new Map<Address, Address>(), problems: [] }
    : moveToday(found, desired, project.moves, kinds, salt);
  const planOptions = choicesOf(options);
  const holds = findHolds(entries, options.destroy ? [] : project.resources, kinds, salt);
  const unmatched = await project.findUnmatched();
  const files = unmatched.manifests.flatMap(({ file, shownFile = file, addresses }) =>
    addresses.map((address) => [address, shownFile] as const),
  );
  // Without calls to Coze the cache would spare none.
  const { cache: kept, warnings } = refresh === "none" ? emptyCache : readCache(location);
  const cache = new Map([...kept].map(([address, seen]) => [moved.get(address) ?? address, seen] as const));
  if (unmovable.length > 0) throw new InvalidInput(unmovable, project.sources);
  const run = await runPlan(engine, { desired, entries, cache, salt, refresh, adopt }, planOptions, {
    moved,
    elsewhere: listManagedElsewhere(project, state),
    held: holds.held,
    stateMissing: state.serial === 0 && found.size === 0,
    advice: { unmatched: options.destroy ? undefined : new Map(files) },
  });
  // A resource that stands for its own copy source isn't desired, and its address is valid all the same.
  const known = [...desired, ...project.resources];
  const problems = [...run.diagnostics, ...checkTargets(known, state, addressesIn(options))];
  if (problems.some(isError)) throw new InvalidInput(problems, project.sources);
  if (refresh !== "none") writeCache(location, refreshCache(engine, cache, run.plan, run.observed, salt));
  const removed = run.plan.steps.flatMap(({ address, spec }) => (spec ? [] : [address]));
  const strays = options.destroy ? [] : warnOfUnmatched(unmatched, removed);
  const calls = estimateCalls(engine, state, run.plan, promotion);
  const { environment, endpoint, lineage, serial } = state;
  const { credentials } = engine.access;
  const context = {
    ...{ version, environment, endpoint, credentials, lineage, serial },
    ...{ options: planOptions, refresh, calls },
  };
  const planned: Omit<Planned, "document"> = {
    project,
    plan: { ...run.plan, diagnostics: [...warnings, ...strays, ...run.plan.diagnostics] },
    desired: run.desired,
    observed: run.observed,
    calls,
    access: engine.access,
    moved: chooseMoves(moved, run.plan, options),
    held: holds.held,
    ended: endedHolds(holds, run.plan, options),
    changes: run.plan.steps.some(changesAnything),
    promotion,
  };
  return Object.assign(
    writeWhenRead(() => writePlanDocument(run.plan, run.desired, kinds, context)),
    planned,
  );
}

/** The addresses that options name, each once. */
const addressesIn = ({
  targets = [],
  notRenamed = [],
  duplicate = [],
  releaseHold = [],
}: PlanOptions): readonly Address[] => [
  ...new Set([...targets, ...notRenamed, ...duplicate, ...releaseHold]),
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
  const about = new Set(steps.map(({ address }) => address));
  return alone ? moved : new Map([...moved].filter(([, to]) => about.has(to)));
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

/** Reports targets that match no resource. They are typing mistakes, and an empty plan would hide them. */
export function checkTargets(
  resources: readonly Resource[],
  state: State,
  targets: readonly Address[],
): readonly Diagnostic[] {
  const addresses = [...resources.map(({ address }) => address), ...Object.keys(state.resources)];
  const unknown = targets.filter((target) => !addresses.some((address) => addressMatches(target, address)));
  const families = addresses.map((address) => address.replace(/\[.*$/su, ""));
  return unknown.map((target) => {
    const problem = explain("commands/target-unknown", {
      target,
      commandLine: commandLine(["state", "list"]),
    });
    const word = suggestAddress(target, [...addresses, ...families]);
    const hint = word === undefined ? problem.hint : say("common/did-you-mean", { word });
    return { code: "unknown-target", severity: "error", ...problem, hint };
  });
}
