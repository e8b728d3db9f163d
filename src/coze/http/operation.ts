/**
 * The names of all operations that this client calls, sorted: each is that of its page in the reference. A list, because
 * a command loads only the operations that it makes.
 */
export const operationNames = [
  "add_space_member",
  "batch_get_plugins_info",
  "bots_list_draft_published",
  "chat_v3",
  "copy_resource_task",
  "create_bot",
  "create_callback_app",
  "create_dataset",
  "create_knowledge_files",
  "create_workspace",
  "delete_callback_app",
  "delete_dataset",
  "delete_knowdge_files",
  "get_benefit",
  "get_dataset_progress",
  "get_images",
  "get_metadata_draft_published",
  "get_plugin",
  "get_workflow_info",
  "get_workflow_list",
  "list_bot_versions",
  "list_callback_app",
  "list_chat_messages",
  "list_dataset",
  "list_knowledge_files",
  "list_organization",
  "list_plugin",
  "list_space_member",
  "list_subscribed_callback_message",
  "list_voices",
  "list_workspace",
  "modify_knowledge_files",
  "oauth_jwt",
  "oauth_jwt_collaborate",
  "oauth_jwt_privilege",
  "publish_bot",
  "published_apps_list",
  "query_resource_copy_execution_result",
  "remove_space_member",
  "retrieve_chat",
  "subscribe_callback_message",
  "unpublish_agent",
  "unsubscribe_callback_message",
  "update_bot",
  "update_callback_app",
  "update_dataset",
  "update_image_caption",
  "update_workspace_info",
  "upload_files",
  "workflow_run",
  "workspace_list_folder",
] as const;

/** The name of an operation. */
export type OperationName = (typeof operationNames)[number];

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
  /** The permissions that a token needs, as the reference and Coze's token page call them; absent: none. */
  readonly permissions?: readonly string[] | undefined;
  /** Its answers have no envelope: failures have a word in `error_code` or `error`. */
  readonly bare?: true | undefined;
  /** Called in a polling loop: a failed call isn't retried, as the next poll follows. */
  readonly polled?: true | undefined;
  /** Time-out in milliseconds; the transport's by default. */
  readonly patienceMs?: number | undefined;
}

// Filled while the files in api/ are loaded: each declares its own.
const declared = new Map<string, Operation>();

/** Every operation that is loaded, by name. */
export const operations: ReadonlyMap<string, Operation> = declared;

const describe =
  (write: boolean, repeatable: boolean) =>
  (
    name: OperationName,
    method: Operation["method"],
    path: string,
    special: Pick<
      Operation,
      "strIds" | "perSecond" | "serial" | "permissions" | "bare" | "polled" | "patienceMs"
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
