import { isMap, isSeq, type Pair, Scalar, type YAMLMap, type Node as YamlNode } from "yaml";
import type { Json } from "../../core/value.ts";
import { writeFlow, writeText } from "./write-text.ts";

/** A part of a text that another one replaces. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text, and what is to change in it. */
export interface EditContext {
  readonly text: string;
  readonly splices: Splice[];
}

/** Writes keys behind those that a map has. Returns why it can't. */
export function addEntries(
  { text, splices }: EditContext,
  node: YAMLMap<YamlNode, YamlNode | null>,
  added: { readonly [key: string]: Json },
): "other" | undefined {
  const last = node.items.at(-1);
  const start = node.items[0]?.key.range?.[0];
  if (!last || start === undefined) return "other";
  if (node.flow) {
    const end = last.value?.range?.[1] ?? last.key.range?.[1] ?? start;
    const texts = Object.entries(added).map(([key, value]) => `, ${writeEntry(key, writeItem(value, true))}`);
    splices.push({ start: end, end, text: texts.join("") });
    return undefined;
  }
  const margin = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  const indent = margin.length;
  const end = endOfEntry(text, last);
  const apart = text[end - 1] === "\n" ? "" : "\n";
  const lines = Object.entries(added).map(([key, value]) => {
    const put =
      typeof value === "string"
        ? writeText(value, { style: Scalar.PLAIN, raw: "", indent, inFlow: false })
        : writeFlow(value);
    return [" ".repeat(indent), writeEntry(key, put), put.endsWith("\n") ? "" : "\n"].join("");
  });
  splices.push({ start: end, end, text: `${apart}${lines.join("")}` });
  return undefined;
}

const writeEntry = (key: string, value: string): string => [key, value].join(": ");

/** Where the line ends on which a value of a block map does, or on which its key stands. */
function endOfEntry(text: string, { key, value }: Pair<YamlNode, YamlNode | null>): number {
  const end = endOfLast(value) ?? value?.range?.[1] ?? key.range?.[1] ?? 0;
  if (text[end - 1] === "\n") return end;
  const line = text.indexOf("\n", end);
  return line < 0 ? text.length : line + 1;
}

/** Takes a key out of its map, which needs another one. Returns why it can't. */
export function removeEntry(
  { text, splices }: EditContext,
  map: YAMLMap<YamlNode, YamlNode | null> | undefined,
  index: number,
): "missing" | "other" | undefined {
  const pair = map?.items[index];
  const start = pair?.key.range?.[0];
  if (!map || !pair || start === undefined) return "missing";
  if (map.items.length === 1) return "other";
  if (map.flow) {
    const former = map.items[index - 1];
    const next = map.items[index + 1]?.key.range?.[0] ?? start;
    const end = pair.value?.range?.[1] ?? pair.key.range?.[1] ?? start;
    // With the comma before it, so that those of neighbours are no part of it.
    splices.push(
      former
        ? { start: former.value?.range?.[1] ?? former.key.range?.[1] ?? start, end, text: "" }
        : { start, end: next, text: "" },
    );
    return undefined;
  }
  const line = text.lastIndexOf("\n", start - 1) + 1;
  // A block that begins behind a dash shares its line.
  if (text.slice(line, start).trim() !== "") return "other";
  splices.push({ start: line, end: endOfEntry(text, pair), text: "" });
  return undefined;
}

/** Where the last item of a block list, or the last value of a block map, ends. */
export function endOfLast(node: YamlNode | null): number | undefined {
  if (!isSeq(node) && !isMap(node)) return undefined;
  const last: unknown = node.items.at(-1);
  const { value, key } = (isMap(node) ? last : { value: last }) as Partial<Pair<YamlNode, YamlNode>>;
  const inner = value ?? key;
  if ((isSeq(inner) || isMap(inner)) && !inner.flow) return endOfLast(inner);
  return inner?.range?.[1];
}

/** An item of a list, or the value of a key. */
export const writeItem = (value: Json, inFlow: boolean): string =>
  typeof value === "string"
    ? writeText(value, { style: Scalar.PLAIN, raw: "", indent: 0, inFlow: inFlow || value.includes("\n") })
    : writeFlow(value);
