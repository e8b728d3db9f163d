import { describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { apply } from "../../src/commands/apply.ts";
import { plan } from "../../src/commands/plan.ts";
import { planPromotion } from "../../src/commands/promote.ts";
import { showState } from "../../src/commands/state.ts";
import type { InvalidInput } from "../../src/core/diagnostic.ts";
import type { Values } from "../../src/core/value.ts";
import type { EmulatorOptions, World } from "../../src/emulator/index.ts";
import {
  createFaults,
  createStory,
  failuresOf,
  manifest,
  manifests,
  type Story,
  summarize,
} from "../support/story.ts";

const environment = (name: string, more: Values = {}): Values => ({
  auth: { token: { env: name.toUpperCase() } },
  variables: { space: `客服 ${name}` },
  ...more,
});

const projectFile = (prod: Values = {}): string =>
  stringify({
    apiVersion: "cozeform/v1",
    kind: "Project",
    name: "desk",
    manifests: ["manifests/*.yaml"],
    environments: {
      dev: environment("dev"),
      staging: environment("staging"),
      prod: environment("prod", prod),
    },
  });

const workspace = manifest("Workspace", "desk", { name: "${var.space}", description: "客服" });

const copy = (name: string, source: Values, more: Values = {}) =>
  manifest("Copy", name, {
    type: Object.keys(source).find((word) => word !== "environment") ?? "",
    source: { environment: "dev", ...source },
    workspace: "desk",
    ...more,
  });

const bot = manifest("Bot", "support", {
  workspace: "desk",
  name: "助手",
  workflows: [{ copy: "invoice" }],
});

const put = (story: Story, ...documents: readonly string[]): void =>
  story.write({ "cozeform.yaml": projectFile(), "manifests/a.yaml": manifests(workspace, ...documents) });

/** A project with three environments, each with a token of its own. */
function createProject(...documents: readonly string[]) {
  const faults = createFaults();
  const tokens = { DEV: "pat_dev_5f2c81d0", STAGING: "pat_staging_77ab", PROD: "pat_prod_90e1c3aa" };
  const emulator: EmulatorOptions = {
    tokens: Object.values(tokens).map((token) => ({ token })),
    hooks: faults.hooks,
  };
  const story = createStory({ emulator, env: tokens });
  put(story, ...documents);
  const nameOf = (secret: string) =>
    story.emulator.tokens.list().find(({ token }) => token === secret)?.name ?? "";
  const names = { dev: nameOf(tokens.DEV), staging: nameOf(tokens.STAGING), prod: nameOf(tokens.PROD) };
  return { story, faults, tokens: names };
}

type Environment = "dev" | "staging" | "prod";

const stateOf = ({ host, common }: Story, environment: Environment, address: string) =>
  showState(host, { ...common, environment }, address);

const idOf = async (story: Story, environment: Environment, address: string): Promise<string> =>
  (await stateOf(story, environment, address)).id ?? "";

const copied = ({ emulator }: Story): readonly string[] =>
  emulator.requests
    .filter(({ operation }) => operation === "copy_resource_task")
    .map(({ body }) => (body as { entity_id: string }).entity_id);

async function applyTo(story: Story, environment: Environment): Promise<void> {
  expect(failuresOf(await story.apply({ environment }))).toEqual([]);
}

const planOf = async (story: Story, environment: Environment) => summarize(await story.plan({ environment }));

const complaintsOf = async (story: Story, environment: Environment) => {
  const error = await story.plan({ environment }).catch((refusal: unknown) => refusal);
  const { diagnostics = [] } = error as {
    diagnostics?: readonly { message: string; hint?: string; at?: { file: string; line: number } }[];
  };
  return diagnostics.map(({ message, hint, at }) => [`${at?.file}:${at?.line}`, message, hint]);
};

/** Dev applied, with a workflow made in its workspace by hand. */
async function beginDev(story: Story, name = "invoice"): Promise<{ desk: string; workflow: string }> {
  expect(failuresOf(await story.apply({ environment: "dev", targets: ["Workspace.desk"] }))).toEqual([]);
  const desk = await idOf(story, "dev", "Workspace.desk");
  const workflow = story.emulator.world.addWorkflow({ space_id: desk, name }).id;
  await applyTo(story, "dev");
  return { desk, workflow };
}

const edit = (world: World, id: string): void => {
  const workflow = world.workflows.get(id);
  if (workflow) workflow.updated_at = world.seconds() + 60;
};

const usedBy = ({ emulator: { world } }: Story, id: string) =>
  world.bots.get(id)?.draft.workflow_id_list?.ids;

describe("the same manifests in two environments", () => {
  test("stand for the original in the one that has it, and copy it to the other", async () => {
    const { story } = createProject(copy("invoice", { workflow: "invoice" }), bot);
    const { workflow } = await beginDev(story);
    const devBot = await idOf(story, "dev", "Bot.support");
    expect(usedBy(story, devBot)).toEqual([{ id: workflow }]);
    expect([copied(story), await planOf(story, "dev")]).toEqual([[], []]);

    expect(await planOf(story, "prod")).toEqual([
      "create Bot.support",
      "create Copy.invoice",
      "create Workspace.desk",
    ]);
    await applyTo(story, "prod");
    expect(copied(story)).toEqual([workflow]);
    const { id = "", spec } = await stateOf(story, "prod", "Copy.invoice");
    expect(usedBy(story, await idOf(story, "prod", "Bot.support"))).toEqual([{ id }]);
    expect(spec).toMatchObject({
      source: { environment: "dev", workflow: "invoice", id: workflow, called: "invoice" },
      revision: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect(await planOf(story, "prod")).toEqual([]);
  });

  test("send no id of the one to the other but that of what is copied", async () => {
    const { story, tokens } = createProject(copy("invoice", { workflow: "invoice" }), bot);
    const dev = await beginDev(story);
    const ids = [dev.workflow, dev.desk, await idOf(story, "dev", "Bot.support")];
    const before = story.emulator.requests.length;
    await applyTo(story, "prod");
    await planOf(story, "prod");
    const requests = story.emulator.requests.slice(before);
    const bearing = requests.map(({ method, path, body, token, operation }) => {
      const { entity_id: copied, ...rest } = (body ?? {}) as Values;
      const text = JSON.stringify([method, path, operation === "copy_resource_task" ? rest : body]);
      return { token, copied, devs: ids.filter((id) => text.includes(id)) };
    });
    expect(bearing.filter(({ token, devs }) => token !== tokens.dev && devs.length > 0)).toEqual([]);
    expect(bearing.flatMap(({ copied }) => copied ?? [])).toEqual([dev.workflow]);
    // Dev is read with its own token, once, and prod with prod's.
    expect(requests.filter(({ token }) => token === tokens.dev).map(({ path }) => path)).toEqual([
      expect.stringContaining(`workspace_id=${dev.desk}`),
    ]);
    expect(new Set(requests.map(({ token }) => token))).toEqual(new Set([tokens.dev, tokens.prod]));
  });
});

describe("what was copied", () => {
  const wanted = (source: Values = { workflow: "invoice" }, more: Values = {}) =>
    copy("invoice", source, more);

  test("stays when the original was changed, and its environment isn't asked", async () => {
    const { story, tokens } = createProject(wanted(), bot);
    const { workflow } = await beginDev(story);
    await applyTo(story, "prod");
    edit(story.emulator.world, workflow);
    const before = story.emulator.requests.length;
    const host = { ...story.host, env: { ...story.host.env, DEV: undefined } };
    const options = { ...story.common, environment: "prod" };
    expect(summarize(await plan(host, options))).toEqual([]);
    await apply(host, { ...options, approve: async () => true });
    const asked = story.emulator.requests.slice(before).map(({ token }) => token);
    expect(new Set(asked)).toEqual(new Set([tokens.prod]));
    expect(copied(story)).toEqual([workflow]);
  });

  test("stays when the original is another one by now, until its revision is changed", async () => {
    const { story } = createProject(wanted(), bot);
    const { desk, workflow } = await beginDev(story);
    await applyTo(story, "prod");
    story.emulator.world.workflows.delete(workflow);
    const again = story.emulator.world.addWorkflow({ space_id: desk, name: "invoice" }).id;
    expect(await planOf(story, "prod")).toEqual([]);
    put(story, wanted({ workflow: "invoice" }, { revision: "2" }), bot);
    expect(await planOf(story, "prod")).toEqual(["update Bot.support", "replace Copy.invoice"]);
    await applyTo(story, "prod");
    expect(copied(story)).toEqual([workflow, again]);
    expect(usedBy(story, await idOf(story, "prod", "Bot.support"))).toEqual([
      { id: await idOf(story, "prod", "Copy.invoice") },
    ]);
  });

  test("is made once per revision; one that is taken out and put back changes nothing", async () => {
    const { story } = createProject(wanted({ workflow: "invoice" }, { revision: "1" }));
    const { workflow } = await beginDev(story);
    await applyTo(story, "prod");
    put(story, wanted({ workflow: "invoice" }, { revision: "2" }));
    expect(await planOf(story, "prod")).toEqual(["replace Copy.invoice"]);
    await applyTo(story, "prod");
    expect(copied(story)).toEqual([workflow, workflow]);
    put(story, wanted());
    expect(await planOf(story, "prod")).toEqual([]);
    await applyTo(story, "prod");
    expect((await stateOf(story, "prod", "Copy.invoice")).spec.revision).toBe("2");
    put(story, wanted({ workflow: "invoice" }, { revision: "2" }));
    expect(await planOf(story, "prod")).toEqual([]);
    expect(copied(story)).toHaveLength(2);
  });

  test("is replaced when another name is its source", async () => {
    const { story } = createProject(wanted());
    const { desk } = await beginDev(story);
    await applyTo(story, "prod");
    story.emulator.world.addWorkflow({ space_id: desk, name: "refund" });
    put(story, wanted({ workflow: "refund" }));
    const planned = await story.plan({ environment: "prod" });
    expect(summarize(planned)).toEqual(["replace Copy.invoice"]);
    const step = planned.plan.steps.find(({ address }) => address === "Copy.invoice");
    expect(step?.because).toContain("source.workflow can't be updated in place");
  });

  test("stays the same by the name of its original and by its id", async () => {
    const { story } = createProject(wanted());
    const { workflow } = await beginDev(story);
    const byId = manifest("Copy", "invoice", {
      type: "workflow",
      source: { id: workflow },
      workspace: "desk",
    });
    put(story, byId);
    await applyTo(story, "prod");
    put(story, wanted());
    expect(await planOf(story, "prod")).toEqual([]);
    await applyTo(story, "prod");
    expect((await stateOf(story, "prod", "Copy.invoice")).spec.source).toEqual({
      environment: "dev",
      workflow: "invoice",
      id: workflow,
      called: "invoice",
    });
    put(story, byId);
    expect(await planOf(story, "prod")).toEqual([]);
    expect(copied(story)).toEqual([workflow]);
  });

  test("is found again when its answer got lost, by the name of its original and without asking for its id", async () => {
    const { story, faults, tokens } = createProject(wanted(), bot);
    const { desk, workflow } = await beginDev(story, "invoice");
    faults.breakAfter("copy_resource_task");
    const { result } = await story.apply({ environment: "prod" });
    expect(result?.pending).toHaveLength(1);
    faults.heal();
    await story.host.clock.sleep(10_000);
    await planOf(story, "dev");
    // By now the name stands for another one.
    story.emulator.world.workflows.delete(workflow);
    story.emulator.world.addWorkflow({ space_id: desk, name: "invoice" });
    await applyTo(story, "prod");
    expect(await planOf(story, "prod")).toEqual([]);
    expect(copied(story)).toEqual([workflow]);
    const paths = story.emulator.requests
      .filter(({ token }) => token === tokens.prod)
      .map(({ path }) => path);
    expect(paths.filter((path) => path.includes(workflow))).toEqual([]);
  });
});

describe("an original", () => {
  test("in an environment between is the copy that was made there", async () => {
    const { story, tokens } = createProject(copy("invoice", { workflow: "开票流程" }), bot);
    story.write({
      "cozeform.yaml": projectFile({ patches: ["prod/*.yaml"] }),
      "prod/a.yaml": stringify({
        apiVersion: "cozeform/v1",
        kind: "Copy",
        metadata: { name: "invoice" },
        spec: { source: { environment: "staging", workflow: "invoice" } },
      }),
    });
    const { workflow } = await beginDev(story, "开票流程");
    expect(await complaintsOf(story, "prod")).toEqual([
      [
        "prod/a.yaml:8",
        "the original of Copy.invoice is in Workspace.desk, which isn't created in staging yet",
        "apply staging first: cozeform apply -e staging",
      ],
    ]);
    expect(failuresOf(await story.apply({ environment: "staging", targets: ["Workspace.desk"] }))).toEqual(
      [],
    );
    expect(await complaintsOf(story, "prod")).toEqual([
      [
        "prod/a.yaml:8",
        'staging has no workflow called "invoice" in Workspace.desk',
        "Copy.invoice creates it there when it is applied: cozeform apply -e staging",
      ],
    ]);
    await applyTo(story, "staging");
    const between = await idOf(story, "staging", "Copy.invoice");
    await applyTo(story, "prod");
    expect(copied(story)).toEqual([workflow, between]);
    expect((await stateOf(story, "prod", "Copy.invoice")).spec).toMatchObject({
      source: { environment: "staging", workflow: "invoice", id: between, called: "开票流程" },
      revision: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    const ids = [between, workflow, await idOf(story, "staging", "Workspace.desk")];
    const leaks = story.emulator.requests
      .filter(({ token, operation }) => token === tokens.prod && operation !== "copy_resource_task")
      .filter(({ path, body }) =>
        ids.some((id) => path.includes(id) || JSON.stringify(body ?? 0).includes(id)),
      );
    expect(leaks).toEqual([]);
    // A new copy in staging doesn't by itself replace prod's.
    put(story, copy("invoice", { workflow: "开票流程" }, { revision: "2" }), bot);
    await applyTo(story, "staging");
    expect(await idOf(story, "staging", "Copy.invoice")).not.toBe(between);
    put(story, copy("invoice", { workflow: "开票流程" }), bot);
    story.write({ "cozeform.yaml": projectFile({ patches: ["prod/*.yaml"] }) });
    expect(await planOf(story, "prod")).toEqual([]);
  });

  test("is a bot that its environment manages, or one that Coze calls so", async () => {
    const { story } = createProject(bot, copy("invoice", { workflow: "invoice" }));
    await beginDev(story);
    const devBot = await idOf(story, "dev", "Bot.support");
    const other = story.emulator.world.addBot({
      space_id: await idOf(story, "dev", "Workspace.desk"),
      draft: { name: "退货助手" },
    }).id;
    const bots = [copy("support", { bot: "support" }), copy("returns", { bot: "退货助手" })];
    put(story, bot, copy("invoice", { workflow: "invoice" }), ...bots);
    await applyTo(story, "dev");
    expect(copied(story)).toEqual([]);
    await applyTo(story, "prod");
    expect([...copied(story)].sort()).toEqual(
      [devBot, other, (await stateOf(story, "prod", "Copy.invoice")).spec.source]
        .map((one) => (typeof one === "string" ? one : (one as { id: string }).id))
        .sort(),
    );
  });

  test("is listed with others of its workspace and type, once", async () => {
    const { story, tokens } = createProject(copy("invoice", { workflow: "invoice" }));
    const { desk } = await beginDev(story);
    const { world } = story.emulator;
    for (const name of ["refund", "order"]) world.addWorkflow({ space_id: desk, name });
    for (const name of ["订单后台", "小店"]) world.addApp({ space_id: desk, name });
    put(
      story,
      copy("invoice", { workflow: "invoice" }),
      copy("refund", { workflow: "refund" }),
      copy("order", { workflow: "order" }),
      copy("orders", { app: "订单后台" }),
      copy("shop", { app: "小店" }),
    );
    const before = story.emulator.requests.length;
    const planned = await story.plan({ environment: "prod" });
    const there = story.emulator.requests.slice(before).filter(({ token }) => token === tokens.dev);
    expect(there.map(({ operation }) => operation).sort()).toEqual([
      "get_workflow_list",
      "published_apps_list",
    ]);
    expect(planned.calls.made).toBe(story.emulator.requests.length - before);
    await applyTo(story, "prod");
    expect(new Set(copied(story)).size).toBe(5);
  });

  test("that isn't there, or is several, or may not be seen, is told with the line that names it", async () => {
    const { story, faults } = createProject(
      copy("invoice", { workflow: "invoice" }),
      copy("shop", { app: "小店" }),
    );
    const { desk } = await beginDev(story, "invoicing");
    expect(await complaintsOf(story, "prod")).toEqual([
      [
        "manifests/a.yaml:17",
        'dev has no workflow called "invoice" in Workspace.desk',
        'set the name that Coze shows there, or the id of the original: source: {id: "…"}',
      ],
      [
        "manifests/a.yaml:28",
        'dev has no app called "小店" in Workspace.desk',
        'set the name that Coze shows there, or the id of the original: source: {id: "…"}',
      ],
    ]);
    story.emulator.world.addApp({ space_id: desk, name: "小店" });
    const ids = [1, 2].map(() => story.emulator.world.addWorkflow({ space_id: desk, name: "invoice" }).id);
    expect(await complaintsOf(story, "prod")).toEqual([
      [
        "manifests/a.yaml:17",
        `dev has more than one workflow called "invoice" in Workspace.desk: ${ids.join(", ")}`,
        'choose one with source: {id: "…"}, or give them different names',
      ],
    ]);
    faults.refuse("get_workflow_list");
    await expect(story.plan({ environment: "prod" })).rejects.toMatchObject({
      name: "LookFailed",
      message: expect.stringMatching(/^in dev: /),
      subject: "Copy.invoice",
      at: { file: "manifests/a.yaml", line: 18 },
    });
  });

  test("in an environment that can't be read is told with what is wrong there", async () => {
    const { story } = createProject(copy("invoice", { workflow: "invoice" }));
    const env = { ...story.host.env, DEV: undefined };
    const refusal = await plan({ ...story.host, env }, { ...story.common, environment: "prod" }).catch(
      (error: unknown) => error as InvalidInput,
    );
    expect(
      "diagnostics" in refusal && refusal.diagnostics.map(({ message, at }) => [message, at?.line]),
    ).toEqual([
      ["there is no token: the environment variable DEV is not set", 9],
      ["the original of Copy.invoice is in dev, which can't be read", 17],
    ]);
    expect(story.emulator.requests).toEqual([]);
  });

  test("isn't looked for under an id of another environment", async () => {
    const only = (id: string) =>
      manifest(
        "Copy",
        "it",
        { type: "workflow", source: { environment: "dev", workflow: "invoice" }, workspace: { id } },
        { for_each: ["${var.space}"] },
      );
    const { story } = createProject(only("1"));
    await beginDev(story);
    const { id } = story.emulator.world.addWorkspace({ name: "别处" });
    put(story, only(id));
    expect(await complaintsOf(story, "prod")).toEqual([
      [
        "manifests/a.yaml:19",
        'Copy.it["客服 prod"] has no manifest in dev that names the Workspace of its original',
        'set the id of the original: source: {id: "…"}',
      ],
    ]);
  });

  test("is looked for only where it takes part, and not when Coze isn't asked", async () => {
    const { story } = createProject(copy("invoice", { workflow: "invoice" }), bot);
    expect(failuresOf(await story.apply({ environment: "prod", targets: ["Workspace.desk"] }))).toEqual([]);
    expect(summarize(await story.plan({ environment: "prod", refresh: "none" }))).toEqual([
      "create Bot.support",
      "create Copy.invoice",
    ]);
    expect(await complaintsOf(story, "prod")).toHaveLength(1);
  });
});

describe("a stand-in for the original of its own environment", () => {
  test("leads to what makes the original, and to lookups that are told at the reference", async () => {
    const made = manifest("Copy", "made", { type: "workflow", source: { id: "1" }, workspace: "desk" });
    const { story } = createProject(made, copy("invoice", { workflow: "made" }), bot);
    const { world } = story.emulator;
    const origin = world.addWorkflow({ space_id: world.addWorkspace({ name: "源" }).id, name: "开票" }).id;
    const from = (source: Values) =>
      manifest("Copy", "made", { type: "workflow", source, workspace: "desk" });
    put(story, from({ id: origin }), copy("invoice", { workflow: "made" }), bot);
    await applyTo(story, "dev");
    expect(usedBy(story, await idOf(story, "dev", "Bot.support"))).toEqual([
      { id: await idOf(story, "dev", "Copy.made") },
    ]);
    put(story, from({ id: origin }), copy("invoice", { workflow: "nix" }), bot);
    expect(await complaintsOf(story, "dev")).toEqual([
      [
        "manifests/a.yaml:38",
        'Coze has no Workflow {name: "nix", workspace: "Workspace.desk"}',
        "check the lookup, or use {id: …}",
      ],
    ]);
  });

  test("in a workspace that is looked up, also where the one who refers to it is elsewhere", async () => {
    const looked = manifest("Copy", "invoice", {
      type: "workflow",
      source: { environment: "dev", workflow: "开票" },
      workspace: { lookup: { name: "流程 dev" } },
    });
    const { story } = createProject(looked, bot);
    const { world } = story.emulator;
    const space_id = world.addWorkspace({ name: "流程 dev" }).id;
    const workflow = world.addWorkflow({ space_id, name: "开票" }).id;
    await applyTo(story, "dev");
    expect(usedBy(story, await idOf(story, "dev", "Bot.support"))).toEqual([{ id: workflow }]);
    expect(await planOf(story, "dev")).toEqual([]);
    world.workspaces.delete(space_id);
    expect(await complaintsOf(story, "dev")).toEqual([
      ["manifests/a.yaml:30", 'Coze has no Workspace {name: "流程 dev"}', "check the lookup, or use {id: …}"],
    ]);
  });

  test("lets go of the copy that was made before, and is a good target", async () => {
    const { story } = createProject();
    const { world } = story.emulator;
    const origin = world.addWorkflow({ space_id: world.addWorkspace({ name: "源" }).id, name: "invoice" }).id;
    put(
      story,
      manifest("Copy", "invoice", { type: "workflow", source: { id: origin }, workspace: "desk" }),
      bot,
    );
    await applyTo(story, "dev");
    put(story, copy("invoice", { workflow: "invoice" }), bot);
    expect(await planOf(story, "dev")).toEqual(["abandon Copy.invoice"]);
    await applyTo(story, "dev");
    expect(await planOf(story, "dev")).toEqual([]);
    expect(summarize(await story.plan({ environment: "dev", targets: ["Copy.invoice"] }))).toEqual([]);
    expect(await planOf(story, "prod")).toContain("create Copy.invoice");
  });
});

describe("a promotion", () => {
  const promotion = (story: Story) =>
    planPromotion(story.host, { ...story.common, environment: "prod", from: "dev" });

  test("makes a new copy where the original was changed, and of a pinned revision none", async () => {
    const { story, tokens } = createProject(
      copy("invoice", { workflow: "invoice" }),
      copy("refund", { workflow: "refund" }, { revision: "1" }),
      copy("order", { workflow: "order" }),
    );
    const { world } = story.emulator;
    await applyTo(story, "dev");
    const space_id = await idOf(story, "dev", "Workspace.desk");
    const [invoice = "", refund = ""] = ["invoice", "refund", "order"].map(
      (name) => world.addWorkflow({ space_id, name }).id,
    );
    await applyTo(story, "prod");
    expect(summarize(await promotion(story))).toEqual([]);
    for (const id of [invoice, refund]) edit(world, id);
    const before = story.emulator.requests.length;
    expect(summarize(await promotion(story))).toEqual(["replace Copy.invoice"]);
    const there = story.emulator.requests.slice(before).filter(({ token }) => token === tokens.dev);
    expect(there.map(({ operation }) => operation)).toEqual(["get_workflow_list"]);
    // A plain plan leaves it to promotions.
    expect(await planOf(story, "prod")).toEqual([]);
  });
});
