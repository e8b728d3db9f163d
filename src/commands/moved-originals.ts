import type { Address } from "../core/address.ts";
import type { Kind } from "../core/kind.ts";
import type { Resource } from "../core/resource.ts";
import { findKind } from "../engine/kinds.ts";
import type { Project } from "../manifest/load.ts";
import type { SavedPlan } from "../plan/document.ts";
import type { State } from "../state/state.ts";
import { bindOriginals } from "./originals.ts";
import type { PlanCommandOptions } from "./plan.ts";
import type { Door, Host } from "./session.ts";

/**
 * What a saved promotion would copy, and whose original was changed since it was planned: Coze copies what is there.
 * Looks at the originals in their environment; throws what that throws.
 */
export async function findMovedOriginals(
  host: Host,
  door: Door,
  options: PlanCommandOptions,
  { project, state, saved }: { readonly project: Project; readonly state: State; readonly saved: SavedPlan },
): Promise<readonly Address[]> {
  const { promotion, targets = [] } = saved.options;
  if (promotion?.from === undefined) return [];
  const revisionOf = ({ kind, spec }: Pick<Resource, "kind" | "spec">): string | undefined => {
    const { originals } = findKind(door.engine.provider, kind) as unknown as Kind<never>;
    return originals?.boundTo(spec)?.revision;
  };
  const copying = new Set(
    saved.steps.filter(({ action }) => action !== "no-op").map(({ address }) => address),
  );
  const planned = saved.desired.filter((one) => copying.has(one.address) && revisionOf(one) !== undefined);
  if (planned.length === 0) return [];
  const asked = { ...options, targets };
  const { desired } = await bindOriginals(door, host, asked, project, state, { anew: promotion.from });
  const now = new Map(desired.map((resource) => [resource.address, revisionOf(resource)]));
  return planned
    .filter((one) => (now.get(one.address) ?? revisionOf(one)) !== revisionOf(one))
    .map(({ address }) => address);
}
