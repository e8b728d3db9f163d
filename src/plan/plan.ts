import type { Address } from "../core/address.ts";
import type { Diagnostic, Location } from "../core/diagnostic.ts";
import type { Values } from "../core/value.ts";
import type { Item, Place } from "../kind/kind.ts";
import type { LostCall } from "../kind/lost-creation.ts";
import type { PlannedCall } from "../kind/planned-calls.ts";
import type { Check, Resource } from "../kind/resource.ts";
import type { Effect, KindSchema } from "../kind/schema.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { FieldChange } from "./diff.ts";

/** What was seen of a resource at Coze. */
export type Observed =
  /** No object with its id, and the search was complete. `candidates` bear its identity and are nobody's. */
  | {
      readonly status: "absent";
      readonly candidates: readonly Item[];
      /** How long what a creation of unknown outcome made may take to appear, where it takes long. */
      readonly lost?: LostCall;
    }
  /** Coze wasn't asked: only what was last applied can be compared with. */
  | { readonly status: "unasked" }
  /** `partial`: only what the list tells was read; the rest is unchanged since it last agreed with the spec. */
  | {
      readonly status: "present";
      readonly item: Item;
      readonly partial?: true;
      /** Ids of others that bear its identity and are nobody's. */
      readonly namesakes?: readonly string[];
      /** Those that it replaced and that stay, as far as they are still there. */
      readonly kept?: readonly Item[];
      /** A lower bound of Coze's clock when the reading began, epoch seconds. */
      readonly readAt?: number;
    };

/** Everything a plan depends on. */
export interface PlanInput {
  readonly kinds: readonly KindSchema[];
  readonly desired: readonly Resource[];
  readonly entries: ReadonlyMap<Address, Entry>;
  readonly observed: ReadonlyMap<Address, Observed>;
  /** The state's lineage: secrets are remembered under it. */
  readonly salt: string;
  readonly options: PlanOptions;
}

export interface PlanOptions {
  readonly targets?: readonly Address[] | undefined;
  readonly destroy?: boolean | undefined;
  /** Targets don't bring along what they depend on. */
  readonly alone?: true;
  /** Take over the one live object that bears a new resource's identity. */
  readonly adopt?: boolean | undefined;
  /** Its apply goes by phases: prepare everything, try it, and only then let callers see it. */
  readonly promotion?: PromotionOptions | undefined;
}

/** What a plan promotes. */
export interface PromotionOptions {
  /** The environment that it comes from; absent when it is the way back. */
  readonly from?: string;
  /** Run the checks of manifests before callers see anything. */
  readonly check?: true;
}

/**
 * `forget`: the manifest and the object are both gone. `retry`: half-made, or failed last time.
 * `abandon`: Coze has no delete for it; it is kept there and forgotten here.
 */
export type Action =
  | "create"
  | "update"
  | "replace"
  | "delete"
  | "abandon"
  | "adopt"
  | "retry"
  | "forget"
  | "no-op";

/** Follow-ups that are taken back for an object that stays at Coze without us. */
export interface Undoing {
  readonly place: Place;
  readonly calls: readonly Extract<PlannedCall, { call: "follow-up" }>[];
}

/** What an apply does for one resource. */
export interface Step {
  readonly address: Address;
  readonly kind: string;
  readonly action: Action;
  /** Why, in words. */
  readonly because: readonly string[];
  readonly changes: readonly FieldChange[];
  /** What else to know: what can't be had, what was found. */
  readonly notes: readonly string[];
  /** Its creating call got no answer, and what that made may take long to appear. */
  readonly lostCall?: LostCall;
  readonly effects: readonly Effect[];
  /** The object acted on: updated, adopted, taken over. */
  readonly place?: Place;
  readonly calls: readonly PlannedCall[];
  readonly undo?: Undoing;
  /** Objects that go, after or before the calls as the kind says. */
  readonly removes: readonly Place[];
  /** Wanted values, references to objects that exist already as ids. Absent when nothing is wanted. */
  readonly spec?: Values;
  /** What an update sends from: `spec` over what Coze holds. */
  readonly target?: Values;
  /** The object as seen. */
  readonly live?: Values;
  /** For a create whose outcome may get lost: ids that bear its identity already. */
  readonly before?: readonly string[];
  readonly dependencies: readonly Address[];
  /** What the object hung on when it was last applied. */
  readonly formerDependencies?: readonly Address[];
  readonly preventDestroy?: true;
  readonly checks?: readonly Check[];
  /** Of a promoted one: what its manifest itself says, and all that may be remembered as wanted. */
  readonly own?: Values;
  readonly at?: Location;
}

/** A final list of steps, sorted by address, or why there can be none. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Errors that no apply can get past; warnings about what was seen. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The cost of a plan in API calls. */
export interface PlannedCalls {
  /** Made for the plan. */
  readonly made: number;
  /** Made by its apply, as far as can be known: more when calls fail or Coze takes its time. */
  readonly apply: number;
  /** How long its apply's calls take at the least, at the rate at which they are made. */
  readonly seconds: number;
}

/** Whether applying the step would change anything, at Coze or in the state. */
export const changesAnything = (step: Step): boolean => step.action !== "no-op";

export type ActionCounts = Readonly<Partial<Record<Action, number>>>;

/** How many steps there are of each action. */
export function countActions(steps: readonly Step[]): ActionCounts {
  const counts: Partial<Record<Action, number>> = {};
  for (const { action } of steps) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}
