import { expect, test } from "@jest/globals";
import { Fn, TerraformStack, Testing, Token } from "cdktf";
import {
  Bot,
  CozePromotion,
  CozeProvider,
  CozeSpace,
  type CozeSpaceConfig,
  Dataset,
  Document,
} from "../../src/cdktf/index.ts";

function openStack() {
  const stack = new TerraformStack(Testing.app(), "stack");
  return { stack, synth: () => JSON.parse(Testing.synth(stack)) };
}

const desk: CozeSpaceConfig = { name: "客服中心", description: "售后" };

/** A space with a bot that answers from a dataset with one document. */
function fill(space: CozeSpace) {
  const faq = space.add(Dataset, "faq", { name: "常见问题", format: "text" });
  space.add(Document, "returns", {
    dataset: faq,
    name: "退货",
    source: { url: "https://example.com/returns" },
  });
  const bot = space.add(Bot, "support", { name: "客服助手", knowledge: { datasets: [faq] } });
  return { faq, bot };
}

test("what is added is in the workspace, and has the space's defaults and provider", () => {
  const { stack, synth } = openStack();
  const provider = new CozeProvider(stack, "coze", { alias: "cn" });
  const space = new CozeSpace(stack, "desk", {
    ...desk,
    provider,
    members: [{ userId: "42", role: "admin" }],
    defaults: { bot: { model: { id: "1", temperature: 0.2 }, workflows: ["7"], prompt: "你是客服。" } },
  });
  fill(space);
  space.add(Bot, "plain", { name: "别的", model: { id: "2" }, workflows: [], prompt: undefined });
  const { resource } = synth();
  const made = Object.values(resource).flatMap((one) => Object.values(one as object));
  expect(made.map((one) => one.provider)).toEqual(made.map(() => "coze.cn"));
  expect(Object.values(resource.coze_workspace)).toEqual([
    { name: "客服中心", description: "售后", provider: "coze.cn" },
  ]);
  const [member] = Object.values(resource.coze_workspace_member);
  expect(member).toMatchObject({ user_id: "42", role: "admin" });
  const bots = Object.values<Record<string, unknown>>(resource.coze_bot);
  const [support, plain] = ["客服助手", "别的"].map((name) => bots.find((bot) => bot.name === name));
  expect(support?.workspace).toMatch(/^\$\{coze_workspace\.desk_workspace_[0-9A-F]{8}\.id\}$/u);
  expect(support).toMatchObject({
    prompt: "你是客服。",
    model: { id: "1", temperature: 0.2 },
    workflows: ["7"],
  });
  expect(plain).toMatchObject({ prompt: "你是客服。", model: { id: "2", temperature: 0.2 }, workflows: [] });
  expect(Object.values(resource.coze_document)).toEqual([
    expect.not.objectContaining({ workspace: expect.anything() }),
  ]);
});

test("a workspace that is there is used as it is", () => {
  const { stack, synth } = openStack();
  const space = new CozeSpace(stack, "mine", { workspace: "751" });
  space.add(Bot, "b", { name: "助手" });
  const { resource } = synth();
  expect(Object.keys(resource)).toEqual(["coze_bot"]);
  expect(Object.values(resource.coze_bot)).toEqual([{ workspace: "751", name: "助手" }]);
});

test.each<[string, object, string]>([
  [
    "a member that is known later",
    { ...desk, members: [{ userId: Token.asString(Fn.upper("x")), role: "admin" }] },
    "stack/desk.members[0].userId is known only to Terraform: make a WorkspaceMember beside the space, with an id of your choice",
  ],
  [
    "a member twice",
    { ...desk, members: ["42", "7", "42"].map((userId) => ({ userId, role: "admin" })) },
    "stack/desk.members[2]: 42 is a member already: leave one of them out",
  ],
  [
    "a workspace that isn't given",
    { workspace: undefined },
    "stack/desk.workspace is missing: set an id, or name and description of a new one",
  ],
  [
    "to rename a workspace that is there",
    { workspace: "7", name: "客服" },
    "stack/desk, whose workspace exists already, has no property name; it has workspace, provider",
  ],
  [
    "defaults for what there is no place for",
    { ...desk, defaults: { bots: {} } },
    "stack/desk.defaults has no property bots: did you mean bot?",
  ],
])("a space refuses %s", (_, config, message) => {
  const { stack } = openStack();
  expect(() => new CozeSpace(stack, "desk", config as CozeSpaceConfig)).toThrow(new Error(message));
});

test("a promotion makes the same in the other space, once all of the first is done", () => {
  const { stack, synth } = openStack();
  const [staging, production] = [
    new CozeSpace(stack, "staging", { ...desk, defaults: { bot: { prompt: "试用" } } }),
    new CozeSpace(stack, "production", { ...desk, defaults: { bot: { prompt: "正式" } } }),
  ];
  const { bot } = fill(staging);
  const release = new CozePromotion(stack, "release", {
    from: staging,
    to: production,
    overrides: { support: { name: "客服", knowledge: { autoCall: false } } },
  });
  const { resource } = synth();
  const [ready = ""] = Object.keys(resource.terraform_data);
  expect(resource.terraform_data[ready].depends_on).toHaveLength(3);
  const copy = release.promoted(bot);
  const json = resource.coze_bot[copy?.friendlyUniqueId ?? ""];
  const dataset = release.promoted(staging.items[0]?.made ?? bot)?.friendlyUniqueId;
  expect(json).toEqual({
    depends_on: [`terraform_data.${ready}`],
    workspace: expect.stringMatching(/^\$\{coze_workspace\.production_workspace_/u),
    name: "客服",
    prompt: "正式",
    knowledge: { auto_call: false, datasets: [`\${coze_dataset.${dataset}.id}`] },
  });
  expect(resource.coze_dataset[dataset ?? ""].workspace).toBe(json.workspace);
  expect(resource.coze_bot[bot.friendlyUniqueId]).toMatchObject({ name: "客服助手", prompt: "试用" });
});

test.each([
  [
    "an override of what isn't there",
    { overrides: { suport: {} } },
    "stack/staging has no suport: did you mean support?",
  ],
  [
    "an exception that isn't there",
    { except: ["else"] },
    "stack/staging has no else; it has faq, returns, support",
  ],
  [
    "to leave behind what is needed",
    { except: ["faq"] },
    "stack/release: returns.dataset needs faq, which is in except: set its counterpart in overrides.returns",
  ],
  [
    "a property that there is none of",
    { overrides: { support: { nam: "x" } } },
    "stack/production/support has no property nam: did you mean name?",
  ],
])("a promotion refuses %s", (_, more, message) => {
  const { stack } = openStack();
  const staging = new CozeSpace(stack, "staging", desk);
  const production = new CozeSpace(stack, "production", desk);
  fill(staging);
  expect(() => new CozePromotion(stack, "release", { from: staging, to: production, ...more })).toThrow(
    message,
  );
});

test("what stays behind isn't made", () => {
  const { stack } = openStack();
  const [staging, production] = [
    new CozeSpace(stack, "staging", desk),
    new CozeSpace(stack, "production", desk),
  ];
  const { bot, faq } = fill(staging);
  const release = new CozePromotion(stack, "release", {
    from: staging,
    to: production,
    except: ["support", "returns"],
  });
  expect(release.promoted(bot)).toBeUndefined();
  expect(release.promoted(faq)).toBeInstanceOf(Dataset);
  expect(production.items.map(({ id }) => id)).toEqual(["faq"]);
});
