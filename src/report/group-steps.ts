import { parseAddress } from "../core/address.ts";
import { isFileContent } from "../core/value.ts";
import type { Step } from "../plan/plan.ts";

/** Steps that are shown as one. */
export interface Fold {
  readonly steps: readonly [Step, ...Step[]];
  /** Their changes are the same to the letter, not only in which file's content is new. */
  readonly sameChanges: boolean;
}

/** From so many on, steps that are alike are shown as one. */
const fewest = 5;

/**
 * Puts steps of one `for_each` together that do the same, bring the same effects and notes, and need no
 * permission. What is created may differ: its fields come from the same manifest.
 */
export function foldSteps(steps: readonly Step[]): readonly Fold[] {
  return foldAlike(steps, likeness).map((group) => {
    const changes = new Set(group.map((step) => JSON.stringify(step.changes)));
    return { steps: group, sameChanges: changes.size === 1 };
  });
}

/** Groups of items that are alike, few of which stay apart; in the order of their first ones. */
export function foldAlike<T>(
  items: readonly T[],
  likeness: (item: T) => string,
): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = likeness(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()].flatMap((group) =>
    group.length < fewest ? group.map((item): [T] => [item]) : [group],
  );
}

function likeness(step: Step): string {
  const parsed = parseAddress(step.address);
  if (parsed?.key === undefined || step.effects.some(({ needs }) => needs)) return step.address;
  const { action, effects, notes, lostCall = null, changes } = step;
  const parts = [parsed.kind, parsed.name, action, effects, notes, lostCall, changes];
  return JSON.stringify(parts, (_key, value: unknown) => (isFileContent(value) ? "file" : value));
}

/** What became of a step that isn't done, and why. */
export interface End {
  readonly step: Step;
  readonly why: string;
}

/** Ends that are told as one; `name` is an address, or that of the `for_each` they come from. */
interface FoldedEnd extends End {
  readonly name: string;
  readonly count: number;
}

/** Puts the steps of one `for_each` together that ended the same way; each was told already while the run went on. */
export function foldEnds(ends: readonly End[]): readonly FoldedEnd[] {
  const groups = new Map<string, FoldedEnd>();
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
