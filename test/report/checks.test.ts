import { describe, expect, test } from "@jest/globals";
import type { Tried } from "../../src/engine/events.ts";
import type { Check } from "../../src/kind/resource.ts";
import type { PhasedResult } from "../../src/promote/phases.ts";
import { renderEvent } from "../../src/report/events.ts";
import { renderEventJson } from "../../src/report/json.ts";
import { advance, noProgress, renderProgress } from "../../src/report/progress.ts";
import { paintLine } from "../../src/report/styled-text.ts";
import { renderSummary } from "../../src/report/summary.ts";

const start = Date.parse("2026-01-02T03:04:05Z");
const drawing = { color: false, width: 80, createFirst: new Set<string>() };
const check: Check = {
  name: "退货",
  say: "拆封的耳机还能退吗？\n订单号 1024",
  expect: { text: "七天" },
  within: 30,
  at: { file: "manifests/bot.yaml", line: 18, column: 5 },
};
const passed: Tried = { address: "Bot.support", check, passed: true, reply: "七天内可以退。", ms: 3200 };
const refused: Tried = {
  address: "Bot.support",
  check,
  passed: false,
  reply: `${"不可以退货，因为影响二次销售。".repeat(20)}\u001b[31m`,
  reason: "the answer isn't as expected: it doesn't contain \"七天\"",
  ms: 4100,
};
const unpublished: Tried = {
  address: "Copy.invoice",
  check: {
    name: "total",
    input: { order: "1" },
    expect: { text: "7" },
    within: 60,
    at: { ...check.at, line: 30 },
  },
  passed: false,
  reason: "the workflow 7530 isn't published, so it can't be run",
  hint: "publish it on its page in Coze, which the API has no way to do, then run promote again",
  failure: {
    type: "not-found",
    operation: "workflow_run",
    code: 4200,
    message: "the workflow 7530 isn't published, so it can't be run",
    logid: "20260102",
  },
  note: "asked twice because the first question or its answer was lost",
  ms: 900,
};
const told = (tried: Tried) => ({ type: "check-finished", at: start + tried.ms, tried }) as const;
const begun = { type: "check-started", at: start, address: "Bot.support", check } as const;

describe("a check", () => {
  test.each([
    [begun, "  * Bot.support check 退货: asking …\n"],
    [told(passed), "  * Bot.support check 退货: passed in 3.2s\n"],
    [
      told(refused),
      `  * Bot.support check 退货: didn't pass (4.1s): the answer isn't as expected: it doesn't contain "七天"\n`,
    ],
    [
      told(unpublished),
      "  * Copy.invoice check total: didn't pass (0.9s): workflow_run, code 4200: the workflow 7530 isn't published, so it can't be run; asked twice because the first question or its answer was lost\n",
    ],
  ])("is told in a line", (event, line) => {
    expect(renderEvent(event, drawing)).toBe(line);
  });

  test("is told as JSON, with its place and what was answered", () => {
    expect(JSON.parse(renderEventJson(begun))).toEqual({
      type: "check-started",
      at: "2026-01-02T03:04:05.000Z",
      address: "Bot.support",
      check: "退货",
    });
    expect(JSON.parse(renderEventJson(told(unpublished)))).toEqual({
      type: "check-finished",
      at: "2026-01-02T03:04:05.900Z",
      address: "Copy.invoice",
      check: "total",
      place: { file: "manifests/bot.yaml", line: 30, column: 5 },
      passed: false,
      reason: unpublished.reason,
      hint: unpublished.hint,
      failure: unpublished.failure,
      note: unpublished.note,
      ms: 900,
    });
  });

  test("has a live line while it waits for its answer", () => {
    const show = (progress: typeof noProgress, now: number) =>
      renderProgress(progress, { ...drawing, now, most: 5 });
    const running = { type: "run-started", at: start, steps: 2, counts: {} } as const;
    const first = advance(noProgress, running, drawing.createFirst).progress;
    const asking = advance(first, begun, drawing.createFirst).progress;
    expect(show(asking, start + 2000)).toEqual([
      "  * Bot.support check 退货  asking 2s",
      "    0 of 2, waiting for 1 check  2s",
    ]);
    const after = advance(asking, told(passed), drawing.createFirst);
    expect(show(after.progress, start + 3200)).toEqual(["    0 of 2  3s"]);
    expect(after.lines.map((line) => paintLine(line, false))).toEqual([
      "  * Bot.support check 退货: passed in 3.2s",
    ]);
  });

  test("that doesn't pass stands in the summary with its place, question, answer and next move", () => {
    const result: PhasedResult = {
      done: [],
      failed: [],
      skipped: [],
      pending: [],
      interrupted: false,
      calls: 8,
      ms: 12_000,
      checks: [passed, refused, unpublished],
      switched: false,
    };
    expect(renderSummary(result, drawing)).toBe(`\
Checks that didn't pass (2):
  * Bot.support check 退货: didn't pass (4.1s): the answer isn't as expected: it
      doesn't contain "七天"
      at:       manifests/bot.yaml:18:5
      asked:    拆封的耳机还能退吗？\\n订单号 1024
      answered: 不可以退货，因为影响二次销售。不可以退货，因为影响二次销售。不
      可以退货，因为影响二次销售。不可以退货，因为影响二次销售。不可以退货，因为
      影响二次销售。不可以退货，因为影响二次销售。不可以退货，因为影响二次
      销售。…
  * Copy.invoice check total: didn't pass (0.9s): workflow_run, code 4200: the
      workflow 7530 isn't published, so it can't be run; asked twice because the
      first question or its answer was lost
      at:       manifests/bot.yaml:30:5
      asked:    {"order":"1"}
      logid:    20260102
      hint:     publish it on its page in Coze, which the API has no way to do,
      then run promote again

Done: nothing done in 12s with 8 API calls.
Nothing was switched: callers get what they got before.
Set right what was asked for, where it comes from, and promote again: what was
      copied isn't copied again.
`);
  });
});
