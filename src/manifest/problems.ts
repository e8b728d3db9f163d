import type { Diagnostic, Location } from "../core/diagnostic.ts";

/** The rules whose level a project chooses; each is a warning by default. Names are stable. */
export const rules = [
  "foreign-export",
  "invisible-character",
  "leftover-files",
  "literal-reference",
  "personal-data",
  "unknown-word",
  "unmatched-manifest",
  "unused-allowance",
  "yaml-warning",
] as const;

export type Rule = (typeof rules)[number];

/** Every other way in which a project can be wrong, always an error. Codes are stable; messages aren't. */
export const codes = [
  "ambiguous-reference",
  "bad-endpoint",
  "bad-file",
  "bad-for-each",
  "bad-interpolation",
  "computed-field",
  "conflict",
  "cycle",
  "digits-lost",
  "duplicate-address",
  "duplicate-item",
  "duplicate-key",
  "empty-patch",
  "exactly-one",
  "expired-allowance",
  "incomplete-lookup",
  "malformed",
  "merge-conflict",
  "missing",
  "missing-file",
  "no-manifests",
  "no-match",
  "no-value",
  "not-a-manifest",
  "not-utf8",
  "out-of-range",
  "outside-project",
  "rule",
  "same-identity",
  "secret-in-clear",
  "secret-in-open",
  "too-large",
  "unfetched-file",
  "unknown-environment",
  "unknown-field",
  "unknown-key",
  "unknown-kind",
  "unknown-output",
  "unknown-patch-target",
  "unknown-reference",
  "unknown-rule",
  "unreadable",
  "unset-variable",
  "untrusted-variable",
  "wrong-length",
  "wrong-stand-in",
  "wrong-type",
  "yaml-syntax",
] as const;

export type Code = (typeof codes)[number] | Rule;

/** A place as messages name it. */
export const showPlace = ({ file, line, column }: Location): string => `${file}:${line}:${column}`;

/** What is wrong, before it has a place. */
export interface Problem {
  readonly code: Code;
  /** By default an error. */
  readonly severity?: Diagnostic["severity"] | undefined;
  readonly message: string;
  readonly hint?: string | undefined;
  /** The item of a `for_each` in which it is. */
  readonly item?: ProblemItem | undefined;
  /** The places through which a file that it is in was read, the nearest first. */
  readonly through?: readonly Location[] | undefined;
}

/** An item of a `for_each`, as messages name it. */
export interface ProblemItem {
  readonly address: string;
  /** The file that it is made of. */
  readonly file?: string | undefined;
  /** The texts by which messages about items differ: keys, paths, names and values. */
  readonly words: readonly string[];
  /** How many items there are. */
  readonly count: number;
}

/** Says of which item problems are. */
export const reportOfItem =
  (report: Report, item: ProblemItem | undefined): Report =>
  (at, complaint) =>
    report(at, item ? { item, ...complaint } : complaint);

/** Takes one problem. Checks go on after reporting, so that a run shows all problems. */
export type Report = (at: Location | undefined, complaint: Problem) => void;

/** Passes problems on and remembers whether there was an error that isn't of an `allowed` rule. */
export function watchErrors(
  report: Report,
  allowed: readonly { readonly rule: string }[] = [],
): { readonly report: Report; readonly failed: () => boolean } {
  let failed = false;
  return {
    report: (at, complaint) => {
      failed ||= complaint.severity !== "warning" && !allowed.some(({ rule }) => rule === complaint.code);
      report(at, complaint);
    },
    failed: () => failed,
  };
}
