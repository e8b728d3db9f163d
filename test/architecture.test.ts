import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "@jest/globals";

/** What each folder of src may import of the others; `types` lets types alone through. */
const may: {
  readonly [folder: string]: { readonly values: readonly string[]; readonly types?: readonly string[] };
} = {
  messages: { values: [] },
  core: { values: [] },
  secrets: { values: ["core"] },
  kind: { values: ["core"] },
  lifecycle: { values: ["core", "kind"] },
  coze: { values: ["core"] },
  files: { values: [] },
  content: { values: ["core", "files"] },
  kinds: { values: ["core", "kind", "coze"] },
  manifest: { values: ["core", "secrets", "kind", "files", "content"] },
  plan: { values: ["core", "kind", "lifecycle"] },
  state: { values: ["core", "kind", "files"] },
  engine: { values: ["core", "kind", "lifecycle", "files", "content", "plan", "state"] },
  copies: { values: ["core", "kind", "state", "engine"] },
  promote: { values: ["core", "kind", "lifecycle", "plan", "state", "engine"] },
  export: { values: ["core", "kind", "lifecycle", "manifest"], types: ["engine"] },
  convert: { values: ["core", "kind", "export", "manifest", "secrets"] },
  compare: { values: ["core", "kind"], types: ["plan"] },
  status: { values: ["core", "kind", "plan"], types: ["engine"] },
  report: {
    values: ["core", "kind", "plan"],
    types: ["engine", "promote", "compare", "status", "export", "convert"],
  },
  emulator: { values: ["files"], types: ["coze"] },
  terraform: {
    values: ["core", "secrets", "kind", "lifecycle", "coze", "files", "content", "kinds", "manifest"],
  },
  cdktf: { values: ["core", "secrets", "kind", "kinds", "manifest", "copies", "report", "terraform"] },
  commands: {
    values: [
      "convert",
      "core",
      "secrets",
      "kind",
      "coze",
      "files",
      "kinds",
      "manifest",
      "plan",
      "state",
      "engine",
      "copies",
      "promote",
      "compare",
      "status",
      "export",
      "emulator",
    ],
  },
  cli: {
    values: [
      "core",
      "secrets",
      "coze",
      "files",
      "kinds",
      "plan",
      "state",
      "engine",
      "report",
      "emulator",
      "commands",
    ],
    types: ["manifest", "promote", "compare", "status", "export"],
  },
};

const source = resolve(import.meta.dirname, "../src");
const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);
const importPattern =
  /^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gmu;

function importsOf(file: string): readonly { readonly folder: string; readonly typeOnly: boolean }[] {
  const text = readFileSync(join(source, file), "utf8");
  return [...text.matchAll(importPattern)].flatMap(([, type, atOnce, later]) => {
    const target = atOnce ?? later ?? "";
    const [folder = ""] = relative(source, resolve(dirname(join(source, file)), target)).split("/");
    return folder === ".." || folder.endsWith(".ts") ? [] : [{ folder, typeOnly: type !== undefined }];
  });
}

test("every folder imports only what it may", () => {
  const broken = files.flatMap((file) => {
    const [own = ""] = file.split("/");
    const rule = may[own];
    if (!rule) return file.includes("/") ? [`${file}: no rule for its folder`] : [];
    // Every room may speak; the emulator has Coze's words.
    const allowed = new Set([own, "messages", ...rule.values]);
    const typed = new Set(rule.types);
    return importsOf(file)
      .filter(({ folder, typeOnly }) => !allowed.has(folder) && !(typeOnly && typed.has(folder)))
      .map(({ folder }) => `${file} imports ${folder}`);
  });
  expect(broken).toEqual([]);
});

test("constructs take of the provider what it is, never what it does", () => {
  const taken = files
    .filter((file) => file.startsWith("cdktf/"))
    .flatMap((file) => [
      ...readFileSync(join(source, file), "utf8").matchAll(/"[./]+\/terraform\/([^"]+)"/gu),
    ])
    .map(([, path]) => path);
  const isPure = /^schema\/.+\.ts$/u;
  expect(taken.filter((path) => !isPure.test(path ?? ""))).toEqual([]);
  expect(taken).toContain("schema/provider-schema.ts");
});

test("the provider's schema needs nothing else of the provider, so that dist/ has no more of it", () => {
  const others = files
    .filter((file) => file.startsWith("terraform/schema/"))
    .flatMap((file) => [...readFileSync(join(source, file), "utf8").matchAll(importPattern)])
    .map(([, , atOnce, later]) => atOnce ?? later ?? "")
    .filter((path) => path.startsWith("../") && !path.startsWith("../../"));
  expect(others).toEqual([]);
});

/** The programs, each of which hands to the rest what is the process's own. */
const isProgram = (file: string): boolean => file.startsWith("cli/") || file === "terraform/main.ts";

test("only programs touch the process", () => {
  const touches = /\bprocess\.(argv|env|exit|stdout|stderr|stdin|on)\b|\bconsole\./u;
  const found = files.filter(
    (file) => !isProgram(file) && touches.test(readFileSync(join(source, file), "utf8")),
  );
  expect(found).toEqual([]);
});

test("plan reads no clock, file, network or chance", () => {
  const impure =
    /\b(Date\.now|new Date\(|Math\.random|performance\.now)|from "node:(fs|net|http|https|os|child_process)/u;
  const found = files.filter(
    (file) => file.startsWith("plan/") && impure.test(readFileSync(join(source, file), "utf8")),
  );
  expect(found).toEqual([]);
});
