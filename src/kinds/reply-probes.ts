import { ExplainedError } from "../core/explained-error.ts";
import { isObject, type Json } from "../core/value.ts";
import { type ChatInfo, type ChatKey, errorOfChat } from "../coze/api/chats.ts";
import type { CozeClient } from "../coze/client.ts";
import { NotFound } from "../coze/error-classes.ts";
import type { ProbeState } from "../kind/kind.ts";
import { explain, say } from "../messages/text.ts";
import { known } from "./response-values.ts";

/** The user id that checks give to bots. */
const user = "cozeform-check";

/** Sends a message to a bot's draft, which its callers don't see. */
export async function askBot(api: CozeClient, id: string, text: string): Promise<ProbeState> {
  const order = { bot_id: id, user_id: user, text, publish_status: "unpublished_draft" } as const;
  return { state: "working", token: { ...(await api.chats.begin(order)) } };
}

/** Looks once at a chat. */
export async function followChat(api: CozeClient, token: Json): Promise<ProbeState> {
  const key = keyIn(token);
  const info = await api.chats.get(key);
  switch (info.status) {
    case "completed":
      return { state: "answered", reply: (await api.chats.answers(key)).join("\n") };
    case "failed":
      return explainError(info);
    case "requires_action": {
      const { message: reason, hint } = explain("kinds/chat-needs-tool");
      return { state: "failed", reason, hint };
    }
    case "canceled":
      return { state: "failed", reason: say("kinds/chat-cancelled") };
    default:
      return { state: "working", token };
  }
}

function keyIn(token: Json): ChatKey {
  if (!isObject(token)) throw new Error("a chat is known by two ids");
  return { conversation_id: String(token.conversation_id), chat_id: String(token.chat_id) };
}

function explainError(info: ChatInfo): ProbeState {
  const cause = errorOfChat(info);
  const reason = say("kinds/chat-failed", { reason: cause?.message ?? say("kinds/no-reason") });
  return { state: "failed", reason, ...known({ cause, hint: cause?.hint }) };
}

/** Runs a workflow and waits for its result. */
export async function runWorkflow(
  api: CozeClient,
  id: string,
  input: { readonly [name: string]: Json },
): Promise<ProbeState> {
  try {
    return { state: "answered", reply: await api.workflows.run(id, input) };
  } catch (error) {
    // Coze reports this for a workflow that exists and isn't published.
    if (error instanceof NotFound)
      throw new ExplainedError(explain("kinds/workflow-unpublished", { id }), error);
    throw error;
  }
}
