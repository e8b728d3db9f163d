import type { Failure } from "../core/failure.ts";
import type { Fields, Live, Spec } from "../core/field.ts";
import type { Json, Values } from "../core/value.ts";
import type { CopySources } from "./copy-source.ts";
import type { ReplyProbe } from "./reply-probe.ts";
import type { SideProductQuery } from "./side-products.ts";

/** Where a live object is: its id, and the id of the object that holds it when the kind has a parent. */
export interface Place {
  readonly id: string;
  readonly parent?: string | undefined;
}

/** One live object as a list shows it. */
export interface Item<L = Values> extends Place {
  /** What the list tells of the object, under our names; at least the identity. */
  readonly live: L;
  /** Grows or changes with each update of the object; Unix seconds. Absent: the list can't tell. */
  readonly revision?: number | undefined;
  /** `working`: Coze is still at it; `failed`: it gave up and the object must be made again. Default `ready`. */
  readonly health?: "ready" | "working" | "failed" | undefined;
}

/** One live object as a call about it alone shows it. */
interface Reading<L = Values> {
  readonly live: L;
  /** As lists show it, where this call shows it too. */
  readonly revision?: number;
}

/** What a listing is for, so that it can ask for no more than that. */
export interface ListingScope<S = Values> {
  /** Wanted and remembered specs of the resources below this parent. */
  readonly specs: readonly Partial<S>[];
}

/**
 * An object was made; `pending` says in words what it still waits for beyond our reach (an invitation). Or Coze began
 * a task that will make it; then the kind has a `follow`.
 */
export type Created = { readonly id: string; readonly pending?: string } | { readonly task: string };

/** Where a task stands that makes an object; `lost`: Coze doesn't know it any more, which says nothing of its end. */
export type TaskState =
  | { readonly state: "done"; readonly id: string }
  | { readonly state: "working"; readonly detail: string }
  | {
      readonly state: "failed";
      readonly reason: string;
      readonly hint: string;
      /** What stood in the way, one by one; `id` of the object concerned, where the original is. */
      readonly parts?: readonly { readonly id?: string; readonly text: string }[];
    }
  | { readonly state: "lost" };

/** A creation whose outcome isn't known: what of its spec tells objects apart, and when it was begun. */
interface CopySourceQuery<S = Values> {
  readonly spec: Partial<S>;
  /** Epoch seconds of our clock. */
  readonly begun: number;
}

/** What became of one item of a call that took several. */
export type BatchOutcome<T> = { readonly value: T } | { readonly error: Error };

/** Where asynchronous work on an object stands; `detail` in words, for progress lines. */
export type Settlement =
  | { readonly state: "ready" }
  | { readonly state: "working"; readonly detail: string; readonly percent?: number }
  | { readonly state: "failed"; readonly reason: string };

/** What differs between wanted and live; `changed` holds names of top-level fields. */
export interface Change<S = Values, L = Values> {
  /** What the object shall be: wanted values over what Coze holds, fields taken out set to their default. */
  readonly spec: S;
  /** Undefined while the object isn't made yet. */
  readonly live: L | undefined;
  readonly changed: ReadonlySet<string>;
}

/** A writing call after create and update that realises some fields, such as a publication. May run twice. */
interface FollowUp<Api, S = Values, L = Values, N = string> {
  /** A verb: `publish`. */
  readonly name: string;
  /** Top-level fields that this call realises; `update` isn't made for them. */
  readonly fields: readonly N[];
  /**
   * The calls to make, in order, one writing call each; none when nothing is to do. Pure.
   * `done`: they were completed, and the object wasn't updated since.
   */
  calls(change: Change<S, L>, done: boolean): readonly FollowUpCall[];
  // biome-ignore lint/suspicious/noConfusingVoidType: most of them have nothing to tell, and say so by returning nothing.
  run(api: Api, at: Place, spec: S, call: FollowUpCall): Promise<Published | void>;
}

/** A call made a version of an object that callers see now; `version` is missing where Coze didn't say which. */
interface Published {
  readonly version: string | undefined;
}

/** One follow-up call: `argument` is what `run` needs to know, `effect` what the plan says of it. */
export interface FollowUpCall {
  readonly argument: Json;
  readonly effect: string;
}

/** Something a step brings beyond its fields; `needs` names the option without which it is refused. */
export interface Effect {
  readonly text: string;
  readonly needs?: "allow-ownership-transfer" | "allow-orphans";
}

/** Something wrong with a spec that its fields' shapes can't express; `path` leads into the spec. */
export interface FieldProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

/**
 * A type of resource, defined once and read by every door: schema, manifests, plan, redaction, Terraform.
 * Methods translate between our names and the API's and make at most one writing call each; the engine
 * journals each of them. `S` is what users write with references resolved, `L` what Coze shows.
 */
export interface Kind<Api, S = Values, L = Values, N = string> {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly fields: Fields;
  /** The `ref` field that names the object holding this one; listings are per parent. */
  readonly parent?: N;
  /** Fields that find a live object when the state holds no id. */
  readonly identity: readonly N[];
  /**
   * The state keeps a history of what promotions made of its objects; `revision` is the field that says which state of
   * its original an object was made from.
   */
  readonly keepsHistory?: { readonly revision?: N };
  /** Coze itself allows no second object of the same identity (a member of a workspace). */
  readonly unique?: true;
  /** `abandon`: Coze has no delete for it. Absent on kinds that can only be looked up. */
  readonly removal?: "delete" | "abandon";
  /**
   * `create-first`: the new object is ready before the old one goes. `keep-old`: the old one stays at Coze, and the
   * state remembers it. Default `remove-first`.
   */
  readonly replacement?: "create-first" | "remove-first" | "keep-old";
  /** The list shows a revision per object, so that an unchanged one needn't be read again. */
  readonly revisions?: true;
  /**
   * The API's operations behind the methods, by the methods' names, and behind follow-ups by theirs: from their limits
   * the plan tells how long an apply takes.
   */
  readonly operations?: { readonly [call: string]: string };
  /**
   * What a creation made may be in no list for this many seconds: until then nobody can say that nothing came of one
   * whose answer was lost, and it isn't repeated. Without it, lists lag a few seconds at the most.
   */
  readonly appearsWithin?: number;

  /** Words for what a listing looks for on account of a spec; without it, every listing tells the same. Pure. */
  scope?(spec: Partial<S>): readonly string[];
  /** Specs for which a listing tells all that it can, where it depends on them. */
  readonly widest?: readonly Partial<S>[];
  /** How many calls a listing for these specs makes when nothing else is there; one without this. */
  listCalls?(specs: readonly Values[]): number;
  /** All objects below a parent, page by page. */
  list(api: Api, parent: string | undefined, scope: ListingScope<S>): AsyncIterable<readonly Item<L>[]>;
  /** What the list doesn't tell; absent when it tells all. Undefined: not found (a permission error is thrown). */
  read?(api: Api, at: Place): Promise<Reading<L> | undefined>;
  /** Where the list shows only what the token's user may see: whether an object that it doesn't show is there all the same. */
  probe?(api: Api, at: Place, applied: Partial<S>): Promise<boolean>;
  create?(api: Api, spec: S): Promise<Created>;
  /** Looks once at a task that `create` was given; the engine polls. */
  follow?(api: Api, task: string): Promise<TaskState>;
  /** Which of the objects that appeared since may be what came of a creation, where their identity can't be read. */
  recognise?(api: Api, appeared: readonly Item<L>[], sought: CopySourceQuery<S>): Promise<readonly Item<L>[]>;
  /** Fields in `changed` are sent, each whole. */
  update?(api: Api, at: Place, change: Change<S, L>): Promise<void>;
  /** Gone already counts as removed. */
  remove?(api: Api, at: Place): Promise<void>;
  /** In place of `create`, when one call takes several: at most `limit`, all of one parent and one `group`. */
  readonly createMany?: CreateMany<Api, S>;
  /** In place of `remove`, when one call takes several of one parent. */
  readonly removeMany?: RemoveMany<Api>;
  readonly followUps?: readonly FollowUp<Api, S, L, N>[];
  /** The configuration that callers of an object get; undefined when it was never published. */
  readReleased?(api: Api, at: Place): Promise<L | undefined>;
  /** How objects of this kind are made from originals in other environments of the project. */
  readonly originals?: CopySources<S, L>;
  /** What comes along with objects that Coze makes as tasks. */
  readonly companions?: SideProductQuery<Api, S>;
  /** How an object answers a check. */
  readonly trial?: ReplyProbe<Api>;
  /** Looks once at asynchronous work on objects of one parent, in their order; the engine polls. */
  settle?(api: Api, places: readonly Place[]): Promise<readonly Settlement[]>;
  /** Rules between fields. References and files are still unresolved here. */
  check?(spec: Values): readonly FieldProblem[];
  /**
   * Fields that a refusal is about, as dotted paths: by its code, or by the API's name for a parameter that its
   * message names. Parameters that are called as their fields needn't stand here.
   */
  readonly blames?: { readonly [codeOrParameter: string]: string };
  /** The kind that manages the object of a spec when nobody cares any more how it was made; undefined: none does. */
  becomes?(spec: Values): string | undefined;
  /** What a step brings beyond its fields. */
  effects?(
    action: "create" | "update" | "replace" | "remove",
    change: Partial<Change<Partial<S>, L>>,
  ): readonly Effect[];
}

interface CreateMany<Api, S = Values> {
  readonly limit: number;
  /** Only specs of equal group go into one call. */
  group?(spec: Values): string;
  /** Together at most `maxWeight` per call; a single spec always fits. */
  weight?(spec: Values): number;
  readonly maxWeight?: number;
  run(api: Api, specs: readonly S[]): Promise<readonly BatchOutcome<Created>[]>;
}

interface RemoveMany<Api> {
  readonly limit: number;
  run(api: Api, places: readonly Place[]): Promise<readonly BatchOutcome<void>[]>;
}

/**
 * Checks a kind's methods against its own fields and hands it back in the general form, so that kinds with
 * different fields fit one list: `defineKind<Api>()({ name: "Dataset", fields: {…}, … })`.
 */
export const defineKind =
  <Api>() =>
  <const F extends Fields>(
    kind: Kind<Api, Spec<F>, Live<F>, keyof F & string> & { readonly fields: F },
  ): Kind<Api> & { readonly fields: F } =>
    // The engine hands a kind only values that were checked against its fields, which no type can tell.
    kind as unknown as Kind<Api> & { readonly fields: F };

/** The kinds together with what the engine needs to run them against one API. */
export interface Provider<Api> {
  readonly kinds: readonly Kind<Api>[];
  upload(api: Api, file: { readonly name: string; readonly content: Uint8Array }): Promise<string>;
  /** The API's operation behind it. */
  readonly uploadOperation: string;
  explain(error: unknown): Failure;
  /** A lower bound of the API's clock, epoch milliseconds, from the answers so far. */
  serverTime(api: Api): number;
}
