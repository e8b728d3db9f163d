import { expect } from "@jest/globals";
import { createTerraformStory, terraformTest } from "../../support/terraform.ts";
import { blocks, complaintsIn, configure, heldBy, proposedImport, writesOf } from "./stage.ts";

const helper = `\
resource "coze_bot" "helper" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
  prompt    = "你是售后助手。"
}
`;

/** A workspace of Terraform's, and nobody can list what else is in it until a creation's answer is lost. */
async function openUnseen(operation: string, moment: "before" | "after", listing: string, resource: string) {
  const story = await createTerraformStory({ files: configure(blocks.desk) });
  await story.apply();
  story.write(configure(blocks.desk, resource));
  // Terraform plans twice, and each time the list is tried four times.
  story.emulator.faults.set([
    { operation: listing, fault: "gateway", calls: { times: 8 } },
    { operation, fault: "drop", moment, calls: { times: 1 } },
  ]);
  const space = String((await story.resource("coze_workspace.desk"))?.id);
  return { ...story, space };
}

terraformTest("what may have been there before isn't taken for what a lost creation made", async () => {
  const story = await openUnseen("create_bot", "before", "bots_list_draft_published", helper);
  const { world } = story.emulator;
  const { id } = world.addBot({ space_id: story.space, draft: { name: "售后助手" } });
  const failed = await story.fail("apply", "-auto-approve");
  expect(complaintsIn(failed.stderr)).toEqual([
    'Error: could not create coze_bot with coze_bot.helper, on main.tf line 6, in resource "coze_bot" "helper": 6: resource "coze_bot" "helper" { The creation got no response, and ID is its result or an older object. The call: create_bot. Check in Coze whether it is new; if so, import it (id ID/ID): another apply creates one more.',
  ]);
  expect(Object.keys(await heldBy(story))).toEqual(["coze_workspace.desk"]);
  expect([...world.bots.keys()]).toEqual([id]);
});

terraformTest("where nothing of the name is there, the creation is repeated all the same", async () => {
  const story = await openUnseen("create_bot", "before", "bots_list_draft_published", helper);
  expect(await writesOf(story, () => story.apply())).toEqual(["create_bot", "create_bot"]);
  expect(story.emulator.world.bots.size).toBe(1);
  await story.expectNoChanges();
});

terraformTest("of what there can only be one, it doesn't matter who made it", async () => {
  const story = await openUnseen("add_space_member", "after", "list_space_member", blocks.lead);
  expect(await writesOf(story, () => story.apply())).toEqual(["add_space_member"]);
  await story.expectNoChanges();
});

terraformTest("each of several that are there already is told of by itself, and taken over", async () => {
  const story = await createTerraformStory({ files: {} });
  const { world } = story.emulator;
  const space_id = world.addWorkspace({ name: "客服" }).id;
  const ids = ["甲", "乙", "乙"].map((name) => world.addBot({ space_id, draft: { name } }).id);
  const bot = (label: string, name: string) =>
    `resource "coze_bot" "${label}" {\n  workspace = "${space_id}"\n  name      = "${name}"\n}\n`;
  story.write(configure(bot("one", "甲"), bot("two", "乙")));
  const { stdout, requests } = await story.plan();
  expect(requests).toEqual(["bots_list_draft_published"]);
  const told = stdout.split("Warning: ").slice(1).sort();
  expect(told.map((text) => text.split("\n")[0])).toEqual(
    [ids[0], ids[1]].map((id) => `coze_bot ${id} already exists`).sort(),
  );
  expect(told.join("")).toContain(`It has the same name, as do ${ids[2]}.`);
  const proposals = told.map((text) => proposedImport(text, /coze_bot\.\w+/u.exec(text)?.[0] ?? ""));
  story.write({ "import.tf": proposals.join("\n") });
  const { stdout: plan } = await story.plan();
  expect(plan).toContain("2 to import, 0 to add");
});
