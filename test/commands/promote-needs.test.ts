import { expect, test } from "@jest/globals";
import { promote } from "../../src/commands/promote.ts";
import { InvalidInput } from "../../src/core/diagnostic.ts";
import type { Values } from "../../src/core/value.ts";
import { createFaults, createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const project = (variables: { readonly [environment: string]: Values }): string => `apiVersion: cozeform/v1
kind: Project
manifests: [manifests/*.yaml]
environments: ${JSON.stringify(Object.fromEntries(Object.entries(variables).map(([name, one]) => [name, { variables: one }])))}
`;

const desk = manifest("Workspace", "desk", { name: "客服空间${var.suffix}", description: "客服" });
const copy = (name: string, source: Values, more: Values = {}) =>
  manifest("Copy", name, { type: "workflow", source, workspace: "desk", ...more });
const bot = (name: string, spec: Values = {}) =>
  manifest("Bot", name, {
    workspace: "desk",
    name: `${name}\${var.suffix}`,
    prompt: "你是客服。",
    publish: { connectors: ["api"] },
    ...spec,
  });

/** A project whose dev has a workflow that somebody built there; `write` sets all manifests but the workspace. */
async function createProject(variables: { readonly [environment: string]: Values } = {}) {
  const faults = createFaults();
  const story = createStory({ emulator: { hooks: faults.hooks } });
  const { world } = story.emulator;
  const write = (...documents: readonly string[]): void =>
    story.write({
      "cozeform.yaml": project({ dev: { suffix: "-dev" }, prod: { suffix: "" }, ...variables }),
      "manifests/all.yaml": manifests(desk, ...documents),
    });
  const applyTo = async (environment: string): Promise<void> =>
    expect(failuresOf(await story.apply({ environment }))).toEqual([]);
  write();
  await applyTo("dev");
  const dev = [...world.workspaces.values()].find(({ name }) => name === "客服空间-dev")?.id ?? "";
  const invoice = world.addWorkflow({ space_id: dev, name: "开票", content: "一" }).id;
  world.publishWorkflow(invoice);
  const find = (name: string) => [...world.bots.values()].find(({ draft }) => draft.name === name);
  return {
    ...story,
    put: story.write,
    faults,
    world,
    invoice,
    write,
    applyTo,
    promote: (more: { environment?: string; from?: string; addresses?: readonly string[] } = {}) =>
      promote(story.host, {
        ...story.common,
        environment: "prod",
        from: "dev",
        approve: async () => true,
        ...more,
      }),
    published: (name: string) => find(name)?.published,
    /** The contents of the workflows that callers of a bot run. */
    contents: (name: string) =>
      find(name)?.published?.workflow_id_list?.ids?.map(({ id }) => world.workflows.get(id)?.content),
    byHandIn: (name: string, change: object): void => {
      const id = find(name)?.id ?? "";
      world.editBot(id, change);
      world.publishBot(id, ["1024"]);
    },
    editWorkflow: (content: string): void => {
      world.editWorkflow(invoice, { content });
      world.publishWorkflow(invoice);
    },
  };
}

const complaintsOf = async (promise: Promise<unknown>) => {
  const error = await promise.catch((refusal: unknown) => refusal);
  return error instanceof InvalidInput
    ? error.diagnostics.map(({ message, hint }) => [message, hint])
    : error;
};

const told = ({ planned }: Awaited<ReturnType<typeof promote>>) =>
  planned.plan.diagnostics.map(({ severity, message }) => `${severity}: ${message}`);

test("documents of a dataset that a promoted bot draws on come before its callers see it", async () => {
  const story = await createProject();
  const dataset = (name: string) => manifest("Dataset", name, { workspace: "desk", name, format: "text" });
  const text = (name: string, of: string) =>
    manifest("Document", name, { dataset: of, name: `${name}.txt`, source: { file: "q.txt" } });
  story.put({ "q.txt": "七天无理由退货。" });
  story.write(
    dataset("faq"),
    text("returns", "faq"),
    text("freight", "faq"),
    dataset("unused"),
    text("other", "unused"),
    bot("support", { knowledge: { datasets: ["faq"] } }),
  );
  await story.applyTo("dev");

  story.faults.refuse("create_knowledge_files");
  expect((await story.promote()).result).toMatchObject({ switched: false });
  expect(story.published("support")).toBeUndefined();

  story.faults.heal();
  const before = story.emulator.requests.length;
  const { planned, result } = await story.promote();
  expect(summarize(planned)).toEqual([
    "create Bot.support",
    "create Document.freight",
    "create Document.returns",
  ]);
  expect(result).toMatchObject({ switched: true, failed: [] });
  const operations = story.emulator.requests.slice(before).map(({ operation }) => operation);
  expect(operations.indexOf("publish_bot")).toBeGreaterThan(operations.lastIndexOf("get_dataset_progress"));
  expect(operations.filter((one) => one === "create_knowledge_files")).toHaveLength(1);
  const [faq] = story.published("support")?.knowledge?.dataset_ids ?? [];
  const documents = [...story.world.documents.values()].filter(({ dataset_id }) => dataset_id === faq);
  expect(documents.map(({ name }) => name).sort()).toEqual(["freight.txt", "returns.txt"]);
  expect(summarize((await story.promote()).planned)).toEqual([]);
});

test("what somebody set and cleared again is cleared in the target, and what was set there stays", async () => {
  const story = await createProject();
  story.write(bot("support"));
  await story.applyTo("dev");
  await story.applyTo("prod");
  story.byHandIn("support", { onboarding_info: { prologue: "欢迎！" } });
  story.byHandIn("support-dev", { description: "双十一", prompt_info: { prompt: "一" } });
  await story.promote();
  expect(story.published("support")).toMatchObject({
    description: "双十一",
    onboarding_info: { prologue: "欢迎！" },
  });
  story.byHandIn("support-dev", { description: "", prompt_info: { prompt: "二" } });
  const { planned } = await story.promote();
  const changes = planned.plan.steps.flatMap((step) => step.changes.map(({ path }) => path.join(".")));
  expect(changes).toEqual(["description", "prompt"]);
  expect(story.published("support")).toMatchObject({
    description: "",
    onboarding_info: { prologue: "欢迎！" },
  });
  expect(summarize((await story.promote()).planned)).toEqual([]);
});

test("a change by hand that stays behind, since the manifests differ there, is told", async () => {
  const story = await createProject();
  story.write(bot("support", { prompt: "你是客服${var.suffix}。" }));
  await story.applyTo("dev");
  await story.applyTo("prod");
  expect(told(await story.promote())).toEqual([]);
  story.byHandIn("support-dev", { prompt_info: { prompt: "重要的改动" } });
  const change =
    "warning: Bot.support: prompt was changed in dev; prod keeps its manifest's value because the manifests differ there";
  expect(told(await story.promote())).toEqual([change]);
  story.byHandIn("support-dev", { description: "双十一" });
  const { planned } = await story.promote();
  expect([summarize(planned), planned.plan.diagnostics.map(({ message }) => `warning: ${message}`)]).toEqual([
    ["update Bot.support"],
    [change],
  ]);
  expect(story.published("support")).toMatchObject({
    description: "双十一",
    prompt_info: { prompt: "你是客服。" },
  });
});

test("a bot that the source hasn't made yet is left out, and the plan says so", async () => {
  const story = await createProject();
  story.write(bot("support"));
  await story.applyTo("dev");
  story.write(bot("support"), bot("later"));
  const done = await story.promote();
  expect(told(done)).toEqual(["warning: Bot.later isn't in dev yet: it is left out"]);
  expect(summarize(done.planned)).toEqual(["create Bot.support", "create Workspace.desk"]);
  expect(await complaintsOf(story.promote({ addresses: ["Bot.later"] }))).toEqual([
    [
      "nothing of Bot.later can be promoted: it isn't a Copy from dev, and dev hasn't created it",
      "a promotion takes bots that both environments have, and copies whose source is in dev",
    ],
  ]);
});

test("an id that the target's manifests only copy from stands for the copy, and gets into no bot", async () => {
  const story = await createProject();
  const written = copy("invoice", { workflow: { id: story.invoice } }, { revision: "1" });
  story.write(written, bot("support", { workflows: [{ copy: "invoice" }] }));
  await story.applyTo("dev");
  await story.applyTo("prod");
  story.byHandIn("support-dev", {
    prompt_info: { prompt: "二" },
    workflow_id_list: { ids: [{ id: story.invoice }] },
  });
  const before = story.published("support")?.workflow_id_list;
  await story.promote();
  expect(story.published("support")).toMatchObject({
    prompt_info: { prompt: "二" },
    workflow_id_list: before,
  });
});

test("of several copies of one original, a bot keeps the one that its manifest names", async () => {
  const story = await createProject();
  const { world } = story;
  const elsewhere = world.addWorkspace({ name: "源" }).id;
  const id = world.addWorkflow({ space_id: elsewhere, name: "退款" }).id;
  story.write(
    copy("base", { id }, { revision: "1" }),
    // Two ways to say the same.
    copy("one", { environment: "dev", workflow: "base" }),
    copy("two", { environment: "dev", workflow: "退款" }),
    bot("first", { workflows: [{ copy: "one" }] }),
    bot("second", { workflows: [{ copy: "two" }] }),
    bot("third", { workflows: [] }),
  );
  expect(failuresOf(await story.apply({ environment: "dev", targets: ["Copy.base"] }))).toEqual([]);
  await story.applyTo("dev");
  await story.applyTo("prod");
  expect(summarize((await story.promote()).planned)).toEqual([]);
  story.byHandIn("third-dev", {
    workflow_id_list: story.published("first-dev")?.workflow_id_list ?? {},
  });
  expect(summarize((await story.promote()).planned)).toEqual(["update Bot.third"]);
  expect(story.published("third")?.workflow_id_list).toEqual(story.published("first")?.workflow_id_list);
  expect(summarize(await story.plan({ environment: "prod", targets: ["Bot.first", "Bot.second"] }))).toEqual(
    [],
  );
});

test("of copies that bear one name in the environment before, the one that stands is the original", async () => {
  const story = await createProject({
    dev: { suffix: "-dev", before: "dev" },
    staging: { suffix: "-staging", before: "dev" },
    prod: { suffix: "", before: "staging" },
  });
  const there = { environment: "${var.before}", workflow: "开票" };
  story.write(copy("invoice", there), bot("support", { workflows: [{ copy: "invoice" }] }));
  await story.applyTo("dev");
  for (const content of ["一", "二"]) {
    story.editWorkflow(content);
    await story.promote({ environment: "staging" });
    expect(failuresOf(await story.promote({ from: "staging" }))).toEqual([]);
    expect(story.contents("support")).toEqual([content]);
  }
  expect(story.contents("support-staging")).toEqual(["二"]);

  // Two that stand: the name alone doesn't tell which.
  story.write(
    copy("invoice", there),
    copy("again", { id: story.invoice }, { revision: "1" }),
    bot("support", { workflows: [{ copy: "invoice" }] }),
  );
  await story.applyTo("staging");
  const [[message = "", hint] = []] = (await complaintsOf(story.promote({ from: "staging" }))) as string[][];
  expect(message).toMatch(/^staging has more than one workflow called "开票" in Workspace.desk: /u);
  expect(hint).toBe("set the name of the resource that creates the right one: Copy.again, Copy.invoice");
});
