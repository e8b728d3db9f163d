import { diffArrays } from "diff";
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseAllDocuments,
  Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
  type Node as YamlNode,
} from "yaml";
import type { Location } from "../../core/diagnostic.ts";
import { canonicalJson, isObject, type Json } from "../../core/value.ts";
import {
  addEntries,
  type EditContext,
  endOfLast,
  removeEntry,
  type Splice,
  writeItem,
} from "./edit-entries.ts";
import { writeFlow, writeText } from "./write-text.ts";

/** A value of a YAML text, and what it becomes; both as the text's own parser would give them. */
export interface ValueEdit {
  /** Where the value is written; that of a block or an empty value is the place of its key. */
  readonly at: Pick<Location, "line" | "column">;
  /** Of a map, the keys that are meant: it may have others, which stay. */
  readonly before: Json;
  /** Undefined: the value and its key are taken out. */
  readonly after: Json | undefined;
}

/** `alias`: an anchor elsewhere holds it; `other`: the text says something else than `before`; `missing`: nothing is there. */
export type EditRefusal = "alias" | "other" | "missing";

export interface EditedText {
  readonly text: string;
  /** The edits that weren't made. */
  readonly refused: ReadonlyMap<ValueEdit, EditRefusal>;
}

/**
 * Changes values of a YAML text, each in its own style. Every other byte stays: comments, quotes, line ends, the other
 * items of a list. Leaves out the edits that can't be made so.
 */
export function editYamlValues(original: string, edits: readonly ValueEdit[]): EditedText {
  const { text, restore } = withoutReturns(original);
  const documents = parseAllDocuments(text, options);
  const targetAt = indexTargets(text, documents);
  const refused = new Map<ValueEdit, EditRefusal>();
  const made = edits.flatMap((edit) => {
    const target = targetAt(edit.at);
    const splices: Splice[] = [];
    const { before, after } = edit;
    const refusal =
      target &&
      (after === undefined
        ? removeEntry({ text, splices }, target.map, target.index)
        : editNode({ text, splices }, target.node, { ...target, before, after }));
    if (!target) refused.set(edit, "missing");
    else if (refusal) refused.set(edit, refusal);
    return refusal || !target ? [] : [{ edit, splices, path: target.path() }];
  });
  const isSound = (some: typeof made): boolean =>
    changesOnly(
      documents,
      applySplices(
        text,
        some.flatMap(({ splices }) => splices),
      ),
      some.map(({ path }) => path),
    );
  const sound = isSound(made) ? made : [];
  // Each may be sound alone, and not beside another one.
  if (sound !== made) for (const one of made) if (isSound([...sound, one])) sound.push(one);
  for (const one of made) if (!sound.includes(one)) refused.set(one.edit, "alias");
  return { text: restore(sound.flatMap(({ splices }) => splices)), refused };
}

const applySplices = (text: string, splices: readonly Splice[]): string =>
  splices
    .map((splice, index) => ({ ...splice, index }))
    .sort((a, b) => b.start - a.start || b.end - a.end || b.index - a.index)
    .reduce((done, { start, end, text: put }) => done.slice(0, start) + put + done.slice(end), text);

/** A text with LF alone, and how splices of it are made in the original, whose added lines end like its first. */
function withoutReturns(marked: string) {
  const mark = marked.startsWith("\uFEFF") ? "\uFEFF" : "";
  const original = marked.slice(mark.length);
  const text = original.replaceAll("\r\n", "\n");
  const lineEnd = /\r?\n/u.exec(original)?.[0] ?? "\n";
  const offsets: number[] = [];
  for (const { index } of original.matchAll(/\r\n/gu)) offsets.push(index - offsets.length);
  // A place in the text is as many units further in the original as returns stand before it.
  const inOriginal = (offset: number) => offset + countBelow(offsets, offset);
  const restore = (splices: readonly Splice[]) =>
    mark +
    applySplices(
      original,
      splices.map(({ start, end, text: put }) => ({
        start: inOriginal(start),
        end: inOriginal(end),
        text: put.replaceAll("\n", lineEnd),
      })),
    );
  return { text, restore };
}

/** How many of some ascending numbers are below another one. */
function countBelow(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Path = readonly (string | number)[];
type Parsed = ReturnType<typeof parseAllDocuments>[number];

interface Target {
  readonly node: YamlNode | null;
  /** The offset behind the colon of its key, for what has no offset of its own. */
  readonly behindKey: number;
  /** Columns before its key. */
  readonly indent: number;
  readonly inFlow: boolean;
  /** The map that has it, and where in it. */
  readonly map: YAMLMap<YamlNode, YamlNode | null> | undefined;
  readonly index: number;
  /** Keys and indexes from the first document on. */
  path(): Path;
}

const options = { keepSourceTokens: true, merge: true, uniqueKeys: false, logLevel: "silent" } as const;

/** Finds the value that is written at a place, or behind the key that is. */
function indexTargets(text: string, documents: readonly Parsed[]) {
  const targets = new Map<number, Target>();
  documents.forEach((document, index) => {
    visit(document, {
      Pair(at, pair, parents) {
        const { key, value } = pair as Pair<YamlNode | null, YamlNode | null>;
        const start = key?.range?.[0];
        if (start === undefined) return;
        const end = key?.range?.[1] ?? start;
        const target: Target = {
          node: value,
          behindKey: text.indexOf(":", end) + 1,
          indent: start - (text.lastIndexOf("\n", start - 1) + 1),
          map: isMap(parents.at(-1)) ? (parents.at(-1) as YAMLMap<YamlNode, YamlNode | null>) : undefined,
          index: Number(at),
          inFlow: parents.some((one) => (isMap(one) || isSeq(one)) && one.flow === true),
          path: () => [index, ...pathOf(parents), isScalar(key) ? String(key.value) : ""],
        };
        // A block begins with its first key, whose own value is meant then.
        const isBlock = (isMap(value) || isSeq(value)) && value.flow !== true;
        for (const at of [start, ...(isBlock ? [] : [value?.range?.[0] ?? start])]) {
          if (!targets.has(at)) targets.set(at, target);
        }
      },
    });
  });
  const starts = [0, ...[...text.matchAll(/\n/gu)].map(({ index }) => index + 1)];
  return ({ line, column }: ValueEdit["at"]) => targets.get((starts[line - 1] ?? 0) + column - 1);
}

/** Keys and indexes of a node's parents, the outermost first. */
function pathOf(parents: readonly unknown[]): Path {
  return parents.flatMap((parent, index): Path => {
    const child = parents[index + 1];
    if (isSeq(parent) && child !== undefined) return [parent.items.indexOf(child)];
    if (isMap(parent) && child !== undefined) return [];
    const { key } = (parent ?? {}) as Partial<Pair<YamlNode | null, unknown>>;
    return isScalar(key) ? [String(key.value)] : [];
  });
}

type NodeEdit = Pick<Target, "behindKey" | "indent" | "inFlow"> & {
  readonly before: Json;
  readonly after: Json;
};

function editNode(context: EditContext, node: YamlNode | null, edit: NodeEdit): EditRefusal | undefined {
  const { before, after } = edit;
  if (canonicalJson(before) === canonicalJson(after)) return undefined;
  if (isAlias(node)) return "alias";
  if (isSeq(node) && Array.isArray(before)) {
    if (node.items.length !== before.length) return "other";
    if (Array.isArray(after) && after.length > 0 && before.length > 0) {
      return editItems(context, node, { ...edit, before, after });
    }
  }
  if (isMap(node) && isObject(before) && isObject(after) && Object.keys(after).length > 0) {
    return editEntries(context, node as YAMLMap<YamlNode, YamlNode | null>, { ...edit, before, after });
  }
  if (isScalar(node) && !isSame(node.value, before)) return "other";
  replaceNode(context, node, edit);
  return undefined;
}

const isSame = (value: unknown, before: Json): boolean =>
  typeof before === "string"
    ? String(value) === before
    : Number(value) === Number(before) || value === before;

/** Puts another value where a node is, in its style if it is a scalar. */
function replaceNode({ text, splices }: EditContext, node: YamlNode | null, edit: NodeEdit): void {
  const { after, behindKey, indent, inFlow } = edit;
  const [start, end] = node?.range ?? [behindKey, behindKey];
  const isEmpty = start === end;
  const isBlock = (isSeq(node) || isMap(node)) && !node.flow;
  const from = isEmpty || isBlock ? behindKey : start;
  const space = isEmpty || isBlock ? " " : "";
  const style = isScalar(node) ? node.type : undefined;
  const raw = text.slice(start, end);
  const put =
    typeof after === "string"
      ? writeText(after, { style: style ?? Scalar.PLAIN, raw, indent, inFlow })
      : writeFlow(after);
  // A comment behind the last item is of the file, and stays.
  const until = isBlock ? start + text.slice(start, endOfLast(node) ?? end).trimEnd().length : end;
  // A block scalar takes its last line end along.
  const wasBlock = style === Scalar.BLOCK_LITERAL || style === Scalar.BLOCK_FOLDED;
  const isStillBlock = put.endsWith("\n");
  const tail = wasBlock && !isStillBlock ? "\n" : "";
  const cut = isStillBlock && !wasBlock && text[until] === "\n" ? put.slice(0, -1) : put;
  splices.push({ start: from, end: until, text: `${space}${cut}${tail}` });
}

type ListEdit = NodeEdit & { readonly before: readonly Json[]; readonly after: readonly Json[] };

/** Takes items out of a list and puts others in; those that stay keep their bytes. */
function editItems(context: EditContext, node: YAMLSeq, edit: ListEdit): EditRefusal | undefined {
  const { before, after } = edit;
  const kept = alignItems(before, after);
  const ranges = node.items.map((item) => (item as YamlNode).range ?? ([0, 0, 0] as const));
  if (node.flow) {
    const texts = after.map((value, index) => {
      const old = kept.get(index);
      const range = old === undefined ? undefined : ranges[old];
      return range ? context.text.slice(range[0], range[1]) : writeItem(value, true);
    });
    const first = ranges[0];
    const last = ranges.at(-1);
    if (!first || !last) return "other";
    context.splices.push({ start: first[0], end: last[1], text: texts.join(", ") });
    return undefined;
  }
  return editBlockItems(context, node, edit, kept);
}

function editBlockItems(
  { text, splices }: EditContext,
  node: YAMLSeq,
  { after }: ListEdit,
  kept: ReadonlyMap<number, number>,
): EditRefusal | undefined {
  // The lines of an item: from its dash to the next item's.
  const dashes = node.items.map((item) => text.lastIndexOf("-", ((item as YamlNode).range?.[0] ?? 0) - 1));
  const [first] = dashes;
  if (first === undefined || dashes.includes(-1)) return "other";
  const margin = text.slice(text.lastIndexOf("\n", first - 1) + 1, first);
  if (margin.trim() !== "") return "other";
  const lineStart = (offset: number) => text.lastIndexOf("\n", offset - 1) + 1;
  const lineEnd = (offset: number) =>
    text.indexOf("\n", offset) < 0 ? text.length : text.indexOf("\n", offset) + 1;
  const ends = node.items.map((item) => lineEnd(Math.max(0, ((item as YamlNode).range?.[1] ?? 1) - 1)));
  const stays = new Set(kept.values());
  dashes.forEach((dash, index) => {
    if (!stays.has(index)) splices.push({ start: lineStart(dash), end: ends[index] ?? dash, text: "" });
  });
  // New items stand behind the one before them that stays, or before all.
  let behind = lineStart(first);
  for (const [index, value] of after.entries()) {
    const old = kept.get(index);
    if (old !== undefined) behind = ends[old] ?? behind;
    else {
      const apart = text[behind - 1] === "\n" || behind === 0 ? "" : "\n";
      splices.push({ start: behind, end: behind, text: `${apart}${margin}- ${writeItem(value, false)}\n` });
    }
  }
  return undefined;
}

/** By index of the new list, the index of the equal item of the old one that stays: a longest common subsequence. */
function alignItems(before: readonly Json[], after: readonly Json[]): ReadonlyMap<number, number> {
  const parts = diffArrays(
    before.map((item: Json) => canonicalJson(item)),
    after.map((item: Json) => canonicalJson(item)),
  );
  const kept = new Map<number, number>();
  let old = 0;
  let now = 0;
  for (const { count, added, removed } of parts) {
    if (!added && !removed) for (let step = 0; step < count; step += 1) kept.set(now + step, old + step);
    if (!added) old += count;
    if (!removed) now += count;
  }
  return kept;
}

type MapEdit = NodeEdit & {
  readonly before: { readonly [key: string]: Json };
  readonly after: { readonly [key: string]: Json };
};

/** Changes, adds and takes away keys of a map. */
function editEntries(
  context: EditContext,
  node: YAMLMap<YamlNode, YamlNode | null>,
  { before, after, ...edit }: MapEdit,
): EditRefusal | undefined {
  const added = Object.keys(after).filter((key) => !Object.hasOwn(before, key));
  const isRemoved = Object.keys(before).some((key) => !Object.hasOwn(after, key));
  if (added.length > 0 && !isRemoved && Object.keys(before).length === 0) {
    if (node.items.length > 0) return addEntries(context, node, after);
  }
  // A map is short: it is written whole where its keys change.
  if (added.length > 0 || isRemoved) {
    replaceNode(context, node, { ...edit, before, after });
    return undefined;
  }
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : "";
    const [old, now] = [before[name], after[name]];
    if (old === undefined || now === undefined) continue;
    const start = key.range?.[0] ?? 0;
    const refused = editNode(context, value, {
      before: old,
      after: now,
      behindKey: context.text.indexOf(":", key.range?.[1] ?? 0) + 1,
      indent: start - (context.text.lastIndexOf("\n", start - 1) + 1),
      inFlow: edit.inFlow || node.flow === true,
    });
    if (refused) return refused;
  }
  return undefined;
}

/**
 * Whether an edited text says the same as before but for what stands below some paths: an anchor's value stands in other
 * places, too.
 */
function changesOnly(documents: readonly Parsed[], after: string, paths: readonly Path[]): boolean {
  const edited = parseAllDocuments(after, options);
  if (edited.some(({ errors }) => errors.length > 0)) return false;
  const edits = new Set(paths.map(nameOf));
  const [old, now] = [documents, edited].map((all) =>
    JSON.stringify(all.map((document, index) => withoutPaths(document.toJS(), edits, nameOf([index])))),
  );
  return old === now;
}

const nameOf = (path: Path): string => path.map((step) => `/${step}`).join("");

/** A value with null where some paths lead. */
function withoutPaths(value: unknown, paths: ReadonlySet<string>, here: string): unknown {
  if (paths.has(here)) return null;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item, index) => withoutPaths(item, paths, `${here}/${index}`));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !paths.has(`${here}/${key}`))
      .map(([key, item]) => [key, withoutPaths(item, paths, `${here}/${key}`)]),
  );
}
