import type { ComparedResource, EnvironmentComparison, Presence } from "../compare/compare.ts";
import type { FieldDifference, Pair, Standing } from "../compare/compare-fields.ts";
import { parseAddress } from "../core/address.ts";
import { printableLine } from "./escape-control.ts";
import { type ChangeDrawing, drawChanges } from "./field-changes.ts";
import { groupSimilar } from "./group-steps.ts";
import { spread } from "./plan.ts";
import { createPresenter, type KindFacts, type Presenter } from "./step-view.ts";
import {
  type Drawing,
  indent,
  type Line,
  paintLines,
  plain,
  type Span,
  shorten,
  wrapLine,
} from "./styled-text.ts";
import { formatNumber, plural, quote } from "./values.ts";

/** How a comparison is drawn. */
export interface ComparisonDrawing extends Drawing {
  /** The kinds of the resources decide how values are written. */
  readonly kinds: readonly KindFacts[];
  /** The API calls of the comparison. */
  readonly calls: number;
  /** Show similar resources one by one and long texts in full. */
  readonly full?: boolean;
}

/** The differences between two environments as text, by address and field, with totals at the end. */
export function renderComparison(comparison: EnvironmentComparison, options: ComparisonDrawing): string {
  const { kinds, calls, full = false, color, width } = options;
  const { environments } = comparison;
  const drawing: ResourceDrawing = {
    color,
    width,
    full,
    presenter: createPresenter(kinds, []),
    environments,
  };
  const shown = comparison.resources.filter(({ verdict }) => verdict !== "alike" && verdict !== "unmade");
  const groups = full ? shown.map((one) => [one] as const) : groupSimilar(shown, similarityKey);
  const blocks = groups.map((group) => drawResources(group, drawing));
  const title: Line = [
    { text: "What differs, " },
    { text: printableLine(`${environments.before} -> ${environments.after}`), tone: "strong" },
    { text: ":" },
  ];
  const total = wrapLine(describeTotal(comparison, calls), width);
  return paintLines([...(blocks.length > 0 ? [title, [], ...spread(blocks)] : []), ...total], color);
}

interface ResourceDrawing extends ChangeDrawing {
  readonly presenter: Presenter;
  readonly environments: Pair<string>;
}

/** Equal for resources of one `for_each` that differ in the same way; they are shown as one. */
function similarityKey({ address, presence, differences }: ComparedResource): string {
  const parsed = parseAddress(address);
  if (parsed?.key === undefined) return address;
  const { before, after } = presence;
  const standing = [before, after].map((one) => [one.status, one.status === "made" && one.leftover === true]);
  return JSON.stringify([parsed.kind, parsed.name, standing, differences]);
}

const detailColumn = 6;

function drawResources(
  [first, ...others]: readonly [ComparedResource, ...ComparedResource[]],
  drawing: ResourceDrawing,
): readonly Line[] {
  const { environments, presenter, width } = drawing;
  const { text: said, sign } = describePresence(first, environments);
  const all = [first, ...others];
  const name: Line =
    others.length === 0
      ? [{ text: printableLine(first.address), tone: "strong" }]
      : [
          { text: `${printableLine(first.address.split("[")[0] ?? "")}[…]`, tone: "strong" },
          ...plain(`  ${formatNumber(all.length)}`),
        ];
  const gap = others.length === 0 ? "  " : " ";
  const head: Line = [
    sign,
    ...name,
    ...(said === "" ? [] : plain(printableLine(`${gap}${said}`))),
    ...nameSome(all),
  ];
  const differences = first.differences.map((one) => ({
    ...one,
    remark: remarkOn(one, first, environments),
  }));
  const details = drawChanges(presenter.changes(first.kind, differences), {
    ...drawing,
    width: width - detailColumn,
  });
  return [...wrapLine(head, width, detailColumn), ...details.map((line) => indent(line, detailColumn))];
}

function nameSome(resources: readonly ComparedResource[]): Line {
  if (resources.length === 1) return [];
  const keys = resources
    .slice(0, 3)
    .map(({ address }) => shorten(quote(parseAddress(address)?.key ?? ""), 24));
  return plain(`: ${keys.join(", ")}, …`);
}

interface Description {
  readonly sign: Span;
  /** A remark on the resource as a whole. */
  readonly text: string;
}

function describePresence(
  { presence: { before, after }, verdict }: ComparedResource,
  environments: Pair<string>,
): Description {
  const one = describeLack(before, after, environments.before, environments.after);
  const other = describeLack(after, before, environments.after, environments.before);
  const text = [one, other].filter((part) => part !== "").join("; ");
  const why = verdict === "expected" && text !== "" ? " (as their manifests say)" : "";
  const isThere = ({ status }: Presence): boolean => status === "made" || status === "original";
  if (isThere(before) === isThere(after)) return { sign: { text: "  ~ ", tone: "update" }, text: text + why };
  const sign: Span = isThere(after) ? { text: "  + ", tone: "create" } : { text: "  - ", tone: "delete" };
  return { sign, text: text + why };
}

const isLeftOver = (one: Presence): boolean => one.status === "made" && one.leftover === true;

/** What is missing in one environment and may exist in the other. */
function describeLack(one: Presence, other: Presence, here: string, there: string): string {
  switch (one.status) {
    case "made":
      return isLeftOver(one) ? `left over in ${here}, where no manifest wants it` : "";
    case "unwanted":
      return other.status === "unwanted" || isLeftOver(other) ? "" : `only in ${there}`;
    case "unmade":
      return `not made in ${here} yet`;
    case "making":
      return `still in the making in ${here}`;
    case "gone":
      return `gone in ${here}: Coze no longer has ${one.id}`;
    case "original":
      return "";
  }
}

/** The origin of a difference. */
function remarkOn(
  { manifests, expected, standings }: FieldDifference,
  { presence }: ComparedResource,
  { before, after }: Pair<string>,
): string {
  if (expected) return "manifests differ";
  const strays = [
    ...(manifests ? ["manifests differ"] : []),
    ...describeStanding(standings.before, before),
    ...describeStanding(standings.after, after),
  ];
  if (strays.length > 0) return strays.join("; ");
  return presence.before.status === "original" ? `changed in ${before} since` : "in no manifest";
}

function describeStanding(standing: Standing, environment: string): readonly string[] {
  switch (standing) {
    case "unapplied":
      return [`${environment}: manifest not applied`];
    case "changed":
      return [`${environment}: changed at Coze`];
    case "as-wanted":
    case "unmanaged":
      return [];
  }
}

function describeTotal({ environments, resources, counts }: EnvironmentComparison, calls: number): Line {
  const { before, after } = environments;
  const made = plural(calls, "API call");
  if (counts.alike === resources.length) {
    const found = ` ${before} and ${after} agree (${plural(resources.length, "resource")}, ${made}).`;
    return [{ text: "No differences.", tone: "success" }, ...plain(printableLine(found))];
  }
  const parts = [
    [counts.different, counts.different === 1 ? "differs" : "differ"],
    [counts.lacking, "in only one of them"],
    [counts.expected, `${counts.expected === 1 ? "differs" : "differ"} only as their manifests do`],
    [counts.unmade, "made in neither yet"],
    [counts.alike, "alike"],
  ] as const;
  const phrases = parts.flatMap(([count, what]) => (count > 0 ? [`${formatNumber(count)} ${what}`] : []));
  const tone = counts.different + counts.lacking > 0 ? "warning" : "success";
  return [
    { text: printableLine(`${after} against ${before}:`), tone },
    ...plain(` ${phrases.join(", ")} (${made}).`),
  ];
}
