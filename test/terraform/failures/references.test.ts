import { expect } from "@jest/globals";
import { createTerraformStory, type TerraformStory, terraformTest } from "../../support/terraform.ts";
import { describeWorld } from "../../support/world.ts";
import { blocks, complaintsIn, configure, heldBy, writesOf } from "./stage.ts";

const lifecycle = "lifecycle {\n    create_before_destroy = true\n  }";

const knowledge = (format: string, more = "") => ({
  ...configure(
    blocks.desk,
    `\
resource "coze_dataset" "policies" {
  workspace = coze_workspace.desk.id
  name      = "店铺政策"
  format    = "${format}"
  ${more}
}

resource "coze_document" "pages" {
  for_each = toset(["returns", "invoices"])
  dataset  = coze_dataset.policies.id
  name     = each.key
  source   = { ${format === "text" ? '"url" = "https://shop.example.com/${each.key}"' : '"file" = "${path.cwd}/pot.png"'} }
}

resource "coze_bot" "helper" {
  workspace   = coze_workspace.desk.id
  name        = "售后助手"
  description = "知识库 \${coze_dataset.policies.id}，文档 \${join("、", [for one in coze_document.pages : one.id])}"
  knowledge   = { datasets = [coze_dataset.policies.id] }
  publish     = { connectors = [{ id = "1024" }] }
}
`,
  ),
  "pot.png": Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
});

const replaced = {
  "coze_bot.helper": "update",
  "coze_workspace.desk": "no-op",
};

const emptying = ["delete_knowdge_files"];
const remaking = ["create_dataset", "upload_files", "create_knowledge_files", "update_bot", "publish_bot"];

/** The items of the bodies of calls, under a key, in all calls of an operation. */
const itemsOf = ({ emulator }: TerraformStory, operation: string, key: string): readonly unknown[] =>
  emulator.requests
    .filter((one) => one.operation === operation)
    .flatMap(({ body }) => (body as { readonly [key: string]: readonly unknown[] })[key] ?? []);

for (const [how, more, action, calls] of [
  ["", "", "delete/create", [...emptying, "delete_dataset", ...remaking]],
  [", the new one first", lifecycle, "create/delete", [...emptying, ...remaking, "delete_dataset"]],
] as const) {
  terraformTest(`a dataset of another format is made anew, and what is about it follows${how}`, async () => {
    const story = await createTerraformStory({ files: knowledge("text", more) });
    const { world } = story.emulator;
    await story.apply();
    await story.expectNoChanges();
    const [former = ""] = world.datasets.keys();
    const [bot = ""] = world.bots.keys();
    const formerPages = [...world.documents.keys()].sort();
    story.write(knowledge("image", more));
    const { actions } = await story.plan();
    expect(actions).toEqual({
      ...replaced,
      "coze_dataset.policies": action,
      'coze_document.pages["invoices"]': "delete/create",
      'coze_document.pages["returns"]': "delete/create",
    });
    const writes = await writesOf(story, () => story.apply("saved.tfplan"));
    // How many documents go together depends on the machine; each goes and comes once.
    expect(writes.filter((one, index) => one !== writes[index - 1])).toEqual(calls);
    expect([...itemsOf(story, "delete_knowdge_files", "document_ids")].sort()).toEqual(formerPages);
    expect(itemsOf(story, "create_knowledge_files", "document_bases")).toHaveLength(4);
    await story.expectNoChanges();
    const [dataset = "", ...others] = world.datasets.keys();
    expect([others, dataset === former, [...world.bots.keys()]]).toEqual([[], false, [bot]]);
    const pages = [...world.documents.values()];
    expect(pages.map(({ dataset_id, name }) => `${dataset_id} ${name}`).sort()).toEqual(
      ["invoices", "returns"].map((name) => `${dataset} ${name}`),
    );
    const ids = ["invoices", "returns"].map((name) => pages.find((page) => page.name === name)?.id);
    expect(world.bots.get(bot)?.published).toMatchObject({
      description: `知识库 ${dataset}，文档 ${ids.join("、")}`,
      knowledge: { dataset_ids: [dataset] },
    });
    const fresh = await createTerraformStory({ files: knowledge("image", more) });
    await fresh.apply();
    const countless = (story: typeof fresh) => ({
      ...describeWorld(story.emulator.world),
      bots: [],
      files: [],
    });
    expect(countless(story)).toEqual(countless(fresh));
  });
}

const helpers = (names: readonly string[], more = "") => ({
  "main.tf": `\
resource "coze_workspace" "desk" {
  for_each    = toset(["客服", "导购"])
  name        = each.key
  description = each.key
}

resource "coze_bot" "helper" {
  for_each  = toset(${JSON.stringify(names)})
  workspace = coze_workspace.desk["客服"].id
  name      = each.key
  publish   = { connectors = [{ id = "1024" }] }
  ${more}
}

output "helpers" {
  value = { for name, bot in coze_bot.helper : name => bot.id }
}
`,
});

terraformTest("of several bots one goes and one comes, and the others aren't touched", async () => {
  const story = await createTerraformStory({ files: helpers(["甲", "乙", "丙"]) });
  const { world } = story.emulator;
  await story.apply();
  const before = (await story.outputs()).helpers as { readonly [name: string]: string };
  story.write(helpers(["甲", "丙", "丁"]));
  const writes = await writesOf(story, () => story.apply());
  expect([...writes].sort()).toEqual(["create_bot", "publish_bot", "unpublish_agent"]);
  const after = (await story.outputs()).helpers;
  expect(after).toEqual({ 甲: before.甲, 丙: before.丙, 丁: expect.any(String) });
  const online = [...world.bots.values()].map(({ draft, channels }) => [draft.name, Object.keys(channels)]);
  expect(Object.fromEntries(online)).toEqual({ 甲: ["1024"], 乙: [], 丙: ["1024"], 丁: ["1024"] });
  await story.expectNoChanges();
});

terraformTest(
  "a bot that moves to another workspace is made there before it is taken down here",
  async () => {
    const story = await createTerraformStory({ files: helpers(["甲"], lifecycle) });
    const { world } = story.emulator;
    await story.apply();
    const [former = ""] = world.bots.keys();
    const files = helpers(["甲"], lifecycle);
    story.write({ "main.tf": files["main.tf"].replace('desk["客服"]', 'desk["导购"]') });
    const plan = await story.plan();
    expect(plan.actions['coze_bot.helper["甲"]']).toBe("create/delete");
    expect(complaintsIn(plan.stdout)).toEqual([
      'Warning: coze_bot ID stays at Coze with coze_bot.helper["甲"], on main.tf line 7, in resource "coze_bot" "helper": 7: resource "coze_bot" "helper" { Its removal unpublishes it from api. Coze\'s API can\'t delete it: Terraform only removes it from the state. To delete it, use its page in Coze.',
    ]);
    expect(await writesOf(story, () => story.apply("saved.tfplan"))).toEqual([
      "create_bot",
      "publish_bot",
      "unpublish_agent",
    ]);
    expect(Object.keys(world.bots.get(former)?.channels ?? { there: true })).toEqual([]);
    await story.expectNoChanges();
  },
);

terraformTest("a whole bot that somebody taints is left at Coze, which is said, and made anew", async () => {
  const story = await createTerraformStory({ files: helpers(["甲"]) });
  const { world } = story.emulator;
  await story.apply();
  const [former = ""] = world.bots.keys();
  await story.run("taint", 'coze_bot.helper["甲"]');
  let said = "";
  const writes = await writesOf(story, async () => {
    said = (await story.apply()).stdout;
  });
  expect(writes).toEqual(["unpublish_agent", "create_bot", "publish_bot"]);
  expect(complaintsIn(said).at(-1)).toContain("Warning: coze_bot ID stays at Coze");
  expect(world.bots.size).toBe(2);
  expect(Object.values(await heldBy(story))).not.toContain(former);
  await story.expectNoChanges();
});

// Terraform tells nothing of what is there to what is made before that goes.
terraformTest("a half-made bot whose successor is made first is left at Coze, which is said", async () => {
  const story = await createTerraformStory({ files: helpers(["甲"], lifecycle) });
  const { world, faults } = story.emulator;
  faults.set([{ operation: "publish_bot", fault: "refuse", code: 4000, msg: "closed" }]);
  await story.fail("apply", "-auto-approve");
  const [former = ""] = world.bots.keys();
  faults.clear();
  expect((await story.plan()).actions['coze_bot.helper["甲"]']).toBe("create/delete");
  const { stdout } = await story.apply("saved.tfplan");
  expect(story.writes().slice(-2)).toEqual(["create_bot", "publish_bot"]);
  expect(complaintsIn(stdout).map((one) => one.split(" with ")[0])).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^Warning: coze_bot ID stays at Coze/u),
      "Warning: coze_bot ID already exists",
    ]),
  );
  const [successor, ...others] = [...world.bots.keys()].filter((id) => id !== former);
  expect(others).toEqual([]);
  expect(await heldBy(story)).toMatchObject({ 'coze_bot.helper["甲"]': successor });
  await story.expectNoChanges();
});
