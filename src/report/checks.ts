import type { Tried } from "../engine/events.ts";
import { printableLine } from "./escape-control.ts";
import { type Line, plain, shorten } from "./styled-text.ts";
import { formatDuration } from "./values.ts";

/** The sign of a check, as wide as the sign of a step. */
export const checkSign = "  * ";

/** The name of a check in messages. */
export const nameCheck = ({ address, check }: Pick<Tried, "address" | "check">): string =>
  `${printableLine(address)} check ${printableLine(check.name)}`;

/** The result of a check in one line. */
export function describeCheckResult(tried: Tried): Line {
  const { passed, reason = "no answer", failure, note, ms } = tried;
  const time = formatDuration(ms);
  return [
    { text: checkSign, tone: passed ? "success" : "error" },
    { text: `${nameCheck(tried)}: `, tone: "strong" },
    ...(passed
      ? [{ text: `passed in ${time}` } as const]
      : [
          { text: `didn't pass (${time}): `, tone: "error" } as const,
          { text: printableLine(failure ? `${describeCall(failure)}${reason}` : reason) } as const,
        ]),
    ...(note === undefined ? [] : [{ text: `; ${printableLine(note)}` }]),
  ];
}

const describeCall = ({ operation, code }: NonNullable<Tried["failure"]>): string => {
  const call = [operation, code === undefined ? undefined : `code ${code}`].filter(Boolean).join(", ");
  return call === "" ? "" : `${call}: `;
};

/** The failed checks: question, expected and actual answer, place in the manifest, and the next move. */
export function drawFailedChecks(checks: readonly Tried[], width: number): readonly Line[] {
  return checks
    .filter(({ passed }) => !passed)
    .flatMap((tried) => {
      const { check, reply, hint, failure } = tried;
      const { file, line, column } = check.at;
      const asked = check.hidden
        ? "(from the environment, not shown)"
        : (check.say ?? JSON.stringify(check.input ?? {}));
      const trace = failure?.logid === undefined ? [] : [`logid:    ${failure.logid}`];
      const rows = [
        `at:       ${file}:${line}:${column}`,
        `asked:    ${asked}`,
        ...(reply === undefined ? [] : [`answered: ${reply === "" ? "(nothing)" : reply}`]),
        ...trace,
        ...(hint === undefined ? [] : [`hint:     ${hint}`]),
      ];
      return [
        describeCheckResult(tried),
        ...rows.map((row) => plain(`      ${shorten(printableLine(row), Math.max(40, width - 6) * 3)}`)),
      ];
    });
}
