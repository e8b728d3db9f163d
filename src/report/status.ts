import { commandLine } from "../core/command-line.ts";
import { describeTime } from "../core/time.ts";
import type { Edit } from "../kind/kind.ts";
import { type CommandLine, say } from "../messages/text.ts";
import type { Step } from "../plan/plan.ts";
import type { Ahead } from "../status/field-standings.ts";
import type { ResourceStatus, Standing } from "../status/status.ts";
import { printableLine } from "./escape-control.ts";
import { type ChangeDrawing, drawChanges } from "./field-changes.ts";
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

/** How a status is drawn. */
export interface StatusDrawing extends Drawing {
  /** The kinds of the resources decide how values are written. */
  readonly kinds: readonly KindFacts[];
  /** The steps of the plan that the status was made with: they tell the addresses of ids. */
  readonly steps: readonly Step[];
  /** The API calls of the status. */
  readonly calls: number;
  /** Show long texts in full. */
  readonly full?: boolean | undefined;
}

/** Where resources stand as text: each that differs with its fields, who changed it last, and totals at the end. */
export function renderStatus(resources: readonly ResourceStatus[], options: StatusDrawing): string {
  const { kinds, steps, calls, full = false, color, width } = options;
  const drawing: ResourceDrawing = { color, width, full, presenter: createPresenter(kinds, steps) };
  const shown = resources.filter(({ standing }) => standing !== "equal");
  const blocks = shown.map((resource) => drawResource(resource, drawing));
  const isUnknown = resources.some(({ standing }) => standing === "unknown");
  // A command stays on one line, so that it can be pasted.
  const next = isUnknown
    ? [plain(printableLine(say("report/status-adopt", { commandLine: adoptCommand() })))]
    : [];
  return paintLines([...spread(blocks), ...wrapLine(describeTotal(resources, calls), width), ...next], color);
}

const adoptCommand = (): CommandLine => commandLine(["plan"], { after: ["--adopt"] });

interface ResourceDrawing extends ChangeDrawing {
  readonly presenter: Presenter;
}

function drawResource(resource: ResourceStatus, drawing: ResourceDrawing): readonly Line[] {
  const { address, id, standing, existing = [], holder, fields, hold, edited, published } = resource;
  const inner = { ...drawing, width: drawing.width - detailColumn };
  const changes = fields.map(({ ahead, change }) => ({ ...change, remark: say(remarks[ahead]) }));
  const whole = standings[standing];
  const head: Line = [
    signs[standing],
    { text: printableLine(address), tone: "strong" },
    ...(whole === undefined
      ? []
      : plain(printableLine(`  ${say(whole, { id: id ?? existing.join(", "), holder: holder ?? "" })}`))),
  ];
  const people = [
    ...(hold ? [say("report/status-held", { release: hold.release, time: describeTime(hold.at) })] : []),
    ...describeEdit(edited, "report/status-edited"),
    ...describeEdit(published, "report/status-published"),
  ].flatMap((line) => wrapLine([{ text: line, tone: "dim" }], inner.width, 4));
  return drawBlock(
    head,
    [...drawChanges(drawing.presenter.changes(resource, changes), inner), ...people],
    drawing.width,
  );
}

const remarks = {
  manifest: "report/status-manifest-ahead",
  live: "report/status-live-ahead",
  both: "report/status-both-ahead",
  draft: "report/status-draft-ahead",
} as const satisfies { readonly [A in Ahead]: string };

type StandingKey = `report/status-${"unmade" | "unknown" | "unseen" | "gone" | "unwanted" | "unfinished"}`;

const standings: { readonly [S in Standing]?: StandingKey } = {
  unmade: "report/status-unmade",
  unknown: "report/status-unknown",
  unseen: "report/status-unseen",
  gone: "report/status-gone",
  unwanted: "report/status-unwanted",
  unfinished: "report/status-unfinished",
};

const signs: { readonly [S in Standing]: Span } = {
  equal: { text: "    " },
  differs: { text: "  ~ ", tone: "update" },
  unfinished: { text: "  ~ ", tone: "update" },
  unmade: { text: "  + ", tone: "create" },
  unknown: { text: "  ? ", tone: "warning" },
  unseen: { text: "  ? ", tone: "warning" },
  gone: { text: "  + ", tone: "create" },
  unwanted: { text: "  - ", tone: "delete" },
};

/** Who changed an object last, and when. */
function describeEdit(
  edit: Edit | undefined,
  key: "report/status-edited" | "report/status-published",
): readonly string[] {
  if (!edit) return [];
  const { name, user, at, changelog, version } = edit;
  const who = name !== undefined && user !== undefined ? `${name} (${user})` : (name ?? user);
  const facts = [
    ...(at === undefined ? [] : [describeTime(at)]),
    ...(who === undefined ? [] : [say("report/status-by", { who })]),
    ...(version === undefined ? [] : [say("report/release-version", { version })]),
    ...(changelog === undefined ? [] : [say("report/status-changelog", { changelog })]),
  ];
  return facts.length === 0 ? [] : [printableLine(say(key, { facts: facts.join(", ") }))];
}

function describeTotal(resources: readonly ResourceStatus[], calls: number): Line {
  const made = say("report/api-calls", { count: calls });
  const count = (...wanted: readonly Standing[]): number =>
    resources.filter(({ standing }) => wanted.includes(standing)).length;
  const total = say("report/resources", { count: resources.length });
  if (count("equal") === resources.length) {
    const text = say("report/status-equal", { resources: total, calls: made });
    return [{ text: say("report/compare-equal-title"), tone: "success" }, ...plain(` ${text}`)];
  }
  const ahead = (...sides: readonly Ahead[]): number =>
    resources.filter(({ fields }) => fields.some((one) => sides.includes(one.ahead))).length;
  const parts = [
    [ahead("manifest", "both") + count("unmade", "gone"), "report/status-count-manifest"],
    [ahead("live", "both"), "report/status-count-live"],
    [ahead("draft"), "report/status-count-draft"],
    [count("unwanted"), "report/status-count-unwanted"],
    [count("unknown"), "report/status-count-unknown"],
    [count("unseen"), "report/status-count-unseen"],
    [count("unfinished"), "report/status-count-unfinished"],
    [count("equal"), "report/status-count-equal"],
  ] as const;
  const phrases = parts.flatMap(([number, key]) => (number > 0 ? [say(key, { count: number })] : []));
  return [
    { text: say("report/status-title"), tone: "warning" },
    ...plain(` ${say("report/compare-total", { counts: phrases.join(", "), calls: made })}`),
  ];
}
