import { isObject, type Json } from "../core/value.ts";
import {
  describeModel,
  describeSettings,
  type ForeignAgent,
  leave,
  listIn,
  listUnread,
  referencesIn,
  textIn,
  textsIn,
  valueIn,
} from "./agent.ts";

const modelSettings = ["temperature", "top_p", "max_tokens", "presence_penalty", "frequency_penalty"];

/** The features of an app that Coze's API doesn't set. */
const features = [
  "suggested_questions_after_answer",
  "speech_to_text",
  "text_to_speech",
  "sensitive_word_avoidance",
  "annotation_reply",
  "more_like_this",
  "retriever_resource",
  "file_upload",
];

/**
 * The agent of a Dify DSL: chat, agent and completion apps have a prompt, chatflows and workflows have nodes.
 * https://docs.dify.ai/en/guides/management/app-management
 */
export function readDify(root: Json): readonly ForeignAgent[] {
  const app = valueIn(root, "app");
  const workflow = valueIn(root, "workflow");
  const config = valueIn(root, "model_config");
  const own = isObject(workflow) ? readFlow(workflow) : readConfig(config);
  const set = isObject(workflow) ? valueIn(workflow, "features") : config;
  const enabled = features.filter((name) => valueIn(set, name, "enabled") === true);
  const packages = listIn(root, "dependencies").map(
    (one) =>
      textIn(one, "value", "marketplace_plugin_unique_identifier") ??
      textIn(one, "value", "plugin_unique_identifier"),
  );
  const agent = {
    ...own,
    name: textIn(app, "name"),
    description: textIn(app, "description"),
    prologue: textIn(set, "opening_statement"),
    questions: textsIn(set, "suggested_questions"),
  };
  return [
    {
      ...agent,
      left: [
        ...own.left,
        ...leave("references", referencesIn(own.prompt)),
        ...leave("settings", enabled),
        ...leave(
          "parts",
          packages.map((name) => name?.split("@")[0]),
        ),
        ...leave("unread", listUnread(root, plainKeys)),
      ],
    },
  ];
}

const inConfig = (...keys: readonly string[]): readonly string[] => keys.map((key) => `model_config.${key}`);

const inSearch = (...keys: readonly string[]): readonly string[] =>
  inConfig(...keys.map((key) => `dataset_configs.${key}`));

/** What says nothing of an agent, belongs to its model there, or details a feature that is named as a whole. */
const plainKeys = [
  ...["kind", "version", "app.mode", "app.icon", "app.icon_type", "app.icon_background"],
  ...[
    "app.use_icon_as_answer_icon",
    "app.max_active_requests",
    "workflow.graph.edges",
    "workflow.graph.viewport",
  ],
  ...inConfig("prompt_type", "dataset_query_variable", "completion_prompt_config", "chat_prompt_config"),
  ...inConfig("agent_mode.enabled", "agent_mode.strategy", "agent_mode.max_iteration", "agent_mode.prompt"),
  ...inConfig("model.provider", "model.mode", "model.completion_params", "created_at", "updated_at", "id"),
  ...inSearch("retrieval_model", "top_k", "score_threshold", "score_threshold_enabled", "weights"),
  ...inSearch("reranking_mode", "reranking_model", "reranking_enable", "datasets.strategy"),
  ...features.flatMap((name) => [`model_config.${name}`, `workflow.features.${name}`]),
];

type Own = Pick<ForeignAgent, "prompt" | "model" | "datasets" | "left">;

function readConfig(config: Json | undefined): Own {
  const tools = [...listIn(config, "agent_mode", "tools"), ...listIn(config, "external_data_tools")];
  const bases = [
    ...listIn(config, "dataset_configs", "datasets", "datasets"),
    ...tools.filter((tool) => isObject(valueIn(tool, "dataset"))),
  ];
  return {
    prompt: textIn(config, "pre_prompt") ?? readAdvancedPrompt(config),
    model: describeModel(
      textIn(config, "model", "name"),
      describeSettings(valueIn(config, "model", "completion_params"), modelSettings),
    ),
    // An export names knowledge bases by id alone.
    datasets: [],
    left: [
      ...leave(
        "tools",
        tools
          .filter((tool) => !isObject(valueIn(tool, "dataset")))
          .map(
            (tool) =>
              textIn(tool, "tool_label") ??
              textIn(tool, "tool_name") ??
              textIn(tool, "name") ??
              textIn(tool, "label") ??
              textIn(tool, "type"),
          ),
      ),
      ...leave(
        "knowledge",
        bases.map((base) => textIn(base, "dataset", "name") ?? textIn(base, "dataset", "id")),
      ),
      ...leave("variables", listIn(config, "user_input_form").map(nameVariable)),
    ],
  };
}

/** `{text-input: {label, variable}}` */
function nameVariable(form: Json): string | undefined {
  const [inner] = isObject(form) ? Object.values(form) : [];
  return textIn(inner, "variable") ?? textIn(inner, "label");
}

/** Of prompts for experts, the words of the system. */
function readAdvancedPrompt(config: Json | undefined): string | undefined {
  const messages = listIn(config, "chat_prompt_config", "prompt");
  const system = messages.find((one) => textIn(one, "role") === "system") ?? messages[0];
  return textIn(system, "text") ?? textIn(config, "completion_prompt_config", "prompt", "text");
}

/** What does nothing but begin, end or answer. */
const plainNodes = new Set(["start", "answer", "end", "user-input"]);

function readFlow(workflow: Json): Own {
  const nodes = listIn(workflow, "graph", "nodes").map((node) => valueIn(node, "data"));
  const models = nodes.filter((node) => ["llm", "agent"].includes(textIn(node, "type") ?? ""));
  const [model, ...others] = models;
  const only = others.length === 0 ? model : undefined;
  const messages = listIn(only, "prompt_template");
  const system = messages.find((one) => textIn(one, "role") === "system") ?? messages[0];
  const variables = [
    ...nodes.flatMap((node) => (textIn(node, "type") === "start" ? listIn(node, "variables") : [])),
    ...listIn(workflow, "conversation_variables"),
    ...listIn(workflow, "environment_variables"),
  ];
  return {
    prompt: textIn(system, "text") ?? textIn(only, "agent_parameters", "instruction", "value"),
    model: describeModel(
      textIn(only, "model", "name"),
      describeSettings(valueIn(only, "model", "completion_params"), modelSettings),
    ),
    datasets: [],
    left: [
      ...leave(
        "nodes",
        nodes
          .filter((node) => node !== only && !plainNodes.has(textIn(node, "type") ?? ""))
          .map((node) => textIn(node, "title") ?? textIn(node, "type")),
      ),
      ...leave(
        "tools",
        nodes
          .filter((node) => textIn(node, "type") === "tool")
          .map((node) => textIn(node, "tool_label") ?? textIn(node, "tool_name")),
      ),
      ...leave(
        "knowledge",
        nodes.flatMap((node) => textsIn(node, "dataset_ids")),
      ),
      ...leave(
        "variables",
        variables.map((one) => textIn(one, "variable") ?? textIn(one, "name")),
      ),
    ],
  };
}
