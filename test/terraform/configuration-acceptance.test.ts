import { describe, expect } from "@jest/globals";
import { emulatedApp, privatePem } from "../support/rsa-keys.ts";
import { createTerraformStory, terraformTest } from "../support/terraform.ts";

/** What Terraform complains of, one line each. */
const complaintsIn = (stderr: string): readonly string[] =>
  stderr
    .replaceAll(/[│╷╵├─]/gu, " ")
    .replaceAll(/\s+/gu, " ")
    .split("Error: ")
    .map((text) => text.trim())
    .filter((text) => text !== "");

const manifests = {
  "main.tf": `
provider "coze" {}

locals {
  manifests = provider::coze::manifests(file("bots.yaml"), "\${abspath(path.module)}/assets")
}

resource "coze_workspace" "desk" {
  name        = "客服"
  description = "说明"
}

resource "coze_bot" "all" {
  for_each = { for one in local.manifests : one.name => one.spec }

  workspace   = coze_workspace.desk.id
  name        = each.value.name
  description = each.value.description
  icon        = each.value.icon
  prompt      = each.value.prompt
  model       = each.value.model
  onboarding  = each.value.onboarding
  publish     = each.value.publish
}
`,
  "bots.yaml": `apiVersion: cozeform/v1
kind: Bot
metadata: { name: after-sales }
spec:
  workspace: desk
  name: 售后
  prompt: { file: prompts/a.md }
  model: { id: "17", temperature: 0.3, parameters: { caching: { type: disabled } } }
  publish: { connectors: [api] }
---
apiVersion: cozeform/v1
kind: Bot
metadata: { name: shopping }
spec:
  workspace: desk
  name: 导购
  icon: x.png
  onboarding: { suggested_questions: [尺寸？, 养护？] }
`,
  "assets/prompts/a.md": "你是售后助手。\n",
  "assets/x.png": "png",
};

describe("manifests in Terraform", () => {
  terraformTest("become resources, of which a plan then finds nothing to do", async () => {
    const story = await createTerraformStory({ files: manifests });
    await story.apply();
    const bots = [...story.emulator.world.bots.values()].map(
      ({ draft, channels }) => [draft.name, [draft.prompt_info?.prompt, ...Object.keys(channels)]] as const,
    );
    expect(Object.fromEntries(bots)).toEqual({ 售后: ["你是售后助手。\n", "1024"], 导购: [undefined] });
    await story.expectNoChanges();
  });

  terraformTest("that are wrong are told of by line and column", async () => {
    const yaml = manifests["bots.yaml"].replace("prompt:", "promt:").replace("[api]", "[apis]");
    const story = await createTerraformStory({ files: { ...manifests, "bots.yaml": yaml } });
    const { stderr } = await story.fail("plan");
    expect(complaintsIn(stderr)).toEqual([
      expect.stringMatching(
        /Invalid value for "yaml" parameter: line 7, column 3: unknown key "promt" in spec\. Did you mean "prompt"\? line 9, column 27: spec\.publish\.connectors\[0\] must be one of api, chat_sdk; found "apis"\. Did you mean api\?\.$/u,
      ),
    ]);
  });
});

const lookups = {
  "main.tf": `
provider "coze" {}

data "coze_workspace" "desk" {
  name = "客服"
}

data "coze_bot" "support" {
  workspace = data.coze_workspace.desk.id
  name      = "售后"
}

data "coze_bot" "same" {
  id = data.coze_bot.support.id
}

output "found" {
  value = {
    description = data.coze_bot.support.description
    channels    = data.coze_bot.support.publish.connectors[*].id
    same        = data.coze_bot.same == data.coze_bot.support
  }
}
`,
};

describe("data sources in Terraform", () => {
  terraformTest("find what is there, and one finds by another", async () => {
    const story = await createTerraformStory({ files: lookups });
    const { world } = story.emulator;
    const { id: space_id } = world.addWorkspace({ name: "客服" });
    world.addBot({ space_id, draft: { name: "售后", description: "退货" }, channels: { "1024": "1" } });
    await story.apply();
    expect(await story.outputs()).toEqual({ found: { description: "退货", channels: ["1024"], same: true } });
    expect(story.writes()).toEqual([]);
  });

  terraformTest("tell what there is where there is no such", async () => {
    const story = await createTerraformStory({ files: lookups });
    const { world } = story.emulator;
    const { id: space_id } = world.addWorkspace({ name: "客服" });
    const { id } = world.addBot({ space_id, draft: { name: "售后助手" } });
    const { stderr } = await story.fail("plan");
    expect(complaintsIn(stderr)).toEqual([
      `Coze shows no coze_bot with name "售后" with data.coze_bot.support, on main.tf line 10, in data "coze_bot" "support": 10: name = "售后" Searched in workspace ${space_id}. Coze has 售后助手 (${id}).`,
    ]);
  });
});

const one = 'resource "coze_workspace" "desk" {\n  name = "客服"\n  description = "说明"\n}\n';

describe("the provider's configuration in Terraform", () => {
  terraformTest("takes the key of an app, which nothing that Terraform writes then shows", async () => {
    const { app_id, key_id } = emulatedApp;
    const jwt = `jwt = {\n    app_id = "${app_id}"\n    key_id = "${key_id}"\n    private_key = file("key.pem")\n  }`;
    const story = await createTerraformStory({
      files: { "main.tf": `provider "coze" {\n  ${jwt}\n}\n${one}`, "key.pem": privatePem },
      emulator: { apps: [emulatedApp] },
      env: { TF_LOG: "trace", COZE_API_TOKEN: "" },
    });
    const { stderr, stdout, requests } = await story.plan();
    expect(requests).toEqual(["oauth_jwt", "list_workspace"]);
    const body = privatePem.split("\n")[5] ?? "no key";
    const minted = story.emulator.tokens.list().map(({ token }) => token);
    for (const secret of [body, ...minted]) expect(`${stderr}${stdout}`).not.toContain(secret);
  });

  terraformTest("that is wrong is told of all at once, at its lines", async () => {
    const provider =
      'provider "coze" {\n  endpoint = "api.coze.cn"\n  max_calls = 0\n  token = "t"\n  jwt = {}\n}\n';
    const story = await createTerraformStory({ files: { "main.tf": provider + one } });
    const { stderr } = await story.fail("validate");
    expect(complaintsIn(stderr)).toEqual([
      'endpoint must be an http or https address with provider["registry.terraform.io/cozeform/coze"], on main.tf line 2, in provider "coze": 2: endpoint = "api.coze.cn" Found "api.coze.cn". Write https://api.coze.cn.',
      'max_calls is 0; the minimum is 1 with provider["registry.terraform.io/cozeform/coze"], on main.tf line 3, in provider "coze": 3: max_calls = 0',
      'token and jwt can\'t be set together with provider["registry.terraform.io/cozeform/coze"], on main.tf line 5, in provider "coze": 5: jwt = {} Remove one of them.',
    ]);
  });

  terraformTest("may lack a token while it is only validated", async () => {
    const story = await createTerraformStory({
      files: { "main.tf": `provider "coze" {}\n${one}` },
      env: { COZE_API_TOKEN: "" },
    });
    await story.run("validate").then(({ exitCode }) => expect(exitCode).toBe(0));
    const { stderr } = await story.fail("plan");
    expect(complaintsIn(stderr)).toEqual([
      'there is no token with provider["registry.terraform.io/cozeform/coze"], on main.tf line 1, in provider "coze": 1: provider "coze" {} Set token or jwt in the provider\'s configuration, or the environment variable COZE_API_TOKEN.',
    ]);
  });

  terraformTest("that depends on what isn't made yet is told of as that", async () => {
    const made = 'resource "terraform_data" "token" {\n  input = "t"\n}\n';
    const provider = 'provider "coze" {\n  token = terraform_data.token.output\n}\n';
    const story = await createTerraformStory({ files: { "main.tf": provider + made + one } });
    const { stderr } = await story.fail("plan");
    expect(complaintsIn(stderr)).toEqual([
      'token isn\'t known yet with provider["registry.terraform.io/cozeform/coze"], on main.tf line 2, in provider "coze": 2: token = terraform_data.token.output It depends on something that this run creates: apply that first with -target, or set it by a variable or the environment.',
    ]);
  });
});

describe("the configuration of a resource in Terraform", () => {
  terraformTest("is judged as a whole before anything is planned", async () => {
    const bot = `
resource "coze_bot" "support" {
  workspace = "desk"
  name      = ""
  model     = { id = "1", top_p = 2 }
  icon      = "none.png"
  publish   = { connectors = [{ id = "1024" }, { id = "1024" }] }
}
`;
    const story = await createTerraformStory({ files: { "main.tf": `provider "coze" {}\n${bot}` } });
    const { stderr } = await story.fail("validate");
    const where = (line: number, text: string) =>
      `with coze_bot.support, on main.tf line ${line}, in resource "coze_bot" "support": ${line}: ${text}`;
    expect(complaintsIn(stderr)).toEqual([
      `workspace must be the id of a coze_workspace; found "desk" ${where(4, 'workspace = "desk"')} Refer to it: coze_workspace.NAME.id, or data.coze_workspace.NAME.id for one that isn't managed here.`,
      `name is empty ${where(5, 'name = ""')}`,
      `model.top_p is 2; the maximum is 1 ${where(6, 'model = { id = "1", top_p = 2 }')}`,
      `none.png can't be read ${where(7, 'icon = "none.png"')} Paths are relative to the directory that Terraform runs in: write "\${path.module}/…" for a file beside the configuration.`,
      `an item with this id is already in the list ${where(8, 'publish = { connectors = [{ id = "1024" }, { id = "1024" }] }')} publish.connectors[1].id: Remove one of them.`,
    ]);
    expect(story.emulator.requests).toEqual([]);
  });
});
