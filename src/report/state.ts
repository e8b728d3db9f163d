import type { Address } from "../core/address.ts";
import { describeTime } from "../core/time.ts";
import type { Json } from "../core/value.ts";
import type { Entry, Release, SideProduct } from "../kind/state-entry.ts";
import { say } from "../messages/text.ts";
import type { RetiredObjects } from "../promote/retire.ts";
import { printableLine } from "./escape-control.ts";
import { drawFields } from "./field-changes.ts";
import {
  type Drawing,
  indent,
  type Line,
  padTo,
  paintLines,
  plain,
  type Span,
  widthOf,
  wrapLine,
} from "./styled-text.ts";

/** The state, one resource a line: address, id, version if any, and the status unless it is `ready`. */
export function renderEntries(
  entries: readonly { readonly address: Address; readonly entry: Entry }[],
  { color }: Drawing,
): string {
  const column = Math.max(0, ...entries.map(({ address }) => widthOf(printableLine(address))));
  const lines = entries.map(({ address, entry }): Line => {
    const { status, id = say("report/state-no-id"), version } = entry;
    const facts = [id, ...(version === undefined ? [] : [say("report/release-version", { version })])];
    const shown = [
      { text: padTo(printableLine(address), column) },
      ...facts.map((fact): Span => ({ text: `  ${printableLine(fact)}`, tone: "dim" })),
    ];
    return status === "ready" ? shown : [...shown, { text: `  ${status}`, tone: "warning" }];
  });
  return paintLines(lines, color);
}

/** The state of one resource. The state contains secrets and long texts only as digests. */
export function renderEntry(address: Address, entry: Entry, drawing: Drawing): string {
  const { id, parent, status, version, task, note, dependencies, before, previous } = entry;
  const { kept, brought, preventDestroy, history = [], restoring, hold } = entry;
  const named = {
    ...{ id, parent, status, version, task, note, dependencies, before, previous },
    held_at_release: hold?.release,
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
    [{ text: say("report/state-last-applied"), tone: "strong" }],
    ...draw(entry.spec),
    ...drawHistory(history),
  ];
  return paintLines(lines, drawing.color);
}

/** The releases of a resource, the oldest first. */
function drawHistory(history: readonly Release[]): readonly Line[] {
  if (history.length === 0) return [];
  const current = history.findLast(({ undone }) => !undone);
  return [
    [{ text: say("report/releases"), tone: "strong" }],
    ...history.map((release): Line => {
      const line: Line = plain(["", describeTime(release.at), describeRelease(release)].join("  "));
      if (release === current)
        return [...line, { text: `  ${say("report/release-current")}`, tone: "success" }];
      return release.undone ? [...line, { text: `  ${say("report/release-undone")}`, tone: "dim" }] : line;
    }),
  ];
}

function describeRelease(release: Release): string {
  const { id, promotion, from = "", version, revision, applied } = release;
  const facts = [
    promotion !== undefined
      ? say("report/release-promoted", { number: promotion, environment: from })
      : say(applied ? "report/history-apply" : "report/release-first"),
    id,
    ...(version === undefined ? [] : [say("report/release-version", { version })]),
    ...(revision === undefined ? [] : [say("report/release-revision", { revision })]),
  ];
  return facts.map(printableLine).join(", ");
}

function describeSideProduct({ type, id, name, shared }: SideProduct): string {
  const object = [type, name, `(${id})`].filter(Boolean).join(" ");
  return shared ? say("report/side-product-shared", { object }) : object;
}

/** Replaced objects that nothing needs, one address a line with their ids. */
export function renderRetired(
  retired: readonly RetiredObjects[],
  environment: string,
  drawing: Drawing,
): string {
  if (retired.length === 0)
    return paintLines([plain(printableLine(say("report/retired-none", { environment })))], drawing.color);
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
    plain(printableLine(say("report/retired", { environment }))),
    [],
    ...named,
    [],
    plain(say("report/retired-effect", { count })),
  ];
  return paintLines(
    lines.flatMap((line) => wrapLine(line, drawing.width, 4)),
    drawing.color,
  );
}
