import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { Entry } from "../../src/kind/state-entry.ts";
import type { Backend } from "../../src/state/backend.ts";
import { openLocalBackend } from "../../src/state/local-backend.ts";
import { type Promotion, StateUnwritable } from "../../src/state/model.ts";
import { openStore, readState } from "../../src/state/store.ts";
import { createPlace, entry } from "./place.ts";

/**
 * A place that another directory keeps, as a machine of its own reaches it; `cut` takes the connection away, `kill` ends
 * the last run.
 */
function createShared(journals: "kept" | "lost" = "lost") {
  const keeper = openLocalBackend(createPlace().place);
  let isCut = false;
  let kill = async (): Promise<void> => {};
  const refuse = (): void => {
    if (isCut) throw new StateUnwritable("the keeper", new Error("connection lost"), "mend it");
  };
  const backend: Backend = {
    ...keeper,
    async lock(holder) {
      const locked = await keeper.lock(holder);
      kill = () => locked.release();
      return {
        ...locked,
        openJournal(header, options) {
          if (journals === "kept" && !isCut) return locked.openJournal(header, options);
          // Nothing of the journal outlives the run: only what is kept here can bring it in.
          return { append() {}, async kept() {}, async synced() {}, async close() {} };
        },
        async save(document, version) {
          refuse();
          await locked.save(document, version);
        },
      };
    },
  };
  const machine = () => {
    const { place, file } = createPlace();
    return { place: { ...place, backend }, file };
  };
  const cut = (cuts: boolean): void => {
    isCut = cuts;
  };
  return { machine, cut, kill: () => kill() };
}

const objectOf = (id: string): Entry => ({ ...entry, id });

/** A run on a machine that puts a bot and loses the connection before it is saved. */
async function loseBot(
  more: { readonly [address: string]: Entry } = {},
  { journals = "lost", isFirst = false }: { journals?: "kept" | "lost"; isFirst?: boolean } = {},
) {
  const shared = createShared(journals);
  const { place, file } = shared.machine();
  if (!isFirst) {
    const first = await openStore(place, "test");
    first.put("made", { "Bot.a": entry });
    await first.close();
  }
  const store = await openStore(place, "test");
  shared.cut(true);
  store.put("made", { "Bot.b": objectOf("2"), ...more });
  await expect(store.close()).rejects.toThrow(`what the run did is kept in ${file("unsaved.json")}`);
  shared.cut(false);
  return { ...shared, place, file };
}

test("what can't be saved is kept on the machine of the run, shown by plans, and brought in by its next run", async () => {
  const { place, file, machine } = await loseBot();
  expect(Object.keys((await readState(place)).resources)).toEqual(["Bot.a", "Bot.b"]);
  const next = await openStore(place, "test");
  await next.close();
  expect(existsSync(file("unsaved.json"))).toBe(false);
  expect(Object.keys((await readState(machine().place)).resources)).toEqual(["Bot.a", "Bot.b"]);
});

test("what another run has saved since stays, and what it doesn't know is added", async () => {
  const { place, file, machine } = await loseBot();
  const other = await openStore(machine().place, "test");
  other.put("made", { "Bot.c": objectOf("3"), "Bot.a": { ...entry, spec: { name: "theirs" } } });
  await other.close();
  const expected = { "Bot.a": { spec: { name: "theirs" } }, "Bot.b": { id: "2" }, "Bot.c": { id: "3" } };
  expect((await readState(place)).resources).toMatchObject(expected);
  const next = await openStore(place, "test");
  await next.close();
  expect(existsSync(file("unsaved.json"))).toBe(false);
  const { resources } = await readState(machine().place);
  expect(resources).toMatchObject(expected);
  expect(Object.keys(resources)).toHaveLength(3);
});

test("of two objects at one address neither is forgotten: each is told, and the rest is brought in", async () => {
  const { place, file, machine, cut } = await loseBot({ "Bot.x": objectOf("7") });
  const other = await openStore(machine().place, "test");
  other.put("made", { "Bot.b": objectOf("5"), "Bot.y": objectOf("7") });
  await other.close();
  for (const attempt of [() => openStore(place, "test"), () => readState(place)]) {
    await expect(attempt()).rejects.toThrow("has others by now: Bot.b is 2 here and 5 there");
  }
  // What another run has under another address stays there.
  const { resources } = await readState(machine().place);
  expect(Object.keys(resources)).toEqual(["Bot.a", "Bot.b", "Bot.y"]);
  expect(readFileSync(file("unsaved.json"), "utf8")).toContain('"Bot.b"');
  // The order that the hint names: state rm, and the next run.
  const removal = await openStore(place, "cozeform state", undefined, "set-aside");
  removal.put("removed", { "Bot.b": null });
  cut(true);
  await expect(removal.close()).rejects.toThrow("connection lost");
  cut(false);
  expect(readFileSync(file("unsaved.json"), "utf8")).toContain('"Bot.b"');
  const again = await openStore(place, "cozeform state", undefined, "set-aside");
  again.put("removed", { "Bot.b": null });
  await again.close();
  await (await openStore(place, "test")).close();
  expect(existsSync(file("unsaved.json"))).toBe(false);
  expect((await readState(machine().place)).resources["Bot.b"]?.id).toBe("2");
});

test("a push leaves what was kept", async () => {
  const { place, machine } = await loseBot();
  const other = await openStore(machine().place, "test");
  other.put("made", { "Bot.b": objectOf("5") });
  await other.close();
  const left = await openStore(place, "cozeform state push", undefined, "leave");
  expect(left.state.resources["Bot.b"]?.id).toBe("5");
  await left.close();
});

test("what the run had written before it lost the connection counts as its own", async () => {
  const { place, file, machine } = await loseBot();
  const kept = JSON.parse(readFileSync(file("unsaved.json"), "utf8"));
  // A write in doubt arrived: the intent, without its result.
  const intent = { ...objectOf("2"), id: undefined, status: "unknown" };
  kept.unsaved.attempted = { "Bot.b": JSON.parse(JSON.stringify(intent)) };
  writeFileSync(file("unsaved.json"), JSON.stringify(kept));
  const arrived = await openStore(machine().place, "test");
  arrived.put("begun", { "Bot.b": JSON.parse(JSON.stringify(intent)) });
  await arrived.close();
  expect((await readState(place)).resources["Bot.b"]).toMatchObject({ id: "2", status: "ready" });
});

test("what was kept and has arrived after all is given up", async () => {
  const { place, file, machine } = await loseBot();
  const other = await openStore(machine().place, "test");
  other.put("made", { "Bot.b": objectOf("2") });
  await other.close();
  expect(Object.keys((await readState(place)).resources)).toEqual(["Bot.a", "Bot.b"]);
  expect(existsSync(file("unsaved.json"))).toBe(false);
});

test.each([false, true])(
  "the lines of a run on another machine that was killed stay, though the serial is the same (first run: %s)",
  async (isFirst) => {
    const { place, file, machine, kill } = await loseBot({}, { journals: "kept", isFirst });
    const other = await openStore(machine().place, "test");
    other.put("made", { "Bot.c": objectOf("3") });
    await other.synced();
    await kill();
    const expected = [...(isFirst ? [] : ["Bot.a"]), "Bot.b", "Bot.c"];
    const known = async () => Object.keys((await readState(place)).resources).sort();
    expect(await known()).toEqual(expected);
    await (await openStore(place, "test")).close();
    expect(existsSync(file("unsaved.json"))).toBe(false);
    expect(await known()).toEqual(expected);
  },
);

test("a run's own lines are contained in what was kept of it", async () => {
  const shared = createShared("kept");
  const { place, file } = shared.machine();
  const store = await openStore(place, "test");
  store.put("begun", { "Bot.b": { ...objectOf("2"), id: undefined, status: "unknown" } });
  await store.synced();
  store.put("made", { "Bot.b": objectOf("2") });
  shared.cut(true);
  await expect(store.close()).rejects.toThrow(file("unsaved.json"));
  shared.cut(false);
  expect((await readState(place)).resources["Bot.b"]).toMatchObject({ id: "2" });
  await (await openStore(place, "test")).close();
  expect((await readState(shared.machine().place)).resources["Bot.b"]).toMatchObject({ id: "2" });
});

const promotion = { number: 1, from: "test", begun: 1_796_000_000, open: true } as const;

/** A run that begins a promotion and loses the connection, and another that saves meanwhile. */
async function losePromotion(theirs?: Promotion) {
  const { machine, cut } = createShared();
  const { place } = machine();
  const first = await openStore(place, "test");
  first.put("made", { "Bot.x": objectOf("9") });
  await first.close();
  const store = await openStore(place, "test");
  cut(true);
  store.put("begun", { "Bot.a": entry }, promotion);
  await expect(store.close()).rejects.toThrow("what the run did is kept");
  cut(false);
  const other = await openStore(machine().place, "test");
  other.put("made", { "Bot.c": objectOf("3") }, theirs);
  await other.close();
  return { place, machine };
}

test("a promotion that the run had begun stays open", async () => {
  const { place, machine } = await losePromotion();
  expect((await readState(place)).promotion).toEqual(promotion);
  await (await openStore(place, "test")).close();
  expect((await readState(machine().place)).promotion).toEqual(promotion);
});

test("two promotions are a conflict, and the rest is brought in", async () => {
  const { place, machine } = await losePromotion({ ...promotion, from: "stage" });
  await expect(openStore(place, "test")).rejects.toThrow(
    "the promotion is number 1 from test here and number 1 from stage there",
  );
  const { promotion: theirs, resources } = await readState(machine().place);
  expect(theirs?.from).toBe("stage");
  expect(Object.keys(resources)).toEqual(["Bot.a", "Bot.c", "Bot.x"]);
  await expect(readState(place)).rejects.toThrow("the promotion is number 1");
});

test("configurations that can't be cleared up don't end a run that folds in a killed one", async () => {
  const { machine, kill } = createShared("kept");
  const { place } = machine();
  const store = await openStore(place, "test");
  store.put("made", { "Bot.a": entry });
  await store.synced();
  await kill();
  const { backend } = place;
  const lock: Backend["lock"] = async (holder) => ({
    ...(await backend.lock(holder)),
    texts: {
      read: async () => new Map(),
      async write() {},
      sweep: () => Promise.reject(new Error("AccessDenied")),
    },
  });
  const next = await openStore({ ...place, backend: { ...backend, lock } }, "test");
  expect(Object.keys(next.state.resources)).toEqual(["Bot.a"]);
  await next.close();
});
