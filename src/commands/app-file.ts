import path from "node:path";
import { InvalidInput, isError } from "../core/diagnostic.ts";
import { suggest } from "../core/suggestions.ts";
import { type AppOptions, permissionPoints, readPublicKey } from "../emulator/index.ts";
import { collectDiagnostics, type Report } from "../manifest/diagnostic-codes.ts";
import { openFiles, type ProjectFiles } from "../manifest/project/readable-files.ts";
import { createValidator } from "../manifest/schema/validate.ts";
import { openSources } from "../manifest/yaml/source-texts.ts";
import { type SourceNode, textOf, toJson, valueAt } from "../manifest/yaml/source-tree.ts";
import { requireFile } from "./option-file.ts";

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
 * Reads an OAuth app for the emulator from a file, YAML or JSON; throws {@link InvalidInput} with every problem in
 * it, each at its place. `file` is what it is called in them, beside where it is.
 */
export async function readAppFile(location: string, file = location): Promise<AppOptions> {
  await requireFile(location, file);
  const { report: collect, diagnostics } = collectDiagnostics();
  const report: Report = (at, complaint) => collect(at && { ...at, file }, complaint);
  const name = path.basename(location);
  const files = openFiles(path.dirname(location), { chosen: true });
  const sources = openSources(files, report);
  const [first, second] = await sources.read(name);
  if (second) {
    const hint = "put it into a file of its own and give --oauth-app twice";
    report(second.root.at, { code: "malformed", message: "a file describes one OAuth app", hint });
  }
  if (!first && sources.texts.has(name)) reportNoApp({ file, line: 1, column: 1 }, report);
  const key = first && !first.damaged ? await check(first.root, files, report) : undefined;
  const found = [...diagnostics];
  if (!first || key === undefined || found.some(isError)) {
    throw new InvalidInput(found, new Map([...sources.texts.values()].map((one) => [file, one])));
  }
  // The schema has made sure.
  return { ...(toJson(first.root) as unknown as AppOptions), public_key: key };
}

/** Reports what is wrong; gives the text of the public key. */
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
