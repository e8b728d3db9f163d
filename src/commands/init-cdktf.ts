import { version } from "../core/version.ts";

/** The texts of a starter project in TypeScript, whose infrastructure CDKTF synthesizes for Terraform. */
export function writeCdktfTemplate(projectName: string): { readonly [file: string]: string } {
  return {
    "package.json": `${JSON.stringify(packageOf(projectName), null, 2)}\n`,
    "cdktf.json": `${JSON.stringify(cdktf, null, 2)}\n`,
    "tsconfig.json": `${JSON.stringify({ compilerOptions }, null, 2)}\n`,
    ".gitignore": cdktfIgnore,
    "main.ts": program,
    "prompts/support.md": prompt,
    "knowledge/returns.txt": returns,
  };
}

/** The lines of the project's own `.gitignore`. */
export const cdktfIgnore = "node_modules\ncdktf.out\n.terraform\nterraform.*.tfstate*\n";

/** What the project needs is no name for the project itself: it would be found in its place. */
const nameOf = (project: string, taken: readonly string[]): string => {
  const name = project
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/gu, "-")
    .replace(/^[._-]+|[._-]+$/gu, "");
  return taken.includes(name) || name === "node_modules" ? `${name}-stack` : name || "coze";
};

/** `constructs` is of a version that CDKTF and its successor, cdktn, both take: then one line changes one for the other. */
const packageOf = (project: string) => ({
  name: nameOf(project, [...Object.keys(dependencies), ...Object.keys(devDependencies)]),
  private: true,
  type: "module",
  scripts: { check: "tsc", synth: "cdktf synth", deploy: "cdktf deploy --skip-provider-lock" },
  dependencies,
  devDependencies,
});

const dependencies = { cdktf: "^0.21.0", constructs: "~10.7.2", cozeform: `^${version}` };
const devDependencies = {
  "@types/node": "^20.0.0",
  "cdktf-cli": "^0.21.0",
  jiti: "^2.7.0",
  typescript: "^6.0.0",
};

// jiti runs TypeScript, and is JavaScript itself: there is no part for each platform that a mirror may lack.
const cdktf = { language: "typescript", app: "npx jiti main.ts", sendCrashReports: "false" };

const compilerOptions = {
  target: "ES2023",
  module: "NodeNext",
  moduleResolution: "NodeNext",
  types: ["node"],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

const program = `\
// With CDKTF's successor, cdktn, all of this stays: in package.json write "cdktf": "npm:cdktn@0.24",
// and for its own command (Node 22 and later) "cdktn-cli": "^0.24.0" in place of cdktf-cli.
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
`;

const prompt = `\
你是售后客服助手，帮助顾客解决退换货、物流和发票问题。

- 先确认订单号，再回答问题。
- 只根据知识库回答；知识库里没有的，请顾客联系人工客服。
- 语气友好、简洁，不作超出政策的承诺。
`;

const returns = `\
退换货规则

签收后七天内，商品不影响二次销售的，可以无理由退货，运费由顾客承担。
商品有质量问题的，十五天内可以换货，往返运费由商家承担。
`;
