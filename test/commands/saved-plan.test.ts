import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { PlanCommandOptions } from "../../src/commands/plan.ts";
import { StalePlan } from "../../src/commands/refusals.ts";
import { createStory, failuresOf, manifest, manifests, type Story, summarize } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const bot = (prompt: string, name = "a") => manifest("Bot", name, { workspace: "desk", name, prompt });

async function savePlan(story: Story, options: Partial<PlanCommandOptions> = {}): Promise<string> {
  const file = join(story.directory, "plan.json");
  writeFileSync(file, JSON.stringify((await story.plan(options)).document));
  return file;
}

test("a saved plan is applied exactly, even when the manifests moved on", async () => {
  const story = createStory({ files: { "desk.yaml": manifests(workspace, bot("一")) } });
  const planFile = await savePlan(story);
  story.write({ "desk.yaml": manifests(workspace, bot("二")) });
  expect(failuresOf(await story.apply({ planFile }))).toEqual([]);
  const [made] = [...story.emulator.world.bots.values()];
  expect(made?.draft.prompt_info?.prompt).toBe("一");
  expect(summarize(await story.plan())).toEqual(["update Bot.a"]);
});

test("a saved plan is refused once the state moved on", async () => {
  const story = createStory({ files: { "desk.yaml": manifests(workspace, bot("一")) } });
  const planFile = await savePlan(story);
  await story.apply();
  const writes = story.writes().length;
  await expect(story.apply({ planFile })).rejects.toThrow(StalePlan);
  await expect(story.apply({ planFile })).rejects.toThrow(/the state changed/);
  expect(story.writes()).toHaveLength(writes);
});

test("a saved plan is refused once Coze moved on, and says where", async () => {
  const story = createStory({ files: { "desk.yaml": manifests(workspace, bot("一")) } });
  await story.apply();
  story.write({ "desk.yaml": manifests(workspace, bot("二")) });
  const planFile = await savePlan(story);
  const [made] = [...story.emulator.world.bots.values()];
  await story.host.clock.sleep(5000);
  story.emulator.world.editBot(made?.id ?? "", { prompt_info: { prompt: "别人改的" } });
  await expect(story.apply({ planFile })).rejects.toThrow(/changed since the plan was made: Bot.a/);
});

test("what nobody manages may move on under a saved plan", async () => {
  const story = createStory({ files: { "desk.yaml": manifests(workspace, bot("一")) } });
  await story.apply();
  story.write({ "desk.yaml": manifests(workspace, bot("二")) });
  const planFile = await savePlan(story);
  const [made] = [...story.emulator.world.bots.values()];
  story.emulator.world.editBot(made?.id ?? "", { description: "别人写的" });
  expect(failuresOf(await story.apply({ planFile }))).toEqual([]);
  expect([...story.emulator.world.bots.values()][0]?.draft).toMatchObject({ description: "别人写的" });
});

test("a bot edited where nobody manages it doesn't make a plan of another bot stale", async () => {
  const story = createStory({ files: { "desk.yaml": manifests(workspace, bot("一")) } });
  await story.apply();
  story.write({ "desk.yaml": manifests(workspace, bot("一"), bot("一", "b")) });
  const planFile = await savePlan(story);
  const [first] = [...story.emulator.world.bots.values()];
  await story.host.clock.sleep(5000);
  story.emulator.world.editBot(first?.id ?? "", { description: "别人写的" });
  expect(failuresOf(await story.apply({ planFile }))).toEqual([]);
  expect(story.emulator.world.bots.size).toBe(2);
});

test("a plan saved with --refresh full is applied", async () => {
  const story = createStory({ files: { "desk.yaml": manifests(workspace, bot("一")) } });
  await story.apply();
  story.write({ "desk.yaml": manifests(workspace, bot("一"), bot("一", "b")) });
  await story.host.clock.sleep(5000);
  const planFile = await savePlan(story, { refresh: "full" });
  expect(failuresOf(await story.apply({ planFile }))).toEqual([]);
  expect(story.emulator.world.bots.size).toBe(2);
});

test("a plan saved beside a cache is applied where there is none", async () => {
  const story = createStory({ files: { "desk.yaml": manifests(workspace, bot("一")) } });
  await story.apply();
  await story.host.clock.sleep(5000);
  await story.plan();
  story.write({ "desk.yaml": manifests(workspace, bot("一"), bot("一", "b")) });
  const planFile = await savePlan(story);
  const kept = join(story.directory, ".cozeform");
  expect(readdirSync(kept)).toEqual(["default.cache.json", "default.seen.cache.json", "default.state.json"]);
  rmSync(join(kept, "default.cache.json"));
  expect(failuresOf(await story.apply({ planFile }))).toEqual([]);
  expect(story.emulator.world.bots.size).toBe(2);
});

test("a first saved plan that wasn't approved can be applied after all", async () => {
  const story = createStory({ files: { "desk.yaml": manifests(workspace, bot("一")) } });
  const planFile = await savePlan(story);
  expect((await story.apply({ planFile, approve: async () => false })).result).toBeUndefined();
  expect(story.writes()).toEqual([]);
  expect(failuresOf(await story.apply({ planFile }))).toEqual([]);
  expect(story.emulator.world.bots.size).toBe(1);
});

test("a saved plan reads like Terraform's and holds no token", async () => {
  const story = createStory({ files: { "desk.yaml": manifests(workspace, bot("一")) } });
  const planFile = await savePlan(story);
  const document = JSON.parse(readFileSync(planFile, "utf8"));
  expect(document).toMatchObject({ format_version: "1.2", applyable: true, errored: false });
  expect(document.resource_changes).toMatchObject([
    {
      address: "Bot.a",
      type: "coze_bot",
      name: "a",
      change: { actions: ["create"], before: null, after: { name: "a" }, after_unknown: { workspace: true } },
    },
    { address: "Workspace.desk", type: "coze_workspace", change: { actions: ["create"] } },
  ]);
  expect(document.cozeform.calls).toEqual({ made: 1, apply: expect.any(Number), seconds: 1 });
  expect(JSON.stringify(document)).not.toContain(story.emulator.token);
});

test.each([
  [
    "cut short",
    '{"cozeform":',
    "this isn't a plan that this version of cozeform wrote: it isn't valid JSON: object value expected after ':'",
  ],
  ["something else", "{}", "this isn't a plan that this version of cozeform wrote"],
  [
    "another format",
    '{"cozeform":{"format":99}}',
    "this plan was written by a newer version of cozeform (format 99)",
  ],
])("a plan file that is %s is refused before anything is sent", async (_name, text, message) => {
  const story = createStory({ files: { "desk.yaml": workspace, "plan.json": text } });
  await expect(story.apply({ planFile: join(story.directory, "plan.json") })).rejects.toThrow(
    new Error(message),
  );
  expect(story.emulator.requests).toEqual([]);
});

test("a plan made without asking Coze makes no call and can't be applied", async () => {
  const story = createStory({ files: { "desk.yaml": manifests(workspace, bot("一".repeat(500))) } });
  await story.apply();
  expect(await story.requestsOf(() => story.plan({ refresh: "none" }))).toEqual([]);
  expect(summarize(await story.plan({ refresh: "none" }))).toEqual([]);
  story.write({ "desk.yaml": manifests(workspace, bot("二")) });
  const planned = await story.plan({ refresh: "none" });
  expect(summarize(planned)).toEqual(["update Bot.a"]);
  const planFile = join(story.directory, "plan.json");
  writeFileSync(planFile, JSON.stringify(planned.document));
  await expect(story.apply({ planFile })).rejects.toThrow(/without asking Coze/);
});
