import type { Fields, Live, Spec } from "../core/field.ts";
import { canonicalJson, isObject, type Json } from "../core/value.ts";
import { modelFields } from "./bot-model.ts";
import { decimalId, imageExtensions, uploadLimit } from "./response-values.ts";

export type BotSpec = Spec<typeof botFields>;
export type BotLive = Live<typeof botFields>;

/** Channels that manifests name by a word, by their ids. */
export const channels = { api: "1024", chat_sdk: "999" } as const;

const cachedPart = {
  type: "string",
  presence: "optional",
  text: true,
  default: "",
  readable: "sometimes",
} as const;

const publishFields = {
  connectors: {
    type: "list",
    unordered: true,
    key: "id",
    presence: "optional",
    default: [],
    items: {
      type: "object",
      shorthand: { api: { id: channels.api }, chat_sdk: { id: channels.chat_sdk } },
      fields: {
        id: {
          ...decimalId,
          presence: "required",
          description:
            "Id of the channel: 1024 is the API, 999 the Chat SDK, others are channels of your own.",
          inManifests: "`api` and `chat_sdk` are names of the first two.",
        },
        config: {
          type: "map",
          presence: "optional",
          readable: false,
          // A channel's parameters may well be its credentials, and nothing tells which.
          sensitive: true,
          description: "Parameters for a channel of your own, such as `device_id`. They can't be read back.",
          inManifests: "Set them with `${env.…}` or `${var.…}`.",
        },
      },
    },
    description:
      "Channels to publish to. A channel of your own needs the API beside it; Coze's other channels can't be published to through the API.",
  },
} as const satisfies Fields;

/** https://docs.coze.cn/developer_guides/update_bot */
export const botFields = {
  workspace: {
    type: "ref",
    kind: "Workspace",
    presence: "required",
    immutable: true,
    description: "The workspace that holds the bot. A bot can't be moved.",
  },
  name: {
    type: "string",
    presence: "required",
    minLength: 1,
    maxLength: 20,
    description: "Name of the bot, 1 to 20 characters.",
  },
  description: {
    type: "string",
    presence: "optional",
    maxLength: 500,
    default: "",
    description: "What the bot does, up to 500 characters.",
  },
  icon: {
    type: "file",
    presence: "optional",
    extensions: imageExtensions,
    maxBytes: uploadLimit,
    readable: false,
    clearable: false,
    description: "Image file of the icon. Coze gives every bot an icon; it can't be restored.",
  },
  prompt: {
    type: "string",
    text: true,
    presence: "optional",
    maxLength: 20_000,
    default: "",
    conflictsWith: ["cached_prompt"],
    description: "Persona and reply logic, up to 20,000 characters.",
  },
  cached_prompt: {
    type: "object",
    presence: "optional",
    readable: "sometimes",
    description: "The prompt in two parts, instead of `prompt`, when the model's prefix cache is on.",
    fields: {
      prefix: { ...cachedPart, description: "The part that stays the same and is cached." },
      dynamic: { ...cachedPart, description: "The part that changes and isn't cached." },
    },
  },
  onboarding: {
    type: "object",
    presence: "optional",
    description: "How a conversation begins.",
    fields: {
      prologue: {
        type: "string",
        text: true,
        presence: "optional",
        maxLength: 300,
        default: "",
        description: "Opening words, up to 300 characters. Coze fills in `{{user_name}}`.",
      },
      suggested_questions: {
        type: "list",
        presence: "optional",
        default: [],
        readable: "sometimes",
        items: { type: "string", maxLength: 50 },
        description: "Questions offered at the beginning, in order, up to 50 characters each.",
      },
    },
  },
  model: {
    type: "object",
    presence: "optional",
    clearable: false,
    description:
      "The model and its parameters; ranges depend on the model. Coze takes it whole: with any change, what it doesn't show and isn't given here (`cache`, `anti_leak`, `current_time`) may go back to its default.",
    fields: modelFields,
  },
  plugins: {
    type: "list",
    unordered: true,
    presence: "optional",
    default: [],
    equal: sameTools,
    items: {
      type: "object",
      fields: {
        plugin: { type: "ref", kind: "Plugin", presence: "required", description: "The plugin." },
        tool: {
          type: "ref",
          kind: "PluginTool",
          presence: "required",
          readable: "sometimes",
          description: "The tool of the plugin that the bot may use.",
        },
      },
    },
    description: "Tools that the bot may use.",
  },
  workflows: {
    type: "list",
    unordered: true,
    presence: "optional",
    default: [],
    items: {
      type: "ref",
      kind: "Workflow",
      published: true,
      others: { copy: { kind: "Copy", where: { type: "workflow" } } },
    },
    description: "Workflows that the bot may run.",
    inManifests: "`{copy: name}` is the one that a Copy makes.",
  },
  knowledge: {
    type: "object",
    presence: "optional",
    settable: "update",
    description:
      "The datasets that the bot draws on, and how. Coze takes it whole: with any change, `auto_call` and `search_strategy` may go back to their defaults unless they are given here.",
    fields: {
      datasets: {
        type: "list",
        unordered: true,
        presence: "required",
        maxItems: 150,
        default: [],
        items: { type: "ref", kind: "Dataset", contents: "awaited" },
        description: "Datasets of the bot's workspace, at most 150.",
      },
      auto_call: {
        type: "boolean",
        presence: "optional",
        default: true,
        readable: false,
        description: "Whether every round draws on the datasets, or only when the prompt says so.",
      },
      search_strategy: {
        type: "enum",
        values: ["semantic", "hybrid", "fulltext"],
        presence: "optional",
        default: "semantic",
        readable: false,
        description: "How the datasets are searched.",
      },
    },
  },
  suggested_replies: {
    type: "object",
    presence: "optional",
    readable: "sometimes",
    clearable: false,
    description: "Questions that Coze proposes after each reply.",
    fields: {
      mode: {
        type: "enum",
        values: ["enable", "disable", "customized"],
        presence: "required",
        readable: "sometimes",
        description: "Whether to propose any; `customized` follows `prompt`.",
      },
      prompt: {
        type: "string",
        text: true,
        presence: "optional",
        default: "",
        readable: "sometimes",
        description: "How to find the questions, for the mode `customized`.",
      },
    },
  },
  publish: {
    type: "object",
    presence: "optional",
    description: "Where the bot is published. Every publication makes a version of the bot.",
    fields: publishFields,
  },
  version: {
    type: "string",
    presence: "computed",
    description: "The latest version of the bot, empty before the first.",
  },
} as const satisfies Fields;

// Responses may give "0" for a tool's id, which the live value then lacks: it matches any tool of the plugin.
function sameTools(want: Json, live: Json): boolean {
  const wanted = toolsOf(want);
  const shown = toolsOf(live);
  if (wanted.length !== shown.length) return false;
  const rest = [...wanted];
  const take = (fits: (tool: Tool) => boolean): boolean => {
    const index = rest.findIndex(fits);
    if (index >= 0) rest.splice(index, 1);
    return index >= 0;
  };
  const [known, unknown] = [shown.filter(({ tool }) => tool), shown.filter(({ tool }) => !tool)];
  return (
    known.every((one) => take(({ plugin, tool }) => plugin === one.plugin && tool === one.tool)) &&
    unknown.every((one) => take(({ plugin }) => plugin === one.plugin))
  );
}

interface Tool {
  readonly plugin: string;
  readonly tool: string | undefined;
}

function toolsOf(list: Json): readonly Tool[] {
  const items = Array.isArray(list) ? list.filter(isObject) : [];
  return items.map(({ plugin, tool }) => ({
    plugin: canonicalJson(plugin),
    tool: tool === undefined ? undefined : canonicalJson(tool),
  }));
}
