import path from "node:path";
import type { Json } from "../core/value.ts";
import { type ForeignExport, recognizeForeign } from "../manifest/foreign-exports.ts";
import type { Report } from "../manifest/problems.ts";
import { parseYaml } from "../manifest/yaml/parse.ts";
import { fromJson, type SourceNode, toJson } from "../manifest/yaml/source-tree.ts";
import { explain, say } from "../messages/text.ts";
import type { ForeignAgent } from "./agent.ts";
import { readBisheng } from "./bisheng.ts";
import { readDify } from "./dify.ts";
import { readFastGpt } from "./fastgpt.ts";
import { type ReadBeside, readOpenAgentPack } from "./open-agent-pack.ts";

/** An export of another platform, read. */
export interface ReadForeign extends ForeignExport {
  readonly agents: readonly ForeignAgent[];
}

/** The text of a foreign file as a value; reports what is wrong with its syntax. */
function parse(file: string, text: string, report: Report): SourceNode | undefined {
  if (/^\s*[[{]/u.test(text)) {
    try {
      return fromJson(JSON.parse(text) as Json, { file, line: 1, column: 1 });
    } catch {
      // As YAML, it has a place and a hint for what is wrong.
    }
  }
  const [first] = parseYaml(file, text, report);
  return first?.damaged ? undefined : first?.root;
}

/**
 * Reads the export of another platform: `file` is its name in messages. Reports what is none, or is broken, and returns
 * undefined then.
 */
export function readForeign(
  file: string,
  text: string,
  read: ReadBeside,
  report: Report,
): ReadForeign | undefined {
  let hasFailed = false;
  const root = parse(file, text, (at, problem) => {
    hasFailed ||= problem.severity !== "warning";
    report(at, problem);
  });
  if (hasFailed) return undefined;
  const found = root && recognizeForeign(root);
  if (!root || !found) {
    const at = root?.at ?? { file, line: 1, column: 1 };
    report(at, { code: "foreign-export", ...explain("convert/unknown", { file: path.basename(file) }) });
    return undefined;
  }
  const value = toJson(root);
  const agents = readers[found.format](value, read);
  if (agents.length > 0) return { ...found, agents };
  report(root.at, {
    code: "foreign-export",
    message: say("convert/empty", { what: say(`manifest/format-${found.format}`) }),
  });
  return undefined;
}

const readers: {
  readonly [Format in ForeignExport["format"]]: (root: Json, read: ReadBeside) => readonly ForeignAgent[];
} = {
  Dify: readDify,
  FastGPT: readFastGpt,
  Bisheng: readBisheng,
  OpenAgentPack: readOpenAgentPack,
};
