import type { Diagnostic, Location } from "../core/diagnostic.ts";
import { maskSecrets } from "../secrets/detection.ts";

/** Every way in which a project can be wrong. Codes are stable; messages aren't. */
export type Code =
  | "ambiguous-reference"
  | "bad-endpoint"
  | "bad-file"
  | "bad-for-each"
  | "bad-interpolation"
  | "computed-field"
  | "conflict"
  | "cycle"
  | "digits-lost"
  | "duplicate-address"
  | "duplicate-item"
  | "duplicate-key"
  | "empty-patch"
  | "exactly-one"
  | "incomplete-lookup"
  | "invisible-character"
  | "leftover-files"
  | "malformed"
  | "merge-conflict"
  | "missing"
  | "missing-file"
  | "no-manifests"
  | "no-match"
  | "no-value"
  | "not-a-manifest"
  | "not-utf8"
  | "out-of-range"
  | "outside-project"
  | "rule"
  | "secret-in-clear"
  | "too-large"
  | "unfetched-file"
  | "unknown-environment"
  | "unknown-field"
  | "unknown-key"
  | "unknown-kind"
  | "unknown-patch-target"
  | "unknown-reference"
  | "unknown-word"
  | "unreadable"
  | "secret-in-open"
  | "unset-variable"
  | "untrusted-variable"
  | "wrong-length"
  | "wrong-stand-in"
  | "wrong-type"
  | "yaml-syntax"
  | "yaml-warning";

/** What is wrong, before it has a place. */
export interface Problem {
  readonly code: Code;
  /** By default an error. */
  readonly severity?: Diagnostic["severity"] | undefined;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Takes one problem. Checks go on after reporting, so that a run shows all problems. */
export type Report = (at: Location | undefined, complaint: Problem) => void;

/** Collects reported problems, each once per place and message. */
export interface DiagnosticCollection {
  readonly report: Report;
  readonly diagnostics: Iterable<Diagnostic>;
}

export function collectDiagnostics(): DiagnosticCollection {
  const found = new Map<string, Diagnostic>();
  const report: Report = (at, { code, severity = "error", message, hint }) => {
    const key = JSON.stringify([at?.file, at?.line, at?.column, message]);
    if (found.has(key)) return;
    found.set(key, { code, severity, message: maskSecrets(message), hint: hint && maskSecrets(hint), at });
  };
  return { report, diagnostics: found.values() };
}

/** Passes problems on and remembers whether there was an error. */
export function watchErrors(report: Report): { readonly report: Report; readonly failed: () => boolean } {
  let failed = false;
  return {
    report: (at, complaint) => {
      failed ||= complaint.severity !== "warning";
      report(at, complaint);
    },
    failed: () => failed,
  };
}
