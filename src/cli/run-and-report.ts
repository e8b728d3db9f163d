import { type Applied, type ApplyCommandOptions, apply } from "../commands/apply.ts";
import type { Host } from "../commands/host.ts";
import type { Planned } from "../commands/plan.ts";
import { Refused, TooFewCalls } from "../commands/refusals.ts";
import { say } from "../messages/text.ts";
import { renderPlannedJson } from "../report/json.ts";
import { renderOutcome, renderSummary } from "../report/summary.ts";
import { type Approval, approve, askForCount, canCount, requireApproval } from "./approval.ts";
import { renderError } from "./error-report.ts";
import { ExitCode } from "./exit-code.ts";
import { openStatusLine } from "./live-lines.ts";
import { lockOptions } from "./lock-waiting.ts";
import {
  type ApplyingOptions,
  type CommonOptions,
  type PlanningOptions,
  type ProjectPlace,
  planOptions,
} from "./options.ts";
import { type PlanShowing, printPlan, runDrawing, warnOf } from "./plan-report.ts";
import { describeRunFailure, listRunProblems } from "./run-failure.ts";
import { openRunReport, type RunReport } from "./run-report.ts";
import type { Session } from "./session.ts";

/** Options of apply and destroy. */
export type RunOptions = CommonOptions & PlanningOptions & ApplyingOptions;

/** What to apply: a project's manifests, a saved plan, or the plan of `run`. */
export interface Task {
  readonly command: "apply" | "destroy" | "promote" | "rollback";
  readonly place: ProjectPlace;
  readonly planFile?: string | undefined;
  readonly planSha256?: string | undefined;
  /** Replaces `apply`. */
  readonly run?: ((host: Host, options: ApplyCommandOptions) => Promise<Applied>) | undefined;
  /** Prints what belongs before the plan. */
  readonly preface?: (() => void) | undefined;
}

/** Plans, shows the plan, asks for approval, applies it, and reports the result. */
export async function runAndReport(session: Session, task: Task, options: RunOptions): Promise<ExitCode> {
  const { planFile, planSha256, run = apply } = task;
  const approval: Approval = { ...options, command: task.command, planFile };
  requireApproval(session, approval);
  session.io.expectLongRun?.();
  const planning = { ...options, destroy: task.command === "destroy", command: task.command, planFile };
  const report = openRunReport(session, options.format);
  let counted = false;
  const reading = openStatusLine(session, options.format);
  const show = showOnce(session, planning, () => {
    reading.close();
    task.preface?.();
  });
  session.interruption.stopAtOnce(say("cli/interrupted-unchanged"));
  session.interruption.beforeStop(report.close);
  try {
    const applied = await run(session.host({ onEvent: report.onEvent, onCall: reading.onCall }), {
      ...planOptions(task.place, planning),
      planFile,
      planSha256,
      parallelism: options.parallelism,
      timeout: options.timeout,
      ...lockOptions(session, options),
      waitLost: options.waitLost,
      countRemovals: canCount(session, options)
        ? async (planned, { count = 0 }) => {
            show(planned);
            const typed = await askForCount(session, count);
            counted = typed === count;
            return typed;
          }
        : undefined,
      approve: async (planned) => {
        show(planned);
        const approved = await approve(session, planned, { ...approval, counted });
        if (approved) finishFirst(session, report);
        return approved;
      },
    });
    show(applied.planned);
    report.close();
    return conclude(session, applied, { ...options, command: task.command });
  } catch (error) {
    if (error instanceof Refused || error instanceof TooFewCalls) show(error.planned);
    throw error;
  } finally {
    reading.close();
    report.close();
    session.interruption.stopAtOnce();
  }
}

/**
 * After the approval, an interruption lets calls in flight finish. A second one stops at once and says what
 * that leaves.
 */
function finishFirst({ interruption, log }: Session, report: RunReport): void {
  interruption.finishFirst(
    () => log.warn(say("cli/interrupted-finishing")),
    () => describeStop(report.inFlight()),
  );
}

const describeStop = (inFlight: number): string =>
  inFlight === 0 ? say("cli/stopped-between") : say("cli/stopped", { count: inFlight });

/** A function that shows the first plan it gets, after the status line is closed. */
function showOnce(session: Session, options: PlanShowing, endReading: () => void) {
  let shown = false;
  return (planned: Planned): void => {
    if (shown) return;
    shown = true;
    endReading();
    warnOf(session, planned);
    if (options.format === "text") printPlan(session, planned, options);
    else session.print(renderPlannedJson(session.io.clock.now(), planned.plan, planned.calls));
  };
}

type Concluding = RunOptions & Pick<Task, "command">;

function conclude(session: Session, { planned, result }: Applied, options: Concluding): ExitCode {
  if (!planned.changes) return ExitCode.done;
  if (!result) {
    session.log.error(say("cli/not-approved"));
    return ExitCode.failed;
  }
  const planCalls = options.maxCalls === undefined ? undefined : planned.calls.made;
  session.noteOutcome(renderOutcome(result, { planCalls }));
  if (options.format === "text") {
    const sources = session.io.stdout.isTTY ? planned.project.sources : undefined;
    session.print(`\n${renderSummary(result, { ...runDrawing(session), sources, planCalls })}`);
  }
  const exitCode = exitCodeOf(result);
  if (exitCode !== ExitCode.done) {
    const message = describeRunFailure(result, options.command);
    session.log.error(renderError({ message }, session.errors));
    session.writeErrors(listRunProblems(result), exitCode);
  }
  return exitCode;
}

function exitCodeOf(result: NonNullable<Applied["result"]>): ExitCode {
  const { failed, skipped, pending, interrupted } = result;
  if (interrupted) return ExitCode.interrupted;
  // A failed check prevents the switch, also when no step was waiting for it.
  if ("switched" in result && !result.switched) return ExitCode.failed;
  return failed.length + skipped.length + pending.length > 0 ? ExitCode.failed : ExitCode.done;
}
