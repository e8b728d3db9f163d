import { spawnSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { makeScratch } from "../support/scratch.ts";

const root = resolve(import.meta.dirname, "../..");
const bin = join(root, "dist/cli/bin.js");
const { engines, version: own } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Starts the command in a Node that says that it is of another version. */
function startIn(version: string) {
  const fake = join(makeScratch(), "version.cjs");
  const text = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });`;
  writeFileSync(fake, text);
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", fake, bin, "--version"], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test.each(["18.20.8", "20.18.3"])("Node %s is told in one line which one is needed", (version) => {
  expect(engines.node).toBe(">=20.19");
  expect(startIn(version)).toEqual({
    status: 1,
    stdout: "",
    stderr: `error: cozeform needs Node.js 20.19 or newer, and this is ${version}\n`,
  });
});

test.each(["20.19.0", "22.1.0", "30.0.0"])("Node %s starts", (version) => {
  expect(startIn(version)).toEqual({ status: 0, stdout: `${own}\n`, stderr: "" });
});

test("the built command is executable, as a linked one has to be", () => {
  expect(statSync(bin).mode & 0o111).toBe(0o111);
  expect(spawnSync(bin, ["--version"], { encoding: "utf8" }).stdout).toBe(`${own}\n`);
});
