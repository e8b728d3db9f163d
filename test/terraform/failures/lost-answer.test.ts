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

/** Makes everything while something goes wrong; gives the world, and how often what was called. */
async function makeDespite(faults: readonly FaultRule[], served: Story["served"] = "in-process") {
  const story = await createTerraformStory({ files, served, emulator: { faults } });
  await story.apply();
  const hits = story.emulator.faults.hits.length;
  story.emulator.faults.clear();
  await story.expectNoChanges();
  const writes = story.writes();
  const calls = Object.fromEntries(
    creations.map((name) => [name, writes.filter((operation) => operation === name).length]),
  );
  return { world: describeWorld(story.emulator.world), calls, hits };
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
  // On a clock that stands still nothing arrives together: each member and document has a call of its own.
  const once = {
    create_workspace: 1,
    create_dataset: 1,
    create_bot: 1,
    create_callback_app: 1,
    create_knowledge_files: 3,
    add_space_member: 3,
  };
  let whole: unknown;
  terraformTest("(without faults, everything is made once)", async () => {
    const { world, calls, hits } = await makeDespite([]);
    whole = world;
    expect({ calls, hits }).toEqual({ calls: once, hits: 0 });
  });

  type Creation = (typeof creations)[number];
  const ways: { readonly [way: string]: (operation: Creation) => Promise<void> } = {
    async "it took effect, and is found"(operation) {
      expect(await makeDespite([drop(operation, "after")])).toEqual({ world: whole, calls: once, hits: 1 });
    },
    async "it took effect, and is found although lists lag"(operation) {
      const { world, calls } = await makeDespite([drop(operation, "after"), lag]);
      expect({ world, calls }).toEqual({ world: whole, calls: once });
    },
    async "it took none, and is made a second time"(operation) {
      const calls = { ...once, [operation]: once[operation] + 1 };
      expect(await makeDespite([drop(operation, "before")])).toEqual({ world: whole, calls, hits: 1 });
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

  const together = { ...once, create_knowledge_files: 1, add_space_member: 1 };
  terraformTest("several that went out together are all found", async () => {
    const faults = [drop("create_knowledge_files", "after"), drop("add_space_member", "after")];
    expect(await makeDespite(faults, "executable")).toEqual({ world: whole, calls: together, hits: 2 });
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
      'Warning: coze_callback_app ID already exists with coze_callback_app.hook, on main.tf line 1, in resource "coze_callback_app" "hook": 1: resource "coze_callback_app" "hook" { It has the same name. To import it rather than create another one, add this block, with the address above as "to": import { to = coze_callback_app.NAME id = "ID" }',
    ]);
    story.write({ "import.tf": proposedImport(stdout, "coze_callback_app.hook") });
    expect((await story.plan()).actions).toEqual({ "coze_callback_app.hook": "update" });
    await story.apply();
    await story.expectNoChanges();
    expect([...world.callbackApps.keys()]).toEqual([id]);
  },
);
