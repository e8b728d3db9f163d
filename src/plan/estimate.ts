import { addTo, groupBy } from "../core/group.ts";
import { mapLeaves } from "../core/spec-walk.ts";
import { isFileContent, isSettled, type Json } from "../core/value.ts";
import { indexKinds, type Kinds } from "../kind/find-kind.ts";
import { type KindSchema, operationOf } from "../kind/schema.ts";
import { knowsForms } from "../kind/stored-form.ts";
import { changesAnything, leavesObject, type Plan, type PromotionOptions, type Step } from "./plan.ts";
import { scheduleSteps, type Unit } from "./schedule.ts";

/** What an apply will call, as far as a plan can know. */
export interface Estimate {
  readonly calls: number;
  /** Making and changing; trying; looking for what came along; reading back. */
  readonly phases: readonly Phase[];
}

/** Calls that are made side by side. */
interface Phase {
  readonly calls: number;
  /** Those of operations that are known by name. */
  readonly byOperation: ReadonlyMap<string, number>;
}

/** Calls that one method of a kind makes, by its name, or a follow-up by its own. */
interface Count {
  readonly kind: string;
  readonly call: string;
  readonly count: number;
}

/**
 * The API calls that an apply will make, as long as nothing fails: writes, uploads of content that isn't
 * `known` under its key, one look at each group of objects that Coze works on (more when it takes its time), checks, looks for
 * what came along with them, and reading back what is worth it.
 */
export function estimateApply(
  plan: Plan,
  kinds: readonly KindSchema[],
  uploads: Uploads & Pick<PromotionOptions, "check">,
): Estimate {
  const kindOf = indexKinds(kinds);
  const units = scheduleSteps(plan, kinds);
  const writes = units.flatMap((unit) => countWrites(unit, kindOf.get(unit.kind)));
  const looks = countLooks(units, kindOf);
  const uploaded = countUploads(plan, kindOf, uploads);
  const phases = [
    sumCalls([...writes, ...looks], kindOf, new Map([[uploads.operation, uploaded]])),
    sumCalls(uploads.check ? countChecks(plan) : [], kindOf, new Map()),
    sumCalls(countSideProducts(plan, kindOf), kindOf, new Map()),
    sumCalls(countReadBack(plan, kindOf), kindOf, new Map()),
  ];
  return { calls: sum(phases.map(({ calls }) => calls)), phases };
}

function sumCalls(counts: readonly Count[], kindOf: Kinds, others: ReadonlyMap<string, number>): Phase {
  const byOperation = new Map(others);
  for (const { kind, call, count } of counts) {
    const schema = kindOf.get(kind);
    const operation = schema && operationOf(schema, call);
    if (operation !== undefined) byOperation.set(operation, (byOperation.get(operation) ?? 0) + count);
  }
  return { calls: sum([...others.values(), ...counts.map(({ count }) => count)]), byOperation };
}

/**
 * How long an apply takes at the least, in whole seconds, at the rates that are called at (per second): of an
 * operation, or of all together. Coze's own processing time isn't included.
 */
export function estimateSeconds({ phases }: Estimate, rateOf: (operation?: string) => number): number {
  const seconds = phases.map(({ calls, byOperation }) =>
    Math.max(calls / rateOf(), ...[...byOperation].map(([operation, count]) => count / rateOf(operation))),
  );
  return Math.ceil(sum(seconds));
}

/** A question to a bot takes one call to ask, at least one to wait and one to read; a run answers by itself. */
function countChecks({ steps }: Plan): readonly Count[] {
  if (!steps.some(changesAnything)) return [];
  return steps.flatMap(({ kind, checks = [] }) =>
    checks.map(({ say }) => ({ kind, call: "trial", count: say === undefined ? 1 : 3 })),
  );
}

function countWrites({ nodes, part, kind: name }: Unit, kind: KindSchema | undefined): readonly Count[] {
  const steps = nodes.flatMap(({ step, goesAlong }) => (goesAlong ? [] : [step]));
  const count = (call: string, number: number): Count => ({ kind: name, call, count: number });
  if (part === "old") {
    const undone = steps.flatMap(({ undo }) => undo?.calls.map((one) => count(one.name, 1)) ?? []);
    const removed = sum(steps.map(({ removes }) => removes.length));
    return [...undone, count("remove", kind?.removeMany && steps.length > 1 ? 1 : removed)];
  }
  const calls = steps.flatMap((step) => step.calls);
  const creates = steps.filter((step) => step.calls[0]?.call === "create").length;
  return [
    count("create", kind?.createMany ? Math.min(creates, 1) : creates),
    count("update", calls.filter(({ call }) => call === "update").length),
    ...calls.flatMap((one) => (one.call === "follow-up" ? [count(one.name, 1)] : [])),
  ];
}

/** One look at the objects of a kind below each parent that Coze works on. */
function countLooks(units: readonly Unit[], kindOf: Kinds): readonly Count[] {
  const working = units
    .flatMap(({ nodes }) => nodes)
    .filter(({ calls }) => calls.some(({ call }) => call === "settle"));
  const groups = groupBy(working, ({ step: { kind, spec = {} } }) => {
    const parent = kindOf.get(kind)?.parent;
    return JSON.stringify([kind, parent && spec[parent]]);
  });
  return [...groups.values()].map(([{ step }]) => ({ kind: step.kind, call: "settle", count: 1 }));
}

/** Which content needs no upload any more. What a kind uploaded is known under a key of its own account. */
interface Uploads {
  readonly known: ReadonlySet<string>;
  /** The name of the uploading operation. */
  readonly operation: string;
  keyOf(kind: { readonly name: string }, sha256: string): string;
}

function countUploads(plan: Plan, kindOf: Kinds, uploads: Uploads): number {
  const needed = new Set<string>();
  for (const step of plan.steps) {
    const sent = sentFields(step);
    if (sent.size === 0) continue;
    mapLeaves(kindOf.get(step.kind)?.fields ?? {}, step.target ?? {}, ({ shape, value, path }) => {
      if (shape.type === "file" && isFileContent(value) && sent.has(String(path[0]))) {
        const extension = value.$file.slice(value.$file.lastIndexOf(".") + 1).toLowerCase();
        const key = uploads.keyOf({ name: step.kind }, value.sha256);
        const isInline =
          shape.inline?.includes(extension) || (shape.otherTexts && !shape.extensions.includes(extension));
        if (!isInline && !uploads.known.has(key)) needed.add(key);
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

/** The looks below each parent for what comes along with what is made there, where that is known to come from elsewhere. */
function countSideProducts(plan: Plan, kindOf: Kinds): readonly Count[] {
  const below = new Map<Json | undefined, string[]>();
  for (const { place } of plan.steps) if (place) addTo(below, place.parent, place.id);
  const made = groupBy(plan.steps, ({ kind, spec = {}, before = [], calls }) => {
    const { copying, parent = "" } = kindOf.get(kind) ?? {};
    if (!copying || calls[0]?.call !== "create") return undefined;
    const { [parent]: holder = null, ...rest } = spec;
    if (!isSettled(rest)) return undefined;
    const there = below.get(holder) ?? [];
    return copying.sideProducts.none(spec, [...before, ...there])
      ? undefined
      : JSON.stringify([kind, holder]);
  });
  return [...made.values()].map((steps) => {
    const [{ kind }] = steps;
    const specs = steps.map(({ spec = {} }) => spec);
    return { kind, call: "companions", count: kindOf.get(kind)?.copying?.sideProducts.calls(specs) ?? 0 };
  });
}

/** One listing per parent and one reading per object, of the kinds whose next plan saves the reading for it. */
function countReadBack(plan: Plan, kindOf: Kinds): readonly Count[] {
  const read = plan.steps.filter((step) => isReadBack(kindOf.get(step.kind), step) && step.spec);
  const listings = groupBy(read, ({ kind, spec = {} }) => {
    const parent = kindOf.get(kind)?.parent;
    return JSON.stringify([kind, parent && spec[parent]]);
  });
  const listed = [...listings.values()].map((steps) => {
    const [{ kind }] = steps;
    const specs = steps.map(({ spec = {} }) => spec);
    return { kind, call: "list", count: kindOf.get(kind)?.listing?.calls?.(specs) ?? 1 };
  });
  const whole = read.filter(({ kind }) => kindOf.get(kind)?.operations?.read !== undefined);
  return [...whole.map(({ kind }) => ({ kind, call: "read", count: 1 })), ...listed];
}

/**
 * Whether an apply reads back what a step wrote: where the list can save the next plan the reading, or where only that
 * tells another hand's change from the form in which Coze stores the value.
 */
export const isReadBack = (
  kind: Pick<KindSchema, "listing"> | undefined,
  { action, repairs }: Pick<Step, "action" | "repairs">,
): boolean => kind !== undefined && !leavesObject({ action }) && (knowsForms(kind) || repairs === true);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
