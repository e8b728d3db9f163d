import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect } from "@jest/globals";
import type { Hooks } from "../../../src/emulator/http/server.ts";
import { createTerraformStory, type TerraformStory, terraformTest } from "../../support/terraform.ts";
import { blocks, complaintsIn, configure, heldBy, proposedImport, writesOf } from "./stage.ts";

/** Hooks of an emulator that tell when an operation has taken effect for the first time. */
function watchFor(operation: string): { readonly hooks: Hooks; readonly met: Promise<void> } {
  let tell = () => {};
  const met = new Promise<void>((done) => {
    tell = done;
  });
  return {
    met,
    hooks: {
      after: (exchange) => {
        if (exchange.operation === operation) tell();
        return undefined;
      },
    },
  };
}

/** Numbers of the processes that run the story's provider. */
function providersOf({ env }: TerraformStory): readonly number[] {
  const home = dirname(env.TF_CLI_CONFIG_FILE ?? "nowhere");
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/u.test(name)) return [];
    try {
      return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(`${home}/bin/terraform-provider-coze`)
        ? [Number(name)]
        : [];
    } catch {
      return [];
    }
  });
}

/** Resolves when all these processes have ended. */
const ended = (pids: readonly number[]) =>
  Promise.all(pids.map((pid) => once(spawn("tail", ["-f", `--pid=${pid}`, "/dev/null"]), "close")));

const document = configure(
  blocks.desk,
  blocks.policies,
  blocks.returns,
  `\
resource "coze_bot" "helper" {
  workspace  = coze_workspace.desk.id
  name       = "售后助手"
  depends_on = [coze_document.returns]
}
`,
);

terraformTest(
  "an interrupt while Coze processes a document: the next apply waits on, and goes on",
  async () => {
    const { hooks, met } = watchFor("get_dataset_progress");
    const story = await createTerraformStory({
      served: "executable",
      files: document,
      emulator: { hooks, world: { processingMs: 3_600_000 } },
    });
    const { world } = story.emulator;
    const running = story.start("apply", "-auto-approve");
    await met;
    const providers = providersOf(story);
    expect(providers).toHaveLength(1);
    running.child.kill("SIGINT");
    const { exitCode, stdout, stderr } = await running.ended;
    expect(exitCode).toBe(1);
    expect(complaintsIn(stdout)).toEqual([
      'Warning: Coze is still processing it with coze_document.returns, on main.tf line 12, in resource "coze_document" "returns": 12: resource "coze_document" "returns" { The next apply continues to wait for it.',
    ]);
    expect([...new Set(complaintsIn(stderr))]).toEqual(["Error: execution halted"]);
    await ended(providers);
    expect(providersOf(story)).toEqual([]);
    const [id = ""] = world.documents.keys();
    expect(await heldBy(story)).toMatchObject({ "coze_document.returns": id });
    expect(Object.keys(await heldBy(story))).not.toContain("coze_bot.helper");
    expect(await story.resource("coze_document.returns")).toMatchObject({ unfinished: ["settle"] });

    Object.assign(world.documents.get(id) ?? {}, { ready_at_ms: 0 });
    expect((await story.plan()).actions).toMatchObject({ "coze_document.returns": "update" });
    expect(await writesOf(story, () => story.apply("saved.tfplan"))).toEqual(["create_bot"]);
    expect(await story.resource("coze_document.returns")).toMatchObject({
      unfinished: null,
      status: "ready",
    });
    await story.expectNoChanges();
  },
);

const copy = (desk: string, workflow: string) => ({
  "main.tf": `\
resource "coze_copy" "orders" {
  type      = "workflow"
  source    = { workflow = "${workflow}" }
  workspace = "${desk}"
}
`,
});

async function openCopy(hooks: Hooks) {
  const story = await createTerraformStory({ served: "executable", files: {}, emulator: { hooks } });
  const { world } = story.emulator;
  const [source = "", desk = ""] = ["源", "客服"].map((name) => world.addWorkspace({ name }).id);
  const workflow = world.addWorkflow({ space_id: source, name: "查订单" }).id;
  story.write(copy(desk, workflow));
  return { ...story, workflow, desk };
}

terraformTest("an interrupt while Coze copies: the next apply waits for the same task", async () => {
  const { hooks, met } = watchFor("query_resource_copy_execution_result");
  const { workflow, desk, ...story } = await openCopy(hooks);
  const { world } = story.emulator;
  world.paceCopyOf(workflow, Number.POSITIVE_INFINITY);
  const running = story.start("apply", "-auto-approve");
  await met;
  const providers = providersOf(story);
  running.child.kill("SIGINT");
  const { exitCode, stderr } = await running.ended;
  expect(exitCode).toBe(1);
  expect(complaintsIn(stderr)).toContain(
    'Error: could not create coze_copy with coze_copy.orders, on main.tf line 1, in resource "coze_copy" "orders": 1: resource "coze_copy" "orders" { Coze is still processing it (interrupted). Apply again to continue waiting.',
  );
  await ended(providers);
  const [task = ""] = world.copyTasks.keys();
  expect(await heldBy(story)).toEqual({ "coze_copy.orders": "null (tainted)" });
  expect(await story.resource("coze_copy.orders")).toMatchObject({ task, unfinished: ["create", "settle"] });

  world.allowCopyOf(workflow);
  expect(await writesOf(story, () => story.apply())).toEqual([]);
  const copies = [...world.workflows.values()].filter(({ space_id }) => space_id === desk);
  expect(copies.map(({ id }) => id)).toEqual([(await story.resource("coze_copy.orders"))?.id]);
  expect(await story.resource("coze_copy.orders")).toMatchObject({ task: null, unfinished: null });
  await story.expectNoChanges();
});

/** A run whose Terraform and provider are killed when an operation has been answered for the first time. */
async function killAfter(
  target: string,
  files: { readonly [path: string]: string },
  begin?: (story: TerraformStory) => Promise<void>,
): Promise<TerraformStory> {
  let kill = () => {};
  const hooks: Hooks = {
    after: ({ operation }) => {
      if (operation === target) kill();
      return undefined;
    },
  };
  const story = await createTerraformStory({
    served: "executable",
    files,
    emulator: { hooks, world: { processingMs: 0 } },
  });
  await begin?.(story);
  const running = story.start("apply", "-auto-approve");
  let providers: readonly number[] = [];
  kill = () => {
    providers = providersOf(story);
    running.child.kill("SIGKILL");
    for (const pid of providers) process.kill(pid, "SIGKILL");
    kill = () => {};
  };
  expect((await running.ended).exitCode).toBe(null);
  expect(providers).toHaveLength(1);
  await ended(providers);
  return story;
}

terraformTest(
  "terraform is killed while it makes a bot: what it made is found by its name, and taken over",
  async () => {
    const story = await killAfter("create_bot", document);
    const { world } = story.emulator;

    expect(Object.keys(await heldBy(story))).toEqual([
      "coze_dataset.policies",
      "coze_document.returns",
      "coze_workspace.desk",
    ]);
    const plan = await story.plan();
    expect(plan.actions).toMatchObject({ "coze_bot.helper": "create", "coze_document.returns": "no-op" });
    expect(complaintsIn(plan.stdout)).toEqual([
      'Warning: coze_bot ID already exists with coze_bot.helper, on main.tf line 18, in resource "coze_bot" "helper": 18: resource "coze_bot" "helper" { It has the same name. To import it rather than create another one, add this block, with the address above as "to": import { to = coze_bot.NAME id = "ID/ID" }',
    ]);
    story.write({ "import.tf": proposedImport(plan.stdout, "coze_bot.helper") });
    expect((await story.plan()).json.resource_changes).toMatchObject([
      { address: "coze_bot.helper", change: { importing: { id: expect.any(String) } } },
      {},
      {},
      {},
    ]);
    expect(await writesOf(story, () => story.apply())).toEqual([]);
    await story.expectNoChanges();
    expect([world.bots.size, world.datasets.size, world.documents.size]).toEqual([1, 1, 1]);
  },
);

const drafted = configure(
  blocks.desk,
  `\
resource "coze_bot" "helper" {
  workspace = coze_workspace.desk.id
  name      = "售后助手"
  prompt    = "你是售后助手。"
  publish   = { connectors = [{ id = "1024" }] }
}
`,
);

terraformTest(
  "after a kill, the setting says whether a rerun makes a bot again, refuses or adopts it",
  async () => {
    const story = await killAfter("create_bot", drafted);
    const { world } = story.emulator;
    const [id = ""] = world.bots.keys();
    expect(Object.keys(await heldBy(story))).toEqual(["coze_workspace.desk"]);

    story.env.COZEFORM_EXISTING = "error";
    const refused = await story.fail("apply", "-auto-approve");
    expect(complaintsIn(refused.stderr)).toEqual([
      'Error: coze_bot ID already exists with coze_bot.helper, on main.tf line 6, in resource "coze_bot" "helper": 6: resource "coze_bot" "helper" { It has the same name and isn\'t in the state, so no other one is created. To import it, add this block, with the address above as "to". Or change name, or set existing = "adopt" in the provider\'s configuration. If the state has it under another address, add a moved block. import { to = coze_bot.NAME id = "ID/ID" }',
    ]);
    // The workspaces are listed to read the one in the state, and its bots for the creation.
    expect(refused.requests).toEqual([
      "list_workspace",
      "bots_list_draft_published",
      "bots_list_draft_published",
    ]);
    expect([...world.bots.keys()]).toEqual([id]);

    story.env.COZEFORM_EXISTING = "adopt";
    const adopting = await story.apply();
    expect(adopting.requests.filter((name) => /create|update/u.test(name))).toEqual([]);
    expect(adopting.requests.filter((name) => name === "publish_bot")).toHaveLength(1);
    expect([...world.bots.values()].map(({ channels }) => Object.keys(channels))).toEqual([["1024"]]);
    expect(await heldBy(story)).toMatchObject({ "coze_bot.helper": id });
    await story.expectNoChanges();

    await story.run("state", "rm", "coze_bot.helper");
    story.env.COZEFORM_EXISTING = "warn";
    await story.apply();
    expect(world.bots.size).toBe(2);

    await story.run("state", "rm", "coze_bot.helper");
    story.env.COZEFORM_EXISTING = "adopt";
    const several = await story.fail("apply", "-auto-approve");
    expect(complaintsIn(several.stderr).map((text) => text.slice(0, 49))).toEqual([
      "Error: 2 objects could be adopted as coze_bot wit",
    ]);
    expect(world.bots.size).toBe(2);
  },
);
