import type { ExitCode } from "../exit-code.ts";
import { type RunOptions, runAndReport } from "../run-and-report.ts";
import type { Session } from "../session.ts";

/** Runs `destroy`. */
export const runDestroy = async (session: Session, options: RunOptions, dir?: string): Promise<ExitCode> =>
  runAndReport(session, { command: "destroy", place: await session.project(dir) }, options);
