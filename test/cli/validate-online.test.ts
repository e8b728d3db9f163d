import { describe, expect, test } from "@jest/globals";
import { createConsole } from "./console.ts";

const project = "apiVersion: cozeform/v1\nkind: Project\nname: desk\n";

const manifest = (kind: string, name: string, spec: string) =>
  `apiVersion: cozeform/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: ${spec}\n`;

type Emulation = Parameters<typeof createConsole>[1];

/** A project with its emulator; `calls` counts what the last command called, `writes` its writing calls. */
function stage(files: Record<string, string> = {}, emulation: Emulation = {}) {
  const { emulator, sh, write } = createConsole({ "cozeform.yaml": project, ...files }, emulation);
  const { world } = emulator;
  const space = world.addWorkspace({ name: "客服空间" }).id;
  let from = 0;
  const run = async (line: string, how?: Parameters<typeof sh>[1]) => {
    from = emulator.requests.length;
    return await sh(line, how);
  };
  const last = () => emulator.requests.slice(from);
  const calls = () => {
    const counts: Record<string, number> = {};
    for (const { operation = "" } of last()) counts[operation] = (counts[operation] ?? 0) + 1;
    return counts;
  };
  return {
    emulator,
    world,
    space,
    run,
    write,
    calls,
    writes: () => last().filter((one) => one.writes).length,
  };
}

const desk = "workspace: {lookup: {name: 客服空间}}";

describe("validate --online", () => {
  test("finds everything that manifests name, with one list for each holder, and says what that cost", async () => {
    const { world, space, run, write, calls, writes } = stage();
    const plugin = world.addPlugin({ name: "天气" });
    const [tool] = plugin.tools;
    const [faq, price] = ["faq", "price"].map((name) => world.addDataset({ space_id: space, name }).id);
    const flows = ["退款", "换货"].map((name) => world.addWorkflow({ space_id: space, name }).id);
    for (const id of flows) world.publishWorkflow(id);
    const bot = world.addBot({ space_id: space, draft: { name: "原" } });
    write({
      "bots.yaml": ["a", "b"]
        .map((name) =>
          manifest(
            "Bot",
            name,
            `{${desk}, name: ${name}, knowledge: {datasets: [{id: "${faq}"}, {id: "${price}"}]}, workflows: [{id: "${flows[0]}"}, {lookup: {name: 换货}}], plugins: [{plugin: {id: "${plugin.id}"}, tool: {id: "${tool?.id}"}}]}`,
          ),
        )
        .join("---\n"),
      "copy.yaml": manifest(
        "Copy",
        "c",
        `{type: bot, source: {id: "${bot.id}"}, workspace: {id: "${space}"}}`,
      ),
    });
    const { code, out, err } = await run("validate --online");
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n")).toEqual([
      "Valid: 3 resources in environment default.",
      "Coze has all 16 objects that lookups and ids name.",
      "The account's plan: enterprise.",
      expect.stringMatching(/^Made \d+ API calls and no writing ones; write permissions are never tested\.$/),
      "",
    ]);
    expect(calls()).toEqual({
      list_workspace: 1,
      get_benefit: 1,
      list_dataset: 1,
      get_workflow_list: 2,
      batch_get_plugins_info: 1,
      get_plugin: 1,
      bots_list_draft_published: 1,
      get_metadata_draft_published: 1,
    });
    expect(writes()).toBe(0);
    const json = JSON.parse((await run("validate --online --format json")).out);
    expect(json).toMatchObject({
      valid: true,
      resources: 3,
      online: { found: 16, plan: "enterprise", unchecked: [] },
      diagnostics: [],
    });
    expect(json.online.calls).toBe(Object.values(calls()).reduce((sum, count) => sum + count, 0));
  });

  test("reports all that is missing at once, at its place, with exit code 3 and without writing", async () => {
    const { world, space, run, write, writes } = stage();
    const draft = world.addWorkflow({ space_id: space, name: "草稿" }).id;
    const plugin = world.addPlugin({ name: "天气" }).id;
    write({
      "bot.yaml": manifest(
        "Bot",
        "a",
        [
          "",
          `  ${desk}`,
          "  name: a",
          '  knowledge: {datasets: [{id: "7400000000000000001"}, {lookup: {name: 没有}}]}',
          `  workflows: [{id: "7400000000000000002"}, {id: "${draft}"}]`,
          `  plugins: [{plugin: {id: "7400000000000000003"}, tool: {id: "1"}}, {plugin: {id: "${plugin}"}, tool: {id: "2"}}]`,
        ].join("\n"),
      ),
      "others.yaml": [
        manifest("Dataset", "d", '{workspace: {id: "7400000000000000004"}, name: d, format: text}'),
        manifest(
          "Document",
          "e",
          '{dataset: {id: "7400000000000000005"}, name: e, source: {url: "https://example.com/"}}',
        ),
        manifest("Copy", "f", `{type: app, source: {id: "7400000000000000006"}, ${desk}}`),
      ].join("---\n"),
    });
    const { code, err, out } = await run("validate --online --no-color");
    const hint = "hint: check the id in Coze, and whether the token's user is in the workspace";
    const missing = (kind: string, end: string) =>
      `there is no ${kind} 740000000000000000${end} that this token may see  ${hint}`;
    expect([code, out]).toEqual([3, ""]);
    expect(err.trim().split("\n")).toEqual([
      `bot.yaml:7:26  ${missing("Dataset", "1")}`,
      'bot.yaml:7:55  Coze has no Dataset {name: "没有"}  hint: check the lookup, or use {id: …}',
      `bot.yaml:8:15  ${missing("Workflow", "2")}`,
      `bot.yaml:8:44  the Workflow ${draft} was never published  hint: publish it in Coze first`,
      `bot.yaml:9:22  ${missing("Plugin", "3")}`,
      `bot.yaml:9:113  there is no PluginTool 2 that this token may see  ${hint}`,
      `others.yaml:4:19  ${missing("Workspace", "4")}`,
      `others.yaml:9:17  ${missing("Dataset", "5")}`,
      `others.yaml:14:32  ${missing("App", "6")}`,
      "9 errors",
      expect.stringMatching(/^Made \d+ API calls and no writing ones/),
    ]);
    expect(writes()).toBe(0);
    const json = await run("validate --online --format json");
    expect(json.code).toBe(3);
    expect(JSON.parse(json.out)).toMatchObject({ type: "error", exit_code: 3, valid: false, online: {} });
    expect(JSON.parse(json.out).diagnostics[0]).toMatchObject({
      code: "id-missing",
      file: "bot.yaml",
      line: 7,
    });
  });

  test("makes no call when the project is invalid by itself", async () => {
    const { run, calls } = stage({ "bot.yaml": manifest("Bot", "a", "{workspace: nowhere, name: a}") });
    expect((await run("validate --online")).code).toBe(3);
    expect(calls()).toEqual({});
  });

  test("tells what the account's plan doesn't include", async () => {
    const files = {
      "desk.yaml": manifest("Workspace", "desk", '{name: 新, description: 新, organization: "7"}'),
      "bot.yaml": manifest(
        "Bot",
        "a",
        "{workspace: desk, name: a, cached_prompt: {prefix: a}, model: {id: '1', cache: prefix}}",
      ),
    };
    const { run } = stage(files, { plan: "personal" });
    const { code, err } = await run("validate --online --no-color");
    expect([code, err.split("\n").slice(0, 2)]).toEqual([
      3,
      [
        "bot.yaml:4:86  model.cache needs a paid plan, and the account is on free  hint: remove it, or upgrade the account",
        "desk.yaml:4:47  organization needs an enterprise plan, and the account is on free  hint: remove it, or use a token of an enterprise account",
      ],
    ]);
    const { run: onPaid } = stage(files, { world: { level: "team" } });
    expect((await onPaid("validate --online")).code).toBe(0);
    const { run: onFree } = stage(
      { "desk.yaml": manifest("Workspace", "d", "{name: 新, description: 新}") },
      { plan: "personal" },
    );
    expect((await onFree("validate --online")).out).toContain(
      "free, with a lifetime quota of 500 API calls.",
    );
  });

  test("tells missing permissions and refused tokens with exit code 1, and goes on with what it may read", async () => {
    const limited = {
      token: "pat_limited",
      permissions: ["listWorkspace", "listKnowledge"],
    };
    const files = {
      "bot.yaml": manifest("Bot", "a", `{${desk}, name: a, knowledge: {datasets: [{lookup: {name: faq}}]}}`),
    };
    const { world, space, run } = stage(files, { tokens: [limited] });
    world.addDataset({ space_id: space, name: "faq" });
    const as = (token: string) => ({ env: { COZE_API_TOKEN: token } });
    const refused = await run("validate --online --no-color", as(limited.token));
    expect([refused.code, refused.err.split("\n")[0]]).toEqual([
      1,
      expect.stringContaining("lacks permissions that this project needs: listBot"),
    ]);
    const unknown = await run(
      "validate --online --no-color",
      as("pat_0000000000000000000000000000000000000000"),
    );
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining("doesn't work: ")]);
    const both = stage(
      {
        "bot.yaml": manifest(
          "Bot",
          "a",
          `{${desk}, name: a, knowledge: {datasets: [{lookup: {name: 没有}}]}}`,
        ),
      },
      { tokens: [limited] },
    );
    expect((await both.run("validate --online", as(limited.token))).code).toBe(3);
  });

  test("fails with 1 when Coze can't be reached", async () => {
    const { run, emulator } = stage({
      "desk.yaml": manifest("Workspace", "d", "{name: 新, description: 新}"),
    });
    emulator.faults.set([{ operation: "reads", fault: "drop" }]);
    const { code, err } = await run("validate --online");
    expect([code, err]).toEqual([1, expect.not.stringContaining("    at ")]);
  });
});

test("validate --strict fails with 3 for warnings alone", async () => {
  const { run } = stage({
    "app.yaml": manifest(
      "CallbackApp",
      "a",
      "{name: a, callback_url: 'https://example.com/', events: [bot.painted]}",
    ),
  });
  expect((await run("validate")).code).toBe(0);
  const strict = await run("validate --strict");
  expect([strict.code, strict.out]).toEqual([3, ""]);
});
