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

test("what was put is there for the next run, and nothing but the state file is left", () => {
  const { place, file } = createPlace();
  const store = openStore(place, "test");
  store.put("made", { "Bot.a": entry });
  store.close();
  expect(readState(place).resources).toEqual({ "Bot.a": entry });
  expect(readdirSync(join(place.directory, ".cozeform"))).toEqual(["dev.state.json"]);
  expect(statSync(file("state.json")).mode & 0o777).toBe(0o600);
});

test("what a killed run had put is folded in, by those who only look as well", () => {
  const { place, file } = createPlace();
  openStore(place, "test").close();
  const before = readState(place);
  const killed = openStore(place, "test");
  killed.put("made", { "Bot.a": entry });
  killed.put("made", { "Bot.b": entry });
  killed.put("gone", { "Bot.b": null });
  killed.putFile("abc", { id: "9", uploaded: 5 });
  writeFileSync(file("lock"), deadLock());

  expect(readState(place).resources).toEqual({ "Bot.a": entry });
  const next = openStore(place, "test");
  expect(next.state.resources).toEqual({ "Bot.a": entry });
  expect(next.state.files).toEqual({ abc: { id: "9", uploaded: 5 } });
  expect(next.state.serial).toBe(before.serial + 1);
  next.close();
  expect(readState(place).resources).toEqual({ "Bot.a": entry });
});

test("a second run is told who holds the lock", () => {
  const { place } = createPlace();
  const store = openStore(place, "cozeform apply");
  expect(() => openStore(place, "other")).toThrow(Locked);
  expect(() => openStore(place, "other")).toThrow(`cozeform apply of`);
  expect(() => openStore(place, "other")).toThrow(`process ${process.pid}`);
  store.close();
  openStore(place, "other").close();
});

test("ids of one endpoint are never used at another", () => {
  const { place } = createPlace();
  const store = openStore(place, "test");
  store.put("made", { "Bot.a": entry });
  store.close();
  expect(() => readState({ ...place, endpoint: "https://api.coze.com" })).toThrow(
    /belongs to https:\/\/api.coze.cn/,
  );
});

test("ids that a killed run made at one endpoint are never used at another", () => {
  const { place, file } = createPlace();
  openStore(place, "test").close();
  openStore({ ...place, endpoint: "https://api.coze.com" }, "test").put("made", { "Bot.a": entry });
  writeFileSync(file("lock"), deadLock());
  expect(() => readState(place)).toThrow("belongs to https://api.coze.com, not to https://api.coze.cn");
});

test("what can't be written down is said not to be there, and nothing is put after it", () => {
  const { place, file } = createPlace();
  const store = openStore(place, "test");
  const elsewhere = join(place.directory, "elsewhere");
  symlinkSync(elsewhere, file("journal"));
  const put = (name: string) => problemOf(() => store.put("made", { [name]: entry }));
  const said = `journal the state can't be written: it is a link, not a file`;
  expect(put("Bot.a")).toBe(said);
  expect(existsSync(elsewhere)).toBe(false);
  rmSync(file("journal"));
  expect(put("Bot.b")).toBe(said);
  expect(store.state.resources).toEqual({});
  store.close();
  expect(readState(place).resources).toEqual({});
  expect(readdirSync(join(place.directory, ".cozeform"))).toEqual([]);
});

test("what can't be saved in the end is kept by the journal", () => {
  const { place, file } = createPlace();
  const store = openStore(place, "test");
  store.put("made", { "Bot.a": entry });
  mkdirSync(file("state.json"));
  expect(problemOf(() => store.close())).toContain("it can't be read: it is a directory");
  rmdirSync(file("state.json"));
  expect(readdirSync(join(place.directory, ".cozeform"))).toEqual(["dev.journal"]);
  expect(readState(place).resources).toEqual({ "Bot.a": entry });
});

test("the cache survives, and a broken one is empty, with a warning", () => {
  const { place, file } = createPlace();
  const seen = new Map([["Bot.a", { id: "1", revision: 5, digest: "d" }]]);
  writeCache(place, seen);
  expect(readCache(place)).toEqual({ cache: seen, warnings: [] });
  writeFileSync(file("cache.json"), '{"Bot.a":{"id":1}');
  const { cache, warnings } = readCache(place);
  expect([cache.size, warnings.map(({ code }) => code)]).toEqual([0, ["damaged-cache"]]);
});
