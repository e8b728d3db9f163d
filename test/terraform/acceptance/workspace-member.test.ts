import { expect } from "@jest/globals";
import { acceptResource } from "../../support/acceptance.ts";
import { createTerraformStory, terraformTest } from "../../support/terraform.ts";
import { describeWorld } from "../../support/world.ts";

const again = ["remove_space_member", "add_space_member"];

acceptResource({
  kind: "WorkspaceMember",
  provider: { allow_ownership_transfer: true },
  seed: (world) => ({
    desk: world.addWorkspace({ name: "客服" }).id,
    shop: world.addWorkspace({ name: "导购" }).id,
  }),
  base: ({ desk }) => ({ workspace: desk, user_id: "1000000000000101", role: "member" }),
  creation: { calls: ["add_space_member"], shows: { id: "1000000000000101" } },
  cases: ({ shop }) => ({
    workspace: { to: { workspace: shop }, calls: again, replacedFor: ["workspace"] },
    user_id: { to: { user_id: "1000000000000102" }, calls: again, replacedFor: ["user_id"] },
    role: { to: { role: "admin" }, calls: again, replacedFor: ["role"] },
  }),
  imported: {
    ids: ({ desk }, id) => ({ "workspace and user": `${desk}/${id}` }),
    action: "no-op",
  },
  drifts: {
    "another role": {
      by: ({ workspaces }, id, { desk }) => {
        for (const one of workspaces.get(desk)?.members ?? [])
          if (one.user_id === id) one.role_type = "admin";
      },
      changes: ["role"],
      calls: again,
      replacedFor: ["role"],
    },
  },
  delete({ workspaces }, id, { desk }) {
    const workspace = workspaces.get(desk);
    if (workspace) workspace.members = workspace.members.filter(({ user_id }) => user_id !== id);
  },
  end: { calls: ["remove_space_member"] },
});

const files = (role: string | undefined, settings = "") => ({
  "main.tf": `\
provider "coze" {
  ${settings}
}

resource "coze_workspace" "desk" {
  name        = "客服空间"
  description = "客服"
}
${
  role === undefined
    ? ""
    : `
resource "coze_workspace_member" "lead" {
  workspace = coze_workspace.desk.id
  user_id   = "1000000000000101"
  role      = "${role}"
}
`
}`,
});

const refusal =
  /coze_workspace_member 1000000000000101 isn't removed\n[\s\S]+That moves the member's resources to the workspace owner, for good\./u;

terraformTest(
  "a member keeps membership and role until the provider may hand over what they own",
  async () => {
    const story = await createTerraformStory({ files: files("member") });
    await story.apply();
    const world = describeWorld(story.emulator.world);
    const plan = async (role?: string) => {
      story.write(files(role));
      const { stderr } = await story.fail("plan");
      expect(stderr).toMatch(refusal);
      return stderr.replaceAll(/\s+/gu, " ");
    };
    const [changed, gone] = [await plan("admin"), await plan()];
    expect(changed).toContain(
      `role = "admin" That moves the member's resources to the workspace owner, for good. Coze can't change role, so it would be removed and created again. Set allow_ownership_transfer = true in the provider's configuration to replace it anyway, or write role = "member".`,
    );
    expect(gone).toContain(
      "Set allow_ownership_transfer = true in the provider's configuration to remove it anyway. To keep it at Coze and only remove it from the state, run terraform state rm 'ADDRESS'; terraform state list -id=1000000000000101 shows the address.",
    );
    expect(describeWorld(story.emulator.world)).toEqual(world);
    story.write(files("admin", "allow_ownership_transfer = true"));
    const { requests } = await story.apply();
    expect(requests).toEqual(expect.arrayContaining(["remove_space_member", "add_space_member"]));
    expect(await story.resource("coze_workspace_member.lead")).toMatchObject({ role: "admin" });
    await story.expectNoChanges();
    const kept = describeWorld(story.emulator.world);
    story.write(files(undefined));
    await story.fail("plan");
    const { stdout: address } = await story.run("state", "list", "-id=1000000000000101");
    await story.run("state", "rm", address.trim());
    await story.expectNoChanges();
    expect(describeWorld(story.emulator.world)).toEqual(kept);
  },
);

terraformTest(
  "somebody who has to accept an invitation isn't planned again meanwhile, nor afterwards",
  async () => {
    const story = await createTerraformStory({ files: files("member"), emulator: { plan: "personal" } });
    const { world } = story.emulator;
    const { stdout } = await story.apply();
    expect(stdout).toContain("User 1000000000000101 has to accept the invitation.");
    await story.expectNoChanges();
    const desk = [...world.workspaces.values()].find(({ name }) => name === "客服空间")?.id ?? "";
    world.acceptInvitation(desk, "1000000000000101");
    await story.expectNoChanges();
    expect(story.writes()).toEqual(["create_workspace", "add_space_member"]);
  },
);
