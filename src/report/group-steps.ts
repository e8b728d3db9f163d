import { parseAddress } from "../core/address.ts";
import { isFileContent } from "../core/value.ts";
import type { Step } from "../plan/plan.ts";

/** Similar steps that are shown as one. */
export interface StepGroup {
  readonly steps: readonly [Step, ...Step[]];
  /** The changes are identical. Otherwise only the contents of files differ. */
  readonly sameChanges: boolean;
}

/** The smallest number of similar steps that are shown as one. */
const fewest = 5;

/**
 * Groups steps of one `for_each` with the same action, effects and notes that need no permission. The fields of
 * created objects may differ, since they come from the same manifest.
 */
export function groupSteps(steps: readonly Step[]): readonly StepGroup[] {
  return groupSimilar(steps, similarityKey).map((group) => {
    const changes = new Set(group.map((step) => JSON.stringify(step.changes)));
    return { steps: group, sameChanges: changes.size === 1 };
  });
}

/** Groups similar items in the order of their first one; small groups are split up. */
export function groupSimilar<T>(
  items: readonly T[],
  similarityKey: (item: T) => string,
): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = similarityKey(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()].flatMap((group) =>
    group.length < fewest ? group.map((item): [T] => [item]) : [group],
  );
}

function similarityKey(step: Step): string {
  const parsed = parseAddress(step.address);
  if (parsed?.key === undefined || step.effects.some(({ needs }) => needs)) return step.address;
  const { action, effects, notes, lostCall = null, changes } = step;
  const parts = [parsed.kind, parsed.name, action, effects, notes, lostCall, changes];
  return JSON.stringify(parts, (_key, value: unknown) => (isFileContent(value) ? "file" : value));
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
  const groups = new Map<string, IncompleteGroup>();
  for (const { step, why } of ends) {
    const parsed = parseAddress(step.address);
    const family = parsed?.key === undefined ? undefined : `${parsed.kind}.${parsed.name}[…]`;
    const key = JSON.stringify([family ?? step.address, step.action, why]);
    const group = groups.get(key);
    if (group) groups.set(key, { ...group, name: family ?? group.name, count: group.count + 1 });
    else groups.set(key, { step, why, name: step.address, count: 1 });
  }
  return [...groups.values()];
}
