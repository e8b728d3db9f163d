import type { Planned } from "../commands/plan.ts";
import { kinds } from "../kinds/index.ts";
import { createFirstOf, type RunDrawing } from "../report/action-style.ts";
import { renderDiagnostics } from "../report/diagnostics.ts";
import { renderPlan } from "../report/plan.ts";
import type { CommonOptions, PlanningOptions } from "./options.ts";
import type { Session } from "./session.ts";

/** The options that a plan was made with, as far as they tell how to print it. */
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
        ...(options.emulator ? {} : { endpoint: access.endpoint }),
      },
      full: options.full ?? false,
      ...(promotion
        ? {
            promotes: {
              to: project.environmentName,
              ...(promotion.from === undefined ? {} : { from: promotion.from }),
            },
          }
        : {}),
      ...(options.destroy ? { destroys: { state, targeted: options.target !== undefined } } : {}),
    }),
  );
}

/** How a state is called: an environment has one at Coze, and one at the emulator. */
export const nameState = (environment: string, { emulator }: Pick<CommonOptions, "emulator">): string =>
  emulator ? `${environment} (emulator)` : environment;

/** How to draw what goes on in a run. */
export const runDrawing = ({ drawing }: Session): RunDrawing => ({
  ...drawing,
  createFirst: createFirstOf(kinds),
});

/** Tells the warnings that came up on the way to a plan. */
export function warnOf(session: Session, { project, plan }: Planned): void {
  const warnings = [...project.diagnostics, ...plan.diagnostics];
  const text = renderDiagnostics(warnings, project.sources, session.errors);
  if (text) session.log.warn(text);
}
