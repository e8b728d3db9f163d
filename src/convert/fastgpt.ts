import type { Json } from "../core/value.ts";
import {
  describeModel,
  describeSettings,
  type ForeignAgent,
  leave,
  listIn,
  listUnread,
  referencesIn,
  textIn,
  valueIn,
} from "./agent.ts";

/** Nodes that have no counterpart at Coze and need none. */
const plainNodes = new Set([
  "userGuide",
  "systemConfig",
  "workflowStart",
  "questionInput",
  "historyNode",
  "answerNode",
  "chatNode",
  "datasetSearchNode",
  "tools",
  "agent",
  "comment",
  "emptyNode",
]);

/** The nodes that ask a model with a prompt of its own. */
const askingNodes = ["chatNode", "tools", "agent"];

/**
 * The agent of a FastGPT export. Up to 4.7 it is a list of modules, from 4.8 on a map of nodes, edges and `chatConfig`; a
 * template has these under `workflow`, beside its name.
 */
export function readFastGpt(root: Json): readonly ForeignAgent[] {
  const workflow = valueIn(root, "workflow") ?? root;
  const nodes = [
    ...(Array.isArray(workflow) ? workflow : []),
    ...listIn(workflow, "nodes"),
    ...listIn(workflow, "modules"),
  ];
  const config = valueIn(workflow, "chatConfig") ?? valueIn(root, "chatConfig");
  const guide = nodes.find((node) => ["userGuide", "systemConfig"].includes(typeOf(node)));
  const asking = nodes.filter((node) => askingNodes.includes(typeOf(node)));
  const [model, ...others] = asking;
  const only = others.length === 0 ? model : undefined;
  const welcome = textIn(config, "welcomeText") ?? asText(inputOf(guide, "welcomeText"));
  const bases = nodes.flatMap((node) => listOf(inputOf(node, "datasets")));
  const variables = [...listIn(config, "variables"), ...listOf(inputOf(guide, "variables"))];
  const prompt = asText(inputOf(only, "systemPrompt"));
  const { prologue, questions } = splitWelcome(welcome);
  const agent = {
    name: textIn(root, "name"),
    description: textIn(root, "intro"),
    prompt,
    prologue,
    questions,
    model: describeModel(
      asText(inputOf(only, "model")),
      describeSettings({ ...settingsOf(only, ["temperature", "maxToken"]) }, ["temperature", "maxToken"]),
    ),
    datasets: bases.flatMap((base) => textIn(base, "name") ?? []),
    left: [
      ...leave(
        "nodes",
        nodes
          .filter((node) => node !== only && (others.length > 0 ? true : !plainNodes.has(typeOf(node))))
          .filter((node) => !plainNodes.has(typeOf(node)) || askingNodes.includes(typeOf(node)))
          .map((node) => textIn(node, "name") ?? typeOf(node)),
      ),
      ...leave(
        "tools",
        nodes.flatMap((node) => listOf(inputOf(node, "selectedTools"))).map((tool) => textIn(tool, "name")),
      ),
      ...leave(
        "knowledge",
        bases.map((base) => textIn(base, "name") ?? textIn(base, "datasetId")),
      ),
      ...leave(
        "variables",
        variables.map((one) => textIn(one, "key") ?? textIn(one, "label")),
      ),
      ...leave("references", referencesIn(prompt)),
    ],
  };
  // A prompt of another shape isn't noted by its key.
  const unfit = prompt === undefined ? { systemPrompt: inputOf(only, "systemPrompt") ?? null } : undefined;
  const unread = [...listUnread(root, plainKeys), ...listUnread(unfit, [])];
  return [{ ...agent, left: [...agent.left, ...leave("unread", unread)] }];
}

/** What says nothing of an agent: ids, how its nodes are drawn and joined, and where a template is listed. */
const plainKeys = [
  ...["edges", "workflow.edges", "modules", "version", "id", "templateId", "_id", "author", "avatar", "type"],
  ...["tags", "userGuide", "isActive", "weight", "chatConfig._id", "workflow.chatConfig._id"],
];

const typeOf = (node: Json): string => textIn(node, "flowNodeType") ?? textIn(node, "flowType") ?? "";

const inputOf = (node: Json | undefined, key: string): Json | undefined =>
  valueIn(
    listIn(node, "inputs").find((one) => textIn(one, "key") === key),
    "value",
  );

const asText = (value: Json | undefined): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value : undefined;

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

const settingsOf = (node: Json | undefined, keys: readonly string[]): { readonly [key: string]: Json } =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const value = inputOf(node, key);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );

/** A line in brackets is a question that the reader can click. */
function splitWelcome(text: string | undefined): Pick<ForeignAgent, "prologue" | "questions"> {
  const lines = (text ?? "").split("\n");
  const questions = lines.flatMap((line) => /^\s*\[([^\]]+)\]\s*$/u.exec(line)?.[1]?.trim() ?? []);
  const rest = lines.filter((line) => !/^\s*\[[^\]]+\]\s*$/u.test(line));
  const prologue = rest.join("\n").trim();
  return { prologue: prologue === "" ? undefined : prologue, questions };
}
