import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import type { OwnSchema } from "../core/compile-schema.ts";
import { type Diagnostic, InvalidInput } from "../core/diagnostic.ts";
import { describeReason, systemCodeOf } from "../core/system-error.ts";
import { readFileGuarded, UnfitFile } from "../files/guarded-reading.ts";
import { findWorkTree, isBelow, realOfNearest } from "../files/project-paths.ts";
import { type Explained, explain, say } from "../messages/text.ts";
import type { Env, UserConfig } from "./trust.ts";

/** The path of the user's configuration, below `XDG_CONFIG_HOME` or `~/.config`. */
function locateUserConfig(env: Env): string {
  const { XDG_CONFIG_HOME: base } = env;
  const folder = base && isAbsolute(base) ? base : join(env.HOME || homedir(), ".config");
  return join(folder, "cozeform", "config.yaml");
}

/**
 * Reads the user's configuration; undefined when there is none. Throws {@link InvalidInput} when it is invalid, or when
 * it is in the repository of the `project`, where a pull request could change it.
 */
export async function readUserConfig(env: Env, project: string): Promise<UserConfig | undefined> {
  const file = locateUserConfig(env);
  let text: string;
  try {
    text = readFileGuarded(file, { most: 2 ** 20, links: "follow" }).toString();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(error))) return undefined;
    const reason =
      error instanceof UnfitFile ? say("common/it-is", { what: error.what }) : describeReason(error);
    throw refuse(explain("commands/config-unreadable", { file, reason }));
  }
  const tree = findWorkTree(project) ?? realOfNearest(project);
  if (isBelow(realpathSync(file), tree) || isBelow(realpathSync(dirname(file)), tree)) {
    throw refuse(explain("commands/config-in-project", { file }));
  }
  return await parseUserConfig(file, text);
}

/** The schema of the user's configuration. */
export function configSchema(): OwnSchema {
  const text = { type: "string", minLength: 1, expected: say("commands/expected-text") };
  const texts = { type: "array", items: text, expected: say("commands/expected-list") };
  return {
    $id: "user-config",
    type: "object",
    properties: {
      allow_hosts: texts,
      allow_env: texts,
      allow_read: texts,
      allow_write: texts,
      lang: { enum: ["zh", "en"], expected: say("commands/expected-language") },
    },
    additionalProperties: false,
    expected: say("commands/expected-map"),
  };
}

async function parseUserConfig(file: string, text: string): Promise<UserConfig> {
  // Most runs have no such file, and loading the parser takes time.
  const { collectDiagnostics } = await import("../manifest/collected-problems.ts");
  const { parseYaml } = await import("../manifest/yaml/parse.ts");
  const { createValidator } = await import("../manifest/schema/validate.ts");
  const { toJson } = await import("../manifest/yaml/source-tree.ts");
  const { report, diagnostics } = collectDiagnostics();
  const [first] = parseYaml(file, text, report);
  if (first && !first.damaged) createValidator("user-config", configSchema)(first.root, report);
  const found: readonly Diagnostic[] = [...diagnostics];
  if (found.length > 0) throw new InvalidInput(found, new Map([[file, text]]));
  return first ? (toJson(first.root) as UserConfig) : {};
}

const refuse = (problem: Explained): InvalidInput =>
  new InvalidInput([{ code: "bad-trust", severity: "error", ...problem }]);
