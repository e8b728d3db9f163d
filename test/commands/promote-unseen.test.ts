import { describe, expect, test } from "@jest/globals";
import { outputs } from "../../src/commands/outputs.ts";
import { planPromotion, promote } from "../../src/commands/promote.ts";
import { rollback } from "../../src/commands/rollback.ts";
import { renderSummary } from "../../src/report/summary.ts";
import { savedState } from "../support/saved-state.ts";
import { createFaults, createStory, manifest, manifests } from "../support/story.ts";

const project = `apiVersion: cozeform/v1
kind: Project
name: desk
manifests: [manifests/*.yaml]
environments:
  dev: {variables: {suffix: "-dev"}}
  prod: {variables: {suffix: ""}}
`;
const desk = manifest("Workspace", "desk", { name: "客服空间${var.suffix}", description: "客服" });
const copy = (name: string, called: string) =>
  manifest("Copy", name, {
    type: "workflow",
    source: { environment: "dev", workflow: called },
    workspace: "desk",
  });
const bot = (name: string, uses: string) =>
  manifest("Bot", name, {
    workspace: "desk",
    name: `${name}\${var.suffix}`,
    prompt: "你是客服。",
    workflows: [{ copy: uses }],
    publish: { connectors: ["api"] },
  });
const withCheck = (document: string, ask: string) =>
  document.replace("spec:", `checks:\n  - name: right\n    ${ask}\n    expect: {text: never}\nspec:`);

const invoice = copy("invoice", "开票");
const one = [invoice, bot("a", "invoice")];
const two = [...one, copy("refund", "退款"), bot("b", "refund")];

/** Both environments stand, promoted once; then what the originals hold was edited, and `later` is what manifests say. */
async function createPromoted(documents: readonly string[], later = documents) {
  const faults = createFaults();
  const stop = new AbortController();
  const during: {
    before?: ((operation: string) => Response | undefined) | undefined;
    after?: (operation: string) => void;
  } = {};
  const story = createStory({
    files: { "cozeform.yaml": project, "manifests/all.yaml": desk },
    emulator: {
      hooks: {
        before: (exchange) => during.before?.(exchange.operation) ?? faults.hooks.before?.(exchange),
        after: (exchange, response) => {
          during.after?.(exchange.operation);
          return faults.hooks.after?.(exchange, response);
        },
      },
    },
  });
  const { world } = story.emulator;
  await story.apply({ environment: "dev" });
  const space = [...world.workspaces.values()].find(({ name }) => name === "客服空间-dev")?.id ?? "";
  const originals = ["开票", "退款"].map(
    (name) => world.addWorkflow({ space_id: space, name, content: "一" }).id,
  );
  for (const id of originals) world.publishWorkflow(id);
  const write = (some: readonly string[]) => story.write({ "manifests/all.yaml": manifests(desk, ...some) });
  const options = { ...story.common, environment: "prod", from: "dev", approve: async () => true };
  const run = (more: Partial<Parameters<typeof promote>[1]> = {}) =>
    promote({ ...story.host, signal: stop.signal }, { ...options, ...more });
  write(documents);
  await story.apply({ environment: "dev" });
  expect((await run()).result).toMatchObject({ switched: true, failed: [] });
  write(later);
  for (const id of originals) {
    world.editWorkflow(id, { content: "二" });
    world.publishWorkflow(id);
  }
  /** What callers of a bot of prod's get to run. */
  const runs = (name: string) => {
    const found = [...world.bots.values()].find(({ draft }) => draft.name === name);
    return found?.published?.workflow_id_list?.ids?.map(({ id }) => world.workflows.get(id)?.content);
  };
  const ids = async () =>
    (await outputs(story.host, { ...story.common, environment: "prod" })).outputs.map(({ id }) => id);
  const state = () => savedState({ directory: story.directory, environment: "prod" });
  return { story, faults, stop, during, run, runs, ids, state, options };
}

describe.each([
  ["the token ends", 4100, 401],
  ["the credits are used up", 4027, 200],
])("when %s between two publications", (_, code, status) => {
  async function cutSwitch() {
    const scene = await createPromoted(two);
    let published = 0;
    scene.during.before = (operation) => {
      published += operation === "publish_bot" ? 1 : 0;
      return published > 1 ? Response.json({ code, msg: "no more" }, { status }) : undefined;
    };
    const { result } = await scene.run({ parallelism: 1 });
    expect(result).toMatchObject({ switched: "partly", seen: ["Bot.a"], unseen: ["Bot.b"] });
    expect([scene.runs("a"), scene.runs("b")]).toEqual([["二"], ["一"]]);
    scene.during.before = undefined;
    return scene;
  }

  test("the next run publishes the rest, and copies nothing again", async () => {
    const { run, runs, state, story } = await cutSwitch();
    const before = story.writes().length;
    expect((await run()).result).toMatchObject({ switched: true, failed: [] });
    expect(story.writes().slice(before)).toEqual(["publish_bot"]);
    expect([runs("a"), runs("b")]).toEqual([["二"], ["二"]]);
    const releases = Object.values(state().resources).flatMap(({ history = [] }) => history);
    expect(releases.filter(({ promotion }) => promotion === 2)).toHaveLength(4);
    expect((await run()).result).toBeUndefined();
  });

  test("a rollback takes both back", async () => {
    const { runs, story, options, run } = await cutSwitch();
    const { from: _from, ...placed } = options;
    const back = await rollback(story.host, { ...placed, addresses: [] });
    expect(back.returns).toEqual(["Bot.a", "Bot.b", "Copy.invoice", "Copy.refund"]);
    expect([runs("a"), runs("b")]).toEqual([["一"], ["一"]]);
    expect((await run()).result).toMatchObject({ switched: true, failed: [] });
    expect([runs("a"), runs("b")]).toEqual([["二"], ["二"]]);
  });
});

test("a copy that is promoted alone leaves bots where they are, and says so", async () => {
  const { story, options } = await createPromoted(two);
  const { plan } = await planPromotion(story.host, { ...options, addresses: ["Copy.invoice"] });
  const warnings = plan.diagnostics.map(({ message, hint }) => `${message}; ${hint}`);
  expect(warnings).toEqual([
    "Bot.a keeps the current Copy.invoice because it isn't part of this promotion; name it as well to move it to the new one",
  ]);
  const whole = await planPromotion(story.host, { ...options, addresses: ["Bot.a"] });
  expect(whole.plan.diagnostics).toEqual([]);
});

describe("what was prepared and not shown", () => {
  test("is told of in the next plan, though the draft has it already", async () => {
    const { story, run, options } = await createPromoted(one, [
      invoice,
      withCheck(bot("a", "invoice"), "say: 你好"),
    ]);
    expect((await run({ check: true })).result).toMatchObject({ switched: false });
    const { plan } = await planPromotion(story.host, options);
    const step = plan.steps.find(({ address }) => address === "Bot.a");
    expect([step?.action, step?.because, step?.changes, step?.notes]).toEqual([
      "retry",
      ["it was prepared earlier, but callers don't see it yet"],
      [],
      ["callers still get other values of workflows", "uses what dev has published"],
    ]);
  });

  test("isn't published by a plain apply after a check refused it", async () => {
    const { story, run, runs } = await createPromoted(one, [
      invoice,
      withCheck(bot("a", "invoice"), "say: 你好"),
    ]);
    expect((await run({ check: true })).result).toMatchObject({ switched: false });
    const writes = story.writes().length;
    await expect(story.apply({ environment: "prod" })).rejects.toMatchObject({
      diagnostics: [
        {
          code: "prepared",
          message: "Bot.a was prepared by promotion 2 from dev, and callers don't see it yet",
          hint: "finish it: cozeform promote --from dev --to prod; or take it back: cozeform promote --rollback --to prod",
        },
      ],
    });
    expect(story.writes()).toHaveLength(writes);
    expect(runs("a")).toEqual(["一"]);
    await story.apply({ environment: "prod", targets: ["Workspace.desk"] });
  });

  test("is asked again though nothing else is left to do, and outputs give what callers have", async () => {
    const { run, ids, state } = await createPromoted([invoice], [withCheck(invoice, "input: {a: 1}")]);
    const before = await ids();
    expect((await run({ check: true })).result).toMatchObject({ switched: false });
    const again = await run({ check: true });
    expect(again.result).toMatchObject({
      switched: false,
      checks: [{ address: "Copy.invoice", passed: false }],
    });
    expect(state().promotion).toMatchObject({ open: true });
    expect(await ids()).toEqual(before);
    await run();
    expect(await ids()).not.toEqual(before);
    const done = await run({ check: true });
    expect(done.result).toBeUndefined();
  });
});

describe("the switch", () => {
  test("comes to its end when it is interrupted", async () => {
    const { run, runs, stop, during } = await createPromoted(two);
    during.after = (operation) => operation === "publish_bot" && stop.abort();
    expect((await run({ parallelism: 1 })).result).toMatchObject({ switched: true, interrupted: true });
    expect([runs("a"), runs("b")]).toEqual([["二"], ["二"]]);
  });

  test("doesn't begin when the run may not make the calls for all of it", async () => {
    const { story, run, runs, during, options } = await createPromoted(two);
    const { calls } = await planPromotion(story.host, options);
    let slow = 6;
    during.before = (operation) => {
      if (operation !== "update_bot" || slow === 0) return undefined;
      slow -= 1;
      return Response.json({ code: 4013, msg: "slow" }, { status: 429 });
    };
    const { result } = await run({ maxCalls: calls.made + calls.apply });
    expect(result).toMatchObject({ switched: false });
    expect([runs("a"), runs("b")]).toEqual([["一"], ["一"]]);
  });

  test("that was done in part says whose callers see what", async () => {
    const { run, runs, during, story } = await createPromoted(two);
    const [second] = [...story.emulator.world.bots.values()].filter(({ draft }) => draft.name === "b");
    during.after = (operation) => {
      // Whoever is published first leaves the other one broken.
      if (operation === "publish_bot" && second) story.emulator.world.bots.delete(second.id);
    };
    const { result } = await run({ parallelism: 1 });
    expect(result).toMatchObject({ switched: "partly", seen: ["Bot.a"], unseen: ["Bot.b"] });
    expect(runs("a")).toEqual(["二"]);
    const drawing = { color: false, width: 300, createFirst: new Set() };
    expect(result && renderSummary(result, drawing as never)).toContain(
      "Partly switched: callers of Bot.a get the new release, callers of Bot.b still get the old one.",
    );
  });
});
