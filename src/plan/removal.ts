import type { Address } from "../core/address.ts";
import type { Location } from "../core/diagnostic.ts";
import type { Entry } from "../core/entry.ts";
import type { Effect, Kind, Place } from "../core/kind.ts";
import type { Values } from "../core/value.ts";
import { effectsOf, planFollowUps } from "./calls.ts";
import { diffSpec } from "./diff.ts";
import type { PlannedCall, Step } from "./plan.ts";
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
    const kept = { text: "cannot be deleted through the API: kept at Coze, forgotten here" };
    const calls = planUndoing(planning, kind, entry, live);
    return {
      ...common,
      action: "abandon",
      because: [because],
      effects: [...effectsOf(calls), kept],
      removes: [],
      calls,
      place: placeOf(entry.id ?? "", entry.parent),
    };
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

/** What follow-ups did for an object that stays at Coze is taken back: a bot that nobody keeps isn't left published. */
function planUndoing(
  planning: Planning,
  kind: Kind<never>,
  entry: Entry,
  live: Values | undefined,
): readonly PlannedCall[] {
  const followed = new Set((kind.followUps ?? []).flatMap(({ fields }) => fields));
  const managed = Object.keys(entry.spec).filter((name) => followed.has(name));
  if (live === undefined || managed.length === 0) return [];
  const { changes, target } = diffSpec(kind.fields, {
    want: {},
    live,
    applied: entry.spec,
    ignore: [],
    salt: planning.input.salt,
    only: followed,
  });
  const changed = new Set(changes.map(({ path }) => String(path[0])));
  return planFollowUps(kind, { spec: target, live, changed }, managed, () => true);
}

/** Every object that stands behind an entry: its own and those it replaced. */
function remembered(entry: Entry): readonly Place[] {
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
