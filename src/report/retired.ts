import type { RetiredObjects } from "../promote/retire.ts";
import { printableLine } from "./escape-control.ts";
import { type Drawing, type Line, padTo, paintLines, plain, widthOf } from "./styled-text.ts";
import { plural } from "./values.ts";
import { wrapLine } from "./wrap.ts";

/** Objects that were replaced and that nothing needs any more, a name a line with their ids. */
export function renderRetired(
  retired: readonly RetiredObjects[],
  environment: string,
  drawing: Drawing,
): string {
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
