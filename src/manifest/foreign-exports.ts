import { fileCommandLine } from "../core/command-line.ts";
import { type Explained, say } from "../messages/text.ts";
import { type SourceNode, textOf, valueAt } from "./yaml/source-tree.ts";

/** An export of another platform, as its content shows. */
export interface ForeignExport {
  readonly format: "Dify" | "FastGPT" | "Bisheng" | "OpenAgentPack";
  /** As the file has it, or what tells the versions apart. */
  readonly version?: string | undefined;
}

/** Recognizes the export of another platform; undefined of everything else. */
export function recognizeForeign(root: SourceNode): ForeignExport | undefined {
  if (root.type === "scalar" || valueAt(root, "apiVersion")) return undefined;
  return recognizeDify(root) ?? recognizeFastGpt(root) ?? recognizeBisheng(root) ?? recognizePack(root);
}

/** https://docs.dify.ai/en/guides/management/app-management */
function recognizeDify(root: SourceNode): ForeignExport | undefined {
  const app = valueAt(root, "app");
  if (textOf(valueAt(app, "mode")) === undefined) return undefined;
  const isApp = textOf(valueAt(root, "kind")) === "app";
  if (!isApp && !valueAt(root, "model_config") && !valueAt(root, "workflow")) return undefined;
  return { format: "Dify", version: sourceOf(valueAt(root, "version")) };
}

/** Up to 4.7 it is a list of modules, from 4.8 on nodes and edges. */
function recognizeFastGpt(root: SourceNode): ForeignExport | undefined {
  const nodes = itemsOf(valueAt(root, "nodes") ?? valueAt(valueAt(root, "workflow"), "nodes"));
  if (nodes.some((node) => textOf(valueAt(node, "flowNodeType")) !== undefined))
    return { format: "FastGPT", version: "4.8+" };
  const modules = itemsOf(valueAt(root, "modules") ?? root);
  const isModule = (one: SourceNode) =>
    textOf(valueAt(one, "flowType")) !== undefined && valueAt(one, "inputs") !== undefined;
  return modules.some(isModule) ? { format: "FastGPT", version: "4.0-4.7" } : undefined;
}

/** Workflows, skills, lists of these, and assistants. */
function recognizeBisheng(root: SourceNode): ForeignExport | undefined {
  const [first] = root.type === "list" ? root.items : [root];
  const nodes = itemsOf(valueAt(first, "nodes") ?? valueAt(valueAt(first, "data"), "nodes"));
  const data = nodes.map((node) => valueAt(node, "data"));
  const workflow = data.find((one) => valueAt(one, "group_params"));
  if (workflow) return { format: "Bisheng", version: sourceOf(valueAt(workflow, "v")) };
  const isSkill =
    data.some((one) => valueAt(valueAt(one, "node"), "template")) &&
    (valueAt(first, "flow_id") ?? valueAt(first, "flow_type") ?? valueAt(first, "guide_word")) !== undefined;
  const isAssistant =
    (valueAt(first, "guide_word") ?? valueAt(first, "guide_question")) !== undefined &&
    (valueAt(first, "prompt") ?? valueAt(first, "system_prompt")) !== undefined;
  return isSkill || isAssistant ? { format: "Bisheng" } : undefined;
}

function recognizePack(root: SourceNode): ForeignExport | undefined {
  const agents = valueAt(root, "agents");
  const version = sourceOf(valueAt(root, "version"));
  if (agents?.type !== "map" || (version === undefined && !valueAt(root, "providers"))) return undefined;
  const isAgent = ({ value }: { readonly value: SourceNode }) =>
    valueAt(value, "instructions") !== undefined && valueAt(value, "model") !== undefined;
  return [...agents.entries.values()].some(isAgent) ? { format: "OpenAgentPack", version } : undefined;
}

const itemsOf = (node: SourceNode | undefined): readonly SourceNode[] =>
  node?.type === "list" ? node.items : [];

const sourceOf = (node: SourceNode | undefined): string | undefined =>
  node?.type === "scalar" && node.value !== null && node.source !== "" ? node.source : undefined;

/** What an export is called in a sentence, and how it is converted. */
export function explainForeign({ format, version }: ForeignExport, file: string): Explained {
  const what = say(`manifest/format-${format}`);
  const command = fileCommandLine("convert", file, ["-o", "DIR"]);
  return {
    message:
      version === undefined
        ? say("manifest/foreign-export", { what })
        : say("manifest/foreign-export-version", { what, version }),
    hint: say("manifest/foreign-export.hint", { commandLine: command }),
  };
}
