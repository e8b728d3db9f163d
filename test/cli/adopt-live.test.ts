import { chmodSync, lstatSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { Files } from "../support/story.ts";
import { createConsole, smallManifests } from "./console.ts";

const header = "apiVersion: cozeform/v1\n";

const support = `${header}kind: Bot
metadata: {name: support} # 售后
spec:
  workspace: desk   # the one desk
  name: support
  prompt: |  # a long one
    你是客服。
    要有礼貌。

  onboarding: {prologue: '你好', suggested_questions: [怎么退货？,  "多久到？"]}
  model: &model {id: "1706077826", temperature: 0.7}
  knowledge:
    datasets:
      - faq # the answers
  publish: {connectors: [api]}
`;

/** An applied project of a bot that somebody edits at Coze. */
async function createDesk(files: Files = { "support.yaml": support }) {
  const desk = createConsole({ "desk.yaml": smallManifests, ...files });
  const applied = await desk.sh("apply --auto-approve");
  if (applied.code !== 0) throw new Error(applied.err);
  const { world } = desk.emulator;
  const bot = (name = "support") => [...world.bots.values()].find(({ draft }) => draft.name === name);
  const edit = (change: Parameters<typeof world.editBot>[1], name = "support") =>
    world.editBot(bot(name)?.id ?? "", change);
  const read = (file: string) => readFileSync(join(desk.directory, file), "utf8");
  /** Runs a line that writes nothing at Coze. */
  const see = async (line: string) => {
    const before = desk.emulator.requests.length;
    const ran = await desk.sh(line);
    expect(desk.emulator.requests.slice(before).filter(({ writes }) => writes)).toEqual([]);
    return ran;
  };
  return { ...desk, world, bot, edit, read, see };
}

/** The apply after an adopted edit publishes the draft, makes no other writing call, and leaves nothing to do. */
async function expectPublication(desk: Awaited<ReturnType<typeof createDesk>>) {
  const { calls } = JSON.parse((await desk.see("plan --format json")).out).cozeform;
  const plan = await desk.see("plan --detailed-exitcode");
  // Three lists, which every apply reads, and the publication.
  expect([plan.code, calls.apply]).toEqual([2, 4]);
  expect(plan.out).toContain("its draft is published: the manifest took over an edit made at Coze");
  expect(plan.out).toContain("Plan: 1 to update");
  const before = desk.emulator.requests.length;
  expect((await desk.sh("apply --auto-approve")).code).toBe(0);
  const sent = desk.emulator.requests.slice(before).filter(({ writes }) => writes);
  expect(sent.map(({ operation }) => operation)).toEqual(["publish_bot"]);
  expect((await desk.see("plan --detailed-exitcode")).code).toBe(0);
}

describe("adopt-live writes an edit made at Coze into the manifest, and the next apply only publishes it", () => {
  const model = { model_id: "1706077826", temperature: 0.9 };
  const cases: readonly [
    string,
    Parameters<Awaited<ReturnType<typeof createDesk>>["edit"]>[0],
    [string, string][],
  ][] = [
    [
      "a block",
      { prompt_info: { prompt: "你是客服。\n要很有礼貌。\n" } },
      [["    要有礼貌。", "    要很有礼貌。"]],
    ],
    ["a number in a flow map", { model_info_config: model }, [["temperature: 0.7", "temperature: 0.9"]]],
    [
      "a text and a list",
      { onboarding_info: { prologue: "您好，it's", suggested_questions: ["多久到？", "能退吗？"] } },
      [
        ["'你好'", "'您好，it''s'"],
        ['[怎么退货？,  "多久到？"]', '["多久到？", 能退吗？]'],
      ],
    ],
    [
      "an emptied list of references",
      { knowledge: { dataset_ids: [] } },
      [["\n    datasets:\n      - faq # the answers", "\n    datasets: [] # the answers"]],
    ],
    [
      "a text with a mark of ours",
      { prompt_info: { prompt: "写 ${x}\n" } },
      [["    你是客服。\n    要有礼貌。", "    写 $${x}"]],
    ],
  ];
  test.each(cases)("%s", async (_, change, changes) => {
    const desk = await createDesk();
    desk.edit(change);
    const ran = await desk.see("adopt-live Bot.support");
    expect([ran.err, ran.code]).toEqual(["", 0]);
    const expected = changes.reduce((text, [old, now]) => text.replace(old, () => now), support);
    expect(desk.read("support.yaml")).toBe(expected);
    await expectPublication(desk);
  });
});

test("nothing is published that was taken back, that Coze held all the time, or of a bot without publish", async () => {
  const plain = support.replace("publish: {connectors: [api]}\n", "").replaceAll("support", "plain");
  const desk = await createDesk({ "support.yaml": support, "plain.yaml": plain.replace("  publish", "") });
  desk.edit({ prompt_info: { prompt: "改了\n" } }, "plain");
  expect((await desk.see("adopt-live Bot.plain")).code).toBe(0);
  desk.edit({ prompt_info: { prompt: "改了\n" } });
  desk.edit({ prompt_info: { prompt: "你是客服。\n要有礼貌。\n" } });
  const more = support.replace("  model:", "  description: ''\n  model:").replace("[faq]", "[faq] # one");
  desk.write({ "support.yaml": more });
  const { out, code } = await desk.see("plan --detailed-exitcode");
  expect([out, code]).toEqual([expect.stringContaining("No changes"), 0]);
});

test("a publication that fails after an adopted edit is made by the next apply", async () => {
  const desk = await createDesk();
  desk.edit({ prompt_info: { prompt: "改了\n" } });
  expect((await desk.see("adopt-live Bot.support")).code).toBe(0);
  desk.emulator.faults.set([{ operation: "publish_bot", fault: "refuse", code: 4000, msg: "no" }]);
  expect((await desk.sh("apply --auto-approve")).code).toBe(1);
  desk.emulator.faults.set([]);
  const before = desk.emulator.requests.length;
  expect((await desk.sh("apply --auto-approve")).code).toBe(0);
  const sent = desk.emulator.requests.slice(before).filter(({ writes }) => writes);
  expect(sent.map(({ operation }) => operation)).toEqual(["publish_bot"]);
  expect((await desk.see("plan --detailed-exitcode")).code).toBe(0);
});

test("adopt-live keeps the line ends and the byte order mark of manifests and of text files", async () => {
  const manifest = support
    .replace(/prompt: \|.*\n[\s\S]*?\n\n/u, "prompt: {file: prompt.md}\n")
    .replaceAll("\n", "\r\n");
  const desk = await createDesk({ "support.yaml": `\uFEFF${manifest}`, "prompt.md": "\uFEFF你是客服。\r\n" });
  desk.edit({
    prompt_info: { prompt: "你是客服。\n要有礼貌。\n" },
    onboarding_info: { prologue: "您好", suggested_questions: ["怎么退货？", "多久到？"] },
  });
  expect((await desk.see("adopt-live Bot.support")).out).toBe(`\
Bot.support: prompt in prompt.md
Bot.support: onboarding.prologue in support.yaml
2 values written as Coze holds them (3 API calls).
`);
  expect(desk.read("prompt.md")).toBe("\uFEFF你是客服。\r\n要有礼貌。\r\n");
  expect(desk.read("support.yaml")).toBe(`\uFEFF${manifest}`.replace("'你好'", "'您好'"));
  await expectPublication(desk);
});

test("adopt-live writes into the patch that sets the field", async () => {
  const project = `${header}kind: Project\nname: desk\nmanifests: ["*.yaml"]\ndefault_environment: dev\nenvironments: {dev: {patches: [dev/*.yaml]}}\n`;
  const patch = `${header}kind: Bot\nmetadata: {name: support}\nspec:\n  prompt: "开发" # for tests\n`;
  const desk = await createDesk({
    "cozeform.yaml": project,
    "support.yaml": support,
    "dev/support.yaml": patch,
  });
  desk.edit({ prompt_info: { prompt: "改好了" } });
  expect((await desk.see("adopt-live Bot.support")).code).toBe(0);
  expect([desk.read("support.yaml"), desk.read("dev/support.yaml")]).toEqual([
    support,
    patch.replace("开发", "改好了"),
  ]);
});

test("adopt-live --published takes what callers get, and not the draft", async () => {
  const desk = await createDesk();
  desk.edit({ prompt_info: { prompt: "发布了" } });
  desk.world.publishBot(desk.bot()?.id ?? "");
  desk.edit({ prompt_info: { prompt: "还是草稿" } });
  expect((await desk.see("adopt-live --published Bot.support")).code).toBe(0);
  expect(desk.read("support.yaml")).toContain("  prompt: |-  # a long one\n    发布了\n\n");
  const status = await desk.see("status");
  expect(status.out).toContain('"发布了" -> "还是草稿"  (draft isn\'t published)');
});

test("adopt-live refuses what an interpolation, an anchor or several resources share, all at once, and writes nothing", async () => {
  const bots = `${header}kind: Bot
metadata: {name: many, for_each: [a, b]}
spec: {workspace: desk, name: "\${each.value}", prompt: 你好, description: "机器人\${var.suffix}"}
---
${header}kind: Bot
metadata: {name: anchored}
spec: {workspace: desk, name: anchored, description: &same 一样, prompt: *same}
`;
  const project = `${header}kind: Project\nname: desk\nenvironments: {dev: {variables: {suffix: "-dev"}}}\ndefault_environment: dev\n`;
  const desk = await createDesk({ "cozeform.yaml": project, "bots.yaml": bots, "support.yaml": support });
  for (const name of ["a", "anchored"]) desk.edit({ prompt_info: { prompt: "改" }, description: "改" }, name);
  desk.edit({ prompt_info: { prompt: "改" } });
  const { code, err } = await desk.see(`adopt-live Bot.many["a"] Bot.anchored Bot.support`);
  expect(code).toBe(3);
  expect(err.match(/^\S+:\d+:\d+ .*(?= {2}hint)/gmu)).toEqual([
    'bots.yaml:4:56  Bot.many["a"]: prompt is written where Bot.many["b"] has it from, too',
    'bots.yaml:4:73  Bot.many["a"]: description is written where Bot.many["b"] has it from, too',
    "bots.yaml:9:60  Bot.anchored: an anchor or alias holds description, and other values with it",
    "bots.yaml:9:60  Bot.anchored: an anchor or alias holds prompt, and other values with it",
  ]);
  expect([desk.read("bots.yaml"), desk.read("support.yaml")]).toEqual([bots, support]);
});

test("adopt-live leaves what the manifest alone changed, and says when nothing was edited", async () => {
  const desk = await createDesk();
  const changed = support.replace("要有礼貌", "要热情");
  desk.write({ "support.yaml": changed });
  expect((await desk.see("adopt-live Bot.support")).out).toBe(
    "0 values written as Coze holds them (3 API calls).\n",
  );
  expect(desk.read("support.yaml")).toBe(changed);
});

test("adopt-live follows links within the project, and keeps the permissions of files", async () => {
  const manifest = support.replace(/prompt: \|.*\n[\s\S]*?\n\n/u, "prompt: {file: link.md}\n");
  const desk = createConsole({
    "desk.yaml": smallManifests,
    "support.yaml": manifest,
    "shared/prompt.md": "你是客服",
  });
  const at = (file: string) => join(desk.directory, file);
  symlinkSync("shared/prompt.md", at("link.md"));
  chmodSync(at("shared/prompt.md"), 0o640);
  expect((await desk.sh("apply --auto-approve")).code).toBe(0);
  const [bot] = desk.emulator.world.bots.keys();
  desk.emulator.world.editBot(bot ?? "", { prompt_info: { prompt: "改了" } });
  expect((await desk.sh("adopt-live Bot.support")).code).toBe(0);
  expect(lstatSync(at("link.md")).isSymbolicLink()).toBe(true);
  expect(readFileSync(at("shared/prompt.md"), "utf8")).toBe("改了");
  expect(statSync(at("shared/prompt.md")).mode & 0o777).toBe(0o640);
});

test("a field that is new in a manifest was edited by nobody at Coze", async () => {
  const desk = await createDesk({ "support.yaml": support.replace("prologue: '你好', ", "") });
  desk.write({ "support.yaml": support });
  expect((await desk.see("status")).out).toContain(
    'onboarding.prologue: "" -> "你好"  (manifest isn\'t applied)',
  );
  expect((await desk.see("adopt-live Bot.support")).code).toBe(0);
  expect(desk.read("support.yaml")).toBe(support);
});
