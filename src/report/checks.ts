import type { Failure } from "../core/failure.ts";
import type { Tried } from "../engine/events.ts";
import { say } from "../messages/text.ts";
import { formatLocation } from "./diagnostics.ts";
import { printableLine } from "./escape-control.ts";
import { type Line, padTo, plain, shorten, widthOf } from "./styled-text.ts";
import { formatDuration } from "./values.ts";

/** The sign of a check, as wide as the sign of a step. */
export const checkSign = "  * ";

/** The name of a check in messages. */
export const nameCheck = ({ address, check }: Pick<Tried, "address" | "check">): string =>
  printableLine(say("report/check-name", { address, check: check.name }));

/** The result of a check in one line. */
export function describeCheckResult(tried: Tried): Line {
  const { passed, reason = say("report/check-no-answer"), failure = {}, note, ms } = tried;
  const time = formatDuration(ms);
  return [
    { text: checkSign, tone: passed ? "success" : "error" },
    { text: `${nameCheck(tried)}: `, tone: "strong" },
    ...(passed
      ? plain(say("report/check-passed", { time }))
      : [
          { text: `${say("report/failed-after", { time })} `, tone: "error" } as const,
          { text: printableLine(describeCall(failure) + reason) },
        ]),
    ...(note === undefined ? [] : [{ text: `; ${printableLine(note)}` }]),
  ];
}

/** The operation and code of a failed call, before its message. */
export function describeCall({ operation, code }: Pick<Failure, "operation" | "code">): string {
  const call = [operation, code === undefined ? undefined : say("report/call-code", { code })];
  const known = call.filter(Boolean).join(", ");
  return known && `${known}: `;
}

/** The failed checks: question, expected and actual answer, place in the manifest, and the next move. */
export function drawFailedChecks(checks: readonly Tried[], width: number): readonly Line[] {
  return checks
    .filter(({ passed }) => !passed)
    .flatMap((tried) => {
      const { check, reply, hint, failure } = tried;
      const asked = check.say ?? JSON.stringify(check.input ?? {});
      const facts: readonly (readonly [string, string | undefined])[] = [
        [say("report/check-at"), formatLocation(check.at)],
        [say("report/check-asked"), check.hidden ? say("report/check-asked-hidden") : asked],
        [say("report/check-answered"), reply === "" ? say("report/check-no-text") : reply],
        ["logid:", failure?.logid],
        [say("report/hint"), hint],
      ];
      const column = Math.max(...facts.map(([label]) => widthOf(label))) + 1;
      const rows = facts.flatMap(([label, fact]) =>
        fact === undefined ? [] : [padTo(label, column) + fact],
      );
      return [
        describeCheckResult(tried),
        ...rows.map((row) => plain(`      ${shorten(printableLine(row), Math.max(40, width - 6) * 3)}`)),
      ];
    });
}
