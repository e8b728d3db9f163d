import { expect } from "@jest/globals";
import { createTerraformStory, terraformTest } from "../../support/terraform.ts";
import { complaintsIn, configure, writesOf } from "./stage.ts";

const user = "1000000000000101";
// Terraform begins a sentence with it.
const message = `ser ${user} owns the workspace, and an owner's membership can't be added, changed or removed`;

terraformTest("the owner of a workspace is refused as a member before anything is sent", async () => {
  const story = await createTerraformStory({ files: {} });
  const { world } = story.emulator;
  const { id } = world.addWorkspace({ name: "客服" });
  const members = () => world.workspaces.get(id)?.members ?? [];
  const giveTo = (owner: string): void => {
    for (const one of members()) {
      if (one.role_type === "owner") one.role_type = "admin";
      if (one.user_id === owner) one.role_type = "owner";
    }
  };
  const lead = (role: string) =>
    `resource "coze_workspace_member" "lead" {\n  workspace = "${id}"\n  user_id   = "${user}"\n  role      = "${role}"\n}\n`;
  story.write(configure(lead("member")));
  await story.apply();
  giveTo(user);
  // Of a resource without a block, Terraform plans the removal with the state from before the refresh.
  for (const [blocks, ...line] of [
    [[lead("admin")], "plan"],
    [[lead("member")], "destroy", "-auto-approve"],
  ] as const) {
    story.write(configure(...blocks));
    const writes = await writesOf(story, async () => {
      const { stderr } = await story.fail(...line);
      expect(complaintsIn(stderr).join("\n")).toContain(message);
    });
    expect(writes).toEqual([]);
  }
  await story.run("state", "rm", "coze_workspace_member.lead");
  story.write(configure(lead("admin")));
  expect(complaintsIn((await story.fail("plan")).stderr).join("\n")).toContain(message);
  const imported = await story.fail("import", "coze_workspace_member.lead", `${id}/${user}`);
  expect(complaintsIn(imported.stderr).join("\n")).toContain(message);
});
