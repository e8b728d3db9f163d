import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { Backend } from "../../src/state/backend.ts";
import { openLocalBackend } from "../../src/state/local-backend.ts";
import { StateUnwritable } from "../../src/state/model.ts";
import { openStore, readState } from "../../src/state/store.ts";
import { createPlace, entry } from "./place.ts";

/** A place that another directory keeps, as a machine of its own reaches it; `cut` takes the connection away. */
function createShared() {
  const keeper = openLocalBackend(createPlace().place);
  let isCut = false;
  const refuse = (): void => {
    if (isCut) throw new StateUnwritable("the keeper", new Error("connection lost"), "mend it");
  };
  const backend: Backend = {
    ...keeper,
    async lock(holder) {
      const locked = await keeper.lock(holder);
      return {
        ...locked,
        // Nothing of the journal outlives the run: only what is kept here can bring it in.
        openJournal: () => ({
          append: () => {},
          kept: async () => {},
          synced: async () => {},
          close: async () => {},
        }),
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
  return { machine, cut };
}

/** A run on a machine that puts a bot and loses the connection before it is saved. */
async function loseBot() {
  const shared = createShared();
  const { place, file } = shared.machine();
  const first = await openStore(place, "test");
  first.put("made", { "Bot.a": entry });
  await first.close();
  const store = await openStore(place, "test");
  store.put("made", { "Bot.b": entry });
  shared.cut(true);
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

test("what another run has saved since isn't overwritten by what was kept", async () => {
  const { place, file, machine } = await loseBot();
  const other = await openStore(machine().place, "test");
  other.put("made", { "Bot.c": entry });
  await other.close();
  const kept = readFileSync(file("unsaved.json"), "utf8");
  await expect(openStore(place, "test")).rejects.toThrow("another run has saved the state");
  expect(readFileSync(file("unsaved.json"), "utf8")).toBe(kept);
  const left = await openStore(place, "cozeform state push", undefined, "leave");
  expect(Object.keys(left.state.resources)).toEqual(["Bot.a", "Bot.c"]);
  await left.close();
});

test("what was kept and has arrived after all is given up", async () => {
  const { place, file, machine } = await loseBot();
  const other = await openStore(machine().place, "test");
  other.put("made", { "Bot.b": entry });
  await other.close();
  expect(Object.keys((await readState(place)).resources)).toEqual(["Bot.a", "Bot.b"]);
  expect(existsSync(file("unsaved.json"))).toBe(false);
});
