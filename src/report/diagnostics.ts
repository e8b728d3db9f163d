import { type Diagnostic, isError, type Location, sortDiagnostics } from "../core/diagnostic.ts";
import { excerpt } from "../core/excerpt.ts";
import { findInvisible } from "../core/invisible-characters.ts";
import { say } from "../messages/text.ts";
import { printable, printableLine } from "./escape-control.ts";
import {
  type Drawing,
  type Line,
  paintLines,
  takeColumns,
  takeLastColumns,
  widthOf,
  wrapLine,
} from "./styled-text.ts";

/** How diagnostics are drawn. */
export interface DiagnosticDrawing extends Drawing {
  /** On a terminal each shows its source line with a caret; otherwise one line each, for logs and tools. */
  readonly terminal: boolean;
}

/** Diagnostics sorted by file and line, with their count at the end. `sources`: texts by file. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  { terminal, color, width }: DiagnosticDrawing,
): string {
  if (diagnostics.length === 0) return "";
  const sorted = sortDiagnostics(diagnostics).map(cut);
  const lines = terminal
    ? sorted.flatMap((one, index) => [...(index > 0 ? [[]] : []), ...drawDiagnostic(one, sources, width)])
    : sorted.map((one): Line => [{ text: describeLine(one) }]);
  // A single diagnostic without a place needs no count.
  const alone = diagnostics.length === 1 && diagnostics[0]?.at === undefined;
  return paintLines(
    alone ? lines : [...lines, ...(terminal ? [[]] : []), countDiagnostics(diagnostics)],
    color,
  );
}

/** The most characters of a message or hint: keys and ids in manifests have any length. */
const longest = 1000;

const cut = ({ message, hint, ...rest }: Diagnostic): Diagnostic => ({
  ...rest,
  message: excerpt(message, longest),
  hint: hint === undefined ? undefined : excerpt(hint, longest),
});

function describeLine({ at, message, hint, severity }: Diagnostic): string {
  const parts = [
    ...(at ? [formatLocation(at)] : []),
    at && severity === "error" ? message : [nameSeverity(severity), message].join(" "),
    ...(hint ? [[say("report/hint"), hint].join(" ")] : []),
  ];
  return printableLine(parts.join("  "));
}

const nameSeverity = (severity: Diagnostic["severity"]): string => say(`report/severity-${severity}`);

/** A location as editors and terminals recognize it. */
export const formatLocation = ({ file, line, column }: Location): string => `${file}:${line}:${column}`;

function drawDiagnostic(
  diagnostic: Diagnostic,
  sources: ReadonlyMap<string, string>,
  width: number,
): readonly Line[] {
  const { at, severity, message, hint } = diagnostic;
  const tone = severity === "error" ? "error" : "warning";
  const head: Line = [
    ...(at ? [{ text: printableLine(formatLocation(at)), tone: "strong" } as const, { text: "  " }] : []),
    ...(at && severity === "error" ? [] : [{ text: `${nameSeverity(severity)} `, tone } as const]),
    { text: printableLine(message) },
  ];
  const tail: Line = [
    { text: `  ${say("report/hint")} `, tone: "adopt" },
    { text: printableLine(hint ?? "") },
  ];
  return [
    ...wrapLine(head, width, 2),
    ...(at && diagnostic.code !== secretCode ? drawSource(at, sources, width, tone) : []),
    ...(hint ? wrapLine(tail, width, 8) : []),
  ];
}

/** A source line with carets below the word at a location. */
export function drawSource(
  at: Location,
  sources: ReadonlyMap<string, string>,
  width: number,
  tone: "error" | "warning",
): readonly Line[] {
  const text = sources.get(at.file)?.split(/\r?\n/)[at.line - 1];
  // Not trim(): a line of unusual spaces has something to show.
  if (text === undefined || /^[ \t]*$/.test(text)) return [];
  const gutter = `  ${at.line} | `;
  const { before, marked, after } = cutLine(text, at.column, width - gutter.length);
  const blank = `${" ".repeat(gutter.length - 2)}| `;
  return [
    [{ text: gutter, tone: "dim" }, { text: before + marked + after }],
    [
      { text: blank, tone: "dim" },
      { text: " ".repeat(widthOf(before)) },
      { text: "^".repeat(Math.max(1, widthOf(marked))), tone },
    ],
  ];
}

/** The source line of this problem contains a secret and isn't shown. */
const secretCode = "secret-in-clear";

/** The word at a column and as much text around it as fits. Columns count UTF-16 units. */
function cutLine(text: string, column: number, room: number) {
  // More can't fit, and measuring a line of a megabyte takes long.
  const near = room * 8;
  const begins = Math.max(0, column - 1 - near);
  const start = (begins > 0 ? " ".repeat(room) : "") + showSource(text.slice(begins, column - 1));
  const rest = text.slice(column - 1, column - 1 + near);
  const word = wordAt(rest);
  const marked = takeColumns(showSource(word), Math.max(1, room - 1));
  const kept = Math.max(0, Math.floor((room - widthOf(marked)) / 2));
  const before = widthOf(start) + widthOf(marked) <= room ? start : `…${takeLastColumns(start, kept - 1)}`;
  const left = Math.max(0, room - widthOf(before) - widthOf(marked));
  return { before, marked, after: takeColumns(showSource(rest.slice(word.length)), left) };
}

function wordAt(text: string): string {
  const [first] = findInvisible(text);
  if (first?.offset === 0) return first.character;
  return /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s:,[\]{}#]+)/u.exec(text)?.[0] ?? text.slice(0, 1);
}

const showSource = (text: string): string => printable(text.replaceAll("\t", "    "));

function countDiagnostics(diagnostics: readonly Diagnostic[]): Line {
  const errors = diagnostics.filter(isError).length;
  const warnings = diagnostics.length - errors;
  const counts = [
    ...(errors > 0 ? [say("report/errors", { count: errors })] : []),
    ...(warnings > 0 ? [say("report/warnings", { count: warnings })] : []),
  ];
  return [{ text: counts.join(", "), tone: errors > 0 ? "error" : "warning" }];
}
