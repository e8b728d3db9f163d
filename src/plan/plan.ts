import type { Address } from "../core/address.ts";
import type { Diagnostic, Location } from "../core/diagnostic.ts";
import type { Values } from "../core/value.ts";
import type { Item, Place } from "../kind/kind.ts";
import type { LostCall } from "../kind/lost-call.ts";
import type { PlannedCall } from "../kind/planned-calls.ts";
import type { Check, ProjectOutput, ResolvedLookup, Resource } from "../kind/resource.ts";
import type { Effect, KindSchema } from "../kind/schema.ts";
import type { Entry, Hold } from "../kind/state-entry.ts";
import type { FieldChange } from "./diff.ts";
import type { Answers, Refusal } from "./guards/refusal.ts";

/** What was seen of a resource at Coze. */
export type Observed =
  /** No object has its id, and the search was complete. `candidates` have its identity and belong to no resource. */
  | {
      readonly status: "absent";
      readonly candidates: readonly Item[];
      /** How long what a creation of unknown outcome made may take to appear, where it takes long. */
      readonly lost?: LostCall | undefined;
    }
  /** Coze wasn't asked: only what was last applied can be compared with. */
  | { readonly status: "unasked" }
  /** `partial`: only what the list tells was read; the rest is unchanged since it last agreed with the spec. */
  | {
      readonly status: "present";
      /** It has a revision only if the whole object can be relied on to be of that revision. */
      readonly item: Item;
      readonly partial?: true | undefined;
      /** The fields that only a list showed, which may lag. */
      readonly listed?: readonly string[] | undefined;
      /** Ids of others that have its identity and belong to no resource. */
      readonly namesakes?: readonly string[] | undefined;
      /** Those that it replaced and that stay, as far as they are still there. */
      readonly kept?: readonly Item[] | undefined;
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
  /** The new addresses of moved entries by their former ones. The entries have the new ones. */
  readonly moved?: ReadonlyMap<Address, Address> | undefined;
  /** The keys of places that other environments manage: their objects are none of this one. */
  readonly elsewhere?: ReadonlySet<string> | undefined;
  /** Resources that stay at an earlier release while their manifests are as they are. */
  readonly held?: ReadonlyMap<Address, Hold> | undefined;
  /** No object is read any more for this plan. */
  readonly final?: boolean | undefined;
  /** There is no state at all: either nothing was applied yet, or it got lost. */
  readonly stateMissing?: boolean | undefined;
  /** The next run won't have the state of this one. */
  readonly stateless?: boolean | undefined;
  readonly advice?: PlanAdvice | undefined;
}

/** What the texts of a plan can tell besides; it decides nothing. */
interface PlanAdvice {
  /** The files that hold manifests and aren't read, by address or that of the whole `for_each`. */
  readonly unmatched?: ReadonlyMap<Address, string> | undefined;
  /** What leaves resources of the state out of the environment: the pattern and its place, by address. */
  readonly excluded?: ReadonlyMap<Address, { readonly pattern: string; readonly place: string }> | undefined;
}

export interface PlanOptions extends Answers {
  readonly targets?: readonly Address[] | undefined;
  readonly destroy?: boolean | undefined;
  /** Resources, or whole `for_each`, whose objects are replaced though they could stay. */
  readonly replace?: readonly Address[] | undefined;
  /** Only compare the state with Coze, and bring it up to date. */
  readonly refreshOnly?: boolean | undefined;
  /** Targets don't bring along what they depend on. */
  readonly alone?: true | undefined;
  /** A normalised form of an applied value counts as another value where forms are read back. */
  readonly exact?: true | undefined;
  /** Bind and publish without waiting for what Coze processes below the referenced objects. */
  readonly noWait?: boolean | undefined;
  /** Send again what Coze rejected, unchanged. */
  readonly retryRefused?: boolean | undefined;
  /** Apply in phases: prepare everything, run checks, then switch callers. */
  readonly promotion?: PromotionOptions | undefined;
}

/** What a plan promotes. */
export interface PromotionOptions {
  /** The environment that it comes from; absent when it is the way back. */
  readonly from?: string | undefined;
  /** The state of that environment which the plan was made with. */
  readonly source?: { readonly lineage: string; readonly serial: number } | undefined;
  /** Run the checks of manifests before callers see anything. */
  readonly check?: true | undefined;
}

/**
 * `forget`: the manifest and the object are both gone. `retry`: half-made, or failed last time.
 * `abandon`: Coze has no delete for it; it is kept there and forgotten here. `moved`: nothing but its address changes.
 * `refresh`: it was changed at Coze, which the state takes over. `undecided`: it may be the same as another one that goes or comes, so nothing is done before that is answered.
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
  | "moved"
  | "refresh"
  | "undecided"
  | "no-op";

/** Follow-ups that are taken back for an object that stays at Coze without us. */
export interface UndoCalls {
  readonly place: Place;
  readonly calls: readonly Extract<PlannedCall, { call: "follow-up" }>[];
}

/** Two addresses that most likely stand for one object. */
export interface Rename {
  readonly from: Address;
  readonly to: Address;
  /** The object. */
  readonly id?: string | undefined;
  /** Why it seems so, in words. */
  readonly because: string;
}

declare const form: unique symbol;

/** A spec in one of the forms that it takes on its way to Coze. Plain values fit every form, one form fits no other. */
export type InForm<Form extends string> = Values & { readonly [form]?: Form };

/** Wanted values, with ids for the references to objects that exist already. */
export type PlannedSpec = InForm<"planned spec">;

/** What an update sends from: wanted values over what Coze holds. */
export type PlannedTarget = InForm<"planned target">;

/** What an apply does for one resource. */
export interface Step {
  readonly address: Address;
  readonly kind: string;
  readonly action: Action;
  /** Why, in words. */
  readonly because: readonly string[];
  /** Its replacement was asked for by an option. */
  readonly requested?: true | undefined;
  /** The address that the state has it under. */
  readonly movedFrom?: Address | undefined;
  readonly changes: readonly FieldChange[];
  /** What else to know: what can't be had, what was found. */
  readonly notes: readonly string[];
  /** It goes or comes most likely because it has another address now. */
  readonly renamed?: Rename | undefined;
  /** Its creating call got no answer, and what that made may take long to appear. */
  readonly lostCall?: LostCall | undefined;
  readonly effects: readonly Effect[];
  /** The object acted on: updated, adopted, taken over. */
  readonly place?: Place | undefined;
  readonly calls: readonly PlannedCall[];
  readonly undo?: UndoCalls | undefined;
  /** Why Coze rejects the content, in words: it is unchanged and isn't sent again, so that the step fails. */
  readonly refusal?: string | undefined;
  /** The lookups of which `spec` has the ids. */
  readonly lookups?: readonly ResolvedLookup[] | undefined;
  /** Values of `spec` that are outputs of other projects. */
  readonly outputs?: readonly ProjectOutput[] | undefined;
  /** Objects that go, after or before the calls as the kind says. */
  readonly removes: readonly Place[];
  /** Those of them that are of no use: they go even if what replaces them can't be used either. */
  readonly discards?: readonly Place[] | undefined;
  /** Ids of objects that the step lets go of and that stay in Coze. */
  readonly leaves?: readonly string[] | undefined;
  /** Absent when nothing is wanted. */
  readonly spec?: PlannedSpec | undefined;
  readonly target?: PlannedTarget | undefined;
  /** Of a refresh: what the state has of it. */
  readonly former?: Values | undefined;
  /** The object as seen. */
  readonly live?: Values | undefined;
  /** Of a create: ids of objects that bear its identity and belong to no resource. */
  readonly existing?: readonly string[] | undefined;
  /** For a create whose outcome may get lost: ids that bear its identity already. */
  readonly before?: readonly string[] | undefined;
  readonly dependencies: readonly Address[];
  /** Steps whose objects have to be ready before this step's calls. */
  readonly awaits?: readonly Address[] | undefined;
  /** What the object hung on when it was last applied. */
  readonly formerDependencies?: readonly Address[] | undefined;
  readonly preventDestroy?: true | undefined;
  readonly checks?: readonly Check[] | undefined;
  /** It writes a value once more that was applied already and reads otherwise. */
  readonly repairs?: true | undefined;
  /** Of a promoted one: what its manifest itself says, and all that may be remembered as wanted. */
  readonly own?: Values | undefined;
  readonly at?: Location | undefined;
}

/** A final list of steps, sorted by address, or why there can be none. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Errors that no apply can get past; warnings about what was seen. */
  readonly diagnostics: readonly Diagnostic[];
  /** What no apply does before it is answered. */
  readonly refusals: readonly Refusal[];
  /** What one command has to answer so that nothing is refused any more: some is refused only after other answers. */
  readonly together: readonly Refusal[];
  /** What would be refused without the answers that the plan was made with. */
  readonly answered: readonly Refusal[];
  /** Objects that were seen in a list only, and whose texts decide about a refusal. */
  readonly unread?: readonly Address[] | undefined;
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

/** Whether applying the step makes no call and leaves its object as it is. */
export const leavesObject = ({ action }: Pick<Step, "action">): boolean =>
  action === "no-op" || action === "moved" || action === "refresh" || action === "undecided";

export type ActionCounts = Readonly<Partial<Record<Action, number>>>;

/** How many steps there are of each action. */
export function countActions(steps: readonly Step[]): ActionCounts {
  const counts: Partial<Record<Action, number>> = {};
  for (const { action } of steps) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}

/** What the planning of one resource needs to know of the others. */
export interface PlanContext {
  readonly input: PlanInput;
  kind(name: string): KindSchema;
  observed(address: Address): Observed;
  /** A spec with every reference to an object that exists and stays turned into its id. */
  resolve(kind: KindSchema, spec: Values): Values;
  /** Whether more of a resource's object can still be read. */
  canRead(address: Address): boolean;
  /** Something that no apply of this resource can get past. */
  report(address: Address, problem: PlanProblem): void;
}

type PlanProblem = Pick<Diagnostic, "code" | "message" | "hint"> & {
  readonly at: Diagnostic["at"] | undefined;
};
