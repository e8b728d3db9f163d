import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Entry } from "../../src/kind/state-entry.ts";
import { openStore, readState } from "../../src/state/store.ts";
import { createPlace, deadLock, entry, problemOf } from "./place.ts";

/** What a run left that was killed after putting these. */
async function leaveJournal(...puts: readonly { readonly [address: string]: Entry | null }[]) {
  const { place, file } = createPlace();
  await (await openStore(place, "test")).close();
  const killed = await openStore(place, "test");
  const states = puts.map((one) => {
    killed.put("说明", one);
    return { ...killed.state.resources };
  });
  writeFileSync(file("lock"), deadLock());
  return { place, file, states: [{}, ...states], bytes: readFileSync(file("journal")) };
}

const made = () =>
  leaveJournal(
    { "Bot.a": entry },
    { 'Document.faq["退换货.txt"]': { ...entry, kind: "Document", spec: { name: "退换货🙂" } } },
    { "Bot.a": null, "Bot.b": { ...entry, id: "2" } },
  );

test("cut off at any byte, a journal holds what its whole lines say", async () => {
  const { place, file, states, bytes } = await made();
  const ends = [...bytes.entries()].flatMap(([index, byte]) => (byte === 10 ? [index] : []));
  for (let length = 0; length <= bytes.length; length += 1) {
    writeFileSync(file("journal"), bytes.subarray(0, length));
    const whole = Math.max(0, ends.filter((end) => end < length).length - 1);
    expect((await readState(place)).resources).toEqual(states[whole]);
  }
});

test("each entry adds its own bytes, however many there are", async () => {
  const [few, many] = await Promise.all(
    [100, 1000].map((count) => {
      const numbers = Array.from({ length: count }, (_, index) => 10_000 + index);
      return leaveJournal(
        ...numbers.map((number) => ({ [`Bot.b${number}`]: { ...entry, id: String(number) } })),
      );
    }),
  );
  const bytesOf = (bytes: Buffer | undefined): number => bytes?.subarray(bytes.indexOf(10)).length ?? 0;
  expect(bytesOf(many?.bytes)).toBe(10 * bytesOf(few?.bytes) - 9);
});

test("with zeros in its last line, as after a power cut, a journal holds what the lines before say", async () => {
  const { place, file, states, bytes } = await made();
  const begin = bytes.lastIndexOf(10, bytes.length - 2) + 1;
  for (const end of [bytes.length, bytes.length - 1]) {
    writeFileSync(file("journal"), Buffer.from(bytes).fill(0, begin + 8, end));
    expect((await readState(place)).resources).toEqual(states[2]);
  }
});

test("damaged at any byte, a journal is refused with the line, and stays as it is", async () => {
  const { place, file, bytes } = await made();
  let line = 1;
  for (let index = 0; index < bytes.length - 1; index += 1) {
    const damaged = Buffer.from(bytes);
    damaged[index] = 0xff;
    writeFileSync(file("journal"), damaged);
    const where = new RegExp(`^journal:${line}:\\d+ line ${line} of the journal is damaged`);
    expect(await problemOf(() => readState(place))).toMatch(where);
    if (bytes[index] === 10) line += 1;
  }
  const last = readFileSync(file("journal"));
  await expect(openStore(place, "test")).rejects.toThrow("is damaged");
  expect(readFileSync(file("journal"))).toEqual(last);
});

test.each([
  ['{"note":"x","entries":{"Bot.a":5}}', "line 5 of the journal is damaged (entries.Bot.a must be object"],
  ['{"note":"x","entries":[]}', "(entries must be object"],
  ['{"note":"x","entries":{"__proto__":null,"Bot.a":{"kind":"Bot"}}}', "entries.Bot.a lacks"],
  [
    '{"note":"x","entries":{"Dataset.a":{"kind":"Bot","id":"1","status":"ready","spec":{},"dependencies":[]}}}',
    "the entry of Dataset.a has the kind",
  ],
  ['{"note":"x","files":{"s":{"id":1,"uploaded":2}}}', "files.s.id must be string"],
  ['{"note":"x","note":"y"}', 'has the key "note" twice'],
  ['{"lineage":"x","serial":1,"endpoint":"e"}', "lacks note"],
  ["5", "the top level must be object"],
])("a line like %s is no line of a journal", async (text, message) => {
  const { place, file, bytes } = await made();
  writeFileSync(file("journal"), `${bytes}${text}\n`);
  expect(await problemOf(() => readState(place))).toContain(message);
});

test("a journal of a newer cozeform is told from a damaged one", async () => {
  const { place, file, bytes } = await made();
  writeFileSync(file("journal"), String(bytes).replace('"format":2', '"format":3'));
  expect(await problemOf(() => readState(place))).toMatch(
    /^journal:1:1 the journal was written by a newer cozeform: .* format 3/,
  );
});

test("a journal whose state was saved just before the end counts as folded", async () => {
  const { place, file } = createPlace();
  const store = await openStore(place, "test");
  store.put("made", { "Bot.a": entry });
  store.putFile("abc", { id: "9", uploaded: 5 });
  const journal = readFileSync(file("journal"));
  await store.close();
  writeFileSync(file("journal"), journal);
  expect((await readState(place)).resources).toEqual({ "Bot.a": entry });
  await (await openStore(place, "test")).close();
  expect(readdirSync(join(place.directory, ".cozeform"))).toEqual(["dev.state.json"]);
});

const stateText = (change: object) =>
  JSON.stringify({
    format: 1,
    lineage: "ours",
    serial: 3,
    environment: "dev",
    endpoint: "https://api.coze.cn",
    resources: {},
    files: {},
    ...change,
  });
const journalText = (change: object) =>
  `${JSON.stringify({ format: 1, lineage: "ours", serial: 3, endpoint: "https://api.coze.cn", ...change })}\n${JSON.stringify({ note: "made", entries: { "Bot.a": entry } })}\n`;

test.each([
  [
    "is missing",
    undefined,
    journalText({}),
    "this journal continues a state file that doesn't exist (serial 3)",
  ],
  [
    "is another one",
    stateText({ lineage: "theirs" }),
    journalText({}),
    "this journal continues another state (lineage ours, the state file has theirs)",
  ],
  [
    "was begun anew",
    stateText({ lineage: "theirs" }),
    journalText({ serial: 0 }),
    "this journal continues another state",
  ],
  [
    "came from a backup",
    stateText({ serial: 2 }),
    journalText({}),
    "this journal continues a newer state (serial 3, the state file has 2)",
  ],
  [
    "came from elsewhere",
    stateText({ serial: 4 }),
    journalText({}),
    "this journal continues an older state (serial 3, the state file has 4), and its content isn't in the state file",
  ],
])(
  "where the state file of a journal %s, nothing is passed over in silence",
  async (_, state, journal, message) => {
    const { place, file } = createPlace();
    await (await openStore(place, "test")).close();
    if (state !== undefined) writeFileSync(file("state.json"), state);
    writeFileSync(file("journal"), journal);
    for (const attempt of [() => readState(place), () => openStore(place, "test")]) {
      expect(await problemOf(attempt)).toContain(`journal ${message}`);
    }
    expect(readFileSync(file("journal"), "utf8")).toBe(journal);
    expect(readdirSync(join(place.directory, ".cozeform"))).not.toContain("dev.lock");
  },
);
