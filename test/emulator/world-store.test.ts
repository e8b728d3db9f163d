import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createEmulator, type Emulator, WorldError } from "../../src/emulator/index.ts";
import { makeScratch } from "../support/scratch.ts";

const scratch = makeScratch();
let worlds = 0;

/** A world with a file of changes beside its file, and its workspaces by name. */
async function createWorld() {
  worlds += 1;
  const file = join(scratch, `${worlds}.json`);
  const emulator = createEmulator({ file, wholeBelow: 0 });
  await emulator.save();
  return { file, changes: `${file}.changes`, emulator, add: (name: string) => addWorkspace(emulator, name) };
}

async function addWorkspace(emulator: Emulator, name: string): Promise<void> {
  const response = await emulator.fetch("http://localhost/v1/workspaces", {
    method: "POST",
    headers: { authorization: `Bearer ${emulator.token}`, "content-type": "application/json" },
    body: JSON.stringify({ name, description: name }),
  });
  expect(await response.json()).toMatchObject({ code: 0 });
}

const namesIn = (file: string): readonly string[] =>
  [...createEmulator({ file }).world.workspaces.values()].map(({ name }) => name);

describe("the changes of a world", () => {
  test("go to a file of its owner's beside the world's, which stays as it is", async () => {
    const { file, changes, add } = await createWorld();
    const before = readFileSync(file, "utf8");
    await add("one");
    await add("two");
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(statSync(changes).mode & 0o777).toBe(0o600);
    expect(readFileSync(changes, "utf8").split("\n")).toHaveLength(4);
    expect(namesIn(file)).toEqual(["个人空间", "one", "two"]);
  });

  test("are written into the file when they are larger than it", async () => {
    const { file, changes, add } = await createWorld();
    for (let n = 0; !readFileSync(file, "utf8").includes('"name": "7"'); n += 1) await add(String(n));
    expect(namesIn(file)).toContain("7");
    expect(statSync(changes, { throwIfNoEntry: false })?.size ?? 0).toBeLessThan(statSync(file).size);
  });

  test("are what each call changed and nothing more, also of calls at the same time", async () => {
    const { changes, emulator } = await createWorld();
    const members = Array.from({ length: 900 }, (_, n) => ({
      user_id: String(n + 1),
      role_type: "member" as const,
    }));
    const { id } = emulator.world.personalWorkspace();
    emulator.world.workspaces.get(id)?.members.push(...members);
    await emulator.save();
    await Promise.all(
      ["a", "b", "c", "d"].map((name) =>
        emulator.fetch("http://localhost/v1/datasets", {
          method: "POST",
          headers: { authorization: `Bearer ${emulator.token}`, "content-type": "application/json" },
          body: JSON.stringify({ name, space_id: id, format_type: 0 }),
        }),
      ),
    );
    const lines = readFileSync(changes, "utf8").split("\n").slice(1, -1);
    const changed = lines.map((line) => JSON.parse(line).items as Record<string, { name: string }[]>);
    expect(changed.map((items) => Object.keys(items))).toEqual([
      ["datasets"],
      ["datasets"],
      ["datasets"],
      ["datasets"],
    ]);
    expect(changed.flatMap(({ datasets = [] }) => datasets.map(({ name }) => name))).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
  });

  test("are read without a line that a kill cut off", async () => {
    const { file, changes, add } = await createWorld();
    await add("one");
    appendFileSync(changes, '{"last_id":"99","items":{"workspa');
    expect(namesIn(file)).toEqual(["个人空间", "one"]);
  });

  test("are read after two kills: one in a line, and one before the file that was to hold them", async () => {
    const { file, changes, add } = await createWorld();
    await add("one");
    appendFileSync(changes, '{"last_id":"99","items":{"workspa');
    const before = readFileSync(file);
    const next = createEmulator({ file, wholeBelow: 0 });
    const folder = `${file}.d`;
    mkdirSync(folder);
    // The file can't take its place, so that the process gets as far as saying what it was to hold.
    renameSync(file, join(folder, "file"));
    mkdirSync(file);
    await expect(next.save()).rejects.toThrow();
    rmdirSync(file);
    writeFileSync(file, before);
    expect(readFileSync(changes, "utf8")).toMatch(/\n\{"folded":"\w+"\}\n$/u);
    expect(namesIn(file)).toEqual(["个人空间", "one"]);
  });

  test("are none after a kill in their first line", async () => {
    const { file, changes } = await createWorld();
    writeFileSync(changes, '{"foll');
    expect(namesIn(file)).toEqual(["个人空间"]);
  });

  test("belong to the file as it was when they were made", async () => {
    const { file, changes, add } = await createWorld();
    await add("one");
    writeFileSync(file, readFileSync(file, "utf8").replace("个人空间", "home"));
    expect(() => createEmulator({ file })).toThrow(/edited while changes of it were beside it/);
    rmSync(changes);
    expect(namesIn(file)).toEqual(["home"]);
  });

  test("are left out when a kill left them beside a file that holds them", async () => {
    const { file, changes, emulator, add } = await createWorld();
    await add("one");
    const lines = readFileSync(changes, "utf8");
    const before = readFileSync(file);
    await emulator.save();
    const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
    writeFileSync(changes, `${lines}{"folded":"${digest}"}\n`);
    expect(namesIn(file)).toEqual(["个人空间", "one"]);
    writeFileSync(file, before);
    expect(namesIn(file)).toEqual(["个人空间", "one"]);
  });

  test("are written whole where someone removed the files", async () => {
    const { file, changes, add } = await createWorld();
    await add("one");
    rmSync(file);
    await add("two");
    rmSync(changes, { force: true });
    expect(namesIn(file)).toEqual(["个人空间", "one", "two"]);
    await add("three");
    rmSync(changes);
    await add("four");
    expect(namesIn(file)).toEqual(["个人空间", "one", "two", "three", "four"]);
    expect(existsSync(changes)).toBe(false);
  });

  test.each([
    ["a line that isn't JSON", (changes: string) => appendFileSync(changes, "{\n")],
    ["a line of another form", (changes: string) => appendFileSync(changes, "{}\n")],
    [
      "an item of another form",
      (changes: string) =>
        appendFileSync(changes, '{"last_id":"1","items":{"bots":[{"id":"1"}]},"gone":{}}\n'),
    ],
  ])("are refused with %s", async (_, damage) => {
    const { file, changes, add } = await createWorld();
    await add("one");
    damage(changes);
    expect(() => createEmulator({ file })).toThrow(WorldError);
    expect(() => createEmulator({ file })).toThrow(
      /^the (changes of the )?emulator's world (is|are) damaged/,
    );
  });

  test("aren't written through a link", async () => {
    const { file, changes, add } = await createWorld();
    const target = join(scratch, "target");
    writeFileSync(target, "");
    symlinkSync(target, changes);
    await add("one");
    expect(readFileSync(target, "utf8")).toBe("");
    expect(namesIn(file)).toEqual(["个人空间", "one"]);
  });
});
