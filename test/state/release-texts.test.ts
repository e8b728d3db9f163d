import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Entry, Release } from "../../src/kind/state-entry.ts";
import { openReleaseTexts } from "../../src/state/local-texts.ts";
import { hashText, withTexts } from "../../src/state/release-texts.ts";
import { openStore, readState, type Store } from "../../src/state/store.ts";
import { createPlace, deadLock, entry } from "./place.ts";

const release = (at: number, prompt: string): Release => ({ at, id: "1", spec: { prompt } });
const withReleases = (...prompts: readonly string[]): Entry => ({
  ...entry,
  history: prompts.map((prompt, at) => release(at, prompt)),
});

function createGround() {
  const { place, file } = createPlace();
  const folder = file("releases");
  const stored = () => (existsSync(folder) ? readdirSync(folder).sort() : []);
  const nameOf = (prompt: string) => `${hashText({ spec: { prompt } })}.json`;
  const named = (...prompts: readonly string[]) => prompts.map(nameOf).sort();
  /** One run, closed or killed. */
  const run = async (put: (store: Store) => void | Promise<void>, { killed = false } = {}) => {
    const store = await openStore(place, "test");
    await put(store);
    if (killed) writeFileSync(file("lock"), deadLock());
    else await store.close();
  };
  const prompts = async () => {
    const { history = [] } = await withTexts(
      (await readState(place)).resources["Bot.a"] ?? entry,
      openReleaseTexts(place),
    );
    return history.map(({ spec }) => spec?.prompt);
  };
  return { place, file, folder, stored, named, run, prompts };
}

describe("the configurations of releases", () => {
  test("are files of their own for their owner alone, and the state has their hashes", async () => {
    const { file, folder, stored, named, run, prompts } = createGround();
    const long = "长".repeat(20_000);
    await run((store) => store.put("made", { "Bot.a": withReleases("一", long, "一") }));
    expect(stored()).toEqual(named("一", long));
    expect(readFileSync(file("state.json"), "utf8").length).toBeLessThan(2000);
    expect(statSync(join(folder, stored()[0] ?? "")).mode & 0o777).toBe(0o600);
    expect(await prompts()).toEqual(["一", long, "一"]);
  });

  test("outlive a run that is killed, and are read by those who only look", async () => {
    const { stored, named, run, prompts } = createGround();
    await run((store) => store.put("made", { "Bot.a": withReleases("一") }), { killed: true });
    expect(await prompts()).toEqual(["一"]);
    await run(() => {});
    expect(await prompts()).toEqual(["一"]);
    expect(stored()).toEqual(named("一"));
  });

  test("go when the state names them no longer, and not before", async () => {
    const { stored, named, run, prompts } = createGround();
    await run((store) =>
      store.put("made", { "Bot.a": withReleases("一", "二"), "Bot.b": withReleases("二") }),
    );
    // Until the state is saved, it names what it named.
    await run((store) => store.put("again", { "Bot.a": withReleases("三") }), { killed: true });
    expect(stored()).toEqual(named("一", "二", "三"));
    await run(() => {});
    expect(stored()).toEqual(named("二", "三"));
    expect(await prompts()).toEqual(["三"]);
    await run((store) => store.put("gone", { "Bot.b": null }));
    expect(stored()).toEqual(named("三"));
  });

  test("that a state from elsewhere contains become files, and stay when others go", async () => {
    const { place, file, stored, named, run, prompts } = createGround();
    await run((store) => store.put("made", { "Bot.b": withReleases("旧") }));
    const state = await readState(place);
    // As `state pull` prints it.
    const pulled = { ...state, resources: { ...state.resources, "Bot.a": withReleases("一", "二") } };
    writeFileSync(file("state.json"), JSON.stringify(pulled));
    await run((store) => store.put("again", { "Bot.b": withReleases("新") }));
    expect(stored()).toEqual(named("一", "二", "新"));
    expect(await prompts()).toEqual(["一", "二"]);
  });

  test("stay as long as a backup of the state names them", async () => {
    const { place, file, stored, named, run, prompts } = createGround();
    await run((store) => store.put("made", { "Bot.a": withReleases("一") }));
    await run(async (store) => {
      await store.backUp(1);
      store.put("gone", { "Bot.a": null });
    });
    expect(stored()).toEqual(named("一"));
    const [backup = ""] = readdirSync(file("").replace(/dev\.$/u, "backups")).filter((name) =>
      /json$/u.test(name),
    );
    writeFileSync(file("state.json"), readFileSync(join(place.directory, ".cozeform/backups", backup)));
    expect(await prompts()).toEqual(["一"]);
  });

  test("that are gone or damaged leave their releases, and are written again", async () => {
    const { folder, stored, run, prompts } = createGround();
    await run((store) => store.put("made", { "Bot.a": withReleases("一", "二") }));
    const [one = "", two = ""] = stored();
    writeFileSync(join(folder, one), readFileSync(join(folder, two)));
    const [first] = await prompts();
    expect([await prompts(), first === undefined]).toContainEqual(expect.arrayContaining([undefined]));
    // Other line ends, as git may make them, are no damage.
    rmSync(join(folder, one));
    writeFileSync(join(folder, two), `${readFileSync(join(folder, two), "utf8")}\r\n`);
    expect((await prompts()).filter(Boolean)).toHaveLength(1);
    await run((store) => store.put("again", { "Bot.a": withReleases("一", "二") }));
    expect(await prompts()).toEqual(["一", "二"]);
  });

  test("that can't be stored end the run before the state names them", async () => {
    const { file, run } = createGround();
    mkdirSync(file("").replace(/dev\.$/u, ""), { recursive: true });
    writeFileSync(file("releases"), "in the way");
    await expect(run((store) => store.put("made", { "Bot.a": withReleases("一") }))).rejects.toThrow(
      /can't be written/u,
    );
    expect(existsSync(file("journal"))).toBe(false);
  });
});

test("a state names no text that isn't there, wherever runs are killed", async () => {
  const prompt = fc.constantFrom("一", "二", "三", "四");
  const put = fc.record({
    address: fc.constantFrom("Bot.a", "Bot.b"),
    prompts: fc.option(fc.array(prompt, { maxLength: 3 })),
  });
  const runs = fc.array(fc.record({ puts: fc.array(put, { maxLength: 4 }), killed: fc.boolean() }), {
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(runs, async (all) => {
      const { place, run, stored } = createGround();
      const expected = new Map<string, readonly string[]>();
      for (const { puts, killed } of [...all, { puts: [], killed: false }]) {
        await run(
          (store) => {
            for (const { address, prompts } of puts) {
              store.put("put", { [address]: prompts ? withReleases(...prompts) : null });
              if (prompts) expected.set(address, prompts);
              else expected.delete(address);
            }
          },
          { killed },
        );
        const texts = openReleaseTexts(place);
        const { resources } = await readState(place);
        const told = await Promise.all(
          Object.entries(resources).map(async ([address, one]) => {
            const { history = [] } = await withTexts(one, texts);
            return [address, history.map(({ spec }) => spec?.prompt)] as const;
          }),
        );
        expect(new Map(told)).toEqual(expected);
      }
      const inUse = new Set([...expected.values()].flat());
      expect(stored().length).toBe(inUse.size);
    }),
    { numRuns: 30 },
  );
});

test("4,000 bots with five releases each make a state of a few megabytes", async () => {
  const { file, run } = createGround();
  // As many texts as there may be of one size: 20,000 files would take longer than what they show.
  const prompts = Array.from({ length: 5 }, (_, index) => `${"提示".repeat(1300)}${index}`);
  const bots = Object.fromEntries(
    Array.from({ length: 4000 }, (_, index) => [`Bot.b${index}`, withReleases(...prompts)]),
  );
  await run((store) => store.put("made", bots));
  expect(JSON.stringify(bots).length).toBeGreaterThan(50_000_000);
  expect(statSync(file("state.json")).size).toBeLessThan(6_000_000);
});

test("a state of an earlier version is migrated with a backup that the earlier version reads", async () => {
  const { place, file, stored, named, run, prompts } = createGround();
  const old = {
    ...{ format: 1, lineage: "ours", serial: 3, environment: "dev", endpoint: place.endpoint },
    ...{ resources: { "Bot.a": withReleases("一", "二") }, files: {} },
  };
  const text = `${JSON.stringify(old, null, 2)}\n`;
  mkdirSync(file("").replace(/dev\.$/u, ""), { recursive: true });
  writeFileSync(file("state.json"), text);
  const backups = join(place.directory, ".cozeform/backups");
  expect(await prompts()).toEqual(["一", "二"]);
  // A run that changes nothing migrates nothing.
  await run(() => {});
  expect([readFileSync(file("state.json"), "utf8"), existsSync(backups)]).toEqual([text, false]);
  await run((store) => store.put("made", { "Bot.b": entry }), { killed: true });
  await run(() => {});
  const [backup = "", second] = readdirSync(backups).filter((name) => name.endsWith(".json"));
  expect([readFileSync(join(backups, backup), "utf8"), second]).toEqual([text, undefined]);
  expect(JSON.parse(readFileSync(file("state.json"), "utf8")).format).toBe(2);
  expect(readFileSync(file("state.json"), "utf8")).not.toContain("一");
  expect(stored()).toEqual(named("一", "二"));
  expect(await prompts()).toEqual(["一", "二"]);
});
