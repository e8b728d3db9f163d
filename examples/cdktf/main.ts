import { join } from "node:path";
import {
  App,
  AssetType,
  Fn,
  TerraformAsset,
  TerraformOutput,
  TerraformStack,
  TerraformVariable,
} from "cdktf";
import { Bot, CozeManifests, CozePromotion, CozeProvider, CozeSpace, Dataset } from "cozeform/cdktf";

const here = import.meta.dirname;
const app = new App();

/** Manifests, as they are for the command line: one stack for each environment. */
for (const environment of ["dev", "prod"]) {
  const stack = new TerraformStack(app, `shop-${environment}`);
  // Members are among the manifests. When one is removed, what they own goes to the workspace's owner, for good.
  const transfer = new TerraformVariable(stack, "allow_ownership_transfer", { type: "bool", default: false });
  new CozeProvider(stack, "coze", { allowOwnershipTransfer: transfer.booleanValue });
  const shop = new CozeManifests(stack, "shop", { directory: join(here, "../quickstart"), environment });
  new TerraformOutput(stack, "workspace", { value: shop.resource("Workspace.desk").id });
}

/** Constructs: bots of a team that are tried out in one space and brought to another when all of it is there. */
const stack = new TerraformStack(app, "hr");
new CozeProvider(stack, "coze");

const model = { id: "1706077826", temperature: 0.2 };
const staging = new CozeSpace(stack, "staging", {
  name: "人事助手（试用）",
  description: "先在这里试，再发布给全体同事",
  defaults: { bot: { model } },
});
const production = new CozeSpace(stack, "production", {
  name: "人事助手",
  description: "面向全体同事的人事智能体",
  defaults: { bot: { model, publish: { connectors: [{ id: "1024" }] } } },
});

const prompt = new TerraformAsset(stack, "prompt", {
  path: join(here, "prompts/onboarding.md"),
  type: AssetType.FILE,
});
const handbook = staging.add(Dataset, "handbook", { name: "员工手册", format: "text" });
const guide = staging.add(Bot, "onboarding", {
  name: "入职向导（试用）",
  prompt: Fn.file(prompt.path),
  knowledge: { datasets: [handbook], autoCall: true },
  onboarding: {
    prologue: "你好，欢迎加入！入职的问题都可以问我。",
    suggestedQuestions: ["第一天要带什么？", "年假怎么算？"],
  },
});

const release = new CozePromotion(stack, "release", {
  from: staging,
  to: production,
  overrides: { onboarding: { name: "入职向导" } },
});
new TerraformOutput(stack, "trial", { value: guide.id });
new TerraformOutput(stack, "bot", { value: release.promoted(guide)?.id });

app.synth();
