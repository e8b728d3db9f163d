import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";

const onLinux = process.platform === "linux" ? test : test.skip;

/** Takes the lock of its argument, says what it wrote there, and ends without giving it back. */
const program = `
  import { readFileSync } from "node:fs";
  import { takeLock } from ${JSON.stringify(resolve(import.meta.dirname, "../../dist/state/lock.js"))};
  import { describeOwnProcess } from ${JSON.stringify(resolve(import.meta.dirname, "../../dist/state/lock-holder.js"))};
  const [file] = process.argv.slice(1);
  try {
    takeLock(file, describeOwnProcess("cozeform apply"));
    process.stdout.write(readFileSync(file, "utf8"));
  } catch (error) {
    process.stdout.write(error.hint);
  }
`;

function lockIn(file: string, ...before: readonly string[]): string {
  const [command = "", ...args] = [
    ...before,
    process.execPath,
    "--input-type=module",
    "--eval",
    program,
    file,
  ];
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

const createFile = (): string => join(mkdtempSync(join(tmpdir(), "cozeform-lock-")), "dev.lock");

const isFirstSpace =
  process.platform === "linux" &&
  readlinkSync("/proc/self/ns/pid") === "pid:[4026531836]" &&
  readlinkSync("/proc/self/ns/uts") === "uts:[4026531838]";
const machineId = existsSync("/etc/machine-id") ? readFileSync("/etc/machine-id", "utf8").trim() : "";
const withMachine = isFirstSpace && /^[0-9a-f]{32}$/.test(machineId) ? test : test.skip;
// Not every user may make a container.
const inContainer =
  spawnSync("unshare", ["--pid", "--uts", "--fork", "true"]).status === 0 ? withMachine : test.skip;

withMachine("a lock names its machine by a digest of its id, never by the id", () => {
  const text = lockIn(createFile());
  const digest = createHmac("sha256", "cozeform").update(machineId).digest("hex").slice(0, 32);
  expect(JSON.parse(text).machine).toBe(digest);
  expect(text).not.toContain(machineId);
});

withMachine("the lock of an earlier start of this machine is taken over", () => {
  const file = createFile();
  const left = { ...JSON.parse(lockIn(file)), boot: "earlier" };
  writeFileSync(file, JSON.stringify(left));
  expect(JSON.parse(lockIn(file)).pid).not.toBe(left.pid);
});

inContainer.each(["--pid", "--uts"])("a lock of a container (unshare %s) names no machine", (kind) => {
  expect(JSON.parse(lockIn(createFile(), "unshare", kind, "--fork"))).not.toHaveProperty("machine");
});

inContainer("a container doesn't take over the lock that an earlier start of its machine left", () => {
  const file = createFile();
  const left = JSON.stringify({ ...JSON.parse(lockIn(file)), boot: "earlier" });
  writeFileSync(file, left);
  expect(lockIn(file, "unshare", "--pid", "--fork")).toContain(
    `check that ${hostname()} is the name of this machine`,
  );
  expect(readFileSync(file, "utf8")).toBe(left);
});

onLinux("the lock of a process that ended just now is taken over", () => {
  const file = createFile();
  const first = JSON.parse(lockIn(file));
  expect(JSON.parse(lockIn(file)).pid).not.toBe(first.pid);
});
