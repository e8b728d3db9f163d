import { describe, expect, test } from "@jest/globals";
import { failuresOf, summarize } from "../support/story.ts";
import { createReleases } from "./support.ts";

const first = { prompt: "一", revision: "1" };
const second = { prompt: "二", revision: "2" };

/** A desk that was made without a promotion. */
async function createDesk() {
  const desk = createReleases();
  desk.write(first);
  expect(failuresOf(await desk.apply())).toEqual([]);
  return { desk, before: desk.published() };
}

const told = ({ events }: ReturnType<typeof createReleases>) =>
  events.flatMap((event) => ("step" in event ? [`${event.type} ${event.step.address}`] : []));

describe("callers see all of a promotion or nothing", () => {
  test("a failed copy leaves what hangs on it alone", async () => {
    const { desk, before } = await createDesk();
    desk.emulator.world.workflows.delete(desk.originals.refund ?? "");
    const writes = desk.writes().length;
    const { result } = await desk.release(second);
    expect(desk.writes().slice(writes)).toEqual(["copy_resource_task", "copy_resource_task"]);
    expect(desk.published()).toEqual(before);
    expect(result).toMatchObject({
      switched: false,
      failed: [{ step: { address: "Copy.refund" } }],
      skipped: [{ step: { address: "Bot.support" }, because: "it waits for Copy.refund" }],
    });
    expect(desk.promotion()).toMatchObject({ number: 1, open: true });
  });

  test("copying calls without an answer leave all pending; the same promotion goes on when the time is over", async () => {
    const { desk, before } = await createDesk();
    desk.faults.lose("before", "copy_resource_task");
    const { result } = await desk.release(second);
    const open = expect.stringMatching(
      /^its copying call at [\d:]{8} got no answer; its copy may appear until/u,
    );
    expect(result).toMatchObject({
      switched: false,
      failed: [],
      pending: [{ detail: open }, { detail: open }],
      skipped: [{ step: { address: "Bot.support" }, because: "it waits for Copy.invoice" }],
    });
    expect(desk.published()).toEqual(before);
    desk.faults.heal();

    const { stays } = await desk.rollback([], false);
    expect(stays.find(({ address }) => address === "Copy.invoice")).toEqual({
      address: "Copy.invoice",
      why: "the promotion's copy call got no answer, and the copy may still appear",
      hint: "promote again first, with --wait-lost, or forget it: cozeform state rm Copy.invoice",
    });

    const waited = await desk.apply({ promotion: { from: "dev" }, waitLost: true });
    expect(waited.result).toMatchObject({ switched: true, failed: [], pending: [], skipped: [] });
    expect(desk.published()).toMatchObject({ prompt: "二" });
    expect(desk.promotion()).toMatchObject({ number: 1 });
  });

  test("what is prepared beside a copying call without an answer isn't shown either", async () => {
    const { desk } = await createDesk();
    desk.write({ ...second, alone: true });
    desk.faults.lose("before", "copy_resource_task");
    const { result } = await desk.release({ ...second, alone: true });
    const because = expect.stringMatching(
      /^nothing is switched: the copying call of Copy\.(invoice|refund) got no answer, and its copy may still appear$/u,
    );
    expect(result?.skipped).toMatchObject([{ step: { address: "Bot.support" }, because }]);
    expect(desk.published()).toMatchObject({ prompt: "一" });
  });

  test("the next run goes on where one ended, as the same promotion, and copies nothing again", async () => {
    const { desk, before } = await createDesk();
    desk.faults.refuse("update_bot");
    const broken = await desk.release(second);
    expect(broken.result).toMatchObject({ switched: false, failed: [{ step: { address: "Bot.support" } }] });
    expect(desk.published()).toEqual(before);
    desk.faults.heal();

    const again = await desk.release(second);
    expect(again.result).toMatchObject({ switched: true, failed: [], skipped: [] });
    expect(desk.published().prompt).toBe("二");
    expect(desk.emulator.requests.filter(({ operation }) => operation === "copy_resource_task")).toHaveLength(
      4,
    );
    // Both runs were one promotion.
    expect(desk.promotion()).toEqual({ number: 1, from: "dev", begun: expect.any(Number) });
    expect(summarize(await desk.plan())).toEqual([]);
  });

  test("publications come after everything else, and each step is told of as one", async () => {
    const { desk } = await createDesk();
    desk.events.length = 0;
    const writes = desk.writes().length;
    await desk.release(second);
    expect(desk.writes().slice(writes)).toEqual([
      "copy_resource_task",
      "copy_resource_task",
      "update_bot",
      "publish_bot",
    ]);
    expect(told(desk).filter((one) => !one.includes("progressed"))).toEqual([
      "step-started Copy.invoice",
      "step-started Copy.refund",
      "step-finished Copy.invoice",
      "step-finished Copy.refund",
      "step-started Bot.support",
      "step-prepared Bot.support",
      "step-started Bot.support",
      "step-finished Bot.support",
    ]);
    expect(desk.events.find(({ type }) => type === "run-started")).toMatchObject({ steps: 3 });
  });

  test("a prepared bot isn't shown when another part fails, and the reason is told", async () => {
    const { desk, before } = await createDesk();
    desk.emulator.world.workflows.delete(desk.originals.refund ?? "");
    const loose = await desk.release({ ...second, alone: true });
    expect(loose.result?.skipped.map(({ step, because }) => `${step.address}: ${because}`)).toEqual([
      "Bot.support: nothing is switched: Copy.refund failed",
    ]);
    expect(desk.entry("Bot.support").status).toBe("incomplete");
    expect(desk.bot().draft.prompt_info?.prompt).toBe("二");
    expect(desk.published()).toEqual(before);
  });
});

test("a change that leads away from a promotion that was given up is shown to callers", async () => {
  const { desk } = await createDesk();
  desk.faults.refuse("publish_bot");
  const broken = await desk.release(second);
  expect(broken.result).toMatchObject({ switched: false, failed: [{ step: { address: "Bot.support" } }] });
  desk.faults.heal();
  desk.write(first);
  expect(failuresOf(await desk.release({ ...first, revision: "2" }))).toEqual([]);
  expect(desk.published().prompt).toBe("一");
});
