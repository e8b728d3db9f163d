import { describe, expect, test } from "@jest/globals";
import type { BatchOutcome, Created, Item, Kind } from "../../src/kind/kind.ts";
import {
  type CreateFailure,
  type CreateHost,
  createWithRecovery,
} from "../../src/lifecycle/create-with-recovery.ts";
import { createToyApi, type ToyApi, thing } from "../support/toy-kind.ts";
import { busy, createToyPort, lost, refused } from "./toy-port.ts";

type Attempt = (name: string, attempt: number) => BatchOutcome<Created>;

interface Given {
  readonly attempt: Attempt;
  /** What lists show at a time. */
  readonly items?: (at: number) => readonly Item[];
  readonly before?: readonly string[] | undefined;
  readonly kind?: Kind<ToyApi>;
  readonly owned?: readonly string[];
}

const isLost: BatchOutcome<Created> = { error: lost() };
const item = (id: string, name: string): Item => ({ id, parent: "b1", live: { box: "b1", name } });

/** Creates things of some names, and tells how each ended and when lists were read. */
function createCreations({ attempt, items = () => [], kind = thing, owned = [], ...given }: Given) {
  const { clock, port, stop } = createToyPort();
  const ends: string[] = [];
  const attempts: string[] = [];
  const listed: number[] = [];
  const slow: string[] = [];
  const before = "before" in given ? given.before : [];
  const describe = (failure: CreateFailure) =>
    failure.why === "ambiguous"
      ? `ambiguous ${failure.items.map(({ id }) => id)}`
      : failure.why === "unsearched"
        ? `unsearched ${failure.cause.message}`
        : `${failure.why} ${failure.error.message}`;
  const host: CreateHost<ToyApi, string> = {
    api: createToyApi(),
    kind,
    async create(names) {
      attempts.push(names.join());
      return names.map((name) => attempt(name, attempts.length));
    },
    async list() {
      listed.push(clock.now());
      return items(clock.now());
    },
    trace: (name) => ({ spec: { box: "b1", name }, before, begun: 0 }),
    findFree: (_name, found) => found.filter(({ id }) => !owned.includes(id)),
    async searchSlow(missing) {
      slow.push(...missing.map(({ creation }) => creation));
      return [];
    },
    created: (name, created) => ends.push(`${name} created ${"id" in created ? created.id : created.task}`),
    found: (name, { id }) => ends.push(`${name} found ${id}`),
    failed: (name, failure) => ends.push(`${name} ${describe(failure)}`),
  };
  const create = (...names: readonly string[]) => clock.run(createWithRecovery(port, host, names));
  return { create, stop, ends, attempts, listed, slow };
}

describe("a creation whose answer is lost", () => {
  test("is repeated at most once more", async () => {
    const { create, ends, attempts, listed } = createCreations({ attempt: () => isLost });
    await create("a");
    expect(attempts).toEqual(["a", "a"]);
    expect(ends).toEqual(["a lost lost"]);
    // After each attempt once at once, and once when lists have caught up.
    expect(listed).toEqual([0, 5000, 5000, 10_000]);
  });

  test("is repeated only once lists have caught up, and then gets its object", async () => {
    const { create, ends, listed } = createCreations({
      attempt: (_name, attempt) => (attempt === 1 ? isLost : { value: { id: "t9" } }),
    });
    await create("a");
    expect(ends).toEqual(["a created t9"]);
    expect(listed).toEqual([0, 5000]);
  });

  test("isn't repeated when its object appears late", async () => {
    const { create, ends, attempts } = createCreations({
      attempt: () => isLost,
      items: (at) => (at >= 4900 ? [item("t1", "a")] : []),
    });
    await create("a");
    expect(attempts).toEqual(["a"]);
    expect(ends).toEqual(["a found t1"]);
  });

  test("of several at once gets its own object, and only what is missing is repeated", async () => {
    const { create, ends, attempts } = createCreations({
      attempt: (_name, attempt) => (attempt === 1 ? isLost : { value: { id: "t9" } }),
      items: () => [item("t1", "a"), item("t2", "b")],
    });
    await create("a", "b", "c");
    expect(attempts).toEqual(["a,b,c", "c"]);
    expect(ends).toEqual(["a found t1", "b found t2", "c created t9"]);
  });

  test("doesn't take what was there before, or belongs to another", async () => {
    const { create, ends } = createCreations({
      attempt: () => isLost,
      items: () => [item("old", "a"), item("other", "a"), item("new", "a")],
      before: ["old"],
      owned: ["other"],
    });
    await create("a");
    expect(ends).toEqual(["a found new"]);
  });

  test("is given up with all ids when several objects could be its own", async () => {
    const { create, ends, attempts } = createCreations({
      attempt: () => isLost,
      items: () => [item("t1", "a"), item("t2", "a")],
    });
    await create("a");
    expect([attempts, ends]).toEqual([["a"], ["a ambiguous t1,t2"]]);
  });

  test("is given up with the one id when that may have been there before", async () => {
    const given = { attempt: () => isLost, items: () => [item("t1", "a")], before: undefined };
    const plain = createCreations(given);
    await plain.create("a");
    expect(plain.ends).toEqual(["a ambiguous t1"]);
    const sole = createCreations({ ...given, kind: { ...thing, unique: true } });
    await sole.create("a");
    expect(sole.ends).toEqual(["a found t1"]);
  });

  test("is given up when its object can't be searched for", async () => {
    const { create, ends, attempts } = createCreations({
      attempt: () => isLost,
      items: () => {
        throw refused();
      },
    });
    await create("a", "b");
    expect([attempts, ends]).toEqual([["a,b"], ["a unsearched no", "b unsearched no"]]);
  });

  test("is searched for again where a search failed in a way that may pass, and never repeated after such a one", async () => {
    let searches = 0;
    const passing = createCreations({
      attempt: () => isLost,
      items: () => {
        searches += 1;
        if (searches === 1) throw busy();
        return [item("t1", "a")];
      },
    });
    await passing.create("a");
    expect([passing.attempts, passing.ends]).toEqual([["a"], ["a found t1"]]);
    const failing = createCreations({
      attempt: () => isLost,
      items: () => {
        throw busy();
      },
    });
    await failing.create("a");
    expect([failing.attempts, failing.ends]).toEqual([["a"], ["a unsearched busy"]]);
  });

  test("isn't repeated once the process is to stop", async () => {
    const { create, stop, ends, attempts } = createCreations({
      attempt: () => {
        stop();
        return isLost;
      },
    });
    await create("a");
    expect([attempts, ends]).toEqual([["a"], ["a lost lost"]]);
  });

  test("isn't repeated by itself where objects take long to appear", async () => {
    const kind = { ...thing, listing: { appearsWithin: 600 } };
    const { create, attempts, slow, listed } = createCreations({ attempt: () => isLost, kind });
    await create("a");
    expect([attempts, slow, listed]).toEqual([["a"], ["a"], []]);
  });
});

test("a refused creation is neither searched for nor repeated, and the others of its call are", async () => {
  const { create, ends, attempts, listed } = createCreations({
    attempt: (name, attempt) =>
      name === "a" ? { error: refused() } : attempt === 1 ? isLost : { value: { id: "t9" } },
  });
  await create("a", "b");
  expect(attempts).toEqual(["a,b", "b"]);
  expect(ends).toEqual(["a refused no", "b created t9"]);
  expect(listed).toEqual([0, 5000]);
});
