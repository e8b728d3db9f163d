import { expect, test } from "@jest/globals";
import type { Applied } from "../../src/commands/apply.ts";
import { openConnections } from "../../src/commands/connections.ts";
import { planProject } from "../../src/commands/plan.ts";
import { placeOfState, readValidProject } from "../../src/commands/project.ts";
import { TooFewCalls } from "../../src/commands/refusals.ts";
import type { Exchange } from "../../src/emulator/index.ts";
import { applyPlan } from "../../src/engine/apply.ts";
import { reconcileState } from "../../src/engine/reconcile.ts";
import { openStore } from "../../src/state/store.ts";
import { describeRerun, sampleOf } from "../support/sample.ts";
import { savedState } from "../support/saved-state.ts";
import { createStory, echoChallenge, failuresOf, manifest, manifests, type Story } from "../support/story.ts";
import { describeWorld } from "../support/world.ts";

const members = manifest(
  "WorkspaceMember",
  "desk",
  { workspace: "desk", user_id: "${each.value}", role: "member" },
  { for_each: ["2000000000001", "2000000000002"] },
);
const documents = manifest(
  "Document",
  "faq",
  { dataset: "faq", name: "${each.name}", source: { file: "${each.path}" } },
  { for_each: { files: "faq/*.txt" } },
);
const bot = (name: string) =>
  manifest("Bot", name, {
    workspace: "desk",
    name,
    prompt: "你好",
    icon: "icon.png",
    knowledge: { datasets: ["faq"] },
    publish: { connectors: ["api"] },
  });
const files = {
  "desk.yaml": manifests(
    manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
    members,
    manifest("Dataset", "faq", { workspace: "desk", name: "faq", format: "text", description: "常见问题" }),
    documents,
    bot("a"),
    bot("b"),
    manifest("CallbackApp", "h", {
      name: "h",
      callback_url: "https://h.example.com/x",
      events: ["bot.published"],
    }),
  ),
  "icon.png": Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 1]),
  "faq/a.txt": "退货",
  "faq/b.txt": "换货",
};

/** Loses the answer of the first call of each operation that makes something. */
function loseFirstCreations() {
  const lost = new Set<string>();
  return {
    after({ operation }: Exchange) {
      if (!/^(create|add)_/.test(operation) || lost.has(operation)) return undefined;
      lost.add(operation);
      throw new TypeError("connection lost");
    },
  };
}

const tell = (disturbed: boolean): Story =>
  createStory({
    files,
    emulator: { fetch: echoChallenge, ...(disturbed ? { hooks: loseFirstCreations() } : {}) },
  });

/** Plans and applies as the command does, but without asking first whether the calls will do. */
async function applyBlindly({ host, directory }: Story, maxCalls: number) {
  const options = { directory, endpoint: "http://127.0.0.1", maxCalls };
  const project = await readValidProject(host, options);
  const store = await openStore(placeOfState(project, options), "test");
  try {
    const { engine } = await openConnections(host, project, options);
    const planned = await planProject(engine, project, store.state, options);
    reconcileState(engine.provider, store, planned.plan);
    return await applyPlan(engine, store, planned.plan, { timeout: 60_000 });
  } finally {
    await store.close();
  }
}

const stateOf = ({ directory }: Story) => savedState({ directory, environment: "default" });

/** What an undisturbed run makes, and with how many calls. */
async function undisturbed(disturbed: boolean) {
  const story = tell(disturbed);
  const applied = await story.apply();
  expect(failuresOf(applied)).toEqual([]);
  const { made, apply } = applied.planned.calls;
  return {
    world: describeWorld(story.emulator.world),
    calls: story.emulator.requests.length,
    operations: story.emulator.requests.map(({ operation = "" }) => operation),
    told: made + apply,
  };
}

/** A run without a limit brings everything to where an undisturbed run does, and then there is nothing left to do. */
async function expectConvergence(story: Story, world: unknown): Promise<void> {
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(describeWorld(story.emulator.world)).toEqual(world);
  expect((await story.plan()).changes).toBe(false);
}

test.each([
  ["nothing is lost", false, 20],
  ["answers to creations are lost", true, 28],
])("wherever the calls end while %s, the next run continues from there", async (_what, disturbed, least) => {
  const { world, calls, operations } = await undisturbed(disturbed);
  expect(calls).toBeGreaterThanOrEqual(least);
  const { CASE: only } = process.env;
  const limits = Array.from({ length: calls + 1 }, (_, most) => most);
  // A class for each operation that comes too late.
  const sample = sampleOf(limits, 0, (most) => [operations[most] ?? "none"]);
  for (const most of only === undefined ? sample : [Number(only)]) {
    const story = tell(disturbed);
    const result = await applyBlindly(story, most).catch((error: unknown) => error as Error);
    try {
      expect(story.emulator.requests.length).toBeLessThanOrEqual(most);
      if (result instanceof Error) expect(result).toMatchObject({ failure: { type: "out-of-calls" } });
      else if (result.end) {
        expect(result).toMatchObject({ failed: [], end: { type: "out-of-calls" } });
        expect(result.skipped.length).toBeGreaterThan(0);
      }
      expect(Object.keys(stateOf(story).resources).length).toBeLessThanOrEqual(9);
      await expectConvergence(story, world);
    } catch (error) {
      const alone = describeRerun(`CASE=${most}`);
      throw new Error(`alone: ${alone}\n${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
});

test("the command makes no more calls than it may, and writes nothing when they won't do", async () => {
  const { world, calls, told } = await undisturbed(false);
  for (const most of [0, 1, told - 1, told, calls - 1, calls]) {
    const story = tell(false);
    const ended = await story.apply({ maxCalls: most }).catch((error: unknown) => error as Error);
    expect(story.emulator.requests.length).toBeLessThanOrEqual(most);
    expect(ended instanceof Error).toBe(most < told);
    if (most < told) expect(story.writes()).toEqual([]);
    await expectConvergence(story, world);
  }
});

test("an apply that won't fit says so before anybody is asked", async () => {
  const story = tell(false);
  const { calls } = await story.plan();
  const approve = async () => {
    throw new Error("nobody is to be asked");
  };
  const refused = await story.apply({ maxCalls: 10, approve }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(TooFewCalls);
  expect(refused).toMatchObject({
    message: `this apply needs about ${calls.apply} calls, and --max-calls leaves ${10 - calls.made}`,
    hint: `pass --max-calls ${calls.made + calls.apply} or more, or apply a part with --target`,
  });
});

test("what was lost with the last call is searched for by the next run", async () => {
  const { world } = await undisturbed(true);
  const story = tell(true);
  const { calls } = await story.plan();
  // One listing for the plan, and the creation of the workspace: none is left to search for it.
  const before = story.emulator.requests.length;
  const result = await applyBlindly(story, calls.made + 1);
  expect(story.emulator.requests.length - before).toBe(calls.made + 1);
  expect(result).toMatchObject({ done: [], failed: [], end: { type: "out-of-calls" } });
  expect(new Set(result.skipped.map(({ because }) => because))).toContain(
    `this run has used its limit of ${calls.made + 1} API calls`,
  );
  const statuses = Object.values(stateOf(story).resources).map(({ status }) => status);
  expect(statuses).toContain("unknown");
  await expectConvergence(story, world);
});

test("a destroy stops as cleanly", async () => {
  const story = tell(false);
  await story.apply();
  const made = story.emulator.requests.length;
  let confirmRemovals: number | undefined;
  const calls = await story.requestsOf(async () => {
    const { plan } = await story.plan({ destroy: true });
    confirmRemovals = plan.refusals.find(({ guard }) => guard === "removals")?.count;
  });
  const allow = ["allow-ownership-transfer"] as const;
  const stopped: Applied | Error = await story
    .apply({ destroy: true, maxCalls: calls.length + 1, allow, confirmRemovals })
    .catch((error: unknown) => error as Error);
  expect(stopped).toBeInstanceOf(TooFewCalls);
  expect(story.emulator.requests.length - made).toBe(calls.length * 2);
});
