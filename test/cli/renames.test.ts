import { describe, expect, test } from "@jest/globals";
import { createConsole } from "./console.ts";

const project = `\
apiVersion: cozeform/v1
kind: Project
name: desk
manifests: [manifests/**/*.yaml]
environments: {dev: {}, prod: {}}
default_environment: dev
`;
const workspace = (name: string) => `\
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: ${name}}
spec: {name: 客服空间, description: 客服}
`;
const bot = (name: string, workspace = "desk", title = "售后") => `\
apiVersion: cozeform/v1
kind: Bot
metadata: {name: ${name}}
spec: {workspace: ${workspace}, name: ${title}, publish: {connectors: [api]}}
`;
const documents = (name: string, pattern = "k/*.txt") => `\
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: faq}
spec: {workspace: desk, name: 常见问题, format: text}
---
apiVersion: cozeform/v1
kind: Document
metadata: {name: ${name}, for_each: {files: "${pattern}"}}
spec: {dataset: faq, name: "\${each.name}", source: {file: "\${each.path}"}}
`;

const start = { "cozeform.yaml": project, "manifests/ws.yaml": workspace("desk") };

/** What a plan holds back, and the commands by which its questions can be answered. */
function askedIn(plan: string) {
  const undecided = plan.split("\n").flatMap((line) => /^ +\? (\S+) {2}renamed\?/u.exec(line)?.[1] ?? []);
  const [, moved] = /renamed\? write (?:in cozeform\.yaml: )?moved: (\[.*?\])(?:$| in )/mu.exec(plan) ?? [];
  const [, command] = /or rename it in the state: (.*)$/mu.exec(plan) ?? [];
  return { undecided, moved, command };
}

describe("a plan notices that what goes and what comes are one", () => {
  test("a renamed manifest: with commands that can be pasted, each of which keeps the object", async () => {
    const { sh, run, write, directory } = createConsole({ ...start, "manifests/b.yaml": bot("support") });
    await sh("apply -e prod --auto-approve");
    write({ "manifests/b.yaml": bot("service") });
    const command = "cozeform state mv Bot.support Bot.service -e prod";
    const { out: text } = await sh("plan -e prod");
    expect(askedIn(text)).toEqual({
      undecided: ["Bot.service", "Bot.support"],
      moved: "[{from: Bot.support, to: Bot.service}]",
      command,
    });
    expect(text).not.toMatch(/to create|to abandon/u);
    expect(text).toContain("not renamed? cozeform plan -e prod --not-renamed Bot.service\n");
    const { out } = await sh("plan -e prod --format json");
    const { resource_changes } = JSON.parse(out) as {
      readonly resource_changes: readonly {
        readonly address: string;
        readonly change: { readonly actions: unknown };
        readonly cozeform: { renamed?: unknown };
      }[];
    };
    const renamed = { from: "Bot.support", to: "Bot.service", id: expect.any(String), because: "same name" };
    const seen = resource_changes.map(({ address, change, cozeform }) => [
      address,
      change.actions,
      cozeform.renamed,
    ]);
    expect(seen).toEqual([
      ["Bot.service", ["no-op"], renamed],
      ["Bot.support", ["no-op"], renamed],
      ["Workspace.desk", ["no-op"], undefined],
    ]);
    const elsewhere = await run(["plan", directory, "-e", "prod"], { cwd: "/" });
    expect(askedIn(elsewhere.out).command).toBe(command.replace(" -e prod", ` ${directory} -e prod`));
    await sh(command.replace("cozeform ", ""));
    expect((await sh("plan -e prod --detailed-exitcode")).code).toBe(0);
  });

  test("several at once, a workspace among them, whose other contents just follow it", async () => {
    const { sh, write } = createConsole({
      ...start,
      "manifests/b.yaml": bot("support"),
      "manifests/c.yaml": bot("sales", "desk", "售前"),
    });
    await sh("apply --auto-approve");
    write({
      "manifests/ws.yaml": workspace("office"),
      "manifests/b.yaml": bot("service", "office"),
      "manifests/c.yaml": bot("sales", "office", "售前"),
    });
    const moved = "[{from: Workspace.desk, to: Workspace.office}, {from: Bot.support, to: Bot.service}]";
    const { out } = await sh("plan");
    expect(askedIn(out)).toEqual({
      undecided: ["Bot.service", "Bot.support", "Workspace.desk", "Workspace.office"],
      moved,
      command: undefined,
    });
    expect(out).not.toContain("Bot.sales");
    expect(out).toContain("Plan: 4 undecided; no API calls to apply");
    write({ "cozeform.yaml": `${project}moved: ${moved}\n` });
    expect((await sh("plan")).out).toContain("Plan: 2 moved; no API calls to apply");
    expect((await sh("apply --auto-approve")).out).toContain(
      "Apply complete: 2 moved in 0.0s with 0 API calls.",
    );
    expect((await sh("plan --detailed-exitcode")).code).toBe(0);
  });

  test("of a target, too, whose former one only Coze calls as its manifest does", async () => {
    const { sh, write, emulator } = createConsole({ ...start, "manifests/b.yaml": bot("support") });
    await sh("apply --auto-approve");
    const [made] = emulator.world.bots.values();
    emulator.world.editBot(made?.id ?? "", { name: "新售后", prompt_info: { prompt: "别的" } });
    write({
      "manifests/b.yaml": bot("service", "desk", "新售后").replace("publish", "prompt: 你好, publish"),
    });
    const { out } = await sh("plan --target Bot.service");
    expect(askedIn(out).moved).toBe("[{from: Bot.support, to: Bot.service}]");
    expect(out).toContain("the object has the same name in Coze");
  });

  test("a whole for_each by one command; items whose key alone changed without a question", async () => {
    const names = ["1", "2", "3", "4", "5"];
    const { sh, run, write, emulator } = createConsole({
      ...start,
      "manifests/d.yaml": documents("faq"),
      ...Object.fromEntries(names.map((name) => [`k/${name}.txt`, name])),
    });
    await sh("apply --auto-approve");
    write({ "manifests/d.yaml": documents("help") });
    const command = "cozeform state mv Document.faq Document.help";
    const asked = askedIn((await sh("plan")).out);
    expect(asked).toMatchObject({ moved: "[{from: Document.faq, to: Document.help}]", command });
    expect(await sh(command.replace("cozeform ", ""))).toMatchObject({ code: 0 });
    expect((await sh("plan --detailed-exitcode")).code).toBe(0);
    write({ "manifests/d.yaml": documents("help", "**/[0-9].txt") });
    const before = emulator.requests.length;
    const { out } = await sh("apply --auto-approve");
    expect(out).toContain('> Document.help[…]  5 moved: "k/1.txt", "k/2.txt", "k/3.txt", …\n');
    expect(emulator.requests.slice(before).filter(({ writes }) => writes)).toEqual([]);
    expect((await sh("plan --detailed-exitcode")).code).toBe(0);
    const moved = await run(["state", "mv", 'Document.help["k/1.txt"]', 'Document.help["1.txt"]']);
    expect(moved.code).toBe(0);
    expect((await sh('state mv Document.help Document.x["a"]')).err).toContain(
      "Document.help is a for_each of 5 resources",
    );
  });

  test("but not where there is nothing in common, in another kind, or on the way out", async () => {
    const { sh, write } = createConsole({ ...start, "manifests/b.yaml": bot("support") });
    await sh("apply --auto-approve");
    const nothing = { undecided: [], moved: undefined, command: undefined };
    write({ "manifests/b.yaml": bot("service", "desk", "别的").replace("publish", "prompt: 你好, publish") });
    expect(askedIn((await sh("plan")).out)).toEqual(nothing);
    write({ "manifests/b.yaml": documents("x").split("---\n")[0]?.replace("常见问题", "售后") ?? "" });
    expect(askedIn((await sh("plan")).out)).toEqual(nothing);
    expect(askedIn((await sh("plan --destroy")).out)).toEqual(nothing);
  });
});

describe("a manifest is recognised under another name", () => {
  const prompt = "你是一名客服，请耐心回答客户的每一个问题，并给出依据。".repeat(20);
  const assistant = (name: string, title: string, text: string) => `\
apiVersion: cozeform/v1
kind: Bot
metadata: {name: ${name}}
spec: {workspace: desk, name: ${title}, prompt: ${text}, model: {id: "1", temperature: 0.3}, description: 客服}
`;

  test("whose name and long prompt were edited, which one reading call decides", async () => {
    const { sh, write, emulator } = createConsole({
      ...start,
      "manifests/b.yaml": assistant("support", "售后", prompt),
      "manifests/c.yaml": assistant("sales", "售前", "请推荐商品。".repeat(90)),
    });
    await sh("apply --auto-approve");
    write({ "manifests/b.yaml": assistant("service", "服务台", prompt.replaceAll("耐心", "礼貌")) });
    const before = emulator.requests.length;
    const { out } = await sh("plan");
    expect(askedIn(out).undecided).toEqual(["Bot.service", "Bot.support"]);
    expect(out).toMatch(
      /it looks like Bot\.support \(\d+\), whose manifest is gone: 4 of 5 fields are\s+the\s+same/u,
    );
    expect(emulator.requests.slice(before).map(({ operation }) => operation)).toEqual([
      "list_workspace",
      "bots_list_draft_published",
      "get_metadata_draft_published",
    ]);
    // Another prompt makes another bot, and a short text tells nothing that would have to be read.
    write({ "manifests/b.yaml": assistant("service", "服务台", "翻译。") });
    expect(askedIn((await sh("plan")).out).undecided).toEqual([]);
  });

  test("because its bot has that name in Coze, where somebody changed it", async () => {
    const { sh, write, emulator } = createConsole({ ...start, "manifests/b.yaml": bot("support") });
    await sh("apply --auto-approve");
    for (const { draft } of emulator.world.bots.values()) draft.name = "客服台";
    write({ "manifests/b.yaml": bot("service", "desk", "客服台") });
    const { out } = await sh("plan");
    expect(askedIn(out).undecided).toEqual(["Bot.service", "Bot.support"]);
    expect(out).toContain("the object has the same name in Coze");
  });

  test("in the environment that is promoted to", async () => {
    const { sh, write, emulator } = createConsole({ ...start, "manifests/b.yaml": bot("support") });
    for (const environment of ["dev", "prod"]) await sh(`apply -e ${environment} --auto-approve`);
    write({ "manifests/b.yaml": bot("service") });
    await sh("state mv Bot.support Bot.service -e dev");
    const before = emulator.requests.length;
    const line = "promote --from dev --to prod --auto-approve";
    const refused = await sh(line);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("it looks like Bot.support") });
    expect(await sh(`${line} Bot.service`)).toMatchObject({ code: 1 });
    expect(emulator.requests.slice(before).filter(({ writes }) => writes)).toEqual([]);
    write({ "cozeform.yaml": `${project}moved: [{from: Bot.support, to: Bot.service}]\n` });
    expect((await sh(line)).code).toBe(0);
    expect(emulator.world.bots.size).toBe(2);
    expect((await sh("plan -e prod --detailed-exitcode")).code).toBe(0);
  });
});

describe("manifests that aren't read", () => {
  const hint = (pattern: string) =>
    `hint: to read it, add a pattern to manifests: or patches: in cozeform.yaml, such as ${pattern}; otherwise move it out of the project\n`;

  test("are told by validate, and before their resources would go by plan and apply", async () => {
    const { sh, write } = createConsole({ ...start, "manifests/b.yaml": bot("support") });
    await sh("apply --auto-approve");
    write({ "manifests/b.yaml": undefined });
    write({
      "manifests/b.yml": bot("support"),
      "more/c.YAML": bot("sales"),
      "node_modules/d.yaml": bot("no"),
      ".hidden/e.yaml": bot("no"),
      "other/cozeform.yaml": project,
      "other/f.yaml": bot("no"),
      "values.yaml": "a: 1\n",
      "manifests/g.yaml.bak": bot("aside"),
    });
    const strange = `more/c.YAML:1:1  warning: this looks like a manifest (Bot.sales), but it isn't read  ${hint("more/*.YAML")}`;
    expect(await sh("validate")).toEqual({
      code: 0,
      out: "Valid: 1 resource in environment dev.\n",
      err: `manifests/b.yml:1:1  warning: this looks like a manifest (Bot.support), but it isn't read  ${hint("manifests/*.yml")}${strange}2 warnings\n`,
    });
    const gone = `manifests/b.yml:1:1  warning: the manifest of Bot.support is in this file, which isn't read, so the plan removes what it describes  ${hint("manifests/*.yml")}`;
    const { out, err } = await sh("plan");
    expect(err).toBe(`${gone}${strange}2 warnings\n`);
    expect(out).toContain("i its manifest is in manifests/b.yml, which isn't read\n");
    expect((await sh("apply")).err).not.toContain("abandoned");
    expect((await sh("plan --destroy")).err).toBe("");
    write({ "manifests/b.yml": undefined, "more/c.YAML": undefined, "manifests/b.yaml.bak": bot("support") });
    expect((await sh("validate")).err).toBe("");
    expect((await sh("plan")).err).toBe(
      "manifests/b.yaml.bak:1:1  warning: the manifest of Bot.support is in this file, which isn't read, so the plan removes what it describes  hint: to keep the resources, rename it to manifests/b.yaml\n1 warning\n",
    );
  });

  test("are found beside more files of data than are looked into", async () => {
    const data = Array.from({ length: 501 }, (_, index) => [`data/${index}.json`, "{}"]);
    const { sh } = createConsole({
      ...start,
      ...Object.fromEntries(data),
      "manifests/b.Yml": bot("support"),
      "c.json": JSON.stringify({
        apiVersion: "cozeform/v1",
        kind: "Bot",
        metadata: { name: "sales" },
        spec: {},
      }),
    });
    const { err } = await sh("validate");
    expect(err).toContain("c.json:1:1  warning: this looks like a manifest (Bot.sales)");
    expect(err).toContain("manifests/b.Yml:1:1  warning: this looks like a manifest (Bot.support)");
  });

  test.each([
    [
      "manifests/**/*.yaml",
      { "manifests/w.yml": bot("support") },
      'manifests/w.yml is there: write "manifests/**/*.{yaml,yml}"',
    ],
    ["'*.{yml,yaml}'", { "a.YAML": "", "b.YML": "" }, 'a.YAML is there: write "*.{YAML,YML,yaml,yml}"'],
    ["m/w.yaml", { "m/w.yml": "" }, "did you mean m/w.yml?"],
    ["'*.yml'", {}, "the project's directory contains no such file; remove the pattern if you need none"],
  ])("are told where the pattern %s matches none for their extension", async (pattern, files, hint) => {
    const { sh } = createConsole({
      "cozeform.yaml": project.replace("manifests/**/*.yaml", pattern),
      ...files,
    });
    expect(await sh("plan")).toEqual({
      code: 3,
      out: "",
      err: `cozeform.yaml:4:13  no file matches ${pattern.replaceAll("'", "")}  hint: ${hint}\n1 error\n`,
    });
  });

  test("are none for their extension: .yml and .YAML are read like .yaml, and cozeform.yml is a project file", async () => {
    const { sh, write } = createConsole({ "ws.yml": workspace("desk"), "b.YAML": bot("support") });
    expect(await sh("validate")).toMatchObject({
      out: "Valid: 2 resources in environment default.\n",
      err: "",
    });
    write({ "cozeform.yml": project.replace("manifests/**/*.yaml", "'*.{yml,YAML}'") });
    expect(await sh("validate")).toMatchObject({ out: "Valid: 2 resources in environment dev.\n", err: "" });
    write({ "cozeform.yaml": project });
    expect(await sh("validate")).toMatchObject({
      code: 3,
      err: expect.stringContaining(
        "cozeform.yml:1:1  the project has another project file, cozeform.yaml  hint: remove one of them\n",
      ),
    });
  });
});
