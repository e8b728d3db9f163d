import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { describeOwnProcess, type LockHolder } from "../../src/state/lock-holder.ts";
import { createStateServer } from "../support/state-server.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";
import { createConsole, smallManifests, smallProject } from "./console.ts";

const elsewhere: Partial<LockHolder> = {
  id: "4f1c",
  pid: 7,
  host: "build-3",
  user: "li",
  since: "2030-01-02T03:04:05Z",
  command: "cozeform apply",
};
const told = "the state is locked by cozeform apply of li on build-3 (process 7), since 2030-01-02T03:04:05Z";
const hint =
  "wait until that run ends; if it is no longer running on build-3, run cozeform state unlock 4f1c -e dev";

const projectFile = (state = "") =>
  `apiVersion: cozeform/v1\nkind: Project\nname: desk\nenvironments: {dev: {${state}}, other: {}}\n`;

/** A project with a state, whose lock another run takes, and gives back while the first long pause of a run lasts. */
async function openLocked() {
  const time = createVirtualClock();
  const server = createStateServer();
  let longPause = Number.POSITIVE_INFINITY;
  const clock = {
    now: time.now,
    async sleep(ms: number) {
      await time.sleep(ms);
      if (ms >= longPause) writeFileSync(lock, JSON.stringify({ ...describeOwnProcess("x"), pid: 2 ** 30 }));
    },
  };
  const desk = createConsole(
    { ...smallProject, "cozeform.yaml": projectFile() },
    {},
    {
      clock,
      async fetch(input, init) {
        const request = new Request(input, init);
        const { host, pathname, search } = new URL(request.url);
        if (host === "states.example") return server.fetch(request);
        return desk.emulator.fetch(new Request(`http://127.0.0.1${pathname}${search}`, request));
      },
    },
  );
  const lock = join(desk.directory, ".cozeform", "dev.lock");
  await desk.sh("apply -e dev --auto-approve");
  const state = readFileSync(join(desk.directory, ".cozeform", "dev.state.json"), "utf8");
  return {
    ...desk,
    state: JSON.parse(state),
    lock,
    take(freedIn = Number.POSITIVE_INFINITY) {
      longPause = freedIn;
      writeFileSync(lock, JSON.stringify(elsewhere));
    },
  };
}

type Locked = Awaited<ReturnType<typeof openLocked>>;

const push = ({ write, state }: Locked) => {
  write({ "next.json": JSON.stringify({ ...state, serial: state.serial + 1, files: {} }) });
  return "state push next.json";
};
const migrate = ({ write }: Locked) => {
  write({ "cozeform.yaml": projectFile('state: {http: {address: "https://states.example/dev"}}') });
  return "state migrate";
};
const importing = async ({ sh, state }: Locked) => {
  await sh("state rm Dataset.faq -e dev");
  return `import Dataset.faq ${state.resources["Dataset.faq"].id}`;
};
const applying = ({ write }: Locked) => {
  write({ "manifests/desk.yaml": smallManifests.replace("客服}", "客服部}") });
  return "apply --auto-approve";
};
const destroying = async ({ write }: Locked) => {
  write({ "manifests/desk.yaml": "" });
  return "destroy --auto-approve --allow-orphans --confirm-removals 1";
};

const commands: readonly (readonly [string, (desk: Locked) => string | Promise<string>])[] = [
  ["apply", applying],
  ["destroy", destroying],
  ["import", importing],
  ["export", () => "export -w 客服空间 -o . --force"],
  ["promote --retire", () => "promote --retire --auto-approve"],
  ["state mv", () => "state mv Dataset.faq Dataset.help"],
  ["state rm", () => "state rm Dataset.faq"],
  ["state push", push],
  ["state migrate", migrate],
];

test.each(commands)(
  "%s waits for the lock of another run as long as --lock-timeout says",
  async (_, lineOf) => {
    const desk = await openLocked();
    const { sh, clock, take, lock } = desk;
    const env = { COZEFORM_ALLOW_HOSTS: "states.example" };
    const line = `${await lineOf(desk)} -e dev`;
    take();
    const before = clock.now();
    expect(await sh(line, { env })).toEqual({ code: 1, out: "", err: `error: ${told}\n  hint: ${hint}\n` });
    const asked = clock.now() - before;
    const { code, err } = await sh(`${line} --lock-timeout 7s`, { env });
    expect([code, err]).toEqual([1, `${told}; waiting for it\nerror: ${told}\n  hint: ${hint}\n`]);
    expect(clock.now() - before).toBe(2 * asked + 7000);
    take(2000);
    let held: unknown;
    const onOutput = () => {
      held ??= JSON.parse(readFileSync(lock, "utf8")).since;
    };
    const noted = line.startsWith("apply") ? { onOutput } : {};
    expect(await sh(`${line} --lock-timeout 7s`, { env, ...noted })).toMatchObject({
      code: 0,
      err: expect.stringContaining(`${told}; waiting for it\n`),
    });
    // 500, 1000 and 2000 ms: what a run says of its lock begins when it has it.
    if (line.startsWith("apply")) expect(held).toBe(new Date(before + 2 * asked + 7000 + 3500).toISOString());
  },
);

test("the lock of a process that is known to run is released only with --force", async () => {
  const { sh, directory } = createConsole(smallProject);
  mkdirSync(join(directory, ".cozeform"));
  const lock = join(directory, ".cozeform", "default.lock");
  const holder = { ...describeOwnProcess("cozeform apply", 0), id: "4f1c", user: "li" };
  writeFileSync(lock, JSON.stringify(holder));
  const said = `the state is locked by cozeform apply of li on ${hostname()} (process ${process.pid}), since 1970-01-01T00:00:00.000Z`;
  expect(await sh("apply --auto-approve")).toEqual({
    code: 1,
    out: "",
    err: `error: ${said}\n  hint: wait until that run ends; if it is no longer running, run cozeform state unlock 4f1c\n`,
  });
  const refused = await sh("state unlock 4f1c");
  expect(refused).toEqual({
    code: 1,
    out: "",
    err: `\
error: ${lock}: ${said}, and that process is still running on this machine
  hint: wait until it ends, or end it; to release the lock all the same, so that two runs may change the same objects, run cozeform state unlock 4f1c --force
`,
  });
  expect(readFileSync(lock, "utf8")).toBe(JSON.stringify(holder));
  // What is shown for a project's directory can be pasted, too.
  const elsewhere = await sh(`apply ${directory} --auto-approve`);
  expect(elsewhere.err).toContain(`run cozeform state unlock 4f1c ${directory}\n`);
  expect((await sh(`state unlock 4f1c ${directory}`)).err).toContain(`${said}, and that process is still`);
  const [, pasted = ""] = /run cozeform (.*)\n/.exec(refused.err) ?? [];
  expect(await sh(pasted)).toMatchObject({ code: 0, err: "" });
  expect(await sh("apply --auto-approve")).toMatchObject({ code: 0 });
});

test.each([
  ["another machine's", { host: "build-3" }],
  ["another container's", { space: "pid:[1]" }],
  ["a dead process's", { pid: 2 ** 30 }],
])("%s lock is released by its id", async (_, holder: Partial<LockHolder>) => {
  const { sh, directory } = createConsole(smallProject);
  mkdirSync(join(directory, ".cozeform"));
  const left = { ...describeOwnProcess("cozeform apply"), id: "4f1c", ...holder };
  writeFileSync(join(directory, ".cozeform", "default.lock"), JSON.stringify(left));
  expect(await sh("state unlock 4f1c")).toMatchObject({ code: 0, err: "" });
});
