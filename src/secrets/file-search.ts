import { StringDecoder } from "node:string_decoder";
import { addTo } from "../core/group.ts";
import {
  countMore,
  type Found,
  findSecretsInProse,
  mostPlaced,
  type PlacedFound,
  placeFound,
  placeOffset,
} from "./detection.ts";
import { findPersonalData } from "./personal-data.ts";

/** Searches a file that is read in parts: it holds two of them in memory, whatever the file's size. */
export interface FileSearch {
  add(part: Uint8Array): void;
  /** What was found, the first few of each rule; nothing in what isn't text. */
  end(): readonly PlacedFound[];
}

/** Characters: no secret is longer, up to where it is told from a sample. */
const longest = 8192;

/** Characters before a match that decide whether it is one. */
const context = 512;

/** Opens the search for secrets and personal data in a file that is sent as it is. */
export function openFileSearch(file: string): FileSearch {
  const decoder = new StringDecoder("utf8");
  const found = new Map<Found["rule"], PlacedFound[]>();
  const totals = new Map<Found["rule"], number>();
  let isText = true;
  let text = "";
  // Where the text begins in the file, and what of it is searched already.
  let line = 0;
  let column = 0;
  let searched = 0;
  const search = (until: number): void => {
    for (const find of [findSecretsInProse, findPersonalData]) {
      const fresh = find(text).filter(({ offset }) => offset >= searched && offset < until);
      for (const { rule } of fresh) totals.set(rule, (totals.get(rule) ?? 0) + 1);
      for (const { more: _, ...one } of placeFound(file, text, fresh)) {
        const known = found.get(one.rule) ?? [];
        const at = {
          ...one.at,
          line: one.at.line + line,
          column: one.at.column + (one.at.line === 1 ? column : 0),
        };
        if (known.length < mostPlaced) found.set(one.rule, [...known, { ...one, at }]);
      }
    }
  };
  const forget = (count: number): void => {
    const gone = text.slice(0, count);
    const last = gone.lastIndexOf("\n");
    if (last >= 0) line += countLines(gone);
    column = last < 0 ? column + count : count - last - 1;
    text = text.slice(count);
  };
  return {
    add(part) {
      isText &&= !part.includes(0);
      if (!isText) return;
      text += decoder.write(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
      const until = text.length - longest;
      if (until <= searched + longest) return;
      search(until);
      const count = until - context;
      forget(count);
      searched = context;
    },
    end() {
      if (!isText) return [];
      text += decoder.end();
      search(text.length);
      return [...found].flatMap(([rule, placed]) => countMore(placed, totals.get(rule) ?? 0));
    },
  };
}

/** What is found in a file that is held in memory whole. */
export function searchFile(file: string, bytes: Uint8Array): readonly PlacedFound[] {
  const search = openFileSearch(file);
  search.add(bytes);
  return search.end();
}

/** Searches what is sent of a file whose own text is another: it was decoded, converted or divided. */
export interface SourceSearch {
  /** What is found in the file's text, and in the text that is sent as a whole. */
  findInWhole(sent: string): readonly PlacedFound[];
  /** What is found in a part that is sent; to be asked in the order of the parts. */
  findInPart(sent: string): readonly PlacedFound[];
}

/**
 * Opens the search of what is sent of a file with this text, line ends as LF. Each thing found is placed where the file
 * has the same; what only the sent text has, such as a token that tags divide, is placed at the file's beginning.
 */
export function openSourceSearch(file: string, source: string): SourceSearch {
  let known: Map<string, number[]> | undefined;
  const offsetsOf = (part: string): number[] => {
    known ??= groupOffsets(source);
    return known.get(part) ?? [];
  };
  const findInPart = (sent: string): readonly PlacedFound[] => {
    const placed = new Map<string, PlacedFound>();
    for (const { rule, what, offset, length } of findAll(sent)) {
      const from = offsetsOf(sent.slice(offset, offset + length)).shift();
      const at = from === undefined ? { file, line: 1, column: 1 } : placeOffset(file, source, from);
      placed.set([rule, at.line, at.column, what].join(), { rule, what, at });
      if (placed.size >= mostPlaced) break;
    }
    return [...placed.values()];
  };
  return {
    findInPart,
    findInWhole(sent) {
      const own = searchFile(file, Buffer.from(source));
      if (source.endsWith(sent)) return own;
      const isOwn = ({ at: { line, column } }: PlacedFound) =>
        own.some(({ at }) => at.line === line && at.column === column);
      return [...own, ...findInPart(sent).filter((one) => !isOwn(one))];
    },
  };
}

const findAll = (text: string): readonly Found[] => [...findSecretsInProse(text), ...findPersonalData(text)];

/** Where each thing that is found stands in a text. */
function groupOffsets(text: string): Map<string, number[]> {
  const offsets = new Map<string, number[]>();
  for (const { offset, length } of findAll(text)) addTo(offsets, text.slice(offset, offset + length), offset);
  return offsets;
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
