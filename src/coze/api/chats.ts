import { excerpt } from "../../core/excerpt.ts";
import type { CozeError } from "../error-classes.ts";
import { longestSaid } from "../error-classes.ts";
import { describeFailure } from "../http/error-codes.ts";
import { creating, reading, type Send, type Shown } from "../http/operation.ts";
import { asText, dataOf, idIn, listIn } from "../http/response.ts";

/** The two ids that identify a chat. */
export interface ChatKey {
  readonly conversation_id: string;
  readonly chat_id: string;
}

/** https://docs.coze.cn/developer_guides/retrieve_chat */
export type ChatInfo = Shown<{
  /** `created`, `in_progress`, `completed`, `failed`, `requires_action` or `canceled`. */
  status: string;
  last_error: Shown<{ code: number; msg: string }>;
}>;

/** A message to a bot, with its user and the configuration that answers. */
export interface ChatOrder {
  readonly bot_id: string;
  readonly user_id: string;
  readonly text: string;
  readonly publish_status: "published_online" | "unpublished_draft";
}

// Each call runs a model and is billed.
const begin = creating("chat_v3", "POST", "/v3/chat", { permissions: ["chat"] });
const get = reading("retrieve_chat", "GET", "/v3/chat/retrieve", { permissions: ["getChat"], polled: true });
const list = reading("list_chat_messages", "GET", "/v3/chat/message/list", {
  permissions: ["chat", "listMessage"],
});

/** The error of a failed chat, whose codes are those of failed calls. Undefined if Coze gives none. */
export function errorOfChat({ last_error }: ChatInfo): CozeError | undefined {
  const { code, msg } = last_error ?? {};
  if (!code) return undefined;
  // The chat is over, so its outcome is known.
  const over = { ...begin, write: false };
  const said = asText(msg);
  return describeFailure(over, { httpStatus: 200, code, msg: said && excerpt(said, longestSaid) });
}

/** Chats with bots. */
export function createChatCalls(send: Send) {
  return {
    /** Sends a message in a new conversation (https://docs.coze.cn/developer_guides/chat_v3). */
    async begin({ text, ...order }: ChatOrder): Promise<ChatKey> {
      const message = { role: "user", type: "question", content: text, content_type: "text" };
      // Only saved chats can be retrieved.
      const body = { ...order, additional_messages: [message], stream: false, auto_save_history: true };
      const answer = await send(begin, { body });
      return { chat_id: idIn(answer, "id"), conversation_id: idIn(answer, "conversation_id") };
    },
    get: async (key: ChatKey): Promise<ChatInfo> => dataOf(await send(get, { query: { ...key } })),
    /** The answers of a bot, without its intermediate steps (https://docs.coze.cn/developer_guides/list_chat_messages). */
    async answers(key: ChatKey): Promise<readonly string[]> {
      const answer = await send(list, { query: { ...key } });
      return listIn(answer, answer.body, "data").flatMap(({ type, content }) =>
        type === "answer" && typeof content === "string" ? [content] : [],
      );
    },
  };
}
