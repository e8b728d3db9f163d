import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createEmulator } from "../../src/emulator/index.ts";
import { editFields } from "../../src/emulator/ui-actions/edit-rules.ts";
import { createConsole } from "../cli/console.ts";
import { setStage } from "./client.ts";

const project = "apiVersion: cozeform/v1\nkind: Project\nname: demo\nmanifests: [manifests/*.yaml]\n";

/** A project, and the world of its runs with --emulator. */
function setTable(edits: string) {
  const { sh, write, directory } = createConsole({ "cozeform.yaml": project, "by-hand.yaml": edits });
  const file = join(directory, ".cozeform", "emulator.json");
  return {
    write,
    directory,
    sh,
    play: (name = "by-hand.yaml") => sh(`emulator edit ${name}`),
    isThere: () => existsSync(file),
    text: () => readFileSync(file, "utf8"),
    world: () => createEmulator({ file }).world,
  };
}

const one = <T>(map: ReadonlyMap<string, T>): T | undefined => [...map.values()][0];

const library = `edits:
  - workspace: 开发
  - plugin: tax
    workspace: 开发
    tools: [rate, law]
  - workflow: rates
    workspace: 开发
    publish: true
  - workflow: invoice
    workspace: 开发
    content: adds up
    description: 开票
    inputs: {month: {type: string, required: true}}
    uses: {workflows: [rates], plugins: [tax]}
    publish: true
  - app: shop
    workspace: 开发
    uses: {plugins: [tax]}
  - workflow: pay
    of_app: shop
    content: pays
  - app: shop
    publish: true
  - bot: 助手
    workspace: 开发
    prompt: 帮助客户
    model: "1706077826"
    workflows: [invoice]
    publish: true
    channels: ["1024", "999"]
  - chat: 助手
    says: 你好
    answer: "{{prompt}}"
  - chat: "*"
    matches: "^发票"
    fail: {code: 5000}
  - run: invoice
    parameters: {month: "10"}
    output: {total: 7}
  - copies_of: invoice
    fail: [{reason: 资源配额不足}, {reason: 不支持复制, type: knowledge, name: 价目表}]
    takes_ms: 5000
`;

describe("a file of edits", () => {
  test("makes, edits, publishes and tells", async () => {
    const { play, world } = setTable(library);
    const { code, out, err } = await play();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.replace(/\d{19}/g, "id")).toBe(`workspace 开发: made  (id)
plugin tax: made  (id)
workflow rates: made, published  (id)
workflow invoice: made, published  (id)
app shop: made  (id)
workflow pay: made  (id)
app shop: published  (id)
bot 助手: made, published  (id)
chats with 助手: told
chats with any bot: told
runs of invoice: told
copies of invoice: told  (id)
`);
    const { workspaces, workflows, plugins, apps, bots, chatRules, runRules, ...rest } = world();
    const space = [...workspaces.values()].find(({ name }) => name === "开发")?.id;
    const [rates, invoice, pay] = [...workflows.values()];
    const tax = one(plugins);
    expect(tax).toMatchObject({ name: "tax", space_id: space, tools: [{ name: "rate" }, { name: "law" }] });
    expect(invoice).toMatchObject({
      app_id: "0",
      content: "adds up",
      description: "开票",
      input: { parameters: { month: { type: "string", required: true } } },
      uses: { workflows: [rates?.id], plugins: [tax?.id] },
      versions: [{ version: "v0.0.1", status: "published_online", content: "adds up" }],
    });
    expect(pay).toMatchObject({ name: "pay", space_id: space, app_id: one(apps)?.id, versions: [{}] });
    expect(one(apps)).toMatchObject({ uses: { plugins: [tax?.id] }, connector_ids: ["1024"] });
    expect(one(bots)).toMatchObject({
      space_id: space,
      draft: {
        name: "助手",
        prompt_info: { prompt: "帮助客户" },
        model_info_config: { model_id: "1706077826" },
        workflow_id_list: { ids: [{ id: invoice?.id }] },
      },
      channels: { "1024": expect.any(String), "999": expect.any(String) },
    });
    expect([...chatRules.values()]).toMatchObject([
      { bot: "助手", says: "你好", answer: "{{prompt}}" },
      { matches: "^发票", fail: { code: 5000 } },
    ]);
    expect([...runRules.values()]).toMatchObject([{ workflow: "invoice", parameters: { month: "10" } }]);
    expect([...rest.copyPaces.values()]).toEqual([{ id: invoice?.id, takes_ms: 5000 }]);
    expect(rest.copyFailures.get(invoice?.id ?? "")?.reasons).toEqual([
      { failed_reason: "资源配额不足" },
      { failed_reason: "不支持复制", entity_type: "knowledge", entity_name: "价目表" },
    ]);
  });

  test("played again does nothing", async () => {
    const { play, text } = setTable(library);
    await play();
    const before = JSON.parse(text());
    const { out } = await play();
    expect(out.split("\n").filter((line) => line !== "" && !line.includes("nothing to do"))).toEqual([]);
    expect({ ...JSON.parse(text()), last_id: 0 }).toEqual({ ...before, last_id: 0 });
  });

  test("does what differs, and update times move within a second", async () => {
    const { play, write, world } = setTable(library);
    await play();
    const before = [...world().workflows.values()];
    write({
      "v2.yaml": `edits:
  - workflow: invoice
    content: multiplies
  - workflow: rates
    publish: true
  - workflow: pay
    of_app: shop
    content: pays twice
  - app: shop
    publish: true
  - bot: 助手
    prompt: 新
  - copies_of: invoice
  - workspace: 开发
    description: 新
  - plugin: tax
    tools: [rate, history]
`,
    });
    const { out } = await play("v2.yaml");
    expect(out.replace(/ {2}\(\d+\)/g, "").split("\n")).toEqual([
      "workflow invoice: edited",
      "workflow rates: nothing to do",
      "workflow pay: edited",
      "app shop: published",
      "bot 助手: edited",
      "copies of invoice: told",
      "workspace 开发: edited",
      "plugin tax: edited",
      "",
    ]);
    const after = world();
    const [rates, invoice, pay] = [...after.workflows.values()];
    expect(rates?.updated_at).toBe(before[0]?.updated_at);
    expect(invoice).toMatchObject({
      updated_at: (before[1]?.updated_at ?? 0) + 1,
      versions: [{}],
      edited: true,
    });
    expect(pay).toMatchObject({ versions: [{ content: "pays" }, { content: "pays twice" }] });
    expect(one(after.bots)).toMatchObject({ edited: true, draft: { prompt_info: { prompt: "新" } } });
    expect(one(after.bots)?.published?.prompt_info).toEqual({ prompt: "帮助客户" });
    expect([after.copyFailures.size, after.copyPaces.size]).toEqual([0, 0]);
    expect(one(after.plugins)?.tools.map(({ name }) => name)).toEqual(["rate", "law", "history"]);
  });

  test("warns of names that nothing bears, and takes ids", async () => {
    const { play, write, world } = setTable("edits: [{workspace: a}, {workflow: w, workspace: a}]\n");
    await play();
    const id = one(world().workflows)?.id;
    write({
      "more.yaml": `edits: [{workflow: "${id}", content: x}, {chat: 助手, answer: a}, {run: v, output: b}]\n`,
    });
    expect((await play("more.yaml")).out).toBe(`workflow w: edited  (${id})
chats with 助手: told; no bot is called so yet
runs of v: told; no workflow is called so yet
`);
  });

  test("goes into another world as well, and tells as JSON", async () => {
    const { sh, isThere, directory } = setTable("edits: [{workspace: a}]\n");
    const { out } = await sh("emulator edit by-hand.yaml --file worlds/w.json --format json");
    const { world } = createEmulator({ file: join(directory, "worlds/w.json") });
    const id = [...world.workspaces.values()].find(({ name }) => name === "a")?.id;
    expect(JSON.parse(out)).toEqual([{ what: "workspace a", id, did: ["made"] }]);
    expect(isThere()).toBe(false);
  });

  test("answers runs of the project with --emulator", async () => {
    const { sh, play, write, world } = setTable(
      "edits: [{workspace: a}, {workflow: w, workspace: a, publish: true}]\n",
    );
    write({
      "manifests/m.yaml": `apiVersion: cozeform/v1
kind: Bot
metadata: {name: helper}
spec:
  workspace: {lookup: {name: a}}
  name: helper
  workflows: [{lookup: {name: w}}]
`,
    });
    const before = await sh("plan --emulator");
    await play();
    const after = await sh("plan --emulator");
    expect([before.code, after.code]).toEqual([3, 0]);
    expect(before.err).toContain('Coze has no Workspace {name: "a"}');
    expect(after.out).toContain(`workflows: [(looked up by name "w") → ${one(world().workflows)?.id}]`);
  });
});

describe("what is wrong is said at its place, all at once, and nothing is done", () => {
  const cases: readonly [string, string, readonly string[]][] = [
    [
      "the file",
      `edits:
  - workflw: invoice
  - workflow: 7
    contents: x
  - chat: a
    of: drafts
    takes_ms: soon
    asks: {nam: x}
  - copies_of: x
    fail: [{type: workflow}, quota]
  - run: x
    says: y
  - just words
more: 1
`,
      [
        "by-hand.yaml:2:5  edits[0] doesn't name an object  hint: did you mean workflow?",
        'by-hand.yaml:3:15  edits[1].workflow: expected a text, found a number  hint: quote it: "7"',
        'by-hand.yaml:4:5  unknown key "contents" in edits[1]  hint: did you mean "content"?',
        'by-hand.yaml:6:9  edits[2].of must be one of draft, published; found "drafts"  hint: did you mean draft?',
        "by-hand.yaml:7:15  edits[2].takes_ms: expected a whole number, found a string",
        'by-hand.yaml:8:12  unknown key "nam" in edits[2].asks  hint: did you mean "name"?',
        "by-hand.yaml:10:12  edits[3].fail[0].reason is missing  hint: set it to a text",
        "by-hand.yaml:10:30  edits[3].fail[1]: expected a map, found a string",
        'by-hand.yaml:12:5  unknown key "says" in edits[4]  hint: known keys: workspace, parameters, content, output, fail, takes_ms, never_ends',
        "by-hand.yaml:13:5  edits[5]: expected an edit, found a string",
        'by-hand.yaml:14:1  unknown key "more"',
      ],
    ],
    [
      "what it wants of this world",
      `edits:
  - workspace: 开发
  - workspace: 开发二
  - workflow: invoice
    workspace: 开法
  - workflow: invoice
  - workflow: "7512000000000000001"
  - workflow: rates
    workspace: 开发
    uses: {workflows: [rate], plugins: [tax]}
  - workflow: rates
    workspace: 开发
  - workflow: rates
    workspace: 开发二
  - workflow: rates
    content: new
  - app: shop
    workspace: 开发
  - workflow: pay
    of_app: shop
    publish: true
  - workflow: pay
    of_app: shops
  - bot: b
    workspace: 开发
    workflows: [rate]
  - chat: b
    matches: "("
  - chat: b
    answer: "{{promt}}"
    fail: {code: 1}
  - chat: b
    answer: "{{promt}}"
  - run: rates
    output: {a: "{{nothing}}"}
  - copies_of: ratez
`,
      [
        'by-hand.yaml:5:16  there is no workspace "开法"  hint: did you mean "开发"?',
        'by-hand.yaml:6:15  there is no workflow "invoice" yet  hint: write workspace, where it shall be made',
        "by-hand.yaml:7:15  no workflow has the id 7512000000000000001",
        'by-hand.yaml:10:24  there is no workflow "rate"',
        'by-hand.yaml:15:15  2 workflows are called "rates"  hint: write the id of the one that is meant: ID, ID',
        "by-hand.yaml:21:14  a workflow of an app is published with it  hint: publish the app",
        'by-hand.yaml:23:13  there is no app "shops"  hint: did you mean "shop"?',
        'by-hand.yaml:26:17  there is no workflow "rate"  hint: did you mean "rates"?',
        'by-hand.yaml:28:14  "(" is no regular expression',
        "by-hand.yaml:31:11  fail and answer exclude each other  hint: take one of them out",
        'by-hand.yaml:33:13  {{promt}} stands for nothing  hint: did you mean "prompt"?',
        "by-hand.yaml:35:13  {{nothing}} stands for nothing  hint: known words: workflow, name, version, content, parameters",
        'by-hand.yaml:36:16  nothing is called "ratez"  hint: did you mean "rates"?',
      ],
    ],
    [
      "a list",
      "- workflow: invoice\n",
      [
        "by-hand.yaml:1:1  an edit file must be a map with the list edits  hint: begin with edits: and below it - {workflow: invoice, workspace: dev, publish: true}",
      ],
    ],
    [
      "two documents",
      "edits: []\n---\nedits: []\n",
      [
        "by-hand.yaml:3:1  an edit file has one document  hint: move its edits to the list of the first document",
      ],
    ],
  ];
  test.each(cases)("%s", async (_what, text, expected) => {
    const { play, isThere } = setTable(text);
    const { code, out, err } = await play();
    const lines = err.trimEnd().split("\n").slice(0, -1);
    expect({
      code,
      out,
      lines: lines.map((line) => line.replace(/is meant: .*/, "is meant: ID, ID")),
    }).toEqual({
      code: 3,
      out: "",
      lines: expected,
    });
    expect(isThere()).toBe(false);
  });

  test("a file or project that isn't there", async () => {
    const { sh } = setTable("edits: []\n");
    expect((await sh("emulator edit by-hands.yaml")).err).toBe(
      "error: there is no file by-hands.yaml  hint: did you mean by-hand.yaml?\n",
    );
    const elsewhere = await sh("emulator edit by-hand.yaml --dir nowhere");
    expect(elsewhere).toMatchObject({ code: 3, out: "" });
    expect(elsewhere.err).toMatch(/there is no cozeform.yaml in .*nowhere {2}hint: pass the project/);
  });
});

describe("the page on it", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/emulator.md"), "utf8");

  test("names every key of every edit", () => {
    const rows = page.split("\n").flatMap((line) => {
      const [, kind = "", keys = ""] = /^\| `(\w+)` +\| (`.*) \|$/.exec(line) ?? [];
      return kind in editFields ? [[kind, [...keys.matchAll(/`(\w+)/g)].map(([, key]) => key)] as const] : [];
    });
    const known = Object.entries(editFields).map(([kind, fields]) => [
      kind,
      Object.keys(fields).filter((key) => key !== kind),
    ]);
    expect(new Map(rows)).toEqual(new Map(known as [string, string[]][]));
  });

  test("shows a file that can be played", async () => {
    const [, text = ""] = /```yaml\n(edits:[\s\S]*?)```/.exec(page) ?? [];
    const { play, world } = setTable(text);
    expect(await play()).toMatchObject({ code: 0, err: "" });
    expect(world().workflows.size).toBe(1);
  });
});

describe("the account", () => {
  const edits = `edits:
  - account: team
  - workspace: 开发
  - bot: 助手
    workspace: 开发
    publish: true
  - user: "101"
    nickname: 小王
    volcano_id: "2105850099"
    role: enterprise_admin
  - user: "102"
    type: guest
    valid: false
  - connector: "7452643"
    workspaces: [开发]
    device_keys: [device_id]
    reviews: true
  - variables_of: 助手
    defaults: {name: "", age: 18}
`;

  test("gets a plan, people, channels and variables, once", async () => {
    const { play, world } = setTable(edits);
    const first = await play();
    expect(first).toMatchObject({ code: 0, err: "" });
    const { accounts, users, people, connectors, variableLists, workspaces, organizations } = world();
    expect(one(accounts)).toEqual({ id: "account", level: "team" });
    expect(users.get("101")).toMatchObject({ nickname: "小王", volcano_id: "2105850099" });
    expect(people.get("101")).toMatchObject({ role: "enterprise_admin", is_valid: true });
    expect(people.get("102")).toMatchObject({ people_type: "guest", is_valid: false });
    expect(one(organizations)?.members?.map(({ user_id, role }) => [user_id, role])).toEqual([
      ["101", "organization_member"],
      ["102", "organization_guest"],
    ]);
    const space = [...workspaces.values()].find(({ name }) => name === "开发")?.id;
    expect(connectors.get("7452643")).toMatchObject({
      ...{ workspaces: [space], device_keys: ["device_id"], reviews: true, devices: [] },
    });
    expect(one(variableLists)?.variables).toEqual([
      { keyword: "name", default_value: "" },
      { keyword: "age", default_value: "18" },
    ]);
    const again = await play();
    expect(again.out.match(/unchanged|nothing/giu)?.length ?? 0).toBeGreaterThan(0);
    expect(again.out).not.toMatch(/ (made|edited|told|published)/u);
  });

  test("is changed by what a later file says", async () => {
    const { play, write, world } = setTable(edits);
    await play();
    write({
      "by-hand.yaml": `edits:
  - account: enterprise
    extra_qps: {chat: 10}
  - user: "101"
    valid: false
  - connector: "7452643"
    reviews: false
  - variables_of: 助手
    defaults: {name: x}
`,
    });
    expect(await play()).toMatchObject({ code: 0, err: "" });
    const { accounts, people, connectors, variableLists } = world();
    expect(one(accounts)).toMatchObject({ level: "enterprise", extra_qps: { chat: 10 } });
    expect(people.get("101")).toMatchObject({ role: "enterprise_admin", is_valid: false });
    expect(connectors.get("7452643")).toMatchObject({ reviews: false, device_keys: ["device_id"] });
    expect(one(variableLists)?.variables).toEqual([{ keyword: "name", default_value: "x" }]);
  });
});

describe("what a world remembers of hands", () => {
  test("outlives the emulator", () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const id = world.addWorkflow({ space_id: stage.space }).id;
    world.scriptChat({ says: "?", answer: "!" });
    world.scriptRun({ never_ends: true });
    world.failCopyOf(id, "r");
    world.paceCopyOf(id, Number.POSITIVE_INFINITY);
    const again = createEmulator({ from: JSON.parse(JSON.stringify(world.snapshot())) }).world;
    expect(again.snapshot()).toEqual(world.snapshot());
    expect(one(again.copyPaces)?.takes_ms).toBe(Number.MAX_SAFE_INTEGER);
  });
});
