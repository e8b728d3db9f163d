import type { Address } from "../core/address.ts";
import type { Doing, RunEvent } from "../engine/events.ts";
import { say } from "../messages/text.ts";
import type { Step } from "../plan/plan.ts";
import { type CreateFirst, type RunDrawing, signOf } from "./action-style.ts";
import { checkSign, nameCheck } from "./checks.ts";
import { printableLine } from "./escape-control.ts";
import { actionOf, describeDetail, describeEvent } from "./events.ts";
import { type Line, paintLine, shorten, widthOf } from "./styled-text.ts";
import { formatNumber, formatSeconds } from "./values.ts";

/** The progress of a run, as events report it. */
export interface Progress {
  readonly started: number;
  readonly steps: number;
  readonly running: ReadonlyMap<Address, Running>;
  /** Addresses whose steps ended, successfully or not: one set for a run, since a copy per event takes time by the square. */
  readonly ended?: Set<Address> | undefined;
  readonly failed: number;
  /** The start times of checks that wait for an answer, by name. */
  readonly asking: ReadonlyMap<string, number>;
  readonly finished: boolean;
}

interface Running {
  readonly step: Step;
  readonly doing: Doing;
  readonly since: number;
  readonly detail?: string;
}

/** The progress before a run. */
export const noProgress: Progress = {
  started: 0,
  steps: 0,
  running: new Map(),
  failed: 0,
  asking: new Map(),
  finished: false,
};

/** The progress after an event, and the lines that the event adds above the live lines. */
export const advance = (
  progress: Progress,
  event: RunEvent,
  createFirst: CreateFirst,
): { readonly progress: Progress; readonly lines: readonly Line[] } => ({
  progress: follow(progress, event),
  lines: showsLive(event) ? [] : [describeEvent(event, createFirst)],
});

/** Whether live lines alone show an event. */
const showsLive = ({ type }: RunEvent): boolean =>
  ["run-started", "step-started", "step-progressed", "check-started", "run-finished"].includes(type);

function follow(progress: Progress, event: RunEvent): Progress {
  const running = new Map(progress.running);
  const asking = new Map(progress.asking);
  switch (event.type) {
    case "run-started":
      return { ...noProgress, started: event.at, steps: event.steps };
    case "step-started": {
      const { step, doing, at: since } = event;
      running.set(step.address, { step, doing, since });
      // The second half of a replacement continues the step.
      progress.ended?.delete(step.address);
      return { ...progress, running };
    }
    case "step-progressed": {
      const { step, at: since } = event;
      const begun = running.get(step.address) ?? { step, doing: "update", since };
      running.set(step.address, { ...begun, detail: describeDetail(event) });
      return { ...progress, running };
    }
    case "step-prepared":
      running.delete(event.step.address);
      return { ...progress, running };
    case "step-finished":
    case "step-failed":
    case "step-skipped":
    case "step-pending": {
      const { address } = event.step;
      running.delete(address);
      const failed = progress.failed + (event.type === "step-failed" ? 1 : 0);
      const { ended = new Set() } = progress;
      return { ...progress, running, failed, ended: ended.add(address) };
    }
    case "check-started":
      return { ...progress, asking: asking.set(nameCheck(event), event.at) };
    case "check-finished":
      asking.delete(nameCheck(event.tried));
      return { ...progress, asking };
    case "came-along":
    case "drift-found":
    case "not-looked-for":
    case "not-read-back":
      return progress;
    case "run-finished":
      return { ...progress, finished: true };
  }
}

/** How live lines are drawn. */
export interface ProgressDrawing extends RunDrawing {
  /** Epoch milliseconds. */
  readonly now: number;
  /** The most lines for running steps; the rest is counted. */
  readonly most: number;
}

/** The live lines: each running step and the total. None when the run is over. */
export function renderProgress(progress: Progress, drawing: ProgressDrawing): readonly string[] {
  if (progress.finished || progress.steps === 0) return [];
  const running = [...progress.running.values()].map((one) => ({
    since: one.since,
    line: () => drawRunning(one, drawing),
  }));
  const asking = [...progress.asking].map(([name, since]) => ({
    since,
    line: () => drawAsking(name, since, drawing),
  }));
  const all = [...running, ...asking];
  const lines = [
    ...all.slice(0, drawing.most).map(({ line }) => line()),
    ...drawRest(all.slice(drawing.most), drawing),
    drawTotal(progress, drawing),
  ];
  return lines.map((line) => paintLine(line, drawing.color));
}

/** The rest are the youngest: the oldest come first. */
function drawRest(rest: readonly { readonly since: number }[], { now }: ProgressDrawing): readonly Line[] {
  if (rest.length === 0) return [];
  const time = formatSeconds(now - Math.min(...rest.map(({ since }) => since)));
  const text = say("report/and-more-oldest", { count: rest.length, time });
  return [[{ text: `    ${text}`, tone: "dim" }]];
}

/** The columns of a step's detail that shorten the address. */
const detailRoom = 24;
/** The fewest columns of an address. */
const shortest = 16;

function drawRunning(
  { step, doing, since, detail }: Running,
  { now, width, createFirst }: ProgressDrawing,
): Line {
  const sign = signOf(step, createFirst, actionOf(step, doing));
  const what = describeWait(say(`report/doing-${doing}`), now - since);
  const room = width - widthOf(sign.text + what) - 1;
  const wanted = detail === undefined ? 0 : Math.min(widthOf(detail), detailRoom) + 2;
  const kept = room - wanted < shortest ? 0 : wanted;
  const address = shorten(printableLine(step.address), Math.max(shortest, room - kept));
  const left = room - widthOf(address) - 2;
  const tail = detail && left > 8 ? `  ${shorten(detail, left)}` : "";
  return [sign, { text: address, tone: "strong" }, { text: what + tail }];
}

const describeWait = (doing: string, ms: number): string => `  ${[doing, formatSeconds(ms)].join(" ")}`;

function drawAsking(name: string, since: number, { now, width }: ProgressDrawing): Line {
  const what = describeWait(say("report/check-asking"), now - since);
  const room = Math.max(shortest, width - widthOf(checkSign + what) - 1);
  return [{ text: checkSign }, { text: shorten(name, room), tone: "strong" }, { text: what }];
}

function drawTotal(
  { started, steps, ended, failed, running, asking }: Progress,
  { now }: ProgressDrawing,
): Line {
  const parts = [
    say("report/progress", { count: ended?.size ?? 0, total: formatNumber(steps) }),
    ...(running.size > 0 ? [say("report/running", { count: running.size })] : []),
    ...(asking.size > 0 ? [say("report/checks-awaited", { count: asking.size })] : []),
    ...(failed > 0 ? [say("report/failed", { count: failed })] : []),
  ];
  const time = formatSeconds(now - started);
  return [{ text: `    ${[parts.join(", "), time].join("  ")}`, tone: "dim" }];
}

/** The progress of reading Coze, without a line break. */
export const renderReading = (calls: number, ms: number): string =>
  say("report/reading", { count: calls, time: formatSeconds(ms) });
