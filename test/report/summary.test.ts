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
    "Apply complete: 2 created, 1 deleted in 42s with 31 API calls.\n",
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

Still being processed in Coze (1):
  + Copy.prod  Coze is still at work on it (timed out)

Apply incomplete: 1 updated, 1 failed, 1 skipped, 1 still pending in 3.2s with
12 API calls.
Completed steps are saved; run again to continue.
`);
});

test("an interrupted run says how to go on", () => {
  const skipped = [{ step: stepOf("Bot.a", "create"), because: "the run was interrupted" }];
  expect(renderSummary({ ...nothing, skipped, interrupted: true, calls: 1, ms: 900 }, drawing)).toBe(`\
Skipped (1):
  + Bot.a  the run was interrupted

Apply interrupted: nothing done, 1 skipped in 0.9s with 1 API call.
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

Still being processed in Coze (17):
  + Document.faq[…]  16 still being processed in Coze
  + Document.terms["a.txt"]  Coze is still at work on it (interrupted)

Apply interrupted: nothing done, 4 skipped, 17 still pending in 12s with 9 API
calls.
Run again to continue.
`);
});

test("copying calls without an answer are told with the time, after which one runs again", () => {
  const lost = (name: string, minute: number) => ({
    step: stepOf(`Copy.${name}`, "create"),
    detail: `what it made may appear until 16:1${minute}:00`,
    until: Date.UTC(2026, 0, 5, 8, 10 + minute),
  });
  const pending = [lost('flows["a"]', 0), lost('flows["b"]', 0), lost("shop", 2)];
  expect(renderSummary({ ...nothing, pending, calls: 9, ms: 12_000 }, drawing)).toBe(`\
Copy calls without an answer (3):
  + Copy.flows[…]  2 pending: what it made may appear until 16:10:00
  + Copy.shop  what it made may appear until 16:12:00

Apply incomplete: nothing done, 3 still pending in 12s with 9 API calls.
Run again after 16:12:00 to continue.
`);
  const late = { step: stepOf("Document.a", "create"), detail: "Coze is still at work on it (timed out)" };
  expect(renderSummary({ ...nothing, pending: [...pending, late] }, drawing)).toMatch(
    /\nRun again to continue\.\n$/u,
  );
});

const at = (line: number) => ({ file: "manifests/bots.yaml", line, column: 1 });

test("a cause that hit several is told once, with each of them and its place", () => {
  const refusal = {
    type: "rejected",
    operation: "create_bot",
    code: 4012,
    message: "the model isn't valid",
    hint: "use a model id from the workspace's model page",
  } as const;
  const field = (path: string, line: number, column: number) => ({ path, at: { ...at(line), column } });
  const result: ApplyResult = {
    ...nothing,
    failed: [
      {
        step: stepOf("Bot.a", "create", { at: at(3) }),
        failure: { ...refusal, logid: "A", fields: [field("model.id", 7, 9)] },
      },
      { step: stepOf("Bot.lone", "create", { at: at(50) }), failure: { ...refusal, hint: "look it up" } },
      { step: stepOf("Bot.b", "replace", { at: at(13) }), failure: { ...refusal, logid: "A" } },
      {
        step: stepOf("Bot.c", "create", { at: at(23) }),
        failure: { ...refusal, logid: "C", fields: [field("name", 24, 5), field("prompt", 25, 5)] },
      },
      { step: stepOf("Bot.gone", "delete"), failure: { ...refusal, operation: "update_bot" } },
    ],
    calls: 5,
    ms: 900,
  };
  const sources = new Map([["manifests/bots.yaml", `${"\n".repeat(6)}    id: 17`]]);
  expect(renderSummary(result, { ...drawing, sources })).toBe(`\
Failed (5):
    create_bot, code 4012: the model isn't valid (logid A and others)
      hint: use a model id from the workspace's model page
      + Bot.a  manifests/bots.yaml:7:9  model.id
    +/- Bot.b  manifests/bots.yaml:13
      + Bot.c  manifests/bots.yaml:23  name, prompt
  + Bot.lone  create_bot, code 4012: the model isn't valid
      manifests/bots.yaml:50
      hint: look it up
  - Bot.gone  update_bot, code 4012: the model isn't valid
      hint: use a model id from the workspace's model page

Apply incomplete: nothing done, 5 failed in 0.9s with 5 API calls.
Completed steps are saved; run again to continue.
`);
});

test("what ended the run is one cause whatever the calls were for, and a long list is cut", () => {
  const ended = { type: "billing", code: 4028, message: "billing: the free quota is used up" } as const;
  const documents = Array.from({ length: 20 }, (_, index) => ({
    step: stepOf(`Document.faq["${index}.txt"]`, "create", { at: at(12) }),
    failure: { ...ended, operation: "create_knowledge_files", logid: "A" },
  }));
  const bots = Array.from({ length: 13 }, (_, index) => ({
    step: stepOf(`Bot.b${index}`, "update", { at: at(20 + index) }),
    failure: { ...ended, operation: "update_bot", logid: "A" },
  }));
  expect(renderSummary({ ...nothing, failed: [...documents, ...bots], calls: 14, ms: 900 }, drawing)).toBe(`\
Failed (33):
    code 4028: billing: the free quota is used up (logid A)
      + Document.faq[…]  20 failed  manifests/bots.yaml:12
      ~ Bot.b0  manifests/bots.yaml:20
      ~ Bot.b1  manifests/bots.yaml:21
      ~ Bot.b2  manifests/bots.yaml:22
      ~ Bot.b3  manifests/bots.yaml:23
      ~ Bot.b4  manifests/bots.yaml:24
      ~ Bot.b5  manifests/bots.yaml:25
      ~ Bot.b6  manifests/bots.yaml:26
      ~ Bot.b7  manifests/bots.yaml:27
      ~ Bot.b8  manifests/bots.yaml:28
        … and 4 more

Apply incomplete: nothing done, 33 failed in 0.9s with 14 API calls.
Completed steps are saved; run again to continue.
`);
});

test("where calls are limited, those of the plan are counted with those of the run", () => {
  const done = [stepOf("Bot.a", "create")];
  expect(renderSummary({ ...nothing, done, calls: 86, ms: 42_000 }, { ...drawing, planCalls: 3 })).toBe(
    "Apply complete: 1 created in 42s with 86 API calls (89 including the plan).\n",
  );
});

test("a hint that names each resource's address is told once, for any of them", () => {
  const failed = ["Bot.a", "Bot.ab"].map((address) => ({
    step: stepOf(address, "update"),
    failure: {
      type: "forbidden",
      operation: "update_bot",
      code: 4101,
      message: "no",
      hint: `forget it with "cozeform state rm ${address}"`,
    } as const,
  }));
  expect(renderSummary({ ...nothing, failed, calls: 2, ms: 900 }, drawing)).toBe(`\
Failed (2):
    update_bot, code 4101: no
      hint: forget it with "cozeform state rm ADDRESS"
      ~ Bot.a
      ~ Bot.ab

Apply incomplete: nothing done, 2 failed in 0.9s with 2 API calls.
Completed steps are saved; run again to continue.
`);
});
