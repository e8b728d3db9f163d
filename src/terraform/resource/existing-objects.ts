import type { Failure } from "../../core/failure.ts";
import type { Values } from "../../core/value.ts";
import { holderId, holderKind } from "../../kind/holder.ts";
import { bearsIdentity, keyOfPlace, preferExact, showsIdentity } from "../../kind/identity-match.ts";
import type { Item, Place } from "../../kind/kind.ts";
import { diagnoseFailedListing, warnOfMissingParent } from "../provider/diagnostics.ts";
import type { ProviderDiagnostic, ResourceState } from "../provider/provider-interface.ts";
import { errorAt } from "../provider/text.ts";
import type { Remote } from "../remote/remote.ts";
import { type CozeKind, referencesIn } from "../schema/names.ts";
import type { Existing } from "../schema/settings.ts";
import { comparing, toValues } from "./attribute-conversion.ts";
import { findFixedDifferences, findTrusted } from "./config-equality.ts";
import {
  announceAdoption,
  announceExisting,
  refuseExisting,
  refuseLookalikes,
  refuseSecond,
  refuseSeveral,
  refuseUnlike,
} from "./existing-messages.ts";
import type { KnownIds } from "./known-ids.ts";
import type { PlanMemory } from "./plan-memory.ts";

/** What listing shows about an object that is to be created. */
interface ExistingFound {
  /** Ids of objects that bear its identity; absent where that can't be told. */
  readonly before?: readonly string[] | undefined;
  /** The object that the creation takes into the state. */
  readonly adopt?: string | undefined;
  readonly diagnostics: readonly ProviderDiagnostic[];
}

/** Finds objects that already have the identity of a planned creation. */
export interface ExistingObjects {
  find(kind: CozeKind, remote: Remote, planned: ResourceState): Promise<ExistingFound>;
  /** Terraform read an object that is in the state, which it does only while it plans. */
  noteReading(): void;
  /** Whether a creation of this process is to adopt an object. */
  isAdopted(kind: CozeKind, at: Place): boolean;
}

/** What the search relies on. */
export interface ExistingContext {
  /** What becomes of a creation whose object is there already. */
  readonly existing: Existing;
  /** The ids that Terraform manages: they are neither reported nor adopted. */
  readonly managed: KnownIds;
  readonly memory: PlanMemory;
}

/** Terraform reads the resources of a state in no order: how long none may come before all count as read. Milliseconds. */
const quietMs = 100;

/** What one walk of Terraform's, such as planning or applying, has come to. */
interface Walk extends ExistingContext {
  readonly adopted: Set<string>;
  isFailureReported: boolean;
  /** Terraform reads objects only while it plans. */
  isPlanning: boolean;
}

/** For one walk of Terraform's. */
export function createExistingObjects(context: ExistingContext): ExistingObjects {
  const walk: Walk = { ...context, adopted: new Set(), isFailureReported: false, isPlanning: false };
  return {
    noteReading() {
      walk.isPlanning = true;
    },
    isAdopted: (kind, at) => walk.adopted.has(keyOf(kind, at)),
    async find(kind, remote, planned) {
      const spec = toValues(kind.fields, planned, comparing);
      const isKnown = kind.identity.every((name) => spec[name] !== undefined);
      const parent = holderId(kind, spec);
      if (!isKnown || (kind.parent !== undefined && parent === undefined)) return nothing;
      try {
        const listed = await remote.list(kind, parent, spec);
        const items = listed.filter((item) => bearsIdentity(kind, item, spec));
        const unmanageable = items.flatMap(({ live }) => kind.unmanageable?.(live) ?? []);
        if (unmanageable.length > 0) return { diagnostics: unmanageable.map((one) => errorAt(one)) };
        const strangers = preferExact(kind, await findStrangers(walk, kind, remote, spec, items), spec);
        const decision = showsIdentity(kind)
          ? decide(walk, kind, strangers, { spec, planned })
          : await decideByLook(walk, kind, remote, strangers, { spec, planned });
        return { before: items.map(({ id }) => id), diagnostics: [], ...decision };
      } catch (error) {
        return diagnose(walk, kind, remote.explain(error), parent);
      }
    },
  };
}

const nothing: ExistingFound = { diagnostics: [] };

const keyOf = (kind: CozeKind, at: Place): string => `${kind.name}/${keyOfPlace(at)}`;

/** Objects of the same identity that no resource of the configuration or the state stands for. */
async function findStrangers(
  { existing, managed, memory, isPlanning }: Walk,
  kind: CozeKind,
  remote: Remote,
  spec: Values,
  items: readonly Item[],
): Promise<readonly Item[]> {
  const becomes = kind.copying?.becomes(spec) ?? kind.name;
  const sources = new Set(kind.copying ? referencesIn(kind.fields, spec).map(({ id }) => id) : []);
  const isKnown = (item: Item) =>
    managed.has(kind, item) ||
    (becomes !== kind.name && managed.hasId(becomes, item.id)) ||
    remote.made(kind, item) ||
    // While a replacement is created before its predecessor goes, Terraform doesn't show that one.
    (!isPlanning && memory.holds(kind, item));
  for (let count = -1; count < managed.count() && !items.every(isKnown); ) {
    count = managed.count();
    await remote.pause(quietMs);
  }
  for (const item of items) {
    // Of a half-made one, a warning that it is there has its use: its successor doesn't continue it.
    const isWorthTelling = existing === "warn" && managed.isPartial(kind, item);
    if (managed.has(kind, item) && !isWorthTelling) memory.keep(kind, item);
  }
  return items.filter((item) => !sources.has(item.id) && !isKnown(item));
}

/** What is to be created. */
interface Wanted {
  readonly spec: Values;
  readonly planned: ResourceState;
}

function decide(
  { existing, adopted }: Walk,
  kind: CozeKind,
  strangers: readonly Item[],
  { spec, planned }: Wanted,
): Partial<ExistingFound> {
  const [only, ...others] = strangers;
  if (!only) return {};
  if (existing === "warn") return { diagnostics: announceExisting(kind, strangers, planned) };
  if (existing === "error") return { diagnostics: refuseExisting(kind, strangers, planned) };
  if (others.length > 0) return { diagnostics: refuseSeveral(kind, strangers, planned) };
  const fixed = findFixedDifferences(kind.fields, spec, only.live);
  if (fixed.length > 0) return { diagnostics: refuseUnlike(kind, only, fixed, planned) };
  if (adopted.has(keyOf(kind, only))) return { diagnostics: refuseSecond(kind, only) };
  adopted.add(keyOf(kind, only));
  const trusted = findTrusted(kind.fields, spec, only.live);
  return { adopt: only.id, diagnostics: announceAdoption(kind, only, trusted) };
}

/** The same for a kind whose objects don't show their identity: none of them is adopted. */
async function decideByLook(
  { existing }: Walk,
  kind: CozeKind,
  remote: Remote,
  strangers: readonly Item[],
  { spec, planned }: Wanted,
): Promise<Partial<ExistingFound>> {
  if (existing === "warn") return {};
  return { diagnostics: refuseLookalikes(kind, await remote.recognise(kind, strangers, spec), planned) };
}

function diagnose(walk: Walk, kind: CozeKind, failure: Failure, parent: string | undefined): ExistingFound {
  if (failure.type === "interrupted") return nothing;
  if (failure.type === "not-found" && parent !== undefined) {
    // Lists lag: of a holder that this process has seen, that it doesn't exist is no word to go by.
    const isSeen = walk.managed.hasId(holderKind(kind) ?? "", parent);
    return isSeen ? nothing : { diagnostics: [warnOfMissingParent(kind, parent, failure)] };
  }
  if (walk.existing !== "warn")
    return { diagnostics: [diagnoseFailedListing(kind, failure, parent, { isDemanded: true })] };
  // What keeps one resource from being looked for keeps most of them.
  if (walk.isFailureReported) return nothing;
  walk.isFailureReported = true;
  return { diagnostics: [diagnoseFailedListing(kind, failure, parent)] };
}
