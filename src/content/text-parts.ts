import type { Heading } from "./headings.ts";

/** The key of the part before the first heading. */
export const beginning = "^";

/** A part of a text that is too large for one document. */
export interface TextPart {
  /** Tells it among the parts of its text: the id or title of the heading it begins with. */
  readonly key: string;
  readonly text: string;
}

/** A section that has no heading by which it could be divided; `line` from 0. */
export interface TooLarge {
  readonly tooLarge: { readonly line: number; readonly title: string };
}

/** A text with its headings. */
export interface OutlinedText {
  readonly lines: readonly string[];
  readonly headings: readonly Heading[];
  /** A line that stands before headings and belongs to the heading after it. */
  readonly separator?: string | undefined;
}

interface Section {
  readonly from: number;
  readonly to: number;
  /** The heading that it begins with. */
  readonly heading?: Heading | undefined;
  /** The titles of the headings around it, from the outermost. */
  readonly around: readonly string[];
}

/**
 * Divides a text at its headings into parts of at most `limit` bytes: every section of the highest level goes alone, and
 * one that is too large is divided at its own headings. So a change of one section touches the part of no other.
 */
export function divideText(outlined: OutlinedText, limit: number): readonly TextPart[] | TooLarge {
  const sizes = measureLines(outlined.lines);
  const divided: Section[] = [];
  const pending: Section[] = [{ from: 0, to: outlined.lines.length, around: [] }];
  for (let section = pending.pop(); section; section = pending.pop()) {
    if ((sizes[section.to] ?? 0) - (sizes[section.from] ?? 0) <= limit) divided.push(section);
    else {
      const inner = divideSection(section, outlined);
      if (inner.length === 0)
        return { tooLarge: { line: section.from, title: section.heading?.title ?? "" } };
      pending.push(...inner.toReversed());
    }
  }
  const keyOf = nameSections();
  return divided
    .filter(({ from, to }) => outlined.lines.slice(from, to).some((line) => line.trim() !== ""))
    .map((section) => ({
      key: keyOf(section),
      text:
        outlined.lines.slice(section.from, section.to).join("\n") +
        (section.to < outlined.lines.length ? "\n" : ""),
    }));
}

/** The bytes before each line, and after the last one. */
function measureLines(lines: readonly string[]): readonly number[] {
  let sum = 0;
  return [0, ...lines.map((line) => (sum += Buffer.byteLength(line) + 1))];
}

/** The sections within one: what is before its first heading, and one for each heading of the highest level in it. */
function divideSection({ from, to, heading, around }: Section, { lines, headings, separator }: OutlinedText) {
  const inside = headings.filter((one) => one.line >= from && one.line < to && one !== heading);
  const level = Math.min(...inside.map((one) => one.level));
  const cuts = inside
    .filter((one) => one.level === level)
    .map((one) => ({ heading: one, at: lines[one.line - 1] === separator ? one.line - 1 : one.line }));
  const [first] = cuts;
  if (!first) return [];
  const within = heading ? [...around, heading.title] : around;
  const begin: Section[] = first.at > from ? [{ from, to: first.at, heading, around }] : [];
  return [
    ...begin,
    ...cuts.map(
      (cut, index): Section => ({
        from: cut.at,
        to: cuts[index + 1]?.at ?? to,
        heading: cut.heading,
        around: within,
      }),
    ),
  ];
}

const longestKey = 80;

/** Gives sections keys that differ: of several under one title, the later ones name what they are in, too. */
function nameSections(): (section: Section) => string {
  const taken = new Set<string>();
  return ({ heading, around }) => {
    const own = heading ? (heading.id ?? heading.title) : beginning;
    const title = [...own.normalize("NFC")].slice(0, longestKey).join("").trim();
    const candidates = [title, ...(around.length > 0 ? [`${around.at(-1)}/${title}`] : [])];
    const free = candidates.find((one) => !taken.has(one)) ?? number(candidates.at(-1) ?? "", taken);
    taken.add(free);
    return free;
  };
}

function number(key: string, taken: ReadonlySet<string>): string {
  for (let count = 2; ; count += 1) if (!taken.has(`${key} ${count}`)) return `${key} ${count}`;
}
