import type { CallRecord } from "../coze/http/transport.ts";
import { renderReading } from "../report/progress.ts";
import { takeColumns } from "../report/wrap.ts";
import type { Session } from "./session.ts";

/** Tells on a terminal how far the reading of Coze is, in one line that goes away before anything else is written. */
export interface StatusLine {
  onCall(record: CallRecord): void;
  close(): void;
}

/** What is over sooner needs no line; how often the line is redrawn. Milliseconds. */
const beat = 1000;

const clearLine = "\r\u001b[2K";

/** Opens the line for a reading that is about to begin; without a terminal, or for JSON, nothing is told. */
export function openStatusLine(session: Session, format: "text" | "json"): StatusLine {
  const { io, interruption } = session;
  const { stderr, clock, env } = io;
  // A line per API call would push it around.
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
