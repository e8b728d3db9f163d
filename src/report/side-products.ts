import { commandLine } from "../core/command-line.ts";
import { excerpt } from "../core/excerpt.ts";
import { groupBy } from "../core/group.ts";
import type { CameAlong } from "../engine/events.ts";
import { say } from "../messages/text.ts";
import { printableLine } from "./escape-control.ts";
import { indent, type Line, plain } from "./styled-text.ts";

/** The most addresses in one line, and the most lines in a summary. */
const mostNamed = 3;
const mostListed = 10;
/** The most characters of a name, and of a list of side products. */
const longestName = 200;
const longestList = 2000;

/** `Also created with Copy.a, not managed by cozeform: workflow 审批 (7531…)`. */
export const describeSideProducts = ({ addresses, object }: CameAlong): string =>
  say("report/side-product", { copies: nameCopies(addresses), object: describeObject(object) });

/** Side products grouped by their copies. */
export function drawSideProducts(all: readonly CameAlong[]): readonly Line[] {
  const groups = groupBy(all, ({ addresses }) => JSON.stringify(addresses));
  const lines = [...groups.values()].map((group) => {
    const objects = excerpt(group.map(({ object }) => describeObject(object)).join(", "), longestList);
    return plain(say("report/side-product-of", { copies: nameCopies(group[0].addresses), objects }));
  });
  const shown = lines.length > mostListed + 1 ? lines.slice(0, mostListed) : lines;
  const rest = lines.length - shown.length;
  const more =
    rest > 0
      ? [
          plain(
            say("report/and-more-side-products", {
              count: rest,
              commandLine: commandLine(["state", "list"]),
            }),
          ),
        ]
      : [];
  return [...shown, ...more].map((line) => indent(line, 4));
}

const describeObject = ({ type, id, name }: CameAlong["object"]): string =>
  printableLine([type, excerpt(name, longestName), `(${id})`].filter(Boolean).join(" "));

/** The possible makers of a side product. */
export function nameCopies(addresses: readonly string[]): string {
  const named = addresses.slice(0, mostNamed).map(printableLine);
  const count = addresses.length - named.length;
  if (count > 0) return say("report/side-product-copies-more", { copies: named.join(", "), count });
  const last = named.pop() ?? "";
  return named.length > 0 ? say("report/side-product-copies", { copies: named.join(", "), last }) : last;
}
