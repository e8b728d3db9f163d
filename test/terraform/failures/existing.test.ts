import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { createTerraformStory, type TerraformStory, terraformTest } from "../../support/terraform.ts";
import { blocks, complaintsIn, configure, existing, heldBy, writesOf } from "./stage.ts";

const bot = (label: string, lines = "") => `\
resource "coze_bot" "${label}" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
  prompt    = "你是售后助手。"
  publish   = { connectors = [{ id = "1024" }] }
${lines}}
`;

/** The state is lost, as that of a run that was killed before it was written. */
function loseState({ directory }: TerraformStory): void {
  for (const name of ["terraform.tfstate", "terraform.tfstate.backup"])
    if (existsSync(join(directory, name))) rmSync(join(directory, name));
}

/** How many objects of each kind there are. */
const countIn = ({ emulator: { world } }: TerraformStory) => ({
  workspaces: [...world.workspaces.values()].filter(({ name }) => name === "客服空间").length,
  bots: world.bots.size,
  datasets: world.datasets.size,
  documents: world.documents.size,
  apps: world.callbackApps.size,
});

const all = [blocks.desk, blocks.lead, blocks.policies, blocks.returns, blocks.hook, bot("helper")];
const one = { workspaces: 1, bots: 1, datasets: 1, documents: 1, apps: 1 };

const refusal = (type: string, label: string, line: number) =>
  `Error: ${type} ID already exists with ${type}.${label}, on main.tf line ${line}, in resource "${type}" "${label}": ${line}: resource "${type}" "${label}" { It has the same name and isn't in the state, so no other one is created. To import it, add this block, with the address above as "to". Or change name, or set existing = "adopt" in the provider's configuration. If the state has it under another address, add a moved block. import { to = ${type}.NAME id = "ID" }`;

terraformTest("all that isn't in a state that was lost is adopted, and nothing is made twice", async () => {
  const story = await createTerraformStory({ files: configure(...all) });
  await story.apply();
  const before = await heldBy(story);
  expect(countIn(story)).toEqual(one);

  loseState(story);
  story.write(configure(existing("error"), ...all));
  const refused = await story.fail("apply", "-auto-approve");
  expect([...complaintsIn(refused.stderr)].sort()).toEqual([
    refusal("coze_callback_app", "hook", 28),
    refusal("coze_workspace", "desk", 5),
  ]);
  expect(refused.requests).toEqual(expect.arrayContaining(["list_callback_app", "list_workspace"]));
  expect(refused.requests).toHaveLength(2);

  story.write(configure(existing("adopt"), ...all));
  let stdout = "";
  const writes = await writesOf(story, async () => {
    stdout = (await story.apply()).stdout;
  });
  expect(writes).toEqual(["publish_bot"]);
  expect(complaintsIn(stdout).map((text) => text.replace(/ (\d+|ID) is adopted .*/u, ""))).toEqual(
    ["workspace", "workspace_member", "dataset", "document", "callback_app", "bot"].map(
      (type) => `Warning: coze_${type}`,
    ),
  );
  expect(complaintsIn(stdout).find((text) => text.includes("coze_document"))).toContain(
    "Coze doesn't show source.url, or can't change it: it is taken on trust that it matches.",
  );
  expect(countIn(story)).toEqual(one);
  expect(await heldBy(story)).toEqual(before);
  await story.expectNoChanges();
});

terraformTest(
  "what is adopted loses what the configuration leaves out, and gets what Coze hides",
  async () => {
    const old = (lines: string, ids: readonly string[]) => `\
resource "coze_bot" "helper" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
  model     = { id = "1706077826"${lines === "" ? "" : ", anti_leak = true"} }
  knowledge = { datasets = [coze_dataset.policies.id]${lines === "" ? "" : ', search_strategy = "hybrid"'} }
  publish   = { connectors = [${ids.map((id) => `{ id = "${id}" }`).join(", ")}] }
${lines}}
`;
    const texts = '  description = "旧"\n  prompt = "旧"\n  onboarding = { prologue = "旧" }\n';
    const policies = (lines: string) => blocks.policies.replace("}\n", `${lines}}\n`);
    const files = (...bots: readonly string[]) =>
      configure(existing("adopt"), blocks.desk, policies('  description = "旧"\n'), ...bots);
    const story = await createTerraformStory({ files: files(old(texts, ["999", "1024"])) });
    const { world } = story.emulator;
    const bodies = (operation: string) =>
      story.emulator.requests.filter((one) => one.operation === operation).map(({ body }) => body);
    const lose = () => story.run("state", "rm", "coze_bot.helper", "coze_dataset.policies");
    await story.apply();

    // What Coze hides is taken to have its default, and is sent once if it is to be other.
    await lose();
    const hidden = await writesOf(story, () => story.apply());
    expect(hidden.filter((name) => name !== "publish_bot")).toEqual(["update_bot"]);
    expect(bodies("update_bot").at(-1)).toEqual({
      bot_id: [...world.bots.keys()][0],
      model_info_config: { model_id: "1706077826", sp_anti_leak: true },
      knowledge: { dataset_ids: [...world.datasets.keys()], search_strategy: 1 },
    });
    await story.expectNoChanges();

    await lose();
    const bare = `\
resource "coze_bot" "helper" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
  publish   = { connectors = [{ id = "1024" }] }
}
`;
    story.write(configure(existing("adopt"), blocks.desk, policies(""), bare));
    await story.apply();
    const [held] = world.bots.values();
    expect(Object.keys(held?.channels ?? {})).toEqual(["1024"]);
    expect(bodies("update_bot").at(-1)).toEqual({
      bot_id: held?.id,
      description: "",
      prompt_info: { prompt_mode: "standard", prompt: "" },
      onboarding_info: { prologue: "", suggested_questions: [] },
      knowledge: { dataset_ids: [], auto_call: true, search_strategy: 0 },
    });
    expect([...world.datasets.values()].map(({ description }) => description)).toEqual([""]);
    await story.expectNoChanges();
    await story.expectNoChanges("-refresh-only");
  },
);

terraformTest(
  "what a run with -target adopted from another address isn't deleted by the next one",
  async () => {
    const files = (label: string) =>
      configure(existing("adopt"), blocks.desk, blocks.policies.replace('"policies"', `"${label}"`));
    const story = await createTerraformStory({ files: files("a") });
    await story.apply();
    const { datasets } = story.emulator.world;
    story.write(files("b"));
    await story.apply("-target=coze_dataset.b");
    expect(Object.keys(await heldBy(story))).toEqual([
      "coze_dataset.a",
      "coze_dataset.b",
      "coze_workspace.desk",
    ]);
    for (const args of [[], ["-refresh=false"]]) {
      const refused = await story.fail("apply", "-auto-approve", ...args);
      expect(complaintsIn(refused.stderr)).toEqual([
        expect.stringMatching(
          /^Error: coze_dataset ID is in the state twice .*Run terraform state rm with the address that the configuration no longer has, and plan again\.$/u,
        ),
      ]);
    }
    expect(datasets.size).toBe(1);
    await story.run("state", "rm", "coze_dataset.a");
    await story.expectNoChanges();
    // What adopted an object can remove it.
    story.write(configure(existing("adopt"), blocks.desk));
    await story.apply();
    expect(datasets.size).toBe(0);
  },
);

terraformTest("two resources of one identity: one adopts, and the other makes nothing", async () => {
  const story = await createTerraformStory({ files: configure(blocks.desk, bot("one")) });
  await story.apply();
  const { world } = story.emulator;
  await story.run("state", "rm", "coze_bot.one");
  story.write(configure(existing("adopt"), blocks.desk, bot("one"), bot("two")));
  const failed = await story.fail("apply", "-auto-approve");
  const told = complaintsIn(failed.stderr);
  expect(told.map((text) => text.replaceAll(/\b(one|two)\b|\b\d+/gu, "N"))).toEqual([
    'Error: coze_bot ID is adopted already with coze_bot.N, on main.tf line N, in resource "coze_bot" "N": N: resource "coze_bot" "N" { Another resource of this configuration has the same name and adopts it: remove N of the N, or change name of N of them.',
  ]);
  expect(world.bots.size).toBe(1);

  // With no object there, each makes its own, and neither takes the other's.
  world.bots.clear();
  await story.apply();
  expect(world.bots.size).toBe(2);
  await story.expectNoChanges();

  await story.run("state", "rm", "coze_bot.one", "coze_bot.two");
  story.write(configure(existing("adopt"), blocks.desk, bot("one")));
  const several = await story.fail("plan");
  expect(complaintsIn(several.stderr)).toEqual([
    'Error: 2 objects could be adopted as coze_bot with coze_bot.one, on main.tf line 10, in resource "coze_bot" "one": 10: resource "coze_bot" "one" { ID, ID. All have the same name, so nothing is adopted or created. Import the right one with this block, with its id, and with the address above as "to": import { to = coze_bot.NAME id = "ID/ID" }',
  ]);
  expect(world.bots.size).toBe(2);
});

const first = "  lifecycle { create_before_destroy = true }\n";

for (const word of ["warn", "error", "adopt"] as const) {
  terraformTest(`what create_before_destroy replaces isn't there already: ${word}`, async () => {
    const page = blocks.returns.replace("}\n}\n", `}\n${first}}\n`);
    const story = await createTerraformStory({
      // Then planning and applying have a process each.
      served: word === "adopt" ? "executable" : "in-process",
      emulator: { world: { processingMs: 0 } },
      files: configure(existing(word), blocks.desk, blocks.policies, page, bot("helper", first)),
    });
    await story.apply();
    const { world } = story.emulator;
    const before = await heldBy(story);
    story.write(
      configure(
        existing(word),
        blocks.desk,
        blocks.policies,
        page.replace("/returns", "/refunds"),
        bot("helper", first),
      ),
    );
    const plan = await story.plan("-replace=coze_bot.helper");
    expect(plan.actions).toMatchObject({
      "coze_document.returns": "create/delete",
      "coze_bot.helper": "create/delete",
    });
    expect(complaintsIn(plan.stdout)).toEqual([]);
    const { stdout } = await story.apply("saved.tfplan");
    expect(complaintsIn(stdout)).toEqual([
      'Warning: coze_bot ID stays at Coze with coze_bot.helper, on main.tf line 23, in resource "coze_bot" "helper": 23: resource "coze_bot" "helper" { Its removal unpublishes it from api. Coze\'s API can\'t delete it: Terraform only removes it from the state. To delete it, use its page in Coze. Apply complete! Resources: 2 added, 0 changed, 2 destroyed.',
    ]);
    const after = await heldBy(story);
    expect(world.documents.size).toBe(1);
    expect([...world.bots.values()].map(({ channels }) => Object.keys(channels))).toEqual([[], ["1024"]]);
    for (const address of ["coze_document.returns", "coze_bot.helper"])
      expect(after[address]).not.toBe(before[address]);
    await story.expectNoChanges();
    const notes = join(story.directory, ".terraform/cozeform");
    expect(existsSync(notes) ? readdirSync(notes) : []).toEqual([]);
  });
}

terraformTest("a bot that is replaced because a user asks for it leaves what a removal leaves", async () => {
  const story = await createTerraformStory({ files: configure(blocks.desk, bot("helper")) });
  await story.apply();
  const { world } = story.emulator;
  // The new one is to be on no channel, which is no reason to leave the old one on its.
  const quiet = bot("helper").replace(/ {2}publish.*\n/u, "");
  story.write(configure(blocks.desk, quiet));
  const { stdout } = await story.apply("-replace=coze_bot.helper");
  expect(complaintsIn(stdout)).toEqual([
    "Warning: coze_bot ID stays at Coze Its removal unpublishes it from api. Coze's API can't delete it: Terraform only removes it from the state. To delete it, use its page in Coze. Apply complete! Resources: 1 added, 0 changed, 1 destroyed.",
  ]);
  expect([...world.bots.values()].map(({ channels }) => Object.keys(channels))).toEqual([[], []]);

  // An ordinary removal says in the plan what it leaves, and not again when it is done.
  story.write(configure(blocks.desk));
  const removed = await story.apply();
  expect(complaintsIn(removed.stdout)).toEqual([
    "Warning: coze_bot ID stays at Coze Coze's API can't delete it: Terraform only removes it from the state. To delete it, use its page in Coze. Apply complete! Resources: 0 added, 0 changed, 1 destroyed.",
  ]);
});

terraformTest("what can't be adopted makes nothing, and a failed adoption keeps nothing", async () => {
  const images = blocks.policies.replace('"text"', '"image"');
  const story = await createTerraformStory({ files: configure(blocks.desk, blocks.policies, bot("helper")) });
  await story.apply();
  const { world, faults } = story.emulator;
  const { "coze_bot.helper": id = "" } = await heldBy(story);
  await story.run("state", "rm", "coze_dataset.policies", "coze_bot.helper");

  story.write(configure(existing("adopt"), blocks.desk, images));
  const unlike = await story.fail("apply", "-auto-approve");
  expect(complaintsIn(unlike.stderr)).toEqual([
    `Error: coze_dataset ID can't be adopted with coze_dataset.policies, on main.tf line 13, in resource "coze_dataset" "policies": 13: format = "image" It has the same name, but differs in format, which Coze can't change. Correct the configuration, or change name in it. To have Terraform replace the object, import it with this block, with the address above as "to": import { to = coze_dataset.NAME id = "ID/ID" }`,
  ]);
  expect(world.datasets.size).toBe(1);

  faults.set([{ operation: "list_dataset", fault: "refuse", code: 4101, msg: "no permission" }]);
  const unseen = await story.fail("apply", "-auto-approve");
  expect(complaintsIn(unseen.stderr)[0]).toContain(
    'With this setting of existing, nothing is created before that is known; existing = "warn" creates it all the same.',
  );
  expect(world.datasets.size).toBe(1);

  faults.set([{ operation: "publish_bot", fault: "refuse", code: 4000, msg: "connector_ids: closed" }]);
  story.write(configure(existing("adopt"), blocks.desk, bot("helper")));
  const failed = await story.fail("apply", "-auto-approve");
  expect(complaintsIn(failed.stderr)[0]).toContain("Error: could not publish coze_bot");
  expect(Object.keys(await heldBy(story))).toEqual(["coze_workspace.desk"]);
  faults.clear();
  await story.apply();
  expect(await heldBy(story)).toMatchObject({ "coze_bot.helper": id });
  expect(world.bots.size).toBe(1);
  await story.expectNoChanges();
});

terraformTest("a copy that may be there is neither adopted nor made again", async () => {
  const story = await createTerraformStory({ files: {} });
  const { world } = story.emulator;
  const [source = "", desk = ""] = ["源", "客服"].map((name) => world.addWorkspace({ name }).id);
  const workflow = world.addWorkflow({ space_id: source, name: "查订单" }).id;
  const copy = `\
resource "coze_copy" "orders" {
  type      = "workflow"
  source    = { workflow = "${workflow}" }
  workspace = "${desk}"
}
`;
  story.write(configure(existing("adopt"), copy));
  await story.apply();
  await story.expectNoChanges();
  loseState(story);
  const failed = await story.fail("apply", "-auto-approve");
  expect(complaintsIn(failed.stderr)).toEqual([
    `Error: coze_copy may exist already: ID with coze_copy.orders, on main.tf line 5, in resource "coze_copy" "orders": 5: resource "coze_copy" "orders" { Coze doesn't show what an object was copied from, so it can't be recognized and isn't adopted. What is named here is called like the source and isn't in the state, so nothing is created. If it is the result of an earlier run, import it with this block, with the address above as "to"; otherwise set existing = "warn" in the provider's configuration: import { to = coze_copy.NAME id = "ID/ID" }`,
  ]);
  expect([...world.workflows.values()].filter(({ space_id }) => space_id === desk)).toHaveLength(1);
});

terraformTest("an object of the state that has another address now is no stranger", async () => {
  const story = await createTerraformStory({ files: configure(existing("error"), blocks.desk, bot("one")) });
  await story.apply();
  const before = await heldBy(story);
  // Without a moved block, one is let go of and another made; with it, nothing happens.
  story.write(configure(existing("error"), blocks.desk, bot("two")));
  expect((await story.plan()).actions).toMatchObject({ "coze_bot.one": "delete", "coze_bot.two": "create" });
  const moved = "moved {\n  from = coze_bot.one\n  to   = coze_bot.two\n}\n";
  story.write(configure(existing("adopt"), blocks.desk, bot("two"), moved));
  expect(await writesOf(story, () => story.apply())).toEqual([]);
  expect((await heldBy(story))["coze_bot.two"]).toBe(before["coze_bot.one"]);
});

for (const lines of ["", first]) {
  const order = lines === "" ? "after" : "before";
  terraformTest(`a replacement that was made ${order} a kill is adopted by the next one`, async () => {
    const page = blocks.returns.replace("}\n}\n", `}\n${lines}}\n`);
    const files = (one: string) => configure(existing("adopt"), blocks.desk, blocks.policies, one);
    const story = await createTerraformStory({ files: files(page) });
    await story.apply();
    const { world, faults } = story.emulator;
    const state = join(story.directory, "terraform.tfstate");
    const written = readFileSync(state);
    if (lines !== "")
      faults.set([{ operation: "delete_knowdge_files", fault: "refuse", code: 4000, msg: "no" }]);
    story.write(files(page.replace("/returns", "/refunds")));
    await story.run("apply", "-auto-approve");
    // All that the killed run wrote is lost.
    writeFileSync(state, written);
    faults.clear();
    const made = [...world.documents.keys()].at(-1);
    const writes = await writesOf(story, () => story.apply());
    expect(writes).toEqual(lines === "" ? [] : ["delete_knowdge_files"]);
    expect([...world.documents.keys()]).toEqual([made]);
    expect(await heldBy(story)).toMatchObject({ "coze_document.returns": made });
    await story.expectNoChanges();
  });
}

terraformTest("a tainted bot is replaced, and neither refused nor adopted", async () => {
  const story = await createTerraformStory({
    files: configure(existing("error"), blocks.desk, bot("helper")),
  });
  await story.apply();
  const { world } = story.emulator;
  for (const word of ["error", "adopt"] as const) {
    story.write(configure(existing(word), blocks.desk, bot("helper")));
    const { "coze_bot.helper": tainted = "" } = await heldBy(story);
    await story.run("taint", "coze_bot.helper");
    const { stdout } = await story.apply();
    expect(complaintsIn(stdout)).toEqual([
      "Warning: coze_bot ID stays at Coze Its removal unpublishes it from api. Coze's API can't delete it: Terraform only removes it from the state. To delete it, use its page in Coze. Apply complete! Resources: 1 added, 0 changed, 1 destroyed.",
    ]);
    expect(world.bots.size).toBe(2);
    // What a removal left behind is there for the next creation, unless somebody deletes it in Coze.
    world.bots.delete(tainted);
  }
});
