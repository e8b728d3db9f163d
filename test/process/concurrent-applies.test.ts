import { cpSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { expect, test } from "@jest/globals";
import { createStrictEmulator } from "../support/emulator.ts";
import { writeFiles } from "../support/files.ts";
import { pgTest, usePostgres } from "../support/postgres.ts";
import { startCozeform } from "../support/process.ts";
import { scale } from "../support/sample.ts";
import { makeScratch } from "../support/scratch.ts";
import { type OpenKeeper, openHttpKeeper, openPgKeeper, openS3Keeper } from "../support/state-keepers.ts";
import { manifest, manifests } from "../support/story.ts";

const connection = usePostgres();
const number = "together";
const applies = scale(50, 8);
/** Those of the applies that wait for the lock; the others give up at once. */
const waiting = scale(10, 2);
/** The calls of the whole test at which the run that makes them is killed. */
const deadly: ReadonlySet<number> = new Set([9, 15, 22, 31].slice(0, scale(4, 1)));

const places = ["前台", "后台", "夜班"];

const project = manifests(
  manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
  ...places.map((name, index) =>
    manifest("Dataset", `faq-${index}`, { workspace: "desk", name, format: "text" }),
  ),
  ...places.map((name, index) =>
    manifest("Bot", `bot-${index}`, {
      workspace: "desk",
      name,
      prompt: "答",
      publish: { connectors: ["api"] },
    }),
  ),
);

/** Applies one project from two directories at the same time, again and again, until all processes have ended. */
async function applyTogether(opening: Promise<OpenKeeper>): Promise<void> {
  const keeper = await opening;
  const refused = gate();
  let calls = 0;
  const emulator = createStrictEmulator({
    hooks: {
      async before() {
        calls += 1;
        // The first that has the lock keeps it until all who don't wait for it are gone.
        if (calls === 1) await refused.promise;
        if (!deadly.has(calls)) return undefined;
        const { pid } = JSON.parse((await keeper.holder(number)) ?? "{}");
        process.kill(pid, "SIGKILL");
        return undefined;
      },
    },
  });
  const door = await emulator.listen();
  const [one, other] = [makeScratch(), makeScratch()];
  writeFiles(one, {
    "cozeform.yaml": `apiVersion: cozeform/v1\nkind: Project\nname: together\nenvironments: {dev: {requests_per_second: 1000${keeper.setting(number)}}}\n`,
    "all.yaml": project,
  });
  cpSync(one, other, { recursive: true });
  const env = { ...keeper.env, COZE_API_TOKEN: emulator.token };
  const start = (words: readonly string[]) => startCozeform([...words, "--endpoint", door.url], env);
  const runs = Array.from({ length: applies }, (_, index) => {
    const patience = index < waiting ? ["--lock-timeout", "30m"] : [];
    const directory = index % 2 === 0 ? one : other;
    return {
      directory,
      waits: index < waiting,
      ...start(["apply", directory, "--auto-approve", ...patience]),
    };
  });
  try {
    const hasty = runs.filter(({ waits }) => !waits);
    let gone = 0;
    for (const { ended } of hasty) {
      void ended.then(() => {
        gone += 1;
        // One of them may be the one that has the lock.
        if (gone >= hasty.length - 1) refused.open();
      });
    }
    const pids = new Set(runs.map(({ child }) => child.pid));
    const ends = await Promise.all(runs.map(async (run) => ({ ...run, ...(await run.ended) })));
    const killed = ends.filter(({ signal }) => signal === "SIGKILL");
    expect(killed).toHaveLength(deadly.size);
    const given = ends.filter(({ code }) => code === 1);
    expect(given.length).toBeGreaterThanOrEqual(hasty.length - 1);
    for (const { waits, directory, err } of given) {
      const [, pid] = /\(process (\d+)\)/u.exec(err) ?? [];
      expect([waits, pids.has(Number(pid))]).toEqual([false, true]);
      expect(err).toMatch(refusalFor(directory));
    }
    const rest = ends.filter((run) => !killed.includes(run) && !given.includes(run));
    expect(rest.map(({ code, err }) => [code, err])).toEqual(
      rest.map(({ waits }) => [
        0,
        waits ? expect.stringMatching(/^the state is locked .*; waiting for it$/mu) : "",
      ]),
    );
    const { workspaces, datasets, bots } = emulator.world;
    const names = {
      workspaces: [...workspaces.values()].map(({ name }) => name).filter((name) => name === "客服空间"),
      datasets: [...datasets.values()].map(({ name }) => name).sort(),
      bots: [...bots.values()].map(({ draft }) => draft.name).sort(),
    };
    const once = [...places].sort();
    expect(names).toEqual({ workspaces: ["客服空间"], datasets: once, bots: once });
    for (const directory of [one, other]) {
      expect(await start(["plan", directory, "--detailed-exitcode"]).ended).toMatchObject({
        code: 0,
        output: expect.stringContaining("No changes. Coze matches the manifests (7 resources, "),
      });
    }
  } finally {
    refused.open();
    for (const { child } of runs) child.kill("SIGKILL");
    await door.close();
    await keeper.close();
  }
}

/** All that a refused run says on standard error. */
const refusalFor = (directory: string): RegExp =>
  new RegExp(
    `^error: the state is locked by cozeform apply of ${userInfo().username} on ${hostname()} \\(process \\d+\\), since \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\n  hint: wait until that run ends; if it is no longer running, run cozeform state unlock [\\w-]+ ${directory}\n$`,
    "u",
  );

function gate() {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

pgTest(
  "of applies at the same time from two directories, with the state in PostgreSQL, one has the lock",
  () => applyTogether(openPgKeeper(connection())),
);

test("of applies at the same time from two directories, with the state in S3, one has the lock", () =>
  applyTogether(openS3Keeper()));

test("of applies at the same time from two directories, with the state at a server of Terraform's, one has the lock", () =>
  applyTogether(openHttpKeeper()));
