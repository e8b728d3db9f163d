import { expect, test } from "@jest/globals";
import type { ApplyResult } from "../../src/engine/apply.ts";
import { renderSummary } from "../../src/report/summary.ts";
import { stepOf } from "./sample.ts";

const nothing: ApplyResult = {
  done: [],
  failed: [],
  skipped: [],
  pending: [],
  interrupted: false,
  calls: 0,
  ms: 0,
};
const drawing = { color: false, width: 80, createFirst: new Set(["Bot"]) };

test("a run that did everything is one line", () => {
  const done = [stepOf("Bot.a", "create"), stepOf("Bot.b", "create"), stepOf("Bot.c", "delete")];
  expect(renderSummary({ ...nothing, done, calls: 31, ms: 42_000 }, drawing)).toBe(
    "Done: 2 created, 1 deleted in 42s with 31 API calls.\n",
  );
});

test("failures come with the call, the log id, the manifest's line and the next move", () => {
  const result: ApplyResult = {
    ...nothing,
    done: [stepOf("Dataset.faq", "update")],
    failed: [
      {
        step: stepOf("Workspace.desk", "create", {
          at: { file: "manifests/客服.yaml", line: 12, column: 1 },
        }),
        failure: {
          type: "rejected",
          operation: "create_workspace",
          code: 4000,
          message: "同名的空间已经存在，请换一个名称之后再试一次",
          logid: "20260102030405ABCDEF",
          hint: "choose another name",
        },
      },
    ],
    skipped: [{ step: stepOf("Bot.support", "create"), because: "it waits for Workspace.desk" }],
    pending: [{ step: stepOf("Copy.prod", "create"), detail: "Coze is still at work on it (timed out)" }],
    calls: 12,
    ms: 3200,
  };
  expect(renderSummary(result, drawing)).toBe(`\
Failed (1):
  + Workspace.desk  create_workspace, code 4000: 同名的空间已经存在，请换一个
      名称之后再试一次 (logid 20260102030405ABCDEF)
      manifests/客服.yaml:12
      hint: choose another name

Skipped (1):
  + Bot.support  it waits for Workspace.desk

Still at work at Coze (1):
  + Copy.prod  Coze is still at work on it (timed out)

Not all done: 1 updated, 1 failed, 1 skipped, 1 still pending in 3.2s with 12
API calls.
Everything done is remembered. Run again to continue.
`);
});

test("an interrupted run says how to go on", () => {
  const skipped = [{ step: stepOf("Bot.a", "create"), because: "the run was interrupted" }];
  expect(renderSummary({ ...nothing, skipped, interrupted: true, calls: 1, ms: 900 }, drawing)).toBe(`\
Skipped (1):
  + Bot.a  the run was interrupted

Interrupted: nothing done, 1 skipped in 0.9s with 1 API call.
Run again to continue.
`);
});

test("what ended alike is told as one, with the signs of the plan", () => {
  const documents = Array.from({ length: 16 }, (_, index) =>
    stepOf(`Document.faq["${index}.txt"]`, "create"),
  );
  const interrupted = "the run was interrupted";
  const result: ApplyResult = {
    ...nothing,
    skipped: [
      { step: stepOf("Bot.support", "replace"), because: "it waits for Dataset.faq" },
      { step: stepOf('WorkspaceMember.desk["1"]', "create"), because: interrupted },
      { step: stepOf('WorkspaceMember.desk["2"]', "create"), because: interrupted },
      { step: stepOf('WorkspaceMember.desk["3"]', "delete"), because: interrupted },
    ],
    pending: [
      ...documents.map((step) => ({ step, detail: "Coze is still at work on it (interrupted)" })),
      {
        step: stepOf('Document.terms["a.txt"]', "create"),
        detail: "Coze is still at work on it (interrupted)",
      },
    ],
    interrupted: true,
    calls: 9,
    ms: 12_000,
  };
  expect(renderSummary(result, drawing)).toBe(`\
Skipped (4):
+/- Bot.support  it waits for Dataset.faq
  + WorkspaceMember.desk[…]  2 skipped: the run was interrupted
  - WorkspaceMember.desk["3"]  the run was interrupted

Still at work at Coze (17):
  + Document.faq[…]  16 still being processed at Coze
  + Document.terms["a.txt"]  Coze is still at work on it (interrupted)

Interrupted: nothing done, 4 skipped, 17 still pending in 12s with 9 API calls.
Run again to continue.
`);
});
