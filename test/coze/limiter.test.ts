import { describe, expect, test } from "@jest/globals";
import { createLimiter } from "../../src/coze/limiter.ts";
import type { Operation } from "../../src/coze/operation.ts";
import { fakeClock } from "./answers.ts";

const read: Operation = { name: "read", method: "GET", path: "/", write: false, repeatable: true };
const upload: Operation = { ...read, name: "upload", perSecond: 2 };

/** When each of some requests starts, in milliseconds from the first. */
async function startsOf(operations: readonly Operation[], perSecond: number): Promise<readonly number[]> {
  const clock = fakeClock(0);
  const limiter = createLimiter(perSecond, clock);
  const starts: number[] = [];
  for (const operation of operations) {
    await limiter.admit(operation);
    starts.push(clock.now());
  }
  return starts;
}

describe("the limiter", () => {
  test("spaces out requests evenly", async () => {
    expect(await startsOf([read, read, read, read], 5)).toEqual([0, 200, 400, 600]);
  });

  test("never waits without a limit", async () => {
    expect(await startsOf([upload, upload, upload], Number.POSITIVE_INFINITY)).toEqual([0, 0, 0]);
  });

  test("keeps an operation to its own limit", async () => {
    expect(await startsOf([upload, upload, read, upload], 10)).toEqual([0, 500, 600, 1000]);
  });

  test("halves the rate when told to, and recovers", async () => {
    const clock = fakeClock(0);
    const limiter = createLimiter(10, clock);
    limiter.slowDown();
    await limiter.admit(read);
    await limiter.admit(read);
    expect(clock.now()).toBeGreaterThan(180);
    for (let count = 0; count < 20; count += 1) await limiter.admit(read);
    const before = clock.now();
    await limiter.admit(read);
    expect(clock.now() - before).toBe(100);
  });

  test("lets go of who waits when the signal aborts", async () => {
    const limiter = createLimiter(1, fakeClock(0));
    const controller = new AbortController();
    await limiter.admit(read, controller.signal);
    controller.abort();
    await expect(limiter.admit(read, controller.signal)).rejects.toThrow();
  });
});
