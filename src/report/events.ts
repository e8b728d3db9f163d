import type { Failure } from "../core/failure.ts";
import type { RunEvent } from "../engine/events.ts";
import type { Action, Step } from "../plan/plan.ts";
import { type CreateFirst, countPlanned, type RunDrawing, signOf } from "./action-style.ts";
import { checkSign, describeCheckResult, nameCheck } from "./checks.ts";
import { printableLine } from "./escape-control.ts";
import { describeSideProducts } from "./side-products.ts";
import { type Line, paintLine } from "./styled-text.ts";
import { formatDuration, plural } from "./values.ts";

/** One event as one log line. */
export const renderEvent = (event: RunEvent, { color, createFirst }: Omit<RunDrawing, "width">): string =>
  `${paintLine(describeEvent(event, createFirst), color)}\n`;

/** The text of an event. */
export function describeEvent(event: RunEvent, createFirst: CreateFirst): Line {
  const about = (step: Step, what: string, doing?: string): Line => [
    signOf(step, createFirst, actionOf(step, doing)),
    { text: `${printableLine(step.address)}: `, tone: "strong" },
    { text: what },
  ];
  switch (event.type) {
    case "run-started":
      return [{ text: `Applying ${plural(event.steps, "step")}: ${countPlanned(event.counts)}` }];
    case "step-started":
      return about(event.step, `${verbs(event.doing).going} …`, event.doing);
    case "step-progressed": {
      const doing = event.step.action === "replace" ? "create" : undefined;
      return about(event.step, describeDetail(event), doing);
    }
    case "step-finished": {
      const id = event.id === undefined ? "" : ` (${printableLine(event.id)})`;
      const note = event.note === undefined ? "" : `; ${printableLine(event.note)}`;
      return about(
        event.step,
        `${verbs(event.doing).done} in ${formatDuration(event.ms)}${id}${note}`,
        event.doing,
      );
    }
    case "step-failed":
      return [
        ...about(event.step, ""),
        { text: `failed after ${formatDuration(event.ms)}: `, tone: "error" },
        { text: describeFailure(event.failure) },
      ];
    case "step-prepared":
      return about(
        event.step,
        `prepared in ${formatDuration(event.ms)}; callers see it when everything else went well`,
      );
    case "step-skipped":
      return about(event.step, `skipped: ${printableLine(event.because)}`);
    case "step-pending":
      return about(event.step, `pending: ${printableLine(event.detail)}`);
    case "drift-found":
      return [
        { text: `${printableLine(event.address)}: `, tone: "strong" },
        { text: `reads otherwise than it was written${describePaths(event.paths)}; ` },
        { text: "a later plan shows whether that stays" },
      ];
    case "check-started":
      return [{ text: checkSign }, { text: `${nameCheck(event)}: `, tone: "strong" }, { text: "asking …" }];
    case "check-finished":
      return describeCheckResult(event.tried);
    case "came-along":
      return [{ text: describeSideProducts(event) }];
    case "not-looked-for":
      return [{ text: describeNotLookedFor(event) }];
    case "not-read-back":
      return [{ text: describeNotReadBack(event.failure) }];
    case "run-finished":
      return [{ text: `Finished in ${formatDuration(event.ms)} with ${plural(event.calls, "API call")}` }];
  }
}

const describePaths = (paths: readonly string[]): string =>
  paths.length > 0 ? ` (${paths.map(printableLine).join(", ")})` : "";

/** Why reading back failed, and that the written values are safe. */
function describeNotReadBack(failure: Failure): string {
  // The hint to run apply again is for an incomplete apply.
  const hint =
    failure.hint && failure.type !== "out-of-calls" ? ` (hint: ${printableLine(failure.hint)})` : "";
  const why = `What was written couldn't be read back: ${describeFailure(failure)}${hint}`;
  return `${why}. It is written all the same; run plan to see how it reads.`;
}

/** Why the search for side products failed, and that the copies are complete. */
function describeNotLookedFor({ addresses, failure }: Extract<RunEvent, { type: "not-looked-for" }>): string {
  const hint = failure.hint ? ` (hint: ${printableLine(failure.hint)})` : "";
  const what =
    addresses.length === 1 ? printableLine(addresses[0] ?? "") : plural(addresses.length, "copy", "copies");
  return `What came along with ${what} couldn't be looked for: ${describeFailure(failure)}${hint}. Nothing else is missing.`;
}

/** The action in progress: of a replacement, the half that is running. */
export const actionOf = (step: Step, doing: string | undefined): Action =>
  (doing === undefined ? undefined : known[doing]?.action) ?? step.action;

/** A failed call in one line: operation, code, message, obstacles, log id. */
export function describeFailure({ operation, code, message, logid, parts = [] }: Failure): string {
  const call = [operation, code === undefined ? undefined : `code ${code}`].filter(Boolean).join(", ");
  const trace = logid === undefined ? "" : ` (logid ${logid})`;
  const reasons = parts.length > 0 ? `: ${parts.map(({ text }) => text).join("; ")}` : "";
  return printableLine(`${call ? `${call}: ` : ""}${message}${reasons}${trace}`);
}

/** The progress of Coze's own work. */
export const describeDetail = (event: {
  readonly detail: string;
  readonly percent?: number | undefined;
}): string =>
  printableLine(event.detail) + (event.percent === undefined ? "" : ` (${Math.floor(event.percent)}%)`);

interface Doing {
  readonly going: string;
  readonly done: string;
  readonly action?: Action;
}

const known: { readonly [doing: string]: Doing } = {
  create: { going: "creating", done: "created", action: "create" },
  update: { going: "updating", done: "updated", action: "update" },
  adopt: { going: "adopting", done: "adopted", action: "adopt" },
  switch: { going: "switching callers to it", done: "switched" },
  remove: { going: "removing", done: "removed", action: "delete" },
  forget: { going: "forgetting", done: "forgotten", action: "forget" },
};

/** The verb forms of what a run does with a resource. */
export const verbs = (doing: string): Doing => known[doing] ?? { going: doing, done: `${doing} done` };
