import { expect, test } from "@jest/globals";
import type { Exchange } from "../../src/emulator/index.ts";
import { describeRerun, sampleOf } from "../support/sample.ts";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

type Disturbance = () => Response;
const lose: Disturbance = () => {
  throw new TypeError("connection lost");
};
const fail: Disturbance = () => Response.json({ code: 5000, msg: "internal" }, { status: 500 });

const desk = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const bot = manifest("Bot", "support", { workspace: "desk", name: "客服", workflows: [{ copy: "invoice" }] });
const copy = (name: string, type: string, source: string, revision: string) =>
  manifest("Copy", name, { type, source: { id: source }, workspace: "desk", revision });

/**
 * Applies changes with a call disturbed (and all that follow, when it is cut off), then again without: waiting for what a
 * lost call may have made, or, every other time, once more when that can't appear any more.
 */
async function disturb(
  call: number | undefined,
  { moment, disturbance, cutOff }: { moment: "before" | "after"; disturbance?: Disturbance; cutOff: boolean },
) {
  let counting = false;
  const calls: { readonly number: number; readonly operation: string }[] = [];
  const hit =
    (when: "before" | "after") =>
    ({ operation = "" }: Exchange) => {
      if (!counting) return undefined;
      if (when === "before") calls.push({ number: calls.length + 1, operation });
      if (call === undefined) return undefined;
      if (calls.length === call && when === moment) return disturbance?.();
      return cutOff && calls.length > call && when === "before" ? disturbance?.() : undefined;
    };
  const story = createStory({ emulator: { hooks: { before: hit("before"), after: hit("after") } } });
  const { world } = story.emulator;
  const from = world.addWorkspace({ name: "源" }).id;
  const [invoice, refund] = ["开票", "退货"].map((name) => world.addWorkflow({ space_id: from, name }).id);
  const helper = world.addBot({
    space_id: from,
    draft: { name: "助手", workflow_id_list: { ids: [{ id: invoice ?? "" }] } },
  }).id;
  const shop = world.addApp({ space_id: from, name: "小店" }).id;
  story.write({ "a.yaml": manifests(desk, copy("invoice", "workflow", invoice ?? "", "1"), bot) });
  expect(failuresOf(await story.apply())).toEqual([]);
  await story.host.clock.sleep(60_000);
  story.write({
    "a.yaml": manifests(
      desk,
      bot,
      copy("invoice", "workflow", invoice ?? "", "2"),
      copy("refund", "workflow", refund ?? "", "1"),
      copy("helper", "bot", helper, "1"),
      copy("shop", "app", shop, "1"),
    ),
  });
  await story.apply({
    approve: async () => {
      counting = true;
      return true;
    },
  });
  counting = false;
  const waitLost = isWaiting(call ?? 0);
  expect([call, failuresOf(await story.apply({ waitLost }))]).toEqual([call, []]);
  if (!waitLost) {
    await story.host.clock.sleep(600_000);
    expect([call, failuresOf(await story.apply())]).toEqual([call, []]);
  }
  expect([call, summarize(await story.plan())]).toEqual([call, []]);
  const nameOf = new Map([...world.workflows.values()].map(({ id, name }) => [id, name]));
  const ending = {
    workflows: [...world.workflows.values()].map(({ name }) => name).sort(),
    apps: [...world.apps.values()].map(({ name }) => name).sort(),
    bots: [...world.bots.values()]
      .map(({ draft }) => [
        draft.name,
        ...(draft.workflow_id_list?.ids ?? []).map(({ id }) => nameOf.get(id)),
      ])
      .sort(),
  };
  return { calls, ending };
}

const isWaiting = (call: number): boolean => call % 2 === 0;

test.each([
  ["is lost before it took effect", { moment: "before", disturbance: lose, cutOff: false }],
  ["gets a 500 after it took effect", { moment: "after", disturbance: fail, cutOff: false }],
  ["is the last after it took effect", { moment: "after", disturbance: lose, cutOff: true }],
] as const)(
  "whichever call of an apply of copies %s, the next apply ends in the same world",
  async (_how, how) => {
    const { calls, ending } = await disturb(undefined, { moment: how.moment, cutOff: false });
    expect(ending.apps).toEqual(["小店", "小店"]);
    expect(calls.length).toBeGreaterThan(8);
    const { CASE: only } = process.env;
    const chosen =
      only === undefined
        ? sampleOf(calls, 0, ({ operation, number }) => [operation, `waits: ${isWaiting(number)}`])
        : calls.filter(({ number }) => number === Number(only));
    for (const { number } of chosen) {
      const alone = describeRerun(`CASE=${number}`);
      const disturbed = await disturb(number, how).catch((cause: unknown) => {
        throw new Error(`alone: ${alone}\n${cause instanceof Error ? cause.message : cause}`, { cause });
      });
      expect([alone, disturbed.ending]).toEqual([alone, ending]);
    }
  },
);
