import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { expect, test } from "@jest/globals";
import { Locked, takeLock } from "../../src/state/lock.ts";
import { describeOwnProcess } from "../../src/state/lock-holder.ts";
import { checkLiveness, markOwnProcess } from "../../src/state/process-mark.ts";
import { scale } from "../support/sample.ts";
import { createPlace, deadLock } from "./place.ts";

/** Tries to take the lock that somebody left; what is said when it is refused. */
function tryAgainst(left: string): { readonly taken: boolean; readonly said: string; readonly hint: string } {
  const { file } = createPlace();
  const lock = file("lock");
  mkdirSync(dirname(lock), { recursive: true });
  writeFileSync(lock, left);
  try {
    takeLock(lock, describeOwnProcess("cozeform apply"))();
    expect(readdirSync(dirname(lock))).toEqual([]);
    return { taken: true, said: "", hint: "" };
  } catch (error) {
    if (!(error instanceof Locked)) throw error;
    expect(readFileSync(lock, "utf8")).toBe(left);
    expect(readdirSync(dirname(lock))).toEqual(["dev.lock"]);
    return { taken: false, said: error.message, hint: error.hint.replace(lock, "FILE") };
  }
}

const alive = { pid: process.pid, ...markOwnProcess() };
const onLinux = process.platform === "linux" ? test : test.skip;

test("the lock of a process that is no more is taken over", () => {
  expect(tryAgainst(deadLock()).taken).toBe(true);
});

test("the lock of a process that lives is left, with or without the time of its start", () => {
  expect(tryAgainst(deadLock(alive)).taken).toBe(false);
  expect(tryAgainst(deadLock({ pid: process.pid })).taken).toBe(false);
});

onLinux("a process that only has the number of the one that took the lock isn't taken for it", () => {
  expect(alive.started).toMatch(/^\d+$/);
  expect(tryAgainst(deadLock({ ...alive, started: "1" })).taken).toBe(true);
});

onLinux("numbers of another container say nothing of who lives there", () => {
  expect(tryAgainst(deadLock({ ...alive, pid: 2 ** 30, space: "pid:[1]" })).taken).toBe(false);
});

/** A process that has ended. */
const ended = spawnSync(process.execPath, ["--version"]).pid;

/** How the mark of a lock of this host's name differs from this process's, and whether its process counts as dead. */
const marks: readonly (readonly [string, pid: number, lock: object, own: object, life: string])[] = [
  ["the same start, alive", process.pid, { boot: "a" }, { boot: "a" }, "alive"],
  ["the same start, ended", ended, { boot: "a" }, { boot: "a" }, "dead"],
  ["the same start, another container", ended, { boot: "a", space: "1" }, { boot: "a", space: "2" }, "alive"],
  ["another start, of no known machine", ended, { boot: "a" }, { boot: "b" }, "unknown"],
  ["another start, of a lock without machine", ended, { boot: "a" }, { boot: "b", machine: "m" }, "unknown"],
  ["another start, seen from a container", ended, { boot: "a", machine: "m" }, { boot: "b" }, "unknown"],
  ["of another machine", ended, { boot: "a", machine: "m" }, { boot: "b", machine: "n" }, "unknown"],
  ["of empty machines", ended, { boot: "a", machine: "" }, { boot: "b" }, "unknown"],
  [
    "an earlier start of this machine",
    process.pid,
    { boot: "a", machine: "m" },
    { boot: "b", machine: "m" },
    "dead",
  ],
  ["no start, where starts are told", ended, {}, { boot: "b" }, "unknown"],
  ["a start, where none are told", ended, { boot: "a" }, {}, "unknown"],
  ["this machine without starts, ended", ended, { machine: "m" }, { machine: "m" }, "dead"],
  ["this machine without starts, alive", process.pid, { machine: "m" }, { machine: "m" }, "alive"],
  ["another machine without starts", ended, { machine: "m" }, { machine: "n" }, "unknown"],
  ["a lock without machine, where starts aren't told", ended, {}, { machine: "n" }, "unknown"],
  ["nothing told on either side, ended", ended, {}, {}, "dead"],
];

test.each(marks)("what is known of a lock's process: %s", (_, pid, lock, own, life) => {
  expect(checkLiveness(pid, lock, own)).toBe(life);
});

const otherStart = {
  ...alive,
  boot: "another start of the system",
  user: "li",
  since: "2030-01-02T03:04:05Z",
};

onLinux("the lock of another start isn't taken over unless it was taken on this machine", () => {
  expect(tryAgainst(deadLock({ ...otherStart, machine: undefined }))).toEqual({
    taken: false,
    said: `the state is locked by c of li on ${hostname()} (process ${process.pid}), since 2030-01-02T03:04:05Z`,
    hint: `check that ${hostname()} is the name of this machine, and that the lock was taken before this machine started or on another machine of that name; if no cozeform is running on this directory anywhere, remove FILE`,
  });
  expect(tryAgainst(deadLock({ ...otherStart, machine: "0".repeat(32) })).taken).toBe(false);
  expect(tryAgainst(deadLock({ ...otherStart, boot: undefined, machine: undefined })).taken).toBe(false);
  // In a container the machine isn't known, so the lock stays.
  expect(tryAgainst(deadLock(otherStart)).taken).toBe(alive.machine !== undefined);
});

test("the lock of another machine is never taken over, and says what it is about", () => {
  expect(
    tryAgainst(
      deadLock({ host: "elsewhere", user: "li", since: "2030-01-02T03:04:05Z", command: "cozeform apply" }),
    ),
  ).toEqual({
    taken: false,
    said: `the state is locked by cozeform apply of li on elsewhere (process ${2 ** 30}), since 2030-01-02T03:04:05Z`,
    hint: "wait until that run ends; if it is no longer running on elsewhere, remove FILE",
  });
});

test.each([
  ["empty", ""],
  ["half of one", deadLock().slice(0, 30)],
  ["garbage", "\u0000\u0000\u0000"],
  ["null", "null"],
  ["a text", '"locked"'],
  ["without a process", JSON.stringify({ host: hostname(), user: "u", since: "", command: "c" })],
  ["of every process", deadLock({ pid: -1 })],
  ["of something else in the future", JSON.stringify({ version: 2, holder: { pid: 1 } })],
])("a lock file that is %s is left, with the way out", (_, left) => {
  expect(tryAgainst(left)).toEqual({
    taken: false,
    said: "the state is locked, and the lock doesn't say by which run",
    hint: "wait until that run ends; if it is no longer running, remove FILE",
  });
});

test("a lock of a later version that says more is understood", () => {
  expect(tryAgainst(deadLock({ reason: "x", since: "2999-01-01T00:00:00Z" })).taken).toBe(true);
});

test("a lock that somebody removed by hand, and another run took since, isn't given back", () => {
  const { file } = createPlace();
  const lock = file("lock");
  const giveBack = takeLock(lock, describeOwnProcess("cozeform apply"));
  writeFileSync(lock, deadLock(alive));
  giveBack();
  expect(readFileSync(lock, "utf8")).toBe(deadLock(alive));
});

test("who holds a lock is known even if it is given back while it is refused", async () => {
  const lock = createPlace().file("lock");
  mkdirSync(dirname(lock), { recursive: true });
  writeFileSync(`${lock}.other`, deadLock(alive));
  const takeAndGiveBack = "for (;;) { fs.linkSync(`${lock}.other`, lock); fs.rmSync(lock); }";
  const script = `const lock = process.argv[1]; for (;;) try { ${takeAndGiveBack} } catch {}`;
  const other = spawn(process.execPath, ["--eval", script, lock], { stdio: "ignore" });
  try {
    let refused = 0;
    while (refused < scale(2000, 200)) {
      try {
        takeLock(lock, describeOwnProcess("cozeform apply"))();
      } catch (error) {
        if (!(error instanceof Locked)) throw error;
        expect(error.holder).toMatchObject({ pid: process.pid });
        refused += 1;
      }
    }
  } finally {
    other.kill("SIGKILL");
    await once(other, "exit");
  }
});
