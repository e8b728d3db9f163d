import type { Planned } from "../commands/plan.ts";
import { kinds } from "../kinds/index.ts";
import { createFirstOf, type RunDrawing } from "../report/action-style.ts";
import { renderDiagnostics } from "../report/diagnostics.ts";
import { renderPlan } from "../report/plan.ts";
import type { CommonOptions, PlanningOptions } from "./options.ts";
import type { Session } from "./session.ts";

/** The options of a plan that decide how it is printed. */
export type PlanPrinting = Pick<CommonOptions & PlanningOptions, "full" | "destroy" | "target" | "emulator">;

/** Prints a plan for people. */
export function printPlan(session: Session, planned: Planned, options: PlanPrinting): void {
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
      promotes: promotion && { from: promotion.from, to: project.environmentName },
      destroys: options.destroy ? { state, targeted: options.target !== undefined } : undefined,
    }),
  );
}

/** The name of a state: an environment has one for Coze and one for the emulator. */
export const nameState = (environment: string, { emulator }: Pick<CommonOptions, "emulator">): string =>
  emulator ? `${environment} (emulator)` : environment;

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
