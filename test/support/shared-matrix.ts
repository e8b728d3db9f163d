import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { createHost } from "../../src/commands/host.ts";
import { migrateState, pullState, unlockState } from "../../src/commands/state-transfer.ts";
import { type Call, copySite, type Ground, moveSite, type Site } from "./crash-ground.ts";
import { createWatch, expectConvergence, type Moment, runAgainHere, runMatrix } from "./crash-matrix.ts";
import { stateFileOf } from "./crash-state.ts";
import { writeFiles } from "./files.ts";
import { startCozeform } from "./process.ts";
import { makeScratch } from "./scratch.ts";
import { createVirtualClock } from "./virtual-clock.ts";

/** What keeps states for machines that share nothing else. */
export interface Keeper {
  /** What `state:` says in cozeform.yaml, in one line, for the case of this number. */
  setting(number: string): string;
  /** The variables by which it is reached. */
  readonly env: { readonly [name: string]: string };
  /** Lets the lock of a case look as if it were another machine's; undefined where it goes with the connection. */
  moveLock?(number: string): void;
}

/**
 * Kills a process of the command line at each call of its run, one a case, and runs the same again in a fresh clone on
 * what looks like another machine: only the keeper of the state is shared.
 */
export async function killAndGoOnElsewhere(ground: Ground, keeper: Keeper, moment: Moment): Promise<void> {
  await runMatrix(
    ground,
    ground.calls,
    3,
    (call) => killAtCall(ground, keeper, call, moment),
    ({ writes, operation }) => [/^copy_/u.test(operation) ? "copies" : writes ? "writes" : "reads"],
  );
}

async function killAtCall(ground: Ground, keeper: Keeper, call: Call, moment: Moment): Promise<void> {
  const watch = createWatch(call, moment, async () => {
    run.child.kill("SIGKILL");
    await run.ended;
    throw new Error("the caller is dead");
  });
  const site = copySite(ground, undefined, watch.hooks);
  const door = await site.emulator.listen();
  moveSite(site, door.url);
  const number = `${moment}-${call.number}`;
  const { command, options, environment } = ground.scenario;
  const env = { ...keeper.env, COZE_API_TOKEN: site.emulator.token };
  const host = createHost({ env });
  const access = { environment, endpoint: door.url };
  const start = (directory: string) =>
    startCozeform([command, directory, ...options, "--endpoint", door.url, "--auto-approve"], env);
  writeFiles(site.directory, { "cozeform.yaml": projectFile(keeper.setting(number)) });
  await migrateState(host, { directory: site.directory, ...access });
  const run = start(site.directory);
  try {
    const { code, output } = await run.ended;
    expect({ struck: watch.struck(), code, output }).toMatchObject({ struck: true, code: null });
    await watch.drained();
    const clone = cloneOf(site);
    if (keeper.moveLock) {
      keeper.moveLock(number);
      await unlockAs(await start(clone).ended, (id) =>
        unlockState(host, { directory: clone, ...access }, id),
      );
    }
    const again = await start(clone).ended;
    // A copying call that was in flight may have made a copy that appears within ten minutes.
    const isOpen = again.code === 1 && /copying call at .* got no answer/u.test(again.output);
    expect({ code: again.code, output: again.output }).toMatchObject({ code: isOpen ? 1 : 0 });
    const document = await pullState(host, { directory: clone, ...access });
    bringHome(site, clone, document);
    site.clock = createVirtualClock(Date.now());
    if (isOpen) await runAgainHere(site, call);
    await expectConvergence(withoutUploads(ground), site, watch.effects);
  } finally {
    await door.close();
  }
}

/** Which uploads are remembered is left open: they were used before that could be written. */
const withoutUploads = (ground: Ground): Ground => ({
  ...ground,
  undisturbed: {
    ...ground.undisturbed,
    state: { ...ground.undisturbed.state, files: expect.anything() as never },
  },
});

const projectFile = (setting: string): string =>
  `apiVersion: cozeform/v1\nkind: Project\nname: crash\nenvironments: {dev: {requests_per_second: 1000${setting}}}\n`;

/** A clone of the project, without anything that a run has written there. */
function cloneOf({ directory }: Site): string {
  const clone = makeScratch();
  cpSync(directory, clone, { recursive: true });
  rmSync(join(clone, ".cozeform"), { recursive: true, force: true });
  return clone;
}

/** A run that a lock refuses says how to release it. */
async function unlockAs(
  { code, output }: { readonly code: number | null; readonly output: string },
  unlock: (id: string) => Promise<unknown>,
): Promise<void> {
  const [, id = ""] = /cozeform state unlock (\S+)/u.exec(output) ?? [];
  expect({ code, output, id }).toMatchObject({ code: 1, output: expect.stringContaining("elsewhere") });
  await unlock(id);
}

/** Puts the shared state where an undisturbed run has it, to compare them. */
function bringHome(site: Site, clone: string, document: Uint8Array): void {
  rmSync(site.directory, { recursive: true });
  site.directory = clone;
  writeFiles(clone, { "cozeform.yaml": projectFile("") });
  const file = stateFileOf(clone, site.scenario.environment);
  mkdirSync(join(clone, ".cozeform"), { recursive: true });
  writeFileSync(file, document, { mode: 0o600 });
}
