import type { Explained } from "../../messages/text.ts";

/** A slip of the pen, at an offset of the text, with what to type. */
export interface Slip extends Explained {
  readonly offset: number;
  /** It is a sign of another script, which is right wherever a text for people stands. */
  readonly isSign?: boolean;
}

export interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}

/** A guess at what was meant. */
export interface Repair {
  /** In their order. */
  readonly edits: readonly Edit[];
  readonly slips: readonly Slip[];
}

export const applyEdits = (text: string, edits: readonly Edit[]): string =>
  edits.reduceRight(
    (whole, { at, removed, inserted }) => whole.slice(0, at) + inserted + whole.slice(at + removed),
    text,
  );

/** The offset in a text before edits, which were made one after the other, of an offset behind them. */
export const originOf = (edits: readonly Edit[], offset: number): number =>
  edits.reduceRight((at, edit) => {
    if (at < edit.at) return at;
    const behind = at - edit.inserted.length;
    return behind < edit.at ? edit.at : behind + edit.removed;
  }, offset);

export function endOfLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}
