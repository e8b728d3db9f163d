import { isObject, type Json, type Values } from "../core/value.ts";
import type { FieldProblem } from "../kind/schema.ts";
import { channels } from "./bot-fields.ts";

/** Coze's channels that only its own pages can publish to (https://docs.coze.cn/developer_guides/unpublish_agent). */
const closedChannels: ReadonlyMap<string, string> = new Map([
  ["10000011", "Feishu"],
  ["10000113", "WeChat customer service"],
  ["10000117", "Juejin"],
  ["10000120", "WeChat service account"],
  ["10000121", "WeChat subscription account"],
  ["10000122", "the Coze store"],
  ["10000126", "Douyin mini program"],
  ["10000127", "WeChat mini program"],
  ["10000128", "Feishu base"],
]);

/** Rules between the fields of a bot. */
export function checkBot(spec: Values): readonly FieldProblem[] {
  return [...checkCache(spec), ...checkThinking(spec), ...checkReplies(spec), ...checkChannels(spec)];
}

const objectOf = (value: Json | undefined): Values => (isObject(value) ? value : {});
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

function checkCache(spec: Values): readonly FieldProblem[] {
  const model = objectOf(spec.model);
  const inParameters = objectOf(objectOf(model.parameters).caching).type === "enabled";
  if ((model.cache !== "prefix" && !inParameters) || spec.cached_prompt !== undefined) return [];
  return [
    {
      path: inParameters ? ["model", "parameters", "caching"] : ["model", "cache"],
      message: "the prefix cache needs the prompt in two parts",
      hint: "give cached_prompt with prefix and dynamic in place of prompt",
    },
  ];
}

function checkThinking(spec: Values): readonly FieldProblem[] {
  if (objectOf(objectOf(spec.model).parameters).thinking_type !== "enabled") return [];
  return ["plugins", "workflows"].flatMap((name) =>
    listOf(spec[name]).length === 0
      ? []
      : [
          {
            path: [name],
            message: `a model with thinking_type enabled can't use ${name}`,
            hint: `take ${name} out, or set model.parameters.thinking_type to disabled or auto`,
          },
        ],
  );
}

function checkReplies(spec: Values): readonly FieldProblem[] {
  const { mode, prompt } = objectOf(spec.suggested_replies);
  if (mode !== "customized" || prompt) return [];
  return [
    {
      path: ["suggested_replies", "mode"],
      message: "customized suggestions need a prompt",
      hint: "give suggested_replies.prompt, or choose enable or disable",
    },
  ];
}

function checkChannels(spec: Values): readonly FieldProblem[] {
  const ids = listOf(objectOf(spec.publish).connectors).map(channelId);
  const own = ids.filter((id) => id !== channels.api && id !== channels.chat_sdk && !closedChannels.has(id));
  const closed = ids.flatMap((id, index): FieldProblem[] => {
    const channel = closedChannels.get(id);
    return channel === undefined
      ? []
      : [
          {
            path: ["publish", "connectors", index],
            message: `${channel} (${id}) can't be published to through the API`,
            hint: "take it out, and publish there on the bot's page in Coze",
          },
        ];
  });
  if (own.length === 0 || ids.includes(channels.api)) return closed;
  const alone: FieldProblem = {
    path: ["publish", "connectors"],
    message: `the channel ${own[0]} can only be published to together with api (1024)`,
    hint: "add api (1024) to the list",
  };
  return [...closed, alone];
}

function channelId(connector: Json): string {
  if (connector === "api" || connector === "chat_sdk") return channels[connector];
  return String(isObject(connector) ? connector.id : connector);
}
