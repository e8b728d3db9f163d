import { codes, Refusal, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { choice, flag, id, list, map, object, required, text, type Values } from "../http/params.ts";
import type { Seen } from "../world/tracked-collection.ts";
import type { World } from "../world/world.ts";
import { type Area, anyText, type FieldsOf, named, stored } from "./area.ts";
import { type Bot, type BotConfig, visibleBot } from "./bot-collection.ts";
import { chatsIn, findConversation, type Message, messageFields } from "./conversations.ts";
import { type ChatTurn, endOf, outcomeOfChat, type Trouble, troubleFields } from "./reply-rules.ts";

/** A tool call that a chat waits for. */
interface ToolCall {
  name: string;
  arguments?: string | undefined;
}

/** A chat with its messages and its answers, which are shown once the clock has passed `due_at_ms`. */
export interface Chat {
  id: string;
  conversation_id: string;
  section_id: string;
  bot_id: string;
  user_id: string;
  /** Only saved chats can be retrieved. */
  saved: boolean;
  meta_data: Record<string, unknown>;
  created_at_ms: number;
  due_at_ms: number;
  said: Message[];
  /** The version that answered; empty for a draft. */
  version: string;
  answered: Message[];
  is_canceled?: boolean | undefined;
  fails?: Trouble | undefined;
  asks?: (ToolCall & { id: string }) | undefined;
}

declare module "../world/world.ts" {
  interface World {
    readonly chats: Map<string, Chat>;
  }
}

const messages = required(list(object(messageFields)));

const chatFields = {
  id: required(id),
  conversation_id: stored.text,
  section_id: stored.text,
  bot_id: stored.text,
  user_id: stored.text,
  saved: stored.flag,
  meta_data: required(map),
  created_at_ms: stored.number,
  due_at_ms: stored.number,
  said: messages,
  version: stored.text,
  answered: messages,
  is_canceled: flag,
  fails: troubleFields,
  asks: object({ ...named, arguments: anyText }),
} as const satisfies FieldsOf<Chat>;

const messageRules = {
  role: required(choice("user", "assistant")),
  type: choice("question", "answer", "function_call", "tool_output", "tool_response"),
  content: text(),
  content_type: choice("text", "object_string"),
  meta_data: map,
} as const;

const chatRules = {
  bot_id: required(id),
  user_id: required(text(1)),
  additional_messages: list(object(messageRules), 0, 100),
  stream: flag,
  auto_save_history: flag,
  meta_data: map,
  publish_status: choice("published_online", "unpublished_draft"),
  bot_version: text(),
} as const;

const oneChat = { conversation_id: required(id), chat_id: required(id) } as const;

/** chat_v3 without streams, retrieve_chat, list_chat_messages, chat_cancel. */
const chatOperations = [
  operation({
    name: "chat_v3",
    method: "POST",
    path: "/v3/chat",
    permissions: ["chat"],
    query: { conversation_id: id },
    body: chatRules,
    answer: ({ world, query, body }) => {
      if (body.stream) refuseParameter("stream", "must be false: the emulator does not imitate streams");
      checkMessages(body);
      const bot = visibleBot(world, body.bot_id);
      const turn = configOf(bot, body);
      const conversation = openConversation(world, query.conversation_id);
      const chat = startChat(world, { ...turn, bot }, body, conversation);
      // In the example of this page, unlike that of retrieve_chat, last_error is null after a success.
      return { data: { last_error: null, meta_data: {}, ...showChat(world, chat) } };
    },
  }),
  operation({
    name: "retrieve_chat",
    method: "GET",
    path: "/v3/chat/retrieve",
    permissions: ["getChat"],
    query: oneChat,
    answer: ({ world, query }) => ({ data: showChat(world, findChat(world, query)) }),
  }),
  // The page says GET; the first two official clients send POST.
  operation({
    name: "retrieve_chat",
    method: "POST",
    path: "/v3/chat/retrieve",
    writes: false,
    permissions: ["getChat"],
    query: oneChat,
    answer: ({ world, query }) => ({ data: showChat(world, findChat(world, query)) }),
  }),
  operation({
    name: "list_chat_messages",
    method: "GET",
    path: "/v3/chat/message/list",
    permissions: ["chat", "listMessage"],
    query: oneChat,
    answer: ({ world, query }) => {
      const chat = findChat(world, query);
      const { bot_id, conversation_id, section_id, created_at_ms, due_at_ms } = chat;
      // A running chat may lack any of its answers; here it lacks all.
      const shown = statusOf(world, chat) === "completed" ? chat.answered : [];
      const at = { created_at: toSeconds(created_at_ms), updated_at: toSeconds(due_at_ms) };
      const about = { bot_id, chat_id: chat.id, conversation_id, section_id, meta_data: {}, ...at };
      return { data: shown.map((message) => ({ ...message, ...about })) };
    },
  }),
  operation({
    name: "chat_cancel",
    method: "POST",
    path: "/v3/chat/cancel",
    permissions: ["cancelChat"],
    body: oneChat,
    answer: ({ world, body }) => {
      const chat = findChat(world, body);
      const status = statusOf(world, chat);
      if (!isRunning(status)) refuseParameter("chat_id", `${chat.id} is ${status} and cannot be canceled`);
      chat.is_canceled = true;
      return { data: showChat(world, chat) };
    },
  }),
];

/** Chats with bots, without streams. */
export const chatArea: Area = {
  operations: chatOperations,
  collections: { chats: { fields: chatFields, generation: 2 } },
};

type ChatRequest = Values<typeof chatRules>;

function checkMessages({
  additional_messages: messages = [],
  auto_save_history: saved = true,
  meta_data,
}: ChatRequest): void {
  if (Object.keys(meta_data ?? {}).length > 16) refuseParameter("meta_data", "must have at most 16 pairs");
  for (const [index, message] of messages.entries()) {
    const field = `additional_messages[${index}]`;
    const { type = "question", role } = message;
    if (message.content && !message.content_type) {
      refuseParameter(`${field}.content_type`, "is required with content");
    }
    if (saved && type !== "question" && type !== "answer") {
      refuseParameter(`${field}.type`, "must be question or answer where history is saved");
    }
    if (role === "user" && type !== "question") {
      refuseParameter(`${field}.type`, "must be question for messages of users");
    }
  }
}

/** The requested configuration; the published one is that of the API channel. */
function configOf(
  bot: Bot,
  asked: ChatRequest,
): Pick<ChatTurn, "config" | "of"> & { readonly version: string } {
  if (asked.publish_status === "unpublished_draft") {
    if (asked.bot_version) refuseParameter("bot_version", "cannot be given for a draft");
    return { config: bot.draft, of: "draft", version: "" };
  }
  const online = bot.channels["1024"];
  if (!online) {
    throw new Refusal(
      codes.notPublished,
      `The bot ${bot.id} has not been published to the channel Agent As API`,
    );
  }
  const version = asked.bot_version || online;
  const found = bot.versions.find((one) => one.version === version);
  if (!found && asked.bot_version) {
    refuseParameter("bot_version", `${version} is no version of bot ${bot.id}`);
  }
  const config: BotConfig = found?.config ?? bot.published ?? bot.draft;
  return { config, of: "published", version };
}

/** A conversation with its messages so far. */
interface OpenConversation {
  readonly id: string;
  readonly messages: readonly Seen<Message>[];
}

/** A new conversation, or an existing one; refused while one of its chats runs. */
function openConversation(world: World, conversationId: string | undefined): OpenConversation {
  if (conversationId === undefined) return { id: world.newId(), messages: [] };
  const { messages } = findConversation(world, conversationId);
  const chats = chatsIn(world, conversationId);
  if (chats.some((chat) => isRunning(statusOf(world, chat)))) {
    throw new Refusal(codes.chatRuns, `The conversation ${conversationId} has a chat in progress`);
  }
  const saved = chats.filter(({ saved }) => saved);
  const chatted = saved.flatMap(({ said, answered }) => [...said, ...answered]);
  return { id: conversationId, messages: [...messages, ...chatted] };
}

const isRunning = (status: Status): boolean => status === "created" || status === "in_progress";

function startChat(
  world: World,
  turn: Omit<ChatTurn, "said"> & { readonly version: string },
  body: ChatRequest,
  conversation: OpenConversation,
): Chat {
  const said = (body.additional_messages ?? []).map(
    ({ role, type = "question", content = "", content_type }) => ({
      id: world.newId(),
      role,
      type,
      content,
      content_type: content_type ?? "text",
    }),
  );
  const last = said.at(-1) ?? conversation.messages.findLast(({ role }) => role === "user");
  if (!last) refuseParameter("additional_messages", "must hold a message: the conversation has none");
  const outcome = outcomeOfChat(world, { ...turn, said: last.content });
  const { bot, config, version } = turn;
  const chat: Chat = {
    id: world.newId(),
    conversation_id: conversation.id,
    section_id: conversation.id,
    bot_id: bot.id,
    user_id: body.user_id,
    saved: body.auto_save_history ?? true,
    meta_data: body.meta_data ?? {},
    created_at_ms: world.now(),
    due_at_ms: endOf(world, outcome, world.options.chatMs),
    version,
    said,
    answered: outcome.fails || outcome.asks ? [] : answersOf(world, config, outcome.text),
    fails: outcome.fails,
    asks: outcome.asks && { id: `call_${world.newId()}`, ...outcome.asks },
  };
  world.chats.set(chat.id, chat);
  return chat;
}

// Captured answers begin with the message that says all answers are there; suggestions follow unless disabled.
function answersOf(world: World, config: BotConfig, answer: string): Message[] {
  const finish = { msg_type: "generate_answer_finish", data: "", from_module: null, from_unit: null };
  const suggestions = config.suggest_reply_info?.reply_mode === "disable" ? [] : ["然后呢？"];
  const contents = [
    ["verbose", JSON.stringify(finish)],
    ["answer", answer],
    ...suggestions.map((text) => ["follow_up", text]),
  ] as const;
  return contents.map(([type = "", content = ""]) => ({
    id: world.newId(),
    role: "assistant",
    type,
    content,
    content_type: "text",
  }));
}

/** A saved chat of a bot that the token reaches. Throws a Refusal. */
function findChat(world: World, { conversation_id, chat_id }: Values<typeof oneChat>): Chat {
  const chat = world.chats.get(chat_id);
  if (!chat?.saved || chat.conversation_id !== conversation_id) {
    throw new Refusal(codes.noChat, `The chat ${chat_id} does not exist in conversation ${conversation_id}`);
  }
  visibleBot(world, chat.bot_id);
  return chat;
}

type Status = "created" | "in_progress" | "completed" | "failed" | "requires_action" | "canceled";

/** The status of a chat by the emulator's clock. */
function statusOf(world: World, { created_at_ms, due_at_ms, is_canceled, fails, asks }: Chat): Status {
  const now = world.now();
  if (is_canceled) return "canceled";
  if (now < due_at_ms) return now < created_at_ms + world.options.chatMs / 4 ? "created" : "in_progress";
  if (fails) return "failed";
  return asks ? "requires_action" : "completed";
}

function showChat(world: World, chat: Chat): object {
  const { id, conversation_id, section_id, bot_id, meta_data, fails, asks } = chat;
  const status = statusOf(world, chat);
  const over = toSeconds(chat.due_at_ms);
  const sizes = [chat.said, chat.answered].map(
    (messages) => messages.map(({ content }) => content).join("").length,
  );
  const [input_count = 0, output_count = 0] = sizes;
  return {
    ...{ id, conversation_id, section_id, bot_id, status },
    created_at: toSeconds(chat.created_at_ms),
    ...(Object.keys(meta_data).length > 0 && { meta_data }),
    ...((status === "completed" || status === "requires_action") && { completed_at: over }),
    ...(status === "failed" && { failed_at: over, last_error: fails }),
    ...(status === "completed" && {
      usage: { input_count, output_count, token_count: input_count + output_count },
    }),
    ...(status === "requires_action" &&
      asks && {
        required_action: {
          type: "submit_tool_outputs",
          submit_tool_outputs: { tool_calls: [showCall(asks)] },
        },
      }),
  };
}

function showCall({ id: callId, name, arguments: given = "{}" }: NonNullable<Chat["asks"]>): object {
  return { id: callId, type: "function", function: { name, arguments: given } };
}

const toSeconds = (ms: number): number => Math.floor(ms / 1000);
