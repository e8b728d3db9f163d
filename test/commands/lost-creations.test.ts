import { describe, expect, test } from "@jest/globals";
import type { Values } from "../../src/core/value.ts";
import { createFaults, createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const dataset = (spec: Values = {}) =>
  manifest("Dataset", "faq", { workspace: "desk", name: "faq", format: "text", ...spec });

type Faults = ReturnType<typeof createFaults>;

test("a document whose file changed after its creation was cut off is made of the new file", async () => {
  const faults = createFaults();
  const document = manifest("Document", "a", { dataset: "faq", name: "a.txt", source: { file: "a.txt" } });
  const story = createStory({
    files: { "a.yaml": manifests(workspace, dataset(), document), "a.txt": "旧" },
    emulator: { hooks: faults.hooks },
  });
  faults.breakAfter("create_knowledge_files");
  expect(failuresOf(await story.apply())).toHaveLength(1);
  faults.heal();
  story.write({ "a.txt": "新的" });
  expect(failuresOf(await story.apply())).toEqual([]);
  const { documents } = story.emulator.world;
  expect([...documents.values()].map(({ name, char_count }) => [name, char_count])).toEqual([["a.txt", 2]]);
  expect(summarize(await story.plan())).toEqual([]);
});

describe("what was cut off while it was changed, and is then wanted as it was", () => {
  const two = manifest("Workspace", "two", { name: "二", description: "二" });
  const member = (role: string) =>
    manifest("WorkspaceMember", "li", { workspace: "desk", user_id: "4114791485511", role });
  const bot = (name: string, spec: Values = {}) =>
    manifest("Bot", name, { workspace: "desk", name: "导购", ...spec });

  async function cutOff(last: string, before: readonly string[], changed: readonly string[]) {
    const faults = createFaults();
    const story = createStory({
      files: { "a.yaml": manifests(workspace, two, ...before) },
      emulator: { hooks: faults.hooks },
    });
    const allow = new Set(["allow-ownership-transfer", "allow-orphans"] as const);
    expect(failuresOf(await story.apply())).toEqual([]);
    story.write({ "a.yaml": manifests(workspace, two, ...changed) });
    faults.breakAfter(last);
    expect(failuresOf(await story.apply({ allow }))).toHaveLength(1);
    faults.heal();
    const applyAgain = async (...wanted: readonly string[]) => {
      story.write({ "a.yaml": manifests(workspace, two, ...wanted) });
      const notRenamed = wanted.some((one) => one.includes("other")) ? ["Bot.other"] : [];
      expect(failuresOf(await story.apply({ allow, notRenamed }))).toEqual([]);
      expect(summarize(await story.plan())).toEqual([]);
      return story.emulator.world;
    };
    return { story, applyAgain };
  }

  test("a member has the former role again", async () => {
    const { applyAgain } = await cutOff("add_space_member", [member("member")], [member("admin")]);
    const { workspaces } = await applyAgain(member("member"));
    const members = [...workspaces.values()].flatMap((one) => (one.name === "客服空间" ? one.members : []));
    expect(members.map(({ role_type }) => role_type)).toEqual(["owner", "member"]);
  });

  test("a dataset is where it was, and nowhere else", async () => {
    const { applyAgain } = await cutOff("create_dataset", [dataset()], [dataset({ workspace: "two" })]);
    const { datasets, workspaces } = await applyAgain(dataset());
    const places = [...datasets.values()].map(({ space_id }) => workspaces.get(space_id)?.name);
    expect(places).toEqual(["客服空间"]);
  });

  test("a bot has to be finished first", async () => {
    const { story, applyAgain } = await cutOff(
      "create_bot",
      [bot("guide")],
      [bot("guide", { workspace: "two" })],
    );
    story.write({ "a.yaml": manifests(workspace, two, bot("guide")) });
    const message =
      "the creation of Bot.guide was interrupted, and workspace changed since but can't be updated in place";
    const hint = "apply the manifest as it was first, then change it";
    await expect(story.plan()).rejects.toMatchObject({ diagnostics: [{ code: "cut-off", message, hint }] });
    await applyAgain(bot("guide", { workspace: "two" }));
    await applyAgain(bot("guide"));
  });

  test("a bot that was being published isn't left on its channel", async () => {
    const publish = { publish: { connectors: ["api"] } };
    const { applyAgain } = await cutOff("publish_bot", [], [bot("guide", publish)]);
    const { bots } = await applyAgain(bot("other", publish));
    expect([...bots.values()].map(({ channels }) => Object.keys(channels))).toEqual([[], ["1024"]]);
  });
});

describe.each<[string, (faults: Faults) => void, readonly string[]]>([
  ["whose answer gets lost", (faults) => faults.lose("after", "create_dataset"), []],
  [
    "after which the connection breaks",
    (faults) => faults.breakAfter("create_dataset"),
    ["Dataset.faq: Coze couldn't be reached: the connection failed"],
  ],
])("a creation %s", (_how, strike, failures) => {
  async function cutOff() {
    const faults = createFaults();
    const story = createStory({
      files: { "a.yaml": manifests(workspace, dataset()) },
      emulator: { hooks: faults.hooks },
    });
    strike(faults);
    expect(failuresOf(await story.apply())).toEqual(failures);
    faults.heal();
    expect(namesOf(story)).toEqual(["faq"]);
    await story.host.clock.sleep(10_000);
    return story;
  }
  const namesOf = ({ emulator }: ReturnType<typeof createStory>) =>
    [...emulator.world.datasets.values()].map(({ name }) => name);

  test("is not made again", async () => {
    const story = await cutOff();
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(namesOf(story)).toEqual(["faq"]);
    expect(summarize(await story.plan())).toEqual([]);
  });

  test("leaves nothing behind once destroyed", async () => {
    const story = await cutOff();
    expect(failuresOf(await story.apply({ destroy: true }))).toEqual([]);
    expect(namesOf(story)).toEqual([]);
  });

  test("leaves nothing behind once its manifest is gone", async () => {
    const story = await cutOff();
    story.write({ "a.yaml": workspace });
    expect(summarize(await story.plan())).toEqual(["delete Dataset.faq"]);
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(namesOf(story)).toEqual([]);
  });

  test("and that is then renamed leaves one object", async () => {
    const story = await cutOff();
    story.write({ "a.yaml": manifests(workspace, dataset({ name: "faq2" })) });
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(namesOf(story)).toEqual(["faq2"]);
  });

  test("is not gone on with unless Coze may be asked", async () => {
    const story = await cutOff();
    await expect(story.apply({ refresh: "none" })).rejects.toThrow("--refresh none makes no API calls");
    expect(namesOf(story)).toEqual(["faq"]);
  });
});

test("a creation that timed out and shows up a little later isn't repeated", async () => {
  let hidden = 0;
  let lost = false;
  const story = createStory({
    files: { "a.yaml": manifests(workspace, dataset()) },
    emulator: {
      hooks: {
        async after({ operation, path }) {
          if (operation === "create_dataset" && !lost) {
            lost = true;
            await story.host.clock.sleep(60_000);
            hidden = story.host.clock.now() + 2000;
            throw new TypeError("timed out");
          }
          if (/^\/v1\/datasets\?/.test(path) && story.host.clock.now() < hidden)
            return Response.json({ code: 0, msg: "", data: { total_count: 0, dataset_list: [] } });
          return undefined;
        },
      },
    },
  });
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(story.emulator.world.datasets.size).toBe(1);
});

test("a bot whose filling in broke off is finished by the next apply", async () => {
  const faults = createFaults();
  const bot = manifest("Bot", "a", {
    workspace: "desk",
    name: "a",
    knowledge: { datasets: ["faq"] },
    publish: { connectors: ["api"] },
  });
  const story = createStory({
    files: { "a.yaml": manifests(workspace, bot, dataset()) },
    emulator: { hooks: faults.hooks },
  });
  faults.breakAfter("update_bot");
  expect(failuresOf(await story.apply())).toEqual([
    "Bot.a: it is unknown whether the call took effect: the connection failed",
  ]);
  faults.heal();
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(Object.keys([...story.emulator.world.bots.values()][0]?.channels ?? {})).toEqual(["1024"]);
  expect(summarize(await story.plan())).toEqual([]);
});
