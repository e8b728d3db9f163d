import path from "node:path";
import { suggest } from "../core/suggestions.ts";
import { type AppOptions, permissionPoints, readPublicKey } from "../emulator/index.ts";
import type { Report } from "../manifest/problems.ts";
import { openFiles, type ProjectFiles } from "../manifest/project/readable-files.ts";
import { createValidator } from "../manifest/schema/validate.ts";
import { type SourceNode, textOf, valueAt } from "../manifest/yaml/source-tree.ts";
import { readOptionFile } from "./option-file.ts";

const text = { type: "string", minLength: 1, expected: "a text" };
const texts = { type: "array", items: text, expected: "a list of texts" };

const validate = createValidator({
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
      expected: "a map that says {file: public.pem}",
    },
    kind: { enum: ["service", "privileged"], expected: "service or privileged" },
    organization_id: text,
    enterprise_id: text,
    permissions: texts,
    workspaces: texts,
  },
  required: ["app_id", "key_id", "public_key"],
  additionalProperties: false,
  expected: "a map",
});

/**
 * Reads an OAuth app for the emulator from a file, YAML or JSON. Throws {@link InvalidInput} with all its problems and
 * their locations. `file` is the file's name in messages.
 */
export async function readAppFile(location: string, file = location): Promise<AppOptions> {
  let publicKey = "";
  const { value } = await readOptionFile<AppOptions>(location, {
    file,
    second: {
      message: "a file describes one OAuth app",
      hint: "put it into a file of its own and give --oauth-app twice",
    },
    reportEmpty: reportNoApp,
    check: async (root, report) => {
      const files = openFiles(path.dirname(location), { chosen: true });
      publicKey = (await check(root, files, report)) ?? "";
    },
  });
  // The file names the key's file instead of the key.
  return { ...value, public_key: publicKey };
}

/** Reports the file's problems and returns the text of the public key. */
async function check(root: SourceNode, files: ProjectFiles, report: Report): Promise<string | undefined> {
  if (root.type !== "map") {
    reportNoApp(root.at, report);
    return undefined;
  }
  validate(root, report);
  checkPermissions(valueAt(root, "permissions"), report);
  const place = valueAt(valueAt(root, "public_key"), "file");
  const file = textOf(place);
  if (!place || file === undefined) return undefined;
  const read = await files.readText(file);
  if ("complaint" in read) {
    const missing = read.complaint.code === "missing-file";
    const hint = missing ? { hint: "its path is relative to the file of the app" } : {};
    report(place.at, { ...read.complaint, ...hint });
    return undefined;
  }
  const key = readPublicKey(read.value);
  if (!("problem" in key)) return read.value;
  report(place.at, { code: "malformed", message: `the key in ${file} ${key.problem}`, hint: key.hint });
  return undefined;
}

function checkPermissions(node: SourceNode | undefined, report: Report): void {
  for (const one of node?.type === "list" ? node.items : []) {
    const point = textOf(one);
    if (point === undefined || permissionPoints.has(point)) continue;
    const message = `no call that the emulator takes needs the permission ${JSON.stringify(point)}`;
    const near = suggest(point, permissionPoints);
    const hint =
      near === undefined
        ? `take it out; known are ${[...permissionPoints].join(", ")}`
        : `did you mean ${near}?`;
    report(one.at, { code: "unknown-word", message, hint });
  }
}

function reportNoApp(at: SourceNode["at"], report: Report): void {
  const hint = "write app_id, key_id and public_key: {file: public.pem}";
  report(at, { code: "wrong-type", message: "a file of an OAuth app is a map", hint });
}
