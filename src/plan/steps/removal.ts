import type { Address } from "../../core/address.ts";
import type { Values } from "../../core/value.ts";
import type { Item, Place } from "../../kind/kind.ts";
import { effectsOf, planFollowUps } from "../../kind/planned-calls.ts";
import type { Resource } from "../../kind/resource.ts";
import type { Effect, KindSchema } from "../../kind/schema.ts";
import type { Entry } from "../../kind/state-entry.ts";
import { diffSpec } from "../diff.ts";
import type { Observed, Step, Undoing } from "../plan.ts";
import type { PlanContext } from "../plan-changes.ts";

/** Plans the end of a resource that is remembered and not wanted; its manifest may still be there when all is to go. */
export function planRemoval(
  planning: PlanContext,
  address: Address,
  entry: Entry,
  resource: Resource | undefined,
): Step {
  const leaving: Leaving = { planning, address, entry, resource, kind: planning.kind(entry.kind) };
  const observed = planning.observed(address);
  const found = findObject(leaving, observed);
  const places = [...(found ? [toPlace(found.id, found.parent)] : []), ...(entry.previous ?? [])];
  const stays = entry.task !== undefined || entry.kept !== undefined;
  if (places.length === 0 && !stays) return forget(leaving, observed);
  const isProtected = resource ? resource.lifecycle.preventDestroy : entry.preventDestroy;
  if (isProtected) reportProtected(leaving);
  return leaving.kind.removal === "delete" ? remove(leaving, places, found) : abandon(leaving, found);
}

interface Leaving {
  readonly planning: PlanContext;
  readonly address: Address;
  readonly entry: Entry;
  readonly resource: Resource | undefined;
  readonly kind: KindSchema;
}

/** The object that goes: the remembered one, or the one that a creation of unknown outcome made after all. */
function findObject(
  { planning, address, entry, resource, kind }: Leaving,
  observed: Observed,
): Item | undefined {
  if (observed.status === "present") return observed.item;
  if (observed.status === "unasked") return { ...toPlace(entry.id ?? "", entry.parent), live: {} };
  const [only, ...others] = findMade(kind, entry, observed.candidates);
  if (others.length === 0) return only;
  planning.report(address, {
    code: "ambiguous",
    message: severalMatches(address, [only, ...others]),
    hint: tooMany(address),
    at: resource?.at,
  });
  return undefined;
}

/** What a creation of unknown outcome may have made: bearers of its identity that weren't there before. */
export function findMade(kind: KindSchema, entry: Entry, candidates: readonly Item[]): readonly Item[] {
  if (entry.status !== "unknown") return [];
  // What is made again has the same id: a member bears the user's.
  if (kind.unique) return candidates;
  return candidates.filter(({ id }) => !entry.before?.includes(id));
}

/** Several objects, and nobody can tell which one is meant. */
export const severalMatches = (address: Address, items: readonly (Item | undefined)[]): string =>
  `${items.length} objects at Coze could be ${address}: ${items.map((item) => item?.id).join(", ")}`;

/** The next move when several objects could be one resource's. */
export const tooMany = (address: Address): string =>
  `delete those that are too many in Coze, or forget it with "cozeform state rm ${address}"`;

function reportProtected({ planning, address, resource }: Leaving): void {
  planning.report(address, {
    code: "prevent-destroy",
    message: `${address} is protected by lifecycle.prevent_destroy and would be removed`,
    hint: `apply its manifest with prevent_destroy taken out first, or forget it with "cozeform state rm ${address}"`,
    at: resource?.at,
  });
}

const whyGone = ({ planning }: Leaving): string =>
  planning.input.options.destroy ? "everything is to go" : "its manifest is gone";

function base({ address, entry, resource }: Leaving): Omit<Step, "action" | "because" | "effects"> {
  return {
    address,
    kind: entry.kind,
    changes: [],
    notes: [],
    calls: [],
    removes: [],
    dependencies: entry.dependencies,
    ...(resource ? { at: resource.at } : {}),
  };
}

function forget(leaving: Leaving, observed: Observed): Step {
  const { entry } = leaving;
  const invited = "an invitation that was sent stays open: withdraw it in Coze";
  const lost = observed.status === "absent" && observed.lost?.isOver === false ? observed.lost : undefined;
  const notes = entry.note === undefined ? [] : [invited];
  const because = [whyGone(leaving), "Coze doesn't have it"];
  return {
    ...base(leaving),
    action: "forget",
    because,
    effects: [],
    notes,
    ...(lost ? { lostCall: lost } : {}),
  };
}

function abandon(leaving: Leaving, found: Item | undefined): Step {
  const { planning, kind, entry } = leaving;
  const kept = { text: "cannot be deleted through the API: kept at Coze, forgotten here" };
  const former = (entry.kept ?? []).map(({ id }) => id).join(", ");
  const others = [
    ...(entry.task === undefined
      ? []
      : [{ text: `what its task ${entry.task} makes stays at Coze as well` }]),
    ...(former === "" ? [] : [{ text: `what it replaced stays at Coze as well: ${former}` }]),
  ];
  const undo = found && planUndoing(planning, kind, entry, found);
  return {
    ...base(leaving),
    action: "abandon",
    because: [whyGone(leaving)],
    effects: [...effectsOf(undo?.calls ?? []), kept, ...others],
    ...(found ? { place: toPlace(found.id, found.parent), live: found.live } : {}),
    ...(undo ? { undo } : {}),
  };
}

function remove(leaving: Leaving, places: readonly Place[], found: Item | undefined): Step {
  const [first] = places;
  return {
    ...base(leaving),
    action: "delete",
    because: [whyGone(leaving)],
    effects: removalEffects(leaving.kind, "remove", leaving.entry.spec, found?.live),
    removes: places,
    ...(first ? { place: first } : {}),
    ...(found ? { live: found.live } : {}),
  };
}

/** What follow-ups did for an object that stays at Coze is taken back: a bot that nobody keeps isn't left published. */
export function planUndoing(
  planning: PlanContext,
  kind: KindSchema,
  entry: Entry,
  item: Item,
): Undoing | undefined {
  const followed = new Set((kind.followUps ?? []).flatMap(({ fields }) => fields));
  const managed = Object.keys(entry.spec).filter((name) => followed.has(name));
  if (managed.length === 0) return undefined;
  const { changes, target } = diffSpec(kind.fields, {
    want: {},
    live: item.live,
    applied: entry.spec,
    ignore: [],
    salt: planning.input.salt,
    only: followed,
  });
  const changed = new Set(changes.map(({ path }) => String(path[0])));
  const calls = planFollowUps(kind, { spec: target, live: item.live, changed }, managed, () => true);
  return calls.length > 0 ? { place: toPlace(item.id, item.parent), calls } : undefined;
}

/** An object's id with that of what holds it. */
export const toPlace = (id: string, parent: string | undefined): Place =>
  parent === undefined ? { id } : { id, parent };

/** What a kind says of losing an object. */
export function removalEffects(
  kind: KindSchema,
  action: "remove" | "replace",
  spec: Values,
  live: Values | undefined,
): readonly Effect[] {
  return kind.effects?.(action, { spec, live, changed: new Set() }) ?? [];
}
