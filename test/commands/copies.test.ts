import { describe, expect, test } from "@jest/globals";
import { apply } from "../../src/commands/apply.ts";
import { showState } from "../../src/commands/state.ts";
import type { InvalidInput } from "../../src/core/diagnostic.ts";
import type { Values } from "../../src/core/value.ts";
import {
  createFaults,
  createStory,
  type Files,
  failuresOf,
  manifest,
  manifests,
  type Story,
  summarize,
} from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const copy = (type: string, source: string, more: Values = {}) =>
  manifest("Copy", "it", { type, source: { id: source }, workspace: "desk", ...more });

/** A story with originals in a workspace of their own. */
function createCopyStory(world: { copyMs?: number } = {}) {
  const faults = createFaults();
  const story = createStory({ emulator: { world, hooks: faults.hooks } });
  const { emulator } = story;
  const from = emulator.world.addWorkspace({ name: "源" }).id;
  const workflow = emulator.world.addWorkflow({ space_id: from, name: "开票" }).id;
  const plugin = emulator.world.addPlugin({ space_id: from, name: "发票查询", is_official: false });
  const originals = {
    workflow,
    app: emulator.world.addApp({ space_id: from, name: "小店" }).id,
    bot: emulator.world.addBot({
      space_id: from,
      draft: {
        name: "助手",
        workflow_id_list: { ids: [{ id: workflow }] },
        plugin_id_list: { id_list: [{ plugin_id: plugin.id, api_id: plugin.tools[0]?.id ?? "" }] },
      },
    }).id,
  };
  return { story, faults, from, plugin: plugin.id, originals };
}

/** What was copied into the workspace of the manifests. */
function copiesOf({ emulator: { world } }: Story, type: "bot" | "app" | "workflow"): readonly string[] {
  const desk = [...world.workspaces.values()].find(({ name }) => name === "客服空间")?.id;
  const all = { bot: world.bots, app: world.apps, workflow: world.workflows }[type].values();
  return [...all].filter(({ space_id }) => space_id === desk).map(({ id }) => id);
}

const callsTo = ({ emulator }: Story, operation: string): number =>
  emulator.requests.filter((one) => one.operation === operation).length;

const copyCalls = (story: Story): number => callsTo(story, "copy_resource_task");

const endpoint = "http://127.0.0.1";

const entryOf = ({ host, directory }: Story) => showState(host, { directory, endpoint }, "Copy.it");

const hintsOf = ({ result }: Awaited<ReturnType<Story["apply"]>>) =>
  result?.failed.map(({ failure }) => failure.hint);

const pendingOf = ({ result }: Awaited<ReturnType<Story["apply"]>>) =>
  result?.pending.map(({ step, detail }) => `${step.address}: ${detail}`);

const put = (story: Story, ...documents: readonly string[]): void =>
  story.write({ "a.yaml": manifests(workspace, ...documents) } satisfies Files);

describe("an object is copied once", () => {
  test.each(["bot", "app", "workflow"] as const)("of type %s into another workspace", async (type) => {
    const { story, originals } = createCopyStory();
    put(story, copy(type, originals[type]));
    const planned = await story.plan();
    expect(summarize(planned)).toEqual(["create Copy.it", "create Workspace.desk"]);
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(copiesOf(story, type)).toEqual([expect.any(String)]);
    expect(summarize(await story.plan())).toEqual([]);
    expect(copyCalls(story)).toBe(1);
    expect(story.events.flatMap((event) => (event.type === "step-progressed" ? [event.detail] : []))).toEqual(
      ["copy task in progress"],
    );
  });

  test("a bot within its workspace, at once", async () => {
    const { story, originals, from } = createCopyStory();
    const place = { workspace: { id: from } };
    story.write({
      "a.yaml": manifest("Copy", "it", { type: "bot", source: { id: originals.bot }, ...place }),
    });
    const requests = await story.requestsOf(() => story.apply());
    expect(requests).toEqual([expect.stringMatching(/^GET \/v1\/bots\?/), "POST /v1/entities/copy_tasks"]);
    expect(summarize(await story.plan())).toEqual([]);
  });
});

describe("a copy that takes long", () => {
  const hour = 3_600_000;

  test("is left pending when the time is over, and the next apply waits on", async () => {
    const { story, originals } = createCopyStory({ copyMs: hour });
    put(story, copy("workflow", originals.workflow));
    expect(pendingOf(await story.apply({ timeout: 60_000 }))).toEqual([
      "Copy.it: Coze is still at work on it (timed out)",
    ]);
    expect(await entryOf(story)).toMatchObject({ status: "pending", task: expect.any(String) });
    // Sums of 1, 1.5, 2.3, 3.4, 5.1, 7.6 and 10 seconds.
    expect(callsTo(story, "query_resource_copy_execution_result")).toBeLessThanOrEqual(10);

    const planned = await story.plan();
    expect(summarize(planned)).toEqual(["retry Copy.it"]);
    expect(planned.calls.apply).toBe(1);
    await story.host.clock.sleep(hour);
    const requests = await story.requestsOf(async () => {
      const applied = await story.apply({ timeout: 0 });
      expect([failuresOf(applied), pendingOf(applied)]).toEqual([[], []]);
    });
    expect(requests.filter((request) => !request.startsWith("GET /v1/workspaces"))).toEqual([
      expect.stringMatching(/^GET \/v1\/entities\/copy_tasks\/\d+$/),
      expect.stringMatching(/^GET \/v1\/workflows\?/),
    ]);
    const { id, status, task } = await entryOf(story);
    expect([[id], status, task]).toEqual([copiesOf(story, "workflow"), "ready", undefined]);
    expect(summarize(await story.plan())).toEqual([]);
    expect(copyCalls(story)).toBe(1);
  });

  test("goes on after an interruption", async () => {
    const { story, originals } = createCopyStory({ copyMs: 20_000 });
    put(story, copy("app", originals.app));
    const stop = new AbortController();
    const host = {
      ...story.host,
      signal: stop.signal,
      onEvent: (event: { readonly type: string }) => {
        if (event.type === "step-progressed") stop.abort();
      },
    };
    const place = { directory: story.directory, endpoint };
    const interrupted = await apply(host, { ...place, approve: async () => true });
    expect(interrupted.result?.interrupted).toBe(true);
    expect(pendingOf(interrupted)).toEqual(["Copy.it: Coze is still at work on it (interrupted)"]);
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(copiesOf(story, "app")).toHaveLength(1);
    expect([copyCalls(story), summarize(await story.plan())]).toEqual([1, []]);
  });

  test("is finished as it was begun when its manifest changed meanwhile", async () => {
    const { story, originals } = createCopyStory({ copyMs: hour });
    put(story, copy("workflow", originals.workflow, { revision: "1" }));
    await story.apply({ timeout: 60_000 });
    put(story, copy("workflow", originals.workflow, { revision: "2" }));
    const { plan } = await story.plan({ targets: ["Copy.it"] });
    expect(plan.steps.find(({ address }) => address === "Copy.it")?.notes).toEqual([
      "revision can only be updated after that",
    ]);
    await story.host.clock.sleep(hour);
    expect(failuresOf(await story.apply())).toEqual([]);
    expect((await entryOf(story)).spec).toMatchObject({ revision: "1" });
    expect(summarize(await story.plan())).toEqual(["replace Copy.it"]);
  });

  test("is forgotten with its manifest, and the plan says that it comes all the same", async () => {
    const { story, originals } = createCopyStory({ copyMs: hour });
    put(story, copy("workflow", originals.workflow));
    await story.apply({ timeout: 60_000 });
    put(story);
    const { plan } = await story.plan();
    const step = plan.steps.find(({ address }) => address === "Copy.it");
    expect([step?.action, step?.effects.map(({ text }) => text)]).toEqual([
      "abandon",
      [
        "can't be deleted through the API: kept in Coze, removed from the state",
        expect.stringMatching(/^the object that its task \d+ creates also stays in Coze$/),
      ],
    ]);
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(summarize(await story.plan())).toEqual([]);
  });

  test("whose task Coze doesn't know any more is looked for", async () => {
    const { story, originals } = createCopyStory({ copyMs: hour });
    put(story, copy("workflow", originals.workflow));
    await story.apply({ timeout: 60_000 });
    await story.host.clock.sleep(hour);
    await story.plan();
    story.emulator.world.copyTasks.clear();
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(copiesOf(story, "workflow")).toEqual([(await entryOf(story)).id]);
    expect([copyCalls(story), summarize(await story.plan())]).toEqual([1, []]);
  });

  test("whose task Coze gave up without a word is made again once nothing can appear any more", async () => {
    const { story, originals } = createCopyStory({ copyMs: 86_400_000 });
    put(story, copy("workflow", originals.workflow));
    await story.apply({ timeout: 10_000 });
    await story.host.clock.sleep(900_000);
    story.emulator.world.copyTasks.clear();
    expect(hintsOf(await story.apply({ timeout: 10_000 }))).toEqual([
      "apply again: it searches again, and repeats the call only if nothing is found",
    ]);
    expect(copyCalls(story)).toBe(1);
    expect(pendingOf(await story.apply({ timeout: 10_000 }))).toEqual([
      "Copy.it: Coze is still at work on it (timed out)",
    ]);
    expect(copyCalls(story)).toBe(2);
  });
});

describe("a copy that fails", () => {
  test("tells each reason, and is made again by the next apply", async () => {
    const { story, originals, plugin } = createCopyStory();
    const { world } = story.emulator;
    world.failCopyOf(originals.workflow, "资源配额不足");
    world.failCopyOf(plugin, "插件已下架");
    put(story, copy("bot", originals.bot));
    const applied = await story.apply();
    expect(failuresOf(applied)).toEqual(["Copy.it: Coze couldn't copy it"]);
    expect(applied.result?.failed[0]?.failure.parts?.map(({ text }) => text)).toEqual([
      `workflow 开票 (${originals.workflow}): 资源配额不足`,
      `plugin 发票查询 (${plugin}): 插件已下架`,
    ]);
    expect(hintsOf(applied)).toEqual([
      "fix the listed problems and run again; parts copied before the failure may remain in the workspace",
    ]);
    expect(summarize(await story.plan())).toEqual(["create Copy.it"]);
    world.copyFailures.clear();
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(copiesOf(story, "bot")).toHaveLength(1);
    expect(summarize(await story.plan())).toEqual([]);
  });

  test("is refused for what is in a personal workspace", async () => {
    const { story } = createCopyStory();
    const { world } = story.emulator;
    const { id } = world.addWorkflow({ space_id: world.personalWorkspace().id, name: "私" });
    put(story, copy("workflow", id));
    const [failure] = failuresOf(await story.apply());
    expect(failure).toMatch(/^Copy\.it: Coze rejected a parameter: .*personal workspace/);
    expect(summarize(await story.plan())).toEqual(["create Copy.it"]);
  });
});

describe("a copy whose answer gets lost", () => {
  test.each(["bot", "app", "workflow"] as const)("after the effect, of type %s", async (type) => {
    const { story, faults, originals } = createCopyStory();
    put(story, copy(type, originals[type]));
    faults.lose("after", "copy_resource_task");
    expect(failuresOf(await story.apply())).toEqual([]);
    faults.heal();
    expect([copyCalls(story), copiesOf(story, type).length]).toEqual([1, 1]);
    expect(summarize(await story.plan())).toEqual([]);
  });

  test("with everything that follows", async () => {
    const { story, faults, originals } = createCopyStory();
    put(story, copy("workflow", originals.workflow));
    faults.breakAfter("copy_resource_task");
    const { result } = await story.apply();
    expect(result?.pending.map(({ step }) => step.address)).toEqual(["Copy.it"]);
    faults.heal();
    await story.host.clock.sleep(10_000);
    expect(summarize(await story.plan())).toEqual(["retry Copy.it"]);
    expect(failuresOf(await story.apply())).toEqual([]);
    expect([copyCalls(story), copiesOf(story, "workflow").length]).toEqual([1, 1]);
    expect(summarize(await story.plan())).toEqual([]);
  });

  test("isn't taken for one of a later revision", async () => {
    const { story, faults, originals } = createCopyStory();
    put(story, copy("workflow", originals.workflow, { revision: "1" }));
    faults.breakAfter("copy_resource_task");
    await story.apply();
    faults.heal();
    put(story, copy("workflow", originals.workflow, { revision: "2" }));
    const refusal = {
      code: "cut-off",
      message: "the creation of Copy.it was interrupted; complete it before revision can change",
    };
    await expect(story.plan()).rejects.toMatchObject({ diagnostics: [refusal] });
    put(story, copy("workflow", originals.workflow, { revision: "1" }));
    expect(failuresOf(await story.apply())).toEqual([]);
    put(story, copy("workflow", originals.workflow, { revision: "2" }));
    expect(failuresOf(await story.apply())).toEqual([]);
    expect([copyCalls(story), copiesOf(story, "workflow").length]).toEqual([2, 2]);
  });

  test("isn't taken for another that appeared beside it", async () => {
    const { story, faults, from, originals } = createCopyStory();
    const other = story.emulator.world.addWorkflow({ space_id: from, name: "退货" }).id;
    const second = manifest("Copy", "b", { type: "workflow", source: { id: other }, workspace: "desk" });
    put(story, copy("workflow", originals.workflow), second);
    faults.breakAfter("copy_resource_task");
    await story.apply({ parallelism: 2 });
    faults.lose("after", "copy_resource_task");
    await story.apply();
    faults.heal();
    expect(failuresOf(await story.apply())).toEqual([]);
    const nameOf = (id = "") => story.emulator.world.workflows.get(id)?.name;
    expect(copiesOf(story, "workflow").map(nameOf).sort()).toEqual(["开票", "退货"]);
    expect(nameOf((await entryOf(story)).id)).toBe("开票");
    expect(summarize(await story.plan())).toEqual([]);
  });

  test("is asked about when several fit", async () => {
    const { story, faults, originals } = createCopyStory();
    put(story, copy("workflow", originals.workflow));
    faults.breakAfter("copy_resource_task");
    await story.apply();
    faults.heal();
    await story.host.clock.sleep(10_000);
    await story.plan();
    const { world } = story.emulator;
    const desk = [...world.workflows.values()].at(-1)?.space_id ?? "";
    world.addWorkflow({ space_id: desk, name: "开票" });
    const ids = copiesOf(story, "workflow");
    await expect(story.apply()).rejects.toMatchObject({
      diagnostics: [
        {
          code: "ambiguous",
          message: `2 objects in Coze could be Copy.it: ${ids.join(", ")}`,
          hint: "delete the surplus objects in Coze, or remove it from the state: cozeform state rm Copy.it",
        },
      ],
    });
    world.workflows.delete(ids[1] ?? "");
    expect(failuresOf(await story.apply())).toEqual([]);
    expect([(await entryOf(story)).id, copyCalls(story)]).toEqual([ids[0], 1]);
  });
});

test("a bot that names the copy of something else than a workflow is invalid", async () => {
  const { story, originals } = createCopyStory();
  const bot = manifest("Bot", "a", { workspace: "desk", name: "a", workflows: [{ copy: "it" }] });
  put(story, copy("bot", originals.bot), bot);
  await expect(story.plan()).rejects.toMatchObject({
    diagnostics: [
      {
        code: "wrong-stand-in",
        message: "workflows[0] must be a Workflow, but the type of Copy.it isn't workflow",
        hint: "refer to one with type: workflow",
        at: { file: "a.yaml", line: 27 },
      },
    ],
  });
  expect(story.emulator.requests).toEqual([]);
});

test("a copy of another name, or of none that there is, comes with what to write", async () => {
  const { story, originals } = createCopyStory();
  const hintFor = async (name: string) => {
    const bot = manifest("Bot", "a", { workspace: "desk", name: "a", workflows: [{ copy: name }] });
    put(story, copy("workflow", originals.workflow), bot);
    const { diagnostics } = (await story.plan().catch((error: unknown) => error)) as InvalidInput;
    return diagnostics.map(({ message, hint }) => [message, hint]);
  };
  expect(await hintFor("itt")).toEqual([['there is no Copy called "itt"', "did you mean it?"]]);
  expect(await hintFor("nix")).toEqual([
    [
      'there is no Copy called "nix"',
      'declare a Copy of this name with type: workflow, or write {id: "…"} or {lookup: {name: …}} for a Workflow that cozeform doesn\'t manage',
    ],
  ]);
});

test("a copy of a managed bot comes after the bot", async () => {
  const { story } = createCopyStory();
  const bot = manifest("Bot", "a", { workspace: "desk", name: "甲" });
  const other = manifest("Workspace", "other", { name: "别处", description: "别处" });
  put(story, bot, other, manifest("Copy", "it", { type: "bot", source: { bot: "a" }, workspace: "other" }));
  expect(failuresOf(await story.apply())).toEqual([]);
  const bots = [...story.emulator.world.bots.values()].filter(({ draft }) => draft.name === "甲");
  expect(bots).toHaveLength(2);
  expect(summarize(await story.plan())).toEqual([]);

  put(story, bot, other, manifest("Copy", "it", { type: "app", source: { bot: "a" }, workspace: "other" }));
  await expect(story.plan()).rejects.toMatchObject({
    diagnostics: [{ message: expect.stringContaining("a copy of type app can't be made from source.bot") }],
  });
});

describe("a new revision", () => {
  const bot = manifest("Bot", "support", { workspace: "desk", name: "助手", workflows: [{ copy: "it" }] });
  const boundTo = ({ emulator: { world } }: Story) =>
    [...world.bots.values()].find(
      ({ draft }) =>
        draft.name === "助手" && draft.prompt_info === undefined && draft.plugin_id_list === undefined,
    )?.draft.workflow_id_list?.ids;

  test("makes a new copy, what refers to it follows, and the old one is remembered", async () => {
    const { story, originals } = createCopyStory();
    put(story, copy("workflow", originals.workflow, { revision: "1" }), bot);
    expect(failuresOf(await story.apply())).toEqual([]);
    const [first] = copiesOf(story, "workflow");
    expect(boundTo(story)).toEqual([{ id: first }]);
    expect(summarize(await story.plan())).toEqual([]);

    put(story, copy("workflow", originals.workflow, { revision: "2" }), bot);
    const planned = await story.plan();
    expect(summarize(planned)).toEqual(["update Bot.support", "replace Copy.it"]);
    expect(planned.plan.refusals).toEqual([]);
    expect(planned.plan.steps.find(({ address }) => address === "Copy.it")?.effects).toEqual([
      { text: `the old object (${first}) stays in Coze and in the state` },
      { text: "arrives as a draft, which can be published only on its page in Coze" },
    ]);
    expect(failuresOf(await story.apply())).toEqual([]);
    const [, second] = copiesOf(story, "workflow");
    expect(boundTo(story)).toEqual([{ id: second }]);
    expect(await entryOf(story)).toMatchObject({
      id: second,
      kept: [{ id: first, spec: { revision: "1" } }],
    });
    expect(summarize(await story.plan())).toEqual([]);

    const { plan } = await story.plan({ destroy: true });
    expect(plan.steps.find(({ address }) => address === "Copy.it")?.effects.map(({ text }) => text)).toEqual([
      "can't be deleted through the API: kept in Coze, removed from the state",
      `objects that it replaced also stay in Coze: ${first}`,
    ]);
    expect(failuresOf(await story.apply({ destroy: true }))).toEqual([]);
    expect(copiesOf(story, "workflow")).toEqual([first, second]);
  });

  test("that was made before is that copy again, while it is there", async () => {
    const { story, originals } = createCopyStory();
    const applyRevision = async (revision: string) => {
      put(story, copy("workflow", originals.workflow, { revision }), bot);
      expect(failuresOf(await story.apply())).toEqual([]);
      expect(summarize(await story.plan())).toEqual([]);
      return (await entryOf(story)).id;
    };
    const first = await applyRevision("1");
    const second = await applyRevision("2");

    put(story, copy("workflow", originals.workflow, { revision: "1" }), bot);
    const step = (await story.plan()).plan.steps.find(({ address }) => address === "Copy.it");
    expect([step?.action, step?.because, step?.calls]).toEqual([
      "update",
      [`${first}, which it replaced, still exists and matches the manifest`],
      [],
    ]);
    expect(await applyRevision("1")).toBe(first);
    expect(boundTo(story)).toEqual([{ id: first }]);
    expect((await entryOf(story)).kept).toMatchObject([{ id: second, spec: { revision: "2" } }]);
    expect(copyCalls(story)).toBe(2);

    story.emulator.world.workflows.delete(second ?? "");
    const third = await applyRevision("2");
    expect([first, second]).not.toContain(third);
    expect(copyCalls(story)).toBe(3);
  });

  test("is none when it is taken out, or put back", async () => {
    const { story, originals } = createCopyStory();
    put(story, copy("workflow", originals.workflow, { revision: "1" }));
    await story.apply();
    put(story, copy("workflow", originals.workflow));
    expect(summarize(await story.plan())).toEqual([]);
    await story.apply();
    expect((await entryOf(story)).spec).toMatchObject({ revision: "1" });
    put(story, copy("workflow", originals.workflow, { revision: "1" }));
    expect(summarize(await story.plan())).toEqual([]);
  });

  test("that fails leaves the copy there was", async () => {
    const { story, originals } = createCopyStory({ copyMs: 5000 });
    put(story, copy("workflow", originals.workflow, { revision: "1" }), bot);
    await story.apply();
    const { id } = await entryOf(story);
    story.emulator.world.failCopyOf(originals.workflow, "资源配额不足");
    put(story, copy("workflow", originals.workflow, { revision: "2" }), bot);
    // The failure is learnt by another run than the one that began the copy.
    expect(pendingOf(await story.apply({ timeout: 1000 }))).toHaveLength(1);
    expect(await entryOf(story)).toMatchObject({ status: "pending", kept: [{ id }] });
    await story.host.clock.sleep(5000);
    expect(failuresOf(await story.apply())).toHaveLength(1);
    expect(await entryOf(story)).toMatchObject({ id, status: "ready", spec: { revision: "1" } });
    expect(boundTo(story)).toEqual([{ id }]);

    put(story, copy("workflow", originals.workflow, { revision: "1" }), bot);
    expect(summarize(await story.plan())).toEqual([]);
  });
});
