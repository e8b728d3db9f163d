/** A heading of Markdown. */
export interface Heading {
  /** The line at which it begins, from 0; an underlined one may have several. */
  readonly line: number;
  /** 1 to 6. */
  readonly level: number;
  readonly title: string;
  /** The id that the heading gives itself: `## Returns {#returns}`. */
  readonly id?: string | undefined;
}

const fenceStart = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/u;
const atx = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/u;
const underline = /^ {0,3}(=+|-+)[ \t]*$/u;
const thematicBreak = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/u;
const container = /^ {0,3}(?:>|[-*+](?:[ \t]|$)|\d{1,9}[.)](?:[ \t]|$))/u;
const rawBlocks = [
  [/^ {0,3}<!--/u, /-->/u],
  [/^ {0,3}<(?:pre|script|style|textarea)(?:[\s>]|$)/iu, /<\/(?:pre|script|style|textarea)>/iu],
] as const;
const htmlBlock =
  /^ {0,3}<\/?(?:address|article|aside|blockquote|body|center|details|dialog|div|dl|dd|dt|fieldset|figure|figcaption|footer|form|head|header|hr|html|iframe|li|link|main|menu|nav|ol|p|section|summary|table|tbody|td|tfoot|th|thead|title|tr|ul)(?:[\s/>]|$)/iu;

/** How the lines are to be read that follow one. */
type Mode =
  | { readonly type: "text" }
  /** The lines up to one that matches are no headings. */
  | { readonly type: "until"; readonly end: RegExp }
  /** A paragraph of the text itself, which an underline makes a heading. */
  | { readonly type: "paragraph"; readonly start: number }
  /** Text within a quote or list, or after one, up to a blank line. */
  | { readonly type: "within" };

const text: Mode = { type: "text" };

/**
 * The headings of Markdown by the rules of CommonMark, in their order; none within code, HTML and comments, nor in quotes
 * and lists. Lines before `start` aren't looked at.
 */
export function findHeadings(lines: readonly string[], start = 0): readonly Heading[] {
  const found: Heading[] = [];
  let mode: Mode = text;
  for (let index = start; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    if (mode.type === "until") {
      if (mode.end.test(line)) mode = text;
      continue;
    }
    if (line.trim() === "") {
      mode = text;
      continue;
    }
    const opened = openBlock(line, mode);
    if (opened) {
      mode = opened;
      continue;
    }
    const hashes = atx.exec(line);
    if (hashes?.[1] !== undefined) {
      found.push({ line: index, level: hashes[1].length, ...nameHeading(hashes[2] ?? "") });
      mode = text;
      continue;
    }
    const under = mode.type === "paragraph" ? underline.exec(line)?.[1] : undefined;
    if (under !== undefined && mode.type === "paragraph") {
      const title = lines.slice(mode.start, index).map((one) => one.trim());
      found.push({ line: mode.start, level: under.startsWith("=") ? 1 : 2, ...nameHeading(title.join(" ")) });
      mode = text;
      continue;
    }
    mode = readLine(line, index, mode);
  }
  return found;
}

/** What a line begins whose contents hold no headings. */
function openBlock(line: string, mode: Mode): Mode | undefined {
  const fence = fenceStart.exec(line)?.[1];
  if (fence !== undefined)
    return { type: "until", end: new RegExp(`^ {0,3}${fence}${fence.slice(0, 1)}*[ \\t]*$`, "u") };
  for (const [begin, end] of rawBlocks) {
    if (begin.test(line)) return end.test(line) ? text : { type: "until", end };
  }
  if (!htmlBlock.test(line) || mode.type === "within") return undefined;
  return { type: "until", end: /^[ \t]*$/u };
}

function readLine(line: string, index: number, mode: Mode): Mode {
  if (mode.type === "paragraph" && !container.test(line) && !thematicBreak.test(line)) return mode;
  if (thematicBreak.test(line)) return text;
  if (container.test(line) || mode.type === "within") return { type: "within" };
  return /^(?: {4}|\t)/u.test(line) ? text : { type: "paragraph", start: index };
}

function nameHeading(written: string): Pick<Heading, "title" | "id"> {
  const [, title = "", id] = /^(.*?)(?:[ \t]*\{#([^\s{}]+)\})?[ \t]*$/u.exec(written.trim()) ?? [];
  return { title, ...(id === undefined ? {} : { id }) };
}
