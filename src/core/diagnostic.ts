/** Where a problem is: file as the user would name it, line and column from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with the user's input (never an exception): a stable code, a place, what, and the next move. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly hint?: string | undefined;
  readonly at?: Location | undefined;
  /** The resource it is about, when it is about one. */
  readonly address?: string | undefined;
  /** The resources that it tells the same of, when there are several. */
  readonly addresses?: readonly string[] | undefined;
  /** The files that these resources are made of, each once, as items of a `for_each`. */
  readonly files?: readonly string[] | undefined;
}

export const isError = (diagnostic: Diagnostic): boolean => diagnostic.severity === "error";

/** In the order a reader meets them: by file, line, column; what has no place comes first. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) =>
      compare(a.at?.file ?? "", b.at?.file ?? "") ||
      (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
      (a.at?.column ?? 0) - (b.at?.column ?? 0) ||
      compare(a.message, b.message),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Thrown when the input can't be used at all; carries every problem found. */
export class InvalidInput extends Error {
  override readonly name = "InvalidInput";
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of the files concerned, as far as they were read. */
  readonly sources: ReadonlyMap<string, string>;

  constructor(diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string> = new Map()) {
    super(diagnostics.map((one) => one.message).join("\n"));
    this.diagnostics = sortDiagnostics(diagnostics);
    this.sources = sources;
  }
}
