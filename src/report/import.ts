import { say } from "../messages/text.ts";
import { printableLine } from "./escape-control.ts";
import { type Drawing, indent, type Line, paintLines, plain, wrapLine } from "./styled-text.ts";

/** What a report of an import tells. */
interface ReportedImport {
  readonly resources: readonly {
    readonly address: string;
    readonly id: string;
    readonly isKnown: boolean;
    readonly differs: readonly string[];
    readonly notes: readonly string[];
  }[];
  readonly calls: number;
}

/** The report of an import in words. `next`: the command that shows what an apply would change. */
export function renderImport({ resources, calls }: ReportedImport, next: string, drawing: Drawing): string {
  const lines = resources.flatMap(({ address, id, isKnown, differs, notes }): readonly Line[] => {
    const head = say(isKnown ? "report/import-known" : "report/imported", { address, id });
    const fields = say("report/import-differs", { count: differs.length, fields: differs.join(", ") });
    const more = [...(differs.length > 0 ? [fields] : []), ...notes];
    return [plain(printableLine(head)), ...more.map((text) => indent(plain(printableLine(text)), 2))];
  });
  const isSame = resources.every(({ differs }) => differs.length === 0);
  const count = resources.filter(({ isKnown }) => !isKnown).length;
  const end = say(isSame ? "report/import-end" : "report/import-end-differs", {
    count,
    calls,
    command: next,
  });
  return paintLines(
    [...lines, [], plain(end)].flatMap((line) => wrapLine(line, drawing.width, 4)),
    drawing.color,
  );
}
