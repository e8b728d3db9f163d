import { type Address, addressMatches } from "../core/address.ts";
import { type Diagnostic, InvalidInput, isError } from "../core/diagnostic.ts";
import { suggestAddress } from "../core/suggestions.ts";
import type { Json } from "../core/value.ts";
import { version } from "../core/version.ts";
import { runPlan } from "../engine/plan-run.ts";
import { refreshCache } from "../engine/reconcile.ts";
import type { Resource } from "../kind/resource.ts";
import type { Project } from "../manifest/load.ts";
import { estimateApply, estimateSeconds } from "../plan/estimate.ts";
import { findRefusedSteps, type Permission } from "../plan/permissions.ts";
import {
  changesAnything,
  type Plan,
  type PlannedCalls,
  type PlanOptions,
  type PromotionOptions,
} from "../plan/plan.ts";
import { writePlanDocument } from "../plan/plan-file.ts";
import { findUnfitEntries } from "../plan/state-checks.ts";
import { settleReturn } from "../promote/release-history.ts";
import { emptyCache, readCache, writeCache } from "../state/cache.ts";
import type { State } from "../state/model.ts";
import { readState } from "../state/store.ts";
import { bindSources } from "./bind-sources.ts";
import {
  type AccessFacts,
  type CozeEngine,
  type EnvironmentConnections,
  type Host,
  openConnections,
  type ProjectOptions,
  placeOfState,
  readValidProject,
} from "./connections.ts";

export interface PlanCommandOptions extends ProjectOptions, PlanOptions {
  /** `full` reads every object; `none` asks Coze nothing and compares with what is remembered. */
  readonly refresh?: "auto" | "full" | "none";
}

/** A plan with what it was made from. */
export interface Planned {
  readonly project: Project;
  readonly plan: Plan;
  /** What the plan's steps are about, lookups done. */
  readonly desired: readonly Resource[];
  /** API calls: made for this plan, and those its apply will make. */
  readonly calls: PlannedCalls;
  /** Where the calls go, and who makes them. */
  readonly access: AccessFacts;
  /** The plan as JSON; what `--out` writes. */
  readonly document: { readonly [key: string]: Json };
  /** Steps that no apply does without a permission. */
  readonly refused: ReturnType<typeof findRefusedSteps>;
  readonly changes: boolean;
  /** The plan is one of a promotion. */
  readonly promotion?: PromotionOptions;
}

/** Compares manifests with Coze and says what an apply would do. Writes nothing but the cache. */
export async function plan(host: Host, options: PlanCommandOptions): Promise<Planned> {
  const project = await readValidProject(host, options);
  const state = readState(placeOfState(project, options));
  const door = await openConnections(host, project, options);
  return concealSecrets(host, await planWanted(host, door, project, state, options));
}

/** Plans what an environment's manifests want, originals in other environments found. */
export async function planWanted(
  host: Host,
  door: EnvironmentConnections,
  project: Project,
  state: State,
  options: Parameters<typeof planProject>[3],
): Promise<Planned> {
  if (options.destroy) return planProject(door.engine, project, state, options);
  const { desired } = await bindSources(door, host, options, project, state);
  return planProject(door.engine, project, state, { ...options, desired });
}

/** A plan whose document may be written anywhere. */
export function concealSecrets(host: Host, planned: Planned): Planned {
  // Of what the manifests hold, nothing is secret there. What Coze shows may be.
  const changes = host.secrets.redactValue(planned.document.resource_changes ?? []);
  return { ...planned, document: { ...planned.document, resource_changes: changes } };
}

/** Plans a loaded project on an engine; throws {@link InvalidInput} when no apply could get anywhere. */
export async function planProject(
  engine: CozeEngine,
  project: Project,
  state: State,
  options: PlanCommandOptions & {
    readonly allow?: ReadonlySet<Permission>;
    readonly desired?: readonly Resource[];
  },
): Promise<Planned> {
  const { directory } = project;
  const { kinds } = engine.provider;
  const location = { directory, environment: state.environment, linkedFolders: project.linkedFolders ?? [] };
  const isWayBack = options.promotion !== undefined && options.promotion.from === undefined;
  const { resources } = isWayBack ? state : settleReturn(state);
  const entries = new Map(Object.entries(resources));
  const unfit = findUnfitEntries(entries, kinds);
  if (unfit.length > 0) throw new InvalidInput(unfit);
  const salt = state.lineage;
  const wanted = options.desired ?? project.resources;
  const refresh = options.refresh ?? "auto";
  const planOptions: PlanOptions = {
    ...(options.targets?.length ? { targets: options.targets } : {}),
    ...(options.alone ? { alone: true } : {}),
    ...(options.destroy ? { destroy: true } : {}),
    ...(options.adopt ? { adopt: true } : {}),
    ...(options.promotion ? { promotion: options.promotion } : {}),
  };
  const adopt = options.adopt === true;
  // Without looking at Coze, no reading could be spared.
  const { cache, warnings } = refresh === "none" ? emptyCache : readCache(location);
  const made = await runPlan(engine, { desired: wanted, entries, cache, salt, refresh, adopt }, planOptions);
  // What stands for its original is wanted nowhere, and its address is a good one all the same.
  const known = [...wanted, ...project.resources];
  const problems = [...made.diagnostics, ...checkTargets(known, state, options.targets ?? [])];
  if (problems.some(isError)) throw new InvalidInput(problems, project.sources);
  if (refresh !== "none") {
    writeCache(location, refreshCache(engine, cache, made.plan, made.observed, salt));
  }
  const estimate = estimateApply(made.plan, kinds, {
    known: new Set(Object.keys(state.files)),
    operation: engine.provider.uploadOperation,
    keyOf: engine.uploadKey,
    ...(options.promotion?.check ? { check: true } : {}),
  });
  const calls = {
    // The run's first calls, all of them: originals may have been looked for before.
    made: engine.callCount(),
    apply: estimate.calls,
    seconds: estimateSeconds(estimate, engine.callRate),
  };
  const { environment, endpoint, lineage, serial } = state;
  const { credentials } = engine.access;
  const context = {
    ...{ version, environment, endpoint, credentials, lineage, serial },
    ...{ options: planOptions, refresh, calls },
  };
  return {
    project,
    plan: { ...made.plan, diagnostics: [...warnings, ...made.plan.diagnostics] },
    desired: made.desired,
    calls,
    access: engine.access,
    document: writePlanDocument(made.plan, made.desired, kinds, context),
    refused: findRefusedSteps(made.plan, options.allow ?? new Set()),
    changes: made.plan.steps.some(changesAnything),
    ...(options.promotion ? { promotion: options.promotion } : {}),
  };
}

function proposeTarget(target: Address, addresses: readonly Address[]): string {
  const families = addresses.map((address) => address.replace(/\[.*$/su, ""));
  const near = suggestAddress(target, [...addresses, ...families]);
  return near === undefined
    ? 'addresses are Kind.name, as in "cozeform state list"'
    : `did you mean ${near}?`;
}

/** A target that names nothing is a slip of the pen, and a plan of nothing would hide it. */
export function checkTargets(
  wanted: readonly Resource[],
  state: State,
  targets: readonly Address[],
): readonly Diagnostic[] {
  const addresses = [...wanted.map(({ address }) => address), ...Object.keys(state.resources)];
  const unknown = targets.filter((target) => !addresses.some((address) => addressMatches(target, address)));
  return unknown.map((target) => ({
    code: "unknown-target",
    severity: "error",
    message: `--target ${target} names no resource of the manifests or the state`,
    hint: proposeTarget(target, addresses),
  }));
}
