import { expect } from "@jest/globals";
import type { Backend, LockedBackend } from "../../../src/state/backend.ts";
import { Locked } from "../../../src/state/lock.ts";
import { describeOwnProcess, type LockHolder } from "../../../src/state/lock-holder.ts";
import { StateError, StateUnwritable } from "../../../src/state/model.ts";
import { withTexts } from "../../../src/state/release-texts.ts";
import { openTextReader } from "../../../src/state/shared-texts.ts";
import { readBytes } from "../../../src/state/state-file.ts";
import { openStore, readState, type Store } from "../../../src/state/store.ts";
import { scale } from "../../support/sample.ts";
import { createPlace, entry } from "../place.ts";

/** An empty place for the state of one environment, that any number of machines reach. */
export interface Ground {
  /** The backend as one more machine opens it. */
  open(): Promise<Backend>;
  /** The bytes that have left for the place so far. */
  written(): number | Promise<number>;
  /** Texts that no name and no message may contain. */
  readonly secrets: readonly string[];
  /** Whether a run whose lock was broken is kept from writing; a file of this machine isn't guarded against its user. */
  readonly fences: boolean;
  /** Whether bytes grow as the lines do; a place of whole documents writes all with each. */
  readonly keepsLines: boolean;
  /** The configurations of releases beside the document; absent where documents contain them. */
  countTexts?(): number | Promise<number>;
}

/** A holder of a lock elsewhere, where no process of this machine can be looked at. */
export const makeHolder = (more: Partial<LockHolder> = {}): LockHolder => ({
  ...describeOwnProcess("cozeform apply", Date.UTC(2026, 0, 5, 8)),
  host: "runner-7",
  user: "li",
  ...more,
});

/** What an attempt to lock is refused with. */
export async function refusalOf(backend: Backend): Promise<Locked> {
  const refused = await backend.lock(makeHolder()).catch((error: unknown) => error);
  if (!(refused instanceof Locked)) throw new Error(`the lock isn't refused: ${refused}`);
  return refused;
}

/** Ends a run as a crash does, and unlocks what it leaves. */
export async function breakOff(backend: Backend): Promise<void> {
  // The process of the run is this one, which lives on.
  await backend.unlock((await refusalOf(backend)).holder?.id ?? "", true);
}

/** The error of an attempt, which must have a next move and contain no secret. */
export async function errorOf(attempt: Promise<unknown>, secrets: readonly string[]): Promise<StateError> {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof StateError)) throw new Error(`not a StateError: ${error}`);
  expect(error.hint).toMatch(/\w/);
  for (const secret of secrets) expect(`${error.file} ${error.message} ${error.hint}`).not.toContain(secret);
  return error;
}

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();
const version = (serial: number) => ({ lineage: "a-lineage", serial });
const document = (serial: number, more = "") => Buffer.from(JSON.stringify({ ...version(serial), more }));

async function withLock<T>(backend: Backend, run: (locked: LockedBackend) => Promise<T>): Promise<T> {
  const locked = await backend.lock(makeHolder());
  try {
    return await run(locked);
  } finally {
    await locked.release();
  }
}

const placeOf = (backend: Backend) => ({ ...createPlace().place, backend });

/** What every place for a state does, by name. */
export const behaviours: readonly (readonly [string, (ground: Ground) => Promise<void>])[] = [
  [
    "an empty place has no state, and keeps what is saved there",
    async ({ open }) => {
      expect(await (await open()).read()).toEqual({ document: undefined, journals: [] });
      await withLock(await open(), async (locked) => {
        expect(await locked.read()).toEqual({ document: undefined, journals: [] });
        await locked.save(document(1), version(1));
        await locked.save(document(2), version(2));
        await locked.removeJournal();
      });
      expect(text((await (await open()).read()).document)).toBe(text(document(2)));
      await withLock(await open(), async (locked) => {
        expect(text((await locked.read()).document)).toBe(text(document(2)));
        await locked.save(document(3), version(3));
      });
      expect(text((await (await open()).read()).document)).toBe(text(document(3)));
    },
  ],
  [
    "what a killed run had kept is seen by readers elsewhere, and folded in by the next run",
    async ({ open }) => {
      const begun = await openStore(placeOf(await open()), "cozeform apply");
      begun.put("made", { "Bot.first": entry });
      await begun.close();
      const killed = await openStore(placeOf(await open()), "cozeform apply");
      for (const name of ["a", "b", "c"]) killed.put("begun", { [`Bot.${name}`]: entry });
      await killed.synced();
      killed.put("made", { "Bot.x": entry });
      killed.put("gone", { "Bot.b": null });
      killed.putFile("abc", { id: "9", uploaded: 5 });
      await killed.synced();
      await breakOff(await open());
      const expected = {
        files: { abc: { id: "9", uploaded: 5 } },
        resources: { "Bot.first": entry, "Bot.a": entry, "Bot.c": entry, "Bot.x": entry },
      };
      expect(await readState(placeOf(await open()))).toMatchObject(expected);
      const next = await openStore(placeOf(await open()), "cozeform apply");
      expect(next.state).toMatchObject(expected);
      expect(Object.keys(next.state.resources)).toHaveLength(4);
      next.put("made", { "Bot.d": entry });
      await next.close();
      const backend = await open();
      const stored = await backend.read();
      expect(stored.journals).toEqual([]);
      expect(JSON.parse(text(stored.document) ?? "").serial).toBeGreaterThan(2);
      expect(Object.keys((await readState(placeOf(backend))).resources)).toHaveLength(5);
    },
  ],
  [
    "a lock is refused while another run has it: the message names that run, and the way out",
    async ({ open }) => {
      const first = await (await open()).lock(makeHolder({ id: "4f1c" }));
      const refused = await refusalOf(await open());
      expect(refused.message).toBe(
        `the state is locked by cozeform apply of li on runner-7 (process ${process.pid}), since 2026-01-05T08:00:00.000Z`,
      );
      expect(refused.hint).toMatch(
        /if it is no longer running( on runner-7)?, (remove|run cozeform state unlock 4f1c)/,
      );
      await first.release();
      await first.release();
      await withLock(await open(), async () => {});
    },
  ],
  [
    "of many runs at a time one gets the lock, and the others are told who",
    async ({ open }) => {
      const backends = await Promise.all(Array.from({ length: 12 }, open));
      const outcomes = await Promise.allSettled(
        backends.map((backend, index) => backend.lock(makeHolder({ command: `run ${index}` }))),
      );
      const taken = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      const refused = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
      expect([taken.length, refused.length]).toEqual([1, 11]);
      for (const error of refused) {
        expect(error).toBeInstanceOf(Locked);
        expect(error.message).toMatch(/^the state is locked by run \d+ of li/);
      }
      await taken[0]?.release();
    },
  ],
  [
    "a lock is broken by its own id alone",
    async ({ open, secrets }) => {
      const backend = await open();
      expect((await errorOf(backend.unlock("4f1c"), secrets)).message).toBe("the state isn't locked");
      await backend.lock(makeHolder({ id: "4f1c" }));
      const refused = await errorOf((await open()).unlock("beef"), secrets);
      expect(refused.message).toMatch(
        /^the state is locked by cozeform apply of li .*; the ID of that lock is 4f1c, not beef$/,
      );
      expect(refused.hint).toBe("if that run is no longer running either, run cozeform state unlock 4f1c");
      expect((await refusalOf(backend)).holder?.id).toBe("4f1c");
      expect(await (await open()).unlock("4f1c")).toMatchObject({ id: "4f1c", host: "runner-7" });
      await withLock(await open(), async () => {});
      expect((await errorOf(backend.unlock("4f1c"), secrets)).message).toBe("the state isn't locked");
    },
  ],
  [
    "a run whose lock was broken writes nothing more, and what it had kept is there",
    async ({ open, fences, secrets }) => {
      if (!fences) return;
      const lost = await openStore(placeOf(await open()), "cozeform apply");
      lost.put("made", { "Bot.a": entry });
      await lost.synced();
      await breakOff(await open());
      const next = await openStore(placeOf(await open()), "cozeform apply");
      expect(Object.keys(next.state.resources)).toEqual(["Bot.a"]);
      next.put("made", { "Bot.b": entry });
      await next.close();
      const attempt = async () => {
        lost.put("made", { "Bot.late": entry });
        await lost.synced();
      };
      expect(await errorOf(attempt(), secrets)).toBeInstanceOf(StateUnwritable);
      await errorOf(attempt(), secrets);
      await errorOf(lost.kept(), secrets);
      await errorOf(lost.close(), secrets);
      expect(Object.keys((await readState(placeOf(await open()))).resources)).toEqual(["Bot.a", "Bot.b"]);
      await withLock(await open(), async () => {});
    },
  ],
  [
    "configurations of releases are kept and read elsewhere, whether a run is killed or not, and pruned",
    async ({ open, countTexts }) => {
      const withReleases = (...prompts: readonly string[]) => ({
        ...entry,
        history: prompts.map((prompt, at) => ({ at, id: "1", spec: { prompt } })),
      });
      const long = "长".repeat(20_000);
      const run = async (put: (store: Store) => unknown) => {
        const store = await openStore(placeOf(await open()), "cozeform apply");
        await put(store);
        return store;
      };
      const read = async () => {
        const place = placeOf(await open());
        const { history = [] } = await withTexts(
          (await readState(place)).resources["Bot.a"] ?? entry,
          openTextReader(place),
        );
        return history.map(({ spec }) => spec?.prompt);
      };
      await run((store) => {
        store.put("made", { "Bot.a": withReleases("一", long), "Bot.b": withReleases("二") });
        return store.synced();
      });
      expect(await read()).toEqual(["一", long]);
      await breakOff(await open());
      const next = await run((store) => store.put("made", { "Bot.a": withReleases("一", long, "三") }));
      await next.close();
      expect(await read()).toEqual(["一", long, "三"]);
      const { document: stored } = await (await open()).read();
      if (countTexts) expect([await countTexts(), (stored?.length ?? 0) < 2000]).toEqual([4, true]);
      // A copy needs nothing of what is elsewhere.
      const last = await run(async (store) => {
        expect(text(readBytes((await store.backUp(1)) ?? ""))).toContain(long);
        store.put("gone", { "Bot.a": withReleases("三"), "Bot.b": null });
      });
      await last.close();
      expect(await read()).toEqual(["三"]);
      if (countTexts) expect(await countTexts()).toBe(1);
    },
  ],
  [
    "a document of 10 MB arrives as it is",
    async ({ open }) => {
      const large = document(1, "智能体 \u0000 ".repeat(600_000));
      expect(large.length).toBeGreaterThan(10_000_000);
      await withLock(await open(), (locked) => locked.save(large, version(1)));
      const { document: stored } = await (await open()).read();
      expect(Buffer.compare(stored ?? Buffer.alloc(0), large)).toBe(0);
    },
  ],
  [
    "thousands of resources take no more bytes each than hundreds",
    async ({ open, written, keepsLines }) => {
      if (!keepsLines) return;
      const bytesOfEach = async (count: number): Promise<number> => {
        const before = await written();
        const store = await openStore(placeOf(await open()), "cozeform apply");
        for (let index = 0; index < count; index += 1) {
          const [address, id] = [`Bot.b${100_000 + index}`, String(10 ** 18 + count)];
          store.put("creating", { [address]: { ...entry, id: "", status: "unknown" } });
          // As many as are created at a time.
          if (index % 8 === 7) await store.kept();
          store.put("made", { [address]: { ...entry, id } });
        }
        await store.close();
        const after = await written();
        return (after - before) / count;
      };
      const few = await bytesOfEach(300);
      // What it would be if each line, or each save, took what was there before.
      expect(few).toBeLessThan(2500);
      expect((await bytesOfEach(scale(10_000, 3000))) / few).toBeLessThan(1.1);
    },
  ],
  [
    "names and refusals show no credentials",
    async ({ open, secrets }) => {
      const backend = await open();
      for (const secret of secrets) expect(Object.values(backend.names).join()).not.toContain(secret);
      await backend.lock(makeHolder());
      const { place, message, hint } = await refusalOf(backend);
      for (const secret of secrets) expect(`${place} ${message} ${hint}`).not.toContain(secret);
    },
  ],
];
