import { expect } from "@jest/globals";
import { createTerraformStory, terraformTest } from "../../support/terraform.ts";
import { blocks, complaintsIn, configure, heldBy, writesOf } from "./stage.ts";

interface Wanted {
  readonly prompt?: string;
  readonly more?: string;
}

const bot = ({ prompt = "你是售后助手。", more = "" }: Wanted = {}) =>
  configure(
    blocks.desk,
    `\
resource "coze_bot" "helper" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
  prompt    = "${prompt}"
  publish   = { connectors = [{ id = "1024" }] }
  ${more}
}
`,
  );

const closed = { operation: "publish_bot", fault: "refuse", code: 4101, msg: "not the owner" } as const;

terraformTest(
  "a change that was sent and not published is published by the next apply, and not sent again",
  async () => {
    const story = await createTerraformStory({ files: bot() });
    const { world, faults } = story.emulator;
    await story.apply();
    const [id = ""] = world.bots.keys();
    const version = (await story.resource("coze_bot.helper"))?.version;
    faults.set([closed]);
    story.write(bot({ prompt: "你是客服助手。" }));
    const failed = await story.fail("apply", "-auto-approve");
    expect(complaintsIn(failed.stderr)).toEqual([
      'Error: could not publish coze_bot ID with coze_bot.helper, on main.tf line 6, in resource "coze_bot" "helper": 6: resource "coze_bot" "helper" { The token lacks the permission publish, or the object isn\'t visible to it: not the owner. If it was deleted in Coze, remove it from the state: terraform state rm ADDRESS. The call: publish_bot, code 4101, logid LOGID. Use a token of the bot\'s owner or a collaborator that may publish to these channels.',
    ]);
    expect(await heldBy(story)).toMatchObject({ "coze_bot.helper": id });
    expect(await story.resource("coze_bot.helper")).toMatchObject({
      prompt: "你是客服助手。",
      unfinished: ["publish"],
      version,
    });

    // It goes on failing: what is left is still the same.
    expect(await writesOf(story, () => story.fail("apply", "-auto-approve"))).toEqual(["publish_bot"]);
    expect(await story.resource("coze_bot.helper")).toMatchObject({ unfinished: ["publish"] });

    faults.clear();
    const plan = await story.plan();
    expect(plan.actions).toEqual({ "coze_bot.helper": "update", "coze_workspace.desk": "no-op" });
    expect(plan.stdout).toMatch(/- unfinished += \[\n\s+- "publish",\n\s+\] -> null/u);
    expect(await writesOf(story, () => story.apply("saved.tfplan"))).toEqual(["publish_bot"]);
    expect(await story.resource("coze_bot.helper")).toMatchObject({ unfinished: null });
    expect((await story.resource("coze_bot.helper"))?.version).not.toBe(version);
    expect(world.bots.get(id)?.versions.at(-1)).toMatchObject({
      config: { prompt_info: { prompt: "你是客服助手。" } },
    });
    await story.expectNoChanges();
  },
);

terraformTest("an update that Coze refuses leaves the state as it was, and is planned again", async () => {
  const story = await createTerraformStory({ files: bot({ more: 'description = "退换货"' }) });
  const { faults } = story.emulator;
  await story.apply();
  const before = await story.resource("coze_bot.helper");
  faults.set([{ operation: "update_bot", fault: "refuse", code: 4000, msg: "prompt_info: too rude" }]);
  // What is taken out of the configuration is still to be unset the next time.
  story.write(bot({ prompt: "走开。" }));
  const failed = await story.fail("apply", "-auto-approve");
  expect(complaintsIn(failed.stderr)).toEqual([
    'Error: could not update coze_bot ID with coze_bot.helper, on main.tf line 9, in resource "coze_bot" "helper": 9: prompt = "走开。" Coze rejected a parameter: prompt_info: too rude. The call: update_bot, code 4000, logid LOGID. Correct the parameter that the message names.',
  ]);
  expect(await story.resource("coze_bot.helper")).toEqual(before);
  faults.clear();
  story.write(bot());
  expect((await story.plan()).actions).toMatchObject({ "coze_bot.helper": "update" });
  expect(await writesOf(story, () => story.apply("saved.tfplan"))).toEqual(["update_bot", "publish_bot"]);
  expect(await story.resource("coze_bot.helper")).toMatchObject({ description: "" });
  await story.expectNoChanges();
});

terraformTest("a bot whose last change wasn't published is unpublished when it is let go of", async () => {
  const story = await createTerraformStory({ files: bot() });
  const { world, faults } = story.emulator;
  await story.apply();
  faults.set([closed]);
  story.write(bot({ prompt: "你是客服助手。" }));
  await story.fail("apply", "-auto-approve");
  faults.clear();
  expect(await writesOf(story, () => story.destroy("-target=coze_bot.helper"))).toEqual(["unpublish_agent"]);
  expect([...world.bots.values()].map(({ channels }) => Object.keys(channels))).toEqual([[]]);
  expect(Object.keys(await heldBy(story))).toEqual(["coze_workspace.desk"]);
});

const app = (events: readonly string[]) => ({
  "main.tf": `\
resource "coze_callback_app" "hook" {
  name         = "发布通知"
  callback_url = "https://hooks.example.com/coze"
  events       = ${JSON.stringify(events)}
}
`,
});

terraformTest("of two follow-ups the second is made by the next apply", async () => {
  const story = await createTerraformStory({ files: app(["bot.deleted"]) });
  const { faults, world } = story.emulator;
  await story.apply();
  faults.set([{ operation: "unsubscribe_callback_message", fault: "server-error" }]);
  story.write(app(["bot.published"]));
  await story.fail("apply", "-auto-approve");
  expect(await story.resource("coze_callback_app.hook")).toMatchObject({ unfinished: ["unsubscribe"] });
  faults.clear();
  expect(await writesOf(story, () => story.apply())).toEqual(["unsubscribe_callback_message"]);
  expect([...world.callbackApps.values()].map(({ event_types }) => event_types)).toEqual([["bot.published"]]);
  expect(await story.resource("coze_callback_app.hook")).toMatchObject({ unfinished: null });
  await story.expectNoChanges();
});

terraformTest(
  "a publication that Coze refuses for a text, for money or as unusual says what to do",
  async () => {
    const more = 'description = "退换货"\n  onboarding = { prologue = "您好" }';
    const story = await createTerraformStory({ files: bot({ more }) });
    const { faults } = story.emulator;
    const refuse = async (code: number) => {
      faults.set([{ operation: "publish_bot", fault: "refuse", code, msg: "no" }]);
      const { stderr } = await story.fail("apply", "-auto-approve");
      const [only = "", ...others] = complaintsIn(stderr);
      expect(others).toEqual([]);
      return only.replace(/ with coze_bot\.helper, on main\.tf .*?\{ (?=\p{Lu})/u, ": ");
    };
    expect([await refuse(4105), await refuse(4022), await refuse(4102)]).toEqual([
      "Error: could not publish coze_bot ID: The bot contains sensitive text, so Coze doesn't publish it: no. The cause is one of name, description, prompt, onboarding.prologue. It was created and is in the state, as ID. The call: publish_bot, code 4105, logid LOGID. Reword its name, description, prompt, prologue or suggested questions, then apply again.",
      "Error: could not publish coze_bot ID: billing: The model service is in arrears: no. It was created and is in the state, as ID. The call: publish_bot, code 4022, logid LOGID. Top up the account or upgrade its plan on Coze's billing page, then run again.",
      "Error: could not publish coze_bot ID: Risk control saw unusual activity, or content safety rejected a text of the organization: no. It was created and is in the state, as ID. The call: publish_bot, code 4102, logid LOGID. Run again later; if the error persists, reword the text.",
    ]);
  },
);
