import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { makeScratch } from "../support/scratch.ts";

const { measure } = await import(
  pathToFileURL(resolve(import.meta.dirname, "../../bench/measured-process.js")).href
);
const script = resolve(import.meta.dirname, "../../bench/run.js");

async function bench(directory: string, ...args: string[]) {
  const env = { PATH: process.env.PATH, TMPDIR: directory };
  return await promisify(execFile)(process.execPath, [script, ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

test("applies are measured on both emulators, and nothing is left", async () => {
  const directory = makeScratch();
  const { code, stdout } = await bench(
    directory,
    "--only",
    "apply",
    "--sizes",
    "20",
    "--rounds",
    "1",
    "--json",
  );
  expect(code).toBe(0);
  const { figures, failures } = JSON.parse(stdout);
  expect(failures).toEqual([]);
  const positive = { wallMs: expect.any(Number), cpuMs: expect.any(Number), memoryMb: expect.any(Number) };
  const figure = {
    part: "world",
    pace: "none",
    size: 20,
    operation: "apply",
    least: 37,
    runs: 1,
    ...positive,
  };
  expect(figures).toEqual([
    { ...figure, emulator: "own process", calls: 37, refused: 0 },
    // Here documents take their time, and are asked for until they are ready.
    { ...figure, emulator: "embedded", calls: expect.any(Number) },
  ]);
  expect(readdirSync(directory)).toEqual([]);
});

test("a part that doesn't exist is refused with the usage", async () => {
  const { code, stderr } = await bench(makeScratch(), "--only", "speed");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^there is no part speed\n\nUsage: npm run bench -- \[options\]\n/);
});

test("a command that fails or hangs is reported with its output, and ended", async () => {
  await expect(measure(["sh", "-c", "echo why; exit 4"])).rejects.toThrow(
    "sh -c echo why; exit 4 ended with 4:\nwhy\n",
  );
  // The process in the background holds the output, whose end is awaited.
  await expect(measure(["sh", "-c", "sleep 3600 & wait"], { limitMs: 500 })).rejects.toThrow(
    "was ended after 0.5 s",
  );
});
