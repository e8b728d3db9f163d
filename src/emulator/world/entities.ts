import type { BotConfig } from "../areas/bot-rules.ts";

// Stored fields are named as on the wire wherever the wire has them. Times are in seconds, `…_ms` in milliseconds.

/** A user's place in a workspace. */
export interface Member {
  user_id: string;
  role_type: "owner" | "admin" | "member";
}

/** A workspace with its members; invited users wait here until they accept. */
export interface Workspace {
  id: string;
  name: string;
  description: string;
  workspace_type: "personal" | "team";
  enterprise_id: string;
  coze_account_id: string;
  icon_file_id?: string;
  members: Member[];
  invited: Member[];
}

/** A folder of the development page. */
export interface Folder {
  id: string;
  name: string;
  description: string;
  workspace_id: string;
  parent_folder_id?: string;
  creator_user_id: string;
}

/** One publication of a bot, with what was published: chats may ask for any of them. */
interface BotVersion {
  version: string;
  connector_ids: string[];
  creator_id: string;
  created_at: number;
  config?: BotConfig;
}

/** A bot: the draft, what was last published, and the version each channel shows. */
export interface Bot {
  id: string;
  space_id: string;
  owner_user_id: string;
  folder_id?: string;
  create_time: number;
  update_time: number;
  draft: BotConfig;
  published?: BotConfig;
  published_at?: number;
  /** Whether the draft was edited after the last publication. */
  edited: boolean;
  versions: BotVersion[];
  channels: Record<string, string>;
}

/** The workflows and plugins that something is built of, by id, beside those of its configuration. */
export interface Uses {
  workflows?: string[];
  plugins?: string[];
}

/** An app (seed data: the API cannot make one except by copying). */
export interface App {
  id: string;
  space_id: string;
  name: string;
  description: string;
  owner_user_id: string;
  folder_id?: string;
  updated_at: number;
  published_at?: number;
  connector_ids: string[];
  /** What it is made of beside its workflows, in any words; shows nowhere, but copies bear it. */
  content?: string;
  uses?: Uses;
}

/** One version of a workflow. */
export interface WorkflowVersion {
  version: string;
  description: string;
  creator_id: string;
  created_at: number;
  updated_at: number;
  status: "published_online" | "unpublished_draft";
  /** What the workflow was then. */
  content?: string;
}

/** A workflow or chatflow (seed data). */
export interface Workflow {
  id: string;
  space_id: string;
  app_id: string;
  name: string;
  description: string;
  mode: "workflow" | "chatflow";
  creator_id: string;
  created_at: number;
  updated_at: number;
  input: Record<string, unknown>;
  output: Record<string, unknown>;
  versions: WorkflowVersion[];
  /** What is on its canvas, in any words; shows nowhere, but runs are told of it and copies bear it. */
  content?: string;
  uses?: Uses;
  /** Whether it was edited after the last publication. */
  edited?: boolean;
}

/** A tool of a plugin. */
interface PluginTool {
  id: string;
  name: string;
  description: string;
}

/** A plugin of the store (`space_id` empty) or of a workspace's library (seed data). */
export interface Plugin {
  id: string;
  space_id: string;
  name: string;
  description: string;
  tools: PluginTool[];
  is_official: boolean;
  is_call_available: boolean;
  category_id: string;
  heat: number;
  created_at: number;
  updated_at: number;
}

/** A category of store plugins. */
export interface Category {
  id: string;
  name: string;
}

/** Rules by which a document is cut, as they were sent. */
interface ChunkStrategy {
  chunk_type?: 0 | 1;
  separator?: string;
  max_tokens?: number;
  remove_extra_spaces?: boolean;
  remove_urls_emails?: boolean;
  caption_type?: 0 | 1;
}

/** A knowledge base. Volcano ones only appear in lists. */
export interface Dataset {
  id: string;
  space_id: string;
  name: string;
  description: string;
  format_type: 0 | 1 | 2;
  dataset_type: "coze" | "volcano";
  owner_id: string;
  creator_id: string;
  create_time: number;
  update_time: number;
  icon_file_id?: string;
  chunk_strategy: ChunkStrategy;
}

/** A document or image. Its content is not kept, as the API never gives it back: only a hash, for tests. */
export interface Document {
  id: string;
  dataset_id: string;
  name: string;
  type: string;
  size: number;
  char_count: number;
  sha256: string;
  web_url?: string;
  source_type: 0 | 1 | 5;
  update_type: 0 | 1;
  update_interval: number;
  chunk_strategy: ChunkStrategy;
  creator_id: string;
  create_time: number;
  update_time: number;
  ready_at_ms: number;
  fails_because?: string;
  caption: string;
  captioned_at_ms: number;
}

/** An uploaded file; without its content. */
export interface StoredFile {
  id: string;
  file_name: string;
  bytes: number;
  sha256: string;
  created_at: number;
  expires_at_ms: number;
  /** Once used as an icon, a file does not expire. */
  used_as_icon: boolean;
  /** Its content carries the mark that makes processing fail. */
  fails_processing: boolean;
}

/** A callback app with its subscriptions. */
export interface CallbackApp {
  id: string;
  app_type: "normal" | "connector";
  name: string;
  callback_url?: string;
  connector_id?: string;
  verify_token: string;
  event_types: string[];
}

/** What stood in the way of a copy. */
export interface CopyFailure {
  entity_id: string;
  entity_name: string;
  entity_type: string;
  failed_reason: string;
}

/** Why background copies of an entity fail; `id` is the entity's. */
export interface CopyTrouble {
  id: string;
  reasons: Partial<CopyFailure>[];
}

/** How long background copies of an entity take; `id` is the entity's. */
export interface CopyPace {
  id: string;
  takes_ms: number;
}

/** A message of a chat. */
export interface ChatMessage {
  id: string;
  role: "user" | "assistant";
  type: string;
  content: string;
  content_type: string;
}

/** An error as an answer within an answer has it. */
export interface Trouble {
  code: number;
  msg: string;
}

/** A tool of the client's that a chat or run waits for. */
interface ToolCall {
  name: string;
  arguments?: string;
}

/** A chat: what was said and, known from the start, what will have been answered once the clock has passed `due_at_ms`. */
export interface Chat {
  id: string;
  conversation_id: string;
  section_id: string;
  bot_id: string;
  user_id: string;
  /** Those that aren't can't be looked at. */
  saved: boolean;
  meta_data: Record<string, unknown>;
  created_at_ms: number;
  due_at_ms: number;
  said: ChatMessage[];
  /** What talked: a draft, or a version. */
  version: string;
  answered: ChatMessage[];
  fails?: Trouble;
  asks?: ToolCall & { id: string };
}

/** A run of a workflow in the background; its outcome shows once the clock has passed `due_at_ms`. */
export interface WorkflowRun {
  id: string;
  workflow_id: string;
  bot_id: string;
  connector_id: string;
  connector_uid: string;
  created_at_ms: number;
  due_at_ms: number;
  output: string;
  fails?: Trouble;
}

/** A copy that runs in the background; its outcome shows once the clock has passed `due_at_ms`. */
export interface CopyTask {
  id: string;
  entity_type: "app" | "bot" | "workflow";
  source_entity_id: string;
  target_entity_id: string;
  target_workspace_id: string;
  due_at_ms: number;
  status: "in_progress" | "successful" | "failed";
  failed_reasons: CopyFailure[];
}
