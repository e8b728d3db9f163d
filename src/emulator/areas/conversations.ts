import { codes, Refusal, refuseForbidden, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { choice, flag, id, integer, list, map, object, required, text } from "../http/params.ts";
import { lookAt, type Seen } from "../world/tracked-collection.ts";
import { sortById, type World } from "../world/world.ts";
import { type Area, addItem, anyText, type FieldsOf, named, stored } from "./area.ts";
import { visibleBot } from "./bot-collection.ts";

/** A message of a conversation. */
export interface Message {
  id: string;
  role: "user" | "assistant";
  type: string;
  content: string;
  content_type: string;
}

/** The fields of {@link Message}. */
export const messageFields = {
  id: required(id),
  role: required(choice("user", "assistant")),
  type: stored.text,
  content: stored.text,
  content_type: stored.text,
} as const satisfies FieldsOf<Message>;

/** A conversation that was made before its first chat. */
interface Conversation {
  id: string;
  name: string;
  bot_id?: string | undefined;
  connector_id: string;
  creator_id: string;
  meta_data: Record<string, unknown>;
  created_at: number;
  messages: Message[];
}

declare module "../world/world.ts" {
  interface World {
    readonly conversations: Map<string, Conversation>;
  }
}

const conversationFields = {
  ...named,
  bot_id: anyText,
  connector_id: stored.text,
  creator_id: stored.text,
  meta_data: required(map),
  created_at: stored.number,
  messages: required(list(object(messageFields))),
} as const satisfies FieldsOf<Conversation>;

const enteredMessage = object({
  role: required(choice("user", "assistant")),
  type: choice("question", "answer", "function_call", "tool_output", "tool_response"),
  content: text(),
  content_type: choice("text", "object_string"),
  meta_data: map,
});

const oneConversation = { conversation_id: required(id) } as const;

/** create_conversation, retrieve_conversation, list_conversations, delete_conversation, list_message. */
const conversationOperations = [
  operation({
    name: "create_conversation",
    method: "POST",
    path: "/v1/conversation/create",
    permissions: ["createConversation"],
    body: {
      bot_id: id,
      name: text(0, 100),
      messages: list(enteredMessage),
      connector_id: id,
      meta_data: map,
    },
    answer: ({ world, body }) => {
      const { bot_id, name = "", connector_id = "1024", meta_data = {} } = body;
      if (Object.keys(meta_data).length > 16) refuseParameter("meta_data", "must have at most 16 pairs");
      if (bot_id) visibleBot(world, bot_id);
      const made = addItem(world.conversations, {
        id: world.newId(),
        name,
        ...(bot_id && { bot_id }),
        connector_id,
        creator_id: world.options.me.id,
        meta_data,
        created_at: world.seconds(),
        messages: (body.messages ?? []).map(
          ({ role, type = "question", content = "", content_type = "text" }) => ({
            ...{ id: world.newId(), role, type, content, content_type },
          }),
        ),
      });
      return { data: showConversation(made) };
    },
  }),
  operation({
    name: "retrieve_conversation",
    method: "GET",
    path: "/v1/conversation/retrieve",
    permissions: ["retrieveConversation"],
    query: oneConversation,
    answer: ({ world, query }) => ({
      data: showConversation(findConversation(world, query.conversation_id)),
    }),
  }),
  operation({
    name: "list_conversations",
    method: "GET",
    path: "/v1/conversations",
    lists: { of: "conversations" },
    permissions: ["listConversation"],
    query: {
      ...pageRules(50),
      bot_id: required(id),
      sort_order: choice("ASC", "DESC"),
      connector_id: choice("1024", "999"),
    },
    answer: ({ world, query }) => {
      visibleBot(world, query.bot_id);
      const found = sortById(world.conversations.values()).filter(
        (one) => one.bot_id === query.bot_id && one.connector_id === (query.connector_id ?? "1024"),
      );
      const { items, hasMore } = slicePage(query.sort_order === "ASC" ? found : found.reverse(), query, 50);
      return { data: { conversations: items.map(showConversation), has_more: hasMore } };
    },
  }),
  operation({
    name: "delete_conversation",
    method: "DELETE",
    path: "/v1/conversations/:conversation_id",
    permissions: ["editConversation"],
    answer: ({ world, path }) => {
      const { id: found, creator_id } = findConversation(world, path.conversation_id);
      if (creator_id !== world.options.me.id)
        refuseForbidden(`conversation ${found} belongs to another user`);
      world.conversations.delete(found);
      for (const chat of world.chats.values()) {
        if (chat.conversation_id === found) world.chats.delete(chat.id);
      }
      return {};
    },
  }),
  operation({
    name: "list_message",
    method: "POST",
    path: "/v1/conversation/message/list",
    writes: false,
    permissions: ["chat", "listMessage"],
    query: oneConversation,
    body: {
      order: choice("desc", "asc"),
      chat_id: text(),
      before_id: text(),
      after_id: text(),
      limit: integer(1, 50),
      include_middle_message: flag,
    },
    answer: ({ world, query, body }) => {
      const all = shownMessages(world, findConversation(world, query.conversation_id));
      const ordered = body.order === "asc" ? all : [...all].reverse();
      const asked = ordered.filter(({ chat_id }) => (body.chat_id || chat_id) === chat_id);
      const indexOf = (place: string | undefined): number => asked.findIndex((one) => one.id === place);
      const { limit = 50, before_id, after_id } = body;
      const end = indexOf(before_id) === -1 ? asked.length : indexOf(before_id);
      const from = indexOf(after_id) + 1;
      const data = asked.slice(from, end).slice(0, limit);
      const has_more = end - from > limit;
      return { data, first_id: data[0]?.id ?? "", last_id: data.at(-1)?.id ?? "", has_more };
    },
  }),
];

/** Conversations and their messages; chats that name none begin one of their own. */
export const conversationArea: Area = {
  operations: conversationOperations,
  collections: { conversations: { fields: conversationFields, generation: 4 } },
};

/**
 * A conversation, made by itself or by its first chat. Throws a Refusal with 4001 if there is none, or if its bot can't be
 * seen.
 */
export function findConversation(world: World, conversationId: string): Seen<Conversation> {
  const made = lookAt(world.conversations, conversationId);
  const first = [...world.chats.values()].find((chat) => chat.conversation_id === conversationId);
  if (!made && !first) {
    throw new Refusal(codes.noConversation, `The conversation ${conversationId} does not exist`);
  }
  const botId = made?.bot_id ?? first?.bot_id;
  if (botId !== undefined) visibleBot(world, botId);
  if (made) return made;
  return {
    id: conversationId,
    name: "",
    bot_id: first?.bot_id,
    connector_id: "1024",
    creator_id: world.options.me.id,
    meta_data: {},
    created_at: Math.floor((first?.created_at_ms ?? 0) / 1000),
    messages: [],
  };
}

/** What the area of chats adds to a world. */
type Chat = Parameters<World["chats"]["set"]>[1];

/** The chats of a conversation that were not cancelled, the oldest first. */
export const chatsIn = (world: World, conversationId: string): readonly Chat[] =>
  sortById(world.chats.values()).filter(
    (chat) => chat.conversation_id === conversationId && !chat.is_canceled,
  );

function showConversation({
  id: conversationId,
  name,
  meta_data,
  creator_id,
  ...one
}: Seen<Conversation>): object {
  return {
    ...{ id: conversationId, name, meta_data, creator_id },
    created_at: one.created_at,
    updated_at: one.created_at,
    last_section_id: conversationId,
    connector_id: one.connector_id,
  };
}

interface ShownMessage extends Message {
  readonly chat_id: string;
}

/** Questions and answers: what else happens in a chat is shown by list_chat_messages alone. */
function shownMessages(world: World, conversation: Seen<Conversation>): readonly ShownMessage[] {
  const about = { conversation_id: conversation.id, section_id: conversation.id, meta_data: {} };
  const at = (seconds: number) => ({ created_at: seconds, updated_at: seconds });
  const entered = conversation.messages.map((message) => ({
    ...message,
    ...about,
    ...at(conversation.created_at),
    bot_id: "",
    chat_id: "",
  }));
  const chatted = chatsIn(world, conversation.id)
    .filter(({ saved }) => saved)
    .flatMap(({ id: chat_id, bot_id, said, answered, due_at_ms, created_at_ms }) => {
      const seconds = at(Math.floor(created_at_ms / 1000));
      const answers = world.now() < due_at_ms ? [] : answered.filter(({ type }) => type === "answer");
      return [...said, ...answers].map((message) => ({ ...message, ...about, ...seconds, bot_id, chat_id }));
    });
  return [...entered, ...chatted];
}
