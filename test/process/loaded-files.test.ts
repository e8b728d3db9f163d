import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";
import type { Command } from "commander";
import { buildProgram } from "../../src/cli/program.ts";
import { version } from "../../src/core/version.ts";
import { createConsole } from "../cli/console.ts";
import { executable } from "../support/process.ts";
import { makeScratch } from "../support/scratch.ts";

const root = resolve(import.meta.dirname, "../..");
const scratch = makeScratch();

/** Writes the names of the loaded files of the command to a file at the end of the process. */
const hook = join(scratch, "loaded.cjs");
const list = join(scratch, "loaded.json");
writeFileSync(
  hook,
  `process.on("exit", () => {
  const files = Object.keys(require.cache).filter((file) => file.startsWith(${JSON.stringify(resolve(executable, ".."))}));
  require("node:fs").writeFileSync(${JSON.stringify(list)}, JSON.stringify(files));
});`,
);

const script = JSON.stringify(pathToFileURL(join(root, "scripts/bundle-command.js")).href);

/** The sources in each file of the command, and those that are loaded with each part of it. */
const { files, parts }: Readonly<Record<"files" | "parts", Readonly<Record<string, readonly string[]>>>> =
  JSON.parse(
    execFileSync(
      process.execPath,
      [
        "--input-type=module",
        "--eval",
        `const { buildCommand, sourcesOf } = await import(${script});
        const { metafile: { outputs } } = await buildCommand(${JSON.stringify(root)});
        const all = Object.entries(outputs);
        const files = all.map(([file, { inputs }]) => [file.split("/").at(-1), Object.keys(inputs)]);
        const parts = all.flatMap(([file, { entryPoint }]) => entryPoint ? [[entryPoint, [...sourcesOf(outputs, file)]]] : []);
        console.log(JSON.stringify({ files: Object.fromEntries(files), parts: Object.fromEntries(parts) }));`,
      ],
      { encoding: "utf8", maxBuffer: 2 ** 24 },
    ),
  );

/** Runs the built command in an empty directory, without a home; `loaded`: the sources of the files that it loaded. */
function run(...args: readonly string[]) {
  const cwd = makeScratch();
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", hook, executable, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd },
    encoding: "utf8",
  });
  const names: readonly string[] = JSON.parse(readFileSync(list, "utf8"));
  const loaded = names.flatMap((name) => files[basename(name)] ?? [name]);
  return { status, stdout, stderr, loaded: summarize(loaded) };
}

const packagesOf = (loaded: readonly string[]): readonly string[] =>
  [...new Set(loaded.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(file)?.[1] ?? []))].sort();

/** The packages, and the sources outside of the folders that a command line can't do without. */
const summarize = (loaded: readonly string[]) => ({
  packages: packagesOf(loaded),
  others: loaded
    .filter((file) => !/node_modules\/|^src\/(?:cli|core|messages)\/|^programs-later:/u.test(file))
    .sort(),
});

/** Every command and subcommand as it is written, without the hidden one. */
function namesOf(command: Command, before: readonly string[] = []): readonly (readonly string[])[] {
  const shown = command.commands.filter((one) => !one.name().startsWith("_"));
  return [before, ...shown.flatMap((one) => namesOf(one, [...before, one.name()]))];
}

const program = buildProgram(
  () => async () => {},
  {},
  (title) => title,
);

/** What names options, hides secrets and ends the process. */
const start = {
  packages: ["commander", "fastest-levenshtein", "picocolors"],
  others: [
    "src/commands/host.ts",
    "src/commands/provider-source.ts",
    "src/emulator/world/variants.ts",
    "src/report/escape-control.ts",
    "src/report/output-format.ts",
    "src/secrets/detection.ts",
    "src/secrets/redaction.ts",
    "src/secrets/samples.ts",
    "src/secrets/secret-forms.ts",
    "src/state/held-locks.ts",
  ],
};

test("--version loads the start alone", () => {
  expect(run("--version")).toEqual({ status: 0, stdout: `${version}\n`, stderr: "", loaded: start });
});

test.each(namesOf(program).map((words) => [["cozeform", ...words].join(" "), words] as const))(
  "%s --help is that of the sources, and loads the start alone",
  async (_, words) => {
    const { out } = await createConsole().run([...words, "--help"]);
    expect(run(...words, "--help")).toEqual({ status: 0, stdout: out, stderr: "", loaded: start });
  },
);

test("only a command that needs it waits for the compiler of schemas, a server, or what signs and calls through proxies", () => {
  const heavy = ["ajv", "hono", "jose", "undici"];
  const actions = Object.entries(parts).filter(([part]) => part.startsWith("src/cli/actions/"));
  expect(actions.length).toBeGreaterThan(12);
  const waiting = actions.flatMap(([part, sources]) => {
    const found = packagesOf(sources).filter((name) => heavy.includes(name));
    return found.length > 0 ? [[part, ...found]] : [];
  });
  expect(waiting).toEqual([["src/cli/actions/emulator.ts", "hono", "jose"]]);
});

test("validate loads the checks of the kinds that occur, and no check that says what is wrong", () => {
  const project = "apiVersion: cozeform/v1\nkind: Project\nname: one\n";
  const desk =
    "apiVersion: cozeform/v1\nkind: Workspace\nmetadata: {name: desk}\nspec: {name: a, description: b}\n";
  const cwd = makeScratch();
  writeFileSync(join(cwd, "cozeform.yaml"), project);
  mkdirSync(join(cwd, "manifests"));
  writeFileSync(join(cwd, "manifests/desk.yaml"), desk);
  const { stdout } = spawnSync(process.execPath, ["--require", hook, executable, "validate"], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd },
    encoding: "utf8",
  });
  const names: readonly string[] = JSON.parse(readFileSync(list, "utf8"));
  expect({
    stdout,
    checks: names.filter((name) => name.includes("ready-checks")).map((name) => basename(name)),
  }).toEqual({
    stdout: "Valid: 1 resource in environment default.\n",
    checks: ["project-valid.js", "manifest-valid.js", "manifest-valid.Workspace.js"],
  });
});
