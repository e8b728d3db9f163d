import { expect, test } from "@jest/globals";
import { renderEvent } from "../../src/report/events.ts";
import { renderEventJson } from "../../src/report/json.ts";
import {
  advance,
  noProgress,
  type Progress,
  renderProgress,
  renderReading,
} from "../../src/report/progress.ts";
import { paintLine } from "../../src/report/styled-text.ts";
import { run } from "./events.ts";
import { stepOf } from "./sample.ts";

const createFirst = new Set(["Bot"]);

test("in a log each event is one line", () => {
  expect(run.map((event) => renderEvent(event, { color: false, createFirst })).join("")).toBe(`\
Applying 4 steps: 2 to create, 1 to update, 1 to replace
  ~ Workspace.desk: updating …
  + Document.faq["退货.txt"]: creating …
  + Document.faq["退货.txt"]: 3 of 10 documents processed (30%)
  + Document.faq["退货.txt"]: created in 2.5s (7533)
  ~ Workspace.desk: failed after 3.0s: update_workspace, code 4000: 名称已存在 (logid 20260102ABC)
  + Bot.support: skipped: it waits for Workspace.desk
-/+ Copy.prod: pending: Coze is still at work on it (timed out)
Finished in 1m 05s with 1,031 API calls
Bot.support: differs from what was written (model.temperature); the next plan shows whether the difference persists
`);
});

test("as JSON each event is one object with what identifies it, and never a spec", () => {
  const lines = run.map(renderEventJson);
  expect(lines.every((line) => line.endsWith("}\n") && !line.slice(0, -1).includes("\n"))).toBe(true);
  expect(lines.join("")).not.toContain("hush");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      type: "run-started",
      at: "2026-01-02T03:04:05.000Z",
      steps: 4,
      counts: { create: 2, update: 1, replace: 1 },
    },
    { ...about("step-started", "05", "Workspace.desk", "update"), doing: "update" },
    { ...about("step-started", "05", 'Document.faq["退货.txt"]', "create"), doing: "create" },
    {
      ...about("step-progressed", "07", 'Document.faq["退货.txt"]', "create"),
      detail: "3 of 10 documents processed",
      percent: 30.5,
    },
    {
      ...about("step-finished", "07", 'Document.faq["退货.txt"]', "create", "500"),
      doing: "create",
      id: "7533",
      ms: 2500,
    },
    {
      ...about("step-failed", "08", "Workspace.desk", "update"),
      ms: 3000,
      failure: {
        type: "rejected",
        operation: "update_workspace",
        code: 4000,
        message: "名称已存在",
        logid: "20260102ABC",
        hint: "choose another name",
      },
    },
    { ...about("step-skipped", "08", "Bot.support", "create"), because: "it waits for Workspace.desk" },
    {
      type: "step-pending",
      at: "2026-01-02T03:05:10.000Z",
      address: "Copy.prod",
      kind: "Copy",
      action: "replace",
      detail: "Coze is still at work on it (timed out)",
    },
    { type: "run-finished", at: "2026-01-02T03:05:10.000Z", ms: 65_000, calls: 1031 },
    {
      type: "drift-found",
      at: "2026-01-02T03:05:11.000Z",
      address: "Bot.support",
      paths: ["model.temperature"],
    },
  ]);
});

function about(type: string, second: string, address: string, action: string, ms = "000") {
  const at = `2026-01-02T03:04:${second}.${ms}Z`;
  return { type, at, address, kind: address.slice(0, address.indexOf(".")), action };
}

/** Live lines and lines left above, after the first so many events. */
function after(count: number, more: { readonly width?: number; readonly most?: number } = {}) {
  let progress: Progress = noProgress;
  const above: string[] = [];
  for (const event of run.slice(0, count)) {
    const next = advance(progress, event, createFirst);
    progress = next.progress;
    above.push(...next.lines.map((line) => paintLine(line, false)));
  }
  const now = Date.parse("2026-01-02T03:04:17Z");
  return {
    above,
    live: renderProgress(progress, { color: false, createFirst, width: 80, most: 10, now, ...more }),
  };
}

test("while a run goes on, each running step has a line with how long and how far", () => {
  expect(after(4)).toEqual({
    above: [],
    live: [
      "  ~ Workspace.desk  updating 12s",
      '  + Document.faq["退货.txt"]  creating 12s  3 of 10 documents processed (30%)',
      "    0 of 4, 2 running  12s",
    ],
  });
});

test("what came to an end moves above the live lines", () => {
  expect(after(7)).toEqual({
    above: [
      '  + Document.faq["退货.txt"]: created in 2.5s (7533)',
      "  ~ Workspace.desk: failed after 3.0s: update_workspace, code 4000: 名称已存在 (logid 20260102ABC)",
      "  + Bot.support: skipped: it waits for Workspace.desk",
    ],
    live: ["    3 of 4, 1 failed  12s"],
  });
});

test("nothing live is left once the run is over", () => {
  expect(after(run.length).live).toEqual([]);
});

test("live lines fit a narrow terminal, and those that don't fit its height are counted", () => {
  expect(after(4, { width: 40, most: 1 }).live).toEqual([
    "  ~ Workspace.desk  updating 12s",
    "    … and 1 more, the oldest 12s",
    "    0 of 4, 2 running  12s",
  ]);
  expect(after(4, { width: 40 }).live[1]).toBe('  + Document.faq["退货.t…  creating 12s');
});

test("a replacement counts as one step though it runs in two halves", () => {
  const step = stepOf("Dataset.faq", "replace");
  const halves = (["remove", "create"] as const).flatMap((doing) => [
    { type: "step-started", at: 0, step, doing } as const,
    { type: "step-finished", at: 1000, step, doing, ms: 1000 } as const,
  ]);
  let progress: Progress = { ...noProgress, steps: 1 };
  const totals = halves.map((event) => {
    progress = advance(progress, event, createFirst).progress;
    return renderProgress(progress, { color: false, createFirst, width: 80, most: 9, now: 2000 }).at(-1);
  });
  expect(totals).toEqual([
    "    0 of 1, 1 running  2s",
    "    1 of 1  2s",
    "    0 of 1, 1 running  2s",
    "    1 of 1  2s",
  ]);
});

test("a replacement bears the sign of its plan: the new object comes first, or the end of the old", () => {
  const told = ["Bot.support", "Dataset.faq"].map((address) =>
    renderEvent(
      { type: "step-skipped", at: 0, step: stepOf(address, "replace"), because: "the run was interrupted" },
      { color: false, createFirst },
    ),
  );
  expect(told).toEqual([
    "+/- Bot.support: skipped: the run was interrupted\n",
    "-/+ Dataset.faq: skipped: the run was interrupted\n",
  ]);
});

test("a long reading is told by its calls and its time", () => {
  expect(renderReading(1, 999)).toBe("Reading Coze: 1 call, 0s");
  expect(renderReading(1023, 64_000)).toBe("Reading Coze: 1,023 calls, 1m 04s");
});

test.each([
  ["out-of-calls", "run again: an apply continues where it stopped", ""],
  ["forbidden", "grant the token the permission", " (hint: grant the token the permission)"],
] as const)("that nothing could be read back (%s) is told with the next move", (type, hint, told) => {
  const failure = { type, operation: "list_bots", message: "no more", hint };
  expect(renderEvent({ type: "not-read-back", at: 0, failure }, { color: false, createFirst })).toBe(
    `The changes are applied, but they couldn't be read back: list_bots: no more${told}. Run plan to check them.\n`,
  );
});

test("what reads otherwise without a field to name is told so", () => {
  const event = { type: "drift-found", at: 0, address: "Bot.support", paths: [] } as const;
  expect(renderEvent(event, { color: false, createFirst })).toBe(
    "Bot.support: differs from what was written; the next plan shows whether the difference persists\n",
  );
});
