import type { Failure } from "../core/failure.ts";
import type { Doing, RunEvent } from "../engine/events.ts";
import { say } from "../messages/text.ts";
import type { Action, Step } from "../plan/plan.ts";
import { type CreateFirst, countPlanned, type RunDrawing, signOf } from "./action-style.ts";
import { checkSign, describeCall, describeCheckResult, nameCheck } from "./checks.ts";
import { printableLine } from "./escape-control.ts";
import { describeSideProducts, nameCopies } from "./side-products.ts";
import { type Line, paintLine, plain } from "./styled-text.ts";
import { formatDuration } from "./values.ts";

/** One event as one log line. */
export const renderEvent = (event: RunEvent, { color, createFirst }: Omit<RunDrawing, "width">): string =>
  `${paintLine(describeEvent(event, createFirst), color)}\n`;

/** The text of an event. */
export function describeEvent(event: RunEvent, createFirst: CreateFirst): Line {
  const about = (step: Step, what: string, doing?: Doing): Line => [
    signOf(step, createFirst, actionOf(step, doing)),
    { text: `${printableLine(step.address)}: `, tone: "strong" },
    { text: what },
  ];
  switch (event.type) {
    case "run-started":
      return plain(say("report/applying", { count: event.steps, counts: countPlanned(event.counts) }));
    case "step-started":
      return about(event.step, `${say(`report/doing-${event.doing}`)} …`, event.doing);
    case "step-progressed": {
      const doing = event.step.action === "replace" ? "create" : undefined;
      return about(event.step, describeDetail(event), doing);
    }
    case "step-finished": {
      const id = event.id === undefined ? "" : ` (${printableLine(event.id)})`;
      const note = event.note === undefined ? "" : `; ${printableLine(event.note)}`;
      const done = say(`report/finished-${event.doing}`, { time: formatDuration(event.ms) });
      return about(event.step, done + id + note, event.doing);
    }
    case "step-failed":
      return [
        ...about(event.step, ""),
        { text: `${say("report/failed-after", { time: formatDuration(event.ms) })} `, tone: "error" },
        { text: describeFailure(event.failure) },
      ];
    case "step-prepared":
      return about(event.step, say("report/prepared", { time: formatDuration(event.ms) }));
    case "step-skipped":
      return about(event.step, printableLine(say("report/skipped", { reason: event.because })));
    case "step-pending":
      return about(event.step, printableLine(say("report/pending", { detail: event.detail })));
    case "drift-found":
      return [
        { text: `${printableLine(event.address)}: `, tone: "strong" },
        { text: describeDrift(event.paths, event.accepted) },
      ];
    case "check-started":
      return [
        { text: checkSign },
        { text: `${nameCheck(event)}: `, tone: "strong" },
        { text: `${say("report/check-asking")} …` },
      ];
    case "check-finished":
      return describeCheckResult(event.tried);
    case "came-along":
      return plain(describeSideProducts(event));
    case "not-looked-for": {
      const { addresses, failure } = event;
      const values = { copies: nameCopies(addresses), failure: describeWithHint(failure) };
      return plain(say("report/side-products-unknown", values));
    }
    case "not-read-back": {
      // The hint to run apply again is for an incomplete apply.
      const isLimit = event.failure.type === "out-of-calls";
      const failure = isLimit ? describeFailure(event.failure) : describeWithHint(event.failure);
      return plain(say("report/not-read-back", { failure }));
    }
    case "run-finished":
      return plain(say("report/finished", { time: formatDuration(event.ms), count: event.calls }));
  }
}

function describeDrift(paths: readonly string[], accepted = false): string {
  if (paths.length === 0) return say("report/drift");
  const fields = paths.map(printableLine).join(", ");
  return say(accepted ? "report/drift-accepted" : "report/drift-fields", { fields });
}

/** The action in progress: of a replacement, the half that is running. */
export function actionOf(step: Step, doing: Doing | undefined): Action {
  if (doing === "remove") return "delete";
  if (doing === "move") return "moved";
  return doing === undefined || doing === "switch" ? step.action : doing;
}

/** A failed call in one line: operation, code, message, obstacles, log id. */
export function describeFailure({ operation, code, message, logid, parts = [] }: Failure): string {
  const reasons = parts.length > 0 ? `: ${parts.map(({ text }) => text).join("; ")}` : "";
  const failure = describeCall({ operation, code }) + message + reasons;
  return printableLine(logid === undefined ? failure : say("report/failure-logid", { failure, logid }));
}

function describeWithHint(failure: Failure): string {
  const { hint } = failure;
  const described = describeFailure(failure);
  return hint ? printableLine(say("report/failure-hint", { failure: described, hint })) : described;
}

/** The progress of Coze's own work. */
export const describeDetail = (event: {
  readonly detail: string;
  readonly percent?: number | undefined;
}): string =>
  printableLine(event.detail) + (event.percent === undefined ? "" : ` (${Math.floor(event.percent)}%)`);
