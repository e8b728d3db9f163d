import { expect, test } from "@jest/globals";
import type { RunEvent } from "../../src/engine/events.ts";
import { advance, noProgress, renderProgress } from "../../src/report/progress.ts";
import { widthOf } from "../../src/report/styled-text.ts";
import { stepOf } from "./sample.ts";

const createFirst = new Set<string>();
const second = 1000;

/** Live lines two minutes after the first of so many copies began, one a second. */
function drawCopies(names: readonly string[], most: number, width = 80): readonly string[] {
  const events = names.flatMap((name, index): readonly RunEvent[] => {
    const [step, at] = [stepOf(`Copy.${name}`, "create"), index * second];
    return [
      { type: "step-started", at, step, doing: "create" },
      { type: "step-progressed", at: at + second, step, detail: "copy task in progress" },
    ];
  });
  const started: RunEvent = { type: "run-started", at: 0, steps: names.length, counts: {} };
  const progress = [started, ...events].reduce(
    (before, event) => advance(before, event, createFirst).progress,
    noProgress,
  );
  return renderProgress(progress, { color: false, createFirst, width, most, now: 120 * second });
}

test("a hundred running copies have a line each, with state and time, where there is room", () => {
  const names = Array.from({ length: 100 }, (_, number) => `c${number}`);
  const lines = drawCopies(names, 200);
  expect(lines).toHaveLength(101);
  expect([lines[0], lines[61], lines[99], lines[100]]).toEqual([
    "  + Copy.c0  creating 2m 00s  copy task in progress",
    "  + Copy.c61  creating 59s  copy task in progress",
    "  + Copy.c99  creating 21s  copy task in progress",
    "    0 of 100, 100 running  2m 00s",
  ]);
});

test("those that don't fit a terminal are summed up, with how long the oldest of them takes", () => {
  const names = Array.from({ length: 100 }, (_, number) => `c${number}`);
  expect(drawCopies(names, 12).slice(11)).toEqual([
    "  + Copy.c11  creating 1m 49s  copy task in progress",
    "    … and 88 more, the oldest 1m 48s",
    "    0 of 100, 100 running  2m 00s",
  ]);
});

test("on 80 columns a long name is shortened for the state and the time, never the other way round", () => {
  const long = `flows["${"增值税专用发票开具与红冲审批流程".repeat(3)}"]`;
  const lines = drawCopies([long], 10);
  expect(lines).toEqual([
    '  + Copy.flows["增值税专用发票开具与红…  creating 2m 00s  copy task in progress',
    "    0 of 1, 1 running  2m 00s",
  ]);
  expect(widthOf(lines[0] ?? "")).toBeLessThanOrEqual(80);
});
