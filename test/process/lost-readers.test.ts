import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { EmulatorOptions } from "../../src/emulator/index.ts";
import { createStrictEmulator } from "../support/emulator.ts";
import { executable, type Run, startCozeform } from "../support/process.ts";
import { manifest, manifests } from "../support/story.ts";

const settings =
  "apiVersion: cozeform/v1\nkind: Project\nname: pipes\nenvironments: {dev: {requests_per_second: 1000}}\n";

/** A workspace with bots that have long prompts: of thirty the plan is larger than any pipe. */
function createProject(bots: number): string {
  const directory = mkdtempSync(join(tmpdir(), "cozeform-pipes-"));
  const names = Array.from({ length: bots }, (_, index) => `b${index}`);
  writeFileSync(join(directory, "cozeform.yaml"), settings);
  writeFileSync(
    join(directory, "desk.yaml"),
    manifests(
      manifest("Workspace", "desk", { name: "客服", description: "客服" }),
      ...names.map((name) =>
        manifest("Bot", name, {
          workspace: "desk",
          name,
          prompt: "帮".repeat(6000),
          publish: { connectors: ["api"] },
        }),
      ),
    ),
  );
  return directory;
}

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function start(...given: Parameters<typeof startCozeform>): Run {
  const run = startCozeform(...given);
  cleanups.push(() => run.child.kill("SIGKILL"));
  return run;
}

/** A project, and an emulator that it is applied to. */
async function openProject(bots: number, hooks: EmulatorOptions["hooks"] = {}) {
  const emulator = createStrictEmulator({ hooks });
  const door = await emulator.listen();
  cleanups.push(() => door.close());
  const directory = createProject(bots);
  return {
    directory,
    url: door.url,
    token: emulator.token,
    bots: () => [...emulator.world.bots.values()].filter(({ published }) => published).length,
    cozeform: (args: readonly string[], options?: Parameters<typeof startCozeform>[2]) =>
      start([...args, "--endpoint", door.url], { COZE_API_TOKEN: emulator.token }, options),
  };
}

/** Goes away once the text has come. */
function leaveAfter(output: Readable | null, text: string): void {
  let read = "";
  output?.on("data", (chunk) => {
    read += String(chunk);
    if (read.includes(text)) output.destroy();
  });
}

const outcome = "apply continued without it. Apply complete: 9 created in [^\n]* API calls\\.\n$";

describe("an apply", () => {
  test.each([
    { moment: "at once", format: "text" },
    { moment: "after the plan's first line", format: "text", text: "+ " },
    { moment: "in the middle of the run", format: "text", text: ": created in" },
    { moment: "in the middle of the run", format: "json", text: '"run-started"' },
  ])(
    "whose reader leaves $moment is finished and says so in one line ($format)",
    async ({ format, text }) => {
      const { directory, bots, cozeform } = await openProject(8);
      const { child, ended } = cozeform(["apply", directory, "--auto-approve", "--format", format]);
      if (text === undefined) child.stdout?.destroy();
      else leaveAfter(child.stdout, text);
      const { code, err } = await ended;
      expect(code).toBe(1);
      expect(err).toMatch(new RegExp(`^error: standard output was closed; ${outcome}`));
      expect(bots()).toBe(8);
      expect(await cozeform(["plan", directory, "--detailed-exitcode"]).ended).toMatchObject({ code: 0 });
    },
  );

  test("in a shell's pipeline, both outputs into one head, ends with 1 after all was made", async () => {
    const { directory, bots, cozeform } = await openProject(8);
    const before = `run() { { "$@" 2>&1; echo "exit $?" >&3; } 3>&2 | head -1; }; run "$0" "$@"; false`;
    const { ended } = cozeform(["apply", directory, "--auto-approve"], { before });
    expect((await ended).err).toBe("exit 1\n");
    expect(bots()).toBe(8);
  });

  const onLinux = existsSync("/dev/full") ? test : test.skip;
  onLinux("that writes to a full disk is finished and says so", async () => {
    const { directory, bots, cozeform } = await openProject(8);
    const { ended } = cozeform(["apply", directory, "--auto-approve"], { before: "exec >/dev/full" });
    const { code, err } = await ended;
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp(`^error: standard output can't be written: the disk is full; ${outcome}`));
    expect(bots()).toBe(8);
  });
});

// util-linux's: it gives what it runs a terminal of its own, and takes that away with its end.
const terminalTest = spawnSync("script", ["--version"]).status === 0 ? test : test.skip;

terminalTest(
  "an apply whose terminal is closed is finished and ends with 1, not by an abort of Node",
  async () => {
    let closeTerminal = (): void => {};
    const { directory, url, token, cozeform, bots } = await openProject(1, {
      before: ({ operation }) => {
        if (operation === "create_workspace") closeTerminal();
        return undefined;
      },
    });
    const fifo = join(directory, "exit-code");
    execFileSync("mkfifo", [fifo]);
    const words = [process.execPath, executable, "apply", directory, "--auto-approve", "--endpoint", url];
    // The shell keeps the signal of the closed terminal to itself.
    const line = `trap : HUP; ${words.map((word) => `'${word}'`).join(" ")}; echo $? > '${fifo}'`;
    const terminal = spawn("script", ["--quiet", "--command", line, "/dev/null"], {
      env: { PATH: process.env.PATH, TERM: "xterm", SHELL: "/bin/sh", COZE_API_TOKEN: token },
      stdio: "ignore",
    });
    closeTerminal = () => terminal.kill("SIGKILL");
    expect(await readFile(fifo, "utf8")).toBe("1\n");
    expect(bots()).toBe(1);
    expect(await cozeform(["plan", directory, "--detailed-exitcode"]).ended).toMatchObject({ code: 0 });
  },
);

describe("a plan", () => {
  test.each([["--format", "text"], ["--format", "json"], ["--help"]].map((options) => ({ options })))(
    "whose reader is gone ends with 141 and without a word: $options",
    async ({ options }) => {
      const { directory, cozeform } = await openProject(1);
      const { child, ended } = cozeform(["plan", directory, ...options]);
      child.stdout?.destroy();
      expect(await ended).toMatchObject({ code: 141, err: "" });
    },
  );

  test("that is saved is safe when its reader leaves after the first line", async () => {
    const { directory, bots, cozeform } = await openProject(30);
    const file = join(directory, "saved.plan.json");
    const { child, ended } = cozeform(["plan", directory, "--format", "json", "--out", file]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    expect((await ended).code).toBe(141);
    expect(await cozeform(["apply", directory, file]).ended).toMatchObject({ code: 0 });
    expect(bots()).toBe(30);
  });

  test("arrives whole at a slow reader", async () => {
    const { directory, cozeform } = await openProject(30);
    const { child, ended } = cozeform(["plan", directory, "--format", "json"]);
    child.stdout?.on("data", () => {
      child.stdout?.pause();
      setImmediate(() => child.stdout?.resume());
    });
    const { code, output } = await ended;
    expect(code).toBe(0);
    const { resource_changes } = JSON.parse(output) as { resource_changes: readonly unknown[] };
    expect(resource_changes).toHaveLength(31);
    expect(output.length).toBeGreaterThan(300_000);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "whose reader has stopped reading ends at %s",
    async (signal) => {
      const { directory, cozeform } = await openProject(30);
      const { child } = cozeform(["plan", directory, "--format", "json"]);
      child.stdout?.once("data", () => {
        child.stdout?.pause();
        child.kill(signal);
      });
      expect(await once(child, "exit")).toEqual([130, null]);
      child.stdout?.destroy();
    },
  );
});

test("a thread that waits for a FIFO's writer doesn't hold up the end", async () => {
  const directory = createProject(1);
  const fifo = join(directory, "fifo");
  execFileSync("mkfifo", [fifo]);
  const preload = `import { open } from "node:fs/promises"; void open(${JSON.stringify(fifo)});`;
  const asked = createServer();
  asked.listen(0, "127.0.0.1");
  await once(asked, "listening");
  cleanups.push(() => {
    asked.closeAllConnections();
    asked.close();
  });
  const url = `http://127.0.0.1:${(asked.address() as AddressInfo).port}`;
  const { child, ended } = start(["plan", directory, "--endpoint", url], {
    COZE_API_TOKEN: "pat_0123456789",
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}`,
  });
  // It is never answered.
  asked.once("request", () => child.kill("SIGTERM"));
  // A shell says 130 of it, too.
  expect(await ended).toMatchObject({ signal: "SIGINT", err: "Interrupted: nothing was changed.\n" });
});

test("an emulator goes on serving when its readers leave after the first line, and ends with 0", async () => {
  const directory = createProject(1);
  const faults = join(directory, "faults.yaml");
  writeFileSync(faults, 'faults:\n  - operation: "*"\n    calls: {times: 2}\n    fault: gateway\n');
  const { child, ended } = start(["emulator", "--token", "pat_local", "--faults", faults], {});
  const [line] = await once(child.stdout as Readable, "data");
  await once(child.stderr as Readable, "data");
  child.stdout?.destroy();
  child.stderr?.destroy();
  const [url = ""] = /http:\/\/[^\s,]+/.exec(String(line)) ?? [];
  const ask = async () =>
    (await fetch(`${url}/v1/workspaces`, { headers: { authorization: "Bearer pat_local" } })).status;
  // Each fault is logged.
  expect([await ask(), await ask(), await ask()]).toEqual([502, 502, 200]);
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ code: 0 });
});
