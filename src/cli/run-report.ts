import type { RunEvent } from "../engine/events.ts";
import { renderEvent } from "../report/events-text.ts";
import { renderEventJson } from "../report/json.ts";
import { type LiveView, openLiveView } from "./live-view.ts";
import type { Session } from "./session.ts";

/** Tells the events of a run: as JSON, live on a terminal, or a line each. */
export interface RunReport {
  onEvent(event: RunEvent): void;
  close(): void;
}

/** Opens the report of a run that is about to begin. */
export function openRunReport(session: Session, format: "text" | "json"): RunReport {
  const { io, drawing } = session;
  if (format === "json") return { onEvent: (event) => session.print(renderEventJson(event)), close() {} };
  // A line per API call and live lines would push each other around.
  const live = io.stdout.isTTY === true && session.log.level !== "debug" && io.env.TERM !== "dumb";
  let view: LiveView | undefined;
  const close = (): void => {
    view?.close();
    view = undefined;
    session.redirectLog(undefined);
  };
  return {
    onEvent(event) {
      if (event.type === "run-started") session.print("\n");
      if (event.type === "run-started" && live) {
        view = openLiveView(io.stdout, drawing, () => io.clock.now());
        session.redirectLog(view.note);
      }
      if (view) view.show(event);
      // The summary says the same as the last event.
      else if (event.type !== "run-finished") session.print(renderEvent(event, drawing.color));
      if (event.type === "run-finished") close();
    },
    close,
  };
}
