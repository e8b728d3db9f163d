import { expect, test } from "@jest/globals";
import { apply } from "../../src/commands/apply.ts";
import type { Planned } from "../../src/commands/plan.ts";
import type { Values } from "../../src/core/value.ts";
import { operations } from "../../src/coze/http/operation.ts";
import { cozeProvider, kinds } from "../../src/kinds/index.ts";
import { estimateApply } from "../../src/plan/estimate.ts";
import { createEventClock } from "../support/event-clock.ts";
import { createStory, echoChallenge, failuresOf, manifest, manifests, type Story } from "../support/story.ts";
import { tally } from "../support/tally.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const bot = (spec: Values = {}) =>
  manifest("Bot", "a", { workspace: "desk", name: "a", prompt: "一", ...spec });
const published = (...connectors: readonly string[]) => ({ publish: { connectors } });
const callbackApp = manifest("CallbackApp", "h", {
  name: "h",
  callback_url: "https://h.example.com/x",
  events: ["bot.published"],
});

test.each<[string, readonly [string, ...string[]]]>([
  ["a bot", [manifests(workspace, bot())]],
  ["a published bot", [manifests(workspace, bot(published("api", "chat_sdk")))]],
  [
    "a published bot that changes",
    [
      manifests(workspace, bot(published("api"))),
      manifests(workspace, bot({ ...published("api"), prompt: "二" })),
    ],
  ],
  ["a published bot that is given up", [manifests(workspace, bot(published("api"))), workspace]],
  ["a callback app", [manifests(workspace, callbackApp)]],
])("as many calls as the plan says are made for %s", async (_what, [first, ...then]) => {
  const story = createStory({ files: { "a.yaml": first }, emulator: { fetch: echoChallenge } });
  let applied = await story.apply();
  for (const next of then) {
    story.write({ "a.yaml": next });
    applied = await story.apply();
  }
  expect(failuresOf(applied)).toEqual([]);
  const { planned, result } = applied;
  expect(result?.calls).toBe(planned.calls.apply);
  expect(tellOperations(planned)).toEqual(countOperations(story, planned.calls.apply));
});

/** How often a plan means its apply to call each operation. */
function tellOperations({ plan }: Planned): Counts {
  const uploads = { known: new Set<string>(), operation: cozeProvider.uploadOperation };
  const keyOf = (_kind: unknown, sha256: string) => sha256;
  const { phases } = estimateApply(plan, kinds, { ...uploads, keyOf });
  const counts = phases.flatMap(({ byOperation }) => [...byOperation]);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** How often each operation was among the last calls. */
function countOperations({ emulator }: Story, last: number): Counts {
  return tally(emulator.requests.slice(-last).map(({ operation }) => operation));
}

type Counts = Readonly<Record<string, number>>;

test("every operation that a kind names is one of the client's", () => {
  const named = kinds.flatMap(({ operations: names = {} }) => Object.values(names));
  expect([...named, cozeProvider.uploadOperation].filter((name) => !operations.has(name))).toEqual([]);
});

const project = (environment: string) =>
  `apiVersion: cozeform/v1\nkind: Project\nname: p\nenvironments: {dev: ${environment}}\n`;
const bots = Array.from({ length: 40 }, (_, number) =>
  manifest("Bot", `b${number}`, {
    workspace: "desk",
    name: `b${number}`,
    prompt: "一",
    icon: `${number % 20}.png`,
  }),
);
const icons = Object.fromEntries(
  Array.from({ length: 20 }, (_, shade) => [
    `${shade}.png`,
    Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, shade]),
  ]),
);

test.each([
  ["all calls together", "{}", 5],
  ["an operation that the environment limits", "{operations_per_second: {create_bot: 1}}", 1],
  ["uploads", "{requests_per_second: 100, operations_per_second: {upload_files: 0.5}}", 0.5],
])("an apply takes as long as its plan says when the limit is of %s", async (_what, environment) => {
  const clock = createEventClock();
  const story = createStory({
    files: { "cozeform.yaml": project(environment), "a.yaml": manifests(workspace, ...bots), ...icons },
    emulator: { now: clock.now },
  });
  const { directory, host } = story;
  const options = { directory, endpoint: "http://127.0.0.1", approve: async () => true };
  const { planned, result } = await clock.run(apply({ ...host, clock }, options));
  expect(result?.calls).toBe(planned.calls.apply);
  expect(planned.calls.seconds).toBeGreaterThan(20);
  expect(Math.abs((result?.ms ?? 0) / 1000 / planned.calls.seconds - 1)).toBeLessThan(0.1);

  expect(tellOperations(planned)).toEqual(countOperations(story, planned.calls.apply));
});
