import { describe, expect } from "@jest/globals";
import type { World } from "../../../src/emulator/index.ts";
import { createTerraformStory, terraformTest } from "../../support/terraform.ts";
import { describeWorld } from "../../support/world.ts";
import { blocks, complaintsIn, configure } from "./stage.ts";

const configuration = (provider = "") =>
  configure(
    `\
provider "coze" {
  ${provider}
}
`,
    blocks.desk,
    blocks.lead,
    blocks.policies,
    blocks.returns,
    `\
resource "coze_bot" "helper" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
  knowledge = { datasets = [coze_dataset.policies.id], auto_call = true, search_strategy = "semantic" }
  publish   = { connectors = [{ id = "1024" }] }
}
`,
    blocks.hook,
  );

const limited = "pat_limited";
const addresses = [
  "coze_bot.helper",
  "coze_callback_app.hook",
  "coze_dataset.policies",
  "coze_document.returns",
  "coze_workspace.desk",
  "coze_workspace_member.lead",
];

async function openWhole(permissions: readonly string[] = []) {
  const story = await createTerraformStory({
    files: configuration(),
    emulator: { tokens: [{ token: limited, permissions }] },
  });
  await story.apply();
  const { world } = story.emulator;
  const made = [...world.workspaces.values()].find(({ name }) => name === "客服空间");
  if (!made) throw new Error("there is no workspace");
  return { ...story, world, desk: made };
}

/** Everything but invitations and files. */
const shown = (world: World) => {
  const { files: _files, ...rest } = describeWorld(world) as { readonly [name: string]: unknown };
  return rest;
};

const deletions: {
  readonly [what: string]: {
    readonly by: (world: World, workspaceId: string) => void;
    readonly actions: { readonly [address: string]: string };
  };
} = {
  bot: { by: ({ bots }) => bots.clear(), actions: { "coze_bot.helper": "create" } },
  dataset: {
    by: ({ datasets, documents }) => {
      datasets.clear();
      documents.clear();
    },
    actions: {
      "coze_dataset.policies": "create",
      "coze_document.returns": "create",
      "coze_bot.helper": "update",
    },
  },
  document: { by: ({ documents }) => documents.clear(), actions: { "coze_document.returns": "create" } },
  member: {
    by: ({ workspaces }, id) => {
      const desk = workspaces.get(id);
      if (desk) desk.members = desk.members.filter(({ role_type }) => role_type === "owner");
    },
    actions: { "coze_workspace_member.lead": "create" },
  },
  "callback app": {
    by: ({ callbackApps }) => callbackApps.clear(),
    actions: { "coze_callback_app.hook": "create" },
  },
  "workspace with all that is in it": {
    by: ({ workspaces, bots, datasets, documents }, id) => {
      workspaces.delete(id);
      for (const one of [bots, datasets, documents]) one.clear();
    },
    actions: {
      "coze_workspace.desk": "create",
      "coze_workspace_member.lead": "create",
      "coze_dataset.policies": "create",
      "coze_document.returns": "create",
      "coze_bot.helper": "create",
    },
  },
};

describe("what was deleted by hand is planned and made anew", () => {
  for (const [what, { by, actions }] of Object.entries(deletions)) {
    terraformTest(what, async () => {
      const { world, desk, ...story } = await openWhole();
      const whole = shown(world);
      by(world, desk.id);
      const untouched = Object.fromEntries(addresses.map((address) => [address, "no-op"]));
      const plan = await story.plan();
      expect(plan.actions).toEqual({ ...untouched, ...actions });
      expect(complaintsIn(plan.stdout)).toEqual([]);
      await story.apply("saved.tfplan");
      await story.expectNoChanges();
      expect(shown(world)).toEqual(whole);
    });
  }
});

/** What a plan reads, by the permission that it takes, and the resource that can't be looked at without. */
const points = {
  listWorkspace: "coze_workspace.desk",
  readMember: "coze_workspace_member.lead",
  listKnowledge: "coze_dataset.policies",
  listDocument: "coze_document.returns",
  listBot: "coze_bot.helper",
  getMetadata: "coze_bot.helper",
  listApiApp: "coze_callback_app.hook",
} as const;

/** Neither a plan nor an apply goes through, and both leave everything as it is; gives what the plan complains of. */
async function expectStandstill({ world, ...story }: Awaited<ReturnType<typeof openWhole>>) {
  const before = [await story.state(), world.snapshot()];
  const { stderr } = await story.fail("plan");
  await story.fail("apply", "-auto-approve");
  expect([await story.state(), world.snapshot()]).toEqual(before);
  return complaintsIn(stderr);
}

describe("what the token may not see is no reason to make it anew", () => {
  for (const [point, address] of Object.entries(points)) {
    terraformTest(`a token without ${point}`, async () => {
      const others = Object.keys(points).filter((one) => one !== point);
      const story = await openWhole(others);
      // As after a change by hand, everything has to be read.
      for (const bot of story.world.bots.keys()) story.world.editBot(bot, { description: "谁改的" });
      story.write(configuration(`token = "${limited}"`));
      const told = await expectStandstill(story);
      expect(told).toHaveLength(1);
      const [only = ""] = told;
      expect(only).toContain(`The token lacks the permission ${point}, or the object isn't visible to it`);
      expect(only).toContain(` with ${address}, on main.tf line `);
      expect(only).toMatch(
        /If it was deleted in Coze's pages, let go of it: terraform state rm ADDRESS\. The call: \w+, code 4101, logid LOGID\. Grant the token the permission and access to the workspace; a new grant takes effect after a few seconds\.$/u,
      );
    });
  }

  terraformTest("a user who isn't in the workspace any more", async () => {
    const story = await openWhole();
    const { desk, world } = story;
    desk.members = desk.members.filter(({ user_id }) => user_id !== world.options.me.id);
    expect(await expectStandstill(story)).toEqual([
      'Error: could not read ID (coze_workspace) with coze_workspace.desk, on main.tf line 5, in resource "coze_workspace" "desk": 5: resource "coze_workspace" "desk" { The token lacks the permission readMember, or the object isn\'t visible to it: You do not have permission to access the requested resource: workspace ID. Please verify whether the resource ID or token is correct. If it was deleted in Coze\'s pages, let go of it: terraform state rm ADDRESS. The call: list_space_member, code 4101, logid LOGID. Grant the token the permission and access to the workspace; a new grant takes effect after a few seconds.',
    ]);
  });

  terraformTest("a token that isn't valid any more", async () => {
    const story = await openWhole();
    story.emulator.tokens.revoke(story.emulator.token);
    const told = await expectStandstill(story);
    expect(told.join()).toContain("The token isn't valid");
    expect(told.join()).not.toContain("state rm");
  });
});
