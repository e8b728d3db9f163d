import { CST } from "yaml";
import type { Location } from "../../core/diagnostic.ts";
import { type Place, type ReadScalar, ScalarReader } from "./scalar-reader.ts";
import type { Mapping, SourceEntry, SourceNode } from "./source-tree.ts";

/** Thrown inward for what takes more than this reader knows. */
class NotPlain extends Error {}

/** The most characters of a key, its `:` included (https://yaml.org/spec/1.2.2/#742-flow-mappings). */
const longestKey = 1024;

/**
 * Reads documents of plain maps, lists and texts right from their tokens: most manifests hold nothing else. What the
 * library could find fault with, or has a meaning besides its value, it leaves to the library: anchors, aliases, tags,
 * `<<`, `?`, tabs, values that are left out, and rare forms of numbers.
 */
export class PlainReader {
  readonly #scalars: ScalarReader;
  readonly #place: Place;

  constructor(text: string, place: Place) {
    this.#scalars = new ScalarReader(text, place, refuse);
    this.#place = place;
  }

  /** The value of a document; "nothing" of one without any, undefined of one that isn't plain. */
  read({ start, value, end }: CST.Document): SourceNode | "nothing" | undefined {
    try {
      const { hasNewline, hasSign } = checkBlanks(start, "doc-start", true);
      checkBlanks(end ?? [], undefined, true);
      if (!value) return "nothing";
      if (hasSign && !hasNewline && isBlock(value)) throw new NotPlain();
      return this.#read(value, this.#place(value.offset));
    } catch (error) {
      if (error instanceof NotPlain) return undefined;
      throw error;
    }
  }

  #read(token: CST.Token, key: Location): SourceNode {
    switch (token.type) {
      case "scalar":
      case "single-quoted-scalar":
      case "double-quoted-scalar":
      case "block-scalar":
        return this.#scalars.read(readScalar(token), key);
      case "block-map":
        return { type: "map", at: key, entries: this.#readBlockMap(token) };
      case "block-seq":
        return { type: "list", at: key, items: this.#readBlockList(token) };
      case "flow-collection":
        return this.#readFlow(token);
      default:
        throw new NotPlain();
    }
  }

  #readBlockMap({ items, indent }: CST.BlockMap): Mapping["entries"] {
    const entries = new Map<string, SourceEntry>();
    for (const [index, item] of items.entries()) {
      checkBlanks(item.start, undefined, true);
      if (!item.key && !item.sep && !item.value && index === items.length - 1) break;
      if (item.key && "indent" in item.key && item.key.indent !== indent) throw new NotPlain();
      const { value, hasNewline } = this.#readEntry(item, entries);
      if (isBlock(value) && !hasNewline) throw new NotPlain();
    }
    return entries;
  }

  #readEntry(
    { key, sep, value }: CST.BlockMap["items"][number] | CST.FlowCollection["items"][number],
    entries: Map<string, SourceEntry>,
  ) {
    if (!value || !sep || !isScalar(key) || key.source.includes("\n")) throw new NotPlain();
    const name = readScalar(key).value;
    if (typeof name !== "string" || name === "<<" || entries.has(name)) throw new NotPlain();
    const { hasNewline, hasSign, signAt } = checkBlanks(sep, "map-value-ind", false);
    if (!hasSign || signAt - key.offset > longestKey) throw new NotPlain();
    const at = this.#place(key.offset);
    entries.set(name, { key: at, value: this.#read(value, at) });
    return { value, hasNewline };
  }

  #readBlockList({ items }: CST.BlockSequence): readonly SourceNode[] {
    const read: SourceNode[] = [];
    for (const [index, { start, key, sep, value }] of items.entries()) {
      const { hasSign } = checkBlanks(start, "seq-item-ind", true);
      if (!hasSign && !value && index === items.length - 1) break;
      if (!hasSign || !value || key || sep) throw new NotPlain();
      read.push(this.#read(value, this.#place(value.offset)));
    }
    return read;
  }

  #readFlow({ offset, start, items, end }: CST.FlowCollection): SourceNode {
    const isMap = start.type === "flow-map-start";
    const [closing, ...after] = end;
    if (closing?.type !== (isMap ? "flow-map-end" : "flow-seq-end")) throw new NotPlain();
    checkBlanks(after, undefined, false);
    const at = this.#place(offset);
    const entries = new Map<string, SourceEntry>();
    const read: SourceNode[] = [];
    for (const [index, item] of items.entries()) {
      const { hasSign } = checkBlanks(item.start, "comma", false);
      const isAbsent = !item.key && !item.sep && !item.value;
      if (isAbsent && index === items.length - 1 && (index > 0 || !hasSign)) break;
      if (hasSign !== index > 0 || isBlock(item.key) || isBlock(item.value)) throw new NotPlain();
      if (isMap) this.#readEntry(item, entries);
      else if (item.value && !item.key && !item.sep) {
        read.push(this.#read(item.value, this.#place(item.value.offset)));
      } else throw new NotPlain();
    }
    return isMap ? { type: "map", at, entries } : { type: "list", at, items: read };
  }
}

const refuse = () => {
  throw new NotPlain();
};

const isScalar = (token: CST.Token | null | undefined): token is CST.FlowScalar =>
  token?.type === "scalar" ||
  token?.type === "single-quoted-scalar" ||
  token?.type === "double-quoted-scalar";

const isBlock = (token: CST.Token | null | undefined): boolean =>
  token?.type === "block-map" || token?.type === "block-seq";

/**
 * Checks the tokens around values: blanks, comments behind a blank, and at most one `sign`, on the line where they begin.
 * `isSpaced`: a comment may come first.
 */
function checkBlanks(tokens: readonly CST.SourceToken[], sign: CST.TokenType | undefined, isSpaced: boolean) {
  let hasSpace = isSpaced;
  let hasNewline = false;
  let signAt = -1;
  for (const { type, source, offset } of tokens) {
    if (type === "space" && !source.includes("\t")) hasSpace = true;
    else if (type === "newline") hasNewline = hasSpace = true;
    else if (type === sign && signAt < 0 && (sign !== "map-value-ind" || !hasNewline)) {
      signAt = offset;
      hasSpace = false;
    } else if (type !== "comment" || !hasSpace) throw new NotPlain();
  }
  return { hasNewline, hasSign: signAt >= 0, signAt };
}

function readScalar(token: CST.FlowScalar | CST.BlockScalar): ReadScalar {
  const { type, source, offset } = token;
  // What escapes nothing and has one line is its own value.
  if (type === "double-quoted-scalar" && !source.includes("\\") && !source.includes("\n")) {
    if (source.length < 2 || !source.endsWith('"')) throw new NotPlain();
    checkBlanks(token.end ?? [], undefined, false);
    const value = source.slice(1, -1);
    return { value, source: value, range: [offset, offset + source.length] };
  }
  const { value, range } = CST.resolveAsScalar(token, true, refuse);
  return { value: type === "scalar" ? resolvePlain(value) : value, source: value, range };
}

// Most texts begin like none of the other types.
const mayBeOther = /^(?:[-+.~\d]|$|null$|true$|false$)/iu;
const isNumber = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/u;

/** The value of a text without quotes; numbers and words that are rarely written so are left to the library. */
function resolvePlain(source: string): string | number | boolean {
  if (!mayBeOther.test(source)) return source;
  if (isNumber.test(source)) return Number(source);
  if (source === "true" || source === "false") return source === "true";
  throw new NotPlain();
}
