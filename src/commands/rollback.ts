import type { Address } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Project } from "../manifest/load.ts";
import { closeReturn, openReturn } from "../promote/release-history.ts";
import { leaveLost, planRollback, type Return, type Rollback, type Stay } from "../promote/rollback.ts";
import { restoreReleased } from "../promote/rollback-spec.ts";
import type { State } from "../state/model.ts";
import { type Applied, type ApplyCommandOptions, applyPlanned } from "./apply.ts";
import { bindSources } from "./bind-sources.ts";
import type { EnvironmentConnections, Host } from "./connections.ts";
import { type Planned, planProject } from "./plan.ts";

/** How a rollback went. */
export interface RolledBack extends Applied {
  /** Addresses that go back; none when there is nothing to take back. */
  readonly returns: readonly Address[];
  /** What stays as it is, and why. */
  readonly stays: readonly Stay[];
  /** The number of the promotion that is taken back. */
  readonly promotion?: number;
}

/**
 * Takes an environment, or some addresses in it, back to what the last promotion replaced: copies are swapped with
 * those that were kept, and the rest gets its earlier configuration. One that was cut off is finished first.
 */
export async function rollback(
  host: Host,
  options: ApplyCommandOptions & { readonly addresses: readonly Address[] },
): Promise<RolledBack> {
  let way: Rollback = { returns: [], stays: [] };
  const applied = await applyPlanned(host, options, {
    command: "cozeform promote --rollback",
    async plan(door, project, store) {
      const { state } = store;
      const known = planRollback(state, options.addresses);
      way = leaveLost(leaveUnwanted(known, project), new Map());
      const planOn = () => planReturns(host, door, { project, state, returns: way.returns }, options);
      let planned = await planOn();
      const lost = findLost(planned, way);
      if (lost.size > 0) {
        way = leaveLost(way, lost);
        planned = await planOn();
      }
      const told = [...way.stays.map(warnOf), ...tellEmpty(way)];
      return { ...planned, plan: { ...planned.plan, diagnostics: [...planned.plan.diagnostics, ...told] } };
    },
    begin(store) {
      const entries = way.returns.map(({ address, entry }) => [address, entry] as const);
      openReturn(store, Object.fromEntries(entries), way.empty !== undefined);
    },
    end: closeReturn,
  });
  const { returns, stays, promotion } = way;
  const addresses = returns.map(({ address }) => address);
  return { ...applied, returns: addresses, stays, ...(promotion === undefined ? {} : { promotion }) };
}

function leaveUnwanted({ returns, stays, ...rest }: Rollback, { resources }: Project): Rollback {
  const wanted = new Set(resources.map(({ address }) => address));
  const unwanted = returns.filter(({ address }) => !wanted.has(address)).map(tellUnwanted);
  return {
    ...rest,
    returns: returns.filter(({ address }) => wanted.has(address)),
    stays: [...stays, ...unwanted],
  };
}

/** Names that could go back only by being made anew, and why. */
function findLost({ plan }: Planned, { returns }: Rollback): ReadonlyMap<Address, string> {
  const names = new Set(returns.map(({ address }) => address));
  const lost = plan.steps.filter(({ address, action }) => names.has(address) && action === "no-op");
  return new Map(lost.map(({ address, because }) => [address, because.join("; ")]));
}

function tellEmpty({ empty, promotion }: Rollback): readonly Diagnostic[] {
  if (empty === undefined) return [];
  const next = promotion === undefined ? "" : `; this takes back promotion ${promotion}`;
  return [
    { code: "empty-promotion", severity: "warning", message: `promotion ${empty} changed nothing${next}` },
  ];
}

const warnOf = ({ address, why, hint }: Stay): Diagnostic => ({
  code: "stays",
  severity: "warning",
  address,
  message: `${address}: ${why}`,
  ...(hint === undefined ? {} : { hint }),
});

const tellUnwanted = ({ address }: Return): Stay => ({
  address,
  why: "its manifest is gone",
  hint: "put it back, and roll back again",
});

interface Going {
  readonly project: Project;
  readonly state: State;
  readonly returns: readonly Return[];
}

/** Plans on the state as it will be when they are on their way; writes nothing. */
async function planReturns(
  host: Host,
  door: EnvironmentConnections,
  { project, state, returns }: Going,
  options: ApplyCommandOptions,
): Promise<Planned> {
  const { targets: _all, ...rest } = options;
  const planning = { ...rest, promotion: {} };
  const { engine } = door;
  if (returns.length === 0) {
    return planProject(engine, project, { ...state, resources: {} }, { ...planning, desired: [] });
  }
  const changed = Object.fromEntries(returns.map(({ address, entry }) => [address, entry]));
  const then = { ...state, resources: { ...state.resources, ...changed } };
  const byAddress = new Map(returns.map((one) => [one.address, one]));
  const owners = new Map(returns.flatMap(({ address, entry: { id } }) => (id ? [[id, address]] : [])));
  // Originals in other environments have no part in this.
  const { desired } = await bindSources(door, host, { ...rest, refresh: "none" }, project, then);
  const wanted = desired.map((resource) => {
    const one = byAddress.get(resource.address);
    const kind = findKind(engine.provider, resource.kind);
    return one ? restoreReleased(kind, resource, one, (id) => owners.get(id)) : resource;
  });
  const targets = [...byAddress.keys()];
  return planProject(engine, project, then, { ...planning, desired: wanted, targets, alone: true });
}
