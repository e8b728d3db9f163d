import type { Location } from "../../core/diagnostic.ts";
import type { Path } from "../../core/spec-walk.ts";
import type { Json } from "../../core/value.ts";

/**
 * A value together with where the user wrote it. Patches, variables and `for_each` build new values out of
 * parts of others, and each part keeps its own place.
 */
export type SourceNode = Scalar | List | Mapping;

export interface Scalar {
  readonly type: "scalar";
  readonly at: Location;
  readonly value: string | number | boolean | null;
  /** As it stands in the file, without quotes: `1.10`, `007`. */
  readonly source: string;
  /** Offsets in the file's text. */
  readonly span?: readonly [number, number] | undefined;
  /** As it stands in the file, quotes included, if it is short and some of its characters look like ASCII. */
  readonly raw?: string | undefined;
  /** A number that can't be read as one without a loss. */
  readonly lossy?: "digits" | "not-finite" | undefined;
  /** Where each `${` of the value stands, in their order. */
  readonly marks?: readonly Location[] | undefined;
  /** What stood in the place of its interpolations, where it was put together from several parts. */
  readonly inserted?: readonly PlacedText[] | undefined;
  /** Of the path of an item's file: the directory that it is relative to, by its path from the project. */
  readonly base?: string | undefined;
  /** The file of the project that its text was read from. */
  readonly textFile?: string | undefined;
  /** It is the text below the front matter of a file, which is a template. */
  readonly body?: TemplateSource | undefined;
  /** Of a text that a template gives: the pieces that it was put together from, in their order. */
  readonly pieces?: readonly TextPiece[] | undefined;
  /** Not typed here but put in from elsewhere; what comes from the environment is never shown. */
  readonly from?: "variable" | "environment" | "file" | undefined;
  /** The environment variable that it comes from, wholly or in part: it is a secret, whatever it holds. */
  readonly secretOf?: string | undefined;
  /** Where that variable is put in, if that isn't where the value stands. */
  readonly secretAt?: Location | undefined;
  /** Written in clear where it stands, and reported with its file. */
  readonly secret?: true | undefined;
  /** A whole string stood for this value, so it may become what its field wants: `"5"` a number. */
  readonly convertible?: true | undefined;
  /** What it holds is known only later: a placeholder stands for it. */
  readonly later?: true | undefined;
  /** A problem with it is reported already; nothing more can be said of it. */
  readonly broken?: true | undefined;
}

/** The text of a template, and where it is written. */
export interface TemplateSource {
  readonly file: string;
  readonly text: string;
  /** The place of an offset of the text. */
  readonly place: (offset: number) => Location;
}

/** A piece of a text that a template gives. */
export interface TextPiece {
  /** Its offset in the text. */
  readonly start: number;
  /** Where it is written, or where what gives it is. */
  readonly at: Location;
  /** It is written there as it is. */
  readonly literal: boolean;
  /** What another file gives. The offsets of its pieces count from its own beginning. */
  readonly included?: { readonly file: string; readonly pieces: readonly TextPiece[] } | undefined;
}

/** A text and where it is written. */
export interface PlacedText {
  readonly text: string;
  readonly at: Location;
}

export interface List {
  readonly type: "list";
  readonly at: Location;
  readonly items: readonly SourceNode[];
}

export interface Mapping {
  readonly type: "map";
  readonly at: Location;
  readonly entries: ReadonlyMap<string, SourceEntry>;
}

export interface SourceEntry {
  /** Where the key is written. */
  readonly key: Location;
  readonly value: SourceNode;
}

/** The value under a key of a map; undefined when there is none. */
export const valueAt = (node: SourceNode | undefined, key: string): SourceNode | undefined =>
  node?.type === "map" ? node.entries.get(key)?.value : undefined;

/** The map under a key of a map. */
export function mappingAt(node: SourceNode | undefined, key: string): Mapping | undefined {
  const value = valueAt(node, key);
  return value?.type === "map" ? value : undefined;
}

/** The text that a scalar holds. */
export const textOf = (node: SourceNode | undefined): string | undefined =>
  node?.type === "scalar" && typeof node.value === "string" ? node.value : undefined;

/** A text with which nothing is wrong so far: what is reported already may be a secret, and is shown nowhere. */
export const validText = (node: SourceNode | undefined): string | undefined =>
  node?.type === "scalar" && node.broken ? undefined : textOf(node);

/** The valid texts of a list; nothing of any other node. */
export function validTexts(list: SourceNode | undefined): readonly PlacedText[] {
  if (list?.type !== "list") return [];
  return list.items.flatMap((item) => {
    const text = validText(item);
    return text === undefined ? [] : [{ text, at: item.at }];
  });
}

/** The path of `{file: path}`, when the value is exactly that. */
export function onlyTextUnder(node: SourceNode, key: string): Scalar | undefined {
  if (node.type !== "map" || node.entries.size !== 1) return undefined;
  const value = valueAt(node, key);
  return value?.type === "scalar" && typeof value.value === "string" ? value : undefined;
}

/** The part that a path leads to, or the nearest one around it. */
export function nodeAt(node: SourceNode, path: Path): { readonly node: SourceNode; readonly whole: boolean } {
  let current = node;
  for (const step of path) {
    const next = current.type === "list" ? current.items[Number(step)] : valueAt(current, String(step));
    if (!next) return { node: current, whole: false };
    current = next;
  }
  return { node: current, whole: true };
}

/** The bare value. */
export function toJson(node: SourceNode): Json {
  if (node.type === "scalar") return node.value;
  if (node.type === "list") return node.items.map(toJson);
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, toJson(value)]));
}

/** Gives a bare value the one place where it stands. */
export function fromJson(value: Json, at: Location): SourceNode {
  if (Array.isArray(value)) {
    return { type: "list", at, items: value.map((item: Json) => fromJson(item, at)) };
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, item]): [string, SourceEntry] => [
      key,
      { key: at, value: fromJson(item, at) },
    ]);
    return { type: "map", at, entries: new Map(entries) };
  }
  return { type: "scalar", at, value: value as Scalar["value"], source: String(value) };
}

/**
 * A map with every value replaced; keys keep their places. Where nothing changes it is the same map, and so is any other
 * node: most parts of a manifest pass through every step unchanged.
 */
export function mapEntries<Node extends SourceNode>(
  node: Node,
  change: (value: SourceNode, key: string) => SourceNode,
): Node {
  if (node.type !== "map") return node;
  let entries: Map<string, SourceEntry> | undefined;
  for (const [name, { key, value }] of node.entries) {
    const changed = change(value, name);
    if (changed === value) continue;
    entries ??= new Map(node.entries);
    entries.set(name, { key, value: changed });
  }
  return entries ? { ...node, entries } : node;
}

/** A list with every item replaced; the same list where nothing changes. */
export function mapItems(node: List, change: (item: SourceNode, index: number) => SourceNode): List {
  const items = node.items.map(change);
  return items.some((item, index) => item !== node.items[index]) ? { ...node, items } : node;
}

/** The place behind a text that begins at another place. */
export function moveBy({ file, line, column }: Location, text: string): Location {
  const [first = "", ...others] = text.split("\n");
  const last = others.at(-1);
  return last === undefined
    ? { file, line, column: column + first.length }
    : { file, line: line + others.length, column: last.length + 1 };
}

/** Where a part of a text is written that a file gives; undefined of any other. */
export function placeInText({ value, textFile, pieces }: Scalar, offset: number): Location | undefined {
  const text = String(value);
  if (pieces) return placeInPieces(pieces, text, offset);
  return textFile === undefined
    ? undefined
    : moveBy({ file: textFile, line: 1, column: 1 }, text.slice(0, offset));
}

/** Where a part of a text that a template gives is written. */
export function placeInPieces(
  pieces: readonly TextPiece[],
  text: string,
  offset: number,
): Location | undefined {
  const piece = pieces.findLast(({ start }) => start <= offset);
  if (!piece) return undefined;
  const { start, at, literal, included } = piece;
  if (included) return placeInPieces(included.pieces, text.slice(start), offset - start) ?? at;
  return literal ? moveBy(at, text.slice(start, offset)) : at;
}

/** The files that the pieces of a text come from, but for the one of the text itself. */
export function includedFiles(pieces: readonly TextPiece[]): ReadonlySet<string> {
  const files = new Set<string>();
  // A file may be included many times, and include others as often.
  const seen = new Set<readonly TextPiece[]>();
  const visit = (some: readonly TextPiece[]): void => {
    if (seen.has(some)) return;
    seen.add(some);
    for (const { included } of some) {
      if (!included) continue;
      files.add(included.file);
      visit(included.pieces);
    }
  };
  visit(pieces);
  return files;
}

/** What a record itself holds under a key that users chose: `constructor` is in none. */
export const ownValue = <T>(record: { readonly [key: string]: T }, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** A map with one more value, or another one under a key that keeps its place. */
export function withEntry(node: Mapping, key: string, value: SourceNode): Mapping {
  if (node.entries.get(key)?.value === value) return node;
  const entry = { key: node.entries.get(key)?.key ?? value.at, value };
  return { ...node, entries: new Map(node.entries).set(key, entry) };
}
