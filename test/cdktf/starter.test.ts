import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";
import { initProject, starterFiles } from "../../src/commands/init.ts";
import { installProvider } from "../../src/commands/terraform.ts";
import { createConsole } from "../cli/console.ts";
import { installConstructs } from "../support/constructs.ts";
import { createStrictEmulator } from "../support/emulator.ts";
import { makeScratch } from "../support/scratch.ts";
import { closeAfterwards } from "../support/terraform-directory.ts";
import { startTerraform, terraformTest } from "../support/terraform-process.ts";

const root = resolve(import.meta.dirname, "../..");

async function layOutStarter(): Promise<string> {
  const project = join(makeScratch(), "客服 Desk");
  await initProject(project, { cdktf: true });
  installConstructs(project);
  return project;
}

/** Runs the program as the cdktf command would. */
function synthesize(project: string): string {
  execFileSync(process.execPath, [join(root, "node_modules/jiti/lib/jiti-cli.mjs"), "main.ts"], {
    cwd: project,
    env: { PATH: process.env.PATH, CDKTF_OUTDIR: "cdktf.out" },
  });
  return join(project, "cdktf.out/stacks/desk");
}

test("init --cdktf says what it wrote and what comes next, and overwrites nothing", async () => {
  const { sh, run } = createConsole();
  expect(await sh("init --cdktf desk")).toEqual({
    code: 0,
    out: `Wrote desk/
  package.json
  cdktf.json
  tsconfig.json
  .npmrc
  .gitignore
  main.ts
  prompts/support.md
  knowledge/returns.txt
Next: cozeform terraform install
      cd desk && npm install
      COZE_API_TOKEN=… npx cdktf deploy --skip-provider-lock
`,
    err: "",
  });
  const { code, err } = await sh("init --cdktf desk");
  expect((await run(["init", "--cdktf", "a b's"])).out).toContain("\n      cd 'a b'\\''s' && npm install\n");
  expect([code, err]).toEqual([
    3,
    expect.stringContaining("nothing was written, because these exist already: package.json"),
  ]);
});

test.each([
  ["客服 Desk", "desk"],
  ["客服", "coze"],
  ["desk-客服", "desk"],
  [".hidden", "hidden"],
  ["CDKTF", "cdktf-stack"],
  ["constructs", "constructs-stack"],
  ["node_modules", "node_modules-stack"],
  ["a/../b 'c' \"d\"", "a-..-b-c-d"],
])("a project called %s is the package %s", (project, name) => {
  const { "package.json": text = "" } = starterFiles(project, { cdktf: true });
  expect(JSON.parse(text).name).toBe(name);
});

test("the project compiles, against the declarations that are shipped", async () => {
  const project = await layOutStarter();
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const env = { PATH: process.env.PATH };
  expect(String(execFileSync(process.execPath, [tsc], { cwd: project, env }))).toBe("");
  expect(JSON.parse(readFileSync(join(project, "package.json"), "utf8")).name).toBe("desk");
});

terraformTest(
  "what the project synthesizes is applied, is then as it should be, and is destroyed",
  async () => {
    const emulator = createStrictEmulator();
    const door = await emulator.listen();
    closeAfterwards(() => door.close());
    const project = await layOutStarter();
    const home = makeScratch();
    const machine = { system: process.platform, architecture: process.arch };
    const { plugins } = await installProvider({
      env: { HOME: home },
      machine,
      root: pathToFileURL(`${root}/`),
    });
    const stack = synthesize(project);
    const terraform = (...args: string[]) =>
      startTerraform(stack, args, { COZE_API_BASE: door.url, COZE_API_TOKEN: emulator.token }).ended;
    expect(await terraform("init", `-plugin-dir=${plugins}`)).toMatchObject({ exitCode: 0 });
    const applied = await terraform("apply", "-auto-approve");
    expect(applied.stdout).toContain("Apply complete! Resources: 4 added, 0 changed, 0 destroyed.");
    const [bot] = emulator.world.bots.values();
    expect(bot?.published?.name).toBe("售后助手");
    expect(JSON.stringify(bot?.published)).toContain("只根据知识库回答");
    expect((await terraform("plan", "-detailed-exitcode")).exitCode).toBe(0);
    expect((await terraform("destroy", "-auto-approve")).stdout).toContain("Destroy complete! Resources: 4");
    expect(emulator.world.datasets.size).toBe(0);
  },
);
