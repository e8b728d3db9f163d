import { excerpt } from "../../core/excerpt.ts";
import type { CozeError } from "../errors.ts";
import { describeFailure } from "../http/failure-codes.ts";
import { creating, reading, type Send, type Shown } from "../http/operation.ts";
import { asText, dataOf, idIn, listIn } from "../http/response.ts";
import { longestSaid } from "../http/strip-quoted-secrets.ts";

/** One chat, by the two ids that finding it takes. */
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

/** What is said to a bot, as which user, and to which of its configurations. */
export interface ChatOrder {
  readonly bot_id: string;
  readonly user_id: string;
  readonly text: string;
  readonly publish_status: "published_online" | "unpublished_draft";
}

// Each call is an answer of a model, and paid for.
const begin = creating("chat_v3", "POST", "/v3/chat", { permission: "chat" });
const get = reading("retrieve_chat", "GET", "/v3/chat/retrieve", { permission: "getChat", polled: true });
const list = reading("list_chat_messages", "GET", "/v3/chat/message/list", {
  permission: "chat and listMessage",
});

/** What a failed chat failed of: its codes are those that calls fail with. Undefined when Coze gives none. */
export function errorOfChat({ last_error }: ChatInfo): CozeError | undefined {
  const { code, msg } = last_error ?? {};
  if (!code) return undefined;
  // Of what the chat did nothing is unknown: it is over.
  const over = { ...begin, write: false };
  const said = asText(msg);
  return describeFailure(over, {
    httpStatus: 200,
    code,
    ...(said ? { msg: excerpt(said, longestSaid) } : {}),
  });
}

/** Chats with bots. */
export function createChatCalls(send: Send) {
  return {
    /** Says one thing in a conversation of its own (https://docs.coze.cn/developer_guides/chat_v3). */
    async begin({ text, ...order }: ChatOrder): Promise<ChatKey> {
      const message = { role: "user", type: "question", content: text, content_type: "text" };
      // Only a chat that is saved can be looked at.
      const body = { ...order, additional_messages: [message], stream: false, auto_save_history: true };
      const answer = await send(begin, { body });
      return { chat_id: idIn(answer, "id"), conversation_id: idIn(answer, "conversation_id") };
    },
    get: async (key: ChatKey): Promise<ChatInfo> => dataOf(await send(get, { query: { ...key } })),
    /** What a bot answered, apart from what it did on the way (https://docs.coze.cn/developer_guides/list_chat_messages). */
    async answers(key: ChatKey): Promise<readonly string[]> {
      const answer = await send(list, { query: { ...key } });
      return listIn(answer, answer.body, "data").flatMap(({ type, content }) =>
        type === "answer" && typeof content === "string" ? [content] : [],
      );
    },
  };
}
