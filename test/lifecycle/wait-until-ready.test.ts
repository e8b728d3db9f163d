import { describe, expect, test } from "@jest/globals";
import type { Place, Settlement } from "../../src/kind/kind.ts";
import { createWaiter, type Progress } from "../../src/lifecycle/wait-until-ready.ts";
import { createToyApi, type ToyApi, type thing } from "../support/toy-kind.ts";
import { busy, createToyPort, lost, refused } from "./toy-port.ts";

const working = (detail = "working"): Settlement => ({ state: "working", detail });

/** A waiter for things whose state at a time `look` tells; `looks`: when it was asked, and for how many. */
function createWaits(look: (at: number, place: Place) => Settlement, timeout?: number) {
  const { clock, port, stop } = createToyPort(timeout);
  const waiter = createWaiter<ToyApi>(port);
  const looks: (readonly [at: number, places: number])[] = [];
  const kind: Pick<typeof thing, "name" | "settle"> = {
    name: "Thing",
    async settle(_api, places) {
      looks.push([clock.now(), places.length]);
      return places.map((place) => look(clock.now(), place));
    },
  };
  const wait = (id: string, onProgress?: (progress: Progress) => void) =>
    waiter.wait({
      api: createToyApi(),
      kind,
      place: { id, parent: "b1" },
      ...(onProgress && { onProgress }),
    });
  return { clock, stop, looks, wait };
}

describe("a wait", () => {
  test("looks at all that wait below one parent in one call, at growing intervals", async () => {
    const { clock, looks, wait } = createWaits((at) => (at < 4000 ? working() : { state: "ready" }));
    const ends = await clock.run(Promise.all([wait("t1"), wait("t2")]));
    expect(ends).toEqual([{ state: "ready" }, { state: "ready" }]);
    expect(looks).toEqual([
      [1000, 2],
      [2500, 2],
      [4750, 2],
    ]);
  });

  test("of a latecomer begins with short intervals, for all", async () => {
    const { clock, looks, wait } = createWaits((at) => (at < 30_000 ? working() : { state: "ready" }));
    const first = wait("t1");
    await clock.run(clock.sleep(25_000));
    const before = looks.length;
    await clock.run(Promise.all([first, wait("t2")]));
    expect(looks[before]).toEqual([26_000, 2]);
  });

  test("goes on through seven failed looks in a row", async () => {
    let failures = 0;
    const { clock, wait } = createWaits((at) => {
      if (at > 1000 && failures < 7) {
        failures += 1;
        throw failures % 2 === 0 ? busy() : lost();
      }
      return failures < 7 ? working() : { state: "ready" };
    });
    expect(await clock.run(wait("t1"))).toEqual({ state: "ready" });
    expect(failures).toBe(7);
  });

  test("ends in time, with the error of the last look, however many fail so", async () => {
    const { clock, looks, wait } = createWaits(() => {
      throw busy();
    }, 600_000);
    expect(await clock.run(wait("t1"))).toEqual({ state: "left", why: "timed-out", error: busy() });
    expect(clock.now()).toBeGreaterThan(500_000);
    expect(looks.length).toBeGreaterThan(20);
  });

  test("ends at once with a refusal, for all that wait", async () => {
    const { clock, looks, wait } = createWaits(() => {
      throw refused();
    });
    const ends = await clock.run(Promise.allSettled([wait("t1"), wait("t2")]));
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(looks).toHaveLength(1);
  });

  test("ends for each object as its own work does", async () => {
    const { clock, wait } = createWaits((_at, { id }) =>
      id === "t1" ? { state: "ready" } : { state: "failed", reason: "unreadable" },
    );
    const [ready, failed] = await clock.run(Promise.all([wait("t1"), wait("t2")]));
    expect(ready).toEqual({ state: "ready" });
    expect(failed).toMatchObject({
      state: "failed",
      error: { name: "ProcessingFailed", message: "unreadable" },
    });
  });

  test("ends in time, without a look that would come too late", async () => {
    const { clock, looks, wait } = createWaits(() => working(), 5000);
    expect(await clock.run(wait("t1"))).toEqual({ state: "left", why: "timed-out" });
    expect(looks.map(([at]) => at)).toEqual([1000, 2500, 4750]);
    expect(clock.now()).toBe(4750);
  });

  test("ends when the process is to stop, and a look that wasn't sent for that is no failure", async () => {
    const { clock, stop, wait } = createWaits(() => {
      stop();
      throw refused();
    });
    expect(await clock.run(wait("t1"))).toEqual({ state: "left", why: "interrupted" });
  });

  test("reports each progress once", async () => {
    const { clock, wait } = createWaits((at) =>
      at < 3000 ? working("queued") : at < 9000 ? working("reading") : { state: "ready" },
    );
    const details: string[] = [];
    await clock.run(wait("t1", ({ detail }) => details.push(detail)));
    expect(details).toEqual(["queued", "reading"]);
  });
});
