import type { Planned } from "../commands/plan.ts";
import { kinds } from "../kinds/index.ts";
import { say } from "../messages/text.ts";
import { createFirstOf, type RunDrawing } from "../report/action-style.ts";
import { renderDiagnostics } from "../report/diagnostics.ts";
import { renderPlan } from "../report/plan.ts";
import { type CommonOptions, type FormatOption, type PlanningOptions, planningWords } from "./options.ts";
import type { Session } from "./session.ts";

/** The options that decide how a plan is shown. */
export type PlanShowing = FormatOption & {
  /** The command that answers are given to. */
  readonly command?: string | undefined;
  readonly planFile?: string | undefined;
} & Pick<CommonOptions & PlanningOptions, "full" | "destroy" | "target" | "emulator">;

/** Shows a plan in the format of the options, with its warnings. */
export function showPlan(session: Session, planned: Planned, options: PlanShowing): void {
  warnOf(session, planned);
  if (options.format === "json") session.printJson(planned.document);
  else printPlan(session, planned, options);
}

/** Prints a plan for people. */
export function printPlan(session: Session, planned: Planned, options: PlanShowing): void {
  const { plan, calls, project, promotion, access } = planned;
  const state = nameState(project.environmentName, options);
  session.print(
    renderPlan(plan, {
      ...session.drawing,
      kinds,
      calls,
      access: {
        environment: project.environmentName,
        credentials: access.credentials,
        endpoint: options.emulator ? undefined : access.endpoint,
      },
      full: options.full ?? false,
      ways: {
        command: options.command ?? "plan",
        saved: options.planFile ? planningWords(planned.options, project.environmentName) : undefined,
        stateless: project.stateless,
      },
      refreshes: planned.refreshOnly,
      promotes: promotion && { from: promotion.from, to: project.environmentName },
      destroys: options.destroy ? { state, targeted: options.target !== undefined } : undefined,
    }),
  );
}

/** The name of a state: an environment has one for Coze and one for the emulator. */
export const nameState = (environment: string, { emulator }: Pick<CommonOptions, "emulator">): string =>
  emulator ? say("cli/state-of-emulator", { environment }) : environment;

/** How to draw a run's steps and events. */
export const runDrawing = ({ drawing }: Session): RunDrawing => ({
  ...drawing,
  createFirst: createFirstOf(kinds),
});

/** Logs the warnings of a plan. */
export function warnOf(session: Session, { project, plan }: Planned): void {
  const warnings = [...project.diagnostics, ...plan.diagnostics];
  const text = renderDiagnostics(warnings, project.sources, session.errors);
  if (text) session.log.warn(text);
}
