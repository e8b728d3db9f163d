import type { CollectionName, World } from "../world/world.ts";
import type { BodyParts } from "./envelope.ts";
import type { Rules, Values } from "./params.ts";
import type { Token, TokenRegistry } from "./tokens.ts";

/** The services that operations use besides the world. */
export interface Services {
  readonly tokens: TokenRegistry;
  readonly fetch: typeof fetch;
  readonly random: () => number;
  /** Delays an answer by so many milliseconds; throws NoAnswer if that is longer than callers wait. */
  readonly wait: (ms: number) => Promise<void>;
}

/** The credentials in a request, for operations that don't take tokens. */
export interface Credentials {
  readonly bearer: string | undefined;
  /** The host that was called, with its port if it has one. */
  readonly host: string;
}

/** Permission points that depend on the value of a field of the body. */
interface PointsByField {
  readonly field: string;
  readonly points: { readonly [value: string]: readonly string[] };
}

/** A checked request, as handlers get it. */
interface CheckedRequest<Path = Record<string, string>, Query = unknown, Body = unknown> {
  readonly world: World;
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  /** Only for operations that take an upload. */
  readonly form: FormData | undefined;
  readonly credentials: Credentials;
  /** The token of the call; undefined for operations that take none. */
  readonly caller: Token | undefined;
  readonly services: Services;
}

/** The contents of a list: the items of a collection, or those within one item. */
export interface Listed {
  readonly of: CollectionName;
  readonly within?: true | undefined;
}

type PathNames<P extends string> = P extends `${string}:${infer N}/${infer Rest}`
  ? N | PathNames<Rest>
  : P extends `${string}:${infer N}`
    ? N
    : never;

interface Definition<P extends string, Q extends Rules, B extends Rules> {
  /** The id of the operation in the published OpenAPI document. */
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: P;
  /** The permission points that it requires according to its page; empty where the page names none. */
  readonly permissions: readonly string[] | PointsByField;
  /** Takes the token of an enterprise's privileged app alone. */
  readonly privileged?: true | undefined;
  /** Takes a JWT or a code instead of a token, and answers without envelope. */
  readonly oauth?: true | undefined;
  /** Whether it can change something; by default unless the method is GET. */
  readonly writes?: boolean | undefined;
  readonly query?: Q | undefined;
  /** The fields of a JSON body, or the texts in a form. */
  readonly body?: B | undefined;
  /** The body is multipart/form-data, with its own size limit. */
  readonly upload?: true | undefined;
  /** Without the header `Agw-Js-Conv: str`, ids are JSON numbers. */
  readonly bareIds?: true | undefined;
  /** Only for lists. */
  readonly lists?: Listed | undefined;
  // A method, not a property: a list of operations needs bivariant parameters.
  answer(
    request: CheckedRequest<Record<PathNames<P>, string>, Values<Q>, Values<B>>,
  ): BodyParts | Promise<BodyParts>;
}

/** One endpoint: address, checked parameters, handler. */
export type Operation = Definition<string, Rules, Rules> & { readonly writes: boolean };

/** The permission points a call needs. */
export function pointsOf({ permissions }: Operation, body: object): readonly string[] {
  if (!("field" in permissions)) return permissions;
  const value: unknown = Object.entries(body).find(([name]) => name === permissions.field)?.[1];
  return permissions.points[String(value)] ?? [];
}

/** Declares an operation; the handler's types follow from its path and rules. */
export function operation<
  const P extends string,
  const Q extends Rules = Record<never, never>,
  const B extends Rules = Record<never, never>,
>(definition: Definition<P, Q, B>): Operation {
  return { writes: definition.method !== "GET", ...definition } as Operation;
}
