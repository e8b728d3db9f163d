import type { Address } from "../core/address.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Project } from "../manifest/load.ts";
import type { SavedPlan } from "../plan/plan-file.ts";
import type { State } from "../state/model.ts";
import { bindSources } from "./bind-sources.ts";
import type { EnvironmentConnections, Host } from "./connections.ts";
import type { PlanCommandOptions } from "./plan.ts";

/**
 * What a saved promotion would copy, and whose original was changed since it was planned: Coze copies what is there.
 * Looks at the originals in their environment; throws what that throws.
 */
export async function findStaleSources(
  host: Host,
  door: EnvironmentConnections,
  options: PlanCommandOptions,
  { project, state, saved }: { readonly project: Project; readonly state: State; readonly saved: SavedPlan },
): Promise<readonly Address[]> {
  const { promotion, targets = [] } = saved.options;
  if (promotion?.from === undefined) return [];
  const revisionOf = ({ kind, spec }: Pick<Resource, "kind" | "spec">): string | undefined => {
    const { originals } = findKind(door.engine.provider, kind);
    return originals?.boundTo(spec)?.revision;
  };
  const copying = new Set(
    saved.steps.filter(({ action }) => action !== "no-op").map(({ address }) => address),
  );
  const planned = saved.desired.filter((one) => copying.has(one.address) && revisionOf(one) !== undefined);
  if (planned.length === 0) return [];
  const asked = { ...options, targets };
  const { desired } = await bindSources(door, host, asked, project, state, { anew: promotion.from });
  const now = new Map(desired.map((resource) => [resource.address, revisionOf(resource)]));
  return planned
    .filter((one) => (now.get(one.address) ?? revisionOf(one)) !== revisionOf(one))
    .map(({ address }) => address);
}
