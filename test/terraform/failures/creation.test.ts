import { expect } from "@jest/globals";
import { createTerraformStory, terraformTest } from "../../support/terraform.ts";
import { blocks, complaintsIn, configure, heldBy, writesOf } from "./stage.ts";

const bot = (more: string) =>
  configure(
    blocks.desk,
    blocks.policies,
    `\
resource "coze_bot" "helper" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
  prompt    = "你是售后助手。"
${more}
}
`,
  );

const published = `  publish   = { connectors = [{ id = "1024" }] }`;
const informed = `  knowledge = { datasets = [coze_dataset.policies.id] }`;
const closed = {
  operation: "publish_bot",
  fault: "refuse",
  code: 4000,
  msg: "connector_ids: 1024 is closed",
} as const;

terraformTest("a bot that can't be published is kept, and the next apply ends what was begun", async () => {
  const story = await createTerraformStory({ files: bot(published) });
  const { world, faults } = story.emulator;
  faults.set([closed]);
  const failed = await story.fail("apply", "-auto-approve");
  const [id = ""] = world.bots.keys();
  expect(complaintsIn(failed.stderr)).toEqual([
    `Error: could not publish coze_bot ID with coze_bot.helper, on main.tf line 16, in resource "coze_bot" "helper": 16: publish = { connectors = [{ id = "1024" }] } publish.connectors: Coze rejected a parameter: connector_ids: 1024 is closed. It was created and is in the state, as ID. The call: publish_bot, code 4000, logid LOGID. Correct the parameter that the message names.`,
  ]);
  expect(await heldBy(story)).toMatchObject({ "coze_bot.helper": `${id} (tainted)` });
  expect(await story.resource("coze_bot.helper")).toMatchObject({
    unfinished: ["publish"],
    name: "售后助手",
  });

  faults.clear();
  const plan = await story.plan();
  expect(plan.actions["coze_bot.helper"]).toBe("delete/create");
  expect(complaintsIn(plan.stdout)).toEqual([]);
  expect(await writesOf(story, () => story.apply("saved.tfplan"))).toEqual(["publish_bot"]);
  expect(await heldBy(story)).toMatchObject({ "coze_bot.helper": id });
  expect([...world.bots.keys()]).toEqual([id]);
  expect(Object.keys(world.bots.get(id)?.channels ?? {})).toEqual(["1024"]);
  await story.expectNoChanges();
});

terraformTest("a half-made bot may be wanted otherwise when it is taken up again", async () => {
  const story = await createTerraformStory({ files: bot(`${published}\n${informed}`) });
  const { world, faults } = story.emulator;
  faults.set([{ operation: "update_bot", fault: "refuse", code: 4000, msg: "dataset_ids: too many" }]);
  const failed = await story.fail("apply", "-auto-approve");
  const [id = ""] = world.bots.keys();
  expect(complaintsIn(failed.stderr)).toEqual([
    `Error: could not update coze_bot ID with coze_bot.helper, on main.tf line 17, in resource "coze_bot" "helper": 17: knowledge = { datasets = [coze_dataset.policies.id] } knowledge.datasets: Coze rejected a parameter: dataset_ids: too many. It was created and is in the state, as ID. The call: update_bot, code 4000, logid LOGID. Correct the parameter that the message names.`,
  ]);
  expect(await heldBy(story)).toMatchObject({ "coze_bot.helper": `${id} (tainted)` });
  expect(await story.resource("coze_bot.helper")).toMatchObject({ unfinished: ["update", "publish"] });

  // A second failure, further on, and with another prompt.
  faults.set([closed]);
  const files = bot(`${published}\n${informed}`);
  story.write({ "main.tf": files["main.tf"].replace("你是售后助手。", "你是客服助手。") });
  expect(await writesOf(story, () => story.fail("apply", "-auto-approve"))).toEqual([
    "update_bot",
    "publish_bot",
  ]);
  expect(await heldBy(story)).toMatchObject({ "coze_bot.helper": `${id} (tainted)` });
  expect(await story.resource("coze_bot.helper")).toMatchObject({ unfinished: ["publish"] });

  faults.clear();
  expect(await writesOf(story, () => story.apply())).toEqual(["publish_bot"]);
  expect(await heldBy(story)).toMatchObject({ "coze_bot.helper": id });
  const [dataset = ""] = world.datasets.keys();
  expect([...world.bots.values()].map(({ draft }) => [draft.prompt_info, draft.knowledge])).toEqual([
    [
      expect.objectContaining({ prompt: "你是客服助手。" }),
      expect.objectContaining({ dataset_ids: [dataset] }),
    ],
  ]);
  await story.expectNoChanges();
});

terraformTest("a half-made bot that is taken out of the configuration is let go of", async () => {
  const story = await createTerraformStory({ files: bot(published) });
  const { faults } = story.emulator;
  faults.set([closed]);
  await story.fail("apply", "-auto-approve");
  const { stdout } = await story.destroy("-target=coze_bot.helper");
  // Once in the plan, and once when it is done.
  expect(complaintsIn(stdout).filter((one) => one.includes("stays at Coze"))).toHaveLength(2);
  expect(Object.keys(await heldBy(story))).toEqual(["coze_dataset.policies", "coze_workspace.desk"]);
});

const refusing = blocks.hook.replace("hooks.example.com/coze", "refuse.example.com/hook");

terraformTest("a callback app whose challenge fails is deleted and made anew", async () => {
  const story = await createTerraformStory({ files: configure(refusing) });
  const { world } = story.emulator;
  const failed = await story.fail("apply", "-auto-approve");
  const [first = ""] = world.callbackApps.keys();
  expect(complaintsIn(failed.stderr)).toEqual([
    `Error: could not update coze_callback_app ID with coze_callback_app.hook, on main.tf line 3, in resource "coze_callback_app" "hook": 3: callback_url = "https://refuse.example.com/hook" Coze rejected a parameter: Invalid request parameter: callback_url did not echo the challenge within 3000 ms. It was created and is in the state, as ID. The call: update_callback_app, code 4000, logid LOGID. Check that callback_url is up and answers Coze's POST with the same challenge within 3 seconds.`,
  ]);
  expect(await heldBy(story)).toEqual({ "coze_callback_app.hook": `${first} (tainted)` });
  expect(await story.resource("coze_callback_app.hook")).toMatchObject({
    unfinished: ["update", "subscribe"],
  });

  story.write(configure(blocks.hook));
  expect((await story.plan()).actions).toEqual({ "coze_callback_app.hook": "delete/create" });
  expect(await writesOf(story, () => story.apply("saved.tfplan"))).toEqual([
    "delete_callback_app",
    "create_callback_app",
    "update_callback_app",
    "subscribe_callback_message",
  ]);
  const [second = "", ...others] = world.callbackApps.keys();
  expect([others, second === first]).toEqual([[], false]);
  expect(await heldBy(story)).toEqual({ "coze_callback_app.hook": second });
  await story.expectNoChanges();
});

const document = configure(
  blocks.desk,
  blocks.policies,
  `\
resource "coze_document" "returns" {
  dataset = coze_dataset.policies.id
  name    = "退换货"
  source  = { file = "\${path.cwd}/returns.txt" }
}
`,
);

terraformTest("a document that Coze can't process is replaced when its content is mended", async () => {
  const story = await createTerraformStory({ files: { ...document, "returns.txt": "!!fail!!" } });
  const { world } = story.emulator;
  const failed = await story.fail("apply", "-auto-approve");
  const [first = ""] = world.documents.keys();
  expect(complaintsIn(failed.stderr)).toEqual([
    'Error: could not finish coze_document ID with coze_document.returns, on main.tf line 12, in resource "coze_document" "returns": 12: resource "coze_document" "returns" { The content could not be sliced. It was created and is in the state, as ID. Correct its content and apply again to recreate it.',
  ]);
  expect(await heldBy(story)).toMatchObject({ "coze_document.returns": `${first} (tainted)` });
  expect(await story.resource("coze_document.returns")).toMatchObject({ unfinished: ["settle"] });

  story.write({ "returns.txt": "签收后七天内可以退货。" });
  expect((await story.plan()).actions).toMatchObject({ "coze_document.returns": "delete/create" });
  expect(await writesOf(story, () => story.apply("saved.tfplan"))).toEqual([
    "delete_knowdge_files",
    "create_knowledge_files",
  ]);
  expect([...world.documents.keys()]).not.toContain(first);
  expect(await heldBy(story)).toMatchObject({ "coze_document.returns": [...world.documents.keys()].join() });
  expect(await story.resource("coze_document.returns")).toMatchObject({ status: "ready" });
  await story.expectNoChanges();
});

terraformTest("a document that fails later on, while nobody looks, is replaced as well", async () => {
  const story = await createTerraformStory({
    files: { ...document, "returns.txt": "签收后七天内可以退货。" },
  });
  const { world } = story.emulator;
  await story.apply();
  const [first = ""] = world.documents.keys();
  Object.assign(world.documents.get(first) ?? {}, { fails_because: "网页打不开" });
  expect((await story.plan()).actions).toMatchObject({ "coze_document.returns": "delete/create" });
  expect(await writesOf(story, () => story.apply("saved.tfplan"))).toEqual([
    "delete_knowdge_files",
    "create_knowledge_files",
  ]);
  expect([...world.documents.keys()]).toEqual([expect.not.stringMatching(first)]);
  await story.expectNoChanges();
});

const userIds = [1, 2, 3, 4, 5].map((last) => `100000000000010${last}`);

const members = (users: readonly string[]) =>
  configure(
    `\
provider "coze" {
  allow_ownership_transfer = true
}
`,
    blocks.desk,
    `\
resource "coze_workspace_member" "staff" {
  for_each  = toset(${JSON.stringify(users)})
  workspace = coze_workspace.desk.id
  user_id   = each.key
  role      = "member"
}
`,
  );

terraformTest("of five members the one whom Coze refuses is missing, and no other", async () => {
  const stranger = userIds[2] ?? "";
  // On the machine's clock they go out together, and are refused together.
  const story = await createTerraformStory({
    served: "executable",
    files: members(userIds),
    emulator: { world: { outsiders: [stranger] } },
  });
  const { world } = story.emulator;
  const failed = await story.fail("apply", "-auto-approve");
  expect(complaintsIn(failed.stderr)).toEqual([
    'Error: could not create coze_workspace_member with coze_workspace_member.staff["1000000000000103"], on main.tf line 13, in resource "coze_workspace_member" "staff": 13: user_id = each.key The user isn\'t in the enterprise: The user 1000000000000103 has not joined the enterprise. The call: add_space_member, code 702042162, logid LOGID. Add the user to the enterprise first, then run again.',
  ]);
  const asked = story.emulator.requests.flatMap(({ operation, body }) =>
    operation === "add_space_member" ? [(body as { readonly users: readonly unknown[] }).users.length] : [],
  );
  expect(asked).toEqual([5, 1, 1, 1, 1, 1]);
  const others = userIds.filter((id) => id !== stranger);
  const [desk] = [...world.workspaces.values()].filter(({ name }) => name === "客服空间");
  expect(desk?.members.map(({ user_id }) => user_id).sort()).toEqual([...others, world.options.me.id].sort());
  expect(await heldBy(story)).toEqual({
    "coze_workspace.desk": desk?.id,
    ...Object.fromEntries(others.map((id) => [`coze_workspace_member.staff["${id}"]`, id])),
  });
  expect((await story.plan()).actions[`coze_workspace_member.staff["${stranger}"]`]).toBe("create");
  story.write(members(others));
  await story.expectNoChanges();
});
