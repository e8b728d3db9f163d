import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readCache, writeCache } from "../../src/state/cache.ts";
import { Locked } from "../../src/state/lock.ts";
import { openStore, readState } from "../../src/state/store.ts";
import { createPlace, deadLock, entry, problemOf } from "./place.ts";

test("what was put is there for the next run, and nothing but the state file is left", async () => {
  const { place, file } = createPlace();
  const store = await openStore(place, "test");
  store.put("made", { "Bot.a": entry });
  await store.close();
  expect((await readState(place)).resources).toEqual({ "Bot.a": entry });
  expect(readdirSync(join(place.directory, ".cozeform"))).toEqual(["dev.state.json"]);
  expect(statSync(file("state.json")).mode & 0o777).toBe(0o600);
});

test("what a killed run had put is folded in, by those who only look as well", async () => {
  const { place, file } = createPlace();
  await (await openStore(place, "test")).close();
  const before = await readState(place);
  const killed = await openStore(place, "test");
  killed.put("made", { "Bot.a": entry });
  killed.put("made", { "Bot.b": entry });
  killed.put("gone", { "Bot.b": null });
  killed.putFile("abc", { id: "9", uploaded: 5 });
  writeFileSync(file("lock"), deadLock());

  expect((await readState(place)).resources).toEqual({ "Bot.a": entry });
  const next = await openStore(place, "test");
  expect(next.state.resources).toEqual({ "Bot.a": entry });
  expect(next.state.files).toEqual({ abc: { id: "9", uploaded: 5 } });
  expect(next.state.serial).toBe(before.serial + 1);
  await next.close();
  expect((await readState(place)).resources).toEqual({ "Bot.a": entry });
});

test("a second run is told who holds the lock", async () => {
  const { place } = createPlace();
  const store = await openStore(place, "cozeform apply");
  await expect(openStore(place, "other")).rejects.toThrow(Locked);
  await expect(openStore(place, "other")).rejects.toThrow(`cozeform apply of`);
  await expect(openStore(place, "other")).rejects.toThrow(`process ${process.pid}`);
  await store.close();
  await (await openStore(place, "other")).close();
});

test("ids of one endpoint are never used at another", async () => {
  const { place } = createPlace();
  const store = await openStore(place, "test");
  store.put("made", { "Bot.a": entry });
  await store.close();
  await expect(readState({ ...place, endpoint: "https://api.coze.com" })).rejects.toThrow(
    /belongs to https:\/\/api.coze.cn/,
  );
});

test("ids that a killed run made at one endpoint are never used at another", async () => {
  const { place, file } = createPlace();
  await (await openStore(place, "test")).close();
  (await openStore({ ...place, endpoint: "https://api.coze.com" }, "test")).put("made", { "Bot.a": entry });
  writeFileSync(file("lock"), deadLock());
  await expect(readState(place)).rejects.toThrow(
    "belongs to https://api.coze.com, not to https://api.coze.cn",
  );
});

test("what can't be written down is said not to be there, and nothing is put after it", async () => {
  const { place, file } = createPlace();
  const store = await openStore(place, "test");
  const elsewhere = join(place.directory, "elsewhere");
  symlinkSync(elsewhere, file("journal"));
  const put = (name: string) => problemOf(() => store.put("made", { [name]: entry }));
  const said = `journal the state can't be written: it is a link, not a file`;
  expect(await put("Bot.a")).toBe(said);
  expect(existsSync(elsewhere)).toBe(false);
  rmSync(file("journal"));
  expect(await put("Bot.b")).toBe(said);
  expect(store.state.resources).toEqual({});
  await store.close();
  expect((await readState(place)).resources).toEqual({});
  expect(readdirSync(join(place.directory, ".cozeform"))).toEqual([]);
});

test("what can't be saved in the end is kept by the journal", async () => {
  const { place, file } = createPlace();
  const store = await openStore(place, "test");
  store.put("made", { "Bot.a": entry });
  mkdirSync(file("state.json"));
  expect(await problemOf(() => store.close())).toContain("the state can't be written: it is a directory");
  rmdirSync(file("state.json"));
  expect(readdirSync(join(place.directory, ".cozeform"))).toEqual(["dev.journal"]);
  expect((await readState(place)).resources).toEqual({ "Bot.a": entry });
});

test("the cache survives, and a broken one is empty, with a warning", async () => {
  const { place, file } = createPlace();
  const seen = new Map([["Bot.a", { id: "1", revision: 5, digest: "d" }]]);
  writeCache(place, seen);
  expect(readCache(place)).toEqual({ cache: seen, warnings: [] });
  writeFileSync(file("cache.json"), '{"Bot.a":{"id":1}');
  const { cache, warnings } = readCache(place);
  expect([cache.size, warnings.map(({ code }) => code)]).toEqual([0, ["damaged-cache"]]);
});
