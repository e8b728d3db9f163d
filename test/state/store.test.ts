import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Entry } from "../../src/core/entry.ts";
import { readCache, writeCache } from "../../src/state/cache.ts";
import { Locked } from "../../src/state/lock.ts";
import { StateError } from "../../src/state/state.ts";
import { openStore, readState } from "../../src/state/store.ts";

const entry: Entry = { kind: "Bot", id: "1", status: "ready", spec: { name: "a" }, dependencies: [] };

function createPlace() {
  const directory = mkdtempSync(join(tmpdir(), "cozeform-state-"));
  const place = { directory, environment: "dev", endpoint: "https://api.coze.cn" };
  const file = (suffix: string) => join(directory, ".cozeform", `dev.${suffix}`);
  return { place, file };
}

/** The lock of a process that is no more. */
const leaveLock = (file: string, host = hostname()) =>
  writeFileSync(file, JSON.stringify({ pid: 2 ** 30, host, user: "u", since: "", command: "c" }));

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
  leaveLock(file("lock"));

  expect(readState(place).resources).toEqual({ "Bot.a": entry });
  const next = openStore(place, "test");
  expect(next.state.resources).toEqual({ "Bot.a": entry });
  expect(next.state.files).toEqual({ abc: { id: "9", uploaded: 5 } });
  expect(next.state.serial).toBe(before.serial + 1);
  next.close();
  expect(readState(place).resources).toEqual({ "Bot.a": entry });
});

test("a torn last line of the journal counts as not written; a damaged one before it is an error", () => {
  const { place, file } = createPlace();
  const killed = openStore(place, "test");
  killed.put("made", { "Bot.a": entry });
  appendFileSync(file("journal"), '{"note":"made","entries":{"Bot.b":{"ki');
  expect(readState(place).resources).toEqual({ "Bot.a": entry });
  appendFileSync(file("journal"), '\n{"note":"made","entries":{}}\n');
  expect(() => readState(place)).toThrow(/line 3 of the journal is damaged/);
});

test("a journal that was folded already is left out", () => {
  const { place, file } = createPlace();
  const first = openStore(place, "test");
  first.put("made", { "Bot.a": entry });
  const journal = readFileSync(file("journal"), "utf8");
  first.close();
  const second = openStore(place, "test");
  second.put("gone", { "Bot.a": null });
  second.close();
  writeFileSync(file("journal"), journal);
  expect(readState(place).resources).toEqual({});
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

test("a lock of another machine is never taken over", () => {
  const { place, file } = createPlace();
  openStore(place, "test").close();
  leaveLock(file("lock"), "elsewhere");
  expect(() => openStore(place, "test")).toThrow(/on elsewhere/);
});

test.each([
  ["not JSON", "{", "not valid JSON"],
  ["something else", '{"a":1}', "not a cozeform state file"],
  ["a newer format", '{"format":99}', "format 99"],
  ["a lost serial", '{"format":1,"lineage":"l","environment":"dev","endpoint":"e"}', "serial is missing"],
  [
    "a damaged entry",
    '{"format":1,"lineage":"l","serial":1,"environment":"dev","endpoint":"e","files":{},"resources":{"Bot.a":{}}}',
    "the entry of Bot.a is incomplete",
  ],
])("a state file that is %s is refused with its name and a way out", (_name, text, message) => {
  const { place, file } = createPlace();
  openStore(place, "test").close();
  writeFileSync(file("state.json"), text);
  const attempt = () => openStore(place, "test");
  expect(attempt).toThrow(StateError);
  expect(attempt).toThrow(message);
  expect(readdirSync(join(place.directory, ".cozeform"))).not.toContain("dev.lock");
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
  leaveLock(file("lock"));
  expect(() => readState(place)).toThrow("belongs to https://api.coze.com, not to https://api.coze.cn");
});

const onLinux = process.platform === "linux" ? test : test.skip;

onLinux("what doesn't fit on the disk is said not to be there, and nothing is put after it", () => {
  const { place, file } = createPlace();
  const store = openStore(place, "test");
  symlinkSync("/dev/full", file("journal"));
  expect(() => store.put("made", { "Bot.a": entry })).toThrow("ENOSPC");
  expect(() => store.put("made", { "Bot.b": entry })).toThrow("ENOSPC");
  expect(store.state.resources).toEqual({});
  store.close();
  rmSync(file("journal"));
  expect(readState(place).resources).toEqual({});
});

test("the cache survives, and a broken one is empty", () => {
  const { place, file } = createPlace();
  const seen = new Map([["Bot.a", { id: "1", revision: 5, digest: "d" }]]);
  writeCache(place.directory, "dev", seen);
  expect(readCache(place.directory, "dev")).toEqual(seen);
  writeFileSync(file("cache.json"), '{"Bot.a":{"id":1}');
  expect(readCache(place.directory, "dev")).toEqual(new Map());
});
