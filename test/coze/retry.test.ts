import { describe, expect, test } from "@jest/globals";
import {
  BadAnswer,
  BadRequest,
  type CallFacts,
  ConnectionLost,
  Forbidden,
  QuotaExhausted,
  RateLimited,
  ServerError,
} from "../../src/coze/error-classes.ts";
import { retryDelay } from "../../src/coze/http/retry.ts";
import { answer, clientOf, failureOf } from "./answers.ts";

const facts: CallFacts = { operation: "any", outcome: "none" };
const random = () => 0;

describe("retry delays", () => {
  test.each([
    [RateLimited, true, true],
    [ServerError, true, false],
    [ConnectionLost, true, false],
    [BadAnswer, true, false],
    [BadRequest, false, false],
    [Forbidden, false, false],
    [QuotaExhausted, false, false],
  ])("%p: repeatable %p, creating %p", (error, repeated, created) => {
    const retried = [true, false].map(
      (repeatable) => retryDelay(1, new error("", facts), { repeatable, random }) !== undefined,
    );
    expect(retried).toEqual([repeated, created]);
  });

  test.each([
    [1, 0, 500],
    [2, 0, 1000],
    [3, 0, 2000],
    [1, 0.5, 750],
    [4, 0, undefined],
  ])("attempt %i with chance %d waits %p ms", (attempt, chance, delay) => {
    const error = new ServerError("", facts);
    expect(retryDelay(attempt, error, { repeatable: true, random: () => chance })).toBe(delay);
  });

  test.each([
    [3000, 3000],
    [100, 500],
    [600_000, undefined],
  ])("Coze asks for %i ms: waits %p", (retryAfterMs, delay) => {
    expect(
      retryDelay(1, new RateLimited("", { ...facts, retryAfterMs }), { repeatable: false, random }),
    ).toBe(delay);
  });

  test.each([302, 404])("a page that came with HTTP %i isn't worth asking for again", (httpStatus) => {
    const error = new BadAnswer("", { ...facts, httpStatus });
    expect(retryDelay(1, error, { repeatable: true, random })).toBeUndefined();
  });
});

describe("retrying calls", () => {
  test("a read is tried four times", async () => {
    const { client, clock } = clientOf([1, 2, 3, 4].map(() => answer(502, "<html>")));
    expect(await failureOf(client.bots.get("1", false))).toMatchObject({ name: "ServerError" });
    expect(clock.sleeps).toEqual([500, 1000, 2000]);
  });

  test("a creation is tried again when it was refused for now", async () => {
    const { client, clock } = clientOf([
      answer(429, { code: 4013 }, { "retry-after": "3" }),
      { code: 4009 },
      { code: 0, data: { bot_id: "1" } },
    ]);
    await expect(client.bots.create({ space_id: "1", name: "a" })).resolves.toBe("1");
    expect(clock.sleeps).toEqual([3000, 1000]);
  });

  test.each([
    ["a server error", answer(500, { code: 5000 })],
    ["a cut-off answer", '{"code":0,"data":{"bot'],
    ["a lost connection", new TypeError("fetch failed")],
  ])("a creation is never tried again after %s", async (_title, reply) => {
    const { client, requests } = clientOf([reply]);
    expect(await failureOf(client.bots.create({ space_id: "1", name: "a" }))).toMatchObject({
      outcome: "unknown",
    });
    expect(requests).toHaveLength(1);
  });

  test("a deletion is tried again after a lost connection", async () => {
    const { client, requests } = clientOf([new TypeError("fetch failed"), { code: 0 }]);
    await client.datasets.remove("1");
    expect(requests).toHaveLength(2);
  });
});
