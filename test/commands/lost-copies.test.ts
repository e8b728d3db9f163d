import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type ApplyCommandOptions, apply } from "../../src/commands/apply.ts";
import type { Exchange } from "../../src/emulator/index.ts";
import type { RunEvent } from "../../src/engine/events.ts";
import { kinds } from "../../src/kinds/index.ts";
import { renderEventJson } from "../../src/report/json.ts";
import { renderPlan } from "../../src/report/plan.ts";
import { createEventClock } from "../support/event-clock.ts";
import { createFaults, createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const second = 1000;
const minute = 60 * second;

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const copying = "POST /v1/entities/copy_tasks";

/** Copies by name; of each, what is copied takes so long. */
function writeCopies(
  { emulator: { world }, write }: ReturnType<typeof createStory>,
  times: { readonly [name: string]: number },
  ...others: readonly string[]
) {
  const from = world.addWorkspace({ name: "源" }).id;
  const copies = Object.entries(times).map(([name, ms]) => {
    const { id } = world.addWorkflow({ space_id: from, name: `流程 ${name}` });
    world.paceCopyOf(id, ms);
    return { name, id };
  });
  const manifestOf = ({ name, id }: { readonly name: string; readonly id: string }) =>
    manifest("Copy", name, { type: "workflow", source: { id }, workspace: "desk" });
  write({ "a.yaml": manifests(workspace, ...copies.map(manifestOf), ...others) });
  return new Map(copies.map(({ name, id }) => [name, id]));
}

const bot = manifest("Bot", "support", { workspace: "desk", name: "客服", workflows: [{ copy: "a" }] });

/** A copy whose copying call is lost before or after it takes effect, on a clock that only sleep moves. */
function createLone(moment: "before" | "after", ms = 0) {
  const faults = createFaults();
  const story = createStory({ emulator: { hooks: faults.hooks } });
  writeCopies(story, { a: ms }, bot);
  faults.lose(moment, "copy_resource_task");
  const copies = () => [...story.emulator.world.workflows.values()].length - 1;
  return { story, faults, copies };
}

const endsOf = ({ result }: Awaited<ReturnType<typeof apply>>) => ({
  failed: result?.failed.map(({ step, failure }) => [step.address, failure.message]),
  pending: result?.pending.map(({ step, detail }) => [step.address, detail]),
  skipped: result?.skipped.map(({ step, because }) => [step.address, because]),
});

const pending = (move: string) =>
  `its copying call at 16:00:00 got no answer; its copy may appear until 16:10:00 (${move})`;
const runAgain = "run again then, or pass --wait-lost";

const listing = (request: string) => request.replace(/\?.*$/u, "");

describe("the run whose copying call gets no answer", () => {
  test("looks at once and after the lag of lists, and ends as pending with the time", async () => {
    const { story } = createLone("before");
    const requests = await story.requestsOf(async () => {
      const applied = await story.apply();
      expect(endsOf(applied)).toEqual({
        failed: [],
        pending: [["Copy.a", pending(runAgain)]],
        skipped: [["Bot.support", "it waits for Copy.a"]],
      });
    });
    expect(requests.map(listing)).toEqual([
      "GET /v1/workspaces",
      "POST /v1/workspaces",
      copying,
      "GET /v1/workflows",
      "GET /v1/workflows",
    ]);
    const events = story.events.filter(({ type }) => type.startsWith("step-p"));
    expect(events.map((event) => JSON.parse(renderEventJson(event)) as unknown)).toEqual([
      {
        type: "step-pending",
        at: expect.stringMatching(/^2026-01-05T08:00:05\.\d{3}Z$/u),
        address: "Copy.a",
        kind: "Copy",
        action: "create",
        detail: pending(runAgain),
        until: "2026-01-05T08:10:00.000Z",
      },
    ]);
  });

  test("takes over what appears in time", async () => {
    const { story, copies } = createLone("after", 4 * second);
    expect(endsOf(await story.apply())).toEqual({ failed: [], pending: [], skipped: [] });
    expect([copies(), story.writes().filter((one) => one === "copy_resource_task").length]).toEqual([1, 1]);
    expect(summarize(await story.plan())).toEqual([]);
  });
});

describe("a plan within the time", () => {
  const noteOf = async (
    story: ReturnType<typeof createStory>,
    more: Parameters<typeof story.plan>[0] = {},
  ) => {
    const planned = await story.plan(more);
    const text = renderPlan(planned.plan, { color: false, width: 200, kinds, full: false });
    const changes = planned.document.resource_changes as readonly { address: string; cozeform: object }[];
    const notes = text.split("\n").filter((line) => line.startsWith("      i "));
    return { notes, json: changes.find(({ address }) => address === "Copy.a")?.cozeform };
  };

  test.each(["auto", "none"] as const)(
    "says when the call was, and until when (--refresh %s)",
    async (refresh) => {
      const { story } = createLone("before");
      await story.apply();
      expect(await noteOf(story, { refresh })).toMatchObject({
        notes: [`      i ${pending(runAgain)}`],
        json: {
          action: "retry",
          because: ["its creation was interrupted, and no created object has appeared"],
          notes: [
            `its copying call at 2026-01-05T08:00:00.000Z got no answer; its copy may appear until 2026-01-05T08:10:00.000Z (${runAgain})`,
          ],
          lostCall: { at: "2026-01-05T08:00:00.000Z", until: "2026-01-05T08:10:00.000Z", over: false },
        },
      });
    },
  );

  test("says, once the time is over, that the call is repeated", async () => {
    const { story } = createLone("before");
    await story.apply();
    await story.host.clock.sleep(10 * minute - 10 * second);
    expect((await noteOf(story)).json).toMatchObject({ lostCall: { over: false } });
    await story.host.clock.sleep(10 * second);
    const over =
      "its copying call got no answer, and its copy should have appeared by now: the call is repeated if nothing is found";
    expect(await noteOf(story)).toMatchObject({
      notes: [`      i ${over}`],
      json: { lostCall: { over: true } },
    });
  });

  test("says of a copy that is to be forgotten that what appears stays", async () => {
    const { story } = createLone("before");
    await story.apply();
    story.write({ "a.yaml": workspace });
    expect((await noteOf(story)).notes).toEqual([`      i ${pending("and then stays at Coze")}`]);
  });
});

describe("the next run", () => {
  test("within the time looks twice and makes no call, and after it repeats the call", async () => {
    const { story, faults, copies } = createLone("before");
    await story.apply();
    faults.heal();
    await story.host.clock.sleep(minute);
    const early = await story.requestsOf(async () => {
      expect(endsOf(await story.apply()).pending).toEqual([["Copy.a", pending(runAgain)]]);
    });
    expect(early.map(listing)).toEqual([
      "GET /v1/workspaces",
      "GET /v1/bots",
      "GET /v1/workflows",
      "GET /v1/workflows",
      "GET /v1/workflows",
    ]);
    await story.host.clock.sleep(9 * minute);
    expect(endsOf(await story.apply())).toEqual({ failed: [], pending: [], skipped: [] });
    expect([copies(), summarize(await story.plan())]).toEqual([1, []]);
  });

  test("after the time does what a plan says that was saved within it", async () => {
    const { story, faults, copies } = createLone("before");
    await story.apply();
    faults.heal();
    const { document } = await story.plan();
    story.write({ "saved.plan.json": JSON.stringify(document) });
    await story.host.clock.sleep(10 * minute);
    const planFile = join(story.directory, "saved.plan.json");
    expect(endsOf(await story.apply({ planFile }))).toEqual({ failed: [], pending: [], skipped: [] });
    expect([copies(), summarize(await story.plan())]).toEqual([1, []]);
  });

  test("takes over what appeared meanwhile", async () => {
    const { story, faults, copies } = createLone("after", 3 * minute);
    expect(endsOf(await story.apply()).pending).toEqual([["Copy.a", pending(runAgain)]]);
    faults.heal();
    await story.host.clock.sleep(4 * minute);
    expect(endsOf(await story.apply())).toEqual({ failed: [], pending: [], skipped: [] });
    expect([copies(), story.writes().filter((one) => one === "copy_resource_task").length]).toEqual([1, 1]);
  });
});

describe("a run with --wait-lost", () => {
  test("waits until the time is over, and then repeats the call", async () => {
    const { story, faults, copies } = createLone("before");
    await story.apply();
    faults.heal();
    const from = story.events.length;
    const requests = await story.requestsOf(async () => {
      expect(endsOf(await story.apply({ waitLost: true }))).toEqual({ failed: [], pending: [], skipped: [] });
    });
    const told = story.events
      .slice(from)
      .flatMap((event) => (event.type === "step-progressed" ? [event] : []));
    expect(told.map(({ detail, until }) => [detail, until])).toEqual([
      ["waiting until 16:10:00 for the copy of a lost call", Date.UTC(2026, 0, 5, 8, 10)],
    ]);
    // Pauses of 5, 7.5, 11.3, 16.9, 25.3, 38, 57 and then 60 seconds.
    const looks = requests
      .slice(0, requests.indexOf(copying))
      .filter((one) => one.startsWith("GET /v1/workflows"));
    expect(looks).toHaveLength(1 + 1 + 15);
    expect([copies(), summarize(await story.plan())]).toEqual([1, []]);
  });

  test("waits no longer than --timeout says", async () => {
    const { story, faults } = createLone("before");
    await story.apply();
    faults.heal();
    const from = story.events.length;
    const applied = await story.apply({ waitLost: true, timeout: 2 * minute });
    expect(endsOf(applied).pending).toEqual([
      ["Copy.a", pending("run again then, or pass a longer --timeout")],
    ]);
    const [began, ended] = ["step-started", "step-pending"].map(
      (type) => story.events.slice(from).find((event) => event.type === type)?.at ?? 0,
    );
    expect((ended ?? 0) - (began ?? 0)).toBe(2 * minute);
  });

  test("repeats a call that it lost itself once, and then fails", async () => {
    const { story } = createLone("before");
    const applied = await story.apply({ waitLost: true });
    expect(failuresOf(applied)).toEqual([
      "Copy.a: it is unknown whether the call took effect: the connection failed",
    ]);
    expect(story.writes().filter((one) => one === "copy_resource_task")).toHaveLength(2);
    expect(story.host.clock.now() - Date.UTC(2026, 0, 5, 8)).toBeGreaterThanOrEqual(20 * minute);
  });
});

/**
 * Several copies on a clock whose time passes for all at once; the first copying call of `a` is lost. Times are from the
 * moment when that is waited for.
 */
function createCrowd(
  times: { readonly [name: string]: number },
  moment: "before" | "after",
  hooks: { readonly before?: (exchange: Exchange) => Response | undefined } = {},
) {
  const clock = createEventClock();
  const asks: { readonly operation: string | undefined; readonly at: number }[] = [];
  const acts: { readonly after: number; act(): void }[] = [];
  let [waitsSince, until] = [0, 0];
  let ids: ReadonlyMap<string, string> = new Map();
  let isLost = false;
  const lose = ({ operation, body }: Exchange, at: "before" | "after") => {
    if (operation !== "copy_resource_task" || isLost || at !== moment) return undefined;
    if ((body as { readonly entity_id?: string }).entity_id !== ids.get("a")) return undefined;
    isLost = true;
    throw new TypeError("connection lost");
  };
  const story = createStory({
    emulator: {
      now: clock.now,
      hooks: {
        before(exchange) {
          asks.push({ operation: exchange.operation, at: clock.now() });
          return hooks.before?.(exchange) ?? lose(exchange, "before");
        },
        after: (exchange) => lose(exchange, "after"),
      },
    },
  });
  ids = writeCopies(story, times, bot);
  const stop = new AbortController();
  const onEvent = (event: RunEvent): void => {
    story.events.push(event);
    if (event.type !== "step-progressed" || event.until === undefined) return;
    [waitsSince, until] = [event.at, event.until];
    for (const { after, act } of acts) void clock.sleep(after).then(act);
  };
  const host = { ...story.host, clock, signal: stop.signal, onEvent };
  return {
    story,
    stop,
    /** Does something so long after the waiting has begun. */
    later: (after: number, act: () => void) => void acts.push({ after, act }),
    run: (options: Partial<ApplyCommandOptions> = {}) =>
      clock.run(apply(host, { ...story.common, approve: async () => true, ...options })),
    secondsPassed: () => (clock.now() - waitsSince) / second,
    /** When each of the calls of an operation was made. */
    secondsOf: (operation: string) =>
      asks.flatMap((one) => (one.operation === operation ? [(one.at - waitsSince) / second] : [])),
    /** When what a step says of itself was said. */
    toldOf: (address: string) =>
      story.events.flatMap((event) => {
        const detail = "detail" in event ? event.detail : "";
        const tells = "step" in event && event.step.address === address;
        return tells ? [[(event.at - waitsSince) / second, event.type, detail] as const] : [];
      }),
    /** What a copy says that is left pending. */
    pending: (move: string) => {
      const [from, to] = [until - 10 * minute, until].map(showTime);
      return `its copying call at ${from} got no answer; its copy may appear until ${to} (${move})`;
    },
    waiting: () => `waiting until ${showTime(until)} for the copy of a lost call`,
  };
}

/** A time in the zone of the tests, which is eight hours ahead. */
const showTime = (at: number): string => new Date(at + 8 * 60 * minute).toISOString().slice(11, 19);

describe("while other copies go on", () => {
  test("it keeps looking, says so, and ends as pending when they are done", async () => {
    const crowd = createCrowd({ a: 0, b: 2 * minute }, "before");
    expect(endsOf(await crowd.run())).toEqual({
      failed: [],
      pending: [["Copy.a", crowd.pending(runAgain)]],
      skipped: [["Bot.support", "it waits for Copy.a"]],
    });
    expect(crowd.toldOf("Copy.a").slice(1)).toEqual([
      [0, "step-progressed", crowd.waiting()],
      [expect.any(Number), "step-pending", crowd.pending(runAgain)],
    ]);
    // Once there is nothing else to wait for, the last look comes at once.
    const looks = crowd.secondsOf("get_workflow_list");
    const pauses = looks.map((at, index) => at - (looks[index - 1] ?? at)).slice(1, -1);
    expect(pauses.map(Math.round)).toEqual([5, 8, 11, 17, 25, 38]);
    const ended = crowd.toldOf("Copy.b").at(-1)?.[0] ?? 0;
    expect(ended).toBeGreaterThan(120);
    // Calls keep a pace, so that it may have to wait for its turn.
    expect((looks.at(-1) ?? 0) - ended).toBeLessThan(1);
  });

  test("it is found when it appears, and its callers come after it", async () => {
    const crowd = createCrowd({ a: minute, b: 5 * minute }, "after");
    expect(endsOf(await crowd.run())).toEqual({ failed: [], pending: [], skipped: [] });
    expect(crowd.secondsOf("copy_resource_task")).toHaveLength(2);
    expect(crowd.secondsOf("create_bot").map(Math.floor)).toEqual([66]);
    expect(summarize(await crowd.story.plan())).toEqual([]);
  });

  test("it takes no place that they need", async () => {
    const crowd = createCrowd({ a: 0, b: minute, c: minute }, "before");
    await crowd.run({ parallelism: 1 });
    expect(crowd.secondsOf("copy_resource_task").map((at) => Math.floor(at / 60))).toEqual([-1, 0, 1]);
  });

  test("its call is repeated when the time is over, once there is a place for it", async () => {
    const crowd = createCrowd({ a: 0, b: 20 * minute }, "before");
    expect(endsOf(await crowd.run({ parallelism: 1 }))).toEqual({ failed: [], pending: [], skipped: [] });
    const [, , repeated = 0] = crowd.secondsOf("copy_resource_task");
    expect(repeated).toBeGreaterThan(20 * 60);
    // Once the time is over nothing more is looked for.
    const looks = crowd.secondsOf("get_workflow_list").filter((at) => at < repeated);
    expect(looks.map(Math.floor).filter((at) => at > 590)).toEqual([599]);
  });

  test("several objects that could be it make it fail", async () => {
    const crowd = createCrowd({ a: 0, b: 5 * minute }, "before");
    const { world } = crowd.story.emulator;
    crowd.later(minute, () => {
      const desk = [...world.workspaces.values()].find(({ name }) => name === "客服空间")?.id ?? "";
      for (let count = 0; count < 2; count += 1) world.addWorkflow({ space_id: desk, name: "流程 a" });
    });
    const [[, failure] = []] = endsOf(await crowd.run()).failed ?? [];
    expect(failure).toMatch(/^its creation got no answer, and \d+, \d+ could each be its result$/u);
  });
});

describe("the wait ends", () => {
  test("with the first request to stop, at once and without another look", async () => {
    const crowd = createCrowd({ a: 0 }, "before");
    crowd.later(3 * minute, () => crowd.stop.abort());
    const applied = await crowd.run({ waitLost: true });
    expect(endsOf(applied).pending).toEqual([
      ["Copy.a", crowd.pending("interrupted; run again to continue")],
    ]);
    expect([applied.result?.interrupted, crowd.secondsPassed()]).toEqual([true, 180]);
    expect(crowd.secondsOf("get_workflow_list").filter((at) => at >= 180)).toEqual([]);
  });

  test("with a run that can't go on", async () => {
    const revoked = () => Response.json({ code: 4100, msg: "authentication is invalid" }, { status: 401 });
    let isRevoked = false;
    const crowd = createCrowd({ a: 0, b: 9 * minute }, "before", {
      before: ({ operation }) =>
        isRevoked && operation === "query_resource_copy_execution_result" ? revoked() : undefined,
    });
    crowd.later(2 * minute, () => {
      isRevoked = true;
    });
    const applied = await crowd.run({ waitLost: true });
    expect(endsOf(applied).pending).toEqual([
      ["Copy.a", crowd.pending("interrupted; run again to continue")],
    ]);
    expect(crowd.secondsPassed()).toBeLessThan(180);
  });
});
