import { createColors } from "picocolors";
import stringWidth from "string-width";

/** What a piece of text is about; decides its colour. */
export type Tone =
  | "create"
  | "update"
  | "replace"
  | "delete"
  | "adopt"
  | "error"
  | "warning"
  | "success"
  | "strong"
  | "dim"
  | "added"
  | "removed";

/** A piece of a line. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
  /** No line is broken between it and its neighbour on that side. */
  readonly glue?: "next" | "previous";
}

export type Line = readonly Span[];

/** How output is drawn; `width` in columns of a terminal. */
export interface Drawing {
  readonly color: boolean;
  readonly width: number;
}

export const plain = (text: string): Line => [{ text }];

/** Lines as one text, each ended by a line break. */
export function paintLines(lines: readonly Line[], color: boolean): string {
  return lines.map((line) => `${paintLine(line, color)}\n`).join("");
}

/** One line with its colours, without trailing blanks. */
export function paintLine(line: Line, color: boolean): string {
  const palette = paletteOf(color);
  const end = line.findLastIndex(({ text }) => text.trimEnd() !== "");
  const shown = line.slice(0, end + 1);
  return shown
    .map(({ text, tone }, index) => {
      const kept = index === end ? text.trimEnd() : text;
      return tone === undefined ? kept : palette[tone](kept);
    })
    .join("");
}

type Palette = Readonly<Record<Tone, (text: string) => string>>;

function paletteOf(color: boolean): Palette {
  const colors = createColors(color);
  return {
    create: colors.green,
    update: colors.yellow,
    replace: colors.magenta,
    delete: colors.red,
    adopt: colors.cyan,
    error: (text) => colors.bold(colors.red(text)),
    warning: (text) => colors.bold(colors.yellow(text)),
    success: colors.green,
    strong: colors.bold,
    dim: colors.dim,
    added: colors.green,
    removed: (text) => colors.strikethrough(colors.red(text)),
  };
}

/** How many columns a line takes: Chinese characters take two. */
export const widthOf = (line: Line | string): number =>
  stringWidth(typeof line === "string" ? line : line.map(({ text }) => text).join(""));

/** A text filled up with blanks to so many columns. */
export const padTo = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - widthOf(text)));

/** A line with blanks before it. */
export const indent = (line: Line, columns: number): Line => [{ text: " ".repeat(columns) }, ...line];
