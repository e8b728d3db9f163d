import type { ComparedResource, EnvironmentComparison, Presence } from "../compare/compare.ts";
import type { FieldDifference, Pair, ValueOrigin } from "../compare/compare-fields.ts";
import { parseAddress } from "../core/address.ts";
import { say } from "../messages/text.ts";
import { printableLine } from "./escape-control.ts";
import { type ChangeDrawing, drawChanges } from "./field-changes.ts";
import { groupSimilar, nameFamily, sampleKeys } from "./group-steps.ts";
import { spread } from "./plan.ts";
import { createPresenter, type KindFacts, type Presenter } from "./step-view.ts";
import {
  type Drawing,
  detailColumn,
  drawBlock,
  type Line,
  paintLines,
  plain,
  type Span,
  wrapLine,
} from "./styled-text.ts";
import { formatNumber } from "./values.ts";

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
  const title: Line = [{ text: printableLine(say("report/compare-title", environments)), tone: "strong" }];
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

function drawResources(
  resources: readonly [ComparedResource, ...ComparedResource[]],
  drawing: ResourceDrawing,
): readonly Line[] {
  const { environments, presenter, width } = drawing;
  const [first] = resources;
  const { text, sign } = describePresence(first, environments);
  const isOne = resources.length === 1;
  const count = isOne ? "" : formatNumber(resources.length);
  const remark = [count, text].filter(Boolean).join(" ");
  const head: Line = [
    sign,
    { text: isOne ? printableLine(first.address) : nameFamily(first.address), tone: "strong" },
    ...(remark === "" ? [] : plain(printableLine(`  ${remark}`))),
    ...(isOne ? [] : plain(sampleKeys(resources))),
  ];
  const differences = first.differences.map((one) => ({
    ...one,
    remark: remarkOn(one, first, environments),
  }));
  const inner = { ...drawing, width: width - detailColumn };
  return drawBlock(head, drawChanges(presenter.changes(first, differences), inner), width);
}

/** The sign of a resource, and a remark on it as a whole. */
function describePresence(
  { presence: { before, after }, verdict }: ComparedResource,
  environments: Pair<string>,
): { readonly sign: Span; readonly text: string } {
  const one = describeLack(before, after, environments.before, environments.after);
  const other = describeLack(after, before, environments.after, environments.before);
  const presence = [one, other].filter((part) => part !== "").join("; ");
  const isDeclared = verdict === "expected" && presence !== "";
  const text = isDeclared ? say("report/compare-expected-presence", { presence }) : presence;
  const isThere = ({ status }: Presence): boolean => status === "made" || status === "original";
  if (isThere(before) === isThere(after)) return { sign: { text: "  ~ ", tone: "update" }, text };
  const sign: Span = isThere(after) ? { text: "  + ", tone: "create" } : { text: "  - ", tone: "delete" };
  return { sign, text };
}

const isLeftOver = (one: Presence): boolean => one.status === "made" && one.leftover === true;

/** What is missing in one environment and may exist in the other. */
function describeLack(one: Presence, other: Presence, environment: string, there: string): string {
  switch (one.status) {
    case "made":
      return isLeftOver(one) ? say("report/compare-unwanted", { environment }) : "";
    case "unwanted":
      return other.status === "unwanted" || isLeftOver(other)
        ? ""
        : say("report/compare-only", { environment: there });
    case "unmade":
      return say("report/compare-not-created", { environment });
    case "making":
      return say("report/compare-making", { environment });
    case "gone":
      return say("report/compare-gone", { environment, id: one.id });
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
  if (expected) return say("report/compare-manifests");
  const strays = [
    ...(manifests ? [say("report/compare-manifests")] : []),
    ...describeStanding(standings.before, before),
    ...describeStanding(standings.after, after),
  ];
  if (strays.length > 0) return strays.join("; ");
  return presence.before.status === "original"
    ? say("report/compare-changed", { environment: before })
    : say("report/compare-no-manifest");
}

function describeStanding(standing: ValueOrigin, environment: string): readonly string[] {
  switch (standing) {
    case "unapplied":
      return [say("report/compare-not-applied", { environment })];
    case "changed":
      return [say("report/compare-live-changed", { environment })];
    case "as-wanted":
    case "unmanaged":
      return [];
  }
}

function describeTotal({ environments, resources, counts }: EnvironmentComparison, calls: number): Line {
  const made = say("report/api-calls", { count: calls });
  if (counts.alike === resources.length) {
    const total = say("report/resources", { count: resources.length });
    const found = say("report/compare-equal", { ...environments, resources: total, calls: made });
    return [
      { text: say("report/compare-equal-title"), tone: "success" },
      ...plain(` ${printableLine(found)}`),
    ];
  }
  const parts = [
    [counts.different, "report/compare-different"],
    [counts.lacking, "report/compare-missing"],
    [counts.expected, "report/compare-expected"],
    [counts.unmade, "report/compare-uncreated"],
    [counts.alike, "report/compare-alike"],
  ] as const;
  const phrases = parts.flatMap(([count, key]) => (count > 0 ? [say(key, { count })] : []));
  const tone = counts.different + counts.lacking > 0 ? "warning" : "success";
  return [
    { text: printableLine(say("report/compare-total-title", environments)), tone },
    ...plain(` ${say("report/compare-total", { counts: phrases.join(", "), calls: made })}`),
  ];
}
