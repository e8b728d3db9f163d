import type { SchemaError } from "../../core/schema-errors.ts";
import type { Path } from "../../core/spec-walk.ts";
import { say } from "../../messages/text.ts";
import type { ProviderDiagnostic } from "./provider-interface.ts";

/** A message and the next move, which may be written as a hint: in lower case, without a full stop. */
export interface Problem {
  readonly message: string;
  readonly hint?: string | undefined;
}

export const errorAt = ({ message, hint }: Problem, path?: Path): ProviderDiagnostic => ({
  severity: "error",
  summary: onOneLine(message),
  detail: hint && sentence(hint),
  path,
});

export const warningAt = (problem: Problem, path?: Path): ProviderDiagnostic => ({
  ...errorAt(problem, path),
  severity: "warning",
});

/** The error of a value; `place` is how messages call where it is set. */
export const faultAt = (place: string, { said, hint }: SchemaError, path?: Path): ProviderDiagnostic =>
  errorAt({ message: say("terraform-provider/in-place", { place, fault: said }), hint }, path);

/** A hint as a sentence of its own. */
export const sentence = (hint: string): string =>
  hint.charAt(0).toUpperCase() + hint.slice(1) + (/[.?!…。！？]$/u.test(hint) ? "" : ".");

/** Summaries have one line. */
export const onOneLine = (text: string): string =>
  text.replaceAll(/[ \t\r]*\n[ \t\r\n]*/gu, " ").replace(/^ +| +$/gu, "");

/** Terraform prints a summary on one line, however long it is. Characters. */
const longestSummary = 60;

/**
 * A text as a summary that fits a line and what is to be said beside it: what stands behind a colon or semicolon, or
 * the whole as a sentence where there is no such. A `place` that it begins with is left to others to tell.
 */
export function splitSummary(
  whole: string,
  place = "",
): { readonly summary: string; readonly rest?: string } {
  if (whole.length <= longestSummary) return { summary: whole };
  const text = place !== "" && whole.startsWith(`${place}: `) ? whole.slice(place.length + 2) : whole;
  if (text.length <= longestSummary) return { summary: text };
  const breaks = [...text.matchAll(/[:;] /gu)].map(({ index }) => index);
  const at = breaks.filter((index) => index <= longestSummary && isWhole(text.slice(0, index))).at(-1);
  if (at !== undefined) return { summary: text.slice(0, at), rest: sentence(text.slice(at + 2)) };
  const room = text.slice(0, longestSummary - 2);
  const end = room.lastIndexOf(" ");
  // Names of attributes are written as they are.
  const asSentence = /^[a-z]+[._[]/u.test(text) ? `${text}.` : sentence(text);
  return { summary: `${end > 0 ? room.slice(0, end) : room} …`, rest: asSentence };
}

/** Whether a part of a text says something by itself: more than a place, and nothing that is opened and not closed. */
const isWhole = (part: string): boolean =>
  part.includes(" ") && part.split('"').length % 2 === 1 && part.split("(").length === part.split(")").length;
