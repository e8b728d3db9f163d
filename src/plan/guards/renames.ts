import { type Address, parseAddress } from "../../core/address.ts";
import { rememberValue } from "../../core/digest.ts";
import { groupBy } from "../../core/group.ts";
import { canonicalJson, isReference, type Json } from "../../core/value.ts";
import { say } from "../../messages/text.ts";
import { familyOf } from "../moves.ts";
import type { PlanContext, Rename, Step } from "../plan.ts";
import { type ComparisonContext, compareWritten, readWritten, type WrittenFields } from "./likeness.ts";
import { isNamed, type Refusal } from "./refusal.ts";
import { createTextComparison } from "./text-likeness.ts";

/** Pairs of what goes and what comes that look like one resource under another address. */
export interface FoundRenames {
  /** By the address that goes. */
  readonly pairs: ReadonlyMap<Address, Rename>;
  /** Resources that go and whose texts decide, but are known only as digests. */
  readonly unread: readonly Address[];
}

/** What goes, with what is known of it. */
interface Going {
  readonly step: Step;
  readonly written: WrittenFields;
}

type Coming = Going;

/** What the search for pairs is made with. */
interface Search {
  readonly context: PlanContext;
  readonly comparison: ComparisonContext;
  readonly pairs: Map<Address, Rename>;
  /** The former address of what comes. */
  readonly former: Map<Address, Address>;
  readonly unread: Set<Address>;
}

/**
 * Finds the resources that go and come again under another address: of one kind, in one place, and of the same identity,
 * of the name that the object has at Coze, or with nearly the same fields. Each stands in one pair, the likeliest first.
 */
export function findRenames(context: PlanContext, steps: readonly Step[]): FoundRenames {
  const { entries, options, salt } = context.input;
  const nothing: FoundRenames = { pairs: new Map(), unread: [] };
  if (options.destroy) return nothing;
  const went = steps.filter(({ action, spec }) => !spec && (action === "delete" || action === "abandon"));
  const came = steps.filter(({ address, action }) => action === "create" && !entries.has(address));
  const kinds = new Set(came.map(({ kind }) => kind));
  if (!went.some(({ kind }) => kinds.has(kind))) return nothing;
  const read = (step: Step, spec: Step["spec"]): Going => ({
    step,
    written: readWritten(context.kind(step.kind).fields, spec ?? {}, salt),
  });
  const going = went
    .filter(({ kind }) => kinds.has(kind))
    .map((step) => read(step, withParent(context, step.address)));
  const coming = came.map((step) => read(step, step.spec));
  const pairs = new Map<Address, Rename>();
  const former = new Map<Address, Address>();
  const texts = createTextComparison();
  const idOf = (address: Address) => entries.get(former.get(address) ?? address)?.id;
  const search: Search = { context, comparison: { texts, idOf }, pairs, former, unread: new Set() };
  // What is held by a renamed resource is found once that one is.
  for (let count = -1; count < pairs.size; ) {
    count = pairs.size;
    pairByIdentity(search, going, coming);
    pairByFields(search, going, coming);
  }
  return { pairs, unread: [...search.unread].filter((address) => !pairs.has(address)) };
}

/** The remembered spec of what goes; the object is where it is, whatever its manifest said. */
function withParent({ input, kind }: PlanContext, address: Address): Step["spec"] {
  const { spec = {}, parent, kind: name } = input.entries.get(address) ?? {};
  const field = name === undefined ? undefined : kind(name).parent;
  return field !== undefined && parent !== undefined ? { ...spec, [field]: parent } : spec;
}

const isFree = ({ pairs, former }: Search, { address }: Step): boolean =>
  !(pairs.has(address) || former.has(address));

function join(search: Search, from: Step, to: Step, because: string): void {
  const { entries } = search.context.input;
  search.pairs.set(from.address, {
    from: from.address,
    to: to.address,
    id: entries.get(from.address)?.id,
    because,
  });
  search.former.set(to.address, from.address);
}

/** Pairs of one identity, as it was applied and then as Coze shows it; where several bear it, in their order. */
function pairByIdentity(search: Search, going: readonly Going[], coming: readonly Coming[]): void {
  const { context } = search;
  for (const seen of [false, true]) {
    const byIdentity = groupBy(
      coming.filter(({ step }) => isFree(search, step)),
      ({ step }) => identityBy(search, step, (field) => wantedValue(search, step.spec?.[field])),
    );
    for (const { step: from } of going.filter((one) => isFree(search, one.step))) {
      const { parent } = context.kind(from.kind);
      const applied = withParent(context, from.address) ?? {};
      const known = (field: string): Json | undefined =>
        seen && field !== parent ? from.live?.[field] : applied[field];
      const identity = identityBy(search, from, known);
      const to = byIdentity.get(identity ?? "")?.find(({ step }) => isFree(search, step))?.step;
      if (to) join(search, from, to, describeIdentity(search, from, seen));
    }
  }
}

/** What two resources of one identity have in common, by the names of the fields beside what holds them. */
function describeIdentity({ context }: Search, { kind: name }: Step, seen: boolean): string {
  const { identity, parent } = context.kind(name);
  const fields = identity.filter((field) => field !== parent).join(", ");
  return seen ? say("plan/renamed-live", { fields }) : say("plan/renamed-identity", { fields });
}

function identityBy(
  { context }: Search,
  { kind: name }: Step,
  partOf: (field: string) => Json | undefined,
): string | undefined {
  const { identity, fields } = context.kind(name);
  const parts = identity.map((field) => partOf(field) ?? fields[field]?.default);
  return parts.includes(undefined) ? undefined : canonicalJson([name, ...parts]);
}

function wantedValue({ context, comparison }: Search, value: Json | undefined): Json | undefined {
  if (value === undefined) return undefined;
  // What is made, or made again, bears the identity of what it was before.
  return isReference(value) ? comparison.idOf(value.$ref) : rememberValue(value, context.input.salt);
}

/** Pairs with nearly the same fields in one place, the likeliest first. */
function pairByFields(search: Search, going: readonly Going[], coming: readonly Coming[]): void {
  const { context, comparison } = search;
  // What Coze allows once of an identity is another one if that differs.
  const isOpen = ({ step }: Going) => isFree(search, step) && context.kind(step.kind).unique !== true;
  const byPlace = groupBy(coming.filter(isOpen), ({ step }) =>
    placeOf(context, step.kind, (field) => wantedValue(search, step.spec?.[field])),
  );
  const found = going.filter(isOpen).flatMap(({ step: from, written }) => {
    const place = placeOf(context, from.kind, (field) => withParent(context, from.address)?.[field]);
    const others = byPlace.get(place ?? "") ?? [];
    return others.flatMap(({ step: to, written: other }) => {
      const likeness = compareWritten(written, other, from.live, comparison);
      return likeness ? [{ from, to, likeness }] : [];
    });
  });
  const score = ({ likeness: { equal, written } }: (typeof found)[number]) => equal / written;
  for (const { from, to, likeness } of found.sort((a, b) => score(b) - score(a))) {
    if (!(isFree(search, from) && isFree(search, to))) continue;
    const { equal, written, unread } = likeness;
    if (unread && context.canRead(from.address)) {
      search.unread.add(from.address);
      continue;
    }
    join(search, from, to, say("plan/renamed-fields", { equal, written }));
  }
}

function placeOf(
  context: PlanContext,
  kind: string,
  partOf: (field: string) => Json | undefined,
): string | undefined {
  const { parent } = context.kind(kind);
  if (parent === undefined) return kind;
  const place = partOf(parent);
  return place === undefined ? undefined : canonicalJson([kind, place]);
}

/** The possible renames that no answer says otherwise of. */
const openRenames = (context: PlanContext, { pairs }: FoundRenames): readonly Rename[] => {
  const { notRenamed } = context.input.options;
  return [...pairs.values()].filter(
    ({ from, to }) => isUnique(context, from) || !(isNamed(notRenamed, from) || isNamed(notRenamed, to)),
  );
};

/** The ids of the objects of possible renames, by the addresses that these would get. */
export const idsOfRenamed = (context: PlanContext, renames: FoundRenames): ReadonlyMap<Address, string> =>
  new Map(openRenames(context, renames).flatMap(({ to, id }) => (id === undefined ? [] : [[to, id]])));

/** Steps without those of a possible rename: these are undecided until it is answered. */
export function decideRenames(
  context: PlanContext,
  steps: readonly Step[],
  renames: FoundRenames,
): readonly Step[] {
  const open = openRenames(context, renames);
  const byAddress = new Map(open.flatMap((rename) => [rename.from, rename.to].map((one) => [one, rename])));
  return steps.map((step): Step => {
    const renamed = byAddress.get(step.address);
    return renamed ? { ...leaveUndecided(step, [renamed.because]), renamed } : step;
  });
}

function leaveUndecided(step: Step, because: readonly string[]): Step {
  const { undo: _undo, leaves: _leaves, discards: _discards, ...rest } = step;
  return { ...rest, action: "undecided", because, effects: [], calls: [], removes: [] };
}

/** Coze knows one object of its identity, so what goes would take along what comes. */
const isUnique = ({ input, kind }: PlanContext, address: Address): boolean => {
  const { kind: name } = input.entries.get(address) ?? {};
  return name !== undefined && kind(name).unique === true;
};

/** What is refused because it looks like a rename. */
export function refuseRenames(
  context: PlanContext,
  steps: readonly Step[],
  { pairs }: FoundRenames,
): readonly Refusal[] {
  const places = new Map(steps.map(({ address, at }) => [address, at]));
  const families = findFamilies(context, pairs);
  return [...pairs.values()].map(({ from, to, id, because }): Refusal => {
    const family = families.get(familyOf(from));
    const move = family === undefined ? { from, to } : { from: familyOf(from), to: family };
    return {
      guard: "renamed",
      addresses: [to, from],
      ids: id === undefined ? [] : [id],
      message: say("plan/refused-renamed", { from: nameObject(from, id), because }),
      options: isUnique(context, from) ? [] : ["--not-renamed", move.to],
      move,
      at: places.get(to),
    };
  });
}

const nameObject = (address: Address, id: string | undefined): string =>
  id === undefined ? address : say("plan/object-of", { address, id });

/** The families of `for_each` of which every item is renamed into the same other family, under its own key. */
function findFamilies(
  { input: { entries } }: PlanContext,
  pairs: ReadonlyMap<Address, Rename>,
): ReadonlyMap<Address, Address> {
  const families = new Map<Address, Address | undefined>();
  for (const address of entries.keys()) {
    const to = pairs.get(address)?.to ?? "";
    const [own, other] = [parseAddress(address), parseAddress(to)];
    if (own?.key === undefined) continue;
    const family = familyOf(address);
    const into = other?.key === own.key ? familyOf(to) : undefined;
    families.set(family, families.has(family) && families.get(family) !== into ? undefined : into);
  }
  return new Map([...families].flatMap(([from, to]) => (to === undefined ? [] : [[from, to]])));
}
