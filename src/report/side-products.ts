import { excerpt } from "../core/excerpt.ts";
import type { CameAlong } from "../engine/events.ts";
import { printableLine } from "./escape-control.ts";
import { indent, type Line } from "./styled-text.ts";
import { formatNumber } from "./values.ts";

/** The most addresses in one line, and the most lines in a summary. */
const mostNamed = 3;
const mostListed = 10;
/** The most characters of a name, and of a list of side products. */
const longestName = 200;
const longestList = 2000;

/** `Came along with Copy.a, managed by nobody: workflow 审批 (7531…)`. */
export const describeSideProducts = ({ addresses, object }: CameAlong): string =>
  `Came along with ${nameCopies(addresses)}, managed by nobody: ${describeObject(object)}`;

/** Side products grouped by their copies. */
export function drawSideProducts(all: readonly CameAlong[]): readonly Line[] {
  const groups = new Map<string, [CameAlong, ...CameAlong[]]>();
  for (const one of all) {
    const key = JSON.stringify(one.addresses);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  const lines = [...groups.values()].map(
    (group): Line => [
      { text: "with " },
      { text: nameCopies(group[0].addresses), tone: "strong" },
      { text: excerpt(`: ${group.map(({ object }) => describeObject(object)).join(", ")}`, longestList) },
    ],
  );
  const shown = lines.length > mostListed + 1 ? lines.slice(0, mostListed) : lines;
  const rest = lines.length - shown.length;
  const more: readonly Line[] =
    rest > 0
      ? [[{ text: `… and with ${formatNumber(rest)} more; "cozeform state show" tells of each` }]]
      : [];
  return [...shown, ...more].map((line) => indent(line, 4));
}

const describeObject = ({ type, id, name }: CameAlong["object"]): string =>
  printableLine([type, ...(name === "" ? [] : [excerpt(name, longestName)]), `(${id})`].join(" "));

/** The possible makers of a side product. */
function nameCopies(addresses: readonly string[]): string {
  const named = addresses.slice(0, mostNamed).map(printableLine);
  const rest = addresses.length - named.length;
  if (rest > 0) return `${named.join(", ")} or one of ${formatNumber(rest)} more`;
  return [named.slice(0, -1).join(", "), ...named.slice(-1)].filter(Boolean).join(" or ");
}
