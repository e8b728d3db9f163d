import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { expect } from "@jest/globals";
import { createStrictEmulator } from "../support/emulator.ts";
import { postgresTest } from "../support/postgres.ts";
import { readSteps } from "../support/readme.ts";
import { makeScratch } from "../support/scratch.ts";
import { terraform } from "../support/terraform-process.ts";

const root = resolve(import.meta.dirname, "../..");

/** Runs lines in one shell that ends at the first that fails; gives what each wrote. */
async function runInShell(lines: readonly string[], directory: string, env: NodeJS.ProcessEnv) {
  const mark = "=== next ===";
  const script = ["set -euo pipefail", ...lines.flatMap((line) => [line, `echo '${mark}'`])].join("\n");
  const ran = await new Promise<{ out: string; err: string }>((done) => {
    execFile("bash", ["-c", script], { cwd: directory, env }, (_error, out, err) => done({ out, err }));
  });
  const outputs = ran.out.split(`${mark}\n`);
  return { outputs: outputs.slice(0, -1), rest: `${outputs.at(-1)}${ran.err}` };
}

postgresTest("the way of the README, from the installation to the end", async () => {
  const place = makeScratch();
  const directory = join(place, "examples/terraform");
  for (const name of ["terraform", "quickstart"])
    cpSync(join(root, "examples", name), join(place, "examples", name), {
      recursive: true,
      filter: (file) => !/\/\.(terraform|postgres|cozeform)$/u.test(file),
    });
  // The emulator needs no sparing: at Coze's pace each call would take a fifth of a second.
  const versions = join(directory, "versions.tf");
  const text = readFileSync(versions, "utf8");
  writeFileSync(
    versions,
    text.replace('provider "coze" {', 'provider "coze" {\n  requests_per_second = 1000'),
  );
  const bin = join(place, "bin");
  mkdirSync(bin);
  const shim = `#!/bin/sh\nexec '${process.execPath}' '${join(root, "dist/cli/bin.js")}' "$@"\n`;
  writeFileSync(join(bin, "cozeform"), shim, { mode: 0o755 });

  const [first, ...steps] = readSteps(readFileSync(join(directory, "README.md"), "utf8"));
  expect(first?.line).toBe("cozeform emulator --port 8787 --file world.json --token pat_local");
  const emulator = createStrictEmulator({ token: "pat_local" });
  const { url, close } = await emulator.listen();
  const lines = steps.map(({ line }) => line.replace("http://127.0.0.1:8787", url));
  const postgres = join(tmpdir(), `cozeform-postgres-readme-${process.pid}`);
  const env = {
    PATH: [bin, dirname(terraform ?? ""), process.env.PATH].join(delimiter),
    HOME: place,
    POSTGRES_DIR: postgres,
    CHECKPOINT_DISABLE: "1",
    NO_COLOR: "1",
    TF_CLI_ARGS: "-no-color",
    // Nobody is there to say yes.
    TF_CLI_ARGS_apply: "-auto-approve",
    TF_CLI_ARGS_destroy: "-auto-approve",
  };
  try {
    const { outputs, rest } = await runInShell(lines, directory, env);
    expect([outputs.length, rest]).toEqual([steps.length, expect.anything()]);
    for (const [index, { told }] of steps.entries()) {
      const written = outputs[index]?.split("\n") ?? [];
      expect(told.filter((line) => !written.includes(line))).toEqual([]);
    }
    const { world } = emulator;
    const team = [...world.workspaces.values()].filter(({ workspace_type }) => workspace_type === "team");
    expect(team.map(({ name }) => name)).toEqual(["栗树湾客服空间-dev", "栗树湾客服空间"]);
    // What Coze can't delete is left, and answers nobody.
    expect([world.bots.size, world.datasets.size, world.documents.size, world.callbackApps.size]).toEqual([
      4, 0, 0, 0,
    ]);
    expect([...world.bots.values()].map(({ channels }) => channels)).toEqual([{}, {}, {}, {}]);
  } finally {
    await runInShell(["./postgres.sh stop", `rm -rf '${postgres}'`], directory, env);
    await close();
  }
});
