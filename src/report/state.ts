import type { Address } from "../core/address.ts";
import { describeTime } from "../core/time.ts";
import type { Json } from "../core/value.ts";
import type { Entry, Release, SideProduct } from "../kind/state-entry.ts";
import type { Retired } from "../promote/retire.ts";
import { printableLine } from "./escape-control.ts";
import { drawFields } from "./field-changes.ts";
import {
  type Drawing,
  indent,
  type Line,
  padTo,
  paintLines,
  plain,
  widthOf,
  wrapLine,
} from "./styled-text.ts";
import { plural } from "./values.ts";

/** The state, one resource a line: address, id, version if any, and the status unless it is `ready`. */
export function renderEntries(
  entries: readonly { readonly address: Address; readonly entry: Entry }[],
  { color }: Drawing,
): string {
  const column = Math.max(0, ...entries.map(({ address }) => widthOf(printableLine(address))));
  const lines = entries.map(({ address, entry }): Line => {
    const { status, id = "(no id)", version } = entry;
    const shownVersion = version === undefined ? "" : `  version ${printableLine(version)}`;
    const shown = [
      { text: padTo(printableLine(address), column) },
      { text: `  ${printableLine(id)}${shownVersion}`, tone: "dim" } as const,
    ];
    return status === "ready" ? shown : [...shown, { text: `  ${status}`, tone: "warning" }];
  });
  return paintLines(lines, color);
}

/** The state of one resource. The state contains secrets and long texts only as digests. */
export function renderEntry(address: Address, entry: Entry, drawing: Drawing): string {
  const { id, parent, status, version, task, note, dependencies, before, previous } = entry;
  const { kept, brought, preventDestroy, history = [], restoring } = entry;
  const named = {
    ...{ id, parent, status, version, task, note, dependencies, before, previous },
    going_back_to: restoring === undefined ? undefined : describeTime(restoring),
    kept: kept?.map((one) => one.id),
    came_along: brought?.map(describeSideProduct),
    came_along_before: kept?.flatMap((one) => one.brought ?? []).map(describeSideProduct),
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
    ...drawHistory(history),
  ];
  return paintLines(lines, drawing.color);
}

/** The releases of a resource, the oldest first. */
function drawHistory(history: readonly Release[]): readonly Line[] {
  if (history.length === 0) return [];
  const standing = history.findLast(({ undone }) => !undone);
  return [
    [{ text: "Releases:", tone: "strong" }],
    ...history.map((release): Line => {
      const mark = release === standing ? "  (standing)" : release.undone ? "  (taken back)" : "";
      return [
        { text: `  ${describeTime(release.at)}  ${describeRelease(release)}` },
        { text: mark, tone: release === standing ? "success" : "dim" },
      ];
    }),
  ];
}

function describeRelease({ id, promotion, from = "", version, revision }: Release): string {
  const origin = promotion === undefined ? "what was there before" : `promotion ${promotion} from ${from}`;
  const facts = [
    origin,
    id,
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(revision === undefined ? [] : [`revision ${revision}`]),
  ];
  return facts.map(printableLine).join(", ");
}

const describeSideProduct = ({ type, id, name, shared }: SideProduct): string =>
  [type, ...(name === "" ? [] : [name]), `(${id})`, ...(shared ? ["or with another copy"] : [])].join(" ");

/** Replaced objects that nothing needs, one address a line with their ids. */
export function renderRetired(retired: readonly Retired[], environment: string, drawing: Drawing): string {
  if (retired.length === 0) {
    return paintLines(
      [plain(printableLine(`Nothing to forget: all that ${environment} keeps is needed.`))],
      drawing.color,
    );
  }
  const column = Math.max(...retired.map(({ address }) => widthOf(printableLine(address))));
  const named = retired.map(
    ({ address, ids }): Line => [
      { text: "  " },
      { text: padTo(printableLine(address), column), tone: "strong" },
      { text: `  ${printableLine(ids.join(", "))}` },
    ],
  );
  const count = retired.reduce((sum, { ids }) => sum + ids.length, 0);
  const lines: readonly Line[] = [
    plain(printableLine(`Replaced, and needed by nothing that the state of ${environment} remembers:`)),
    [],
    ...named,
    [],
    plain(
      `The state forgets ${plural(count, "object")}. They stay in Coze, whose API can't delete them: do that in its page.`,
    ),
  ];
  return paintLines(
    lines.flatMap((line) => wrapLine(line, drawing.width, 4)),
    drawing.color,
  );
}
