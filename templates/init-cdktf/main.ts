// With CDKTF's successor, import from "cdktn" and "cozeform/cdktn", and in package.json depend on "cdktn": "^0.24.0"
// and (Node 22 and later) "cdktn-cli": "^0.24.0" instead of cdktf and cdktf-cli.
import { resolve } from "node:path";
import { App, AssetType, Fn, TerraformAsset, TerraformOutput, TerraformStack } from "cdktf";
import { Bot, CozeProvider, CozeSpace, Dataset, Document } from "cozeform/cdktf";

const app = new App();
const stack = new TerraformStack(app, "desk");

// Endpoint and token come from COZE_API_BASE and COZE_API_TOKEN.
new CozeProvider(stack, "coze");

// A workspace, and what bots in it have where they don't say otherwise.
const desk = new CozeSpace(stack, "service", {
  name: "客服中心",
  description: "售后客服的智能体和知识库",
  defaults: { bot: { model: { id: "1706077826", temperature: 0.3 } } }, // yours: the id in the model's address
});

// Files travel with the synthesized stack.
const fileOf = (id: string, path: string) =>
  new TerraformAsset(stack, id, { path: resolve(path), type: AssetType.FILE }).path;

const faq = desk.add(Dataset, "faq", { name: "常见问题", format: "text" });
desk.add(Document, "returns", {
  dataset: faq, // constructs stand for their ids
  name: "退换货",
  source: { file: fileOf("returns-file", "knowledge/returns.txt") },
});

const support = desk.add(Bot, "support", {
  name: "售后助手",
  prompt: Fn.file(fileOf("prompt", "prompts/support.md")),
  knowledge: { datasets: [faq] },
  publish: { connectors: [{ id: "1024" }] }, // the API channel
});

new TerraformOutput(stack, "bot", { value: support.id });

// A project of manifests (cozeform init) can be part of a stack, each manifest as a resource of its own:
//   const shop = new CozeManifests(stack, "shop", { directory: "shop", environment: "prod" });
//   shop.resource("Bot.assistant").id

app.synth();
