import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import type { Files } from "../support/story.ts";
import { createConsole } from "./console.ts";

const example = resolve(import.meta.dirname, "../../examples/teams");
const yes = "--auto-approve --confirm-environment prod";

/** A repository in which each line is run in the directory of one of its projects. */
function openRepository(files: Files = {}) {
  const { directory, sh, emulator, ...rest } = createConsole(files);
  mkdirSync(join(directory, ".git"));
  const at = async (project: string, line: string) => {
    const before = emulator.requests.length;
    const { code, out, err } = await sh(line, { cwd: join(directory, project) });
    const made = emulator.requests.slice(before);
    return { code, out, err, calls: made.length, writes: made.filter(({ writes }) => writes).length };
  };
  const path = (file: string) => join(directory, file);
  return { ...rest, emulator, directory, at, path };
}

const lineWith = (out: string, ...words: readonly string[]) =>
  out.split("\n").find((line) => words.every((word) => line.includes(word)));

test("teams: three teams share a directory and a platform, in environments of their own", async () => {
  const { at, emulator, directory, path } = openRepository();
  cpSync(example, directory, { recursive: true });
  const { bots, datasets } = emulator.world;
  const botsIn = (space: string | undefined) =>
    [...bots.values()]
      .filter(({ space_id }) => space_id === space)
      .map(({ draft }) => draft)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  const spaceOf = (name: string) =>
    [...emulator.world.workspaces.values()].find((one) => one.name === name)?.id;

  // A fresh clone is valid without any state; a plan says what comes first. Neither calls Coze.
  for (const [team, count] of [
    ["sales", 5],
    ["support", 3],
    ["finance", 3],
  ] as const) {
    const valid = { code: 0, err: "", out: `Valid: ${count} resources in environment dev.\n`, calls: 0 };
    expect(await at(team, "validate")).toMatchObject(valid);
  }
  const early = await at("finance", "plan");
  expect([early.code, early.calls, early.err.split("\n")[1]]).toEqual([
    3,
    0,
    "cozeform.yaml:10:48  the project in ../platform was never applied in dev, so it has no outputs  hint: run cozeform apply ../platform -e dev first",
  ]);

  expect(await at("platform", "apply --auto-approve")).toMatchObject({ code: 0, calls: 6, writes: 3 });
  expect(await at("platform", `apply -e prod ${yes}`)).toMatchObject({ code: 0, calls: 6, writes: 3 });
  const planned = await at("sales", "plan");
  const [dev, prod] = [spaceOf("客服平台-dev"), spaceOf("客服平台")];
  expect(lineWith(planned.out, "workspace:")).toBe(
    `      workspace:          (output workspace of ../platform) → ${dev}`,
  );
  expect(lineWith(planned.out, "model:", "0.7")).toBe(
    '      model:              {id: "1706077826", temperature: 0.7}',
  );

  const applied = { code: 0, err: "" };
  expect(await at("sales", "apply --auto-approve")).toMatchObject({ ...applied, calls: 21, writes: 11 });
  expect(await at("support", "apply --auto-approve")).toMatchObject({ ...applied, calls: 13, writes: 5 });
  expect(await at("finance", "apply --auto-approve")).toMatchObject({ ...applied, calls: 13, writes: 5 });
  expect(await at("sales", `apply -e prod ${yes}`)).toMatchObject({ ...applied, calls: 21, writes: 11 });
  for (const [team, line] of [
    ["sales", ""],
    ["support", ""],
    ["finance", ""],
    ["sales", "-e prod"],
  ] as const) {
    expect(await at(team, `plan --detailed-exitcode ${line}`)).toMatchObject({
      ...applied,
      calls: 4,
      writes: 0,
    });
  }

  const seen = (space: string | undefined) =>
    botsIn(space).map((one) => [
      one.name,
      one.model_info_config?.temperature,
      one.onboarding_info?.prologue ?? "",
    ]);
  expect(seen(dev)).toEqual([
    ["合同助手", 0, ""],
    ["售后助手", 0.7, ""],
    ["报价助手", 0.7, ""],
    ["报销助手", 0.7, ""],
    ["沙盒", 0.7, ""],
  ]);
  const hello = "您好，请问有什么可以帮您？";
  expect(seen(prod)).toEqual([
    ["合同助手", 0, ""],
    ["大客户助手", 0.3, hello],
    ["报价助手", 0.3, hello],
  ]);
  const handbooks = [...datasets.values()].filter(
    ({ space_id, name }) => space_id === dev && name !== "公司政策",
  );
  expect(handbooks.map(({ name }) => name).sort()).toEqual([
    "员工手册（售后）",
    "员工手册（财务）",
    "员工手册（销售）",
  ]);
  expect(botsIn(prod)[2]?.prompt_info?.prompt).toBe(readFileSync(path("sales/prompts/报价助手.md"), "utf8"));

  // A promotion takes what both environments have; a comparison says that the rest is as declared.
  for (const name of ["合同助手", "沙盒"]) writeFileSync(path(`sales/prompts/${name}.md`), `# ${name}二\n`);
  expect(await at("sales", "apply --auto-approve")).toMatchObject({ ...applied, writes: 4 });
  const promoted = await at("sales", `promote --from dev --to prod ${yes}`);
  expect(promoted).toMatchObject({ ...applied, calls: 14, writes: 2 });
  expect(promoted.out).toContain("Plan: 1 to update;");
  expect(botsIn(prod).map(({ prompt_info }) => prompt_info?.prompt?.split("\n")[0])).toEqual([
    "# 合同助手二",
    "# 报价助手",
    "# 报价助手",
  ]);
  const compared = await at("sales", "plan -e prod --against dev --detailed-exitcode");
  expect([compared.code, lineWith(compared.out, "Bot.sandbox"), lineWith(compared.out, "Bot.vip")]).toEqual([
    0,
    "  - Bot.sandbox  only in dev (as declared in the manifests)",
    "  + Bot.vip  only in prod (as declared in the manifests)",
  ]);

  // Labels choose, for plans, status and removals.
  const chosen = await at("sales", "status -e prod --target tier=front");
  expect(chosen.out).toMatch(/^No differences\. .*\(2 resources, /);
  const misspelt = await at("sales", "plan -e prod --target tier=frnt");
  expect([misspelt.code, misspelt.err]).toEqual([
    3,
    "error: tier=frnt names no resource of the manifests or the state  hint: did you mean tier=front?\n",
  ]);
  const removed = await at("sales", "destroy --auto-approve --target tier=lab");
  expect([removed.code, removed.out.match(/^ {2}\S \S+/gmu)?.[0]]).toEqual([0, "  * Bot.sandbox"]);
  expect((await at("sales", "state list")).out).not.toContain("sandbox");

  // What differs from a default goes into the manifest; an edit of an included file is told.
  const edit = (name: string, change: Parameters<typeof emulator.world.editBot>[1]) => {
    const bot = [...bots.values()].find(({ draft, space_id }) => draft.name === name && space_id === dev);
    emulator.world.editBot(bot?.id ?? "", change);
  };
  edit("售后助手", { model_info_config: { model_id: "1706077826", temperature: 0.9 } });
  expect(await at("support", "adopt-live tier=front")).toMatchObject({
    ...applied,
    out: expect.stringContaining("Bot.support: model.temperature in bots/售后助手.yaml\n"),
  });
  expect(readFileSync(path("support/bots/售后助手.yaml"), "utf8")).toMatch(
    /\n {2}model: \{temperature: 0\.9\}\n$/,
  );
  expect(await at("support", "plan --detailed-exitcode")).toMatchObject({ code: 0, writes: 0 });
});

const header = "apiVersion: cozeform/v1\n";
const project = (...lines: readonly string[]) => [`${header}kind: Project`, ...lines, ""].join("\n");
const space = `${header}kind: Workspace\nmetadata: {name: desk}\nspec: {name: 客服, description: 客服}\n`;
const dataset = (workspace: string) =>
  `${header}kind: Dataset\nmetadata: {name: faq}\nspec: {workspace: ${workspace}, name: 问答, format: text}\n`;

test("an output that can't be had is told at its place, with the next move, and without a call", async () => {
  const { at, path } = openRepository({
    "platform/cozeform.yaml": project(
      "outputs: {space: Workspace.desk, gone: Dataset.gone, word: Workspace.desk.size}",
      "environments: {dev: {}, live: {}}",
      "default_environment: dev",
    ),
    "platform/space.yaml": space,
    "platform/gone.yaml": dataset("desk").replace("faq", "gone"),
    "loop/cozeform.yaml": project(),
    "loop/d.yaml": dataset("{project: ../sales, output: Workspace.desk}"),
    "plain/d.yaml": space,
    "sales/cozeform.yaml": project("environments: {dev: {}}"),
    "sales/d.yaml": "",
  });
  const ask = (request: string) => writeFileSync(path("sales/d.yaml"), dataset(request));
  const plan = async (request: string) => {
    ask(request);
    const { code, err, calls } = await at("sales", "plan");
    expect([code, calls]).toEqual([3, 0]);
    return err.split("\n")[0];
  };
  expect(await at("platform", "apply --auto-approve --target Workspace.desk")).toMatchObject({ code: 0 });
  const place = (column: number) => `d.yaml:4:${column}  `;
  expect(await plan("{project: ../platform, output: spce}")).toBe(
    `${place(50)}the project in ../platform has no output spce in dev  hint: did you mean space?`,
  );
  expect(await plan("{project: ../platform, output: Dataset.fq}")).toBe(
    `${place(50)}the project in ../platform has no output Dataset.fq in dev  hint: it has space, gone, word, Workspace.desk`,
  );
  expect(await plan("{project: ../platform, output: gone}")).toMatch(
    /declared, but its object isn't in the state of dev/,
  );
  expect(await plan("{project: ../platform, output: word}")).toMatch(/the object has no size that is one/);
  expect(await plan("{project: ../platform, output: space, environment: live}")).toBe(
    `${place(50)}the project in ../platform was never applied in live, so it has no outputs  hint: run cozeform apply ../platform -e live first`,
  );
  expect(await plan("{project: ../platform, output: space, environment: liv}")).toMatch(
    /has no environment liv {2}hint: add environment: with one that it has: dev, live$/,
  );
  expect(await plan("{project: ../plain, output: space}")).toMatch(/there is no project in \.\.\/plain/);
  expect(await plan("{project: ../../elsewhere, output: space}")).toMatch(
    /outside the project's git work tree/,
  );
  expect(await plan("{project: ../platform}")).toBe(
    `${place(19)}an output of another project has the directory of that project and the name of the output  hint: write {project: ../platform, output: Dataset.faq}, and environment: … where it has another name there`,
  );
  expect(await plan("{project: ../loop, output: Dataset.faq, environment: default}")).toMatch(
    /need outputs of each other: sales -> loop -> sales/,
  );
  // Without the state it is the same, as far as files tell.
  const offline = await at("sales", "validate");
  expect([offline.code, offline.err]).toEqual([3, expect.stringContaining("sales -> loop -> sales")]);

  // A value that is another one there is a change here, and what is to be removed needs none.
  ask("{project: ../platform, output: space}");
  expect(await at("sales", "apply --auto-approve")).toMatchObject({ code: 0 });
  expect(await at("sales", "plan --detailed-exitcode")).toMatchObject({ code: 0 });
  const state = path("platform/.cozeform/dev.state.json");
  const text = readFileSync(state, "utf8");
  const id = /"id": ?"(\d+)"/.exec(text)?.[1] ?? "";
  writeFileSync(state, text.replaceAll(id, "7512000000000099999"));
  const changed = await at("sales", "plan --refresh none --detailed-exitcode");
  expect([changed.code, changed.calls, lineWith(changed.out, "workspace:")]).toEqual([
    2,
    0,
    expect.stringContaining("-> (output space of ../platform) → 7512000000000099999"),
  ]);
  writeFileSync(state, "{");
  expect((await at("sales", "plan")).err).toMatch(
    /the state of the project in \.\.\/platform can't be read: /,
  );
  expect(await at("sales", "destroy --auto-approve")).toMatchObject({ code: 0, writes: 1 });
});

test("adopt-live writes what differs from defaults where it belongs, and tells of included files", async () => {
  const bot = (name: string, more = "", spec = "") =>
    `${header}kind: Bot\nmetadata: {name: ${name}${more}}\nspec:\n  name: "${more ? "${each.key}" : name}"\n${spec}`;
  const { at, emulator, path } = openRepository({
    "sales/cozeform.yaml": project(
      "include: [../shared]",
      'defaults: {Bot: {workspace: desk, prompt: 你好, model: {id: "1706077826", temperature: 0.7}}}',
    ),
    "sales/space.yaml": space,
    "sales/own.yaml": bot("own"),
    "sales/many.yaml": bot("many", ", for_each: [甲, 乙]"),
    "shared/bot.yaml": bot("shared", "", "  description: 旧\n"),
  });
  expect(await at("sales", "apply --auto-approve")).toMatchObject({ code: 0 });
  const edit = (name: string, change: Parameters<typeof emulator.world.editBot>[1]) => {
    const found = [...emulator.world.bots.values()].find(({ draft }) => draft.name === name);
    emulator.world.editBot(found?.id ?? "", change);
  };
  edit("own", {
    prompt_info: { prompt: "您好" },
    model_info_config: { model_id: "1706077826", temperature: 0.9 },
  });
  expect(await at("sales", "adopt-live Bot.own")).toMatchObject({ code: 0, err: "" });
  expect(readFileSync(path("sales/own.yaml"), "utf8")).toBe(
    bot("own", "", "  prompt: 您好\n  model: {temperature: 0.9}\n"),
  );
  edit("shared", { description: "新" });
  expect(await at("sales", "adopt-live Bot.shared")).toMatchObject({
    code: 0,
    err: expect.stringContaining(
      "../shared/bot.yaml is in the included directory ../shared: every project that includes it gets this edit",
    ),
  });
  expect(readFileSync(path("shared/bot.yaml"), "utf8")).toBe(bot("shared", "", "  description: 新\n"));
  edit("甲", { prompt_info: { prompt: "嗨" } });
  const refused = await at("sales", 'adopt-live Bot.many["甲"]');
  expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('Bot.many["乙"]')]);
  expect(readFileSync(path("sales/many.yaml"), "utf8")).toBe(bot("many", ", for_each: [甲, 乙]"));
});

test("adopt-live leaves outputs of other projects as they are written, and replaces none", async () => {
  const bot = (name: string, other: string, datasets: string) => `${header}kind: Bot
metadata: {name: ${name}}
spec:
  workspace: {project: ${other}, output: space}
  name: ${name}
  description: {project: ${other}, output: word}
  onboarding:
    suggested_questions: [贵吗？, {project: ${other}, output: word}]
  knowledge:
    datasets: ${datasets}
`;
  const docs = (other: string) => `{project: ${other}, output: docs, environment: dev}`;
  const files = {
    "lib/other/cozeform.yaml": project(
      "outputs: {space: Workspace.desk, docs: Dataset.faq, word: Workspace.desk.description}",
      "environments: {dev: {}}",
      "default_environment: dev",
    ),
    "lib/other/all.yaml": `${space}---\n${dataset("desk")}`,
    "sales/cozeform.yaml": project(
      "include: [../lib/shared]",
      "environments: {dev: {}, prod: {}}",
      "default_environment: dev",
      `defaults: {Bot: {knowledge: {datasets: [own, ${docs("../lib/other")}]}}}`,
    ),
    "sales/own.yaml": dataset("{project: ../lib/other, output: space}")
      .replace("faq", "own")
      .replace("问答", "自己"),
    "sales/a.yaml": bot("a", "../lib/other", `[own, ${docs("../lib/other")}]`),
    "sales/c.yaml": bot("c", "../lib/other", "x").replace(/ {2}knowledge:\n.*\n/u, ""),
    "lib/shared/b.yaml": bot("b", "../other", `[${docs("../other")}, own]`),
  };
  const { at, emulator, path } = openRepository(files);
  for (const one of ["lib/other", "sales"])
    expect(await at(one, "apply --auto-approve")).toMatchObject({ code: 0, err: "" });
  const find = (name: string) => [...emulator.world.bots.values()].find(({ draft }) => draft.name === name);
  const edit = (name: string, change: Parameters<typeof emulator.world.editBot>[1]) =>
    emulator.world.editBot(find(name)?.id ?? "", change);
  const id = [...emulator.world.datasets.values()].find(({ name }) => name === "问答")?.id ?? "";
  for (const name of ["a", "b", "c"]) edit(name, { knowledge: { dataset_ids: [id] } });
  edit("a", { onboarding_info: { prologue: "", suggested_questions: ["客服", "多少钱？"] } });
  expect(await at("sales", "adopt-live Bot.a Bot.b Bot.c")).toMatchObject({
    code: 0,
    err: expect.not.stringContaining("error"),
  });
  const read = (file: string) => readFileSync(path(file), "utf8");
  expect(read("sales/a.yaml")).toBe(
    bot("a", "../lib/other", `[${docs("../lib/other")}]`).replace(
      "[贵吗？, {project: ../lib/other, output: word}]",
      "[{project: ../lib/other, output: word}, 多少钱？]",
    ),
  );
  expect(read("lib/shared/b.yaml")).toBe(bot("b", "../other", `[${docs("../other")}]`));
  expect(read("sales/c.yaml")).toMatch(
    /\n {2}knowledge: \{datasets: \[\{project: ..\/lib\/other, output: docs, environment: dev\}\]\}\n$/u,
  );
  expect(await at("sales", "plan --detailed-exitcode")).toMatchObject({ code: 0 });

  const before = read("sales/a.yaml");
  edit("a", {
    description: "改",
    onboarding_info: { prologue: "", suggested_questions: ["改", "多少钱？"] },
  });
  const refused = await at("sales", "adopt-live Bot.a");
  expect([refused.code, refused.err.split("\n").filter((line) => /^\S+:\d/u.test(line))]).toEqual([
    3,
    ["description", "onboarding.suggested_questions"].map((field) =>
      expect.stringContaining(
        `Bot.a: ${field} is an output of another project  hint: edit it in that project`,
      ),
    ),
  ]);
  expect(read("sales/a.yaml")).toBe(before);
  edit("a", { onboarding_info: { prologue: "", suggested_questions: ["多少钱？"] }, description: "客服" });
  edit("a", { knowledge: { dataset_ids: [] } });
  expect(await at("sales", "adopt-live Bot.a")).toMatchObject({ code: 0 });
  expect(read("sales/a.yaml")).toContain("suggested_questions: [多少钱？]\n  knowledge:\n    datasets: []\n");
});
