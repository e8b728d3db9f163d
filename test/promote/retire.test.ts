import { expect, test } from "@jest/globals";
import { retire } from "../../src/commands/promote.ts";
import { kinds } from "../../src/kinds/index.ts";
import { findRetired } from "../../src/promote/retire.ts";
import { failuresOf } from "../support/story.ts";
import { createReleases } from "./support.ts";

test("only copies that neither a rollback nor anything else needs are forgotten, and none at Coze", async () => {
  const desk = createReleases();
  desk.write({ prompt: "一" });
  expect(failuresOf(await desk.apply())).toEqual([]);
  const ids: string[] = [];
  for (const revision of ["2", "3", "4"]) {
    ids.push(desk.entry("Copy.invoice").id ?? "");
    await desk.release({ prompt: revision, revision });
  }
  const workflows = desk.emulator.world.workflows.size;
  const calls = desk.emulator.requests.length;

  const refused = await retire(desk.host, { ...desk.common, approve: async () => false });
  expect(refused.done).toBe(false);
  expect(desk.entry("Copy.invoice").kept?.map(({ id }) => id)).toEqual(ids);

  const { retired } = await retire(desk.host, { ...desk.common, approve: async () => true });
  expect(retired.map(({ address, ids: gone }) => [address, gone.length])).toEqual([
    ["Copy.invoice", 2],
    ["Copy.refund", 2],
  ]);
  expect(retired[0]?.ids).toEqual(ids.slice(0, 2));
  expect(desk.entry("Copy.invoice").kept?.map(({ id }) => id)).toEqual(ids.slice(2));
  expect([desk.emulator.world.workflows.size, desk.emulator.requests.length]).toEqual([workflows, calls]);

  expect((await desk.rollback()).stays).toEqual([]);
  expect(desk.published().prompt).toBe("3");
  const { stays } = await desk.rollback();
  expect(stays.map(({ address, why }) => `${address}: ${why}`)).toEqual([
    "Bot.support: it needs Copy.invoice, which can't be rolled back",
    `Copy.invoice: it was ${ids[1]} before, which is no longer in the state`,
    expect.stringContaining("Copy.refund: it was"),
  ]);
  expect(desk.published().prompt).toBe("3");
});

test("where no promotion was made, what was replaced last is kept", async () => {
  const desk = createReleases();
  desk.write({ revision: "1" });
  await desk.apply();
  desk.write({ revision: "2" });
  await desk.apply();
  const { retired } = await retire(desk.host, { ...desk.common, approve: async () => true });
  expect(retired).toEqual([]);
});

test("a copy that callers of a bot use stays known, though no manifest and nothing applied names it", () => {
  const entry = { status: "ready" as const, dependencies: [] };
  const [one, two, three, four, five] = ["1", "2", "3", "4", "5"].map((id) => ({ id, spec: {} }));
  const releaseOf = (at: number, workflows: readonly string[]) => ({
    at,
    id: "9",
    promotion: at,
    spec: { workflows },
  });
  const resources = {
    "Copy.invoice": { ...entry, kind: "Copy", id: "6", spec: {}, kept: [one, two, three, four, five] },
    "Bot.support": {
      ...entry,
      kind: "Bot",
      id: "9",
      spec: { workflows: ["6"] },
      history: [
        releaseOf(1, ["1"]),
        releaseOf(2, ["2"]),
        releaseOf(3, ["3"]),
        { ...releaseOf(4, ["4"]), undone: true as const },
      ],
    },
  };
  expect(findRetired({ resources } as never, kinds).map(({ ids }) => ids)).toEqual([["1", "4"]]);
});
