import { expect, test } from "@jest/globals";
import { rollbackRelease } from "../../src/commands/release-rollback.ts";
import { failuresOf } from "../support/story.ts";
import { createReleases } from "./support.ts";

test("a copy goes back to the one that was kept, by an edit of its revision, and nothing is copied", async () => {
  const desk = createReleases();
  desk.write({ prompt: "一", revision: "1" });
  expect(failuresOf(await desk.apply())).toEqual([]);
  const old = desk.entry("Copy.invoice").id;
  desk.write({ prompt: "一", revision: "2" });
  expect(failuresOf(await desk.apply())).toEqual([]);
  expect(desk.entry("Copy.invoice").history?.map(({ number, id }) => [number, id === old])).toEqual([
    [1, true],
    [2, false],
  ]);
  const writes = desk.writes().length;
  const options = { ...desk.common, address: "Copy.invoice", approve: async () => true };
  const { files, result } = await rollbackRelease(desk.host, options);
  expect([...files.values()].map(({ text }) => /revision\W+(\d)/u.exec(text)?.[1])).toEqual(["1"]);
  expect(result?.failed).toEqual([]);
  expect(desk.entry("Copy.invoice").id).toBe(old);
  expect(desk.writes()).toHaveLength(writes);
});
