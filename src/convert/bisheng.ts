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

/** The agents of a Bisheng export: workflows (nodes with `group_params`), skills (nodes with templates), assistants. */
export const readBisheng = (root: Json): readonly ForeignAgent[] =>
  (Array.isArray(root) ? root : [root]).map((one: Json) => {
    const nodes = [...listIn(one, "nodes"), ...listIn(one, "data", "nodes")].flatMap((node) => {
      const data = valueIn(node, "data");
      return isObject(data) ? [data] : [];
    });
    const isWorkflow = nodes.some((node) => valueIn(node, "group_params") !== undefined);
    const own = isWorkflow ? readWorkflow(nodes) : nodes.length > 0 ? readSkill(nodes) : readAssistant(one);
    const agent = {
      ...own,
      name: textIn(one, "name"),
      description: textIn(one, "description") ?? textIn(one, "desc"),
      prologue: own.prologue ?? textIn(one, "guide_word"),
      questions: own.questions.length > 0 ? own.questions : textsIn(one, "guide_question"),
    };
    const unread = leave("unread", listUnread(one, plainKeys));
    return { ...agent, left: [...own.left, ...leave("references", referencesIn(own.prompt)), ...unread] };
  });

/** What an export says of itself: ids, times, who made it, and how its nodes are drawn and joined. */
const plainKeys = [
  ...["id", "flow_id", "flow_type", "user_id", "user_name", "create_time", "update_time", "status", "logo"],
  ...["version", "version_id", "v", "edges", "viewport", "data.edges", "data.viewport", "write", "model_id"],
];

type Own = Omit<ForeignAgent, "name" | "description">;

const plainNodes = new Set(["start", "input", "output", "end", "note"]);
const askingNodes = ["llm", "agent", "rag"];
const knowledgeKeys = ["knowledge", "knowledge_id", "retrieved_result", "qa_knowledge_id"];

function readWorkflow(nodes: readonly Json[]): Own {
  const start = nodes.find((node) => textIn(node, "type") === "start");
  const asking = nodes.filter((node) => askingNodes.includes(textIn(node, "type") ?? ""));
  const [model, ...others] = asking;
  const only = others.length === 0 ? model : undefined;
  const bases = nodes.flatMap((node) => knowledgeKeys.flatMap((key) => entriesOf(paramOf(node, key))));
  return {
    prompt: asText(paramOf(only, "system_prompt")),
    prologue: asText(paramOf(start, "guide_word")),
    questions: textsIn({ list: paramOf(start, "guide_question") ?? null }, "list"),
    model: describeModel(
      asName(paramOf(only, "model_id")),
      describeSettings(settingsOf(only), ["temperature"]),
    ),
    datasets: bases.flatMap((base) => textIn(base, "label") ?? textIn(base, "name") ?? []),
    left: [
      ...leave(
        "nodes",
        nodes
          .filter((node) => node !== only && !plainNodes.has(textIn(node, "type") ?? ""))
          .map((node) => textIn(node, "name") ?? textIn(node, "type")),
      ),
      ...leave(
        "tools",
        nodes
          .flatMap((node) => entriesOf(paramOf(node, "tool_list")))
          .map((tool) => textIn(tool, "label") ?? textIn(tool, "name") ?? textIn(tool, "tool_key")),
      ),
      ...leave(
        "knowledge",
        bases.map((base) => textIn(base, "label") ?? textIn(base, "name") ?? asName(valueIn(base, "key"))),
      ),
      ...leave(
        "variables",
        entriesOf(paramOf(start, "custom_variables")).map(
          (one) => textIn(one, "key") ?? textIn(one, "label"),
        ),
      ),
    ],
  };
}

const paramOf = (node: Json | undefined, key: string): Json | undefined =>
  valueIn(
    listIn(node, "group_params")
      .flatMap((group) => listIn(group, "params"))
      .find((param) => textIn(param, "key") === key),
    "value",
  );

const settingsOf = (node: Json | undefined): Json => {
  const temperature = paramOf(node, "temperature");
  return temperature === undefined ? {} : { temperature };
};

/** Lists stand in the parameter itself, or under `value` beside their type. */
const entriesOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? value : listIn(value, "value");

const asText = (value: Json | undefined): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value : undefined;

const asName = (value: Json | undefined): string | undefined =>
  typeof value === "number" ? String(value) : asText(value);

/** Skills are chains of components; their prompts are templates of these. */
function readSkill(nodes: readonly Json[]): Own {
  const prompts = nodes.flatMap((node) => {
    const isPrompt = /Prompt/u.test(textIn(node, "type") ?? "");
    const found =
      templateOf(node, "template") ?? templateOf(node, "system_message") ?? templateOf(node, "prompt");
    return isPrompt && found !== undefined ? [{ node, text: found }] : [];
  });
  const [prompt, ...others] = prompts;
  const only = others.length === 0 ? prompt : undefined;
  const isModel = (node: Json) => /LLM$|^Chat|OpenAI/u.test(textIn(node, "type") ?? "");
  const model = nodes.find(isModel);
  const bases = nodes.flatMap((node) => templateOf(node, "collection_name") ?? []);
  return {
    prompt: only?.text,
    questions: [],
    model: describeModel(
      model === undefined
        ? undefined
        : (templateOf(model, "model_name") ?? templateOf(model, "model_id") ?? textIn(model, "type")),
      [],
    ),
    datasets: bases,
    left: [
      ...leave("nodes", nodes.filter((node) => node !== only?.node && node !== model).map(nameComponent)),
      ...leave("knowledge", bases),
    ],
  };
}

const templateOf = (node: Json, name: string): string | undefined => {
  const value = valueIn(node, "node", "template", name, "value");
  return typeof value === "number" ? String(value) : asText(value);
};

const nameComponent = (node: Json): string | undefined =>
  textIn(node, "node", "display_name") ?? textIn(node, "type") ?? textIn(node, "id");

function readAssistant(assistant: Json): Own {
  const bases = listIn(assistant, "knowledge_list");
  const nameOf = (one: Json) => textIn(one, "name") ?? textIn(one, "label");
  return {
    prompt: textIn(assistant, "system_prompt") ?? textIn(assistant, "prompt"),
    questions: [],
    model: describeModel(
      textIn(assistant, "model_name") ?? asName(valueIn(assistant, "model_id")),
      describeSettings(assistant, ["temperature"]),
    ),
    datasets: bases.flatMap((base) => nameOf(base) ?? []),
    left: [
      ...leave("tools", listIn(assistant, "tool_list").map(nameOf)),
      ...leave("nodes", listIn(assistant, "flow_list").map(nameOf)),
      ...leave("knowledge", bases.map(nameOf)),
    ],
  };
}
