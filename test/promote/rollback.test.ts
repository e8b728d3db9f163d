import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Entry } from "../../src/kind/state-entry.ts";
import type { Step } from "../../src/plan/plan.ts";
import { currentRelease, recordReleases, recordRollback } from "../../src/promote/release-history.ts";
import { planRollback, type Rollback } from "../../src/promote/rollback.ts";
import { emptyState, type State } from "../../src/state/model.ts";
import { failuresOf, summarize } from "../support/story.ts";
import { createReleases } from "./support.ts";

async function createDesk() {
  const desk = createReleases();
  desk.write({ prompt: "一" });
  expect(failuresOf(await desk.apply())).toEqual([]);
  return desk;
}

const kind = {
  release: {},
  fields: { text: { type: "string", presence: "optional", description: "Whatever it says." } },
} as const;

/** What a promotion, or a rollback, makes of a state whose names are all promoted in place. */
function promoteAll(state: State, number: number): State {
  const change = (entry: Entry): Entry => {
    const place = { id: entry.id ?? "" };
    const step: Step = {
      address: "Bot.any",
      kind: entry.kind,
      action: "update",
      because: [],
      changes: [],
      notes: [],
      effects: [],
      calls: [],
      removes: [],
      dependencies: [],
      place,
      live: entry.spec,
    };
    const record = recordReleases({ number, from: "dev", begun: 0, open: true }, () => 100 * number, "salt");
    const whole = { text: `made by ${number}` };
    const begun = record({
      kind,
      step,
      before: entry,
      after: { ...entry, status: "incomplete" },
      whole,
      wanted: whole,
    });
    const after: Entry = { ...begun, status: "ready", spec: whole, version: `v${number}` };
    return record({ kind, step, before: begun, after, whole, wanted: whole });
  };
  const resources = Object.fromEntries(
    Object.entries(state.resources).map(([name, one]) => [name, change(one)]),
  );
  return { ...state, resources, promotion: { number, from: "dev", begun: 0 } };
}

function rollBack(state: State): State {
  const { returns } = planRollback(state, []);
  const restored = returns.map(({ address, target, entry }): [string, Entry] => {
    const after: Entry = {
      ...entry,
      status: "ready",
      spec: target.spec ?? {},
      version: `again ${target.at}`,
    };
    return [
      address,
      recordRollback({ kind, step: undefined as never, before: entry, after, whole: undefined, wanted: {} }),
    ];
  });
  return { ...state, resources: { ...state.resources, ...Object.fromEntries(restored) } };
}

const times = (count: number, change: (state: State, index: number) => State, state: State): State =>
  Array.from({ length: count }).reduce<State>((last, _, index) => change(last, index), state);

test("n promotions and k rollbacks lead to what promotion n - k made", () => {
  const world = fc.record({
    names: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 4 }),
    before: fc.integer({ min: 1, max: 4 }),
    back: fc.integer({ min: 0, max: 4 }),
    after: fc.integer({ min: 0, max: 3 }),
    backAgain: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(world, ({ names, before, back, after, backAgain }) => {
      const entry = (name: string): Entry => ({
        ...{ kind: "Bot", id: `id ${name}`, status: "ready", spec: { text: "made by 0" } },
        dependencies: [],
      });
      const begun = {
        ...emptyState("prod", "toy"),
        resources: Object.fromEntries(names.map((name) => [`Bot.${name}`, entry(name)])),
      };
      const promoted = times(before, (state, index) => promoteAll(state, index + 1), begun);
      const returned = times(Math.min(back, before), rollBack, promoted);
      const again = times(after, (state, index) => promoteAll(state, before + index + 1), returned);
      const end = times(Math.min(backAgain, after), rollBack, again);
      const line = [
        ...Array.from({ length: before - Math.min(back, before) + 1 }, (_, number) => number),
        ...Array.from({ length: after }, (_, index) => before + index + 1),
      ];
      const expected = `made by ${line.at(-1 - Math.min(backAgain, after))}`;
      for (const one of Object.values(end.resources)) {
        expect(currentRelease(one)?.spec ?? { text: "made by 0" }).toEqual({ text: expected });
        expect(one.spec).toEqual({ text: expected });
        expect(one.restoring).toBeUndefined();
      }
    }),
  );
});

describe("a rollback", () => {
  test("swaps copies back, publishes what was there before, and makes no copy", async () => {
    const desk = await createDesk();
    const before = desk.published();
    await desk.release({ prompt: "二", revision: "2", description: "新的" });
    const writes = desk.writes().length;
    const copies = [desk.entry("Copy.invoice").id, desk.entry("Copy.refund").id];
    const { returns, stays, promotion, result } = await desk.rollback();
    expect({ returns, stays, promotion }).toEqual({
      returns: ["Bot.support", "Copy.invoice", "Copy.refund"],
      stays: [],
      promotion: 1,
    });
    expect(result).toMatchObject({ switched: true, failed: [], skipped: [] });
    expect(desk.writes().slice(writes)).toEqual(["update_bot", "publish_bot"]);
    expect(desk.published()).toEqual(before);
    expect(desk.bot().published?.description).toBe("");
    expect(desk.entry("Copy.invoice").kept?.map(({ id }) => id)).toEqual([copies[0]]);
    expect(currentRelease(desk.entry("Bot.support"))?.version).toBe(desk.bot().versions.at(-1)?.version);
    // The manifests of that time want just what is there.
    desk.write({ prompt: "一" });
    expect(summarize(await desk.plan())).toEqual([]);
  });

  test("step by step leads back through all promotions, and then says that nothing is left", async () => {
    const desk = await createDesk();
    await desk.release({ prompt: "二", revision: "2" });
    await desk.release({ prompt: "三", revision: "3" });
    await desk.rollback();
    expect(desk.published().prompt).toBe("二");
    await desk.rollback();
    expect(desk.published().prompt).toBe("一");
    const calls = desk.emulator.requests.length;
    const { planned, returns, stays, result } = await desk.rollback();
    expect({ changes: planned.changes, returns, stays, result }).toEqual({
      changes: false,
      returns: [],
      stays: [],
      result: undefined,
    });
    expect(desk.emulator.requests.length).toBe(calls);
  });

  test("that was cut off with all of it done goes back no further", async () => {
    const desk = await createDesk();
    await desk.release({ prompt: "二", revision: "2" });
    await desk.release({ prompt: "三", revision: "3" });
    await desk.rollback();
    const state = await desk.loaded();
    const promotion = state.promotion && { ...state.promotion, returning: ["Bot.support"] };
    const addressesOf = ({ returns }: Rollback) => returns.map(({ address }) => address);
    expect(addressesOf(planRollback(state, []))).toEqual(["Bot.support", "Copy.invoice", "Copy.refund"]);
    expect(addressesOf(planRollback({ ...state, promotion }, []))).toEqual([]);
    expect(addressesOf(planRollback({ ...state, promotion }, ["Bot.support"]))).toEqual([]);
    expect(addressesOf(planRollback({ ...state, promotion }, ["Copy.refund"]))).toEqual(["Copy.refund"]);
    expect(state.promotion?.returning).toBeUndefined();
  });

  test("leaves of what it took back only that it was there", async () => {
    const desk = await createDesk();
    await desk.release({ prompt: "二" });
    const taken = currentRelease(desk.entry("Bot.support"));
    await desk.rollback();
    const { content, managed: _managed, ...rest } = taken ?? {};
    expect(content).toMatch(/^[\da-f]{64}$/u);
    expect(desk.entry("Bot.support").history?.at(-1)).toEqual({ ...rest, undone: true });
  });

  test("that isn't approved changes nothing, not even the state", async () => {
    const desk = await createDesk();
    await desk.release({ prompt: "二", revision: "2" });
    const before = desk.entry("Copy.invoice");
    expect((await desk.rollback([], false)).result).toBeUndefined();
    expect(desk.entry("Copy.invoice")).toEqual(before);
  });

  test("that failed is finished by the next one, which goes no further", async () => {
    const desk = await createDesk();
    await desk.release({ prompt: "二", revision: "2" });
    await desk.release({ prompt: "三", revision: "3" });
    for (const operation of ["update_bot", "publish_bot"]) {
      desk.faults.refuse(operation);
      expect((await desk.rollback()).result?.failed).toHaveLength(1);
      expect(desk.published().prompt).toBe("三");
    }
    desk.faults.heal();
    expect((await desk.rollback()).returns).toEqual(["Bot.support"]);
    expect(desk.published().prompt).toBe("二");
    expect(desk.entry("Bot.support").restoring).toBeUndefined();
  });

  test("takes back what a promotion began and never showed", async () => {
    const desk = await createDesk();
    const before = desk.published();
    desk.faults.refuse("publish_bot");
    await desk.release({ prompt: "二", revision: "2" });
    desk.faults.heal();
    const { returns, result } = await desk.rollback();
    expect(returns).toEqual(["Bot.support", "Copy.invoice", "Copy.refund"]);
    expect(result).toMatchObject({ failed: [], skipped: [] });
    expect(desk.bot().draft.prompt_info?.prompt).toBe("一");
    expect(desk.published()).toEqual(before);
    expect(desk.promotion()?.open).toBeUndefined();
  });

  test("takes back named addresses alone", async () => {
    const desk = await createDesk();
    await desk.release({ prompt: "二", revision: "2" });
    const { returns } = await desk.rollback(["Copy.invoice"]);
    expect(returns).toEqual(["Copy.invoice"]);
    expect(desk.published().prompt).toBe("二");
    expect(desk.entry("Copy.invoice").kept).toHaveLength(1);
  });

  test("does nothing of what manifests want beside", async () => {
    const desk = await createDesk();
    await desk.release({ prompt: "二", revision: "2" });
    desk.write({ prompt: "三", revision: "3" });
    const { planned } = await desk.rollback(["Bot.support"]);
    expect(summarize(planned)).toEqual(["update Bot.support"]);
    expect(desk.published().prompt).toBe("一");
    expect(desk.entry("Copy.invoice").kept).toHaveLength(1);
  });

  test("tells of what was made anew, and leaves it", async () => {
    const desk = createReleases();
    expect(failuresOf(await desk.release({ prompt: "一" }))).toEqual([]);
    const { returns, stays } = await desk.rollback();
    expect(returns).toEqual([]);
    expect(stays.map(({ address, why }) => `${address}: ${why}`)).toEqual(
      ["Bot.support", "Copy.invoice", "Copy.refund"].map(
        (address) => `${address}: promotion 1 created it, so it has no earlier release: it stays`,
      ),
    );
  });
});
