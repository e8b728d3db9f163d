import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createStateServer } from "../support/state-server.ts";
import { createConsole, smallProject } from "./console.ts";

const kept = (directory: string, name = "") => join(directory, ".cozeform", name);

const deskWithBot = `\
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk}
spec: {name: 客服空间, description: 客服}
---
apiVersion: cozeform/v1
kind: Bot
metadata: {name: desk}
spec: {workspace: desk, name: 助手, prompt: 帮助客户, model: {id: "1706077826"}}
`;

test("what can't be written down is told once, and nothing is done at Coze", async () => {
  const fill = (): undefined => {
    const journal = kept(console.directory, "default.journal");
    if (!lstatSync(journal, { throwIfNoEntry: false })) symlinkSync("/dev/full", journal);
  };
  // Once Coze is looked at, the journal of an earlier run was read.
  const console = createConsole(smallProject, { hooks: { before: fill } });
  const { sh, directory, emulator } = console;
  const { code, err } = await sh("apply --auto-approve");
  expect({ code, err }).toEqual({
    code: 1,
    err: `\
error: ${kept(directory, "default.journal")}: the state can't be written: it is a link, not a file
  hint: move it away
`,
  });
  expect(emulator.requests.filter(({ writes }) => writes)).toEqual([]);
  expect(readdirSync(kept(directory))).not.toContain("default.lock");
});

test("a plan works where its cache can't be read or written, and says what that costs", async () => {
  const { sh, directory } = createConsole(smallProject);
  const cache = kept(directory, "default.cache.json");
  mkdirSync(cache, { recursive: true });
  const err = `warning: ${cache} is a directory; it is ignored: this plan reads every object  hint: remove it\n`;
  expect(await sh("plan --detailed-exitcode")).toMatchObject({ code: 2, err });
  expect(await sh("plan --refresh none --detailed-exitcode")).toMatchObject({ code: 2, err: "" });
});

const cacheDamages: readonly (readonly [what: string, damage: (text: string) => string, said: string])[] = [
  ["empty", () => "", "line 1, column 1: it isn't valid JSON: JSON value expected but reached end of input"],
  ["cut", (text) => text.slice(0, 9), "line 1, column 10: it isn't valid JSON: "],
  ["a list", () => "[]", "it isn't an object"],
  [
    "of wrong types",
    (text) => text.replace(/"revision":\d+/, '"revision":"5"'),
    "Bot.desk must have a text id, a number revision and a text digest",
  ],
];

test.each(cacheDamages)(
  "a cache that is %s is told once, and the plan is the same",
  async (_, damage, said) => {
    const { sh, directory, clock } = createConsole({ "manifests/bot.yaml": deskWithBot });
    await sh("apply --auto-approve");
    await clock.sleep(60_000);
    expect(await sh("plan --detailed-exitcode")).toMatchObject({ code: 0, err: "" });
    const cache = kept(directory, "default.cache.json");
    const text = readFileSync(cache, "utf8");
    for (const line of ["plan --detailed-exitcode", "apply --auto-approve"]) {
      writeFileSync(cache, damage(text));
      const { code, err } = await sh(line);
      expect([code, err.startsWith(`warning: ${cache} is damaged (${said}`)]).toEqual([0, true]);
      expect(err.split("damaged")).toHaveLength(2);
      expect(err).toMatch(/\); it is ignored and rewritten: this plan reads every object\n$/);
      expect(readFileSync(cache, "utf8")).toBe(text);
      expect(await sh("plan --detailed-exitcode")).toMatchObject({ code: 0, err: "" });
    }
  },
);

test("a lock of another machine says who, since when and what to do", async () => {
  const { sh, directory, emulator } = createConsole(smallProject);
  mkdirSync(kept(directory));
  const lock = kept(directory, "default.lock");
  const holder = {
    pid: 7,
    host: "build-3",
    user: "li",
    since: "2030-01-02T03:04:05Z",
    command: "cozeform apply",
  };
  writeFileSync(lock, JSON.stringify(holder));
  expect(await sh("apply --auto-approve")).toEqual({
    code: 1,
    out: "",
    err: `\
error: the state is locked by cozeform apply of li on build-3 (process 7), since 2030-01-02T03:04:05Z
  hint: wait until that run ends; if it is no longer running on build-3, remove ${lock}
`,
  });
  expect(emulator.requests).toEqual([]);
});

const onLinux = process.platform === "linux" ? test : test.skip;

onLinux(
  "a lock of another start that isn't known to be this machine's is left, with what to check",
  async () => {
    const { sh, directory, emulator } = createConsole(smallProject);
    mkdirSync(kept(directory));
    const lock = kept(directory, "default.lock");
    const holder = {
      pid: 7,
      host: hostname(),
      user: "li",
      since: "2030-01-02T03:04:05Z",
      command: "cozeform apply",
      boot: "6d0f1f9e-3a43-4b0e-9a44-0d8f0e7c2b11",
      space: "pid:[4026531836]",
    };
    writeFileSync(lock, JSON.stringify(holder));
    expect(await sh("apply --auto-approve")).toEqual({
      code: 1,
      out: "",
      err: `\
error: the state is locked by cozeform apply of li on ${hostname()} (process 7), since 2030-01-02T03:04:05Z
  hint: check that ${hostname()} is the name of this machine, and that the lock was taken before this machine started or on another machine of that name; if no cozeform is running on this directory anywhere, remove ${lock}
`,
    });
    expect(readFileSync(lock, "utf8")).toBe(JSON.stringify(holder));
    expect(emulator.requests).toEqual([]);
  },
);

test("a damaged state is told with its place, and no command changes it or asks Coze", async () => {
  const { sh, directory, emulator } = createConsole(smallProject);
  await sh("apply --auto-approve");
  const file = kept(directory, "default.state.json");
  const damaged = readFileSync(file, "utf8").replace('"status": "ready"', '"status": "done"');
  writeFileSync(file, damaged);
  const before = emulator.requests.length;
  const err = `\
error: ${file}:9:17: the state file is damaged: resources.Dataset.faq.status must be one of ready, incomplete, pending, tainted, unknown
  hint: restore the file from version control or a backup
`;
  for (const line of [
    "plan",
    "apply --auto-approve",
    "destroy --auto-approve",
    "state list",
    "state rm Dataset.faq",
  ]) {
    expect(await sh(line)).toEqual({ code: 1, out: "", err });
  }
  expect(readFileSync(file, "utf8")).toBe(damaged);
  expect(emulator.requests).toHaveLength(before);
});

test("a state file that is older than the one that the directory has seen is refused, with the way back", async () => {
  const { sh, directory, emulator, write } = createConsole(smallProject);
  const file = kept(directory, "default.state.json");
  await sh("apply --auto-approve");
  const older = readFileSync(file, "utf8");
  write({ "manifests/more.yaml": deskWithBot.slice(deskWithBot.indexOf("---") + 4) });
  expect(await sh("apply --auto-approve")).toMatchObject({ code: 0 });
  const newer = readFileSync(file, "utf8");
  writeFileSync(file, older);
  const before = emulator.requests.length;
  const seen = kept(directory, "default.seen.cache.json");
  const err = `\
error: ${file}: the state file is older than the one that this directory saw last: it has serial ${JSON.parse(older).serial}, that one had ${JSON.parse(newer).serial}
  hint: put the newer file back, for example from git; if this one is there on purpose, remove ${seen}; and keep the state where all machines find it (state: in cozeform.yaml, see docs/state.md), not in git
`;
  for (const line of ["plan", "apply --auto-approve", "plan --refresh-only", "destroy --auto-approve"]) {
    expect(await sh(line)).toEqual({ code: 1, out: "", err });
  }
  expect(emulator.requests).toHaveLength(before);
  // A newer one that another machine has saved is fine, and remembered from then on.
  const ahead = newer.replace(/"serial": \d+/u, '"serial": 40');
  writeFileSync(file, ahead);
  expect(await sh("plan --detailed-exitcode")).toMatchObject({ code: 0 });
  writeFileSync(file, newer);
  expect((await sh("plan")).err).toContain("that one had 40");
  rmSync(seen);
  expect(await sh("plan --detailed-exitcode")).toMatchObject({ code: 0, err: "" });
  // One that is pushed is there on purpose.
  rmSync(file);
  write({ "older.json": older });
  expect(await sh("state push older.json")).toMatchObject({ code: 0 });
  expect((await sh("plan")).err).not.toContain("saw last");
});

test("a plan that was changed after it was made isn't applied", async () => {
  const { sh, directory, emulator } = createConsole(smallProject);
  await sh("plan --out desk.plan.json");
  const file = join(directory, "desk.plan.json");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll("客服空间", "客户空间"));
  const before = emulator.requests.length;
  const { code, err } = await sh("apply desk.plan.json");
  expect(code).toBe(3);
  expect(err).toMatch(
    /:\d+:\d+ {2}this plan was edited after it was saved, so it isn't the plan that was reviewed {2}hint: plan again/,
  );
  expect(emulator.requests).toHaveLength(before);
});

test("a plan that can't be saved is told with its file, after it was shown", async () => {
  const { sh, directory } = createConsole(smallProject);
  // There is room for this name, but not for that of the draft beside it.
  const name = `${"p".repeat(249)}.json`;
  const { code, out, err } = await sh(`plan --out ${name}`);
  expect(out).toContain("Plan: 2 to create");
  expect({ code, err }).toEqual({
    code: 1,
    err: `\
error: ${join(directory, name)}: the plan can't be saved: the name is too long
  hint: free some space, or choose another file for --out
`,
  });
  expect(readdirSync(directory)).not.toContain(name);
});

test("one object under two addresses, or of an unknown kind, is told before Coze is asked; state rm mends it", async () => {
  const { sh, directory, emulator } = createConsole(smallProject);
  await sh("apply --auto-approve");
  const file = kept(directory, "default.state.json");
  const state = JSON.parse(readFileSync(file, "utf8"));
  const { "Dataset.faq": faq, ...others } = state.resources;
  const resources = {
    "Dataset.faq": faq,
    "Dataset.old": faq,
    "Skill.x": { ...faq, kind: "Skill" },
    ...others,
  };
  writeFileSync(file, JSON.stringify({ ...state, resources }));
  const before = emulator.requests.length;
  const { code, err } = await sh("plan");
  expect(code).toBe(3);
  expect(err.replaceAll(faq.id, "ID")).toBe(`\
error: the state holds Skill.x, of a kind that this version of cozeform doesn't know  hint: upgrade cozeform, or remove it from the state: cozeform state rm Skill.x
error: the state holds the object ID under two addresses, Dataset.faq and Dataset.old  hint: remove the wrong one from the state: cozeform state rm Dataset.old
2 errors
`);
  expect(emulator.requests).toHaveLength(before);
  expect((await sh("state rm Dataset.old Skill.x")).code).toBe(0);
  expect((await sh("plan --detailed-exitcode")).code).toBe(0);
});

test("a second interruption ends the run although the place of its state answers no more", async () => {
  const server = createStateServer();
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  server.intercept = async ({ method }) => {
    if (method === "UNLOCK") await ended;
    return undefined;
  };
  let interrupt = (): void => {};
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (new URL(request.url).host === "git.example") return server.fetch(request);
    if (request.method === "GET") return Response.json({ data: { workspaces: [], total_count: 0 } });
    interrupt();
    interrupt();
    await ended;
    return Response.json({ code: 4000, msg: "ended" });
  };
  const state = "apiVersion: cozeform/v1\nkind: Project\nenvironments:\n  dev:\n    state: {http: {}}\n";
  const console = createConsole({ ...smallProject, "cozeform.yaml": state }, {}, { fetch });
  interrupt = console.interrupt;
  const env = { TF_HTTP_ADDRESS: "https://git.example/state" };
  const { code, err } = await console.sh("apply --auto-approve", { env });
  expect(code).toBe(130);
  expect(err).toContain("Press Ctrl-C again to stop now.");
  expect(server.locks.size).toBe(1);
  end();
});
