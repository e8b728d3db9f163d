import type { Diagnostic } from "../core/diagnostic.ts";
import { writeJson } from "../core/json-output.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Io } from "./io.ts";

/** One problem as programs read it. Keys without a value are left out. */
export interface Problem {
  readonly severity: Diagnostic["severity"];
  /** A stable word, or the number that Coze answered. */
  readonly code: string | number;
  /** In answers of `validate`: what `checks` and `metadata.allow` call it. */
  readonly rule?: string | undefined;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly file?: string | undefined;
  /** From 1, like `column`. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly address?: string | undefined;
  /** All resources of which it is true, when there are several. */
  readonly addresses?: readonly string[] | undefined;
  /** The files that these items of a `for_each` are made of. */
  readonly files?: readonly string[] | undefined;
  readonly operation?: string | undefined;
  readonly logid?: string | undefined;
}

/** A diagnostic as programs read it. */
export const problemOf = ({
  severity,
  code,
  message,
  hint,
  at,
  address,
  addresses,
  files,
}: Diagnostic): Problem => ({
  severity,
  code,
  message,
  hint,
  ...at,
  address,
  addresses,
  files,
});

/** Tells programs on standard output how a command failed, in one document. */
export interface JsonErrors {
  /** `--format json` is among the arguments, whatever else is wrong with them. */
  readonly wanted: boolean;
  /** The command has written its whole result: nothing may follow it. */
  noteResult(): void;
  /** Writes the document as a line, once, and only where it is wanted. `facts` are keys besides. */
  write(problems: readonly Problem[], exitCode: ExitCode, facts?: object): void;
}

/** Opens the JSON errors of one command line. */
export function openJsonErrors(argv: readonly string[], { stdout }: Pick<Io, "stdout">): JsonErrors {
  const wanted = wantsJson(argv);
  let ended = false;
  return {
    wanted,
    noteResult() {
      ended = true;
    },
    write(diagnostics, exitCode, facts = {}) {
      if (!wanted || ended) return;
      ended = true;
      stdout.write(`${writeJson({ type: "error", exit_code: exitCode, ...facts, diagnostics })}\n`);
    },
  };
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const options = end < 0 ? argv : argv.slice(0, end);
  return options.some(
    (word, index) => word === "--format=json" || (word === "json" && options[index - 1] === "--format"),
  );
}
