import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "@jest/globals";
import { createTerraformStory, type TerraformStory, terraformTest } from "../../support/terraform.ts";
import { blocks, complaintsIn, configure, heldBy, writesOf } from "./stage.ts";

const copied = (source: string, desk: string) => ({
  "main.tf": `\
resource "coze_copy" "helper" {
  type      = "bot"
  source    = { bot = "${source}" }
  workspace = "${desk}"
}
`,
});

const moved = (desk: string, more = "") => ({
  "main.tf": `\
resource "coze_bot" "helper" {
  workspace = "${desk}"
  name      = "售后助手"
  prompt    = "你是售后助手。"
  ${more}
}

moved {
  from = coze_copy.helper
  to   = coze_bot.helper
}
`,
});

async function openCopied() {
  const story = await createTerraformStory({ emulator: { world: { copyMs: 0 } } });
  const { world } = story.emulator;
  const [first = "", desk = ""] = ["源", "客服"].map((name) => world.addWorkspace({ name }).id);
  const draft = { name: "售后助手", prompt_info: { prompt: "你是售后助手。" } };
  const source = world.addBot({ space_id: first, draft }).id;
  story.write(copied(source, desk));
  await story.apply();
  const id = String((await story.resource("coze_copy.helper"))?.id);
  return { ...story, world, desk, source, id };
}

terraformTest("a copy of a bot goes on as a bot, and nothing is written", async () => {
  const { world, desk, id, ...story } = await openCopied();
  story.write(moved(desk));
  const plan = await story.plan();
  expect(plan.actions).toEqual({ "coze_bot.helper": "no-op" });
  expect(await writesOf(story, () => story.apply("saved.tfplan"))).toEqual([]);
  expect(await heldBy(story)).toEqual({ "coze_bot.helper": id });
  await story.expectNoChanges();
  // From now on it is a bot like any other.
  story.write(moved(desk, `publish = { connectors = [{ id = "1024" }] }`));
  expect(await writesOf(story, () => story.apply())).toEqual(["publish_bot"]);
  expect(Object.keys(world.bots.get(id)?.channels ?? {})).toEqual(["1024"]);
  await story.expectNoChanges();
});

terraformTest("what isn't a bot can't go on as one", async () => {
  const { desk, ...story } = await openCopied();
  story.write({
    "main.tf": moved(desk)
      ["main.tf"].replaceAll("coze_bot", "coze_dataset")
      .replace('prompt    = "你是售后助手。"', 'format = "text"'),
  });
  const failed = await story.fail("plan");
  expect(complaintsIn(failed.stderr)).toEqual([
    "Error: coze_copy can't become coze_dataset Remove the moved block, remove coze_copy from the state with a removed block, and import the object into coze_dataset.",
  ]);
});

const bots = configure(
  blocks.desk,
  `\
resource "coze_bot" "helper" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
  publish   = { connectors = [{ id = "1024" }] }
}
`,
  blocks.lead,
);

async function openBots() {
  const story = await createTerraformStory({ files: bots });
  await story.apply();
  const { world } = story.emulator;
  const [helper] = [...world.bots.values()];
  return { ...story, world, desk: helper?.space_id ?? "", helper: helper?.id ?? "" };
}

terraformTest("a resource that is called otherwise stays the same, also within a list", async () => {
  const { helper, ...story } = await openBots();
  story.write({
    "main.tf": `${bots["main.tf"].replace('"helper" {', '"helpers" {\n  for_each  = toset(["售后助手"])')}
moved {
  from = coze_bot.helper
  to   = coze_bot.helpers["售后助手"]
}
`,
  });
  expect(await writesOf(story, () => story.apply())).toEqual([]);
  expect(await heldBy(story)).toMatchObject({ 'coze_bot.helpers["售后助手"]': helper });
  await story.expectNoChanges();
});

terraformTest("a removed block lets go, and takes nothing back", async () => {
  const { world, helper, desk, ...story } = await openBots();
  const before = world.snapshot();
  const rest = bots["main.tf"].split("resource ").filter((text) => text.startsWith('"coze_workspace" '));
  const letGo = (address: string) =>
    `removed {\n  from = ${address}\n  lifecycle {\n    destroy = false\n  }\n}\n`;
  story.write({
    "main.tf": [
      `resource ${rest.join("")}`,
      letGo("coze_bot.helper"),
      letGo("coze_workspace_member.lead"),
    ].join("\n"),
  });
  expect(await writesOf(story, () => story.apply())).toEqual([]);
  expect(await heldBy(story)).toEqual({ "coze_workspace.desk": desk });
  expect(world.snapshot()).toEqual(before);
  expect(Object.keys(world.bots.get(helper)?.channels ?? {})).toEqual(["1024"]);
  await story.expectNoChanges();
});

/** Changes the stored state by hand. */
function editState({ directory }: TerraformStory, edit: (resources: StoredResource[]) => void): void {
  const file = join(directory, "terraform.tfstate");
  const stored = JSON.parse(readFileSync(file, "utf8"));
  edit(stored.resources);
  writeFileSync(file, JSON.stringify({ ...stored, serial: stored.serial + 1 }));
}

interface StoredResource {
  readonly type: string;
  readonly instances: { schema_version: number; private?: string; attributes: object }[];
}

terraformTest("a state of a later version is refused in words, and left as it is", async () => {
  const story = await openBots();
  editState(story, (resources) => {
    for (const { type, instances } of resources)
      if (type === "coze_bot") for (const one of instances) one.schema_version = 9;
  });
  const before = readFileSync(join(story.directory, "terraform.tfstate"), "utf8");
  const { stderr } = await story.fail("apply", "-auto-approve");
  expect(complaintsIn(stderr)).toEqual([
    "Error: Resource instance managed by newer provider version The current state of coze_bot.helper was created by a newer provider version than is currently selected. Upgrade the coze provider to work with this state.",
  ]);
  expect(readFileSync(join(story.directory, "terraform.tfstate"), "utf8")).toBe(before);
});

terraformTest(
  "without its memory, and without attributes that came later, a state is still good",
  async () => {
    const story = await openBots();
    editState(story, (resources) => {
      for (const { instances } of resources)
        for (const one of instances) {
          delete one.private;
          one.attributes = Object.fromEntries(
            Object.entries(one.attributes).filter(
              ([name]) => name !== "unfinished" && name !== "icon_sha256",
            ),
          );
        }
    });
    await story.expectNoChanges();
    expect(await writesOf(story, () => story.apply())).toEqual([]);
  },
);

const imports: {
  readonly [what: string]: {
    readonly address: string;
    readonly id: (ids: { readonly desk: string; readonly helper: string }) => string;
    readonly says: string;
  };
} = {
  "an id that isn't there": {
    address: "coze_bot.other",
    id: () => "7512000000099999999",
    says: "Error: could not import coze_bot ID The token sees no coze_bot ID. Add the id of its parent: WORKSPACE_ID/ID or WORKSPACE_ID/NAME.",
  },
  "a name that isn't there": {
    address: "coze_bot.other",
    id: ({ desk }) => `${desk}/导购`,
    says: "Error: could not import coze_bot ID/导购 There is no coze_bot 导购 in ID. Use WORKSPACE_ID/ID or WORKSPACE_ID/NAME.",
  },
  "a name without the workspace": {
    address: "coze_bot.other",
    id: () => "售后助手",
    says: 'Error: could not import coze_bot 售后助手: "售后助手" isn\'t an id Use WORKSPACE_ID/ID or WORKSPACE_ID/NAME.',
  },
  "a name that two bear": {
    address: "coze_bot.other",
    id: ({ desk }) => `${desk}/双胞胎`,
    says: "Error: could not import coze_bot ID/双胞胎 2 objects in ID are called 双胞胎: ID, ID. Use one of these ids.",
  },
  "a workspace that isn't there": {
    address: "coze_bot.other",
    id: ({ helper }) => `7512000000099999999/${helper}`,
    says: "Error: could not import coze_bot ID/ID: the object doesn't exist: The requested resource does not exist: workspace ID. The call: bots_list_draft_published, code 4200, logid LOGID. Check that the token has access to the object of each id.",
  },
  "an id of something else": {
    address: "coze_bot.other",
    id: ({ desk }) => `${desk}/${desk}`,
    says: "Error: could not import coze_bot ID/ID: there is no coze_bot ID in ID. Use WORKSPACE_ID/ID or WORKSPACE_ID/NAME.",
  },
  "a member by the user's id alone": {
    address: "coze_workspace_member.other",
    id: () => "1000000000000101",
    says: "Error: could not import coze_workspace_member 1000000000000101 The token sees no coze_workspace_member 1000000000000101. Add the id of its parent: WORKSPACE_ID/ID or WORKSPACE_ID/USER_ID.",
  },
  "nothing at all": {
    address: "coze_bot.other",
    id: () => "/",
    says: "Error: could not import coze_bot /: the import id is incomplete Use WORKSPACE_ID/ID or WORKSPACE_ID/NAME.",
  },
};

describe("an import that names nothing to import says so, and what to write", () => {
  for (const [what, { address, id, says }] of Object.entries(imports)) {
    terraformTest(what, async () => {
      const { world, ...story } = await openBots();
      for (const _ of [1, 2]) world.addBot({ space_id: story.desk, draft: { name: "双胞胎" } });
      const [type = "", name = ""] = address.split(".");
      const role = type === "coze_bot" ? 'name = "甲"' : 'user_id = "1000000000000101"\n  role = "admin"';
      story.write({ "other.tf": `resource "${type}" "${name}" {\n  workspace = "1"\n  ${role}\n}\n` });
      const state = await story.state();
      const { stderr } = await story.fail("import", address, id(story));
      expect(complaintsIn(stderr)).toEqual([says]);
      expect(await story.state()).toEqual(state);
    });
  }
});
