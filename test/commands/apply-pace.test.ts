import { describe, expect, test } from "@jest/globals";
import { apply } from "../../src/commands/apply.ts";
import { plan } from "../../src/commands/plan.ts";
import { createEventClock } from "../support/event-clock.ts";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const perSecond = 20;
const project = `apiVersion: cozeform/v1\nkind: Project\nname: p\nenvironments: {dev: {requests_per_second: ${perSecond}}}\n`;

const creating = "/open_api/knowledge/document/create";
const isLook = ({ path }: { readonly path: string }): boolean => path.endsWith("/process");

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

/** Manifests of so many datasets with a document each, and of bots that use them. */
function writeManifests({ datasets, bots }: { readonly datasets: number; readonly bots: number }) {
  return manifests(
    manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
    ...numbers(datasets).flatMap((n) => [
      manifest("Dataset", `d${n}`, { workspace: "desk", name: `知识${n}`, format: "text" }),
      manifest("Document", `f${n}`, { dataset: `d${n}`, name: `文档${n}`, source: { file: "faq.txt" } }),
    ]),
    ...numbers(bots).map((n) =>
      manifest("Bot", `b${n}`, {
        workspace: "desk",
        name: `助手${n}`,
        prompt: "你好",
        knowledge: { datasets: [`d${n % datasets}`] },
      }),
    ),
  );
}

/** A run over a network on which an answer takes 50 ms, to an emulator that refuses more calls than are allowed. */
function createRace(
  size: { readonly datasets: number; readonly bots: number },
  { processingMs = 0 }: { readonly processingMs?: number } = {},
) {
  const clock = createEventClock();
  let onLook = (): void => {};
  const starts: { readonly at: number; readonly path: string }[] = [];
  const story = createStory({
    files: { "cozeform.yaml": project, "a.yaml": writeManifests(size), "faq.txt": "退换货：七天内。" },
    emulator: { now: clock.now, limits: { perSecond }, world: { processingMs } },
  });
  const host = {
    ...story.host,
    clock,
    fetch: async (...[request, init]: Parameters<typeof fetch>) => {
      const { url } = request as Request;
      starts.push({ at: clock.now(), path: new URL(url).pathname });
      const response = await story.emulator.fetch(request, init);
      await clock.sleep(50);
      if (isLook({ path: new URL(url).pathname })) onLook();
      return response;
    },
  };
  return {
    story,
    clock,
    starts,
    onLook: (listener: () => void) => {
      onLook = listener;
    },
    run: (options: { readonly parallelism?: number } = {}, signal?: AbortSignal) =>
      clock.run(apply({ ...host, signal }, { ...story.common, approve: async () => true, ...options })),
    plan: () => clock.run(plan(host, story.common)),
    refusals: () => story.emulator.requests.filter(({ status }) => status === 429).length,
    /** The share of the allowed calls that were made, from the first to the last. */
    usedShare: () =>
      (starts.length - 1) / (((starts.at(-1)?.at ?? 0) - (starts[0]?.at ?? 0)) / 1000) / perSecond,
  };
}

describe("an apply within a limit of 20 calls a second", () => {
  test.each([10, 1])(
    "uses nearly all of them, %i at a time, and makes none too many",
    async (parallelism) => {
      const { run, plan, starts, refusals, usedShare } = createRace({ datasets: 30, bots: 60 });
      const applied = await run();
      expect(failuresOf(applied)).toEqual([]);
      const { made, apply: needed } = applied.planned.calls;
      expect([starts.length, refusals()]).toEqual([made + needed, 0]);
      expect(usedShare()).toBeGreaterThan(0.95);
      expect(summarize(await plan())).toEqual([]);
    },
  );

  test("goes on with others while documents are processed, also one at a time", async () => {
    const { run, starts, usedShare } = createRace({ datasets: 30, bots: 60 }, { processingMs: 4000 });
    expect(failuresOf(await run({ parallelism: 1 }))).toEqual([]);
    const created = starts.filter(({ path }) => path === creating).map(({ at }) => at);
    const firstLook = starts.find(isLook)?.at ?? 0;
    expect(created.filter((at) => at < firstLook).length).toBeGreaterThan(15);
    // All of them are processed within the time of one, and nothing else waits for longer.
    const wait = (starts.length / perSecond) * (1 / usedShare() - 1);
    expect(wait).toBeLessThan(4.5);
  });
});

test("a stop while documents are processed ends the run at once, and the next one waits on", async () => {
  const { run, plan, clock, starts, onLook } = createRace({ datasets: 3, bots: 3 }, { processingMs: 60_000 });
  const creations = () => starts.filter(({ path }) => path === creating).length;
  const stop = new AbortController();
  let stoppedAt = 0;
  onLook(() => {
    if (starts.filter(isLook).length < 12) return;
    stoppedAt = clock.now();
    stop.abort();
  });
  const { result } = await run({}, stop.signal);
  expect(result?.interrupted).toBe(true);
  expect(result?.pending.map(({ step }) => step.address)).toEqual([
    "Document.f0",
    "Document.f1",
    "Document.f2",
  ]);
  expect(clock.now() - stoppedAt).toBeLessThanOrEqual(50);
  onLook(() => {});
  expect(failuresOf(await run())).toEqual([]);
  expect(creations()).toBe(3);
  expect(summarize(await plan())).toEqual([]);
});
