import { describe, expect } from "@jest/globals";
import type { FaultRule } from "../../../src/emulator/index.ts";
import { sampleOf } from "../../support/sample.ts";
import { createTerraformStory, terraformTest } from "../../support/terraform.ts";
import { describeWorld } from "../../support/world.ts";
import { blocks, complaintsIn, configure, heldBy, proposedImport } from "./stage.ts";

const files = {
  ...configure(
    blocks.desk,
    `\
resource "coze_workspace_member" "staff" {
  for_each  = toset(["1000000000000101", "1000000000000102", "1000000000000103"])
  workspace = coze_workspace.desk.id
  user_id   = each.key
  role      = "member"
}
`,
    blocks.policies,
    `\
resource "coze_document" "policies" {
  for_each = toset(["退换货", "发票", "物流"])
  dataset  = coze_dataset.policies.id
  name     = each.key
  source   = { file = "\${path.cwd}/\${each.key}.txt" }
}

resource "coze_bot" "helper" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
  prompt    = "你是售后助手。"
  knowledge = { datasets = [coze_dataset.policies.id] }
  publish   = { connectors = [{ id = "1024" }] }
}
`,
    blocks.hook,
  ),
  ...Object.fromEntries(["退换货", "发票", "物流"].map((name) => [`${name}.txt`, `${name}的规则。`])),
};

type Story = NonNullable<Parameters<typeof createTerraformStory>[0]>;

/**
 * Makes everything while something goes wrong; gives the world, how many objects of each kind the calls asked for, all in
 * all and in those that were lost before they took effect, and how many faults were met.
 */
async function makeDespite(faults: readonly FaultRule[], served: Story["served"] = "in-process") {
  const story = await createTerraformStory({ files, served, emulator: { faults } });
  await story.apply();
  const hits = story.emulator.faults.hits.length;
  story.emulator.faults.clear();
  await story.expectNoChanges();
  const isLost = (operation: string) =>
    faults.some((rule) => rule.operation === operation && rule.fault === "drop" && rule.moment === "before");
  const count = (operation: string, isCounted: (one: { readonly status: number }) => boolean): number =>
    story.emulator.requests
      .filter((one) => one.operation === operation && isCounted(one))
      .reduce((sum, { body }) => sum + objectsIn(body), 0);
  const countAll = (isCounted: (one: { readonly status: number }, operation: string) => boolean) =>
    Object.fromEntries(creations.map((name) => [name, count(name, (one) => isCounted(one, name))]));
  return {
    world: describeWorld(story.emulator.world),
    asked: countAll(() => true),
    lost: countAll(({ status }, operation) => isLost(operation) && status === 0),
    hits,
  };
}

/** How many objects a creating call asks for: how many go together depends on the machine. */
function objectsIn(body: unknown): number {
  const { users, document_bases } = body as { readonly [key: string]: readonly unknown[] | undefined };
  return (users ?? document_bases ?? [body]).length;
}

const creations = [
  "create_workspace",
  "create_dataset",
  "create_bot",
  "create_callback_app",
  "create_knowledge_files",
  "add_space_member",
] as const;

const drop = (operation: string, moment: "before" | "after"): FaultRule => ({
  operation,
  fault: "drop",
  moment,
  calls: { times: 1 },
});

const lag: FaultRule = { operation: "reads", fault: "list-lag", ms: 3000 };

describe("a creation whose answer is lost", () => {
  const once = {
    create_workspace: 1,
    create_dataset: 1,
    create_bot: 1,
    create_callback_app: 1,
    create_knowledge_files: 3,
    add_space_member: 3,
  };
  const none = Object.fromEntries(creations.map((name) => [name, 0]));
  let whole: unknown;
  terraformTest("(without faults, everything is made once)", async () => {
    const { world, ...counts } = await makeDespite([]);
    whole = world;
    expect(counts).toEqual({ asked: once, lost: none, hits: 0 });
  });

  type Creation = (typeof creations)[number];
  const ways: { readonly [way: string]: (operation: Creation) => Promise<void> } = {
    async "it took effect, and is found"(operation) {
      const made = await makeDespite([drop(operation, "after")]);
      expect(made).toEqual({ world: whole, asked: once, lost: none, hits: 1 });
    },
    async "it took effect, and is found although lists lag"(operation) {
      const { world, asked } = await makeDespite([drop(operation, "after"), lag]);
      expect({ world, asked }).toEqual({ world: whole, asked: once });
    },
    async "it took none, and is made a second time"(operation) {
      const { lost, ...made } = await makeDespite([drop(operation, "before")]);
      const again = lost[operation] ?? 0;
      expect(again).toBeGreaterThan(0);
      const asked = { ...once, [operation]: once[operation] + again };
      expect({ lost, ...made }).toEqual({
        world: whole,
        asked,
        lost: { ...none, [operation]: again },
        hits: 1,
      });
    },
  };
  const losses = creations.flatMap((operation) =>
    Object.entries(ways).map(([way, expectRecovery]) => ({ operation, way, expectRecovery })),
  );
  for (const { operation, way, expectRecovery } of sampleOf(losses, 6, ({ operation, way }) => [
    operation,
    way,
  ])) {
    terraformTest(`${operation}: ${way}`, () => expectRecovery(operation));
  }

  terraformTest("several that went out together are all found", async () => {
    const faults = [drop("create_knowledge_files", "after"), drop("add_space_member", "after")];
    expect(await makeDespite(faults, "executable")).toEqual({
      world: whole,
      asked: once,
      lost: none,
      hits: 2,
    });
  });
});

const helper = {
  "main.tf": `\
resource "coze_callback_app" "hook" {
  name         = "发布通知"
  callback_url = "https://hooks.example.com/coze"
}
`,
};

terraformTest(
  "where nobody can look what came of a creation, the next move is said, and it is proposed",
  async () => {
    const story = await createTerraformStory({
      files: helper,
      emulator: {
        faults: [
          drop("create_callback_app", "after"),
          { operation: "list_callback_app", fault: "server-error", calls: { skip: 2 } },
        ],
      },
    });
    const { world, faults } = story.emulator;
    const failed = await story.fail("apply", "-auto-approve");
    const [id = ""] = world.callbackApps.keys();
    expect(complaintsIn(failed.stderr)).toEqual([
      'Error: could not create coze_callback_app with coze_callback_app.hook, on main.tf line 1, in resource "coze_callback_app" "hook": 1: resource "coze_callback_app" "hook" { It is unknown whether the call took effect: the connection was lost; the search for its result failed: Coze failed internally: Internal server error. The call: create_callback_app. Check in Coze whether it exists; if so, import it (id ID): another apply creates one more.',
    ]);
    expect(await heldBy(story)).toEqual({});
    faults.clear();
    const { actions, stdout } = await story.plan();
    expect(actions).toEqual({ "coze_callback_app.hook": "create" });
    expect(complaintsIn(stdout)).toEqual([
      'Warning: coze_callback_app ID already exists with coze_callback_app.hook, on main.tf line 1, in resource "coze_callback_app" "hook": 1: resource "coze_callback_app" "hook" { It has the same name. If the state has it under another address, add a moved block. Otherwise, to import it rather than create another one, add this block, with the address above as "to": import { to = coze_callback_app.NAME id = "ID" }',
    ]);
    story.write({ "import.tf": proposedImport(stdout, "coze_callback_app.hook") });
    expect((await story.plan()).actions).toEqual({ "coze_callback_app.hook": "update" });
    await story.apply();
    await story.expectNoChanges();
    expect([...world.callbackApps.keys()]).toEqual([id]);
  },
);
