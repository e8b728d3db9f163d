import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { apply } from "../../src/commands/apply.ts";
import { plan } from "../../src/commands/plan.ts";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const bot = (name: string, more: object = {}) =>
  manifest("Bot", name, { workspace: "desk", name, prompt: `你是${name}`, ...more });

test("with 200 bots a second plan lists, and reads none of them again", async () => {
  const names = Array.from({ length: 200 }, (_, n) => `bot-${n}`);
  const story = createStory({
    files: { "bots.yaml": manifests(workspace, ...names.map((name) => bot(name))) },
  });
  expect(failuresOf(await story.apply())).toEqual([]);
  const requests = await story.requestsOf(() => story.plan());
  const pages = requests.filter((request) => /^GET \/v1\/bots\?/.test(request));
  expect(pages).toHaveLength(11);
  expect(requests.length - pages.length).toBeLessThanOrEqual(5);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a bot edited behind our back is read again, and only that one", async () => {
  const story = createStory({ files: { "bots.yaml": manifests(workspace, bot("a"), bot("b")) } });
  await story.apply();
  const [first] = [...story.emulator.world.bots.values()];
  await story.host.clock.sleep(5000);
  story.emulator.world.editBot(first?.id ?? "", { prompt_info: { prompt: "改过了" } });
  const requests = await story.requestsOf(() => story.plan());
  expect(requests.filter((request) => request.includes("is_published="))).toEqual([
    `GET /v1/bots/${first?.id}?is_published=false`,
  ]);
  const { plan } = await story.plan();
  const step = plan.steps.find(({ action }) => action === "update");
  expect(step?.changes).toMatchObject([{ path: ["prompt"], before: "改过了", after: "你是a" }]);
});

test("an edit in the second of the last reading is not missed", async () => {
  const story = createStory({ files: { "bots.yaml": manifests(workspace, bot("a")) } });
  await story.apply();
  const [first] = [...story.emulator.world.bots.values()];
  await story.host.clock.sleep(5000);
  story.emulator.world.editBot(first?.id ?? "", { description: "一" });
  await story.plan();
  story.emulator.world.editBot(first?.id ?? "", { prompt_info: { prompt: "同一秒里又改" } });
  const { plan } = await story.plan();
  expect(plan.steps.find(({ address }) => address === "Bot.a")?.changes).toMatchObject([
    { path: ["prompt"] },
  ]);
});

test("a bot is published when it changed or a channel is new, unpublished where it is no longer wanted", async () => {
  const published = (...connectors: string[]) => ({ publish: { connectors } });
  const story = createStory({ files: { "bots.yaml": manifests(workspace, bot("a", published("api"))) } });
  await story.apply();
  const writesOf = async (spec: object) => {
    const before = story.writes().length;
    story.write({ "bots.yaml": manifests(workspace, bot("a", spec)) });
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(summarize(await story.plan())).toEqual([]);
    return story.writes().slice(before);
  };
  expect(await writesOf(published("api"))).toEqual([]);
  expect(await writesOf({ ...published("api"), description: "新" })).toEqual(["update_bot", "publish_bot"]);
  expect(await writesOf({ ...published("api", "chat_sdk"), description: "新" })).toEqual(["publish_bot"]);
  expect(await writesOf({ ...published("api"), description: "新" })).toEqual(["unpublish_agent"]);
  expect(await writesOf({ description: "新" })).toEqual(["unpublish_agent"]);
});

test("a bot taken off a channel by hand is published again", async () => {
  const spec = { publish: { connectors: ["api", "chat_sdk"] } };
  const story = createStory({ files: { "bots.yaml": manifests(workspace, bot("a", spec)) } });
  await story.apply();
  const [first] = [...story.emulator.world.bots.values()];
  await story.byHand("POST", `/v1/bots/${first?.id}/unpublish`, { connector_id: "999" });
  const planned = await story.plan();
  expect(planned.plan.steps.find(({ action }) => action === "update")?.changes).toMatchObject([
    { path: ["publish", "connectors", "999"] },
  ]);
  await story.apply();
  expect(summarize(await story.plan())).toEqual([]);
});

test("what goes: the bot is forgotten, the dataset it was bound to is deleted after it let go", async () => {
  const dataset = manifest("Dataset", "faq", { workspace: "desk", name: "常见问题", format: "text" });
  const bound = bot("a", { knowledge: { datasets: ["faq"] } });
  const story = createStory({ files: { "all.yaml": manifests(workspace, dataset, bound) } });
  await story.apply();

  story.write({ "all.yaml": manifests(workspace, bot("a", { knowledge: { datasets: [] } })) });
  const planned = await story.plan();
  expect(summarize(planned)).toEqual(["update Bot.a", "delete Dataset.faq"]);
  const deletion = planned.plan.steps.find(({ action }) => action === "delete");
  expect(deletion?.effects.map(({ text }) => text)).toEqual(["deletes 0 documents and unbinds 1 bot"]);
  const before = story.writes().length;
  await story.apply();
  expect(story.writes().slice(before)).toEqual(["update_bot", "delete_dataset"]);

  story.write({ "all.yaml": undefined });
  const rest = await story.plan();
  expect(rest.plan.steps.map(({ action, address, effects }) => [action, address, effects[0]?.text])).toEqual([
    ["abandon", "Bot.a", "can't be deleted through the API: kept in Coze, removed from the state"],
    ["abandon", "Workspace.desk", "can't be deleted through the API: kept in Coze, removed from the state"],
  ]);
  const writes = story.writes().length;
  await story.apply();
  expect(story.writes()).toHaveLength(writes);
  expect(story.emulator.world.bots.size).toBe(1);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a bot and its dataset that go together: nothing is deleted under a bot that still uses it", async () => {
  const dataset = manifest("Dataset", "faq", { workspace: "desk", name: "常见问题", format: "text" });
  const bound = bot("a", { knowledge: { datasets: ["faq"] } });
  const story = createStory({ files: { "all.yaml": manifests(workspace, dataset, bound) } });
  await story.apply();
  story.write({ "all.yaml": workspace });
  await story.apply();
  const order = story.events.flatMap((event) => (event.type === "step-finished" ? [event.step.address] : []));
  expect(order.slice(-2)).toEqual(["Bot.a", "Dataset.faq"]);
});

test("a bot that nobody keeps is taken off its channels before it is forgotten", async () => {
  const spec = { publish: { connectors: ["api", "chat_sdk"] } };
  const story = createStory({ files: { "bots.yaml": manifests(workspace, bot("a", spec)) } });
  await story.apply();
  story.write({ "bots.yaml": workspace });
  const planned = await story.plan();
  const step = planned.plan.steps.find(({ action }) => action === "abandon");
  expect(step?.effects.map(({ text }) => text)).toEqual([
    "unpublishes it from api",
    "unpublishes it from chat_sdk",
    "can't be deleted through the API: kept in Coze, removed from the state",
  ]);
  const before = story.writes().length;
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(story.writes().slice(before)).toEqual(["unpublish_agent", "unpublish_agent"]);
});

test("a bot that was renamed by hand and given up is taken off its channels as well", async () => {
  const published = bot("a", { publish: { connectors: ["api"] } });
  const story = createStory({ files: { "bots.yaml": manifests(workspace, published) } });
  await story.apply();
  const [made] = [...story.emulator.world.bots.values()];
  await story.host.clock.sleep(5000);
  story.emulator.world.editBot(made?.id ?? "", { name: "手改" });
  story.write({ "bots.yaml": workspace });
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(made?.channels).toEqual({});
});

test("a bot replaced by one in another workspace isn't left published", async () => {
  const two = manifest("Workspace", "two", { name: "二", description: "二" });
  const published = (workspace: string) => bot("a", { workspace, publish: { connectors: ["api"] } });
  const story = createStory({ files: { "bots.yaml": manifests(workspace, two, published("desk")) } });
  await story.apply();
  story.write({ "bots.yaml": manifests(workspace, two, published("two")) });
  await expect(story.apply()).rejects.toThrow("--allow-orphans");
  expect(failuresOf(await story.apply({ allow: new Set(["allow-orphans"]) }))).toEqual([]);
  const channels = [...story.emulator.world.bots.values()].map((made) => Object.keys(made.channels));
  expect(channels).toEqual([[], ["1024"]]);
});

test("what is ignored or can't be unset makes no new version", async () => {
  const publish = { connectors: ["api"] };
  const lifecycle = { lifecycle: { ignore_changes: ["onboarding.prologue"] } };
  const write = (spec: object) =>
    manifests(workspace, manifest("Bot", "a", { workspace: "desk", name: "a", publish, ...spec }, lifecycle));
  const full = { onboarding: { prologue: "您好" }, suggested_replies: { mode: "enable" } };
  const story = createStory({ files: { "bots.yaml": write(full) } });
  await story.apply();
  story.write({ "bots.yaml": write({ onboarding: { prologue: "另一句" } }) });
  expect(summarize(await story.plan())).toEqual([]);
});

test("a field that is ignored and can't be read keeps its last value when another one is sent", async () => {
  const lifecycle = { lifecycle: { ignore_changes: ["knowledge.auto_call"] } };
  const write = (auto_call: boolean, search_strategy: string) => {
    const knowledge = { datasets: [], auto_call, search_strategy };
    return manifests(workspace, manifest("Bot", "a", { workspace: "desk", name: "a", knowledge }, lifecycle));
  };
  const story = createStory({ files: { "bots.yaml": write(true, "semantic") } });
  await story.apply();
  story.write({ "bots.yaml": write(false, "hybrid") });
  const { plan } = await story.plan();
  const step = plan.steps.find(({ address }) => address === "Bot.a");
  expect(step?.target?.knowledge).toMatchObject({ auto_call: true, search_strategy: "hybrid" });
});

test("a prompt that Coze holds under other keys and orders is still the same", async () => {
  for (const onboardingKeys of ["capitalised", "plain"] as const) {
    const spec = { onboarding: { prologue: "您好", suggested_questions: ["怎么退货？", "多久发货？"] } };
    const story = createStory({
      files: { "bots.yaml": manifests(workspace, bot("a", spec)) },
      emulator: { world: { onboardingKeys } },
    });
    await story.apply();
    expect(summarize(await story.plan({ refresh: "full" }))).toEqual([]);
  }
});

test("a channel's parameters come from outside, are sent, and stand in no plan, state or output", async () => {
  const config = { device_id: ["${env.COZE_DEVICE}"] };
  const spec = { publish: { connectors: ["api", { id: "7470849514748", config }] } };
  const story = createStory({ files: { "bots.yaml": manifests(workspace, bot("a", spec)) } });
  const env = { ...story.host.env, COZE_DEVICE: "device-51237825" };
  const host = { ...story.host, env };
  const common = { directory: story.directory, endpoint: "http://127.0.0.1" };
  const planned = await plan(host, common);
  expect(JSON.stringify(planned.document)).not.toContain(env.COZE_DEVICE);
  expect(failuresOf(await apply(host, { ...common, approve: async () => true }))).toEqual([]);
  const published = story.emulator.requests.find(({ operation }) => operation === "publish_bot");
  expect(published?.body).toMatchObject({
    connectors: { "7470849514748": { device_id: JSON.stringify([env.COZE_DEVICE]) } },
  });
  const state = readFileSync(join(story.directory, ".cozeform", "default.state.json"), "utf8");
  expect(state).not.toContain(env.COZE_DEVICE);
  expect(summarize(await plan(host, common))).toEqual([]);

  const other = { ...host, env: { ...env, COZE_DEVICE: "device-99999999" } };
  const changed = await plan(other, common);
  expect(changed.plan.steps.find(({ action }) => action === "update")?.changes).toMatchObject([
    { path: ["publish", "connectors", "7470849514748", "config"], sensitive: true, unreadable: true },
  ]);
});
