import { createLogUpdate } from "log-update";
import type { Host } from "../commands/host.ts";
import type { CallRecord } from "../coze/http/transport.ts";
import type { RunEvent } from "../engine/events.ts";
import type { RunDrawing } from "../report/action-style.ts";
import { advance, noProgress, renderProgress, renderReading } from "../report/progress.ts";
import { paintLine, takeColumns, wrapLine } from "../report/styled-text.ts";
import type { Output } from "./io.ts";
import type { Session } from "./session.ts";

/** Lines at the bottom of a terminal that show a run's progress. */
export interface LiveView {
  show(event: RunEvent): void;
  /** Writes a text above the live lines. */
  note(text: string): void;
  /** Removes the live lines. */
  close(): void;
}

/** Milliseconds between redraws; a reading that ends sooner shows no status line. */
const beat = 1000;

/** Opens a live view on a terminal; `now` in epoch milliseconds. */
export function openLiveView(output: Output, drawing: RunDrawing, now: () => number): LiveView {
  const update = createLogUpdate(output, { showCursor: true });
  const width = (): number => output.columns ?? drawing.width;
  let progress = noProgress;
  const redraw = (): void => {
    // Leaves room for the count of the rest, the total, and text above.
    const most = Math.max(1, (output.rows ?? 24) - 4);
    const lines = renderProgress(progress, { ...drawing, width: width(), most, now: now() });
    if (lines.length > 0) update(lines.join("\n"));
    else update.clear();
  };
  const note = (text: string): void => {
    update.persist(text.replace(/\n$/, ""));
    redraw();
  };
  const timer = setInterval(redraw, beat);
  timer.unref();
  return {
    note,
    show(event) {
      const next = advance(progress, event, drawing.createFirst);
      progress = next.progress;
      for (const line of next.lines.flatMap((one) => wrapLine(one, width(), 6))) {
        update.persist(paintLine(line, drawing.color));
      }
      redraw();
    },
    close() {
      clearInterval(timer);
      update.clear();
      update.done();
    },
  };
}

/** One line on a terminal that counts the calls while Coze is read. It is erased before other output. */
export interface StatusLine {
  onCall(record: CallRecord): void;
  close(): void;
}

const clearLine = "\r\u001b[2K";

/** Reads Coze while the status line counts the calls. */
export async function readWithStatus<Result>(
  session: Session,
  format: "text" | "json",
  read: (host: Host) => Promise<Result>,
): Promise<Result> {
  const status = openStatusLine(session, format);
  try {
    return await read(session.host({ onCall: status.onCall }));
  } finally {
    status.close();
  }
}

/** Opens the status line of a reading; it shows nothing without a terminal or with JSON output. */
export function openStatusLine(session: Session, format: "text" | "json"): StatusLine {
  const { io, interruption } = session;
  const { stderr, clock, env } = io;
  // A debug line per API call would tear it apart.
  const live = stderr.isTTY === true && env.TERM !== "dumb" && session.log.level !== "debug";
  if (format === "json" || !live) return { onCall() {}, close() {} };
  const begun = clock.now();
  let calls = 0;
  let shown = false;
  const timer = setInterval(() => {
    const text = renderReading(calls, clock.now() - begun);
    stderr.write(clearLine + takeColumns(text, session.errors.width - 1));
    shown = true;
  }, beat);
  timer.unref();
  const close = (): void => {
    clearInterval(timer);
    if (shown) stderr.write(clearLine);
    shown = false;
    forget();
  };
  const forget = interruption.beforeStop(close);
  return {
    onCall() {
      calls += 1;
    },
    close,
  };
}
