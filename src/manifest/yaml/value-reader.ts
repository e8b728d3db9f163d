import {
  type Alias,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  type Pair,
  type ParsedNode,
  type Node as YamlNode,
} from "yaml";
import type { Location } from "../../core/diagnostic.ts";
import { type Explained, explain } from "../../messages/text.ts";
import type { Report } from "../problems.ts";
import { type Place, ScalarReader } from "./scalar-reader.ts";
import type { Scalar, SourceEntry, SourceNode } from "./source-tree.ts";
import { describeDepth } from "./syntax-errors.ts";
import { maxDepth } from "./tokens.ts";

// Aliases of aliases can stand for more nodes than memory holds.
const maxNodes = 10_000;

/** Where the anchors of a name stand. */
export type Anchors = ReadonlyMap<string, readonly Location[]>;

/** Reads the values of one document. */
export class ValueReader {
  readonly #scalars: ScalarReader;
  readonly #place: Place;
  readonly #report: Report;
  readonly #anchors = new Map<string, YamlNode>();
  readonly #elsewhere: Anchors;
  readonly #open = new Set<YamlNode>();
  #aliased = 0;
  #exhausted = false;

  /** `elsewhere`: where the anchors of all the file's documents stand. */
  constructor(text: string, place: Place, report: Report, elsewhere: Anchors) {
    this.#scalars = new ScalarReader(text, place, report);
    this.#place = place;
    this.#report = report;
    this.#elsewhere = elsewhere;
  }

  /** `key`: where the key before this value stands, which is where a block or an absent value is placed. */
  read(node: YamlNode | null, key: Location, inAlias = false): SourceNode {
    if (inAlias) this.#aliased += 1;
    if (!node) return { type: "scalar", at: key, value: null, source: "" };
    if (isAlias(node)) return this.#readAlias(node, key);
    if ("anchor" in node && typeof node.anchor === "string") this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalars.read(node, key);
    if (!isCollection(node)) return { type: "scalar", at: key, value: null, source: "" };
    if (this.#open.size > maxDepth) {
      this.#report(key, describeDepth());
      return { type: "scalar", at: key, value: null, source: "", broken: true };
    }
    this.#open.add(node);
    const at = node.flow ? this.#place(node.range?.[0] ?? 0) : key;
    const read: SourceNode = isMap(node)
      ? { type: "map", at, entries: this.#readEntries(node.items, node.range?.[0] ?? 0, inAlias) }
      : { type: "list", at, items: node.items.map((item) => this.#readItem(item, inAlias)) };
    this.#open.delete(node);
    return read;
  }

  #readItem(item: unknown, inAlias: boolean): SourceNode {
    // A list that is tagged as a map in order holds pairs.
    if (isPair(item)) {
      const begin = (item.key as YamlNode | null)?.range?.[0] ?? 0;
      return { type: "map", at: this.#place(begin), entries: this.#readEntries([item], begin, inAlias) };
    }
    const node = item as ParsedNode;
    return this.read(node, this.#place(node.range[0]), inAlias);
  }

  #readAlias(alias: Alias, key: Location): SourceNode {
    const name = alias.source;
    const target = this.#anchors.get(name);
    const at = alias.range ? this.#place(alias.range[0]) : key;
    const broken: Scalar = { type: "scalar", at, value: null, source: "", broken: true };
    if (!target) {
      this.#report(at, { code: "yaml-syntax", ...this.#explainNoAnchor(name, at) });
      return broken;
    }
    if (this.#open.has(target)) {
      this.#report(at, { code: "yaml-syntax", ...explain("manifest-yaml/alias-in-itself", { name }) });
      return broken;
    }
    if (this.#aliased > maxNodes) {
      // The other aliases are as many.
      const problem = explain("manifest-yaml/too-many-values", { count: maxNodes });
      if (!this.#exhausted) this.#report(at, { code: "yaml-syntax", ...problem });
      this.#exhausted = true;
      return broken;
    }
    return this.read(target, target.range ? this.#place(target.range[0]) : at, true);
  }

  #explainNoAnchor(name: string, at: Location): Explained {
    const known = this.#elsewhere.get(name) ?? [];
    const above = known.findLast(({ line }) => line < at.line);
    if (above) return explain("manifest-yaml/anchor-of-other-document", { name, line: above.line });
    const [below] = known;
    if (below) return explain("manifest-yaml/anchor-below", { name, line: below.line });
    return explain("manifest-yaml/no-anchor", { name });
  }

  #readEntries(pairs: readonly Pair[], begin: number, inAlias: boolean): ReadonlyMap<string, SourceEntry> {
    const entries = new Map<string, SourceEntry>();
    const merged: SourceNode[] = [];
    for (const pair of pairs) {
      const key = pair.key as YamlNode | null;
      const at = this.#place(key?.range?.[0] ?? begin);
      if (isScalar(key) && typeof key.value === "symbol") {
        merged.push(this.read(pair.value as YamlNode | null, at, inAlias));
        continue;
      }
      const name = this.#keyText(pair, at);
      const value = this.read(pair.value as YamlNode | null, at, inAlias);
      if (name === undefined) continue;
      const first = entries.get(name);
      if (first) {
        const values = { key: JSON.stringify(name), line: first.key.line };
        this.#report(at, { code: "duplicate-key", ...explain("manifest-yaml/key-twice", values) });
      } else entries.set(name, { key: at, value });
    }
    for (const source of merged) this.#merge(entries, source);
    return entries;
  }

  #keyText(pair: Pair, at: Location): string | undefined {
    const key = pair.key;
    // The source keeps every digit of an id that stands as a key without quotes.
    if (isScalar(key) && key.value !== null) {
      return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
    }
    this.#report(at, { code: "yaml-syntax", ...explain("manifest-yaml/key-not-a-string") });
    return undefined;
  }

  #merge(entries: Map<string, SourceEntry>, source: SourceNode): void {
    for (const from of source.type === "list" ? source.items : [source]) {
      if (from.type === "map") {
        for (const [key, entry] of from.entries) if (!entries.has(key)) entries.set(key, entry);
      } else if (from.type === "list" || !from.broken) {
        this.#report(from.at, { code: "yaml-syntax", ...explain("manifest-yaml/merge-without-map") });
      }
    }
  }
}
