import type { Address } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Project } from "../manifest/load.ts";
import { explain, say } from "../messages/text.ts";
import { beginRollback, endRollback } from "../promote/open-promotion.ts";
import {
  excludeLost,
  planRollback,
  type Rollback,
  type RollbackRefusal,
  type RollbackStep,
  restoreReleased,
} from "../promote/rollback.ts";
import type { State } from "../state/model.ts";
import { withTextsOf } from "../state/release-texts.ts";
import { type Applied, type ApplyCommandOptions, applyPlanned } from "./apply.ts";
import { bindSources } from "./bind-copy-sources.ts";
import type { EnvironmentConnections } from "./connections.ts";
import type { Host } from "./host.ts";
import { expandLabels } from "./named-addresses.ts";
import { type Planned, planProject, replaceParts } from "./plan.ts";
import type { RunProject } from "./project.ts";

/** The result of a rollback. */
export interface RolledBack extends Applied {
  /** Addresses that are rolled back; empty when there is no promotion to undo. */
  readonly returns: readonly Address[];
  /** Addresses that keep their current release, and why. */
  readonly stays: readonly RollbackRefusal[];
  /** The number of the promotion that is undone. */
  readonly promotion?: number | undefined;
}

/**
 * Rolls an environment, or some of its addresses, back to the release before the last promotion: copies are swapped
 * for the ones that were kept, and everything else gets its earlier configuration. Continues an interrupted rollback.
 */
export async function rollback(
  host: Host,
  options: ApplyCommandOptions & { readonly addresses: readonly Address[] },
): Promise<RolledBack> {
  let scope: Rollback = { returns: [], stays: [] };
  const applied = await applyPlanned(host, options, {
    command: "cozeform promote --rollback",
    async plan(connections, project, store) {
      const resources = await withTextsOf(store.state.resources, store.texts);
      const state = { ...store.state, resources };
      const known = planRollback(state, expandLabels(project.resources, options.addresses));
      scope = excludeLost(leaveUnmanaged(known, project), new Map());
      const planNow = () =>
        planReturns(host, connections, { project, state, returns: scope.returns }, options);
      let planned = await planNow();
      const lost = findUnreturnable(planned, scope);
      if (lost.size > 0) {
        scope = excludeLost(scope, lost);
        planned = await planNow();
      }
      const warnings = [...scope.stays.map(warnStay), ...warnEmpty(scope)];
      const diagnostics = [...planned.plan.diagnostics, ...warnings];
      return replaceParts(planned, { plan: { ...planned.plan, diagnostics } });
    },
    begin(store) {
      const entries = scope.returns.map(({ address, entry }) => [address, entry] as const);
      beginRollback(store, Object.fromEntries(entries), scope.empty !== undefined);
    },
    end: endRollback,
  });
  const { returns, stays, promotion } = scope;
  const addresses = returns.map(({ address }) => address);
  return { ...applied, returns: addresses, stays, promotion };
}

function leaveUnmanaged({ returns, stays, ...rest }: Rollback, { resources }: Project): Rollback {
  const managed = new Set(resources.map(({ address }) => address));
  const unmanaged = returns.filter(({ address }) => !managed.has(address)).map(stayUnmanaged);
  return {
    ...rest,
    returns: returns.filter(({ address }) => managed.has(address)),
    stays: [...stays, ...unmanaged],
  };
}

/** Returns that would need a new object, and why. */
function findUnreturnable({ plan }: Planned, { returns }: Rollback): ReadonlyMap<Address, string> {
  const names = new Set(returns.map(({ address }) => address));
  const lost = plan.steps.filter(({ address, action }) => names.has(address) && action === "no-op");
  return new Map(lost.map(({ address, because }) => [address, because.join("; ")]));
}

function warnEmpty({ empty, promotion: next }: Rollback): readonly Diagnostic[] {
  if (empty === undefined) return [];
  const message =
    next === undefined
      ? say("commands/promotion-empty", { promotion: empty })
      : say("commands/promotion-empty-then", { promotion: empty, next });
  return [{ code: "empty-promotion", severity: "warning", message }];
}

const warnStay = ({ address, why, hint }: RollbackRefusal): Diagnostic => ({
  code: "stays",
  severity: "warning",
  address,
  message: say("commands/resource-error", { address, message: why }),
  hint,
});

function stayUnmanaged({ address }: RollbackStep): RollbackRefusal {
  const { message, hint } = explain("commands/unmanaged");
  return { address, why: message, hint };
}

interface ReturnPlan {
  readonly project: RunProject;
  readonly state: State;
  readonly returns: readonly RollbackStep[];
}

/** Plans on the state that the rollback begins with; writes nothing. */
async function planReturns(
  host: Host,
  connections: EnvironmentConnections,
  { project, state, returns }: ReturnPlan,
  options: ApplyCommandOptions,
): Promise<Planned> {
  const { targets: _all, ...rest } = options;
  const planning = { ...rest, promotion: {} };
  const { engine } = connections;
  if (returns.length === 0) {
    return planProject(engine, project, { ...state, resources: {} }, { ...planning, desired: [] });
  }
  const changed = Object.fromEntries(returns.map(({ address, entry }) => [address, entry]));
  const begun = { ...state, resources: { ...state.resources, ...changed } };
  const byAddress = new Map(returns.map((one) => [one.address, one]));
  const owners = new Map(returns.flatMap(({ address, entry: { id } }) => (id ? [[id, address]] : [])));
  // A rollback reads no copy sources.
  const { desired } = await bindSources(host, connections, { ...rest, refresh: "none" }, project, begun);
  const released = desired.map((resource) => {
    const one = byAddress.get(resource.address);
    const kind = findKind(engine.provider, resource.kind);
    return one ? restoreReleased(kind, resource, one, (id) => owners.get(id)) : resource;
  });
  const targets = [...byAddress.keys()];
  return planProject(engine, project, begun, { ...planning, desired: released, targets, alone: true });
}
