import type { Address } from "../core/address.ts";
import type { Location } from "../core/diagnostic.ts";
import type { Entry } from "../core/entry.ts";
import type { Effect, Kind, Place } from "../core/kind.ts";
import type { Values } from "../core/value.ts";
import type { Step } from "./plan.ts";
import type { Planning } from "./plan-changes.ts";

/** Plans the end of a resource that is remembered but no longer wanted. */
export function planRemoval(
  planning: Planning,
  address: Address,
  entry: Entry,
  at: Location | undefined,
): Step {
  const kind = planning.kind(entry.kind);
  const observed = planning.observed(address);
  const live = observed.status === "present" ? observed.item.live : undefined;
  const common = {
    address,
    kind: entry.kind,
    changes: [],
    notes: [],
    calls: [],
    dependencies: entry.dependencies,
    ...(live ? { live } : {}),
    ...(at ? { at } : {}),
  };
  const places = remembered(entry).filter((place) => place.id !== entry.id || observed.status !== "absent");
  const gone = places.length === 0;
  const because = planning.input.options.destroy ? "everything is to go" : "its manifest is gone";
  if (gone) {
    return {
      ...common,
      action: "forget",
      because: [because, "Coze doesn't have it"],
      effects: [],
      removes: [],
    };
  }
  if (entry.preventDestroy) {
    planning.diagnostics.push({
      code: "prevent-destroy",
      severity: "error",
      message: `${address} is protected by lifecycle.prevent_destroy and would be removed`,
      hint: `apply its manifest with prevent_destroy taken out first, or forget it with "cozeform state rm ${address}"`,
      ...(at ? { at } : {}),
    });
  }
  if (kind.removal !== "delete") {
    const effect = { text: "cannot be deleted through the API: kept at Coze, forgotten here" };
    return { ...common, action: "abandon", because: [because], effects: [effect], removes: [] };
  }
  return {
    ...common,
    action: "delete",
    because: [because],
    effects: removalEffects(kind, "remove", entry.spec, live),
    removes: places,
    ...(places[0] ? { place: places[0] } : {}),
  };
}

/** Every object that stands behind an entry: its own and those it replaced. */
export function remembered(entry: Entry): readonly Place[] {
  const own = entry.id === undefined ? [] : [placeOf(entry.id, entry.parent)];
  return [...own, ...(entry.previous ?? [])];
}

export const placeOf = (id: string, parent: string | undefined): Place =>
  parent === undefined ? { id } : { id, parent };

/** What a kind says of losing an object. */
export function removalEffects(
  kind: Kind<never>,
  action: "remove" | "replace",
  spec: Values,
  live: Values | undefined,
): readonly Effect[] {
  return kind.effects?.(action, { spec, live, changed: new Set() }) ?? [];
}
