import type { RunEvent } from "../../src/engine/events.ts";
import { stepOf } from "./sample.ts";

const bot = stepOf("Bot.support", "create", { spec: { secret: "hush" } });
const document = stepOf('Document.faq["退货.txt"]', "create");
const workspace = stepOf("Workspace.desk", "update");
const copy = stepOf("Copy.prod", "replace");
const start = Date.parse("2026-01-02T03:04:05Z");

/** One event of each type, in an order in which they may come. */
export const run: readonly RunEvent[] = [
  { type: "run-started", at: start, steps: 4, counts: { create: 2, update: 1, replace: 1 } },
  { type: "step-started", at: start, step: workspace, doing: "update" },
  { type: "step-started", at: start, step: document, doing: "create" },
  {
    type: "step-progressed",
    at: start + 2000,
    step: document,
    detail: "3 of 10 documents processed",
    percent: 30.5,
  },
  { type: "step-finished", at: start + 2500, step: document, doing: "create", id: "7533", ms: 2500 },
  {
    type: "step-failed",
    at: start + 3000,
    step: workspace,
    ms: 3000,
    failure: {
      type: "rejected",
      message: "名称已存在",
      operation: "update_workspace",
      code: 4000,
      logid: "20260102ABC",
      hint: "choose another name",
    },
  },
  { type: "step-skipped", at: start + 3000, step: bot, because: "it waits for Workspace.desk" },
  { type: "step-pending", at: start + 65_000, step: copy, detail: "Coze is still at work on it (timed out)" },
  { type: "run-finished", at: start + 65_000, ms: 65_000, calls: 1031 },
  { type: "drift-found", at: start + 66_000, address: "Bot.support", paths: ["model.temperature"] },
];
