import type { Address } from "../core/address.ts";
import type { Values } from "../core/value.ts";
import type { Engine } from "../engine/engine.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Plan } from "../plan/plan.ts";
import type { State } from "../state/model.ts";

/**
 * What callers get of the names that a promotion is about to change for the first time: what Coze has published, which
 * a draft may have left behind. One reading call each; nothing of what was never published, or couldn't be read.
 */
export async function readBaseline<Api>(
  engine: Engine<Api>,
  { resources }: Pick<State, "resources">,
  { steps }: Plan,
): Promise<ReadonlyMap<Address, Values>> {
  const found = steps.map(async ({ address, kind: name, action, place }): Promise<[Address, Values][]> => {
    const kind = findKind(engine.provider, name);
    if (!kind.release?.read || !place || action === "no-op") return [];
    if (resources[address]?.history) return [];
    // The draft that the plan saw then stands for it.
    const released = await kind.release.read(engine.apiOf(kind), place).catch(() => undefined);
    return released ? [[address, released as Values]] : [];
  });
  return new Map((await Promise.all(found)).flat());
}
