import type { CST } from "yaml";
import { explain } from "../../messages/text.ts";
import { type Edit, endOfLine, type Repair } from "./repairs.ts";
import { listBlockTexts } from "./tokens.ts";

/** How many ends of an outdented text are tried. */
const mostEnds = 3;

interface Line {
  readonly begin: number;
  readonly text: string;
}

/**
 * Lines that belong to the text of a `|` or `>` above an error, and don't start far enough to the right for it: up to
 * one of the next keys. `above`: how many lines stand above the whole.
 */
export function* guessOutdentedText(
  text: string,
  tokens: readonly CST.Token[],
  offset: number,
  above: number,
): Generator<Repair> {
  const block = findBlockBefore(text, tokens, offset);
  if (!block) return;
  const lines = linesFrom(text, block.end);
  const first = lines.findIndex((line) => line.text.trim() !== "");
  const start = lines[first];
  if (!start || start.begin > endOfLine(text, offset) || beginsKey(start.text)) return;
  const ends = lines.flatMap((line, index) =>
    index > first && endsText(line.text, indentOf(start.text)) ? [index] : [],
  );
  for (const end of [...ends.slice(0, mostEnds), ...(ends.length < mostEnds ? [lines.length] : [])]) {
    const outer = lines.slice(first, end);
    // What stands between the text and the error belongs to the text as well.
    const last = outer.at(-1);
    if (!last || last.begin + last.text.length < offset) continue;
    const edits = outer.flatMap((line) => indentTo(block.column, line));
    const tabbed = outer.find((line) => line.text.startsWith("\t"));
    const values = { line: block.line + above, column: block.column + 1 };
    const slip = tabbed
      ? { offset: tabbed.begin, ...explain("manifest-yaml/slip-tab") }
      : { offset: start.begin + indentOf(start.text), ...explain("manifest-yaml/slip-text", values) };
    if (edits.length > 0) yield { edits, slips: [slip] };
  }
}

/** Lines of a `{` or `[` that begin with a tab, which YAML takes for lines without an indent. */
export function* guessTabs(text: string, offset: number): Generator<Repair> {
  if (!"{[".includes(text.charAt(offset))) return;
  const begin = text.lastIndexOf("\n", offset - 1) + 1;
  const [head, ...lines] = linesFrom(text, begin);
  if (!head) return;
  const outer = indentOf(head.text);
  const isBeyond = (line: string) => /^ *\S/u.test(line) && indentOf(line) <= outer;
  const end = lines.findIndex((line) => isBeyond(line.text));
  const tabbed = lines.slice(0, end < 0 ? lines.length : end).filter((line) => /^ *\t\s*\S/u.test(line.text));
  const [first] = tabbed;
  if (!first) return;
  yield {
    edits: tabbed.flatMap((line) => indentTo(outer + 2, line)),
    slips: [{ offset: first.begin, ...explain("manifest-yaml/slip-tab") }],
  };
}

/** The last text in a block that ends before the end of an error's line: where, the line of its key, its column. */
function findBlockBefore(text: string, tokens: readonly CST.Token[], offset: number) {
  const last = endOfLine(text, offset);
  const blocks = listBlockTexts(tokens).filter(({ to }) => to <= last);
  const nearest = blocks.toSorted((a, b) => a.from - b.from).at(-1);
  if (!nearest) return undefined;
  const head = text.slice(text.lastIndexOf("\n", nearest.token.offset - 1) + 1, nearest.token.offset);
  const inner = nearest.token.source.split("\n").find((line) => line.trim() !== "");
  const column = inner === undefined ? indentOf(head) + 2 : indentOf(inner);
  const line = text.slice(0, nearest.token.offset).split("\n").length;
  return { end: nearest.to, column, line };
}

function linesFrom(text: string, from: number): readonly Line[] {
  const lines: Line[] = [];
  for (let begin = from; begin < text.length; begin = endOfLine(text, begin) + 1) {
    lines.push({ begin, text: text.slice(begin, endOfLine(text, begin)) });
  }
  return lines;
}

/** Whether a line begins with what can be a key of a manifest, or another document. */
const beginsKey = (line: string): boolean =>
  /^(?:\s*(?:- +)?["']?[\w$.-]+["']?\s*[:：]|---|\.\.\.)/u.test(line);

/** Whether a line is no more of a text that starts in a column: prose may have words with a full-width colon. */
const endsText = (line: string, column: number): boolean =>
  beginsKey(line) && (indentOf(line) !== column || !/^[^:]*：/u.test(line));

const indentOf = (line: string): number => /^ */u.exec(line)?.[0].length ?? 0;

function indentTo(column: number, { begin, text }: Line): readonly Edit[] {
  const blanks = /^\s*/u.exec(text)?.[0] ?? "";
  if (blanks.length === text.length || indentOf(text) >= column) return [];
  return [{ at: begin, removed: blanks.length, inserted: " ".repeat(column) }];
}
