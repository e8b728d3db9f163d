import type { Address } from "../core/address.ts";
import { type Fields, kindLookedUp } from "../core/field.ts";
import { leavesOf, mapLeaves, valueAt } from "../core/spec-walk.ts";
import { isLookup, isReference, type Json, type Values } from "../core/value.ts";
import type { Kind } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import { asWritten } from "../kind/stored-form.ts";
import type { Observed } from "../plan/plan.ts";
import { compareFields, type FieldDifference, type FieldSide, mapPair, type Pair } from "./compare-fields.ts";

/** One environment, as far as it is compared. */
export interface ComparedSide {
  readonly environment: string;
  /** What its manifests say. */
  readonly wanted: readonly Resource[];
  /** The same with copy sources resolved, without manifests that stand for an object of this environment. */
  readonly bound: readonly Resource[];
  /** Those of them that were observed, with an id for each lookup. */
  readonly found: readonly Resource[];
  /** What the project file says stands in the other environment for ids of this one. */
  readonly aliases: { readonly [id: string]: string };
  /** Manifests that stand for an object of this environment. */
  readonly originals: ReadonlySet<Address>;
  readonly entries: ReadonlyMap<Address, Entry>;
  readonly observed: ReadonlyMap<Address, Observed>;
  /** The lineage of its state. */
  readonly salt: string;
}

/**
 * Where an address stands in an environment. `leftover`: it is there, and no manifest wants it any more.
 * `original`: what another environment copies is here itself.
 */
export type Presence =
  | { readonly status: "made"; readonly id: string; readonly leftover?: true }
  | { readonly status: "making" }
  | { readonly status: "gone"; readonly id: string }
  | { readonly status: "unmade" }
  | { readonly status: "unwanted" }
  | { readonly status: "original" };

/**
 * `alike`; `expected`: it differs only as the manifests of the two do; `different`; `lacking`: one of them doesn't
 * have it, and should; `unmade`: none of them has it yet.
 */
type Verdict = "alike" | "expected" | "different" | "lacking" | "unmade";

/** One address in two environments. */
export interface ComparedResource {
  readonly address: Address;
  readonly kind: string;
  readonly presence: Pair<Presence>;
  readonly differences: readonly FieldDifference[];
  readonly verdict: Verdict;
}

/** What differs between two environments: `before` is the one that is compared with, `after` the one in hand. */
export interface EnvironmentComparison {
  readonly environments: Pair<string>;
  readonly resources: readonly ComparedResource[];
  readonly counts: Readonly<Record<Verdict, number>>;
}

/** Compares two environments by address; what an id stands for is called by its address, or by its lookup. Pure. */
export function compareEnvironments<Api>(
  kinds: readonly Kind<Api>[],
  sides: Pair<ComparedSide>,
  addresses: readonly Address[],
): EnvironmentComparison {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const views = mapPair(sides, (side) => createView(byName, side));
  const resources = [...addresses].sort().map((address) => compareAddress(address, views));
  const counts = { alike: 0, expected: 0, different: 0, lacking: 0, unmade: 0 };
  for (const { verdict } of resources) counts[verdict] += 1;
  return { environments: mapPair(sides, ({ environment }) => environment), resources, counts };
}

type ComparedKind = Pick<Kind<never>, "fields" | "listing">;

/** One environment with what is needed to look at an address in it. */
interface EnvironmentView {
  readonly side: ComparedSide;
  readonly wanted: ReadonlyMap<Address, Resource>;
  readonly bound: ReadonlyMap<Address, Resource>;
  kindOf(name: string): ComparedKind | undefined;
  /** Values in which ids that the environment knows are references. */
  name(fields: Fields, values: Values): Values;
}

type Kinds<Api> = ReadonlyMap<string, Kind<Api>>;

function createView<Api>(kinds: Kinds<Api>, side: ComparedSide): EnvironmentView {
  const kindOf = (name: string): ComparedKind | undefined => kinds.get(name);
  const fieldsOf = (name: string): Fields => kindOf(name)?.fields ?? {};
  const looked = new Map(listLookups(side, fieldsOf));
  const names = new Map([...looked, ...listMade(side)]);
  const aliases = new Map(Object.entries(side.aliases));
  return {
    side,
    wanted: byAddress(side.wanted),
    bound: byAddress(side.bound),
    kindOf,
    name: (fields, values) =>
      mapLeaves(fields, values, ({ shape, value }) => {
        if (isReference(value)) return known(value.$ref);
        if (typeof value !== "string") return value;
        // A text may be the id of what no resource makes, which a resource may bear as well: that of a user.
        const isText = shape.type !== "ref" && kindLookedUp(shape) !== undefined;
        const name = shape.type === "ref" ? names.get(value) : isText ? looked.get(value) : undefined;
        return aliases.get(value) ?? name ?? value;
      }),
  };
}

const byAddress = (resources: readonly Resource[]): ReadonlyMap<Address, Resource> =>
  new Map(resources.map((resource) => [resource.address, resource]));

/** A reference to what has an id. */
const known = (address: Address): Json => ({ $ref: address, known: true });

/** By id, what lookups found, as manifests refer to it. */
function listLookups(
  { wanted, found }: ComparedSide,
  fieldsOf: (kind: string) => Fields,
): readonly (readonly [id: string, name: Json])[] {
  const specs = new Map(found.map(({ address, spec }) => [address, spec]));
  return wanted.flatMap(({ address, kind, spec }) =>
    leavesOf(fieldsOf(kind), spec).flatMap(({ value, path }): [string, Json][] => {
      const id = valueAt(specs.get(address) ?? {}, path);
      if (typeof id !== "string") return [];
      // A reference to a manifest that stands for a copy source was looked up all the same.
      if (isReference(value)) return [[id, known(value.$ref)]];
      return isLookup(value) ? [[id, value]] : [];
    }),
  );
}

/** By id, the address of what the environment made. */
const listMade = ({ entries }: ComparedSide): readonly (readonly [id: string, name: Json])[] =>
  [...entries].flatMap(([address, { id }]) => (id === undefined ? [] : [[id, known(address)] as const]));

function compareAddress(address: Address, views: Pair<EnvironmentView>): ComparedResource {
  const presence = mapPair(views, (view) => presenceOf(address, view));
  const kind =
    views.after.side.entries.get(address)?.kind ??
    views.before.side.entries.get(address)?.kind ??
    address.slice(0, address.indexOf("."));
  const differences = differencesOf(address, kind, views, presence);
  return { address, kind, presence, differences, verdict: verdictOf(presence, differences) };
}

function differencesOf(
  address: Address,
  kind: string,
  views: Pair<EnvironmentView>,
  { before, after }: Pair<Presence>,
): readonly FieldDifference[] {
  const fields = views.after.kindOf(kind)?.fields ?? {};
  if (after.status !== "made") return [];
  if (before.status === "original") {
    // Compares what a promotion would recreate now with what was made last.
    const renewed = Object.entries(fields).filter(([, { sticky }]) => sticky);
    const made = fieldSide(address, kind, views.after);
    const now = views.after.name(fields, views.after.bound.get(address)?.spec ?? {});
    const original = { ...made, live: now, applied: now };
    return compareFields(Object.fromEntries(renewed), { before: original, after: made });
  }
  if (before.status !== "made") return [];
  return compareFields(
    fields,
    mapPair(views, (view) => fieldSide(address, kind, view)),
  );
}

function presenceOf(address: Address, { side, wanted }: EnvironmentView): Presence {
  const entry = side.entries.get(address);
  const isWanted = wanted.has(address);
  if (side.originals.has(address)) return { status: "original" };
  if (entry === undefined) return { status: isWanted ? "unmade" : "unwanted" };
  const { id, note } = entry;
  if (id === undefined) return { status: "making" };
  if (side.observed.get(address)?.status === "absent") {
    // A pending invitation is in no list yet.
    return note === undefined ? { status: "gone", id } : { status: "making" };
  }
  return isWanted ? { status: "made", id } : { status: "made", id, leftover: true };
}

function fieldSide(address: Address, kind: string, view: EnvironmentView): FieldSide {
  const { side, wanted } = view;
  const known = view.kindOf(kind);
  const fields = known?.fields ?? {};
  const entry = side.entries.get(address);
  const resource = wanted.get(address);
  const seen = side.observed.get(address);
  const applied = view.name(fields, entry?.spec ?? {});
  const whole = resource ? [resource.spec] : [];
  const readAsWritten = (live: Values): Values =>
    entry && known ? asWritten(known, live, { ...entry, whole, salt: side.salt, digests: true }) : live;
  return {
    // Without a manifest, the last applied spec is all that is known to be wanted.
    want: resource ? view.name(fields, resource.spec) : applied,
    live: seen?.status === "present" ? view.name(fields, readAsWritten(seen.item.live)) : {},
    applied,
    ignore: resource?.lifecycle.ignoreChanges ?? [],
    salt: side.salt,
  };
}

function verdictOf(presence: Pair<Presence>, differences: readonly FieldDifference[]): Verdict {
  const all = [presence.before, presence.after];
  const statuses = new Set(all.map(({ status }) => status));
  const isLeftOver = all.some((one) => one.status === "made" && one.leftover);
  const isThere = all.every(({ status }) => status === "made" || status === "original");
  if (isLeftOver) return isThere ? "different" : "lacking";
  if (isThere && differences.length > 0) {
    return differences.every(({ expected }) => expected) ? "expected" : "different";
  }
  if (isThere) return "alike";
  const isNowhere = all.every(({ status }) => status === "unmade" || status === "unwanted");
  if (isNowhere) return "unmade";
  // One of the two isn't to have it: that is what the manifests say.
  return statuses.has("unwanted") && (statuses.has("made") || statuses.has("original"))
    ? "expected"
    : "lacking";
}

/** Whether anything differs that the manifests don't ask for. */
export const differsUnexpectedly = ({ counts }: EnvironmentComparison): boolean =>
  counts.different + counts.lacking > 0;
