import { expect } from "@jest/globals";
import { createTerraformStory, terraformTest } from "../../support/terraform.ts";
import { blocks, complaintsIn, configure, heldBy } from "./stage.ts";

const helper = `\
resource "coze_bot" "helper" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
}
`;

terraformTest("what a run makes is found by the data sources of the same run", async () => {
  const found = `\
data "coze_workspace" "desk" {
  name = coze_workspace.desk.name
}

data "coze_bot" "by_id" {
  id = coze_bot.helper.id
}

data "coze_bot" "by_name" {
  workspace  = data.coze_workspace.desk.id
  name       = "售后助手"
  depends_on = [coze_bot.helper]
}

output "same" {
  value = data.coze_bot.by_id.id == data.coze_bot.by_name.id
}
`;
  const story = await createTerraformStory({ files: configure(blocks.desk, helper, found) });
  const { stdout } = await story.apply("-auto-approve");
  expect(stdout).toContain("same = true");
  await story.expectNoChanges();
});

terraformTest("two resources for one member are an error, and the second makes nothing", async () => {
  const twice = blocks.lead.replace('"lead" {\n', '"lead" {\n  count     = 2\n');
  const story = await createTerraformStory({ files: configure(blocks.desk, twice) });
  const failed = await story.fail("apply", "-auto-approve");
  const [diagnostic, ...others] = complaintsIn(failed.stderr);
  expect(diagnostic?.replaceAll(/\[\d\]/gu, "[N]")).toBe(
    'Error: could not create coze_workspace_member with coze_workspace_member.lead[N], on main.tf line 6, in resource "coze_workspace_member" "lead": 6: resource "coze_workspace_member" "lead" { Another resource of this configuration already created it: workspace ID, user_id 1000000000000101. Remove one of the two resources.',
  );
  expect(others).toEqual([]);
  expect(Object.keys(await heldBy(story))).toHaveLength(2);
});

terraformTest("a half-made bot whose successor isn't reached can be imported", async () => {
  const published = (name: string, more = "") => `\
resource "coze_bot" "${name}" {
  workspace   = coze_workspace.desk.id
  name        = "${name}"
  description = "${more}"
  publish     = { connectors = [{ id = "1024" }] }
}
`;
  const story = await createTerraformStory({ files: configure(blocks.desk, published("one")) });
  const { world, faults } = story.emulator;
  faults.set([{ operation: "publish_bot", fault: "refuse", code: 4000, msg: "connector_ids: closed" }]);
  await story.fail("apply", "-auto-approve");
  const [id = ""] = world.bots.keys();
  story.write(configure(blocks.desk, published("one", "见 ${coze_bot.two.id}"), published("two")));
  const { stdout } = await story.fail("apply", "-auto-approve");
  const { "coze_workspace.desk": desk = "", ...held } = await heldBy(story);
  expect(Object.keys(held)).toEqual(["coze_bot.two"]);
  const told = complaintsIn(stdout).filter((one) => one.includes("is incomplete"));
  expect(told).toEqual([
    "Warning: coze_bot ID is incomplete Terraform replaces it, and the replacement continues it. If this apply ends before that, import it as ID/ID: another apply would create a second one.",
  ]);
  expect(stdout.replaceAll(/\s+/gu, " ")).toContain(`import it as ${desk}/${id}`);

  faults.clear();
  await story.importResource("coze_bot.one", `${desk}/${id}`);
  await story.apply("-auto-approve");
  expect(world.bots.size).toBe(2);
  await story.expectNoChanges();
});

terraformTest(
  "a part of what can't be unset as a whole is unset when the whole comes back without it",
  async () => {
    const bot = (lines: string) => helper.replace("}\n", `${lines}}\n`);
    const cached = `\
  cached_prompt = { prefix = "你是售后助手。", dynamic = "今天放假。" }
  model         = { id = "1706077826", cache = "prefix" }
`;
    const story = await createTerraformStory({ files: configure(blocks.desk, bot(cached)) });
    await story.apply("-auto-approve");
    story.write(configure(blocks.desk, bot("")));
    await story.apply("-auto-approve");
    await story.expectNoChanges();
    story.write(
      configure(
        blocks.desk,
        bot('  prompt = "你是客服。"\n  model  = { id = "1706077826", temperature = 0.5 }\n'),
      ),
    );
    await story.apply("-auto-approve");
    const [made] = story.emulator.world.bots.values();
    expect([made?.draft.prompt_info?.prompt, made?.draft.model_info_config?.cache_type]).toEqual([
      "你是客服。",
      "closed",
    ]);
    await story.expectNoChanges();
  },
);
