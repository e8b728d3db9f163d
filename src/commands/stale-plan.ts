import type { Address } from "../core/address.ts";
import type { Resource } from "../kind/resource.ts";
import { say } from "../messages/text.ts";
import type { PromotionOptions } from "../plan/plan.ts";
import { findStaleSteps, restoreDesired, type SavedPlan } from "../plan/plan-file.ts";
import type { State } from "../state/model.ts";
import type { Store } from "../state/store.ts";
import { bindSources, kindsOf } from "./bind-copy-sources.ts";
import type { EnvironmentConnections } from "./connections.ts";
import type { Host } from "./host.ts";
import { readStateOf } from "./other-environment.ts";
import { type Planned, type ProjectPlanOptions, planProject } from "./plan.ts";
import type { RunProject } from "./project.ts";
import { StalePlan } from "./refusals.ts";

type Place = Pick<SavedPlan, "environment" | "endpoint">;

const emulated = /\.emulator$/;

/** The environment of a plan, as the manifests name it. */
export const nameEnvironment = ({ environment }: Place): string => environment.replace(emulated, "");

/** Throws {@link StalePlan} unless a saved plan is for the environment and the endpoint of this run. */
export function requireSamePlace(saved: SavedPlan, place: Place): void {
  if (saved.environment === place.environment && saved.endpoint === place.endpoint) return;
  const names = { planned: describePlace(saved), chosen: describePlace(place) };
  throw new StalePlan(say("commands/plan-of-other-place", names), moveTo(saved, place));
}

function describePlace(place: Place): string {
  const environment = nameEnvironment(place);
  return emulated.test(place.environment)
    ? say("commands/at-emulator", { environment })
    : say("commands/at-endpoint", { environment, endpoint: place.endpoint });
}

/** The options that lead to the environment of a plan. */
function moveTo(saved: Place, given: Place): string {
  const [atEmulator, givenEmulator] = [saved, given].map((one) => emulated.test(one.environment));
  const name = nameEnvironment(saved);
  const changed = [
    ...(name === nameEnvironment(given) ? [] : ["-e", name]),
    ...(atEmulator && !givenEmulator ? ["--emulator"] : []),
  ];
  const options = changed.join(" ");
  if (!atEmulator && givenEmulator) {
    return options ? say("commands/replace-emulator", { options }) : say("commands/remove-emulator");
  }
  return say("commands/pass-options", { options: options || ["--endpoint", saved.endpoint].join(" ") });
}

/**
 * Throws {@link StalePlan} when the state of the environment that a promotion comes from isn't the one that it was
 * planned with. `state`: that of the target.
 */
export async function requireSameSource(
  project: RunProject,
  state: State,
  { from, source }: PromotionOptions,
): Promise<void> {
  if (from === undefined || !source) return;
  const now = await readStateOf(project, state, from);
  if (source.serial > 0 && now.lineage !== source.lineage)
    throw new StalePlan(say("commands/source-state-other", { from }));
  if (now.serial === source.serial) return;
  const serials = { from, planned: source.serial, now: now.serial };
  throw new StalePlan(say("commands/source-state-changed", serials));
}

/** A saved plan, and what it is compared with. */
interface SavedPlanContext {
  readonly project: RunProject;
  readonly store: Store;
  readonly saved: SavedPlan;
}

/** Plans the resources of a saved plan again; throws {@link StalePlan} when the steps differ. */
export async function replan(
  host: Host,
  connections: EnvironmentConnections,
  context: SavedPlanContext,
  options: ProjectPlanOptions,
): Promise<Planned> {
  const { engine } = connections;
  const { project, store, saved } = context;
  requireSameState(saved, store);
  if (saved.options.promotion) await requireSameSource(project, store.state, saved.options.promotion);
  const { desired, changed } = restoreDesired(saved, project.resources, engine.provider.kinds);
  requireNone(changed, "commands/secrets-changed");
  requireNone(await findStaleSources(host, connections, options, context), "commands/sources-changed");
  const planned = await planProject(engine, project, store.state, {
    directory: options.directory,
    ...saved.options,
    refresh: saved.refresh,
    desired,
  });
  requireNone(findStaleSteps(saved, planned.plan, engine.provider.kinds), "commands/objects-changed");
  return planned;
}

function requireSameState(saved: SavedPlan, { openedAt, state }: Store): void {
  if (saved.refresh === "none") throw new StalePlan(say("commands/plan-without-calls"));
  if (saved.serial > 0 && state.lineage !== saved.lineage) {
    throw new StalePlan(say("commands/plan-of-other-state"));
  }
  if (openedAt !== saved.serial) {
    throw new StalePlan(say("commands/state-changed", { saved: saved.serial, now: openedAt }));
  }
}

const mostNamed = 5;

function requireNone(
  changed: readonly string[],
  key: "commands/objects-changed" | "commands/secrets-changed" | "commands/sources-changed",
): void {
  if (changed.length === 0) return;
  const named = changed.slice(0, mostNamed).join(", ");
  const count = changed.length - mostNamed;
  const names = count > 0 ? say("commands/and-more", { names: named, count }) : named;
  throw new StalePlan(say(key, { names }));
}

/**
 * The copies of a saved promotion whose source was changed since the plan. Coze copies what is there at apply time.
 * Reads the sources in their environment; throws what {@link bindSources} throws.
 */
async function findStaleSources(
  host: Host,
  connections: EnvironmentConnections,
  options: ProjectPlanOptions,
  { project, store, saved }: SavedPlanContext,
): Promise<readonly Address[]> {
  const { promotion, targets = [] } = saved.options;
  if (promotion?.from === undefined) return [];
  const kindOf = kindsOf(connections);
  const revisionOf = ({ kind, spec }: Pick<Resource, "kind" | "spec">): string | undefined =>
    kindOf(kind).copying?.sources.boundTo(spec)?.revision;
  const copying = new Set(
    saved.steps.filter(({ action }) => action !== "no-op").map(({ address }) => address),
  );
  const planned = saved.desired.filter((one) => copying.has(one.address) && revisionOf(one) !== undefined);
  if (planned.length === 0) return [];
  const selected = { ...options, targets };
  const { desired } = await bindSources(host, connections, selected, project, store.state, {
    rebind: promotion.from,
  });
  const now = new Map(desired.map((resource) => [resource.address, revisionOf(resource)]));
  return planned
    .filter((one) => (now.get(one.address) ?? revisionOf(one)) !== revisionOf(one))
    .map(({ address }) => address);
}
