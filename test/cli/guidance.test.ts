import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createConsole, smallProject } from "./console.ts";

describe("plan --out", () => {
  test("replaces an earlier plan, and what mktemp made, but nothing else", async () => {
    const { sh, write, directory, emulator } = createConsole({ ...smallProject, "empty.json": "" });
    expect((await sh("plan --out empty.json")).code).toBe(0);
    expect((await sh("plan --out empty.json")).code).toBe(0);
    write({
      "cozeform.yaml": "apiVersion: cozeform/v1\nkind: Project\nname: desk\nmanifests: [manifests/*]\n",
    });
    const before = emulator.requests.length;
    expect(await sh("plan --out cozeform.yaml")).toEqual({
      code: 3,
      out: "",
      err: "error: --out: cozeform.yaml already exists and isn't a plan\n  hint: choose another file for --out\n",
    });
    expect(readFileSync(join(directory, "cozeform.yaml"), "utf8")).toContain("kind: Project");
    expect(emulator.requests).toHaveLength(before);
  });

  test("needs a directory that is there", async () => {
    const { sh, directory, emulator } = createConsole(smallProject);
    expect(await sh("plan --out plans/desk.json")).toEqual({
      code: 3,
      out: "",
      err: `error: --out: there is no directory ${join(directory, "plans")}\n  hint: choose another file for --out\n`,
    });
    expect((await sh("plan --out manifests")).err).toBe(
      "error: --out: manifests isn't a file\n  hint: choose another file for --out\n",
    );
    expect(emulator.requests).toEqual([]);
  });

  // Root may write anywhere.
  (process.getuid?.() === 0 ? test.skip : test)("needs a directory that can be written to", async () => {
    const { sh, directory } = createConsole(smallProject);
    mkdirSync(join(directory, "plans"), { mode: 0o500 });
    expect((await sh("plan --out plans/desk.json")).err).toBe(
      `error: --out: ${join(directory, "plans")} can't be written to\n  hint: choose another file for --out\n`,
    );
  });
});

test("where nothing was made there is nothing to destroy", async () => {
  const { sh } = createConsole(smallProject);
  const head = "Environment default at https://api.coze.cn, with environment variable COZE_API_TOKEN\n\n";
  const empty = `${head}Nothing to destroy. The state of default is empty.\n`;
  expect(await sh("plan --destroy")).toEqual({ code: 0, out: empty, err: "" });
  expect(await sh("destroy --auto-approve")).toEqual({ code: 0, out: empty, err: "" });
  expect((await sh("destroy --auto-approve --emulator")).out).toBe(
    "Environment default on the embedded emulator\n\nNothing to destroy. The state of default (emulator) is empty.\n",
  );
});

test("a plan for another place says how to get there", async () => {
  const { sh, write } = createConsole(smallProject);
  write({
    "cozeform.yaml": `\
apiVersion: cozeform/v1
kind: Project
name: desk
manifests: [manifests/*.yaml]
environments: {dev: {}, prod: {}}
default_environment: dev
`,
  });
  await sh("plan --emulator --out emulated.json");
  await sh("plan --out real.json");
  const err = async (line: string) => (await sh(line)).err;
  expect(await err("apply emulated.json")).toBe(`\
error: the plan is for dev at the emulator, but this run is for dev at https://api.coze.cn
  hint: pass --emulator
`);
  expect(await err("apply real.json --emulator")).toBe(`\
error: the plan is for dev at https://api.coze.cn, but this run is for dev at the emulator
  hint: remove --emulator
`);
  expect(await err("apply real.json -e prod")).toBe(`\
error: the plan is for dev at https://api.coze.cn, but this run is for prod at https://api.coze.cn
  hint: pass -e dev
`);
  expect(await err("apply real.json --endpoint https://api.coze.com")).toBe(`\
error: the plan is for dev at https://api.coze.cn, but this run is for dev at https://api.coze.com
  hint: pass --endpoint https://api.coze.cn
`);
  expect((await sh("apply real.json")).code).toBe(0);
});

test("a name that isn't the environment's is refused, given or typed", async () => {
  const { sh, emulator } = createConsole({
    ...smallProject,
    "cozeform.yaml": `\
apiVersion: cozeform/v1
kind: Project
name: desk
manifests: [manifests/*.yaml]
environments: {prod: {protect: true}, dev: {}}
`,
  });
  const given = await sh("apply -e prod --auto-approve --confirm-environment prd");
  expect({ code: given.code, err: given.err }).toEqual({
    code: 1,
    err: `\
error: --confirm-environment: prd isn't the environment's name. Nothing was changed.
  hint: the environment is prod; to confirm it, pass --confirm-environment prod
`,
  });
  expect((await sh("apply -e dev --auto-approve --confirm-environment prod")).code).toBe(1);
  const typed = await sh("apply -e prod --no-color", { typed: "prd\n" });
  expect({ code: typed.code, err: typed.err }).toEqual({
    code: 1,
    err: `
Environment prod is protected. Type its name to apply these changes: error: prd isn't the environment's name, which is prod. Nothing was changed.
`,
  });
  expect(emulator.requests.filter(({ writes }) => writes)).toEqual([]);
});

test("at a terminal a slip of the pen is told in lines that fit", async () => {
  const { sh } = createConsole(smallProject);
  const { code, err } = await sh("apply --timeout tomorrow --no-color", { typed: "" });
  expect({ code, err }).toEqual({
    code: 3,
    err: `\
error: option '--timeout <duration>' argument 'tomorrow' is invalid
  hint: write a duration, such as 30m, 90s or 1h30m
`,
  });
  const long = await sh("plan --format html --endpoint nowhere-in-particular --no-color", { typed: "" });
  expect(long.err).toBe(`\
error: option '--endpoint <url>' argument 'nowhere-in-particular' is invalid
  hint: write a URL, such as https://api.coze.com
`);
  const narrow = await sh("plan --parallelism-of-the-apply-that-follows-this-plan-later=12345 --no-color", {
    typed: "",
  });
  expect(narrow.err).toBe(`\
error: unknown option
        '--parallelism-of-the-apply-that-follows-this-plan-later=12345'
`);
  expect((await sh("state lits --no-color", { typed: "" })).err).toBe(
    "error: unknown command 'lits'\n  hint: did you mean list?\n",
  );
});

test("a target that is misspelt comes with the one that was meant", async () => {
  const { sh } = createConsole(smallProject);
  expect(await sh("plan --target Workspace.dsek")).toEqual({
    code: 3,
    out: "",
    err: "error: Workspace.dsek names no resource of the manifests or the state  hint: did you mean Workspace.desk?\n",
  });
});

describe("state", () => {
  const team = {
    ...smallProject,
    "manifests/team.yaml": `\
apiVersion: cozeform/v1
kind: WorkspaceMember
metadata: {name: team, for_each: {"1000000000000001": admin, "1000000000000002": member}}
spec: {workspace: desk, user_id: "\${each.key}", role: "\${each.value}"}
`,
  };

  test("list tells that there is nothing, and where there is something", async () => {
    const { sh } = createConsole(smallProject);
    expect(await sh("state list")).toEqual({ code: 0, out: "", err: "The state of default is empty.\n" });
    await sh("apply --emulator --auto-approve");
    expect((await sh("state list")).err).toBe(
      "The state of default is empty. The emulator's state has 2 resources: pass --emulator.\n",
    );
    expect((await sh("state list --emulator")).err).toBe("");
    await sh("destroy --emulator --auto-approve");
    await sh("apply --auto-approve");
    expect((await sh("state list --emulator")).err).toBe(
      "The state of default (emulator) is empty. Without --emulator it has 2 resources.\n",
    );
  });

  test.each(["show", "rm"])("%s of what one for_each made lists its members", async (command) => {
    const { sh } = createConsole(team);
    await sh("apply --auto-approve");
    expect(await sh(`state ${command} WorkspaceMember.team`)).toEqual({
      code: 3,
      out: "",
      err: `\
error: WorkspaceMember.team is a for_each of 2 resources
  hint: name one of them: 'WorkspaceMember.team["1000000000000001"]', 'WorkspaceMember.team["1000000000000002"]'
`,
    });
  });
});

describe("a long reading", () => {
  beforeEach(() => {
    // The line is redrawn by the machine's clock, the rest of a command waits on its own.
    jest.useFakeTimers({
      doNotFake: ["Date", "nextTick", "performance", "queueMicrotask", "setImmediate", "setTimeout"],
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const readSlowly = () => {
    const desk = createConsole(smallProject, {
      hooks: {
        before: async () => {
          await desk.clock.sleep(4000);
          jest.advanceTimersByTime(1000);
          return undefined;
        },
      },
    });
    return desk;
  };
  const line = "\r\u001b[2KReading Coze: 0 calls, 4s\r\u001b[2K";

  test("is told on a terminal while it goes on", async () => {
    expect((await readSlowly().sh("plan", { typed: "" })).err).toBe(line);
    const asked = await readSlowly().sh("apply", { typed: "no\n" });
    expect(asked.err.startsWith(`${line}\nApply these changes`)).toBe(true);
  });

  test("is not told without a terminal, or beside JSON", async () => {
    expect((await readSlowly().sh("plan")).err).toBe("");
    expect((await readSlowly().sh("plan --format json", { typed: "" })).err).toBe("");
  });
});
