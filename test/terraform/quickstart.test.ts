import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "@jest/globals";
import { installProvider } from "../../src/commands/terraform.ts";
import { postgresTest, usePostgres } from "../support/postgres.ts";
import { createStory, type Files } from "../support/story.ts";
import { tally } from "../support/tally.ts";
import { createTerraformStory, terraformTest } from "../support/terraform.ts";
import { describeMeaning } from "../support/world.ts";

const postgres = usePostgres();
const examples = resolve(import.meta.dirname, "../../examples");

/** All files below a folder that git keeps, by path from somewhere else. */
function filesOf(folder: string, as: string): { readonly [path: string]: string | Uint8Array } {
  const entries = readdirSync(join(examples, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  const kept = files.filter((file) => !/\/\.(terraform|postgres|cozeform)\b/u.test(file));
  return Object.fromEntries(
    kept.map((file) => [`${as}${file.slice(join(examples, folder).length)}`, readFileSync(file)]),
  );
}

/** The example, beside the other one whose files it uses. */
const example: Files = (() => {
  const { "./versions.tf": versions = "", ...files } = filesOf("terraform", ".");
  // The emulator needs no sparing: at Coze's pace each call would take a fifth of a second.
  const hurried = String(versions).replace(
    'provider "coze" {',
    'provider "coze" {\n  requests_per_second = 1000',
  );
  // Where nobody gives a file of this name, the story writes one that names the provider a second time.
  return { ...files, ...filesOf("quickstart", "../quickstart"), "terraform.tf": hurried };
})();

const dev = "-var-file=dev.tfvars";

/** The example with the installed provider: only on the machine's clock does anything arrive together. */
async function openExample({ files = {}, env = {} }: { files?: Files; env?: { [name: string]: string } }) {
  const story = await createTerraformStory({
    served: "executable",
    folder: "terraform",
    files: { ...example, ...files },
    env,
  });
  await installProvider({ env: { HOME: story.directory } });
  story.env.TF_CLI_CONFIG_FILE = join(story.directory, "cli.tfrc");
  expect(await story.run("init")).toMatchObject({ exitCode: 0, stderr: "" });
  return story;
}

postgresTest("the quickstart in HCL: made once, one prompt changed alone, and taken down", async () => {
  const story = await openExample({ env: { ...postgres(), PG_SCHEMA_NAME: "quickstart" } });
  const planned = await story.plan(dev);
  expect(planned.actions).toEqual(Object.fromEntries(addresses.map((address) => [address, "create"])));
  // Of what isn't there yet nothing below it can be asked for.
  expect(tally(planned.requests)).toEqual({ list_callback_app: 1, list_workspace: 1 });

  const applied = await story.apply("saved.tfplan");
  expect(applied.stdout).toContain("Apply complete! Resources: 23 added, 0 changed, 0 destroyed.");
  const made = tally(applied.requests);
  expect(made).toMatchObject({
    create_workspace: 1,
    create_dataset: 2,
    create_bot: 2,
    update_bot: 2,
    publish_bot: 2,
    create_callback_app: 1,
    update_callback_app: 1,
    subscribe_callback_message: 1,
    upload_files: 1,
  });
  // One and two would do; how many arrive at the same time is Terraform's.
  expect(made.add_space_member).toBeLessThanOrEqual(2);
  expect(made.create_knowledge_files).toBeLessThanOrEqual(7);

  const again = await story.expectNoChanges(dev);
  expect(again.stdout).toContain("No changes. Your infrastructure matches the configuration.");
  expect(tally(again.requests)).toEqual({
    bots_list_draft_published: 3,
    list_callback_app: 1,
    list_dataset: 1,
    list_knowledge_files: 2,
    list_space_member: 1,
    list_subscribed_callback_message: 1,
    list_workspace: 1,
  });
  const { world } = story.emulator;
  const bots = [...world.bots.values()];
  const botOf = (name: string) => {
    const bot = bots.find(({ draft }) => draft.name === name);
    return { id: bot?.id, version: bot?.versions.at(-1)?.version };
  };
  const outputs = await story.outputs();
  expect(outputs).toEqual({
    workspace: [...world.workspaces.values()].find(({ name }) => name === "栗树湾客服空间-dev")?.id,
    bots: { after_sales: botOf("售后助手-dev"), shopping_guide: botOf("导购助手-dev") },
    callback_secret: [...world.callbackApps.values()][0]?.verify_token,
  });

  const prompt = "../quickstart/prompts/after-sales.md";
  story.write({ [prompt]: `${readFileSync(join(story.directory, prompt), "utf8")}\n- 不用表情。\n` });
  const one = await story.plan(dev);
  const changing = Object.entries(one.actions).filter(([, action]) => action !== "no-op");
  expect(changing).toEqual([["coze_bot.after_sales", "update"]]);
  const change = one.json.resource_changes?.find(({ address }) => address === "coze_bot.after_sales")?.change;
  const differing = Object.keys(change?.after ?? {}).filter(
    (name) => JSON.stringify(change?.before?.[name]) !== JSON.stringify(change?.after?.[name]),
  );
  expect([differing, change?.after_unknown]).toMatchObject([["prompt"], { version: true }]);
  const writes = story.writes().length;
  await story.apply("saved.tfplan");
  expect(story.writes().slice(writes)).toEqual(["update_bot", "publish_bot"]);
  await story.expectNoChanges(dev);

  // Another document, and bots never go without.
  const policy = "../quickstart/knowledge/policies/发票说明.txt";
  story.write({ [policy]: "电子发票三天内开具。" });
  const read = await story.plan(dev);
  expect(Object.entries(read.actions).filter(([, action]) => action !== "no-op")).toEqual([
    ['coze_document.policies["发票说明.txt"]', "create/delete"],
  ]);
  expect(read.stdout).not.toContain("Warning");
  const before = story.writes().length;
  await story.apply("saved.tfplan");
  expect(story.writes().slice(before)).toEqual(["create_knowledge_files", "delete_knowdge_files"]);
  await story.expectNoChanges(dev);

  const refused = await story.fail("destroy", "-auto-approve", dev);
  expect(refused.stderr).toMatch(/allow_ownership_transfer = true/u);
  const end = story.writes().length;
  await story.destroy(dev, "-var=allow_ownership_transfer=true");
  const removals = tally(story.writes().slice(end));
  expect(removals).toMatchObject({
    delete_callback_app: 1,
    delete_dataset: 2,
    unpublish_agent: 4,
  });
  expect(removals.remove_space_member).toBeLessThanOrEqual(2);
  expect(removals.delete_knowdge_files).toBeLessThanOrEqual(7);
  expect([world.datasets.size, world.documents.size, world.callbackApps.size]).toEqual([0, 0, 0]);
  expect([...world.bots.values()].map(({ channels }) => channels)).toEqual([{}, {}]);
});

terraformTest("the quickstart applied by Terraform and by cozeform: the worlds are equal", async () => {
  const ours = createStory({ from: join(examples, "quickstart") });
  const { result } = await ours.apply();
  expect(result?.failed).toEqual([]);
  const versions = String(example["terraform.tf"]).replace('backend "pg" {}', "");
  const theirs = await openExample({ files: { "terraform.tf": versions } });
  await theirs.apply(dev);
  expect(describeMeaning(theirs.emulator.world)).toEqual(describeMeaning(ours.emulator.world));
});

const policies = [
  "会员与积分",
  "发票说明",
  "发货与配送",
  "支付与优惠",
  "联系客服",
  "质量问题处理",
  "退换货规则",
];
const products = [
  "亚麻四件套洗护",
  "商品目录",
  "玻璃保温杯使用说明",
  "瓷器餐具使用说明",
  "砧板使用与养护",
  "羊毛毯洗护与收纳",
  "铸铁锅使用与养护",
];

const addresses = [
  "coze_workspace.desk",
  ...["101", "102", "103"].map((end) => `coze_workspace_member.desk["1000000000000${end}"]`),
  "coze_dataset.policies",
  "coze_dataset.products",
  ...policies.map((name) => `coze_document.policies["${name}.txt"]`),
  ...products.map((name) => `coze_document.products["${name}.txt"]`),
  "coze_bot.after_sales",
  "coze_bot.shopping_guide",
  "coze_callback_app.bot_events",
];
