import type { Address } from "../core/address.ts";
import type { RunEvent } from "../engine/events.ts";
import { say } from "../messages/text.ts";
import { renderEvent } from "../report/events.ts";
import { causeOf } from "../report/failures.ts";
import { renderEventJson } from "../report/json.ts";
import { type LiveView, openLiveView } from "./live-lines.ts";
import { runDrawing } from "./plan-report.ts";
import type { Session } from "./session.ts";

/** Reports the events of a run: as JSON, live on a terminal, or one a line. */
export interface RunReport {
  onEvent(event: RunEvent): void;
  /** The number of resources in progress. */
  inFlight(): number;
  close(): void;
}

/** Opens the report of a run before it begins. */
export function openRunReport(session: Session, format: "text" | "json"): RunReport {
  const running = new Set<Address>();
  let closed = false;
  const reporter = format === "json" ? openJsonReport(session) : openTextReport(session);
  return {
    onEvent(event) {
      if (closed) return;
      if (event.type === "step-started") running.add(event.step.address);
      else if (isEnd(event)) running.delete(event.step.address);
      reporter.onEvent(event);
    },
    inFlight: () => running.size,
    close() {
      closed = true;
      reporter.close();
    },
  };
}

type StepEnd = Extract<RunEvent, { readonly step: unknown }>;

const ends: ReadonlySet<RunEvent["type"]> = new Set([
  "step-finished",
  "step-prepared",
  "step-failed",
  "step-skipped",
  "step-pending",
]);

const isEnd = (event: RunEvent): event is StepEnd => ends.has(event.type);

type Reporter = Pick<RunReport, "onEvent" | "close">;

const openJsonReport = (session: Session): Reporter => ({
  onEvent: (event) => session.print(renderEventJson(event)),
  close() {},
});

function openTextReport(session: Session): Reporter {
  const { io } = session;
  const drawing = runDrawing(session);
  // Debug lines per API call and live lines would tear each other apart.
  const live = io.stdout.isTTY === true && session.log.level !== "debug" && io.env.TERM !== "dumb";
  const abridge = createAbridgement();
  let view: LiveView | undefined;
  const close = (): void => {
    view?.close();
    view = undefined;
    session.redirectLog(undefined);
  };
  return {
    onEvent(full) {
      const event = abridge(full);
      if (event.type === "run-started") session.print("\n");
      if (event.type === "run-started" && live) {
        view = openLiveView(io.stdout, drawing, () => io.clock.now());
        session.redirectLog(view.note);
      }
      if (view) view.show(event);
      // The summary repeats the last event.
      else if (event.type !== "run-finished") session.print(renderEvent(event, drawing));
      if (event.type === "run-finished") close();
    },
    close,
  };
}

/** Gives a cause in full at the first resource that it hits; later ones refer to that resource. */
function createAbridgement(): (event: RunEvent) => RunEvent {
  const first = new Map<string, Address>();
  return (event) => {
    if (event.type !== "step-failed") return event;
    const { step, failure } = event;
    const cause = causeOf(event);
    const known = first.get(cause);
    if (known === undefined) first.set(cause, step.address);
    if (known === undefined) return event;
    return { ...event, failure: { type: failure.type, message: say("cli/same-reason", { address: known }) } };
  };
}
