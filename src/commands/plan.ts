import { InvalidInput, isError } from "../core/diagnostic.ts";
import type { Resource } from "../core/resource.ts";
import type { Json } from "../core/value.ts";
import { refreshCache } from "../engine/cache.ts";
import { findKind } from "../engine/kinds.ts";
import { observe } from "../engine/observe.ts";
import { recall } from "../engine/references.ts";
import type { Project } from "../manifest/load.ts";
import { writePlanDocument } from "../plan/document.ts";
import { estimateCalls } from "../plan/estimate.ts";
import { changesAnything, type Plan, type PlanOptions } from "../plan/plan.ts";
import { planChanges } from "../plan/plan-changes.ts";
import { findRefused, type Permission } from "../plan/safety.ts";
import { readCache, writeCache } from "../state/cache.ts";
import type { State } from "../state/state.ts";
import { readState } from "../state/store.ts";
import {
  type CozeEngine,
  type Host,
  openEngine,
  type ProjectOptions,
  placeOfState,
  readValidProject,
} from "./session.ts";
import { version } from "./version.ts";

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
  readonly calls: { readonly made: number; readonly apply: number };
  /** The plan as JSON; what `--out` writes. */
  readonly document: { readonly [key: string]: Json };
  /** Steps that no apply does without a permission. */
  readonly refused: ReturnType<typeof findRefused>;
  readonly changes: boolean;
}

/** Compares manifests with Coze and says what an apply would do. Writes nothing but the cache. */
export async function plan(host: Host, options: PlanCommandOptions): Promise<Planned> {
  const project = await readValidProject(host, options);
  const engine = await openEngine(host, project, options);
  return planProject(engine, project, readState(placeOfState(project, options)), options);
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
  const cache = readCache(directory, state.environment);
  const entries = new Map(Object.entries(state.resources));
  const salt = state.lineage;
  const before = engine.provider.callCount(engine.api);
  const wanted = options.desired ?? project.resources;
  const refresh = options.refresh ?? "auto";
  const seen =
    refresh === "none"
      ? { ...recall(wanted, entries, (kind) => findKind(engine.provider, kind).fields), diagnostics: [] }
      : await observe(engine, { desired: wanted, entries, cache, salt, refresh });
  const planOptions: PlanOptions = {
    ...(options.targets?.length ? { targets: options.targets } : {}),
    ...(options.destroy ? { destroy: true } : {}),
    ...(options.adopt ? { adopt: true } : {}),
  };
  const given = { kinds, entries, salt, observed: seen.observed, options: planOptions };
  const made = planChanges({ ...given, desired: seen.desired });
  const problems = [...seen.diagnostics, ...made.diagnostics];
  if (problems.some(isError)) throw new InvalidInput(problems, project.sources);
  if (refresh !== "none") {
    writeCache(directory, state.environment, refreshCache(engine, cache, made, seen.observed, salt));
  }
  const calls = {
    made: engine.provider.callCount(engine.api) - before,
    apply: estimateCalls(made, kinds, new Set(Object.keys(state.files))),
  };
  const { environment, endpoint, lineage, serial } = state;
  const context = { version, environment, endpoint, lineage, serial, options: planOptions, refresh, calls };
  return {
    project,
    plan: made,
    desired: seen.desired,
    calls,
    document: writePlanDocument(made, seen.desired, kinds, context),
    refused: findRefused(made, options.allow ?? new Set()),
    changes: made.steps.some(changesAnything),
  };
}
