import { commandLine } from "../core/command-line.ts";
import { describeTime } from "../core/time.ts";
import type { Hold } from "../kind/state-entry.ts";
import { say } from "../messages/text.ts";
import type { HistoryItem } from "../promote/release-report.ts";
import { printableLine } from "./escape-control.ts";
import { type Drawing, type Line, paintLines, plain, wrapLine } from "./styled-text.ts";

/** What is shown of a resource's releases. */
interface ShownHistory {
  readonly address: string;
  readonly kind: string;
  readonly hasReleases: boolean;
  readonly items: readonly HistoryItem[];
  readonly hold?: Hold | undefined;
  readonly calls: number;
}

/** The releases of a resource as text, the newest first, one a line. */
export function renderHistory(shown: ShownHistory, { color, width }: Drawing): string {
  const { address, kind, hasReleases, items, hold, calls } = shown;
  const tell = (text: string): readonly Line[] => wrapLine(plain(printableLine(text)), width);
  if (!hasReleases) {
    const line = commandLine(["state", "show", address]);
    return paintLines(tell(say("report/history-no-kind", { address, kind, commandLine: line })), color);
  }
  const made = say("report/api-calls", { count: calls });
  const held = hold
    ? [[], ...tell(say("report/history-hold", { release: hold.release, time: describeTime(hold.at) }))]
    : [];
  if (items.length === 0)
    return paintLines([...tell(say("report/history-none", { address })), ...held], color);
  const lines: readonly Line[] = [
    [{ text: printableLine(address), tone: "strong" }],
    ...items.flatMap((item) => wrapLine(drawItem(item), width, 4)),
    [],
    ...tell(say("report/history-total", { count: items.length, calls: made })),
    ...held,
  ];
  return paintLines(lines, color);
}

function drawItem(item: HistoryItem): Line {
  const { at, current, undone } = item;
  const time = at === undefined ? [] : [describeTime(at)];
  const line = plain(["", ...time, describeItem(item)].join("  "));
  if (current) return [...line, { text: `  ${say("report/release-current")}`, tone: "success" }];
  return undone ? [...line, { text: `  ${say("report/release-undone")}`, tone: "dim" }] : line;
}

function describeItem(item: HistoryItem): string {
  const { release, version, revision, id, by, changelog, kept, origin } = item;
  const who =
    by && (by.name !== undefined && by.user !== undefined ? `${by.name} (${by.user})` : (by.name ?? by.user));
  const facts = [
    ...(release === undefined ? [] : [say("report/history-release", { number: release })]),
    describeOrigin(item),
    ...(version === undefined ? [] : [say("report/release-version", { version })]),
    ...(revision === undefined ? [] : [say("report/release-revision", { revision })]),
    ...(version === undefined && id !== undefined ? [id] : []),
    ...(who === undefined ? [] : [say("report/status-by", { who })]),
    ...(changelog === undefined ? [] : [say("report/status-changelog", { changelog })]),
    ...(kept || origin === "coze" ? [] : [say("report/history-gone")]),
  ];
  return facts.map(printableLine).join(", ");
}

function describeOrigin({ origin, promotion = 0, from = "" }: HistoryItem): string {
  if (origin === "promotion") return say("report/release-promoted", { number: promotion, environment: from });
  return say(originKeys[origin]);
}

const originKeys = {
  apply: "report/history-apply",
  before: "report/release-first",
  coze: "report/history-coze",
} as const;
