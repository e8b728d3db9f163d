import type { Parts } from "./envelope.ts";
import type { Rules, Values } from "./params.ts";
import type { World } from "./world.ts";

/** What an operation may use besides the world. */
export interface Services {
  readonly fetch: typeof fetch;
  readonly random: () => number;
}

/** One request, checked: what a handler is given. */
interface Call<Path = Record<string, string>, Query = unknown, Body = unknown> {
  readonly world: World;
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  /** Only for operations that take an upload. */
  readonly form: FormData | undefined;
  readonly services: Services;
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
  /** Whether it can change something; the default is every method but GET. */
  readonly writes?: boolean;
  readonly query?: Q;
  readonly body?: B;
  /** The body is multipart/form-data, with its own size limit. */
  readonly upload?: true;
  /** Without the header `Agw-Js-Conv: str` ids leave as JSON numbers. */
  readonly bareIds?: true;
  // A method, not a property: its parameter is then compared loosely, which a list of operations needs.
  answer(call: Call<Record<PathNames<P>, string>, Values<Q>, Values<B>>): Parts | Promise<Parts>;
}

/** One endpoint: address, checked parameters, handler. */
export type Operation = Described<string, Rules, Rules> & { readonly writes: boolean };

/** Declares an operation; the handler's types follow from its path and rules. */
export function operation<
  const P extends string,
  const Q extends Rules = Record<never, never>,
  const B extends Rules = Record<never, never>,
>(described: Described<P, Q, B>): Operation {
  return { writes: described.method !== "GET", ...described } as Operation;
}
