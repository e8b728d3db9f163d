import { asciiOf, describeLookAlike } from "../../core/look-alikes.ts";
import { type Explained, explain, say } from "../../messages/text.ts";

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

/** Repairs of different places as one. */
export const joinRepairs = (repairs: readonly Repair[]): Repair => ({
  edits: repairs.flatMap(({ edits }) => edits).sort((a, b) => a.at - b.at),
  slips: repairs.flatMap(({ slips }) => slips),
});

/** ASCII for the sign at an offset, with the space that YAML wants behind it. */
export function replaceSign(text: string, offset: number): Repair {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const ascii = asciiOf(character) ?? character;
  const isSpaced = /^(?:\s|$)/u.test(text.slice(offset + character.length));
  const inserted = ":,-".includes(ascii) && ascii !== "" && !isSpaced ? `${ascii} ` : ascii;
  const edits = [{ at: offset, removed: character.length, inserted }];
  return { edits, slips: [slipAt(text, offset)] };
}

/** The space that YAML wants behind a colon or a dash. */
export const insertSpace = (at: number, behind: "colon" | "dash"): Repair => ({
  edits: [{ at, removed: 0, inserted: " " }],
  slips: [{ offset: at - 1, ...explain(`manifest-yaml/slip-space-${behind}`) }],
});

/** The look-alike at an offset. */
export const slipAt = (text: string, offset: number): Slip => ({
  offset,
  isSign: true,
  ...explainLookAlike(String.fromCodePoint(text.codePointAt(offset) ?? 0)),
});

/** Names a character that stands where ASCII is wanted, and says what to type. */
export function explainLookAlike(character: string): Explained {
  const ascii = asciiOf(character) ?? "";
  const described = describeLookAlike(character);
  const values = { character: described, ascii };
  const message = say(
    `manifest-yaml/slip-${ascii === "" ? "invisible" : ascii === " " ? "blank" : "sign"}`,
    values,
  );
  return { message, hint: hintAtAscii(ascii) };
}

function hintAtAscii(ascii: string): string {
  if (ascii === "") return say("manifest-yaml/slip-remove");
  if (ascii === " ") return say("manifest-yaml/slip-write-space");
  if (ascii === ":" || ascii === "-") return say("manifest-yaml/slip-write-spaced", { ascii });
  return say("core/write", { text: ascii });
}

/** An unusual blank before the text of a line. */
export function slipOfIndent(offset: number, blanks: string): Slip {
  const [first = " "] = blanks;
  if (first === "\t") return { offset, ...explain("manifest-yaml/slip-tab") };
  return { offset, ...explain("manifest-yaml/slip-indent", { character: describeLookAlike(first) }) };
}
