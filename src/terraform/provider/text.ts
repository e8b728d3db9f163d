import type { Path } from "../../core/spec-walk.ts";
import type { ProviderDiagnostic } from "./provider-interface.ts";

/** An error; `hint` is the next move, as hints are written: small, without a full stop. */
export const errorAt = (summary: string, hint: string | undefined, path?: Path): ProviderDiagnostic => ({
  severity: "error",
  summary: onOneLine(summary),
  ...(hint === undefined ? {} : { detail: sentence(hint) }),
  ...(path === undefined ? {} : { path }),
});

/** A hint as a sentence of its own. */
export const sentence = (hint: string): string =>
  hint.charAt(0).toUpperCase() + hint.slice(1) + (/[.?!…。！？]$/u.test(hint) ? "" : ".");

/** Summaries have one line. */
export const onOneLine = (text: string): string =>
  text.replaceAll(/[ \t\r]*\n[ \t\r\n]*/gu, " ").replace(/^ +| +$/gu, "");
