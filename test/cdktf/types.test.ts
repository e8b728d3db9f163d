import { expect, test } from "@jest/globals";
import { TerraformStack, Testing } from "cdktf";
import {
  Bot,
  CozeProvider,
  CozeSpace,
  DataCozeWorkspace,
  Dataset,
  Workspace,
  WorkspaceMember,
} from "../../src/cdktf/index.ts";

// The compiler is the test here: `npm run check` fails where a line below an expectation compiles after all. What
// isn't run is never called; what only the compiler refuses makes no difference to constructs.

const stack = new TerraformStack(Testing.app(), "stack");
const workspace = new Workspace(stack, "desk", { name: "客服中心", description: "售后" });
const dataset = new Dataset(stack, "faq", { workspace, name: "常见问题", format: "text" });

const refused = [
  // @ts-expect-error: misspelt
  () => new Bot(stack, "1", { workspace, name: "助手", promt: "x" }),
  // @ts-expect-error: required
  () => new Bot(stack, "2", { workspace }),
  // @ts-expect-error: a number for a text
  () => new Bot(stack, "3", { workspace, name: 3 }),
  // @ts-expect-error: a text for a number, inside of an object
  () => new Bot(stack, "4", { workspace, name: "助手", model: { id: "1", temperature: "warm" } }),
  // @ts-expect-error: misspelt inside of a list
  () => new Bot(stack, "5", { workspace, name: "助手", plugins: [{ plugin: "1", tol: "2" }] }),
  // @ts-expect-error: another kind of thing
  () => new Bot(stack, "6", { workspace: dataset, name: "助手" }),
  // @ts-expect-error: another kind of thing in a list
  () => new Bot(stack, "7", { workspace, name: "助手", knowledge: { datasets: [workspace] } }),
  // @ts-expect-error: what only Coze sets
  () => new Bot(stack, "8", { workspace, name: "助手", version: "1" }),
  // @ts-expect-error: Terraform's spelling
  () => new WorkspaceMember(stack, "9", { workspace, user_id: "1", role: "admin" }),
  // @ts-expect-error: no setting of the provider
  () => new CozeProvider(stack, "10", { tokens: "x" }),
  // @ts-expect-error: misspelt below a space's defaults
  () => new CozeSpace(stack, "11", { name: "a", description: "b", defaults: { bot: { promt: "x" } } }),
  // @ts-expect-error: misspelt in what is added to a space
  () => new CozeSpace(stack, "12", { workspace: "1" }).add(Bot, "b", { name: "助手", promt: "x" }),
  // @ts-expect-error: outputs can't be set
  (bot: Bot) => (bot.version = "1"),
  // @ts-expect-error: nor read as something else
  (bot: Bot): number => bot.name,
];

test("what is right compiles: texts, tokens and constructs for ids, and words that Coze may add", () => {
  const found = new DataCozeWorkspace(stack, "found", { name: "别的" });
  const bot = new Bot(stack, "support", {
    workspace: found,
    name: "助手",
    knowledge: { datasets: [dataset, dataset.id, "751"], searchStrategy: "a new one" },
    model: { id: "1", parameters: { any: [1, { thing: true }] } },
    lifecycle: { ignoreChanges: ["prompt"] },
  });
  const text: string = bot.model.id;
  const number: number = bot.model.temperature;
  expect([typeof text, typeof number, refused.length]).toEqual(["string", "number", 14]);
});
