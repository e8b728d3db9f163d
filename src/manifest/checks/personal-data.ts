import { explain, say } from "../../messages/text.ts";
import type { PlacedFound } from "../../secrets/detection.ts";
import type { Problem } from "../problems.ts";

/** The problem of a number in a text that may be a person's; `what` names it. */
export const personalData = (what: string): Problem => ({
  code: "personal-data",
  severity: "warning",
  ...explain("manifest/personal-data", { what }),
});

/** The problem of something found in a file, with the number of those that aren't reported one by one. */
export const withMore = (problem: Problem, { at: { file }, more }: PlacedFound): Problem =>
  more === undefined
    ? problem
    : { ...problem, message: say("common/and-more-in", { message: problem.message, count: more, file }) };
