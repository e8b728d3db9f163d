import { groupBy } from "../core/group.ts";
import type { Exported } from "../export/compose.ts";
import type { LeftObject, UnreadList } from "../export/read-estate.ts";
import { say } from "../messages/text.ts";
import { printableLine } from "./escape-control.ts";
import { type Drawing, indent, type Line, paintLines, plain, wrapLine } from "./styled-text.ts";

/** The report as JSON: everything by name, each problem with its next move. */
export function exportJson(exported: Exported): object {
  const flat = ({ problem, ...one }: LeftObject | UnreadList) => ({
    ...one,
    reason: problem.message,
    hint: problem.hint,
  });
  return {
    ...exported,
    resources: exported.resources.map(({ address, kind, id, file }) => ({ address, kind, id, file })),
    left: exported.left.map(flat),
    unread: exported.unread.map(flat),
  };
}

/** The report in words. `out`: the directory as the user wrote it; `next`: the command that plans it. */
export function renderExport(exported: Exported, out: string, next: string, drawing: Drawing): string {
  const { files, resources, managed, left, unread, notes, diagnostics, calls } = exported;
  const counts = [...groupBy(resources, ({ kind }) => kind)].map(([kind, { length }]) => `${length} ${kind}`);
  const head = say("report/exported", {
    count: resources.length,
    kinds: counts.join(", ") || "–",
    directory: out,
    files: say("report/export-written", { count: files.written.length }),
    unchanged: files.unchanged.length,
    calls,
  });
  const lines: Line[] = [plain(printableLine(head))];
  section(lines, managed.length > 0 && say("report/export-managed", { count: managed.length }), managed);
  if (notes.length > 0) lines.push([], plain(say("report/export-notes")));
  for (const group of groupBy(notes, ({ text }) => text).values()) {
    const addresses = group.map(({ address }) => address);
    section(lines, `  ${group[0].text}`, [addresses.join(", ")], 4);
  }
  if (left.length > 0) lines.push([], plain(say("report/export-left", { count: left.length })));
  for (const group of groupBy(left, ({ problem }) => problem.hint).values()) {
    const [{ problem }] = group;
    const isSame = group.every((one) => one.problem.message === problem.message);
    const told = group.map((one) =>
      isSame
        ? nameLeft(one)
        : say("report/export-left-for", { object: nameLeft(one), reason: one.problem.message }),
    );
    section(lines, `  ${isSame ? sentence(problem) : problem.hint}`, told, 4);
  }
  section(
    lines,
    unread.length > 0 && say("report/export-unread"),
    unread.map(({ kind, parent, problem }) =>
      say("report/export-left-for", { object: inParent(kind, parent), reason: problem.message }),
    ),
  );
  section(
    lines,
    diagnostics.length > 0 && say("report/export-invalid"),
    diagnostics.map(({ message }) => message),
  );
  if (diagnostics.length === 0) lines.push([], plain(say("report/export-next", { command: next })));
  return paintLines(
    lines.flatMap((line) => wrapLine(line, drawing.width, 4)),
    drawing.color,
  );
}

function section(lines: Line[], head: string | false, items: readonly string[], columns = 2): void {
  if (head === false) return;
  if (columns === 2) lines.push([]);
  lines.push(plain(printableLine(head)));
  lines.push(...items.map((text) => indent(plain(printableLine(text)), columns)));
}

const sentence = ({ message, hint }: LeftObject["problem"]): string =>
  hint === "" ? message : say("report/export-reason", { message, hint });

const nameLeft = ({ kind, type = kind, name, id, parent }: LeftObject): string =>
  inParent(say("report/export-object", { type, name, id }), parent);

const inParent = (object: string, parent: LeftObject["parent"]): string =>
  parent ? say("report/export-in", { object, kind: parent.kind, name: parent.name || parent.id }) : object;
