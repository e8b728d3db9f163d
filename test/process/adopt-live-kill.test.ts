import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createStrictEmulator } from "../support/emulator.ts";
import { startCozeform } from "../support/process.ts";
import { manifest, manifests } from "../support/story.ts";

const desk = manifests(
  manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
  manifest("Bot", "support", {
    workspace: "desk",
    name: "售后",
    prompt: { file: "prompt.md" },
    onboarding: { prologue: "你好" },
  }),
);

/** Kills the process right after it put the first file of the project in its place. */
const killer = `\
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const { renameSync } = fs;
fs.renameSync = (from, to) => {
  renameSync(from, to);
  if (/\\.(md|yaml)$/u.test(to)) process.kill(process.pid, "SIGKILL");
};
syncBuiltinESMExports();
`;

test("adopt-live that is killed between two files leaves each whole, and running it again goes on", async () => {
  const emulator = createStrictEmulator();
  const door = await emulator.listen();
  const directory = mkdtempSync(join(tmpdir(), "cozeform-kill-"));
  const file = (name: string) => join(directory, name);
  const read = () => [readFileSync(file("desk.yaml"), "utf8"), readFileSync(file("prompt.md"), "utf8")];
  writeFileSync(file("desk.yaml"), desk);
  writeFileSync(file("prompt.md"), "你是售后。\n");
  writeFileSync(file("killer.mjs"), killer);
  const cozeform = (words: readonly string[], env = {}) =>
    startCozeform([...words, directory, "--endpoint", door.url], { COZE_API_TOKEN: emulator.token, ...env })
      .ended;
  try {
    expect(await cozeform(["apply", "--auto-approve"])).toMatchObject({ code: 0 });
    const before = read();
    const [bot] = emulator.world.bots.values();
    emulator.world.editBot(bot?.id ?? "", {
      prompt_info: { prompt: "你是好售后。\n" },
      onboarding_info: { prologue: "您好" },
    });
    const after = [before[0]?.replace("你好", "您好"), "你是好售后。\n"];
    const killed = await cozeform(["adopt-live", "Bot.support"], {
      NODE_OPTIONS: `--import ${file("killer.mjs")}`,
    });
    expect(killed.signal).toBe("SIGKILL");
    const between = read();
    const isNew = between.map((text, index) => text === after[index]);
    expect([...isNew].sort()).toEqual([false, true]);
    expect(between).toEqual(isNew.map((yes, index) => (yes ? after : before)[index]));
    expect(await cozeform(["adopt-live", "Bot.support"])).toMatchObject({ code: 0 });
    expect(read()).toEqual(after);
    expect(existsSync(file(".cozeform-tmp"))).toBe(false);
    expect(await cozeform(["plan", "--detailed-exitcode"])).toMatchObject({ code: 0 });
  } finally {
    await door.close();
  }
});
