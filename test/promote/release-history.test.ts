import { describe, expect, test } from "@jest/globals";
import type { Entry, Release } from "../../src/kind/state-entry.ts";
import { failuresOf } from "../support/story.ts";
import { createReleases } from "./support.ts";

const numbers = ({ history = [] }: Entry) =>
  history.map(({ promotion, undone }) => `${promotion ?? "before"}${undone ? " undone" : ""}`);

async function createDesk() {
  const desk = createReleases();
  desk.write({ prompt: "一" });
  expect(failuresOf(await desk.apply())).toEqual([]);
  return desk;
}

describe("the history of a name", () => {
  test("holds what stood before the first promotion and what each made, whole and without anything else", async () => {
    const desk = await createDesk();
    const workspace = desk.bot().space_id;
    const before = desk.entry("Bot.support").version;
    const old = desk.entry("Copy.invoice").id;
    await desk.release({ prompt: "长".repeat(500), revision: "2" });
    const { resources } = await desk.loaded();
    const bot = desk.entry("Bot.support");
    const [standing, made] = resources["Bot.support"]?.history ?? [];
    const content = expect.stringMatching(/^[\da-f]{64}$/u);
    const rest = {
      description: "",
      onboarding: { prologue: "" },
      model: { id: "1706077826" },
      plugins: [],
      knowledge: { datasets: [] },
      suggested_replies: { mode: "enable", prompt: "" },
      publish: { connectors: [{ id: "1024" }] },
    };
    expect(standing).toEqual({
      at: expect.any(Number),
      number: 1,
      applied: true,
      base: true,
      content,
      id: desk.bot().id,
      version: before,
      spec: { workspace, name: "客服", prompt: "一", workflows: [old, expect.any(String)], ...rest },
    } satisfies Partial<Record<keyof Release, unknown>>);
    expect(made).toEqual({
      at: expect.any(Number),
      number: 2,
      content,
      id: desk.bot().id,
      promotion: 1,
      from: "dev",
      version: desk.bot().versions.at(-1)?.version,
      spec: {
        workspace,
        name: "客服",
        prompt: "长".repeat(500),
        workflows: desk.published().workflows,
        ...rest,
      },
    });
    expect(bot.version).toBe(made?.version);
    // What is remembered as wanted is as short as ever.
    expect(bot.spec.prompt).toMatchObject({ $digest: expect.any(String) });

    const spec = { type: "workflow", source: { id: desk.originals.invoice }, workspace };
    const first = { number: 1, applied: true, base: true };
    expect(resources["Copy.invoice"]?.history).toEqual([
      { at: expect.any(Number), ...first, content, id: old, revision: "1", spec: { ...spec, revision: "1" } },
      {
        at: expect.any(Number),
        number: 2,
        content,
        id: desk.entry("Copy.invoice").id,
        revision: "2",
        promotion: 1,
        from: "dev",
        spec: { ...spec, revision: "2" },
      },
    ]);
  });

  test("keeps the configuration of the latest five, and nothing of what didn't change", async () => {
    const desk = await createDesk();
    for (const prompt of ["二", "三", "四", "五", "六"]) await desk.release({ prompt });
    const { history = [] } = (await desk.loaded()).resources["Bot.support"] ?? {};
    expect(numbers({ ...desk.entry("Bot.support") })).toEqual(["before", "1", "2", "3", "4", "5"]);
    expect(history.map(({ spec }) => spec?.prompt)).toEqual([undefined, "二", "三", "四", "五", "六"]);
    expect(history.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(numbers(desk.entry("Copy.invoice"))).toEqual(["before"]);
  });

  test("tells what a plain apply made between two promotions, since the way back leads there", async () => {
    const desk = await createDesk();
    await desk.release({ prompt: "二" });
    desk.write({ prompt: "二点五" });
    await desk.apply();
    await desk.release({ prompt: "三" });
    expect(numbers(desk.entry("Bot.support"))).toEqual(["before", "1", "before", "2"]);
    await desk.rollback();
    expect(desk.published().prompt).toBe("二点五");
  });

  test("begins with what a promotion made, however many runs that took", async () => {
    const desk = createReleases();
    desk.faults.refuse("publish_bot");
    await desk.release({ prompt: "一" });
    expect(numbers(desk.entry("Bot.support"))).toEqual([]);
    desk.faults.heal();
    await desk.release({ prompt: "二" });
    expect(numbers(desk.entry("Bot.support"))).toEqual(["1"]);
  });

  test("has one release of a promotion that took several runs", async () => {
    const desk = await createDesk();
    desk.faults.refuse("publish_bot");
    await desk.release({ prompt: "二", revision: "2" });
    desk.faults.heal();
    await desk.release({ prompt: "三", revision: "3" });
    expect(numbers(desk.entry("Bot.support"))).toEqual(["before", "1"]);
    expect(numbers(desk.entry("Copy.invoice"))).toEqual(["before", "1"]);
    await desk.release({ prompt: "四", revision: "3" });
    expect(numbers(desk.entry("Bot.support"))).toEqual(["before", "1", "2"]);
  });
});
