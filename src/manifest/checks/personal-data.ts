import { explain, say } from "../../messages/text.ts";
import type { PlacedFound } from "../../secrets/detection.ts";
import type { Problem } from "../problems.ts";

/**
 * The problem of a number in a text that may be a person's; `what` names it. `inProjectFile`: it stands where no manifest
 * can allow it.
 */
export const personalData = (what: string, { inProjectFile = false } = {}): Problem => {
  const { message, hint } = explain("manifest/personal-data", { what });
  const own = inProjectFile ? say("manifest/personal-data-in-project.hint") : hint;
  return { code: "personal-data", severity: "warning", message, hint: own };
};

/** The problem of something found in a file, with the number of those that aren't reported one by one. */
export const withMore = (problem: Problem, { at: { file }, more }: PlacedFound): Problem =>
  more === undefined
    ? problem
    : { ...problem, message: say("common/and-more-in", { message: problem.message, count: more, file }) };
