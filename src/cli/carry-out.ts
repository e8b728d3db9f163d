import { type Applied, apply, Refused } from "../commands/apply.ts";
import type { Planned } from "../commands/plan.ts";
import type { ApplyResult } from "../engine/apply.ts";
import { renderPlannedJson } from "../report/json.ts";
import { renderSummary } from "../report/summary.ts";
import { type Approval, approve, requireApproval } from "./approval.ts";
import { ExitCode } from "./exit-code.ts";
import {
  type ApplyingOptions,
  type CommonOptions,
  type PlanningOptions,
  permissionsOf,
  planOptions,
} from "./options.ts";
import { printPlan, warnOf } from "./plan-report.ts";
import { openRunReport } from "./run-report.ts";
import type { Session } from "./session.ts";

/** Options of apply and destroy. */
export type CarryOutOptions = CommonOptions & PlanningOptions & ApplyingOptions;

/** What to apply: a project's manifests, or a saved plan of it. */
export interface Task {
  readonly command: "apply" | "destroy";
  readonly directory: string;
  readonly planFile?: string;
}

/** Plans, shows the plan, gets it approved, does it, and tells how it went. */
export async function carryOut(session: Session, task: Task, options: CarryOutOptions): Promise<ExitCode> {
  const { planFile } = task;
  const approval: Approval = {
    ...options,
    command: task.command,
    ...(planFile === undefined ? {} : { planFile }),
  };
  requireApproval(session, approval);
  const show = showOnce(session, options);
  const report = openRunReport(session, options.format);
  try {
    const applied = await apply(session.host(report.onEvent), {
      ...planOptions(task.directory, { ...options, destroy: task.command === "destroy" }),
      allow: permissionsOf(options),
      ...(planFile === undefined ? {} : { planFile }),
      ...(options.parallelism === undefined ? {} : { parallelism: options.parallelism }),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      approve: async (planned) => {
        show(planned);
        const approved = await approve(session, planned, approval);
        if (approved) session.interruption.finishFirst(() => session.log.warn(finishing));
        return approved;
      },
    });
    show(applied.planned);
    report.close();
    return conclude(session, applied, options);
  } catch (error) {
    if (error instanceof Refused) show(error.planned);
    throw error;
  } finally {
    report.close();
    session.interruption.stopAtOnce();
  }
}

const finishing = "Interrupted: finishing what is in flight. Press Ctrl-C again to stop now.";

/** Shows a plan the first time it is handed one. */
function showOnce(session: Session, options: CarryOutOptions): (planned: Planned) => void {
  let shown = false;
  return (planned) => {
    if (shown) return;
    shown = true;
    warnOf(session, planned);
    if (options.format === "text") printPlan(session, planned, options);
    else session.print(renderPlannedJson(session.io.clock.now(), planned.plan, planned.calls));
  };
}

function conclude(session: Session, { planned, result }: Applied, options: CarryOutOptions): ExitCode {
  if (!planned.changes) return ExitCode.done;
  if (!result) {
    session.log.error("Not approved: nothing was changed.");
    return ExitCode.failed;
  }
  if (options.format === "text") session.print(`\n${renderSummary(result, session.drawing)}`);
  return exitCodeOf(result);
}

function exitCodeOf({ failed, skipped, pending, interrupted }: ApplyResult): ExitCode {
  if (interrupted) return ExitCode.interrupted;
  return failed.length + skipped.length + pending.length > 0 ? ExitCode.failed : ExitCode.done;
}
