import path from "node:path";
import type { OwnSchema } from "../core/compile-schema.ts";
import { suggest } from "../core/suggestions.ts";
import { type AppOptions, permissionPoints, readPublicKey } from "../emulator/index.ts";
import type { Report } from "../manifest/problems.ts";
import { openFiles, type ProjectFiles } from "../manifest/project/readable-files.ts";
import { createValidator } from "../manifest/schema/validate.ts";
import { type Mapping, type SourceNode, textOf, valueAt } from "../manifest/yaml/source-tree.ts";
import { explain, say } from "../messages/text.ts";
import { readOptionFile } from "./option-file.ts";

/** The schema of a file of an OAuth app. */
export function appFileSchema(): OwnSchema {
  const text = { type: "string", minLength: 1, expected: say("commands/expected-text") };
  const texts = { type: "array", items: text, expected: say("commands/expected-list") };
  return {
    $id: "oauth-app",
    type: "object",
    properties: {
      app_id: text,
      name: text,
      key_id: text,
      public_key: {
        type: "object",
        properties: { file: text },
        required: ["file"],
        additionalProperties: false,
        expected: say("commands/expected-public-key"),
      },
      kind: { enum: ["service", "privileged"], expected: say("commands/expected-kind") },
      organization_id: text,
      enterprise_id: text,
      permissions: texts,
      workspaces: texts,
    },
    required: ["app_id", "key_id", "public_key"],
    additionalProperties: false,
    expected: say("commands/expected-map"),
  };
}

/**
 * Reads an OAuth app for the emulator from a file, YAML or JSON. Throws {@link InvalidInput} with all its problems and
 * their locations. `file` is the file's name in messages.
 */
export async function readAppFile(location: string, file = location): Promise<AppOptions> {
  let publicKey = "";
  const { value } = await readOptionFile<AppOptions>(location, {
    file,
    notMap: explain("commands/app-not-map"),
    second: explain("commands/app-second"),
    check: async (root, report) => {
      const files = openFiles(path.dirname(location), { chosen: true });
      publicKey = (await check(root, files, report)) ?? "";
    },
  });
  // The file names the key's file instead of the key.
  return { ...value, public_key: publicKey };
}

/** Reports the file's problems and returns the text of the public key. */
async function check(root: Mapping, files: ProjectFiles, report: Report): Promise<string | undefined> {
  createValidator("oauth-app", appFileSchema)(root, report);
  checkPermissions(valueAt(root, "permissions"), report);
  const place = valueAt(valueAt(root, "public_key"), "file");
  const file = textOf(place);
  if (!place || file === undefined) return undefined;
  const read = await files.readText(file);
  if ("complaint" in read) {
    const { code, hint } = read.complaint;
    const isMissing = code === "missing-file";
    report(place.at, { ...read.complaint, hint: isMissing ? say("commands/app-key-missing") : hint });
    return undefined;
  }
  const key = readPublicKey(read.value);
  if (!("problem" in key)) return read.value;
  const message = say("commands/app-key-invalid", { file, problem: key.problem });
  report(place.at, { code: "malformed", message, hint: key.hint });
  return undefined;
}

function checkPermissions(node: SourceNode | undefined, report: Report): void {
  for (const one of node?.type === "list" ? node.items : []) {
    const point = textOf(one);
    if (point === undefined || permissionPoints.has(point)) continue;
    const problem = explain("commands/permission-unknown", {
      permission: JSON.stringify(point),
      known: [...permissionPoints].join(", "),
    });
    const word = suggest(point, permissionPoints);
    const hint = word === undefined ? problem.hint : say("common/did-you-mean", { word });
    report(one.at, { code: "unknown-word", ...problem, hint });
  }
}
