/** One operation of the API as the reference describes it. */
export interface Operation {
  /** The name of its page: `create_bot` is described at https://docs.coze.cn/developer_guides/create_bot. */
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Parameters are marked with a colon: `/v1/bots/:bot_id`. */
  readonly path: string;
  /** Whether a call can change anything; then a lost answer leaves its outcome unknown. */
  readonly write: boolean;
  /** Whether calling twice is the same as calling once: reads, writes of full values, deletions. Never creations. */
  readonly repeatable: boolean;
  /** Without the header `Agw-Js-Conv: str` these calls return ids as numbers that lose digits. */
  readonly strIds?: true | undefined;
  /** Calls per second that Coze allows for this operation alone. */
  readonly perSecond?: number | undefined;
  /** Coze refuses concurrent calls: of the operations with the same value here, one is under way at a time. */
  readonly serial?: string | undefined;
  /** The permission that a token needs, as the reference and Coze's token page call it; absent: none. */
  readonly permission?: string | undefined;
  /** Its answers have no envelope: failures have a word in `error_code` or `error`. */
  readonly bare?: true | undefined;
  /** Called in a polling loop: a failed call isn't retried, as the next poll follows. */
  readonly polled?: true | undefined;
  /** Time-out in milliseconds; the transport's by default. */
  readonly patienceMs?: number | undefined;
}

// Filled while the files in api/ are loaded: each declares its own.
const declared = new Map<string, Operation>();

/** Every operation of this client, by name. */
export const operations: ReadonlyMap<string, Operation> = declared;

const describe =
  (write: boolean, repeatable: boolean) =>
  (
    name: string,
    method: Operation["method"],
    path: string,
    special: Pick<
      Operation,
      "strIds" | "perSecond" | "serial" | "permission" | "bare" | "polled" | "patienceMs"
    > = {},
  ): Operation => {
    const operation = { name, method, path, write, repeatable, ...special };
    declared.set(name, operation);
    return operation;
  };

/** An operation that changes nothing, whatever its method. */
export const reading = describe(false, true);

/** An operation that makes something new with every call: never repeated once it may have taken effect. */
export const creating = describe(true, false);

/** An operation that changes something and is idempotent. */
export const setting = describe(true, true);

/** The parameters of one call. */
export interface Call {
  readonly path?: { readonly [name: string]: string } | undefined;
  /** Undefined values are left out. */
  readonly query?: { readonly [name: string]: string | number | boolean | undefined };
  /** Sent as JSON, also with DELETE, where several operations need it. */
  readonly body?: object | undefined;
  /** Sent as multipart/form-data instead of `body`. */
  readonly form?: FormData | undefined;
}

/** JSON of an answer. Integers beyond 2^53 are strings of digits, so that no id loses any. */
export type Wire = { readonly [name: string]: unknown };

/** An answer that reports success. */
export interface ApiResponse {
  readonly operation: Operation;
  readonly body: Wire;
  readonly logid?: string | undefined;
}

/** Makes one call, retries included; throws a CozeError when it fails. */
export type Send = (operation: Operation, call?: Call) => Promise<ApiResponse>;

/** An object in an answer: empty fields may be absent or null. */
export type Shown<T> = { readonly [K in keyof T]?: T[K] | null };
