import type { Settlement } from "../kind/kind.ts";
import { ProcessingFailed } from "../kind/processing-errors.ts";
import { growPause } from "../lifecycle/backoff.ts";
import { placeOfRun, remember, type StepRun } from "./step-run.ts";

/** Waits for Coze's own work on objects made together; returns those that are ready. */
export async function waitReady<Api>(makings: readonly StepRun<Api>[]): Promise<readonly StepRun<Api>[]> {
  const [first] = makings;
  if (!first) return [];
  const { clock, signal } = first.run.engine;
  const deadline = clock.now() + first.run.options.timeout;
  const ready: StepRun<Api>[] = [];
  const told = new Map<StepRun<Api>, string>();
  let working = makings;
  // Nothing is ever done at once, so looking before the first pause would be a call for nothing.
  for (let pause = growPause(0); working.length > 0; pause = growPause(pause)) {
    if (clock.now() + pause > deadline || signal?.aborted) {
      for (const making of working) leavePending(making, signal?.aborted ? "interrupted" : "timed out");
      break;
    }
    await clock.sleep(pause, signal);
    const settlements = await look(working);
    if (settlements === "final") break;
    if (settlements === "once more") continue;
    ready.push(...working.filter((_, index) => settlements[index]?.state === "ready"));
    working = working.filter((making, index) => isWorking(making, settlements[index], told));
  }
  return ready;
}

/** Looks once; that no answer came says nothing of the work, a refusal ends the waiting. */
async function look<Api>(
  makings: readonly StepRun<Api>[],
): Promise<readonly Settlement[] | "once more" | "final"> {
  const [first] = makings;
  try {
    return (
      (await first?.kind.settle?.(first.run.engine.apiOf(first.kind), makings.map(placeOfRun))) ?? "final"
    );
  } catch (error) {
    if (first?.run.engine.provider.explain(error).type === "unknown-outcome") return "once more";
    for (const making of makings) {
      remember(making, "not known to be done", { status: "pending" });
      making.run.failed(making.node, error);
    }
    return "final";
  }
}

/** `told`: what was last said of each, which is said once. */
function isWorking<Api>(
  making: StepRun<Api>,
  settlement: Settlement | undefined,
  told: Map<StepRun<Api>, string>,
): boolean {
  const { run, node, step } = making;
  if (settlement?.state === "failed") {
    remember(making, "failed at Coze", { status: "tainted" });
    run.failed(node, new ProcessingFailed(settlement.reason));
  }
  if (settlement?.state !== "working") return false;
  const { clock, onEvent } = run.engine;
  const { detail, percent } = settlement;
  const news = JSON.stringify([detail, percent]);
  if (told.get(making) !== news) {
    const progress = percent === undefined ? {} : { percent };
    onEvent({ type: "step-progressed", at: clock.now(), step, detail, ...progress });
  }
  told.set(making, news);
  return true;
}

function leavePending<Api>(making: StepRun<Api>, why: string): void {
  remember(making, "still pending", { status: "pending" });
  making.run.pending(making.node, `Coze is still at work on it (${why})`);
}
