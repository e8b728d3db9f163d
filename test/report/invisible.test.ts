import { expect, test } from "@jest/globals";
import type { EnvironmentComparison } from "../../src/compare/compare.ts";
import { findInvisible } from "../../src/core/invisible-characters.ts";
import type { RunEvent } from "../../src/engine/events.ts";
import type { Entry } from "../../src/kind/state-entry.ts";
import type { PhasedResult } from "../../src/promote/phases.ts";
import { renderComparison } from "../../src/report/comparison.ts";
import { renderDiagnostics } from "../../src/report/diagnostics.ts";
import { renderEvent } from "../../src/report/events.ts";
import { renderEventJson, renderPlannedJson } from "../../src/report/json.ts";
import { renderOutputs } from "../../src/report/outputs.ts";
import { renderPlan } from "../../src/report/plan.ts";
import { advance, noProgress, renderProgress } from "../../src/report/progress.ts";
import { renderEntries, renderEntry, renderRetired } from "../../src/report/state.ts";
import { renderSummary } from "../../src/report/summary.ts";
import { kinds, planOf, stepOf } from "./sample.ts";

/** What nobody sees, in whatever a report tells. */
const x = "\u200b\u{e0041}\u3000";
const shown = "\\u200b\\u{e0041}\\u3000";
const drawing = { color: false, width: 400 };
const run = { ...drawing, createFirst: new Set<string>() };
const at = { file: `a${x}.yaml`, line: 1, column: 1 };

const step = stepOf(`Bot.b["${x}"]`, "update", {
  at,
  because: [x],
  notes: [x],
  effects: [{ text: x }],
  changes: [
    { path: ["name"], before: "a", after: x },
    { path: ["model", "parameters", x], before: "a", after: { [x]: [x] } },
    { path: ["icon"], after: { $file: x, sha256: "0123456789", size: 1 } },
  ],
});

const failure = {
  type: "rejected",
  message: x,
  hint: x,
  logid: x,
  fields: [
    { path: x, at },
    { path: "b", at },
  ],
} as const;

const entry: Entry = {
  kind: "Bot",
  id: x,
  status: "ready",
  spec: { [x]: x },
  dependencies: [x],
  version: x,
  note: x,
  brought: [{ type: "workflow", id: x, name: x }],
  history: [{ at: 0, id: x, promotion: 1, from: x, version: x }],
};

const ended: PhasedResult = {
  done: [],
  failed: [{ step, failure }],
  skipped: [{ step, because: x }],
  pending: [{ step, detail: x }],
  interrupted: false,
  calls: 0,
  ms: 0,
  switched: "partly",
  seen: [x],
  unseen: [x],
};

const stands = { status: "made", id: "1" } as const;
const difference = {
  path: ["name"],
  before: "a",
  after: "b",
  manifests: true,
  standings: { before: "changed", after: "changed" },
  expected: false,
} as const;
const comparison: EnvironmentComparison = {
  environments: { before: `b${x}`, after: `a${x}` },
  resources: [
    {
      address: step.address,
      kind: "Bot",
      presence: { before: stands, after: stands },
      differences: [difference],
      verdict: "different",
    },
    {
      address: `Bot.c["${x}"]`,
      kind: "Bot",
      presence: { before: stands, after: { status: "gone", id: x } },
      differences: [],
      verdict: "lacking",
    },
  ],
  counts: { alike: 0, expected: 0, different: 1, lacking: 1, unmade: 0 },
};

const events: readonly RunEvent[] = [
  { type: "step-finished", at: 0, step, doing: "update", id: x, ms: 1, note: x },
  { type: "step-failed", at: 0, step, ms: 1, failure },
  { type: "drift-found", at: 0, address: step.address, paths: [x] },
];

const progress = advance(
  { ...noProgress, steps: 1 },
  { type: "step-progressed", at: 0, step, detail: x },
  run.createFirst,
).progress;

test.each<[string, string]>([
  ["a plan", renderPlan(planOf(step), { ...drawing, kinds })],
  ["a promotion's plan", renderPlan(planOf(step), { ...drawing, kinds, promotes: { from: x, to: x } })],
  [
    "a plan of many",
    renderPlan(
      planOf(...[..."12345"].map((key) => stepOf(`Bot.b["${key}${x}"]`, "delete", { because: [x] }))),
      { ...drawing, kinds },
    ),
  ],
  [
    "an empty plan of a removal",
    renderPlan(planOf(), { ...drawing, kinds, destroys: { state: x, targeted: false } }),
  ],
  ["a summary", renderSummary(ended, run)],
  ["a comparison", renderComparison(comparison, { ...drawing, kinds, calls: 1 })],
  ["a list of the state", renderEntries([{ address: step.address, entry }], drawing)],
  ["an entry of the state", renderEntry(step.address, entry, drawing)],
  ["what is retired", renderRetired([{ address: step.address, entry, ids: [x] }], x, drawing)],
  ["nothing to retire", renderRetired([], x, drawing)],
  ...events.map((event): [string, string] => [`the event ${event.type}`, renderEvent(event, run)]),
  ["live lines", renderProgress(progress, { ...run, now: 0, most: 5 }).join("\n")],
  [
    "problems",
    renderDiagnostics(
      [{ code: "rule", severity: "error", message: x, hint: x, at }],
      new Map([[at.file, `${x}: a`]]),
      { ...drawing, terminal: true },
    ),
  ],
])("%s shows what is hidden in it", (_what, text) => {
  expect(findInvisible(text)).toEqual([]);
  expect(text).toContain(shown);
});

const outputs = [{ address: step.address, kind: "Bot", name: "b", key: x, id: x }];

test.each<[string, string]>([
  ...events.map((event): [string, string] => [`the event ${event.type}`, renderEventJson(event)]),
  ["outputs", renderOutputs(outputs, "json", "dev")],
  ["outputs as TypeScript", renderOutputs(outputs, "ts", "dev")],
])("the JSON of %s writes it as escapes", (_what, text) => {
  expect(findInvisible(text)).toEqual([]);
  expect(text).toContain("\\u200b\\udb40\\udc41\\u3000");
});

test("a run's first line in JSON is JSON", () => {
  const line = renderPlannedJson(0, planOf(step), { made: 1, apply: 2, seconds: 3 });
  expect(JSON.parse(line)).toMatchObject({ type: "planned", counts: { update: 1 } });
});
