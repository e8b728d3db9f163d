import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { initProject, starterFiles } from "../../src/commands/init.ts";
import { describePackageSource } from "../../src/commands/package-source.ts";
import { version } from "../../src/core/version.ts";
import { makeScratch } from "../support/scratch.ts";

const templates = resolve(import.meta.dirname, "../../templates");

const filesBelow = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));

test.each([
  ["init", false],
  ["init-cdktf", true],
])("every file of the template %s becomes a file of the project", (folder, cdktf) => {
  const stored = filesBelow(join(templates, folder)).map((file) => file.replaceAll(/(?<=^|\/)dot-/gu, "."));
  const written = Object.keys(starterFiles("desk", { cdktf })).filter((file) => !file.startsWith("schemas/"));
  expect(written.toSorted()).toEqual(stored.toSorted());
});

test("init writes its templates byte for byte, with the project's name in its place", async () => {
  const project = makeScratch();
  const name = 'a "desk" $& {{name}} 客服';
  for (const file of await initProject(project, { name })) {
    if (file.startsWith("schemas/")) continue;
    const stored = join(templates, "init", file.replaceAll(/(?<=^|\/)\./gu, "dot-"));
    const [before = "", ...after] = readFileSync(stored, "utf8").split('"{{name}}"');
    expect(readFileSync(join(project, file), "utf8")).toBe(
      [before, ...after.map((text) => JSON.stringify(name) + text)].join(""),
    );
  }
  expect(parse(readFileSync(join(project, "cozeform.yaml"), "utf8")).name).toBe(name);
});

/** The folder of an installed package, where npm notes what it resolved it to. */
function installedFrom(resolved: string, parts: object = {}): string {
  const modules = join(makeScratch(), "node_modules");
  mkdirSync(join(modules, "cozeform"), { recursive: true });
  const packages = { "node_modules/cozeform": { version, resolved, ...parts } };
  writeFileSync(join(modules, ".package-lock.json"), JSON.stringify({ packages }));
  return join(modules, "cozeform");
}

test("a project for CDKTF gets cozeform from where it runs, until a registry has it", () => {
  const clone = join(makeScratch(), "cozeform");
  const project = join(makeScratch(), "infra", "desk");
  expect(describePackageSource(project, clone)).toBe(`file:${clone}`);
  expect(describePackageSource(join(clone, "..", "desk"), clone)).toBe("file:../cozeform");
  expect(describePackageSource(join(clone, "desk"), clone)).toBe("file:..");
  const packed = installedFrom("file:../cozeform-0.1.0.tgz");
  expect(describePackageSource(join(packed, "../../desk"), packed)).toBe("file:../node_modules/cozeform");
  expect(describePackageSource(project, packed)).toBe(`file:${packed}`);
  const linked = installedFrom("https://packages.example/cozeform", { link: true });
  expect(describePackageSource(project, linked)).toBe(`file:${linked}`);
  const published = installedFrom(`https://packages.example/cozeform/-/cozeform-${version}.tgz`);
  expect(describePackageSource(project, published)).toBe(`^${version}`);
});

test("a project for CDKTF needs this version of cozeform", () => {
  const { "package.json": text = "" } = starterFiles("desk", { cdktf: true });
  expect(JSON.parse(text)).toMatchObject({ name: "desk", dependencies: { cozeform: `^${version}` } });
});

test("editors know the schema of every document, by its first lines and by the settings", async () => {
  const project = makeScratch();
  const files = await initProject(project);
  const manifests = files.filter((file) => file.startsWith("manifests/"));
  const modeline = /^# yaml-language-server: \$schema=(\S+)$/u;
  for (const file of ["cozeform.yaml", ...manifests]) {
    for (const document of readFileSync(join(project, file), "utf8").split(/^---\n/mu)) {
      const [, schema = ""] = modeline.exec(document.split("\n")[0] ?? "") ?? [];
      expect(Object.keys(starterFiles("x"))).toContain(join(dirname(file), schema));
    }
  }
  const settings = JSON.parse(readFileSync(join(project, ".vscode/settings.json"), "utf8"));
  expect(settings["yaml.schemas"]).toEqual({
    "schemas/project.schema.json": "cozeform.yaml",
    "schemas/manifest.schema.json": ["manifests/**/*.yaml", "manifests/**/*.yml"],
  });
});

test("the schema that the settings name takes the fields of each document's own kind", () => {
  const { "schemas/manifest.schema.json": text = "" } = starterFiles("x");
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(text));
  const manifest = (kind: string, spec: object) => ({
    apiVersion: "cozeform/v1",
    kind,
    metadata: { name: "x" },
    spec,
  });
  const bot = { workspace: "desk", name: "助手", prompt: "x" };
  const dataset = { workspace: "desk", name: "资料", format: "text" };
  expect([manifest("Bot", bot), manifest("Dataset", dataset)].map((one) => validate(one))).toEqual([
    true,
    true,
  ]);
  expect([manifest("Bot", dataset), manifest("Dataset", bot)].map((one) => validate(one))).toEqual([
    false,
    false,
  ]);
});

test("existing settings of an editor are kept", async () => {
  const project = makeScratch();
  mkdirSync(join(project, ".vscode"));
  const own = '{\n  // mine\n  "editor.tabSize": 2,\n}\n';
  writeFileSync(join(project, ".vscode/settings.json"), own);
  expect(await initProject(project)).not.toContain(".vscode/settings.json");
  expect(readFileSync(join(project, ".vscode/settings.json"), "utf8")).toBe(own);
});
