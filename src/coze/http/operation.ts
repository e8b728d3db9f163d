/** The names of all operations that this client calls: each is that of its page in the reference. */
export type OperationName =
  | "add_space_member"
  | "batch_get_plugins_info"
  | "bots_list_draft_published"
  | "chat_v3"
  | "copy_resource_task"
  | "create_bot"
  | "create_callback_app"
  | "create_dataset"
  | "create_knowledge_files"
  | "create_workspace"
  | "delete_callback_app"
  | "delete_dataset"
  | "delete_knowdge_files"
  | "get_dataset_progress"
  | "get_images"
  | "get_metadata_draft_published"
  | "get_plugin"
  | "get_workflow_info"
  | "get_workflow_list"
  | "list_callback_app"
  | "list_chat_messages"
  | "list_dataset"
  | "list_knowledge_files"
  | "list_plugin"
  | "list_space_member"
  | "list_subscribed_callback_message"
  | "list_workspace"
  | "modify_knowledge_files"
  | "oauth_jwt"
  | "oauth_jwt_collaborate"
  | "oauth_jwt_privilege"
  | "publish_bot"
  | "published_apps_list"
  | "query_resource_copy_execution_result"
  | "remove_space_member"
  | "retrieve_chat"
  | "subscribe_callback_message"
  | "unpublish_agent"
  | "unsubscribe_callback_message"
  | "update_bot"
  | "update_callback_app"
  | "update_dataset"
  | "update_image_caption"
  | "update_workspace_info"
  | "upload_files"
  | "workflow_run";

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
  readonly strIds?: true;
  /** Calls per second that Coze allows for this operation alone. */
  readonly perSecond?: number;
  /** Coze refuses concurrent calls: of all operations with this word here, one is under way at a time. */
  readonly serial?: string;
  /** What a token must be granted for it, as the reference and Coze's pages of tokens call it; absent: nothing. */
  readonly permission?: string;
  /** Its answers have no envelope: failures tell a word in `error_code` or `error`. */
  readonly bare?: true;
  /** Called again and again by whoever waits for something: a call that failed isn't repeated in between. */
  readonly polled?: true;
  /** How long its answer is waited for, milliseconds; the transport's time-out without it. */
  readonly patienceMs?: number;
}

// Filled while the files of the areas are loaded: each declares its own.
const declared = new Map<string, Operation>();

/** Every operation that some area of this client declares, by its name. */
export const operations: ReadonlyMap<string, Operation> = declared;

const describe =
  (write: boolean, repeatable: boolean) =>
  (
    name: OperationName,
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

/** An operation that changes something, and changes nothing more when called twice. */
export const setting = describe(true, true);

/** What one call of an operation sends. */
export interface Call {
  readonly path?: { readonly [name: string]: string };
  /** What is undefined is left out. */
  readonly query?: { readonly [name: string]: string | number | boolean | undefined };
  /** Sent as JSON, with DELETE too: several deletions of this API need it. */
  readonly body?: object;
  /** Sent as multipart/form-data in place of `body`. */
  readonly form?: FormData;
}

/** JSON of an answer. Integers beyond 2^53 are strings of digits, so that no id loses any. */
export type Wire = { readonly [name: string]: unknown };

/** An answer that reports success. */
export interface ApiResponse {
  readonly operation: Operation;
  readonly body: Wire;
  readonly logid?: string;
}

/** Makes one call, retries included; throws a CozeError when it fails. */
export type Send = (operation: Operation, call?: Call) => Promise<ApiResponse>;

/** An object as answers show it: whatever is empty may be absent or null. */
export type Shown<T> = { readonly [K in keyof T]?: T[K] | null };
