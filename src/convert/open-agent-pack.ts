import { isObject, type Json } from "../core/value.ts";
import { type ForeignAgent, leave, listIn, listUnread, textIn, textsIn, valueIn } from "./agent.ts";

/** A text in another file, by its path beside the export. */
export type ReadBeside = (file: string) => string | undefined;

/** The agents of an OpenAgentPack `agents.yaml`; `instructions` may name a file, which `readFile` reads. */
export function readOpenAgentPack(root: Json, readFile: ReadBeside): readonly ForeignAgent[] {
  const agents = Object.entries(asObject(valueIn(root, "agents")));
  const read = agents.map(([name, agent]) => readAgent(root, name, agent, readFile));
  const others = listUnread(root, plainKeys).filter((key) => !key.startsWith("agents."));
  return read.map((one, index) => {
    const [name = "", agent] = agents[index] ?? [];
    const unread = isObject(agent) ? listUnread(agent, []) : [`agents.${name}`];
    // What belongs to no agent is told once.
    const left = leave("unread", [...unread, ...(index === 0 ? others : [])]);
    return { ...one, left: [...one.left, ...left] };
  });
}

/** What says how a pack is run, not what its agents are. */
const plainKeys = ["version", "providers", "name", "agents"];

const asObject = (value: Json | undefined): { readonly [key: string]: Json } =>
  isObject(value) ? value : {};

function readAgent(root: Json, name: string, agent: Json, read: ReadBeside): ForeignAgent {
  const given = textIn(agent, "instructions");
  const isPath = given !== undefined && isFileName(given);
  const text = isPath ? read(given) : given;
  const tools = [
    ...textsIn(agent, "tools", "builtin"),
    ...listIn(agent, "tools", "mcp").map(
      (one) => textIn(one, "mcp_server_name") ?? textIn(one, "mcpServerName"),
    ),
    ...listIn(agent, "mcp_servers").map((one) => textIn(one, "name")),
  ];
  const skills = listIn(agent, "skills").map((one) =>
    typeof one === "string" ? one : textIn(one, "skill_id"),
  );
  const parts = ["environment", "tunnel", "vault"].flatMap((key) => textIn(agent, key) ?? []);
  const deployments = valueIn(root, "deployments");
  return {
    name,
    description: textIn(agent, "description"),
    prompt: text,
    questions: [],
    model: describeModels(valueIn(agent, "model")),
    datasets: [],
    left: [
      ...leave("references", [isPath && text === undefined ? given : undefined]),
      ...leave("tools", tools),
      ...leave("knowledge", textsIn(agent, "memory_stores")),
      ...leave("parts", [
        ...skills,
        ...parts,
        ...textsIn(agent, "multiagent", "agents"),
        ...Object.entries(asObject(deployments)).flatMap(([key, one]) =>
          textIn(one, "agent") === name ? [key] : [],
        ),
      ]),
    ],
  };
}

/** One model, or one for each provider. */
function describeModels(model: Json | undefined): string | undefined {
  if (typeof model === "string") return model;
  const each = Object.entries(asObject(model)).map(([provider, name]) => `${provider}: ${name}`);
  return each.length > 0 ? each.join(", ") : undefined;
}

const isFileName = (text: string): boolean =>
  !text.includes("\n") && /^[\w./-]+\.(?:md|txt|markdown)$/u.test(text);
