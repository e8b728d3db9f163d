import type { CollectionName, World } from "../world/world.ts";
import type { BodyParts } from "./envelope.ts";
import type { Rules, Values } from "./params.ts";
import type { TokenRegistry } from "./tokens.ts";

/** What an operation may use besides the world. */
export interface Services {
  readonly tokens: TokenRegistry;
  readonly fetch: typeof fetch;
  readonly random: () => number;
  /** Lets time pass before an answer, in milliseconds; ends the call once its caller has given up. */
  readonly wait: (ms: number) => Promise<void>;
}

/** What a request shows of its sender, for operations that don't take tokens. */
export interface Credentials {
  readonly bearer: string | undefined;
  /** The host that was called, with its port if it has one. */
  readonly host: string;
}

/** Permission points that depend on what a field of the body says. */
interface PointsByField {
  readonly field: string;
  readonly points: { readonly [value: string]: readonly string[] };
}

/** One request, checked: what a handler is given. */
interface Call<Path = Record<string, string>, Query = unknown, Body = unknown> {
  readonly world: World;
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  /** Only for operations that take an upload. */
  readonly form: FormData | undefined;
  readonly credentials: Credentials;
  readonly services: Services;
}

/** What a list is made of: the objects of a collection, or what one of them holds. */
export interface Listed {
  readonly of: CollectionName;
  readonly within?: true;
}

type PathNames<P extends string> = P extends `${string}:${infer N}/${infer Rest}`
  ? N | PathNames<Rest>
  : P extends `${string}:${infer N}`
    ? N
    : never;

interface Described<P extends string, Q extends Rules, B extends Rules> {
  /** The id of the operation in the published OpenAPI document. */
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: P;
  /** The permission points that its page asks of a token, every one of them; empty where it says none. */
  readonly permissions: readonly string[] | PointsByField;
  /** Takes a JWT in place of a token, and answers without envelope. */
  readonly oauth?: true;
  /** Whether it can change something; the default is every method but GET. */
  readonly writes?: boolean;
  readonly query?: Q;
  readonly body?: B;
  /** The body is multipart/form-data, with its own size limit. */
  readonly upload?: true;
  /** Without the header `Agw-Js-Conv: str` ids leave as JSON numbers. */
  readonly bareIds?: true;
  /** Only for lists. */
  readonly lists?: Listed;
  // A method, not a property: its parameter is then compared loosely, which a list of operations needs.
  answer(call: Call<Record<PathNames<P>, string>, Values<Q>, Values<B>>): BodyParts | Promise<BodyParts>;
}

/** One endpoint: address, checked parameters, handler. */
export type Operation = Described<string, Rules, Rules> & { readonly writes: boolean };

/** The permission points a call needs. */
export function pointsOf({ permissions }: Operation, body: object): readonly string[] {
  if (!("field" in permissions)) {
    return permissions;
  }
  const value: unknown = Object.entries(body).find(([name]) => name === permissions.field)?.[1];
  return permissions.points[String(value)] ?? [];
}

/** Declares an operation; the handler's types follow from its path and rules. */
export function operation<
  const P extends string,
  const Q extends Rules = Record<never, never>,
  const B extends Rules = Record<never, never>,
>(described: Described<P, Q, B>): Operation {
  return { writes: described.method !== "GET", ...described } as Operation;
}
