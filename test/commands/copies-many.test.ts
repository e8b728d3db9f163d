import { describe, expect, test } from "@jest/globals";
import { apply } from "../../src/commands/apply.ts";
import { promote } from "../../src/commands/promote.ts";
import { spreadOf } from "../../src/lifecycle/poll-intervals.ts";
import { createEventClock } from "../support/event-clock.ts";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const copying = "copy_resource_task";
const asking = "query_resource_copy_execution_result";

const minute = 60_000;
const project = (perSecond: number) =>
  `apiVersion: cozeform/v1\nkind: Project\nname: p\nenvironments: {dev: {requests_per_second: ${perSecond}}}\n`;

interface Ask {
  readonly operation: string;
  readonly path: string;
  readonly at: number;
  /** The task that was begun, or asked for. */
  readonly task: string;
}

/** So many workflows to copy, every tenth of which takes ten minutes; what was asked when, and who was told what. */
function createManyCopies(count: number, perSecond = 20) {
  const clock = createEventClock();
  const asks: Ask[] = [];
  let refusing: ((ask: Ask) => boolean) | undefined;
  const story = createStory({
    emulator: {
      now: clock.now,
      world: { copyMs: 45_000 },
      hooks: {
        before({ operation, path }) {
          if (operation !== asking) return undefined;
          const ask = { operation, path, at: clock.now(), task: path.split("/").at(-1) ?? "" };
          asks.push(ask);
          return refusing?.(ask)
            ? Response.json({ code: 4013, msg: "too many" }, { status: 429 })
            : undefined;
        },
        async after({ operation = "", path }, response) {
          if (operation !== copying) return;
          const { data } = (await response.clone().json()) as { readonly data: { readonly task_id: string } };
          asks.push({ operation, path, at: clock.now(), task: data.task_id });
        },
      },
    },
  });
  const { world } = story.emulator;
  const from = world.addWorkspace({ name: "源" }).id;
  const copies = Array.from({ length: count }, (_, number) => {
    const { id } = world.addWorkflow({ space_id: from, name: `流程${number}` });
    if (number % 10 === 9) world.paceCopyOf(id, 10 * minute);
    return manifest("Copy", `c${number}`, { type: "workflow", source: { id }, workspace: "desk" });
  });
  const desk = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
  story.write({ "cozeform.yaml": project(perSecond), "a.yaml": manifests(desk, ...copies) });
  const host = { ...story.host, clock };
  const run = (options: { readonly parallelism?: number } = {}) =>
    clock.run(apply(host, { ...story.common, approve: async () => true, ...options }));
  return {
    story,
    asks,
    clock,
    host,
    run,
    refuse: (refuses: (ask: Ask) => boolean) => {
      refusing = refuses;
    },
  };
}

/** The times of the looks at each task, its beginning first. */
function timesByTask(asks: readonly Ask[]): ReadonlyMap<string, readonly number[]> {
  const times = new Map<string, number[]>();
  for (const { task, at } of asks) times.set(task, [...(times.get(task) ?? []), at]);
  return times;
}

const gapsOf = (times: readonly number[]): readonly number[] =>
  times.slice(1).map((at, index) => at - (times[index] ?? 0));

/** How many tasks were begun and not yet seen to be over, at the most. */
function mostInFlight(asks: readonly Ask[]): number {
  const lives = [...timesByTask(asks).values()].map((times) => [times[0] ?? 0, times.at(-1) ?? 0] as const);
  return Math.max(...lives.map(([at]) => lives.filter(([begun, over]) => begun <= at && at < over).length));
}

/** Each task is asked for at intervals that grow, of about a tenth of the time that has passed. */
function expectGrowingIntervals(asks: readonly Ask[]): void {
  for (const [task, times] of timesByTask(asks)) {
    const gaps = gapsOf(times);
    const cap = Math.ceil(30_000 * spreadOf(task));
    const shrunk = gaps.filter((gap, index) => gap <= (gaps[index - 1] ?? 999) && gap < cap);
    expect([task, shrunk]).toEqual([task, []]);
    const [begun = 0, over = 0] = [times[0], times.at(-1)];
    expect(gaps.length).toBeLessThanOrEqual(over - begun > minute ? 32 : 10);
  }
}

describe("a hundred copies", () => {
  test("are each made once, ten at a time, and asked for at growing intervals", async () => {
    const { story, asks, run } = createManyCopies(100);
    const applied = await run();
    expect(failuresOf(applied)).toEqual([]);
    expect(applied.result?.done).toHaveLength(101);
    const begun = asks.filter(({ operation }) => operation === copying);
    expect([begun.length, new Set(begun.map(({ task }) => task)).size]).toEqual([100, 100]);
    expect(mostInFlight(asks)).toBe(10);

    expectGrowingIntervals(asks);
    expect(summarize(await story.plan())).toEqual([]);
  });

  test("of one promotion are as many, as few at once, and asked for as seldom", async () => {
    const { story, asks, clock, host } = createManyCopies(0);
    const copies = Array.from({ length: 100 }, (_, number) =>
      manifest("Copy", `c${number}`, {
        type: "workflow",
        source: { environment: "dev", workflow: `流程${number}` },
        workspace: "desk",
      }),
    );
    const desk = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
    story.write({
      "cozeform.yaml": project(20).replace("{dev: ", "{prod: {requests_per_second: 20}, dev: "),
      "a.yaml": manifests(desk, ...copies),
    });
    const options = { ...story.common, approve: async () => true };
    await clock.run(apply(host, { ...options, environment: "dev", targets: ["Workspace.desk"] }));
    const { world } = story.emulator;
    const [dev] = [...world.workspaces.values()].filter(({ name }) => name === "客服空间");
    for (let number = 0; number < 100; number += 1) {
      const { id } = world.addWorkflow({ space_id: dev?.id ?? "", name: `流程${number}` });
      if (number % 10 === 9) world.paceCopyOf(id, 10 * minute);
    }

    const promoting = { ...options, environment: "prod", from: "dev" };
    const { result } = await clock.run(promote(host, promoting));
    expect([result?.failed, result?.done.length]).toEqual([[], 101]);
    expect(asks.filter(({ operation }) => operation === copying)).toHaveLength(100);
    expect(mostInFlight(asks)).toBe(10);
    expectGrowingIntervals(asks);
    expect(summarize((await clock.run(promote(host, promoting))).planned)).toEqual([]);
  });

  test("that are all allowed at once take as long as the slowest", async () => {
    const { asks, run } = createManyCopies(100, 1_000_000);
    const { result } = await run({ parallelism: 100 });
    expect(result?.failed).toEqual([]);
    expect(mostInFlight(asks)).toBe(100);
    expect(result?.ms).toBeLessThan(11 * minute);
    // Nothing else keeps those apart that began at once.
    const late = asks.filter(({ operation, at }) => operation === asking && at > (asks[0]?.at ?? 0) + minute);
    expect(new Set(late.map(({ at }) => at)).size).toBeGreaterThan(late.length * 0.9);
  });

  test("tell their state once each, not with every look", async () => {
    const { story, run } = createManyCopies(20);
    await run();
    const told = story.events.flatMap((event) =>
      event.type === "step-progressed" ? [event.step.address] : [],
    );
    expect([told.length, new Set(told).size]).toEqual([20, 20]);
  });
});

describe("a look that is refused", () => {
  test("is no reason to ask again within its interval", async () => {
    const { asks, run, refuse } = createManyCopies(1);
    refuse(() => asks.filter(({ operation }) => operation === asking).length <= 4);
    expect(failuresOf(await run())).toEqual([]);
    const [first = 0, ...gaps] = [...timesByTask(asks).values()].flatMap(gapsOf);
    expect(first).toBeGreaterThanOrEqual(1000);
    expect(gaps.slice(0, 4).map((gap, index) => gap >= 1.4 * (gaps[index - 1] ?? first))).toEqual(
      Array.from({ length: 4 }, () => true),
    );
  });

  test("again and again leaves the task to the next run", async () => {
    const { story, run, refuse } = createManyCopies(1);
    refuse(() => true);
    const { result } = await run();
    expect(result?.pending.map(({ step, detail }) => [step.address, detail])).toEqual([
      [
        "Copy.c0",
        "Coze may still be at work on it (timed out; the last look at it failed: too many calls: too many)",
      ],
    ]);
    refuse(() => false);
    expect(failuresOf(await run())).toEqual([]);
    expect(story.writes().filter((operation) => operation === copying)).toHaveLength(1);
  });
});

test("what needs no copy isn't held up by copies that take long", async () => {
  const { story, asks, run } = createManyCopies(10);
  const { world } = story.emulator;
  for (const { id } of world.workflows.values()) world.paceCopyOf(id, 10 * minute);
  const dataset = manifest("Dataset", "faq", { workspace: "desk", name: "常见问题", format: "text" });
  story.write({ "b.yaml": dataset });
  await run({ parallelism: 1 });
  const made = story.events.find(
    (event) => event.type === "step-finished" && event.step.address === "Dataset.faq",
  );
  expect((made?.at ?? 0) - (asks[0]?.at ?? 0)).toBeLessThan(minute);
});

test("the time-out counts from the beginning of each task", async () => {
  const clock = createEventClock();
  const story = createStory({ emulator: { now: clock.now, world: { copyMs: 45_000 } } });
  const from = story.emulator.world.addWorkspace({ name: "源" }).id;
  const copies = Array.from({ length: 4 }, (_, number) => {
    const { id } = story.emulator.world.addWorkflow({ space_id: from, name: `流程${number}` });
    return manifest("Copy", `c${number}`, { type: "workflow", source: { id }, workspace: { id: from } });
  });
  story.write({ "a.yaml": manifests(...copies) });
  const options = { ...story.common, approve: async () => true, parallelism: 1, timeout: 70_000 };
  const { result } = await clock.run(apply({ ...story.host, clock }, options));
  expect([result?.done.length, result?.pending]).toEqual([4, []]);
  expect(result?.ms).toBeGreaterThan(4 * 45_000);
});
