import { structuredPatch } from "diff";
import { say } from "../messages/text.ts";
import { printableLine } from "./escape-control.ts";
import { type Drawing, type Line, paintLines, plain } from "./styled-text.ts";

/** A file before and after it is edited. */
export interface FileEdit {
  /** As messages name it. */
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** The edits of files as unified diffs, below a title that says what they are for. */
export function renderEdits(
  edits: readonly FileEdit[],
  { release, liveOnly }: { readonly release: string; readonly liveOnly: boolean },
  { color }: Pick<Drawing, "color">,
): string {
  const key = liveOnly ? "edits-live-only" : edits.length === 0 ? "edits-none" : "edits-title";
  const title: Line = [{ text: printableLine(say(`report/${key}`, { release })), tone: "strong" }];
  return paintLines([title, ...edits.flatMap((edit) => [[], ...drawEdit(edit)])], color);
}

/** Lines that stay around each change. */
const context = 3;

function drawEdit({ file, before, after }: FileEdit): readonly Line[] {
  const [old, now] = [before, after].map((text) => text.replaceAll("\r\n", "\n"));
  const { hunks } = structuredPatch(file, file, old ?? "", now ?? "", "", "", { context });
  const name = printableLine(file);
  return [
    [{ text: `--- ${name}`, tone: "strong" }],
    [{ text: `+++ ${name}`, tone: "strong" }],
    ...hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }): readonly Line[] => [
      [{ text: `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`, tone: "dim" }],
      ...lines.map(drawLine),
    ]),
  ];
}

function drawLine(line: string): Line {
  const text = printableLine(line);
  if (line.startsWith("+")) return [{ text, tone: "create" }];
  return line.startsWith("-") ? [{ text, tone: "delete" }] : plain(text);
}
