import { expect } from "@jest/globals";
import { createStrictEmulator } from "../../support/emulator.ts";
import { createTerraformStory, type TerraformStoryOptions, terraformTest } from "../../support/terraform.ts";
import { closeAfterwards } from "../../support/terraform-directory.ts";
import { blocks, complaintsIn, configure } from "./stage.ts";

/** Five resources that are to be made, in places of their own where they need any. */
const several = `\
resource "coze_workspace" "desks" {
  for_each    = toset(["客服", "运营", "市场"])
  name        = each.key
  description = "说明"
}

resource "coze_callback_app" "hooks" {
  for_each     = toset(["发布", "审核"])
  name         = each.key
  callback_url = "https://hooks.example.com/coze"
}
`;

/** What a plan of several new resources warns of, without the place that was planned first, and what it asked for. */
async function planSeveral(given: TerraformStoryOptions & { readonly endpoint?: string } = {}) {
  const { endpoint, ...options } = given;
  const provider = endpoint === undefined ? "" : `provider "coze" {\n  endpoint = "${endpoint}"\n}\n`;
  const story = await createTerraformStory({ ...options, files: configure(provider, several) });
  const { stdout, requests, actions } = await story.plan();
  expect(Object.values(actions)).toEqual(Array(5).fill("create"));
  const warnings = complaintsIn(stdout).map((text) =>
    text.replace(/ with coze_\S+, on main\.tf.*? \{ /u, " | "),
  );
  return {
    warnings: warnings.map((text) => text.replace(/list_workspace|list_callback_app/u, "OPERATION")),
    requests: [...requests].sort(),
    story,
  };
}

const warning = (text: string) => `Warning: could not look for existing objects at Coze | ${text}`;

terraformTest("a plan of new resources alone tells once that the token is wrong", async () => {
  const { warnings, requests } = await planSeveral({ env: { COZE_API_TOKEN: "pat_of_somebody_else_0123" } });
  expect(warnings).toEqual([
    warning(
      "The token isn't valid: authentication is invalid. Applying will fail unless this is fixed. The call: OPERATION, code 4100, logid LOGID. Check that it hasn't expired and belongs to this endpoint: tokens of coze.cn and coze.com differ.",
    ),
  ]);
  // Once a token is refused nothing more is asked with it; both lists may be on their way by then.
  expect(requests.length).toBeGreaterThan(0);
  expect(["list_callback_app", "list_workspace"].filter((name) => requests.includes(name))).toEqual(requests);
});

terraformTest("a plan of new resources alone tells once that nobody answers", async () => {
  const nobody = await createStrictEmulator().listen();
  await nobody.close();
  // Only a process of its own knows what errors of its network mean.
  const { warnings } = await planSeveral({ endpoint: nobody.url, served: "executable" });
  expect(warnings).toEqual([
    warning(
      `Coze couldn't be reached: ${new URL(nobody.url).host} refused the connection. Applying will fail unless this is fixed. The call: OPERATION. Check the endpoint, and any firewall or proxy in between.`,
    ),
  ]);
});

terraformTest("a plan of new resources alone tells once that the endpoint's path is wrong", async () => {
  const emulator = createStrictEmulator({ token: "pat_0123456789abcdefABCDEFGHIJ" });
  const { url, close } = await emulator.listen();
  closeAfterwards(close);
  const env = { COZE_API_TOKEN: emulator.token };
  const { warnings } = await planSeveral({ endpoint: `${url}/gateway`, env });
  expect(warnings.map((text) => text.replace(/workspaces|api_apps/u, "PATH"))).toEqual([
    warning(
      `The endpoint has no such address: The requested API endpoint GET /gateway/v1/PATH does not exist. Applying will fail unless this is fixed. The call: OPERATION, code 4200, logid LOGID. Calls add paths of their own, such as /v1/bots: remove /gateway and set the endpoint to ${url}.`,
    ),
  ]);
  expect(emulator.requests.map(({ path }) => path.split("?")[0]).sort()).toEqual([
    "/gateway/v1/api_apps",
    "/gateway/v1/workspaces",
  ]);
});

terraformTest("what may not be listed may be made all the same", async () => {
  const faults = [{ operation: "list_callback_app", fault: "refuse", code: 4101 }] as const;
  const { warnings, requests, story } = await planSeveral({ emulator: { faults } });
  expect(warnings).toEqual([
    warning(
      "The token lacks the permission listApiApp, or the object isn't visible to it: The request is refused. It isn't known which objects already exist, and applying may fail as well. The call: OPERATION, code 4101, logid LOGID. Grant the token the permission and access to the workspace; a new grant takes effect after a few seconds.",
    ),
  ]);
  expect(requests).toEqual(["list_callback_app", "list_workspace"]);
  await story.apply();
});

const inside = (workspace: string) => `\
resource "coze_bot" "helper" {
  workspace = ${workspace}
  name      = "售后助手"
}

resource "coze_dataset" "policies" {
  workspace = ${workspace}
  name      = "店铺政策"
  format    = "text"
}
`;

terraformTest("a workspace that isn't there is told of by the plan, and by the apply", async () => {
  const story = await createTerraformStory({ files: configure(inside('"123"')) });
  const { stdout, requests } = await story.plan();
  const place =
    'with coze_bot.helper, on main.tf line 2, in resource "coze_bot" "helper": 2: workspace = "123"';
  const next =
    "Check workspace, 123: it must be the id of a coze_workspace that the token has access to, such as coze_workspace.NAME.id, or data.coze_workspace.NAME.id for one that isn't managed here.";
  expect(complaintsIn(stdout)).toEqual([
    `Warning: Coze shows no coze_workspace 123 ${place} Applying will fail unless this is fixed. ${next} The call: bots_list_draft_published, code 4200, logid LOGID. (and one more similar warning elsewhere)`,
  ]);
  expect([...requests].sort()).toEqual(["bots_list_draft_published", "list_dataset"]);
  const { stderr } = await story.fail("apply", "-auto-approve");
  expect(complaintsIn(stderr)).toContain(
    `Error: could not create coze_bot: the object doesn't exist ${place} The requested resource does not exist: workspace 123. ${next} The call: create_bot, code 4200, logid LOGID.`,
  );
});

terraformTest("a workspace that the token may not see is told of by its id", async () => {
  const faults = [
    { operation: ["bots_list_draft_published", "list_dataset"], fault: "refuse", code: 4101 },
  ] as const;
  const story = await createTerraformStory({ files: configure(inside('"123"')), emulator: { faults } });
  const { stdout, requests } = await story.plan();
  const [only = "", ...others] = complaintsIn(stdout);
  expect(others).toEqual([]);
  expect(only).toContain(
    "applying may fail as well. Check workspace, 123: it must be the id of a coze_workspace that the token has access to, such as",
  );
  expect([...requests].sort()).toEqual(["bots_list_draft_published", "list_dataset"]);
});

terraformTest("a holder that this run makes is there, whatever lists say", async () => {
  const faults = [{ operation: "list_dataset", fault: "refuse", code: 4200 }] as const;
  const story = await createTerraformStory({
    files: configure(blocks.desk, inside("coze_workspace.desk.id")),
    emulator: { faults },
  });
  const { stdout } = await story.apply();
  expect(complaintsIn(stdout)).toEqual([]);
  expect(story.emulator.faults.hits.length).toBeGreaterThan(0);
});
