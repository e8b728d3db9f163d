import { isObject, type Json } from "../core/value.ts";
import { type ForeignAgent, leave, listIn, textIn, textsIn, valueIn } from "./agent.ts";

/** A text in another file, by its path beside the export. */
export type ReadBeside = (file: string) => string | undefined;

/** The agents of an OpenAgentPack `agents.yaml`; `instructions` may name a file, which `read` reads. */
export function readOpenAgentPack(root: Json, read: ReadBeside): readonly ForeignAgent[] {
  const agents = valueIn(root, "agents");
  return Object.entries(isObject(agents) ? agents : {}).map(([name, agent]): ForeignAgent => {
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
          ...Object.entries(isObject(deployments) ? deployments : {}).flatMap(([key, one]) =>
            textIn(one, "agent") === name ? [key] : [],
          ),
        ]),
      ],
    };
  });
}

/** One model, or one for each provider. */
function describeModels(model: Json | undefined): string | undefined {
  if (typeof model === "string") return model;
  const each = Object.entries(isObject(model) ? model : {}).map(([provider, name]) => `${provider}: ${name}`);
  return each.length > 0 ? each.join(", ") : undefined;
}

const isFileName = (text: string): boolean =>
  !text.includes("\n") && /^[\w./-]+\.(?:md|txt|markdown)$/u.test(text);
