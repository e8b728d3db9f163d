import type { Applied } from "../commands/apply.ts";
import { say } from "../messages/text.ts";
import type { Problem } from "./json-errors.ts";

type Result = NonNullable<Applied["result"]>;

/** One sentence on a run that didn't do everything, with the counts, for standard error. */
export function describeRunFailure(result: Result, command: string): string {
  const { failed, skipped, pending, interrupted } = result;
  const checks = failedChecksOf(result).length;
  const results = [
    ...(failed.length > 0 ? [say("report/failed", { count: failed.length })] : []),
    ...(checks > 0 ? [say("cli/run-failed-checks", { count: checks })] : []),
    ...("switched" in result && !result.switched ? [say("cli/run-unswitched")] : []),
    ...(skipped.length > 0 ? [say("report/summary-skipped-total", { count: skipped.length })] : []),
    ...(pending.length > 0 ? [say("report/summary-pending", { count: pending.length })] : []),
  ];
  const values = { command, results: results.join(", ") || say("report/summary-nothing") };
  if (interrupted) return say("cli/run-interrupted", values);
  const isFailure = failed.length > 0 || checks > 0;
  return isFailure ? say("cli/run-failed", values) : say("cli/run-incomplete", values);
}

const failedChecksOf = (result: Result) =>
  "checks" in result ? (result.checks ?? []).filter(({ passed }) => !passed) : [];

/** What kept a run from doing everything, one by one, for programs. */
export function listRunProblems(result: Result): readonly Problem[] {
  const { failed, skipped, pending, interrupted } = result;
  const severity = "error" as const;
  return [
    ...failed.map(({ step, failure }): Problem => {
      const { code, type, message, hint, operation, logid, fields } = failure;
      const at = fields?.[0]?.at ?? step.at;
      return { severity, code: code ?? type, message, hint, ...at, address: step.address, operation, logid };
    }),
    ...failedChecksOf(result).map(({ address, check, reason, hint, failure }): Problem => {
      const message = reason ?? say("report/check-no-answer");
      const { operation, logid } = failure ?? {};
      return { severity, code: "check-failed", message, hint, ...check.at, address, operation, logid };
    }),
    ...skipped.map(({ step, because: message }): Problem => {
      const code = interrupted ? "interrupted" : "skipped";
      return { severity, code, message, ...step.at, address: step.address };
    }),
    ...pending.map(
      ({ step, detail: message }): Problem => ({
        severity,
        code: "pending",
        message,
        ...step.at,
        address: step.address,
      }),
    ),
  ];
}
