import type { Planned } from "../commands/plan.ts";
import { kinds } from "../kinds/index.ts";
import { renderDiagnostics } from "../report/diagnostics.ts";
import { renderPlan } from "../report/text.ts";
import type { Session } from "./session.ts";

/** Prints a plan for people. */
export function printPlan(
  session: Session,
  planned: Planned,
  { full = false }: { readonly full?: boolean },
): void {
  const { plan, calls } = planned;
  session.print(renderPlan(plan, { ...session.drawing, kinds, calls, full }));
}

/** Tells the warnings that came up on the way to a plan. */
export function warnOf(session: Session, { project, plan }: Planned): void {
  const warnings = [...project.diagnostics, ...plan.diagnostics];
  const text = renderDiagnostics(warnings, project.sources, session.errors);
  if (text) session.log.warn(text);
}
