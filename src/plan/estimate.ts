import type { Kind } from "../core/kind.ts";
import { mapLeaves } from "../core/shape.ts";
import { isFileContent, type Values } from "../core/value.ts";
import { indexKinds, type Kinds } from "./kinds.ts";
import type { Action, Plan, Step } from "./plan.ts";
import { scheduleSteps, type Unit } from "./schedule.ts";

/**
 * The API calls that an apply will make, as long as nothing fails: writes, uploads of content not in
 * `uploaded`, one look at each group of objects that Coze works on (more when it takes its time), and reading
 * back what is worth it.
 */
export function estimateCalls<Api>(
  plan: Plan,
  kinds: readonly Kind<Api>[],
  uploaded: ReadonlySet<string>,
): number {
  const units = scheduleSteps(plan, kinds);
  const kindOf = indexKinds(kinds);
  const writes = units.map((unit) => countWrites(unit, kindOf.get(unit.kind)));
  return sum(writes) + countUploads(plan, kindOf, uploaded) + countReadBack(plan, kindOf);
}

function countWrites(unit: Unit, kind: Kind<never> | undefined): number {
  const steps = unit.nodes.map(({ step }) => step);
  if (unit.part === "old") {
    const undone = sum(steps.map(({ undo }) => undo?.calls.length ?? 0));
    const removed = sum(steps.map(({ removes }) => removes.length));
    return undone + (kind?.removeMany && steps.length > 1 ? 1 : removed);
  }
  const creates = steps.filter(({ calls }) => calls[0]?.call === "create").length;
  const settles = steps.some(({ calls }) => calls.some(({ call }) => call === "settle")) ? 1 : 0;
  const others = steps.map(
    ({ calls }) => calls.filter(({ call }) => call === "update" || call === "follow-up").length,
  );
  return (kind?.createMany ? Math.min(creates, 1) : creates) + settles + sum(others);
}

function countUploads(plan: Plan, kindOf: Kinds, uploaded: ReadonlySet<string>): number {
  const needed = new Set<string>();
  for (const step of plan.steps) {
    const sent = sentFields(step);
    mapLeaves(kindOf.get(step.kind)?.fields ?? {}, step.target ?? {}, ({ shape, value, path }) => {
      if (shape.type === "file" && isFileContent(value) && sent.has(String(path[0]))) {
        const extension = value.$file.slice(value.$file.lastIndexOf(".") + 1).toLowerCase();
        if (!shape.inline?.includes(extension) && !uploaded.has(value.sha256)) needed.add(value.sha256);
      }
      return value;
    });
  }
  return needed.size;
}

/** Top-level fields whose values the step's calls carry. */
function sentFields(step: Step): ReadonlySet<string> {
  const creates = step.calls.some(({ call }) => call === "create");
  const updated = step.calls.flatMap((one) => (one.call === "update" ? one.fields : []));
  return new Set(creates ? Object.keys(step.target ?? {}) : updated);
}

/** One listing per parent and one reading per object, of the kinds whose next plan saves the reading for it. */
function countReadBack(plan: Plan, kindOf: Kinds): number {
  const read = plan.steps.filter(({ kind, action, spec }) => isReadBack(kindOf.get(kind), action) && spec);
  const listings = new Map<string, Values[]>();
  for (const { kind, spec = {} } of read) {
    const parent = kindOf.get(kind)?.parent;
    const key = `${kind} ${JSON.stringify(parent === undefined ? null : spec[parent])}`;
    listings.set(key, [...(listings.get(key) ?? []), spec]);
  }
  const listed = [...listings].map(
    ([key, specs]) => kindOf.get(key.split(" ")[0] ?? "")?.listCalls?.(specs) ?? 1,
  );
  return read.length + sum(listed);
}

/** Whether an apply reads back what a step wrote: where the list can save the next plan the reading. */
export const isReadBack = <Api>(kind: Pick<Kind<Api>, "revisions"> | undefined, action: Action): boolean =>
  kind?.revisions === true && action !== "no-op";

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
