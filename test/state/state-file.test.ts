import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openStore, readState } from "../../src/state/store.ts";
import { createPlace, entry, problemOf } from "./place.ts";

const whole = {
  format: 1,
  lineage: "l",
  serial: 1,
  environment: "dev",
  endpoint: "https://api.coze.cn",
  resources: { "Bot.a": entry },
  files: { abc: { id: "9", uploaded: 5 } },
};

/** What is said of a state file. */
async function judge(content: string | Uint8Array): Promise<string> {
  const { place, file } = createPlace();
  await (await openStore(place, "test")).close();
  writeFileSync(file("state.json"), content);
  const said = await problemOf(() => readState(place));
  expect(readFileSync(file("state.json"))).toEqual(Buffer.from(content));
  return said;
}

const pretty = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
const withEntry = (change: object) => pretty({ ...whole, resources: { "Bot.a": { ...entry, ...change } } });

test("a whole one is read, with a byte order mark and other indentation too", async () => {
  expect(await judge(pretty(whole))).toBe("none");
  expect(await judge(`\uFEFF${JSON.stringify(whole, null, 4)}`)).toBe("none");
});

test.each([
  ["an empty file", "", "state.json:1:1 the state file isn't valid JSON"],
  ["a torn file", '{\n  "format": 1,\n  "li', "state.json:3:6 the state file isn't valid JSON"],
  [
    "a conflict of git",
    pretty(whole).replace('  "serial": 1', '<<<<<<< HEAD\n  "serial": 1'),
    "state.json:4:1 the state file isn't valid JSON",
  ],
  ["a comma too many", '{"a": 1,}', "state.json:1:9 the state file isn't valid JSON"],
  [
    "a key twice",
    pretty(whole).replace('"serial": 1', '"serial": 1,\n  "serial": 2'),
    'state.json:5:3 the state file has the key "serial" twice',
  ],
  [
    "too deep a nest",
    "[".repeat(100_000),
    "state.json:1:101 the state file nests values more than 100 levels deep",
  ],
  ["no object", "[]", "state.json:1:1 this is not a cozeform state file"],
  ["no format", pretty({ ...whole, format: undefined }), "state.json:1:1 this is not a cozeform state file"],
  ["a format of 0", pretty({ ...whole, format: 0 }), "state.json:2:13 this is not a cozeform state file"],
  [
    "a format in quotes",
    pretty({ ...whole, format: "1" }),
    "state.json:2:13 this is not a cozeform state file",
  ],
  [
    "a newer format",
    pretty({ ...whole, format: 3 }),
    "state.json:2:13 the state file was written by a newer cozeform: it has format 3, this one reads up to 2",
  ],
  [
    "no serial",
    pretty({ ...whole, serial: undefined }),
    "state.json:1:1 the state file is damaged: the top level lacks serial",
  ],
  [
    "a serial in between",
    pretty({ ...whole, serial: 1.5 }),
    "state.json:4:13 the state file is damaged: serial must be integer",
  ],
  [
    "an unknown key",
    pretty({ ...whole, resource: {} }),
    'the state file is damaged: the top level has the unknown key "resource"',
  ],
  [
    "resources in a list",
    pretty({ ...whole, resources: [] }),
    "state.json:7:16 the state file is damaged: resources must be object",
  ],
  [
    "an unknown status",
    withEntry({ status: "done" }),
    "state.json:11:17 the state file is damaged: resources.Bot.a.status must be one of ready,",
  ],
  ["an entry without id", withEntry({ id: undefined }), "resources.Bot.a lacks id"],
  [
    "an id without quotes",
    withEntry({ id: 7532 }),
    "state.json:10:13 the state file is damaged: resources.Bot.a.id must be string",
  ],
  ["a spec that is none", withEntry({ spec: [1] }), "resources.Bot.a.spec must be object"],
  [
    "a wrong dependency",
    withEntry({ dependencies: ["desk"] }),
    'Bot.a depends on "desk", which is not an address',
  ],
  [
    "a misspelt protection",
    withEntry({ preventDestory: true }),
    'resources.Bot.a has the unknown key "preventDestory"',
  ],
  ["another kind's entry", withEntry({ kind: "Dataset" }), 'the entry of Bot.a has the kind "Dataset"'],
  ["an address that is none", pretty({ ...whole, resources: { bot: entry } }), '"bot" is not an address'],
  ["a key of every object", pretty(whole).replace('"Bot.a"', '"__proto__"'), '"__proto__" is not an address'],
  ["files that are none", pretty({ ...whole, files: { abc: { id: 9 } } }), "files.abc"],
  [
    "another environment's",
    pretty({ ...whole, environment: "prod" }),
    "the state belongs to the environment prod, not to dev",
  ],
])("%s is refused with the place", async (_, content, message) => {
  expect(await judge(content)).toContain(message);
});

test.each([
  [
    "a pointer of Git LFS",
    `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 3\n`,
    "the state file is a pointer of Git LFS, not the content",
  ],
  [
    "an unfinished merge",
    pretty(whole).replace("{\n", "{\n<<<<<<< HEAD\n=======\n>>>>>>> other\n"),
    "the state file holds an unfinished merge, from line 2 to line 4",
  ],
])("%s is told as what it is", async (_, content, message) => {
  expect(await judge(content)).toContain(message);
});

test("an unfinished merge leads to where a state belongs", async () => {
  const { place, file } = createPlace();
  await (await openStore(place, "test")).close();
  writeFileSync(
    file("state.json"),
    pretty(whole).replace("{\n", "{\n<<<<<<< HEAD\n=======\n>>>>>>> other\n"),
  );
  await expect(readState(place)).rejects.toMatchObject({ hint: expect.stringContaining("docs/state.md") });
});

test("what isn't UTF-8 is refused", async () => {
  expect(await judge(Buffer.from(pretty(whole), "utf16le"))).toContain("the state file isn't");
  expect(await judge(Buffer.from(pretty(whole).replace("客服", "\u00e9"), "latin1"))).toContain(
    "isn't UTF-8 text",
  );
});

test("a state file that is a link stays one where the user's configuration names its folder", async () => {
  const { place: own, file } = createPlace();
  const place = { ...own, linkedFolders: [realpathSync(own.directory)] };
  const store = await openStore(place, "test");
  store.put("made", { "Bot.a": entry });
  await store.close();
  const elsewhere = join(place.directory, "elsewhere.json");
  renameSync(file("state.json"), elsewhere);
  symlinkSync(elsewhere, file("state.json"));
  const next = await openStore(place, "test");
  next.put("gone", { "Bot.a": null });
  await next.close();
  expect(lstatSync(file("state.json")).isSymbolicLink()).toBe(true);
  expect(JSON.parse(readFileSync(elsewhere, "utf8"))).toMatchObject({ serial: 2, resources: {} });

  expect(await problemOf(() => readState(own))).toBe(
    `state.json it is a link to ${elsewhere}, and the state isn't stored through links`,
  );
  expect(await problemOf(() => openStore(own, "test"))).toContain("it is a link to");
  rmSync(elsewhere);
  expect(await problemOf(() => readState(place))).toContain(
    `it is a link to ${elsewhere}, which doesn't exist`,
  );
});

test("where the state has no place, it is said before anything is done", async () => {
  const { place, file } = createPlace();
  writeFileSync(join(place.directory, ".cozeform"), "");
  expect(await problemOf(() => readState(place))).toContain(
    "it can't be read: a part of the path isn't a directory",
  );
  expect(await problemOf(() => openStore(place, "test"))).toMatch(/^lock the state can't be written: /);
  rmSync(join(place.directory, ".cozeform"));
  mkdirSync(file("state.json"), { recursive: true });
  expect(await problemOf(() => readState(place))).toContain("it can't be read: it is a directory");
});

// Root may write anywhere.
(process.getuid?.() === 0 ? test.skip : test)("a directory that can't be written to is named", async () => {
  const { place } = createPlace();
  mkdirSync(join(place.directory, ".cozeform"), { mode: 0o500 });
  expect(await problemOf(() => openStore(place, "test"))).toBe(
    "lock the state can't be written: permission denied",
  );
  expect((await readState(place)).resources).toEqual({});
  chmodSync(join(place.directory, ".cozeform"), 0o700);
});

test("uploads to one site aren't used at another", async () => {
  const { place } = createPlace();
  const store = await openStore(place, "test");
  store.putFile("abc", { id: "9", uploaded: 5 });
  await store.close();
  expect((await readState({ ...place, endpoint: "https://api.coze.com" })).files).toEqual({});
});
