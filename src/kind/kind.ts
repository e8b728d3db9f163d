import type { Failure } from "../core/failure.ts";
import type { Fields, PlanLevel, Shape } from "../core/field.ts";
import type { Json, Values } from "../core/value.ts";
import type { Explained } from "../messages/text.ts";
import type { SideProductQuery } from "./copying.ts";
import type { NotTaken } from "./processing-errors.ts";
import type {
  AnyKindTypes,
  Change,
  CreateLimits,
  FollowUpCall,
  FollowUpSchema,
  KindSchema,
  KindTypes,
  ProbeInput,
  RemoveLimits,
  TypesOf,
} from "./schema.ts";

/** Where a live object is: its id, and the id of the object that holds it when the kind has a parent. */
export interface Place {
  readonly id: string;
  readonly parent?: string | undefined;
}

/** One live object as a list shows it. */
export interface Item<L = Values> extends Place {
  /** What the list shows of the object, under our names; at least the identity. */
  readonly live: L;
  /** Grows or changes with each update of the object; Unix seconds. Absent: the list doesn't show it. */
  readonly revision?: number | undefined;
  /**
   * `working`: Coze is still processing it; `failed`: it gave up and the object must be replaced; `refused`: it rejects
   * the content, and would again. Default `ready`.
   */
  readonly health?: "ready" | "working" | "failed" | "refused" | undefined;
  /** Who owns it or made it, if the list tells: a user's name or id. */
  readonly owner?: string | undefined;
  /** The id of Coze's folder that holds it, if the list shows one. */
  readonly folder?: string | undefined;
  /** Only with {@link ListingScope.everything}: why no manifest can stand for it, whatever else it shows. */
  readonly unmanageable?: Explained | undefined;
  /** Only with {@link ListingScope.everything}: what the list tells of it that no field holds; a sentence. */
  readonly remark?: string | undefined;
}

/** One live object as a call about it alone shows it. */
interface Reading<L = Values> {
  readonly live: L;
  /** As lists show it, if this call shows it too. */
  readonly revision?: number | undefined;
  /** The names of objects that it refers to, by their ids, as far as this call shows them. */
  readonly names?: ReadonlyMap<string, string> | undefined;
}

/** What a listing is for, so that it can ask for no more than that. */
export interface ListingScope<S = Values> {
  /** Wanted and remembered specs of the resources below this parent. */
  readonly specs: readonly Partial<S>[];
  /** Show also what can't be managed, and what no field holds. Such items are for reports alone. */
  readonly everything?: true | undefined;
  /** Show only what was published. Kinds whose objects aren't published by themselves show all. */
  readonly published?: true | undefined;
  /** Reads something once for all listings of a run that need the same, by a key. */
  readonly once?: (<T>(key: string, read: () => Promise<T>) => Promise<T>) | undefined;
}

/**
 * An object was made; `pending` says in words what it still waits for beyond our reach (an invitation), `notTaken` what
 * the answer shows otherwise than it was sent, `untold` that it doesn't show what it should of that. Or Coze began a task that will make it; then the kind has a `copying`.
 */
export type Created =
  | {
      readonly id: string;
      readonly pending?: string;
      readonly notTaken?: NotTaken | undefined;
      readonly untold?: boolean | undefined;
    }
  | { readonly task: string };

/** Where a task stands that makes an object; `lost`: Coze no longer knows it, so its result is unknown. */
export type TaskState =
  | { readonly state: "done"; readonly id: string }
  | { readonly state: "working"; readonly detail: string }
  | {
      readonly state: "failed";
      readonly reason: string;
      readonly hint: string;
      /** The causes, one by one; `id` of the object concerned, in the source's environment. */
      readonly parts?: readonly { readonly id?: string | undefined; readonly text: string }[];
    }
  | { readonly state: "lost" };

/** A creation whose outcome isn't known: its spec, and when it was begun. */
interface LostCreation<S = Values> {
  readonly spec: Partial<S>;
  /** Epoch seconds of our clock. */
  readonly begun: number;
}

/** The outcome of one item of a call that takes several. */
export type BatchOutcome<T> = { readonly value: T } | { readonly error: Error };

/** Where asynchronous work on an object stands; `detail` in words, for progress lines. */
export type Settlement =
  | { readonly state: "ready" }
  | { readonly state: "working"; readonly detail: string; readonly percent?: number | undefined }
  /** `refused`: Coze rejects the content, and would again. */
  | { readonly state: "failed"; readonly reason: string; readonly refused?: true | undefined };

/**
 * A type of resource: its schema, and methods that translate between our names and the API's and make at most one
 * writing call each. The engine journals each of them.
 */
export interface Kind<Api, T extends KindTypes = AnyKindTypes> extends KindSchema<T> {
  /** All objects below a parent, page by page. */
  list(
    api: Api,
    parent: string | undefined,
    scope: ListingScope<T["spec"]>,
  ): AsyncIterable<readonly Item<T["live"]>[]>;
  /** What the list doesn't show; absent when it shows all. Undefined: not found (a permission error is thrown). */
  read?(api: Api, at: Place): Promise<Reading<T["live"]> | undefined>;
  /** If the list shows only what the token's user may see: whether an object that it doesn't show exists. */
  exists?(api: Api, at: Place, applied: Partial<T["spec"]>): Promise<boolean>;
  /** Which of these ids are of objects that the token may see, whatever holds them. */
  findIds?(api: Api, ids: readonly string[]): Promise<ReadonlySet<string>>;
  create?(api: Api, spec: T["spec"]): Promise<Created>;
  /** What a listing shows otherwise than it was sent by the creation, where the creation's answer may not show that. */
  findNotTaken?(spec: T["spec"], live: Partial<T["live"]>): NotTaken | undefined;
  /** Fields in `changed` are sent, each whole. */
  update?(api: Api, at: Place, change: Change<T["spec"], T["live"]>): Promise<void>;
  /** Gone already counts as removed. */
  remove?(api: Api, at: Place): Promise<void>;
  /** Instead of `create`. */
  readonly createMany?: CreateMany<Api, T["spec"]>;
  /** Instead of `remove`. */
  readonly removeMany?: RemoveMany<Api>;
  /** Looks once at asynchronous work on objects of one parent, in their order; the engine polls. */
  settle?(api: Api, places: readonly Place[]): Promise<readonly Settlement[]>;
  readonly followUps?: readonly FollowUp<Api, T>[];
  readonly release?: Release<Api, T>;
  readonly copying?: Copying<Api, T>;
  readonly replyProbe?: ReplyProbe<Api>;
}

interface CreateMany<Api, S = Values> extends CreateLimits {
  /** Whether a refusal of several may be about one of them: then each is created by itself. */
  concernsOne?(error: unknown): boolean;
  run(api: Api, specs: readonly S[]): Promise<readonly BatchOutcome<Created>[]>;
}

interface RemoveMany<Api> extends RemoveLimits {
  run(api: Api, places: readonly Place[]): Promise<readonly BatchOutcome<void>[]>;
}

interface FollowUp<Api, T extends KindTypes> extends FollowUpSchema<T> {
  /** May run twice. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most of them have nothing to tell, and say so by returning nothing.
  run(api: Api, at: Place, spec: T["spec"], call: FollowUpCall): Promise<Published | void>;
}

/** A call made a version of an object that callers see now; `version` is missing where Coze didn't say which. */
export interface Published {
  readonly version: string | undefined;
}

type Release<Api, T extends KindTypes> = NonNullable<KindSchema<T>["release"]> & {
  /** The configuration that callers of an object get; undefined when it was never published. */
  read?(api: Api, at: Place): Promise<T["live"] | undefined>;
  /** Ids of the objects below a parent that were changed since callers got to see them. */
  listEdited?(
    api: Api,
    parent: string | undefined,
    scope: ListingScope<T["spec"]>,
  ): Promise<ReadonlySet<string>>;
  /** All versions that were published, with who did it; the newest first. One call for each page. */
  versions?(api: Api, at: Place): Promise<readonly Edit[]>;
  /** Who changed the draft, or published, last. */
  editor?(api: Api, at: Place, of: "draft" | "published"): Promise<Edit | undefined>;
};

/** The last change of an object; fields that Coze doesn't tell are missing. */
export interface Edit {
  /** The user's name and id. */
  readonly name?: string | undefined;
  readonly user?: string | undefined;
  /** Unix seconds. */
  readonly at?: number | undefined;
  /** What the user wrote about it. */
  readonly changelog?: string | undefined;
  readonly version?: string | undefined;
}

type Copying<Api, T extends KindTypes> = NonNullable<KindSchema<T>["copying"]> & {
  /** Looks once at a task that `create` was given; the engine polls. */
  follow(api: Api, task: string): Promise<TaskState>;
  /** Which of the objects that appeared since may be the result of a lost creation; their identity can't be read. */
  recognise(
    api: Api,
    appeared: readonly Item<T["live"]>[],
    lost: LostCreation<T["spec"]>,
  ): Promise<readonly Item<T["live"]>[]>;
  readonly sideProducts: SideProductQuery<Api, T["spec"]>;
};

/** Asks an object as its callers would: its unpublished state, if it has one. */
type ReplyProbe<Api> = NonNullable<KindSchema["replyProbe"]> & {
  begin(api: Api, at: Place, spec: Values, input: ProbeInput): Promise<ProbeState>;
  follow(api: Api, token: Json): Promise<ProbeState>;
};

/** Where a check's question stands; `token` is what `follow` needs, `cause` the error that a response reports. */
export type ProbeState =
  | { readonly state: "working"; readonly token: Json }
  | { readonly state: "answered"; readonly reply: string }
  | {
      readonly state: "failed";
      readonly reason: string;
      readonly hint?: string | undefined;
      readonly cause?: Error | undefined;
    };

/** Fields whose lists of other fields name fields that exist. */
type LinkedFields<F extends Fields> = {
  readonly [N in keyof F]: LinkedShape<F[N]> & {
    readonly conflictsWith?: readonly (keyof F)[];
    readonly elsewhere?: keyof F;
  };
};

type LinkedShape<S extends Shape> = S extends {
  readonly type: "object";
  readonly fields: infer F extends Fields;
}
  ? {
      readonly fields: LinkedFields<F>;
      readonly exactlyOne?: readonly (keyof F)[];
      readonly textField?: keyof F;
    }
  : S extends { readonly type: "list"; readonly items: infer I extends Shape }
    ? { readonly items: LinkedShape<I>; readonly key?: KeyOf<I> }
    : unknown;

type KeyOf<S extends Shape> = S extends { readonly fields: infer F extends Fields } ? keyof F : never;

/**
 * Checks a kind's definition against its own fields and the names of its API's operations, and returns it in the
 * general form, so that kinds with different fields fit one list:
 * `defineKind<Api, OperationName>()({ name: "Dataset", fields: {…}, … })`.
 */
export function defineKind<Api, Operation extends string = string>(): <const F extends Fields>(
  kind: Kind<Api, TypesOf<F, Operation>> & { readonly fields: F & LinkedFields<F> },
) => Kind<Api> & { readonly fields: F };
// The engine hands a kind only values that were checked against its fields, which no type can tell.
export function defineKind(): (kind: never) => unknown {
  return (kind) => kind;
}

/** The kinds of an API, and what the engine needs to run them. */
export interface Provider<Api> {
  readonly kinds: readonly Kind<Api>[];
  upload(api: Api, file: { readonly name: string; readonly content: Uint8Array | Blob }): Promise<string>;
  /** The API's operation behind it. */
  readonly uploadOperation: string;
  explain(error: unknown): Failure;
  /** The plan of the account that a token belongs to. */
  readonly account?: {
    /** In the API's word; undefined if the answer lacks it. */
    plan(api: Api): Promise<string | undefined>;
    /** Whether a plan includes what needs a level; undefined for a plan that isn't known. */
    covers(plan: string, level: PlanLevel): boolean | undefined;
  };
  /** A lower bound of the API's clock, epoch milliseconds, from the answers so far. */
  serverTime(api: Api): number;
}
