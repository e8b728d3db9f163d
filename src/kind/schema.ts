import type { Fields, Live, Spec } from "../core/field.ts";
import type { FileReading, Json, Values } from "../core/value.ts";
import type { CopySources, SideProductRules } from "./copying.ts";

/** The types that the parts of a kind's definition take from its fields and its API. */
export interface KindTypes {
  /** What users write, with references resolved to ids and files to handles. */
  readonly spec: object;
  /** What Coze shows. */
  readonly live: object;
  /** Names of top-level fields. */
  readonly field: string;
  /** Dotted paths of fields. */
  readonly path: string;
  /** Names of the API's operations. */
  readonly operation: string;
}

/** Those of a kind whose fields are known only when the program runs. */
export interface AnyKindTypes extends KindTypes {
  readonly spec: Values;
  readonly live: Values;
}

/** Those of a kind with these fields. */
export interface TypesOf<F extends Fields, Operation extends string> extends KindTypes {
  readonly spec: Spec<F>;
  readonly live: Live<F>;
  readonly field: keyof F & string;
  readonly path: FieldPath<F>;
  readonly operation: Operation;
}

type FieldPath<F extends Fields> = {
  [N in keyof F & string]: F[N] extends { readonly type: "object"; readonly fields: infer G extends Fields }
    ? N | `${N}.${FieldPath<G>}`
    : N;
}[keyof F & string];

/**
 * A type of resource without its calls to the API: data and pure functions, which is all that manifests, plans, reports
 * and schemas read. What is optional and absent doesn't apply to the kind.
 */
export interface KindSchema<T extends KindTypes = AnyKindTypes> {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  readonly fields: Fields;
  /** The `ref` field that names the object holding this one; listings are per parent. */
  readonly parent?: T["field"];
  /** Fields that find a live object when the state holds no id. */
  readonly identity: readonly T["field"][];
  /** The field by which people call an object, where that isn't the last one of the identity. */
  readonly title?: T["field"];
  /** The text that is the body of a Markdown file which stands for a manifest. */
  readonly body?: T["field"];
  /** Fields besides the identity that tell objects of one name apart where one is looked up. */
  readonly narrowedBy?: readonly T["field"][];
  /** Coze itself allows no second object of the same identity (a member of a workspace). */
  readonly unique?: true;
  /**
   * Fields by which, below one parent, an item of a `for_each` is recognised whose key alone changed: it keeps its object
   * without being asked about.
   */
  readonly recognizedBy?: readonly T["field"][];
  /** `abandon`: Coze has no delete for it. Absent on kinds that can only be looked up. */
  readonly removal?: "delete" | "abandon";
  /**
   * `create-first`: the new object is ready before the old one goes. `keep-old`: the old one stays at Coze, and the
   * state remembers it. Default `remove-first`.
   */
  readonly replacement?: "create-first" | "remove-first" | "keep-old";
  /** Coze removes an object together with the one that holds it. */
  readonly goesWithHolder?: true;
  /** Manifests say all that an object holds, so that a replacement loses nothing. */
  readonly remade?: true;
  /** Coze goes on working on an object after a call; the kind has a `settle`. */
  readonly processed?: true;
  /** The API's operations behind the methods: from their limits the plan tells how long an apply takes. */
  readonly operations?: { readonly [M in KindMethod]?: T["operation"] };
  /**
   * Fields that an error is about, as dotted paths: by Coze's error code, or by the API's name for a parameter that the
   * message names. Parameters that are called as their fields needn't stand here. Several: texts, each of which Coze may
   * object to, also if an earlier call sent them.
   */
  readonly failureFields?: { readonly [codeOrParameter: string]: T["path"] | readonly T["path"][] };
  readonly createMany?: CreateLimits;
  readonly removeMany?: RemoveLimits;
  readonly followUps?: readonly FollowUpSchema<T>[];
  readonly listing?: Listing<T["spec"]>;
  readonly release?: ReleaseSchema<T["field"]>;
  readonly copying?: CopyingSchema<T>;
  readonly replyProbe?: ReplyProbeSchema;
  /** How a text in a file of a spec is read; without it, files go as they are. References and files may be unresolved. */
  readingOf?(spec: Values): FileReading;
  /** A text of more bytes than `limit` can be divided; the field, as a path, takes the key of a part. */
  readonly parts?: { readonly limit: number; readonly field: readonly string[] };
  /** Fields that must agree among resources of one parent, and what to say of one that differs from another. */
  readonly agreement?: AgreementSchema;
  /** Rules between fields. References and files are still unresolved here. */
  check?(spec: Values): readonly FieldProblem[];
  /** Rules between its fields and those of the resource that holds it, where that is managed, too. */
  checkHeld?(spec: Values, holder: Values): readonly FieldProblem[];
  /** Why an object that Coze shows can't be managed as this kind: neither adopted, nor changed, nor removed. */
  unmanageable?(live: Partial<T["live"]>): { readonly message: string; readonly hint: string } | undefined;
  /** What a step causes beyond its fields. */
  effects?(
    action: "create" | "update" | "replace" | "remove",
    change: Partial<Change<Partial<T["spec"]>, T["live"]>>,
  ): readonly Effect[];
}

/** Methods whose calls an estimate counts. */
type KindMethod = "list" | "read" | "create" | "update" | "remove" | "settle";

/** The API's operation behind a method or a follow-up, if the kind names it. */
export const operationOf = ({ operations, followUps = [] }: KindSchema, call: string): string | undefined =>
  new Map(Object.entries(operations ?? {})).get(call) ??
  followUps.find(({ name }) => name === call)?.operation;

/** What listings of a kind show, and what they cost. */
interface Listing<S = Values> {
  /** A listing shows a revision per object, so that an unchanged one needn't be read again. */
  readonly revisions?: true;
  /** Fields without which nothing can be listed: a lookup has to give them. */
  readonly needs?: readonly string[];
  /** It is listed for lookups alone: an export neither lists nor reports it. */
  readonly onlyForLookups?: true;
  /** Words for what a listing looks for because of a spec; without it, every listing shows the same. */
  scope?(spec: Partial<S>): readonly string[];
  /** Specs for which a listing shows all that it can, where it depends on them. */
  readonly widest?: readonly Partial<S>[];
  /** Specs for which a listing shows objects that no other kind lists; `widest` without it. */
  readonly onlyHere?: readonly Partial<S>[];
  /** How many calls a listing for these specs makes when nothing else exists; one without this. */
  calls?(specs: readonly Partial<S>[]): number;
  /**
   * Seconds that a new object may be missing from listings: a creation whose response was lost isn't repeated before.
   * Without it, listings lag a few seconds at the most.
   */
  readonly appearsWithin?: number;
}

/** The state keeps a history of the objects that promotions released. */
interface ReleaseSchema<N = string> {
  /** The computed field that shows the version of the last publication; a read may leave it empty. */
  readonly version?: N;
  /** The field that says which state of its source an object was made from. */
  readonly revision?: N;
}

/** Objects are copies, which Coze makes as tasks. */
interface CopyingSchema<T extends KindTypes = AnyKindTypes> {
  readonly sources: CopySources<T["spec"], T["live"]>;
  readonly sideProducts: SideProductRules<T["spec"]>;
  /** The kind that manages the object of a spec when it no longer matters how it was made; undefined: none does. */
  becomes(spec: Values): string | undefined;
}

/** What resources of one parent must agree in. */
interface AgreementSchema {
  /** What a spec says, as text; undefined: it has no part in it. */
  of(spec: Values): string | undefined;
  /** Whether two that differ can't be together. */
  clashes(one: string, other: string): boolean;
  readonly path: readonly string[];
  explain(values: { readonly other: string; readonly place: string }): {
    readonly message: string;
    readonly hint: string;
  };
}

/** An object can answer checks. */
interface ReplyProbeSchema {
  /** What a check of an object with this spec gives, or why there can be none; undefined when the spec doesn't tell. */
  asks(spec: Values): keyof ProbeInput | { readonly refusal: string } | undefined;
}

/** What is asked in a check. */
export interface ProbeInput {
  readonly say?: string | undefined;
  readonly input?: Values | undefined;
}

/** What differs between wanted and live; `changed` holds names of top-level fields. */
export interface Change<S = Values, L = Values> {
  /** What the object shall be: wanted values over what Coze holds, fields taken out set to their default. */
  readonly spec: S;
  /** Undefined while the object isn't made yet. */
  readonly live: L | undefined;
  readonly changed: ReadonlySet<string>;
}

/** A writing call after create and update that realises some fields, such as a publication. */
export interface FollowUpSchema<T extends KindTypes = AnyKindTypes> {
  /** A verb: `publish`. */
  readonly name: string;
  /** The API's operation behind it. */
  readonly operation?: T["operation"];
  /** Top-level fields that this call realises; `update` isn't made for them. */
  readonly fields: readonly T["field"][];
  /**
   * The calls to make, in order, one writing call each; none when nothing is to do.
   * `done`: they were completed, and the object wasn't updated since.
   */
  calls(change: Change<T["spec"], T["live"]>, done: boolean): readonly FollowUpCall[];
}

/** One follow-up call: `argument` is what `run` needs to know, `effect` its text in the plan. */
export interface FollowUpCall {
  readonly argument: Json;
  readonly effect: string;
}

/** One call makes several objects: at most `limit`, all of one parent and one `group`. */
export interface CreateLimits {
  readonly limit: number;
  /** Only specs of equal group go into one call. */
  group?(spec: Values): string;
  /** Together at most `maxWeight` per call; a single spec always fits. */
  weight?(spec: Values): number;
  readonly maxWeight?: number;
}

/** One call removes several objects of one parent. */
export interface RemoveLimits {
  readonly limit: number;
}

/** Something a step causes beyond its fields; `needs` names the option without which it is refused. */
export interface Effect {
  readonly text: string;
  readonly needs?: "allow-ownership-transfer" | "allow-orphans";
  /** How many objects inside go with it, managed or not; `unknown` when Coze doesn't say. */
  readonly loses?: number | "unknown";
}

/** Something wrong with a spec that its fields' shapes can't express; `path` leads into the spec. */
export interface FieldProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}
