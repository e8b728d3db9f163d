import { describe, expect, test } from "@jest/globals";
import { apply } from "../../src/commands/apply.ts";
import { failuresOf, manifest } from "../support/story.ts";
import { createReleases } from "./support.ts";

/** Made without a promotion, and then promoted once. */
async function createReleased() {
  const desk = createReleases();
  desk.write({ prompt: "一" });
  expect(failuresOf(await desk.apply())).toEqual([]);
  const before = desk.published();
  expect(failuresOf(await desk.release({ prompt: "二", revision: "2" }))).toEqual([]);
  return { desk, before, writes: desk.writes().length };
}

const numbers = (desk: ReturnType<typeof createReleases>, address: string) =>
  desk
    .entry(address)
    .history?.map(({ promotion, undone }) => `${promotion ?? "before"}${undone ? " undone" : ""}`);

const promoteOnly = (desk: ReturnType<typeof createReleases>, targets: readonly string[]) =>
  apply(desk.host, {
    ...desk.common,
    promotion: { from: "dev" },
    targets,
    approve: async () => true,
  });

describe("a rollback makes nothing anew", () => {
  test("where a kept copy is gone, it stays with what would need it", async () => {
    const { desk, writes } = await createReleased();
    const [kept] = desk.entry("Copy.invoice").kept ?? [];
    const { id } = desk.entry("Copy.invoice");
    desk.emulator.world.workflows.delete(kept?.id ?? "");
    const { returns, stays } = await desk.rollback();
    expect(returns).toEqual(["Copy.refund"]);
    expect(stays.map(({ address, why }) => `${address}: ${why}`)).toEqual([
      "Bot.support: it needs Copy.invoice, which can't be rolled back",
      `Copy.invoice: ${kept?.id} no longer exists in Coze`,
    ]);
    expect(desk.writes().slice(writes)).toEqual([]);
    expect(desk.entry("Copy.invoice")).toMatchObject({ id, status: "ready" });
    expect(desk.published().prompt).toBe("二");
  });

  test("where a bot is gone, it says so and goes back with the rest", async () => {
    const { desk, writes } = await createReleased();
    const { id } = desk.bot();
    desk.emulator.world.bots.delete(id);
    const { returns, stays } = await desk.rollback();
    expect(returns).toEqual(["Copy.invoice", "Copy.refund"]);
    expect(stays).toMatchObject([{ address: "Bot.support", why: `${id} no longer exists in Coze` }]);
    expect(desk.writes().slice(writes)).toEqual([]);
  });
});

describe("a rollback takes back the last promotion", () => {
  test("after a plain apply that was cut off", async () => {
    const { desk, before } = await createReleased();
    desk.write({ prompt: "三", revision: "2" });
    desk.faults.refuse("publish_bot");
    expect(failuresOf(await desk.apply())).toHaveLength(1);
    desk.faults.heal();
    await desk.rollback();
    expect(desk.published()).toEqual(before);
  });

  test("after one that failed before it changed anything, which is over then", async () => {
    const { desk, before } = await createReleased();
    desk.faults.refuse("copy_resource_task");
    await desk.release({ prompt: "三", revision: "3" });
    desk.faults.heal();
    expect(desk.promotion()).toMatchObject({ number: 2, open: true });
    const { planned, promotion } = await desk.rollback();
    expect(planned.plan.diagnostics.map(({ message }) => message)).toEqual([
      "promotion 2 changed nothing; this rolls back promotion 1",
    ]);
    expect(promotion).toBe(1);
    expect(desk.published()).toEqual(before);
    expect(desk.promotion()).toEqual({ number: 2, from: "dev", begun: expect.any(Number) });
  });

  test("as far as something of it can go back, and else the one before", async () => {
    const { desk, before } = await createReleased();
    desk.put({
      "b.yaml": manifest("Bot", "fresh", { workspace: "desk", name: "新", publish: { connectors: ["api"] } }),
    });
    expect(failuresOf(await promoteOnly(desk, ["Bot.fresh"]))).toEqual([]);
    const { returns, promotion } = await desk.rollback();
    expect({ returns, promotion }).toEqual({
      returns: ["Bot.support", "Copy.invoice", "Copy.refund"],
      promotion: 1,
    });
    const { published } = desk.emulator.world.bots.get(desk.entry("Bot.support").id ?? "") ?? {};
    expect(published?.prompt_info?.prompt).toBe(before.prompt);
  });
});

test("a rollback of the first promotion brings what was published, not a draft that nobody saw", async () => {
  const desk = createReleases();
  desk.write({ prompt: "一" });
  expect(failuresOf(await desk.apply())).toEqual([]);
  desk.emulator.world.editBot(desk.bot().id, { prompt_info: { prompt: "半成品" } });
  await desk.release({ prompt: "二" });
  await desk.rollback();
  expect(desk.published().prompt).toBe("一");
});

describe("a rollback that failed is over once another apply begins", () => {
  test("a promotion goes on from there, and is taken back with all its names", async () => {
    const { desk, before } = await createReleased();
    desk.faults.refuse("update_bot");
    await desk.rollback();
    desk.faults.heal();
    await desk.release({ prompt: "二", revision: "2" });
    expect(numbers(desk, "Bot.support")).toEqual(["before", "1 undone", "2"]);
    expect(numbers(desk, "Copy.invoice")).toEqual(["before", "1 undone", "2"]);
    expect(desk.published().prompt).toBe("二");
    await desk.rollback();
    expect(desk.published()).toEqual(before);
    expect(before.workflows).toContain(desk.entry("Copy.invoice").id);
  });

  test("a plain apply ends it for all names, and a later one isn't taken for the rest of it", async () => {
    const { desk } = await createReleased();
    desk.faults.refuse("publish_bot");
    await desk.rollback();
    desk.faults.heal();
    expect(desk.entry("Bot.support").restoring).toEqual(expect.any(Number));
    desk.write({ prompt: "一" });
    expect(failuresOf(await desk.apply())).toEqual([]);
    expect(desk.entry("Bot.support").restoring).toBeUndefined();
    expect(desk.promotion()?.returning).toBeUndefined();
    expect(numbers(desk, "Bot.support")).toEqual(["before", "1 undone", "before"]);
    desk.write({ prompt: "一", revision: "3" });
    expect(failuresOf(await promoteOnly(desk, ["Copy.invoice"]))).toEqual([]);
    expect((await desk.rollback()).returns).toEqual(["Copy.invoice"]);
  });
});

describe("what callers saw stays a release of its own", () => {
  test("of a name that was promoted alone while another couldn't be", async () => {
    const { desk } = await createReleased();
    desk.emulator.world.workflows.delete(desk.originals.refund ?? "");
    await desk.release({ prompt: "三", revision: "3" });
    for (const revision of ["4", "5"]) {
      desk.write({ prompt: "三", revision });
      expect(failuresOf(await promoteOnly(desk, ["Copy.invoice"]))).toEqual([]);
      expect(desk.promotion()?.open).toBeUndefined();
    }
    expect(numbers(desk, "Copy.invoice")).toEqual(["before", "1", "2", "3"]);
    await desk.rollback(["Copy.invoice"]);
    expect(desk.entry("Copy.invoice").spec.revision).toBe("4");
  });

  test("of a promotion of which one bot was published and another not", async () => {
    const { desk } = await createReleased();
    const other = (prompt: string) =>
      desk.put({
        "b.yaml": manifest("Bot", "other", {
          workspace: "desk",
          name: "别",
          prompt,
          publish: { connectors: ["api"] },
        }),
      });
    other("乙一");
    expect(failuresOf(await desk.apply())).toEqual([]);
    other("乙二");
    desk.faults.refuseAfter("publish_bot", 1);
    const half = await desk.release({ prompt: "三", revision: "2" });
    expect(failuresOf(half)).toHaveLength(1);
    expect(desk.promotion()).toMatchObject({ number: 2, open: true, switching: true });
    other("乙三");
    await desk.release({ prompt: "四", revision: "2" });
    expect(desk.promotion()).toMatchObject({ number: 3 });
  });
});
