import type { Address } from "../core/address.ts";
import type { Kinds } from "../kind/find-kind.ts";
import { holderKind } from "../kind/holder.ts";
import type { Place } from "../kind/kind.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Step } from "./plan.ts";

/**
 * The steps whose objects Coze removes together with what holds them, each with the step that removes that. What has to
 * go before something else goes by a call of its own.
 */
export function findRemovalsAlong(steps: readonly Step[], kindOf: Kinds): ReadonlyMap<Step, Step> {
  const removing = new Map<Address, Step>();
  const removers = new Map<string, Step>();
  for (const step of steps) {
    if (!hasRemoval(step)) continue;
    removing.set(step.address, step);
    for (const place of step.removes) removers.set(keyOf(step.kind, place.id), step);
  }
  const along = new Map<Step, Step>();
  for (const step of removing.values()) {
    const holder = findHolder(step, kindOf.get(step.kind), removers);
    if (!holder || !areBothInTime(step, holder, kindOf)) continue;
    const hangsOn = [...step.dependencies, ...(step.formerDependencies ?? [])];
    if (hangsOn.every((address) => address === holder.address || !removing.has(address))) {
      along.set(step, holder);
    }
  }
  return along;
}

/** Whether an object of the step goes with one of these places. */
export const goesWith = (step: Step, places: readonly Place[]): boolean =>
  step.removes.some(({ parent }) => places.some(({ id }) => id === parent));

/** Whether something of the step has to go, or is to be forgotten, as a part by itself. */
export const hasRemoval = ({ action, spec, removes, undo }: Step): boolean =>
  action !== "no-op" &&
  action !== "undecided" &&
  (spec === undefined || removes.length > 0 || undo !== undefined);

const keyOf = (kind: string, id: string): string => `${kind} ${id}`;

/** The one step that removes what holds all objects of a step, for a kind whose objects go with it. */
function findHolder(
  { removes, undo }: Step,
  kind: KindSchema | undefined,
  removers: ReadonlyMap<string, Step>,
): Step | undefined {
  const name = kind?.goesWithHolder && undo === undefined ? holderKind(kind) : undefined;
  if (name === undefined) return undefined;
  const holders = removes.map(({ parent }) =>
    parent === undefined ? undefined : removers.get(keyOf(name, parent)),
  );
  const [first] = holders;
  return holders.every((one) => one === first) ? first : undefined;
}

/** Whether neither the step nor its holder has to go before its replacement comes. */
function areBothInTime(step: Step, holder: Step, kindOf: Kinds): boolean {
  const createsFirst = ({ kind }: Step) => kindOf.get(kind)?.replacement === "create-first";
  return (
    step.spec === undefined || (createsFirst(step) && (holder.spec === undefined || createsFirst(holder)))
  );
}
