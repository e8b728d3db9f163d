import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createStrictEmulator } from "../support/emulator.ts";
import { startCozeform } from "../support/process.ts";
import { scale } from "../support/sample.ts";
import { manifest, manifests } from "../support/story.ts";

const leastRounds = scale(50, 6);

const project = (round: number) =>
  manifests(
    manifest("Workspace", "desk", { name: "客服空间", description: `第${round}轮` }),
    manifest("Dataset", "faq", {
      workspace: "desk",
      name: "常见问题",
      format: "text",
      description: `第${round}轮`,
    }),
  );

test("two applies that start together, time after time: one wins, the other names who holds the lock", async () => {
  const emulator = createStrictEmulator();
  const door = await emulator.listen();
  const directory = mkdtempSync(join(tmpdir(), "cozeform-two-"));
  const settings =
    "apiVersion: cozeform/v1\nkind: Project\nname: two\nenvironments: {dev: {requests_per_second: 1000}}\n";
  writeFileSync(join(directory, "cozeform.yaml"), settings);
  const apply = () =>
    startCozeform(["apply", directory, "--auto-approve", "--endpoint", door.url], {
      COZE_API_TOKEN: emulator.token,
    });
  let round = 0;
  const outcomes = new Map<string, number>();
  try {
    // Processes may start so far apart that both win: then others have to meet.
    while (round < leastRounds || !outcomes.has("one refused")) {
      round += 1;
      writeFileSync(join(directory, "desk.yaml"), project(round));
      const runs = [apply(), apply()];
      const ended = await Promise.all(runs.map(({ ended }) => ended));
      const won = ended.filter(({ code }) => code === 0);
      for (const { code, output } of ended.filter((run) => run.code !== 0)) {
        const holder = runs.map(({ child }) => child.pid).find((pid) => output.includes(`process ${pid}`));
        expect([code, output]).toEqual([1, expect.stringContaining("the state is locked by cozeform apply")]);
        expect(holder).toBeDefined();
      }
      expect(won.length).toBeGreaterThanOrEqual(1);
      const outcome = won.length === 2 ? "one after the other" : "one refused";
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      const state = JSON.parse(readFileSync(join(directory, ".cozeform", "dev.state.json"), "utf8"));
      expect(Object.keys(state.resources)).toEqual(["Dataset.faq", "Workspace.desk"]);
    }
  } finally {
    await door.close();
  }
  const names = [...emulator.world.workspaces.values()].filter(({ name }) => name === "客服空间");
  expect([names.length, emulator.world.datasets.size]).toEqual([1, 1]);
  expect([...emulator.world.datasets.values()][0]?.description).toBe(`第${round}轮`);
});
