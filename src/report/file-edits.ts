import { say } from "../messages/text.ts";
import { printableLine } from "./escape-control.ts";
import { type Drawing, indent, type Line, paintLines, plain } from "./styled-text.ts";
import { diffTexts } from "./text-diff.ts";
import { characters } from "./values.ts";

/** A file before and after it is edited. */
export interface FileEdit {
  /** As messages name it. */
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** The edits of files as numbered diffs, below a title that says what they are for. */
export function renderEdits(
  edits: readonly FileEdit[],
  { release, liveOnly }: { readonly release: string; readonly liveOnly: boolean },
  drawing: Drawing,
): string {
  const key = liveOnly ? "edits-live-only" : edits.length === 0 ? "edits-none" : "edits-title";
  const title: Line = [{ text: printableLine(say(`report/${key}`, { release })), tone: "strong" }];
  return paintLines([title, ...edits.flatMap((edit) => [[], ...drawEdit(edit, drawing)])], drawing.color);
}

/** The most lines of a file's diff. */
const mostLines = 60;

function drawEdit({ file, before, after }: FileEdit, { color, width }: Drawing): readonly Line[] {
  const [old = "", now = ""] = [before, after].map((text) => text.replaceAll("\r\n", "\n"));
  const margin = 2;
  const lines = diffTexts(old, now, { color, width: width - margin, most: mostLines });
  const name: Line = [{ text: printableLine(file), tone: "strong" }];
  if (lines) return [name, ...lines.map((line) => indent(line, margin))];
  const values = { before: characters(old), after: characters(now) };
  return [name, indent(plain(say("report/file-rewritten", values)), margin)];
}
