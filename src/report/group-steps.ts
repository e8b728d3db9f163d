import { type Address, parseAddress } from "../core/address.ts";
import { groupBy } from "../core/group.ts";
import { isFileContent } from "../core/value.ts";
import type { FieldChange } from "../plan/diff.ts";
import type { Step } from "../plan/plan.ts";
import { printableLine } from "./escape-control.ts";
import type { KindFacts } from "./step-view.ts";
import { shorten } from "./styled-text.ts";
import { quote } from "./values.ts";

/** Similar steps that are shown as one. */
export interface StepGroup {
  readonly steps: readonly [Step, ...Step[]];
  /** The changes of their names, where these differ. */
  readonly renames: readonly FieldChange[];
  /** The other changes, of the first one. */
  readonly changes: readonly FieldChange[];
  /** The other changes are identical. Otherwise only the contents of files differ. */
  readonly sameChanges: boolean;
}

/** The smallest number of similar steps that are shown as one. */
const fewest = 5;

/**
 * Groups steps of one `for_each` with the same action, effects and notes that need no permission. Their names may change
 * to different ones, and the fields of created objects may differ, since they come from the same manifest.
 */
export function groupSteps(steps: readonly Step[], kinds: readonly KindFacts[]): readonly StepGroup[] {
  const titles = new Map(kinds.map(({ name, title, identity }) => [name, title ?? identity?.at(-1)]));
  const titleOf = ({ kind }: Step) => titles.get(kind);
  return groupSimilar(steps, (step) => similarityKey(step, titleOf(step))).map((group) => {
    const title = titleOf(group[0]);
    const renames = group.flatMap(({ changes }) => changes.filter((change) => isRename(change, title)));
    const areSame = countDistinct(renames) <= 1;
    const others = group.map(({ changes }) =>
      areSame ? changes : changes.filter((change) => !isRename(change, title)),
    );
    return {
      steps: group,
      renames: areSame ? [] : renames,
      changes: others[0] ?? [],
      sameChanges: countDistinct(others) === 1,
    };
  });
}

/** A group of one step. */
export const groupAlone = (step: Step): StepGroup => ({
  steps: [step],
  renames: [],
  changes: step.changes,
  sameChanges: true,
});

const countDistinct = (values: readonly unknown[]): number =>
  new Set(values.map((value) => JSON.stringify(value))).size;

const isRename = ({ path, before, after, sensitive }: FieldChange, title: string | undefined): boolean =>
  path.length === 1 &&
  path[0] === title &&
  typeof before === "string" &&
  typeof after === "string" &&
  sensitive !== true;

/** Groups similar items in the order of their first one; small groups are split up. */
export function groupSimilar<T>(
  items: readonly T[],
  similarityKey: (item: T) => string,
): readonly (readonly [T, ...T[]])[] {
  return [...groupBy(items, similarityKey).values()].flatMap((group) =>
    group.length < fewest ? group.map((item): [T] => [item]) : [group],
  );
}

function similarityKey(step: Step, title: string | undefined): string {
  const parsed = parseAddress(step.address);
  // What stays in Coze is named one by one, so that people find it there.
  const isAlone = step.effects.some(({ needs }) => needs) || step.leaves !== undefined;
  if (parsed?.key === undefined || isAlone) return step.address;
  const { action, effects, notes, lostCall = null, renamed } = step;
  const changes = step.changes.map((change) =>
    isRename(change, title) ? { ...change, before: "", after: "" } : change,
  );
  const moved = renamed ? [nameFamily(renamed.from), nameFamily(renamed.to)] : null;
  const parts = [parsed.kind, parsed.name, action, effects, notes, lostCall, changes, moved];
  return JSON.stringify(parts, (_key, value: unknown) => (isFileContent(value) ? "file" : value));
}

/** The name of several resources of one `for_each`. */
export const nameFamily = (address: Address): string => printableLine(`${address.split("[")[0]}[…]`);

/** The first keys of several resources of one `for_each`. */
export function sampleKeys(resources: readonly { readonly address: Address }[]): string {
  const keys = resources.slice(0, 3).map(({ address }) => parseAddress(address)?.key ?? "");
  return `: ${keys.map((key) => shorten(quote(key), 24)).join(", ")}, …`;
}

/** An incomplete step and the reason. */
export interface IncompleteStep {
  readonly step: Step;
  readonly why: string;
}

/** Ends that are reported as one; `name` is an address or that of their `for_each`. */
interface IncompleteGroup extends IncompleteStep {
  readonly name: string;
  readonly count: number;
}

/** Groups the steps of one `for_each` that ended in the same way. Each was reported during the run. */
export function groupIncomplete(ends: readonly IncompleteStep[]): readonly IncompleteGroup[] {
  const familyOf = (address: Address): string =>
    parseAddress(address)?.key === undefined ? address : nameFamily(address);
  const groups = groupBy(ends, ({ step, why }) => JSON.stringify([familyOf(step.address), step.action, why]));
  return [...groups.values()].map((group) => {
    const [first] = group;
    const { address } = first.step;
    return { ...first, name: group.length > 1 ? familyOf(address) : address, count: group.length };
  });
}
