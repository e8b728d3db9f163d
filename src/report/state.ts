import type { Address } from "../core/address.ts";
import type { Brought, Entry } from "../core/entry.ts";
import type { Json } from "../core/value.ts";
import { drawFields } from "./changes.ts";
import { type Drawing, indent, type Line, padTo, paintLines, widthOf } from "./line.ts";
import { printableLine } from "./printable.ts";

/** What is remembered, a resource a line: address, id, and the status where it isn't `ready`. */
export function renderEntries(
  entries: readonly { readonly address: Address; readonly entry: Entry }[],
  { color }: Drawing,
): string {
  const column = Math.max(0, ...entries.map(({ address }) => widthOf(printableLine(address))));
  const lines = entries.map(({ address, entry }): Line => {
    const { status, id = "(no id)" } = entry;
    const shown = [
      { text: padTo(printableLine(address), column) },
      { text: `  ${id}`, tone: "dim" } as const,
    ];
    return status === "ready" ? shown : [...shown, { text: `  ${status}`, tone: "warning" }];
  });
  return paintLines(lines, color);
}

/** All that is remembered of one resource; secrets and long texts are remembered as digests only. */
export function renderEntry(address: Address, entry: Entry, drawing: Drawing): string {
  const { id, parent, status, task, note, dependencies, before, previous, kept, brought, preventDestroy } =
    entry;
  const named = {
    ...{ id, parent, status, task, note, dependencies, before, previous },
    kept: kept?.map((one) => one.id),
    came_along: brought?.map(describeBrought),
    came_along_before: kept?.flatMap((one) => one.brought ?? []).map(describeBrought),
    prevent_destroy: preventDestroy,
  };
  const facts = Object.entries(named).flatMap(([name, value]): readonly [string, Json][] =>
    value === undefined || value.toString() === "" ? [] : [[name, value as Json]],
  );
  const draw = (values: { readonly [name: string]: Json }): readonly Line[] =>
    drawFields(values, { ...drawing, width: drawing.width - 2, full: false }).map((line) => indent(line, 2));
  const lines: readonly Line[] = [
    [{ text: printableLine(address), tone: "strong" }],
    ...draw(Object.fromEntries(facts)),
    [{ text: "As last applied:", tone: "strong" }],
    ...draw(entry.spec),
  ];
  return paintLines(lines, drawing.color);
}

const describeBrought = ({ type, id, name, shared }: Brought): string =>
  [type, ...(name === "" ? [] : [name]), `(${id})`, ...(shared ? ["or with another copy"] : [])].join(" ");
