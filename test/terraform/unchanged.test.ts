import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { Attributes } from "../../src/terraform/schema/attribute.ts";
import { providerSchema } from "../../src/terraform/schema/provider-schema.ts";
import { createTerraformStory, terraformTest } from "../support/terraform.ts";
import { blocks, configure } from "./failures/stage.ts";

/** Dotted paths of all attributes that Terraform keeps a sensitive path for. */
const sensitivePaths = (attributes: Attributes, around = ""): readonly string[] =>
  Object.entries(attributes).flatMap(([name, { type, sensitive }]) => [
    ...(sensitive ? [`${around}${name}`] : []),
    ...(typeof type === "object" && "nested" in type
      ? sensitivePaths(type.nested.attributes, `${around}${name}.`)
      : []),
  ]);

const stored = Object.entries({
  ...providerSchema.resources,
  ...Object.fromEntries(
    Object.entries(providerSchema.dataSources).map(([type, schema]) => [`data.${type}`, schema]),
  ),
});

// Terraform stores the sensitive paths of an object in any order, and another order is a change to it.
test.each(stored)("%s has one sensitive attribute at most", (_type, { attributes }) => {
  expect(sensitivePaths(attributes).slice(1)).toEqual([]);
});

test("a channel's parameters are sensitive, and the write-only ones are not as well", () => {
  expect(sensitivePaths(providerSchema.resources.coze_bot?.attributes ?? {})).toEqual([
    "publish.connectors.config",
  ]);
});

/** Whole numbers, fractions, JSON, secrets, files, counts that grow within the apply. */
const everything = configure(
  blocks.desk,
  blocks.policies,
  `\
resource "coze_document" "returns" {
  dataset  = coze_dataset.policies.id
  name     = "退换货"
  source   = { url = "https://shop.example.com/returns", refresh_hours = 24 }
  chunking = { separator = "\\n\\n", max_tokens = 500, remove_extra_spaces = true }
}
`,
  blocks.hook,
  `\
resource "coze_bot" "support" {
  count      = 4
  workspace  = coze_workspace.desk.id
  name       = "售后助手\${count.index}"
  prompt     = "你是售后助手。"
  knowledge  = { datasets = [coze_dataset.policies.id], search_strategy = "hybrid" }
  onboarding = { prologue = "您好。", suggested_questions = ["怎么退货？", "发票在哪？"] }
  model = {
    id          = "1706077826"
    temperature = 1.0
    top_p       = 0.7
    max_tokens  = 1024
    parameters  = jsonencode({ z = 1, a = { y = true, b = 2 } })
  }
  publish = {
    connectors = [
      { id = "1024" },
      { id = "7512000000000090001", config = jsonencode({ device_id = "one" }) },
      { id = "7512000000000090002", config_wo = jsonencode({ device_id = "two" }), config_wo_version = "1" },
    ]
  }
}

resource "coze_bot" "empty" {
  workspace   = coze_workspace.desk.id
  name        = "空"
  description = ""
  prompt      = ""
  plugins     = []
  workflows   = []
  onboarding  = {}
  publish     = { connectors = [] }
}

resource "coze_copy" "second" {
  type      = "bot"
  workspace = coze_workspace.desk.id
  source    = { id = coze_bot.support[0].id }
}

data "coze_callback_app" "hook" {
  name       = coze_callback_app.hook.name
  depends_on = [coze_callback_app.hook]
}

output "documents" {
  value = coze_dataset.policies.document_count
}
`,
);

terraformTest("nothing is a change where nothing changed, however often Terraform looks", async () => {
  const story = await createTerraformStory({ files: everything });
  await story.apply();
  for (let times = 0; times < 12; times += 1) await story.expectNoChanges("-refresh-only");
  await story.expectNoChanges();
  const [support] = story.emulator.world.bots.values();
  story.emulator.world.editBot(support?.id ?? "", { prompt_info: { prompt: "谁改的" } });
  expect((await story.run("plan", "-refresh-only", "-detailed-exitcode")).exitCode).toBe(2);
  await story.apply();
  await story.expectNoChanges("-refresh-only");
});

terraformTest("the example of a bot gives a secret in a way that is never a change", async () => {
  const example = readFileSync(
    new URL("../../examples/resources/coze_bot/resource.tf", import.meta.url),
    "utf8",
  );
  // A variable's own mark would stand beside that of `config`, in any order.
  expect(example).toMatch(/variable "app_secret" \{[^}]*ephemeral = true/u);
  expect(example).not.toMatch(/sensitive\s*=/u);
  const story = await createTerraformStory({
    files: { "main.tf": example, "prompts/support.md": "你是客服。" },
    env: { TF_VAR_app_secret: "s3cret" },
  });
  const { world } = story.emulator;
  const desk = world.addWorkspace({ name: "客服空间" });
  world.addDataset({ space_id: desk.id, name: "店铺政策" });
  await story.apply();
  for (let times = 0; times < 4; times += 1) await story.expectNoChanges("-refresh-only");
});

terraformTest("what was imported is no change any more, once it was applied", async () => {
  const story = await createTerraformStory({ files: configure(blocks.desk) });
  await story.apply();
  const { world } = story.emulator;
  const [desk] = world.workspaces.values();
  const { id } = world.addBot({ space_id: desk?.id ?? "", draft: { name: "售后助手" } });
  const config = 'workspace = coze_workspace.desk.id\n  name = "售后助手"\n  prompt = "你是售后助手。"\n';
  story.write(
    configure(
      blocks.desk,
      `resource "coze_bot" "support" {\n  ${config}}\nimport {\n  to = coze_bot.support\n  id = "${id}"\n}\n`,
    ),
  );
  await story.apply();
  for (let times = 0; times < 3; times += 1) await story.expectNoChanges("-refresh-only");
  await story.expectNoChanges();
});

const published = (prompt: string) =>
  configure(
    blocks.desk,
    `\
resource "coze_bot" "support" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
  prompt    = "${prompt}"
  publish   = { connectors = [{ id = "1024" }] }
}

output "version" {
  value = coze_bot.support.version
}
`,
  );

terraformTest("a version is the one that the publication gave, where reads show none", async () => {
  const story = await createTerraformStory({
    files: published("一"),
    emulator: { world: { variants: ["blank-versions"] } },
  });
  const versions = () => [...story.emulator.world.bots.values()].flatMap((bot) => bot.versions);
  const last = () => ({ version: versions().at(-1)?.version });
  await story.apply();
  expect(versions()).toHaveLength(1);
  expect(await story.outputs()).toEqual(last());
  await story.apply("-refresh-only");
  expect(await story.outputs()).toEqual(last());
  await story.expectNoChanges();
  story.write(published("二"));
  await story.apply();
  expect(versions()).toHaveLength(2);
  expect(await story.outputs()).toEqual(last());
  expect(await story.resource("coze_bot.support")).toMatchObject(last());
  await story.expectNoChanges("-refresh-only");
});
