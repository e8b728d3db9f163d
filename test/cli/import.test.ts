import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createConsole } from "./console.ts";

const manifests = `\
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk}
spec: {name: 客服空间, description: 客服}
---
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: faq}
spec: {workspace: desk, name: 常见问题, format: text}
---
apiVersion: cozeform/v1
kind: Bot
metadata: {name: support}
spec: {workspace: desk, name: 售后, prompt: 你是售后, knowledge: {datasets: [faq]}, publish: {connectors: [api]}}
---
apiVersion: cozeform/v1
kind: WorkspaceMember
metadata: {name: desk, for_each: {"2069720456012": admin}}
spec: {workspace: desk, user_id: "\${each.key}", role: "\${each.value}"}
`;

/** A project, and objects that people made: two bots of one name, the first published and edited since. */
function setStage(files = manifests) {
  const stage = createConsole({ "desk.yaml": files });
  const { world } = stage.emulator;
  const space = world.addWorkspace({ name: "客服空间", description: "客服" });
  space.members.push({ user_id: "2069720456012", role_type: "admin" } as never);
  const dataset = world.addDataset({ space_id: space.id, name: "常见问题" });
  const draft = {
    name: "售后",
    prompt_info: { prompt: "你是售后" },
    knowledge: { dataset_ids: [dataset.id] },
  };
  const bot = world.addBot({ space_id: space.id, draft });
  world.publishBot(bot.id);
  world.editBot(bot.id, { description: "改过" });
  const twin = world.addBot({ space_id: space.id, draft: { name: "售后" } });
  const writes = () =>
    stage.emulator.requests.filter(({ writes }) => writes).map(({ operation }) => operation);
  const hasState = () => existsSync(join(stage.directory, ".cozeform/default.state.json"));
  return { ...stage, space, dataset, bot, twin, writes, hasState };
}

test("objects are imported from a file, the workspace with what it holds, and the plan is empty", async () => {
  const { space, dataset, bot, write, sh, writes } = setStage();
  write({
    "imports.txt": `# ids from Coze's pages\nBot.support ${bot.id}\n\nWorkspace.desk  ${space.id}\nDataset.faq\t${dataset.id} # FAQ\nWorkspaceMember.desk["2069720456012"] 2069720456012\n`,
  });
  const { code, out, err } = await sh("import -f imports.txt");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain(`Bot.support is ${bot.id} now.\nWorkspace.desk is ${space.id} now.\n`);
  expect(out).toContain("Imported 4 objects, which are as their manifests say.");
  const plan = await sh("plan --detailed-exitcode");
  expect([plan.code, plan.out]).toEqual([0, expect.stringContaining("No changes")]);
  const again = await sh("import -f imports.txt");
  expect([again.code, again.out]).toEqual([0, expect.stringContaining(`Bot.support is ${bot.id} already.`)]);
  expect(writes()).toEqual([]);
});

test("an import tells what differs, and the next plan changes that alone", async () => {
  const { space, dataset, bot, sh, writes, emulator } = setStage();
  await sh(`import Workspace.desk ${space.id}`);
  await sh(`import Dataset.faq ${dataset.id}`);
  emulator.world.editBot(bot.id, { prompt_info: { prompt: "网页上改的" } });
  const { channels } = bot;
  bot.channels = {};
  const { code, out } = await sh(`import Bot.support ${bot.id}`);
  expect([code, out]).toEqual([
    0,
    expect.stringContaining("2 fields differ from the manifest: prompt, publish.connectors."),
  ]);
  bot.channels = channels;
  const plan = await sh("plan --target Bot.support");
  expect(plan.out).toContain("~ Bot.support");
  expect(plan.out).not.toContain("knowledge");
  expect(writes()).toEqual([]);
});

test("what can't be imported is refused with all problems at once, and no state is written", async () => {
  const { space, bot, write, sh, hasState, emulator } = setStage();
  const before = emulator.requests.length;
  write({ "imports.txt": `Bot.suport ${bot.id}\nBot.support no/id\nDataset.faq 1 2 3\nnonsense\n` });
  const lines = await sh("import -f imports.txt");
  expect(lines.code).toBe(3);
  expect(lines.err).toContain("imports.txt:4:1  this line isn't an address and an id");
  write({ "imports.txt": `Bot.suport ${bot.id}\nBot.support no/id\n` });
  const { code, err } = await sh("import -f imports.txt");
  expect(code).toBe(3);
  expect(err).toContain("imports.txt:1:1  no manifest makes Bot.suport  hint: did you mean Bot.support?");
  expect(err).toContain("imports.txt:2:1  no/id can't be an id");
  expect(emulator.requests).toHaveLength(before);
  const elsewhere = await sh(`import Dataset.faq ${bot.id}`);
  expect(elsewhere.code).toBe(3);
  const missing = await sh("import Workspace.desk 7512999");
  expect([missing.code, missing.err]).toEqual([
    3,
    expect.stringContaining("Workspace.desk names 7512999, and there is no such Workspace"),
  ]);
  expect((await sh(`import Bot.support`)).code).toBe(3);
  const held = await sh(`import Bot.support ${bot.id}`);
  expect([held.code, held.err]).toEqual([
    3,
    expect.stringContaining(
      `Bot.support names ${bot.id}, and Workspace.desk, which holds it, isn't in the state`,
    ),
  ]);
  expect(hasState()).toBe(false);
  await sh(`import Workspace.desk ${space.id}`);
  const other = await sh("import Workspace.desk 7512999");
  expect([other.code, other.err]).toEqual([
    3,
    expect.stringContaining(`the state has Workspace.desk as ${space.id}`),
  ]);
});

test("lines, addresses and ids of a file are wrong at once, in the order of its lines", async () => {
  const { space, dataset, bot, write, sh, hasState } = setStage();
  write({
    "imports.txt": `nonsense\nBot.suport ${bot.id}\nDataset.faq 7599\nWorkspace.desk ${space.id}\nBot.support no/id\n`,
  });
  const { code, err } = await sh("import -f imports.txt");
  expect(code).toBe(3);
  expect(err.match(/^imports\.txt:\d+:1 +.*?(?= {2}hint|$)/gmu)).toEqual([
    "imports.txt:1:1  this line isn't an address and an id",
    "imports.txt:2:1  no manifest makes Bot.suport",
    "imports.txt:3:1  Dataset.faq names 7599, and there is no such Dataset where its manifest says",
    "imports.txt:5:1  no/id can't be an id",
  ]);
  expect(hasState()).toBe(false);
  write({ "imports.txt": `Workspace.desk ${space.id}\nDataset.faq ${dataset.id}\n` });
  expect((await sh("import -f imports.txt")).code).toBe(0);
});

test("an id that another resource has is a mistake, unless that has no manifest any more", async () => {
  const { space, bot, write, sh } = setStage();
  const two = `${manifests}---\napiVersion: cozeform/v1\nkind: Bot\nmetadata: {name: sales}\nspec: {workspace: desk, name: 售前}\n`;
  write({ "desk.yaml": two });
  await sh(`import Workspace.desk ${space.id}`);
  await sh(`import Bot.support ${bot.id}`);
  const taken = await sh(`import Bot.sales ${bot.id}`);
  expect(taken.code).toBe(3);
  expect(taken.err).toContain("check the id: Bot.support has a manifest of its own");
  expect(taken.err).not.toContain("state mv");
  write({ "desk.yaml": two.replace("{name: support}", "{name: helper}") });
  expect((await sh(`import Bot.sales ${bot.id}`)).err).toContain("cozeform state mv Bot.support Bot.sales");
});

test("the owner of a workspace isn't imported as a member, and the error says why", async () => {
  const { space, write, sh, emulator } = setStage();
  const [owner] = space.members;
  write({
    "owner.yaml": `apiVersion: cozeform/v1\nkind: WorkspaceMember\nmetadata: {name: owner}\nspec: {workspace: desk, user_id: "${owner?.user_id}", role: admin}\n`,
  });
  await sh(`import Workspace.desk ${space.id}`);
  const { code, err } = await sh(`import WorkspaceMember.owner ${owner?.user_id}`);
  expect([code, err]).toEqual([3, expect.stringContaining("owns the workspace")]);
  expect(emulator.requests.filter(({ writes }) => writes)).toEqual([]);
});

test("a manifest names the object that it stands for, which tells two of one name apart", async () => {
  const named = (name: string, id: string) =>
    `---\napiVersion: cozeform/v1\nkind: Bot\nmetadata: {name: ${name}, import: {id: "${id}"}}\nspec: {workspace: desk, name: 售后}\n`;
  const { space, dataset, bot, twin, write, sh, writes } = setStage();
  write({ "desk.yaml": manifests.replace(/---\napiVersion: cozeform\/v1\nkind: Bot\n.*\n.*\n/u, "") });
  write({
    "imports.txt": `Workspace.desk ${space.id}\nDataset.faq ${dataset.id}\nWorkspaceMember.desk["2069720456012"] 2069720456012`,
  });
  await sh("import -f imports.txt");
  write({ "bots.yaml": named("one", bot.id) + named("two", twin.id) });
  const { code, out } = await sh("apply --auto-approve");
  expect([code, out]).toEqual([0, expect.stringContaining("2 adopted")]);
  expect((await sh("plan --detailed-exitcode")).code).toBe(0);
  expect(writes()).toEqual([]);
  write({
    "bots.yaml":
      named("one", bot.id) + named("two", twin.id) + named("three", twin.id) + named("four", "7599"),
  });
  const wrong = await sh("plan");
  expect(wrong.code).toBe(3);
  expect(wrong.err).toContain(`Bot.three can't take over ${twin.id}: the state has it as Bot.two`);
  expect(wrong.err).toContain("Bot.four names 7599, and there is no such Bot");
});
