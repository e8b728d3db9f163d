import { formatPath } from "../core/spec-walk.ts";
import { isFileContent, isObject, type Json } from "../core/value.ts";
import { say } from "../messages/text.ts";
import type { FieldChange } from "../plan/diff.ts";
import { printableLine } from "./escape-control.ts";
import type { ShownChange } from "./step-view.ts";
import {
  type Drawing,
  indent,
  type Line,
  padTo,
  plain,
  type Span,
  type Tone,
  widthOf,
  wrapLine,
} from "./styled-text.ts";
import { diffTexts } from "./text-diff.ts";
import { characters, formatContent, formatValue, isLongText, isSpecial } from "./values.ts";
import { differInBlanks } from "./word-diff.ts";

/** How the changes of a step are drawn. `full`: show long texts in full. */
export interface ChangeDrawing extends Drawing {
  readonly full: boolean;
}

/** Names are padded to the longest one, up to this many columns. */
const widestName = 32;

/** The most lines of a word diff. */
const mostLines = 24;

/** The changed fields of a step as `path: old -> new`; long texts and lists as diffs. */
export function drawChanges(changes: readonly ShownChange[], drawing: ChangeDrawing): readonly Line[] {
  const names = changes.map(({ path }) => `${printableLine(formatPath(path))}:`);
  const column = nameColumn(names);
  return changes.flatMap((change, index) => {
    const name: Span = { text: padTo(names[index] ?? "", column) };
    const { head, below = [] } = describeChange(change, drawing);
    const marks: readonly Span[] = [
      ...(isBlind(change) ? mark(say("report/last-applied"), "dim") : []),
      ...(change.replaces ? mark(say("report/forces-replacement"), "replace") : []),
      ...(change.remark === undefined ? [] : mark(`(${printableLine(change.remark)})`, "dim")),
    ];
    const line = [name, { text: " " }, ...head, ...marks];
    return [...wrapLine(line, drawing.width, 4), ...below];
  });
}

const mark = (text: string, tone: Tone): Line => [{ text: "  " }, { text, tone }];

/** Whether the old value comes from the state because Coze can't return it. Files never can be read back. */
const isBlind = ({ unreadable, before, sensitive }: FieldChange): boolean =>
  unreadable === true && before !== undefined && !sensitive && !isFileContent(before);

/** The fields of a new object, one a line. */
export function drawFields(
  values: { readonly [name: string]: Json },
  drawing: ChangeDrawing,
): readonly Line[] {
  const rows = flatten(
    Object.entries(values).map(([name, value]) => ({ name: printableLine(name), value })),
    drawing.width,
  );
  const column = nameColumn(rows.map(({ name }) => `${name}:`));
  return rows.flatMap(({ name, value }) => {
    const start = padTo(`${name}:`, column);
    const room = Math.max(20, drawing.width - widthOf(start) - 20);
    return wrapLine(plain([start, formatValue(value, room)].join(" ")), drawing.width, 4);
  });
}

const nameColumn = (names: readonly string[]): number =>
  Math.max(0, ...names.map((name) => widthOf(name)).filter((width) => width <= widestName));

interface Row {
  readonly name: string;
  readonly value: Json;
}

/** Splits objects that don't fit on a line, or have one field, level by level. */
function flatten(rows: readonly Row[], width: number): readonly Row[] {
  const column = nameColumn(rows.map(({ name }) => `${name}:`));
  const fits = ({ name, value }: Row) =>
    Math.max(column, widthOf(name) + 1) + 1 + widthOf(formatValue(value)) <= width;
  const parts = rows.map((row): readonly Row[] => {
    const { name, value } = row;
    const size = isItem(value) ? Object.keys(value).length : 0;
    if (!isItem(value) || size === 0 || (size > 1 && fits(row))) return [row];
    return Object.entries(value).map(([key, part]) => ({
      name: `${name}.${printableLine(key)}`,
      value: part,
    }));
  });
  const apart = parts.some((part, index) => part[0] !== rows[index]);
  return apart ? flatten(parts.flat(), width) : rows;
}

interface Description {
  readonly head: Line;
  readonly below?: readonly Line[];
}

function describeChange(change: ShownChange, drawing: ChangeDrawing): Description {
  const { before, after } = change;
  const areTexts = typeof before === "string" && typeof after === "string" && before && after;
  if (areTexts && (isLongText(before) || isLongText(after))) return describeTexts(before, after, drawing);
  const lists = change.items ? isList : isPlainList;
  if (lists(before) && lists(after)) return describeLists(before, after, drawing);
  if (before === undefined && !change.unknownBefore && !change.unreadable && isItem(after)) {
    return { head: [{ text: `+ ${formatValue(after)}`, tone: "create" }] };
  }
  if (after === undefined && !change.cleared && isItem(before)) {
    return { head: [{ text: `- ${formatValue(before)}`, tone: "delete" }] };
  }
  return { head: arrow(formatBefore(change), formatAfter(change)), below: tellApart(before, after, drawing) };
}

/** Shows where two texts that look equal differ: in white space or invisible characters. */
const tellApart = (
  before: Json | undefined,
  after: Json | undefined,
  drawing: ChangeDrawing,
): readonly Line[] =>
  typeof before === "string" && typeof after === "string" && differInBlanks(before, after)
    ? (drawTexts(before, after, drawing) ?? [])
    : [];

const arrow = (before: string, after: string): Line => [
  { text: before },
  { text: " -> ", tone: "dim" },
  { text: after },
];

/** A plain object. An item of a keyed list is added or removed as a whole. */
const isItem = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  isObject(value) && !isSpecial(value);

function formatBefore({ before, unreadable, unknownBefore }: FieldChange): string {
  if (before !== undefined) return formatValue(before);
  return unreadable || unknownBefore ? say("report/unread") : say("report/default");
}

function formatAfter({ before, after, cleared, unreadable }: FieldChange): string {
  if (after === undefined) return unreadable && !cleared ? say("report/unread") : say("report/default");
  if (isFileContent(after) && isFileContent(before) && after.$file === before.$file)
    return formatContent(after);
  if (!cleared) return formatValue(after);
  const empty = after === "" || (isObject(after) && Object.keys(after).length === 0) || isNothing(after);
  return empty ? say("report/default") : say("report/default-value", { value: formatValue(after) });
}

const isNothing = (value: Json): boolean => value === null || (Array.isArray(value) && value.length === 0);

function describeTexts(before: string, after: string, drawing: ChangeDrawing): Description {
  const below = drawTexts(before, after, drawing);
  if (!below) {
    const head = arrow(formatValue(before, 24), formatValue(after, 24));
    return { head: [...head, ...mark(say("report/rewritten"), "dim")] };
  }
  const lengths = characters(before) === characters(after) ? "" : `${characters(before)} -> `;
  return { head: [{ text: lengths + characters(after), tone: "dim" }], below };
}

function drawTexts(before: string, after: string, drawing: ChangeDrawing): readonly Line[] | undefined {
  const inner = { ...drawing, width: drawing.width - 4, most: drawing.full ? Infinity : mostLines };
  return diffTexts(before, after, inner)?.map((line) => indent(line, 4));
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

const isPlainList = (value: Json | undefined): value is readonly Json[] =>
  isList(value) && value.every((item: Json) => !isObject(item) || isSpecial(item));

/** The diff of lists of scalars: added and removed items, or a changed order. */
function describeLists(before: readonly Json[], after: readonly Json[], drawing: ChangeDrawing): Description {
  const removed = withoutItems(before, after);
  const added = withoutItems(after, before);
  if (removed.length === 0 && added.length === 0) {
    const head = arrow(formatValue(before), formatValue(after));
    return { head: [...head, ...mark(say("report/list-order"), "dim")] };
  }
  const spans = [
    ...removed.map((item): Span => ({ text: `- ${formatValue(item)}`, tone: "delete" })),
    ...added.map((item): Span => ({ text: `+ ${formatValue(item)}`, tone: "create" })),
  ];
  return {
    head: spans.flatMap((span, index) => (index > 0 ? [{ text: "  " }, span] : [span])),
    below: removed.flatMap((item) => added.flatMap((other) => tellApart(item, other, drawing))),
  };
}

/** Removes one equal item for each item of `others`. */
function withoutItems(items: readonly Json[], others: readonly Json[]): readonly Json[] {
  const left = others.map((item) => JSON.stringify(item));
  return items.filter((item) => {
    const index = left.indexOf(JSON.stringify(item));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
