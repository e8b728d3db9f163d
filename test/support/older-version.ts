import { copyFileSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { readEditFile } from "../../src/commands/edit-file.ts";
import { createEmulator, playEdits } from "../../src/emulator/index.ts";
import { createConsole } from "../cli/console.ts";
import { makeScratch } from "./scratch.ts";
import { createVirtualClock } from "./virtual-clock.ts";
import { describeWorld } from "./world.ts";

// These projects were written by 0.1.0. Every later version has to go on with them: when one of these tests fails,
// the code has to change or to migrate them, never the files.
const fixtures = join(import.meta.dirname, "../fixtures/0.1.0");

/** A few minutes after the last of them was written. */
const later = Date.UTC(2026, 10, 30, 4);

/** A file of a project's state folder. */
export const kept = (directory: string, name: string) => join(directory, ".cozeform", name);

/** Every file of a fixture by its path, as bytes. */
function readFixture(name: string): Record<string, Uint8Array> {
  const from = join(fixtures, name);
  const files = readdirSync(from, { recursive: true, encoding: "utf8" }).filter((file) =>
    statSync(join(from, file)).isFile(),
  );
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(from, file))]));
}

/** A copy of a fixture, and an emulator that goes on with a copy of its world. `start`: what time it is, epoch milliseconds. */
export function openFixture(name: string, start = later) {
  const world = join(makeScratch(), "world.json");
  copyFileSync(kept(join(fixtures, name), "emulator.json"), world);
  const clock = createVirtualClock(start);
  const { directory, emulator, sh } = createConsole(readFixture(name), { file: world }, { clock });
  return {
    directory,
    emulator,
    sh,
    /** Runs a line that has to succeed; returns what it printed and the calls it made, writing ones in capitals. */
    async succeed(line: string) {
      const before = emulator.requests.length;
      const { code, out, err } = await sh(line);
      expect({ line, code, err }).toEqual({ line, code: 0, err: "" });
      const calls = emulator.requests
        .slice(before)
        .map(({ operation = "", writes }) => (writes ? operation.toUpperCase() : operation));
      return { out, calls };
    },
    /** Does what the message about the lock of another machine says. */
    unlock: (environment: string) => rmSync(kept(directory, `${environment}.lock`)),
  };
}

/** Whether a call of {@link openFixture} changes something at Coze. */
export const isWrite = (call: string): boolean => call === call.toUpperCase();

/** An opened fixture. */
export type Fixture = ReturnType<typeof openFixture>;

/** What `state list` prints. */
export const listState = async ({ succeed }: Fixture, options = ""): Promise<string> =>
  (await succeed(`state list ${options}`)).out;

/** A list of the state without versions, which the emulator takes from the clock. */
export const withoutVersions = (list: string): string => list.replace(/ {2}version \d+/gu, "");

/** The world of a fixture as 0.1.0 left it. */
export const worldOf = (name: string) =>
  describeWorld(createEmulator({ file: kept(join(fixtures, name), "emulator.json") }).world);

/** How the world ends when the project of a fixture is applied from nothing, and nothing disturbs that. */
export async function applyFromNothing(name: string) {
  const files = Object.entries(readFixture(name)).filter(([file]) => !file.startsWith(".cozeform"));
  const { directory, emulator, sh } = createConsole(Object.fromEntries(files));
  const { edits } = await readEditFile(join(directory, "by-hand.yaml"), "by-hand.yaml");
  expect(playEdits(emulator.world, edits).problems).toEqual([]);
  expect(await sh("apply --auto-approve")).toMatchObject({ code: 0, err: "" });
  return describeWorld(emulator.world);
}
