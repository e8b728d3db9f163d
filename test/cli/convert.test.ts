import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parseDocument } from "yaml";
import {
  agentPack,
  bishengAssistant,
  bishengSkills,
  bishengWorkflow,
  difyExport,
  fastGptExport,
  fastGptModules,
} from "../support/foreign-exports.ts";
import { manifest } from "../support/story.ts";
import { createConsole } from "./console.ts";

const plain = { env: { NO_COLOR: "1" } };
const open = (files: Readonly<Record<string, string>>) => {
  const console = createConsole(files);
  const read = (file: string) => readFileSync(path.join(console.directory, file), "utf8");
  return { ...console, read, manifest: (file: string) => parseDocument(read(file)).toJS() };
};

test("a Dify DSL becomes a bot; what has no counterpart is named, and only the workspace is to be filled in", async () => {
  const { sh, read, emulator } = open({ "in/support.yml": difyExport("agent-chat") });
  const { code, out, err } = await sh("convert in/support.yml -o desk", plain);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toBe(`\
in/support.yml is a Dify export of version 0.1.5, of one agent.
  Bot.shou-hou-zhu-shou  售后助手
    Model gpt-4o-mini, temperature: 0.3: Coze's default model is used until you write one of Coze: model: {id: …}.
    Not carried over, tools: 报时. Bind plugins or workflows of Coze: plugins:, workflows:.
    Not carried over, contents of knowledge bases: 5b7a44f2, 9e1d0c0a. Download the files there and add documents.
    Not carried over, variables: city. Coze's API sets none: add them to the bot in Coze, or write their values into the prompt.
    Not carried over, settings: speech_to_text. Set them in Coze.

Wrote one file:
  manifests/bots/shou-hou-zhu-shou.yaml

The manifests are valid once these variables are set: workspace_id. Then plan: cozeform plan desk --var workspace_id=…
`);
  expect(read("desk/manifests/bots/shou-hou-zhu-shou.yaml")).toBe(`\
# Converted from in/support.yml.
# Its model there: gpt-4o-mini, temperature: 0.3. Write one of Coze: model: {id: …}.

apiVersion: cozeform/v1
kind: Bot
metadata: {name: shou-hou-zhu-shou}
spec:
  workspace: {id: "\${var.workspace_id}"}
  name: 售后助手
  description: 回答退货问题
  prompt: |-
    你是售后助手，住在{{city}}。
    只谈退货。
  onboarding:
    prologue: 你好！
    suggested_questions:
      - 怎么退货？
      - 多久到账？
`);
  expect(await sh("validate desk", plain)).toMatchObject({ code: 3 });
  const set = "--var workspace_id=7532000000000000001";
  expect(await sh(`validate desk --strict ${set}`, plain)).toMatchObject({ code: 0, err: "" });
  expect(emulator.requests).toEqual([]);
});

describe("each format and version is recognized, and its words are carried over", () => {
  test.each([
    [
      "Dify chat without a version",
      difyExport("chat", "甲", ""),
      /is a Dify export, of one agent/u,
      { prompt: expect.stringContaining("售后助手"), onboarding: { prologue: "你好！" } },
      "city",
    ],
    [
      "Dify completion",
      difyExport("completion", "甲"),
      /version 0\.1\.5/u,
      { description: "回答退货问题" },
      "报时",
    ],
    [
      "Dify chatflow",
      difyExport("advanced-chat", "甲", "0.3.1"),
      /version 0\.3\.1/u,
      { prompt: expect.stringContaining("你是导购"), onboarding: { prologue: "欢迎光临" } },
      "查资料, 发邮件",
    ],
    [
      "Dify workflow",
      difyExport("workflow", "甲", "0.5.0"),
      /version 0\.5\.0/u,
      { description: "回答退货问题" },
      "cart",
    ],
    [
      "FastGPT from 4.8 on",
      JSON.stringify({ name: "甲", ...fastGptExport }),
      /FastGPT export of version 4\.8\+/u,
      {
        prompt: "你是客服。",
        onboarding: { prologue: "您好，请问：", suggested_questions: ["怎么退货？", "查订单"] },
        knowledge: { datasets: ["tui-huo-zheng-ce"] },
      },
      "nodes of its workflow: 查订单",
    ],
    [
      "a FastGPT template",
      JSON.stringify({ name: "甲", intro: "乙", workflow: fastGptExport }),
      /FastGPT/u,
      { description: "乙", prompt: "你是客服。" },
      "order",
    ],
    [
      "FastGPT before 4.8",
      JSON.stringify(fastGptModules, null, "\t"),
      /FastGPT export of version 4\.0-4\.7/u,
      {
        name: "jia",
        prompt: "你是实验室助手。",
        onboarding: { prologue: "您好", suggested_questions: ["开放时间"] },
      },
      "variables: name",
    ],
    [
      "a Bisheng workflow",
      JSON.stringify({ ...bishengWorkflow, name: "甲" }),
      /Bisheng export of version 3/u,
      {
        prompt: "你熟悉政策。",
        onboarding: { prologue: "欢迎", suggested_questions: ["有哪些补贴？"] },
        knowledge: { datasets: ["zheng-ce-ku"] },
      },
      "天眼查",
    ],
    [
      "a Bisheng skill",
      JSON.stringify(bishengSkills),
      /Bisheng export, of one/u,
      { name: "合同审查", prompt: "审查：{text}" },
      "Milvus",
    ],
    [
      "a Bisheng assistant",
      JSON.stringify({ ...bishengAssistant, name: "甲" }),
      /Bisheng/u,
      { prompt: "你是人事。", onboarding: { prologue: "请讲", suggested_questions: ["年假几天？"] } },
      "日历",
    ],
  ])("%s", async (_title, text, format, spec, left) => {
    const { sh, manifest: read } = open({ "jia.json": text });
    const { code, out, err } = await sh("convert jia.json -o desk --format json", plain);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { converted, files, diagnostics, blanks } = JSON.parse(out);
    expect({ diagnostics, blanks }).toEqual({ diagnostics: [], blanks: ["workspace_id"] });
    expect(converted).toMatchObject([{ file: "jia.json" }]);
    const bot = files.written.find((file: string) => file.startsWith("manifests/bots/"));
    expect(read(`desk/${bot}`)).toMatchObject({ kind: "Bot", spec });
    const told = open({ "jia.json": text });
    const words = (await told.sh("convert jia.json -o desk", plain)).out;
    expect(words).toMatch(format);
    expect(words).toContain(left);
  });

  test("an agents.yaml of OpenAgentPack, with a prompt in a file beside it", async () => {
    const { sh, manifest: read } = open({
      "pack/agents.yaml": agentPack,
      "pack/prompts/reviewer.md": "You are a reviewer.\r\n",
    });
    const { code, out } = await sh("convert pack/agents.yaml -o desk", plain);
    expect(code).toBe(0);
    expect(out).toContain("pack/agents.yaml is an OpenAgentPack export of version 1, of 2 agents.");
    expect(out).toContain("tools: bash, read, WebSearch");
    expect(out).toContain("other parts: code-review, nightly");
    expect(read("desk/manifests/bots/researcher.yaml").spec).toMatchObject({
      name: "researcher",
      prompt: "You are a research agent.\nCite your sources.\n",
    });
    expect(read("desk/manifests/bots/reviewer.yaml").spec.prompt).toBe("You are a reviewer.\n");
  });

  test("a prompt that isn't beside it, or outside its folder, is named", async () => {
    const { sh } = open({
      "pack/agents.yaml": agentPack.replace("prompts/reviewer", "../secret"),
      "secret.md": "s",
    });
    const { out } = await sh("convert pack/agents.yaml -o desk", plain);
    expect(out).toContain("in the prompt: ../secret.md");
  });
});

test("what a reader doesn't know, or can't read as it is written, is named in every format", async () => {
  const { sh } = open({
    "agents.yaml": `version: "1"
vaults: {keys: {path: v}}
agents:
  sales: {model: m, instructions: 你是导购, tools: [web], voice: soft}
  support: {model: m, instructions: {file: p.md}, skills: []}
  desk: 你是前台
`,
    "dify.yml": difyExport("chat").replace(
      "opening_statement: 你好！",
      "opening_statement: {text: 你好}\n  guard: on",
    ),
    "flow.yml": difyExport("advanced-chat").replace(
      "conversation_variables:",
      "rag_pipeline: [a]\n  conversation_variables:",
    ),
    "fast.json": JSON.stringify({
      ...fastGptExport,
      nodes: fastGptExport.nodes.map((node) =>
        node.nodeId === "chat"
          ? { ...node, inputs: [{ key: "systemPrompt", value: { text: "你是客服。" } }] }
          : node,
      ),
      chatConfig: { ...fastGptExport.chatConfig, welcomeText: ["您好"], ttsConfig: { type: "web" } },
    }),
    "sheng.json": JSON.stringify({
      ...bishengAssistant,
      guide_question: { a: "年假几天？" },
      memory: { on: true },
    }),
  });
  const { code, out } = await sh(
    "convert agents.yaml dify.yml flow.yml fast.json sheng.json -o desk --format json",
    plain,
  );
  expect(code).toBe(0);
  const { converted } = JSON.parse(out);
  type Agents = readonly {
    readonly left: readonly { readonly what: string; readonly names: readonly string[] }[];
  }[];
  const unread = converted.map(({ agents }: { readonly agents: Agents }) =>
    agents.map(({ left }) => left.filter(({ what }) => what === "unread").flatMap(({ names }) => names)),
  );
  expect(unread).toEqual([
    [["tools", "voice", "vaults"], ["instructions"], ["agents.desk"]],
    [["model_config.opening_statement", "model_config.guard"]],
    [["workflow.rag_pipeline"]],
    [["chatConfig.welcomeText", "chatConfig.ttsConfig", "systemPrompt"]],
    [["guide_question", "memory"]],
  ]);
  expect((await sh("convert agents.yaml -o else", plain)).out).toContain(
    "Not read, since it is unknown or not written as expected: tools, voice, vaults. See whether the bot needs it.",
  );
});

test("in a project with one workspace the manifests are valid right away, beside what it has", async () => {
  const { sh, manifest: read } = open({
    "desk/cozeform.yaml":
      "apiVersion: cozeform/v1\nkind: Project\nname: desk\nmanifests: [manifests/**/*.yaml]\n",
    "desk/manifests/desk.yaml": manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
    "desk/manifests/other.yaml": manifest("Bot", "shou-hou-zhu-shou", { workspace: "desk", name: "旧" }),
    "a.yml": difyExport("chat"),
    "b.json": JSON.stringify({ name: "售后助手", ...fastGptExport }),
  });
  const { code, out } = await sh("convert a.yml b.json -o desk", plain);
  expect(code).toBe(0);
  expect(out).toContain("The manifests are valid. Next: cozeform plan desk");
  expect(out).toContain("It is called 售后助手 there; Coze takes 售后助手 2.");
  // The name of the one is taken by a manifest of the project, and that of the other one by the first.
  expect(read("desk/manifests/bots/shou-hou-zhu-shou-2.yaml").spec).toMatchObject({
    workspace: "desk",
    name: "售后助手",
  });
  expect(read("desk/manifests/bots/shou-hou-zhu-shou-3.yaml").spec.name).toBe("售后助手 2");
  expect(read("desk/manifests/datasets/tui-huo-zheng-ce.yaml").spec).toEqual({
    workspace: "desk",
    name: "退货政策",
    format: "text",
  });
  expect(await sh("validate desk --strict", plain)).toMatchObject({ code: 0, err: "" });
  // Once more, everything is there already.
  expect(
    JSON.parse((await sh("convert a.yml b.json -o desk --format json", plain)).out).files.written,
  ).toEqual([]);
});

test("an export that the project's patterns read is to be moved, however it is named", async () => {
  const { sh } = open({
    "desk.yaml": manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
    "客服助手.yml": difyExport("chat"),
  });
  const { code, out } = await sh("convert ./客服助手.yml -o .", plain);
  expect(code).toBe(0);
  expect(out).toContain(`\
The manifests aren't valid yet:
  move ./客服助手.yml out of the project's manifests: the patterns of the project read it as one
`);
  expect(await sh("validate", plain)).toMatchObject({ code: 3 });
});

test("-w names the workspace, and long names and texts are told", async () => {
  const long = difyExport("chat", "一个名字比扣子允许的二十个字符还要长一些的助手").replace(
    "你好！",
    "好".repeat(301),
  );
  const { sh, manifest: read } = open({ "a.yml": long });
  const { out } = await sh("convert a.yml -o desk -w 7532000000000000001", plain);
  expect(out).toContain("The manifests are valid. Next: cozeform plan desk");
  expect(out).toContain("Coze takes 一个名字比扣子允许的二十个字符还要长一些");
  expect(out).toContain("onboarding.prologue");
  const [file = ""] = /manifests\/bots\/\S+/u.exec(out) ?? [];
  const { spec } = read(`desk/${file}`);
  expect([...spec.name]).toHaveLength(20);
  expect(spec.workspace).toEqual({ id: "7532000000000000001" });
  expect(spec.onboarding).toEqual({ suggested_questions: ["怎么退货？", "多久到账？"] });
});

test("all faulty files are told with their places, and nothing is written", async () => {
  const { sh } = open({
    "ok.yml": difyExport("chat"),
    "broken.yml": "app:\n  mode: chat\n  name: [a\nkind: app\n",
    "broken.json": '{"nodes": [{"flowNodeType": "chatNode"}',
    "other.yml": "services: {web: {image: nginx}}\n",
    "empty.yml": "",
  });
  const { code, out, err } = await sh(
    "convert ok.yml broken.yml broken.json other.yml empty.yml missing.yml -o desk",
    plain,
  );
  expect({ code, out }).toEqual({ code: 3, out: "" });
  const places = err.match(/^\S+?:\d+:\d+/gmu) ?? [];
  expect(places.map((place) => place.split(":")[0])).toEqual([
    "broken.json",
    "broken.yml",
    "empty.yml",
    "missing.yml",
    "other.yml",
  ]);
  expect(err).toContain("other.yml:1:1  other.yml is no export that cozeform knows");
  expect(await sh("validate desk", plain)).toMatchObject({ code: 3 });
});

test("a file with other content is kept", async () => {
  const file = "desk/manifests/bots/shou-hou-zhu-shou.yaml";
  const { sh, read } = open({ "a.yml": difyExport("chat"), [file]: "# mine\n" });
  const { code, err } = await sh("convert a.yml -o desk", plain);
  expect(code).toBe(3);
  expect(err).toContain("manifests/bots/shou-hou-zhu-shou.yaml");
  expect(read(file)).toBe("# mine\n");
});

test("a secret in an export is written nowhere", async () => {
  const token = ["pat", "Xq7vN2mWz8Kc4Rb1Td6Yh9Jp3Ls5Gf0A"].join("_");
  const { sh, read } = open({ "a.yml": difyExport("chat").replace("只谈退货。", `用 ${token}`) });
  const { out } = await sh("convert a.yml -o desk", plain);
  expect(out).not.toContain(token);
  expect(out).toContain("prompt");
  expect(read("desk/manifests/bots/shou-hou-zhu-shou.yaml")).not.toContain(token);
});

test("an export that no pattern of manifests matches is a warning", async () => {
  const { sh } = open({
    "manifests/desk.yaml": manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
    "manifests/bot.json": JSON.stringify(fastGptExport, null, 2),
    "manifests/desk.json": JSON.stringify(bishengWorkflow),
    "manifests/data.json": '{"template": "x"}',
  });
  const { code, err } = await sh("validate", plain);
  expect({ code, err }).toEqual({
    code: 0,
    err: `\
manifests/bot.json:1:1  warning: this is a FastGPT export of version 4.8+  hint: convert it into manifests, and keep it elsewhere: cozeform convert manifests/bot.json -o DIR
manifests/desk.json:1:1  warning: this is a Bisheng export of version 3  hint: convert it into manifests, and keep it elsewhere: cozeform convert manifests/desk.json -o DIR
2 warnings
`,
  });
});

test("validate says what an export among the manifests is, and how to convert it", async () => {
  const { sh } = open({
    "manifests/desk.yaml": manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
    "manifests/support.yml": difyExport("chat"),
    "manifests/agents.yaml": agentPack,
  });
  const { code, err } = await sh("validate", plain);
  expect({ code, err }).toEqual({
    code: 3,
    err: `\
manifests/agents.yaml:1:1  this is an OpenAgentPack export of version 1  hint: convert it into manifests, and keep it elsewhere: cozeform convert manifests/agents.yaml -o DIR
manifests/support.yml:1:1  this is a Dify export of version 0.1.5  hint: convert it into manifests, and keep it elsewhere: cozeform convert manifests/support.yml -o DIR
2 errors
`,
  });
});

test("the command that converts an export names its file from where the user is, and nothing else", async () => {
  const { sh } = open({
    "out/cozeform.yaml": "apiVersion: cozeform/v1\nkind: Project\nmanifests: [desk.yaml]\n",
    "out/desk.yaml": manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
    "out/a b.yml": difyExport("chat"),
  });
  const { err } = await sh("validate out --var x=1", plain);
  expect(err).toContain("elsewhere: cozeform convert 'out/a b.yml' -o DIR\n");
});

test("a file that is named twice is converted once, and what is left out isn't said to be at Coze", async () => {
  const { sh } = open({
    "a.yml": difyExport("chat").replace("你好！", "pat_Xq7vN2mWz8Kc4Rb1Td6Yh9Jp3Ls5Gf0A"),
  });
  const { code, out } = await sh("convert a.yml ./a.yml -o desk", plain);
  expect(code).toBe(0);
  expect(out.match(/manifests\/bots\/\S+/gu)).toHaveLength(1);
  expect(out).toContain("onboarding.prologue isn't written: it holds what looks like a secret");
});
