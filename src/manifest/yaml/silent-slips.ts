import type { CST } from "yaml";
import { findLookAlikes } from "../../core/look-alikes.ts";
import { insertSpace, type Repair, replaceSign, slipAt, slipOfIndent } from "./repairs.ts";
import { spaceWidths, type Widths } from "./slip-guesses.ts";
import { maxDepth } from "./tokens.ts";

/**
 * Whether a document holds what YAML reads without an error and is mended all the same, or values that are
 * nested too deep. `depth`: that of the token, for its own use.
 */
export function needsCare(token: CST.Token, text: string, depth = -1): boolean {
  if (depth > maxDepth || findSilent(token, text, spaceWidths).length > 0) return true;
  if (token.type === "document") return token.value !== undefined && needsCare(token.value, text, depth + 1);
  if (!("items" in token)) return false;
  for (const { key, value } of token.items) {
    if (key && needsCare(key, text, depth + 1)) return true;
    if (value && needsCare(value, text, depth + 1)) return true;
  }
  return false;
}

/** What YAML reads and no manifest means: keys that begin with an unusual space, keys of `{ }` that hold their value, `｜`. */
export function findSilent(token: CST.Token, text: string, widths: Widths): readonly Repair[] {
  if (token.type === "scalar") {
    return /^[｜＞][-+]?[ \t]*\n/u.test(token.source) ? [replaceSign(text, token.offset)] : [];
  }
  if (token.type !== "block-map" && token.type !== "flow-collection") return [];
  return token.items.flatMap(({ key, sep, value }) => {
    if (key?.type !== "scalar") return [];
    const { offset, source } = key;
    const blanks = leadingBlanks(source);
    if (blanks > 0) return [mendBlanks(text, offset, blanks, widths)];
    const isValueless = token.type === "flow-collection" && !value && !sep?.some(isValueSign);
    return isValueless ? mendColon(text, offset, source) : [];
  });
}

const isValueSign = ({ type }: CST.SourceToken): boolean => type === "map-value-ind";

/** How many characters at the beginning of a text are blanks that YAML doesn't take for such. */
function leadingBlanks(source: string): number {
  const blanks = findLookAlikes(source).filter(({ ascii }) => ascii.trim() === "");
  const end = blanks.findIndex(({ offset }, index) => offset !== index);
  return end < 0 ? blanks.length : end;
}

function mendBlanks(text: string, offset: number, length: number, widths: Widths): Repair {
  const begin = text.lastIndexOf("\n", offset - 1) + 1;
  const indent = text.slice(begin, offset);
  const blanks = text.slice(offset, offset + length);
  if (indent.trim() !== "") {
    return { edits: [{ at: offset, removed: length, inserted: " " }], slips: [slipAt(text, offset)] };
  }
  const inserted = [...(indent + blanks)].map(widths).join("");
  return {
    edits: [{ at: begin, removed: indent.length + length, inserted }],
    slips: [slipOfIndent(offset, blanks)],
  };
}

function mendColon(text: string, offset: number, source: string): readonly Repair[] {
  const [, name = "", colon] = /^([\w$.-]+)([：﹕︰∶]|:(?!\/\/)(?=\S))/u.exec(source) ?? [];
  if (colon === undefined) return [];
  const at = offset + name.length;
  return [colon === ":" ? insertSpace(at + 1, "colon") : replaceSign(text, at)];
}
