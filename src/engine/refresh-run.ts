import type { Address } from "../core/address.ts";
import type { Resource } from "../kind/resource.ts";
import type { Observed } from "../plan/plan.ts";
import { planRefresh, restoreResources } from "../plan/refresh.ts";
import type { Engine } from "./engine.ts";
import type { Observation } from "./observation-session.ts";
import { observe } from "./observe.ts";
import type { PlanRun } from "./plan-run.ts";

/**
 * Observes what the state knows, and compares it with what was applied. It looks for nothing that isn't in the state, so
 * it makes no more calls than a plan of unchanged manifests.
 */
export async function runRefresh<Api>(
  engine: Engine<Api>,
  observation: Omit<Observation, "desired">,
  manifests: ReadonlyMap<Address, Resource>,
): Promise<PlanRun> {
  const { kinds } = engine.provider;
  const { entries, salt } = observation;
  const desired = restoreResources({ kinds, entries, manifests, salt });
  const seen = await observe(engine, { ...observation, desired });
  const compare = (observed: ReadonlyMap<Address, Observed>) =>
    planRefresh({ kinds, entries, manifests, salt, observed });
  let plan = compare(seen.observed);
  // What differs in the list alone is read whole, so that all of its drift is shown.
  const unread = plan.steps.flatMap(({ address, action }) => {
    const one = seen.observed.get(address);
    return action === "refresh" && one?.status === "present" && one.partial ? [address] : [];
  });
  if (unread.length > 0) {
    await seen.readWhole(unread);
    plan = compare(seen.observed);
  }
  const { observed, diagnostics } = seen;
  return { plan: { ...plan, diagnostics }, desired, observed, diagnostics };
}
