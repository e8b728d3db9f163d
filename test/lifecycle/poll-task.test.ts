import { expect, test } from "@jest/globals";
import type { TaskState } from "../../src/kind/kind.ts";
import { spreadOf } from "../../src/lifecycle/poll-intervals.ts";
import { pollTask } from "../../src/lifecycle/poll-task.ts";
import { createToyApi } from "../support/toy-kind.ts";
import { busy, createToyPort, refused } from "./toy-port.ts";

const working = (detail = "copying"): TaskState => ({ state: "working", detail });

/** Polls one task whose state at a time `look` tells. */
function createPoll(look: (at: number) => TaskState, timeout?: number) {
  const { clock, port, stop } = createToyPort(timeout);
  const looks: number[] = [];
  const details: string[] = [];
  const follow = async () => {
    looks.push(clock.now());
    return look(clock.now());
  };
  const poll = (resumed = false) =>
    clock.run(
      pollTask(port, createToyApi(), { name: "Thing", copying: { follow } }, "task", {
        resumed,
        onDetail: (detail) => details.push(detail),
      }),
    );
  return { clock, stop, looks, details, poll };
}

test("a task is polled at growing intervals of its own until it ends", async () => {
  const { looks, details, poll } = createPoll((at) => (at < 4000 ? working() : { state: "done", id: "t1" }));
  expect(await poll()).toEqual({ state: "done", id: "t1" });
  const spread = spreadOf("task");
  const [first = 0, second = 0] = looks;
  expect(first).toBe(Math.ceil(1000 * spread));
  expect(Math.round((second - first) / spread / 10) * 10).toBe(1500);
  expect(details).toEqual(["copying"]);
});

test("a task that an earlier process began is looked at at once", async () => {
  const { looks, poll } = createPoll(() => ({ state: "lost" }));
  expect(await poll(true)).toEqual({ state: "lost" });
  expect(looks).toEqual([0]);
});

test("a failed look that may pass doesn't end the wait, a refusal does", async () => {
  const passing = createPoll((at) => {
    if (at < 9000) throw busy();
    return { state: "done", id: "t1" };
  });
  expect(await passing.poll()).toMatchObject({ state: "done" });
  const refusing = createPoll(() => {
    throw refused();
  });
  await expect(refusing.poll()).rejects.toThrow("no");
  expect(refusing.looks).toHaveLength(1);
});

test("however many looks fail so, the wait ends in time, with the error of the last one", async () => {
  const { clock, looks, poll } = createPoll(() => {
    throw busy();
  }, 600_000);
  expect(await poll()).toEqual({ state: "left", why: "timed-out", error: busy() });
  expect(clock.now()).toBeGreaterThan(500_000);
  expect(looks.length).toBeGreaterThan(20);
});

test("a task is left in time, and when the process is to stop", async () => {
  const late = createPoll(() => working(), 5000);
  expect(await late.poll()).toEqual({ state: "left", why: "timed-out" });
  expect(late.clock.now()).toBeLessThanOrEqual(5000);
  const stopped = createPoll(() => {
    stopped.stop();
    return working();
  });
  expect(await stopped.poll()).toEqual({ state: "left", why: "interrupted" });
  expect(stopped.looks).toHaveLength(1);
});

test("a kind without tasks has none to poll", async () => {
  const { port } = createToyPort();
  const polling = pollTask(port, createToyApi(), { name: "Box" }, "task", { resumed: true });
  await expect(polling).rejects.toThrow("Box has no tasks");
});
