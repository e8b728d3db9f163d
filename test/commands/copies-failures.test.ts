import { expect, test } from "@jest/globals";
import type { RunEvent } from "../../src/engine/events.ts";
import { renderEvent } from "../../src/report/events.ts";
import { renderEventJson } from "../../src/report/json.ts";
import { renderSummary } from "../../src/report/summary.ts";
import { createStory, manifest, manifests, type Story } from "../support/story.ts";

const project = `\
apiVersion: cozeform/v1
kind: Project
name: p
environments:
  dev: {variables: {space: 开发}}
  prod: {variables: {space: 生产}}
`;
const spaces = manifest("Workspace", "desk", { name: "$" + "{var.space}", description: "客服" });

const drawing = { color: false, width: 100, createFirst: new Set(["Bot"]) };

const lineOf = (text: string, sought: string, from = 0): number =>
  text.slice(0, text.indexOf(sought, from)).split("\n").length;

/** A dev environment that has made a bot, and originals that nobody manages, all of them used by one app. */
async function createDev() {
  const story = createStory({ files: { "cozeform.yaml": project, "a.yaml": spaces } });
  const { world } = story.emulator;
  await story.apply({ environment: "dev" });
  const [dev] = [...world.workspaces.values()].filter(({ name }) => name === "开发");
  const space_id = dev?.id ?? "";
  const refund = world.addWorkflow({ space_id, name: "退款审批" }).id;
  const lone = world.addWorkflow({ space_id, name: "无人管" }).id;
  const { id: tool, tools } = world.addPlugin({ space_id, name: "发票查询", is_official: false });
  const shop = world.addApp({
    space_id,
    name: "小店",
    uses: { workflows: [refund, lone], plugins: [tool] },
  }).id;
  return { story, refund, lone, tool, call: tools[0]?.id ?? "", shop };
}

const sourced = (name: string, type: string, there: string) =>
  manifest("Copy", name, { type, source: { environment: "dev", [type]: there }, workspace: "desk" });

const partsOf = ({ result }: Awaited<ReturnType<Story["apply"]>>) =>
  result?.failed.flatMap(({ failure }) =>
    (failure.parts ?? []).map(({ text, address, at }) => [
      `${at?.file}:${at?.line}:${at?.column}`,
      address,
      text,
    ]),
  );

test("each reason stands at the manifest line that it concerns", async () => {
  const { story, refund, lone, tool, call, shop } = await createDev();
  const { world } = story.emulator;
  const bot = manifest("Bot", "support", {
    workspace: "desk",
    name: "客服",
    plugins: [{ plugin: { id: tool }, tool: { id: call } }],
  });
  const flows = manifests(sourced("shop", "app", "小店"), sourced("refund", "workflow", "退款审批"));
  story.write({ "bots.yaml": bot, "flows.yaml": flows });
  await story.apply({ environment: "dev" });
  world.failCopyOf(refund, "资源配额不足");
  world.failCopyOf(lone, "名称重复");
  world.failCopyOf(tool, "插件已下架");
  world.failCopyOf(shop, "应用过大");

  const applied = await story.apply({ environment: "prod" });
  const first = lineOf(flows, "source:");
  const second = lineOf(flows, "source:", flows.indexOf("name: refund"));
  const plugin = lineOf(bot, "- plugin:");
  expect(partsOf(applied)).toEqual([
    [`flows.yaml:${second}:3`, "Copy.refund", `workflow 退款审批 (${refund}): 资源配额不足`],
    [`flows.yaml:${second}:3`, "Copy.refund", `workflow 退款审批 (${refund}): 资源配额不足`],
    ["flows.yaml:1:1", "Copy.shop", `workflow 无人管 (${lone}): 名称重复`],
    [`bots.yaml:${plugin}:7`, "Bot.support", `plugin 发票查询 (${tool}): 插件已下架`],
    [`flows.yaml:${first}:3`, "Copy.shop", `app 小店 (${shop}): 应用过大`],
  ]);
  const { result } = applied;
  if (!result) throw new Error("nothing was applied");
  expect(renderSummary({ ...result, calls: 9, ms: 2000 }, drawing)).toBe(`\
Failed (2):
  + Copy.refund  Coze couldn't copy it
      flows.yaml:${second}:3  workflow 退款审批 (${refund}): 资源配额不足
      hint: fix the listed problems and run again; parts copied before the failure may remain in the
      workspace
  + Copy.shop  Coze couldn't copy it
      flows.yaml:${second}:3  workflow 退款审批 (${refund}): 资源配额不足
      flows.yaml:1:1  workflow 无人管 (${lone}): 名称重复
      bots.yaml:${plugin}:7  plugin 发票查询 (${tool}): 插件已下架
      flows.yaml:${first}:3  app 小店 (${shop}): 应用过大
      hint: fix the listed problems and run again; parts copied before the failure may remain in the
      workspace

Apply incomplete: 2 created, 2 failed in 2.0s with 9 API calls.
Completed steps are saved; run again to continue.
`);
  const failed = story.events.filter((event) => event.type === "step-failed");
  expect(failed.map((event) => JSON.parse(renderEventJson(event)) as object)).toMatchObject([
    { failure: { message: "Coze couldn't copy it", parts: [{ address: "Copy.refund" }] } },
    { failure: { parts: [{}, {}, {}, { address: "Copy.shop", at: { file: "flows.yaml", line: first } }] } },
  ]);
  expect(renderEvent(failed[0] as RunEvent, drawing)).toContain(
    `s: Coze couldn't copy it: workflow 退款审批 (${refund}): 资源配额不足\n`,
  );
});

test("a resource that the source environment manages is concerned itself", async () => {
  const { story, shop } = await createDev();
  const faq = manifest("Dataset", "faq", { workspace: "desk", name: "常见问题", format: "text" });
  story.write({ "flows.yaml": sourced("shop", "app", "小店"), "faq.yaml": faq });
  await story.apply({ environment: "dev" });
  const [made] = [...story.emulator.world.datasets.values()];
  const reason = { entity_type: "knowledge", entity_id: made?.id ?? "", entity_name: "常见问题" };
  story.emulator.world.failCopyOf(shop, { ...reason, failed_reason: "知识库不可复制" });
  expect(partsOf(await story.apply({ environment: "prod" }))).toEqual([
    ["faq.yaml:1:1", "Dataset.faq", `knowledge 常见问题 (${made?.id}): 知识库不可复制`],
  ]);
});

test("what stands in the way of several copies is told once, with each of them", async () => {
  const { story, tool, call, shop } = await createDev();
  const { world } = story.emulator;
  const space_id = world.apps.get(shop)?.space_id ?? "";
  const names = Array.from({ length: 100 }, (_, number) => `流程${number}`);
  for (const name of names) world.addWorkflow({ space_id, name, uses: { plugins: [tool] } });
  const bot = manifest("Bot", "support", {
    workspace: "desk",
    name: "客服",
    plugins: [{ plugin: { id: tool }, tool: { id: call } }],
  });
  const copies = names.map((name, number) => sourced(`c${number}`, "workflow", name));
  story.write({ "bots.yaml": bot, "flows.yaml": manifests(...copies) });
  world.failCopyOf(tool, "插件已下架");
  const { result } = await story.apply({ environment: "prod" });
  if (!result) throw new Error("nothing was applied");
  const lines = renderSummary(result, drawing).split("\n");
  expect(lines.slice(0, 6)).toEqual([
    "Failed (100):",
    "    Coze couldn't copy it",
    `      bots.yaml:${lineOf(bot, "- plugin:")}:7  plugin 发票查询 (${tool}): 插件已下架`,
    "      hint: fix the listed problems and run again; parts copied before the failure may remain in the",
    "      workspace",
    expect.stringMatching(/^ {6}\+ Copy\.c\d+ {2}flows\.yaml:\d+$/),
  ]);
  expect(lines[15]).toBe("        … and 90 more");
});

test("a reason that says nothing is told all the same", async () => {
  const { story, shop } = await createDev();
  story.write({ "flows.yaml": sourced("shop", "app", "小店") });
  story.emulator.world.failCopyOf(shop, { entity_name: "", failed_reason: "" });
  expect(partsOf(await story.apply({ environment: "prod" }))).toEqual([
    ["flows.yaml:7:3", "Copy.shop", `app (${shop}): Coze gives no reason`],
  ]);
});
