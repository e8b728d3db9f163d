import type { Address } from "../../core/address.ts";
import { commandLine } from "../../core/command-line.ts";
import { describeTime } from "../../core/time.ts";
import type { Values } from "../../core/value.ts";
import { preferExact } from "../../kind/identity-match.ts";
import type { Item, Place } from "../../kind/kind.ts";
import { effectsOf, planFollowUps } from "../../kind/planned-calls.ts";
import type { Resource } from "../../kind/resource.ts";
import type { Effect, KindSchema } from "../../kind/schema.ts";
import type { Entry } from "../../kind/state-entry.ts";
import { type Explained, explain, say } from "../../messages/text.ts";
import { diffSpec } from "../diff.ts";
import type { Observed, PlanContext, Step, UndoCalls } from "../plan.ts";

/** Plans the removal of a resource that is in the state and not desired; with destroy, its manifest may still exist. */
export function planRemoval(
  context: PlanContext,
  address: Address,
  entry: Entry,
  resource: Resource | undefined,
): Step {
  const removal: RemovalContext = { context, address, entry, resource, kind: context.kind(entry.kind) };
  const observed = context.observed(address);
  const found = findObject(removal, observed);
  const places = [...(found ? [toPlace(found.id, found.parent)] : []), ...(entry.previous ?? [])];
  const stays = entry.task !== undefined || entry.kept !== undefined;
  if (places.length === 0 && !stays) return forget(removal, observed);
  const isProtected = resource ? resource.lifecycle.preventDestroy : entry.preventDestroy;
  if (isProtected) reportProtected(removal);
  const unmanageable = found && explainUnmanageable(removal.kind, address, found);
  if (unmanageable) {
    context.report(address, { code: "unmanageable", ...unmanageable, at: resource?.at });
  }
  return removal.kind.removal === "delete" ? remove(removal, places, found) : abandon(removal, found);
}

interface RemovalContext {
  readonly context: PlanContext;
  readonly address: Address;
  readonly entry: Entry;
  readonly resource: Resource | undefined;
  readonly kind: KindSchema;
}

/** The object to remove: the remembered one, or the one that a creation of unknown outcome made after all. */
function findObject(
  { context, address, entry, resource, kind }: RemovalContext,
  observed: Observed,
): Item | undefined {
  if (observed.status === "present") return observed.item;
  if (observed.status === "unasked") return { ...toPlace(entry.id ?? "", entry.parent), live: {} };
  const [only, ...others] = findCreated(kind, entry, observed.candidates);
  if (others.length === 0) return only;
  context.report(address, {
    code: "ambiguous",
    ...explainAmbiguity(address, [only, ...others]),
    at: resource?.at,
  });
  return undefined;
}

/** What a creation of unknown outcome may have made: bearers of its identity that weren't there before. */
export function findCreated(kind: KindSchema, entry: Entry, candidates: readonly Item[]): readonly Item[] {
  if (entry.status !== "unknown") return [];
  // What is made again has the same id: a member bears the user's.
  if (kind.unique) return candidates;
  const appeared = candidates.filter(({ id }) => !entry.before?.includes(id));
  return preferExact(kind, appeared, entry.spec);
}

/** The texts for several objects that could be the resource's. */
export const explainAmbiguity = (address: Address, items: readonly (Item | undefined)[]) =>
  explain("plan/ambiguous", {
    number: items.length,
    address,
    commandLine: commandLine(["state", "rm", address]),
    ids: items.map((item) => item?.id).join(", "),
  });

/** The texts for several objects that a new resource could take over: what people tell them apart by, and how to choose. */
export function explainAdoption(kind: KindSchema, address: Address, items: readonly Item[]): Explained {
  const title = kind.title ?? kind.identity.at(-1) ?? "";
  const objects = items.map(({ id, live, owner, revision }) => {
    const facts = [
      String(live[title] ?? ""),
      ...(owner === undefined ? [] : [say("plan/owned-by", { owner })]),
      ...(revision === undefined ? [] : [say("plan/changed-at", { time: describeTime(revision) })]),
    ];
    return `${id} (${facts.filter(Boolean).join(", ")})`;
  });
  return explain("plan/ambiguous-adoption", {
    number: items.length,
    address,
    objects: objects.join("; "),
    commandLine: commandLine(["import", address, items[0]?.id ?? ""]),
  });
}

/** The next move when several objects could be one resource's. */
export const ambiguityHint = (address: Address): string =>
  say("plan/ambiguous.hint", { commandLine: commandLine(["state", "rm", address]) });

/** Why an object in the state can't be managed, and how to forget it; undefined when it can. */
export function explainUnmanageable(
  kind: KindSchema,
  address: Address,
  { live }: Item,
): Explained | undefined {
  const problem = kind.unmanageable?.(live);
  if (!problem) return undefined;
  const values = { hint: problem.hint, commandLine: commandLine(["state", "rm", address]) };
  return { ...problem, hint: say("plan/unmanageable-forget", values) };
}

function reportProtected({ context, address, resource }: RemovalContext): void {
  context.report(address, {
    code: "prevent-destroy",
    ...explain("plan/prevent-removal", { address, commandLine: commandLine(["state", "rm", address]) }),
    at: resource?.at,
  });
}

function whyGone({ context: { input }, address }: RemovalContext): string {
  if (input.options.destroy) return say("plan/destroyed");
  const excluded = input.advice?.excluded?.get(address);
  return excluded ? say("plan/excluded", { ...excluded }) : say("plan/manifest-gone");
}

/** Says where the manifest is of a resource that goes because its file isn't read any more. */
function noteUnmatched({ input }: PlanContext, address: Address): readonly string[] {
  const { unmatched } = input.advice ?? {};
  const file = unmatched?.get(address) ?? unmatched?.get(address.replace(/\[.*$/su, ""));
  return file === undefined ? [] : [say("plan/manifest-unmatched", { file })];
}

function emptyRemoval({
  context,
  address,
  entry,
  resource,
}: RemovalContext): Omit<Step, "action" | "because" | "effects"> {
  return {
    address,
    kind: entry.kind,
    changes: [],
    notes: noteUnmatched(context, address),
    calls: [],
    removes: [],
    dependencies: entry.dependencies,
    at: resource?.at,
  };
}

function forget(removal: RemovalContext, observed: Observed): Step {
  const lost = observed.status === "absent" && observed.lost?.isOver === false ? observed.lost : undefined;
  return {
    ...emptyRemoval(removal),
    action: "forget",
    because: [whyGone(removal), say("plan/no-object")],
    effects: [],
    notes: [
      ...noteUnmatched(removal.context, removal.address),
      ...(removal.entry.note === undefined ? [] : [say("plan/invitation-stays")]),
    ],
    lostCall: lost,
  };
}

function abandon(removal: RemovalContext, found: Item | undefined): Step {
  const { context, kind, entry } = removal;
  const { task, kept = [] } = entry;
  const texts = [
    say("plan/keeps-object"),
    ...(task === undefined ? [] : [say("plan/keeps-task", { task })]),
    ...(kept.length === 0 ? [] : [say("plan/keeps-replaced", { ids: kept.map(({ id }) => id).join(", ") })]),
  ];
  const undo = found && planUndo(context, kind, entry, found);
  return {
    ...emptyRemoval(removal),
    action: "abandon",
    because: [whyGone(removal)],
    effects: [...effectsOf(undo?.calls ?? []), ...texts.map((text) => ({ text }))],
    place: found && toPlace(found.id, found.parent),
    leaves: [...(found ? [found.id] : []), ...kept.map(({ id }) => id)],
    live: found?.live,
    undo,
  };
}

function remove(removal: RemovalContext, places: readonly Place[], found: Item | undefined): Step {
  const [first] = places;
  return {
    ...emptyRemoval(removal),
    action: "delete",
    because: [whyGone(removal)],
    effects: removalEffects(removal.kind, "remove", removal.entry.spec, found?.live),
    removes: places,
    place: first,
    live: found?.live,
  };
}

/** Takes back follow-ups of an object that stays at Coze: an abandoned bot isn't left published. */
export function planUndo(
  context: PlanContext,
  kind: KindSchema,
  entry: Entry,
  item: Item,
): UndoCalls | undefined {
  const followed = new Set((kind.followUps ?? []).flatMap(({ fields }) => fields));
  const managed = Object.keys(entry.spec).filter((name) => followed.has(name));
  if (managed.length === 0) return undefined;
  const { changes, target } = diffSpec(kind.fields, {
    want: {},
    live: item.live,
    applied: entry.spec,
    ignore: [],
    salt: context.input.salt,
    only: followed,
  });
  const changed = new Set(changes.map(({ path }) => String(path[0])));
  const calls = planFollowUps(kind, { spec: target, live: item.live, changed }, managed, () => true);
  return calls.length > 0 ? { place: toPlace(item.id, item.parent), calls } : undefined;
}

/** An object's id with that of what holds it. */
export const toPlace = (id: string, parent: string | undefined): Place =>
  parent === undefined ? { id } : { id, parent };

/** The kind's effects of losing an object. */
export function removalEffects(
  kind: KindSchema,
  action: "remove" | "replace",
  spec: Values,
  live: Values | undefined,
): readonly Effect[] {
  return kind.effects?.(action, { spec, live, changed: new Set() }) ?? [];
}
