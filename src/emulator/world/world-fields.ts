import { type BotConfig, updateRules } from "../areas/bot-rules.ts";
import type { ChatRule, RunRule } from "../areas/reply-rules.ts";
import {
  anything,
  choice,
  flag,
  id,
  list,
  map,
  number,
  object,
  type Rules,
  required,
  text,
} from "../http/params.ts";
import type {
  App,
  Bot,
  CallbackApp,
  Category,
  Chat,
  ChatMessage,
  CopyFailure,
  CopyPace,
  CopyTask,
  CopyTrouble,
  Dataset,
  Document,
  Folder,
  Member,
  Plugin,
  StoredFile,
  Trouble,
  Uses,
  Workflow,
  WorkflowRun,
  WorkflowVersion,
  Workspace,
} from "./entities.ts";
import type { WorldSnapshot } from "./world.ts";

/** Rules that a value of a type can have: the compiler sees to it that the tables below fit the types of entities. */
type RuleOf<T> = [T] extends [string]
  ? { readonly type: "text" | "id" | "choice" }
  : [T] extends [number]
    ? { readonly type: "number" | "integer" | "choice" }
    : [T] extends [boolean]
      ? { readonly type: "flag" }
      : T extends readonly (infer Item)[]
        ? { readonly type: "list"; readonly of: RuleOf<Item> }
        : unknown extends T
          ? { readonly type: "anything" }
          : string extends keyof T
            ? { readonly type: "map" }
            : { readonly type: "object"; readonly fields: FieldsOf<T> };

/** Rules of all properties of a type; those that it requires are required. */
type FieldsOf<T> = {
  readonly [K in keyof T]-?: RuleOf<Exclude<T[K], undefined>> &
    (Record<never, never> extends Pick<T, K> ? { readonly required?: never } : { readonly required: true });
};

const words = text();
const its = { id: required(id), name: required(words) } as const;
const described = { ...its, description: required(words) } as const;
const needed = { text: required(words), number: required(number), flag: required(flag) } as const;

const { bot_id: _, ...settings } = updateRules;
const config = object({ ...settings, name: required(words) } satisfies FieldsOf<BotConfig>);

const member = object({
  user_id: needed.text,
  role_type: required(choice("owner", "admin", "member")),
} satisfies FieldsOf<Member>);

const uses = object({ workflows: list(words), plugins: list(words) } satisfies FieldsOf<Uses>);

const version = {
  version: needed.text,
  creator_id: needed.text,
  created_at: needed.number,
} as const;

const trouble = object({ code: needed.number, msg: needed.text } satisfies FieldsOf<Trouble>);

const chunkStrategy = required(
  object({
    chunk_type: choice(0, 1),
    separator: words,
    max_tokens: number,
    remove_extra_spaces: flag,
    remove_urls_emails: flag,
    caption_type: choice(0, 1),
  } satisfies FieldsOf<Dataset["chunk_strategy"]>),
);

const copyFailure = {
  entity_id: words,
  entity_name: words,
  entity_type: words,
  failed_reason: words,
} as const satisfies FieldsOf<Partial<CopyFailure>>;

const messages = required(
  list(
    object({
      id: required(id),
      role: required(choice("user", "assistant")),
      type: needed.text,
      content: needed.text,
      content_type: needed.text,
    } satisfies FieldsOf<ChatMessage>),
  ),
);

const scripted = {
  id: required(id),
  workspace: words,
  fail: object({ code: needed.number, msg: words }),
  takes_ms: number,
  never_ends: flag,
} as const;

type Collections = Omit<WorldSnapshot, "format" | "last_id">;

/** What the items of each collection of a world's file hold. */
export const itemFields = {
  workspaces: {
    ...described,
    workspace_type: required(choice("personal", "team")),
    enterprise_id: needed.text,
    coze_account_id: needed.text,
    icon_file_id: words,
    members: required(list(member)),
    invited: required(list(member)),
  } satisfies FieldsOf<Workspace>,
  folders: {
    ...described,
    workspace_id: needed.text,
    parent_folder_id: words,
    creator_user_id: needed.text,
  } satisfies FieldsOf<Folder>,
  bots: {
    id: required(id),
    space_id: needed.text,
    owner_user_id: needed.text,
    folder_id: words,
    create_time: needed.number,
    update_time: needed.number,
    draft: required(config),
    published: config,
    published_at: number,
    edited: needed.flag,
    versions: required(list(object({ ...version, connector_ids: required(list(words)), config }))),
    channels: required(map),
  } satisfies FieldsOf<Bot>,
  apps: {
    ...described,
    space_id: needed.text,
    owner_user_id: needed.text,
    folder_id: words,
    updated_at: needed.number,
    published_at: number,
    connector_ids: required(list(words)),
    content: words,
    uses,
  } satisfies FieldsOf<App>,
  workflows: {
    ...described,
    space_id: needed.text,
    app_id: needed.text,
    mode: required(choice("workflow", "chatflow")),
    creator_id: needed.text,
    created_at: needed.number,
    updated_at: needed.number,
    input: required(map),
    output: required(map),
    versions: required(
      list(
        object({
          ...version,
          description: needed.text,
          updated_at: needed.number,
          status: required(choice("published_online", "unpublished_draft")),
          content: words,
        } satisfies FieldsOf<WorkflowVersion>),
      ),
    ),
    content: words,
    uses,
    edited: flag,
  } satisfies FieldsOf<Workflow>,
  plugins: {
    ...described,
    space_id: needed.text,
    tools: required(list(object(described))),
    is_official: needed.flag,
    is_call_available: needed.flag,
    category_id: needed.text,
    heat: needed.number,
    created_at: needed.number,
    updated_at: needed.number,
  } satisfies FieldsOf<Plugin>,
  categories: its satisfies FieldsOf<Category>,
  datasets: {
    ...described,
    space_id: needed.text,
    format_type: required(choice(0, 1, 2)),
    dataset_type: required(choice("coze", "volcano")),
    owner_id: needed.text,
    creator_id: needed.text,
    create_time: needed.number,
    update_time: needed.number,
    icon_file_id: words,
    chunk_strategy: chunkStrategy,
  } satisfies FieldsOf<Dataset>,
  documents: {
    ...its,
    dataset_id: needed.text,
    type: needed.text,
    size: needed.number,
    char_count: needed.number,
    sha256: needed.text,
    web_url: words,
    source_type: required(choice(0, 1, 5)),
    update_type: required(choice(0, 1)),
    update_interval: needed.number,
    chunk_strategy: chunkStrategy,
    creator_id: needed.text,
    create_time: needed.number,
    update_time: needed.number,
    ready_at_ms: needed.number,
    fails_because: words,
    caption: needed.text,
    captioned_at_ms: needed.number,
  } satisfies FieldsOf<Document>,
  files: {
    id: required(id),
    file_name: needed.text,
    bytes: needed.number,
    sha256: needed.text,
    created_at: needed.number,
    expires_at_ms: needed.number,
    used_as_icon: needed.flag,
    fails_processing: needed.flag,
  } satisfies FieldsOf<StoredFile>,
  callbackApps: {
    ...its,
    app_type: required(choice("normal", "connector")),
    callback_url: words,
    connector_id: words,
    verify_token: needed.text,
    event_types: required(list(words)),
  } satisfies FieldsOf<CallbackApp>,
  copyTasks: {
    id: required(id),
    entity_type: required(choice("app", "bot", "workflow")),
    source_entity_id: needed.text,
    target_entity_id: needed.text,
    target_workspace_id: needed.text,
    due_at_ms: needed.number,
    status: required(choice("in_progress", "successful", "failed")),
    failed_reasons: required(
      list(
        object({
          entity_id: needed.text,
          entity_name: needed.text,
          entity_type: needed.text,
          failed_reason: needed.text,
        } satisfies FieldsOf<CopyFailure>),
      ),
    ),
  } satisfies FieldsOf<CopyTask>,
  copyFailures: {
    id: needed.text,
    reasons: required(list(object(copyFailure))),
  } satisfies FieldsOf<CopyTrouble>,
  copyPaces: { id: needed.text, takes_ms: needed.number } satisfies FieldsOf<CopyPace>,
  chats: {
    id: required(id),
    conversation_id: needed.text,
    section_id: needed.text,
    bot_id: needed.text,
    user_id: needed.text,
    saved: needed.flag,
    meta_data: required(map),
    created_at_ms: needed.number,
    due_at_ms: needed.number,
    said: messages,
    version: needed.text,
    answered: messages,
    fails: trouble,
    asks: object({ ...its, arguments: words }),
  } satisfies FieldsOf<Chat>,
  runs: {
    id: required(id),
    workflow_id: needed.text,
    bot_id: needed.text,
    connector_id: needed.text,
    connector_uid: needed.text,
    created_at_ms: needed.number,
    due_at_ms: needed.number,
    output: needed.text,
    fails: trouble,
  } satisfies FieldsOf<WorkflowRun>,
  chatRules: {
    ...scripted,
    bot: words,
    says: words,
    matches: words,
    of: choice("draft", "published"),
    prompt: words,
    answer: words,
    asks: object({ name: needed.text, arguments: words }),
  } satisfies FieldsOf<ChatRule & { id: string }>,
  runRules: {
    ...scripted,
    workflow: words,
    parameters: map,
    content: words,
    output: anything,
  } satisfies FieldsOf<RunRule & { id: string }>,
} as const satisfies { readonly [K in keyof Collections]: FieldsOf<Collections[K][number]> & Rules };

/** Collections that came into the file together, after the others: a file that has none of them is an older one. */
export const laterCollections: readonly (keyof Collections)[] = [
  "copyFailures",
  "copyPaces",
  "chats",
  "runs",
  "chatRules",
  "runRules",
];

/** Which item an item belongs to, of which collection; `unless`: what stands there for none. */
interface Belonging {
  readonly from: keyof Collections;
  readonly by: string;
  readonly to: keyof Collections;
  readonly unless?: string;
}

/** Items that have to be there for others to be reached. What else is named may have been removed since. */
export const belongings: readonly Belonging[] = [
  { from: "folders", by: "workspace_id", to: "workspaces" },
  { from: "bots", by: "space_id", to: "workspaces" },
  { from: "apps", by: "space_id", to: "workspaces" },
  { from: "workflows", by: "space_id", to: "workspaces" },
  { from: "workflows", by: "app_id", to: "apps", unless: "0" },
  { from: "plugins", by: "space_id", to: "workspaces", unless: "" },
  { from: "datasets", by: "space_id", to: "workspaces" },
  { from: "documents", by: "dataset_id", to: "datasets" },
];
