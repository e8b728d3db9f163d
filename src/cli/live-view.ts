import { createLogUpdate } from "log-update";
import type { RunEvent } from "../engine/events.ts";
import type { RunDrawing } from "../report/action-style.ts";
import { advance, noProgress, renderProgress } from "../report/progress.ts";
import { paintLine } from "../report/styled-text.ts";
import { wrapLine } from "../report/wrap.ts";
import type { Output } from "./io.ts";

/** Lines at the foot of a terminal that follow a run. */
export interface LiveView {
  show(event: RunEvent): void;
  /** Writes a text above the live lines. */
  note(text: string): void;
  /** Takes the live lines away. */
  close(): void;
}

/** How often elapsed times are redrawn, milliseconds. */
const beat = 1000;

/** Opens a live view on a terminal; `now` in epoch milliseconds. */
export function openLiveView(output: Output, drawing: RunDrawing, now: () => number): LiveView {
  const update = createLogUpdate(output, { showCursor: true });
  const width = (): number => output.columns ?? drawing.width;
  let progress = noProgress;
  const redraw = (): void => {
    // Room for the rest in one line, the total and what stands above.
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
