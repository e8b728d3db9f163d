import { type Address, addressMatches } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { mapLeaves } from "../core/spec-walk.ts";
import { isReference } from "../core/value.ts";
import { indexKinds } from "../kind/find-kind.ts";
import type { Resource } from "../kind/resource.ts";
import { awaitContents } from "./awaited-contents.ts";
import { reportConflicts } from "./conflicts.ts";
import { indexDependents, sortByDependency } from "./graph.ts";
import { answerTogether } from "./guards/answer-together.ts";
import { checkGuards } from "./guards/check-guards.ts";
import { decideRenames, findRenames, idsOfRenamed } from "./guards/renames.ts";
import type { Plan, PlanContext, PlanInput, Step } from "./plan.ts";
import { planRemoval } from "./steps/removal.ts";
import { planResource } from "./steps/resource.ts";

/** Compares what is wanted, remembered and live, and says what an apply would do. Pure: no clock, file or network. */
export function planChanges(input: PlanInput): Plan {
  const plan = planOnce(input);
  return { ...plan, together: answerTogether(plan.refusals, input, planOnce) };
}

function planOnce(input: PlanInput): Omit<Plan, "together"> {
  const first = planSteps(input, new Map());
  const renames = findRenames(first.context, first.steps);
  // Until a possible rename is answered, what refers to it is planned as if it was one.
  const renamedIds = idsOfRenamed(first.context, renames);
  const isFollowed = first.steps.some(({ dependencies }) => dependencies.some((one) => renamedIds.has(one)));
  const { context, steps, diagnostics } = isFollowed ? planSteps(input, renamedIds) : first;
  const decided = decideRenames(context, markMoved(steps, input), renames);
  const chosen = chooseTargets([...decided], input);
  const about = new Set(chosen.map(({ address }) => address));
  // What may only have another name isn't removed.
  const undecided = new Set(
    chosen.filter(({ action }) => action === "undecided").map(({ address }) => address),
  );
  const holds = ({ code, address = "" }: Diagnostic) => code !== "prevent-destroy" || !undecided.has(address);
  const sorted = chosen.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  return {
    steps: awaitContents(sorted, indexKinds(input.kinds), input.options),
    diagnostics: diagnostics
      .filter(({ address }) => address === undefined || about.has(address))
      .filter(holds),
    ...checkGuards(context, sorted, renames),
    ...(renames.unread.length > 0 ? { unread: renames.unread } : {}),
  };
}

/** The steps of all resources, before anything is chosen of them. */
interface PlannedSteps {
  readonly context: PlanContext;
  readonly steps: readonly Step[];
  readonly diagnostics: readonly Diagnostic[];
}

/** `knownIds`: of resources that aren't in the state, the ids of objects that they are taken to be. */
function planSteps(input: PlanInput, knownIds: ReadonlyMap<Address, string>): PlannedSteps {
  const diagnostics: Diagnostic[] = [];
  const survivingIds = new Map(knownIds);
  const context = createPlanContext(input, survivingIds, diagnostics);
  const byAddress = new Map(input.desired.map((resource) => [resource.address, resource]));
  const wanted = input.options.destroy ? [] : input.desired;
  const steps: Step[] = [];
  for (const resource of sortResources(wanted)) {
    const step = planResource(context, resource, input.entries.get(resource.address));
    steps.push(step);
    if (step.place && step.action !== "replace") survivingIds.set(resource.address, step.place.id);
  }
  const kept = new Set(wanted.map(({ address }) => address));
  for (const [address, entry] of input.entries) {
    if (!kept.has(address)) steps.push(planRemoval(context, address, entry, byAddress.get(address)));
  }
  reportConflicts(context, steps);
  return { context, steps, diagnostics };
}

/** Steps with the former addresses of what was moved; a move is a change by itself. */
function markMoved(steps: readonly Step[], { moved = new Map() }: PlanInput): readonly Step[] {
  if (moved.size === 0) return steps;
  const former = new Map<Address, Address>([...moved].map(([from, to]) => [to, from]));
  return steps.map((step): Step => {
    const movedFrom = former.get(step.address);
    if (movedFrom === undefined) return step;
    return { ...step, movedFrom, action: step.action === "no-op" ? "moved" : step.action };
  });
}

function createPlanContext(
  input: PlanInput,
  survivingIds: ReadonlyMap<Address, string>,
  diagnostics: Diagnostic[],
): PlanContext {
  const kinds = indexKinds(input.kinds);
  return {
    input,
    kind(name) {
      const kind = kinds.get(name);
      if (!kind) throw new Error(`no kind is called ${name}`);
      return kind;
    },
    observed: (address) => input.observed.get(address) ?? { status: "absent", candidates: [] },
    resolve: (kind, spec) =>
      mapLeaves(kind.fields, spec, ({ value }) =>
        isReference(value) ? (survivingIds.get(value.$ref) ?? value) : value,
      ),
    canRead: (address) => {
      const seen = input.observed.get(address);
      return !input.final && seen?.status === "present" && seen.partial === true;
    },
    report: (address, problem) => diagnostics.push({ severity: "error", address, ...problem }),
  };
}

function sortResources(resources: readonly Resource[]): readonly Resource[] {
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  const order = sortByDependency(
    new Map(resources.map(({ address, dependencies }) => [address, dependencies])),
  );
  return order.flatMap((address) => byAddress.get(address) ?? []);
}

/** Targets bring along what they depend on; what loses an object, also those who must let go of it first. */
function chooseTargets(steps: Step[], input: PlanInput): Step[] {
  const { targets = [], alone } = input.options;
  if (targets.length === 0) return steps;
  const byAddress = new Map(steps.map((step) => [step.address, step]));
  const dependents = indexDependents(steps);
  const chosen = new Set<Step>();
  const choose = (step: Step): void => {
    if (chosen.has(step)) return;
    chosen.add(step);
    if (alone) return;
    const needed = step.spec ? step.dependencies.flatMap((address) => byAddress.get(address) ?? []) : [];
    const loses = step.removes.length > 0 || step.spec === undefined;
    for (const other of [...needed, ...(loses ? (dependents.get(step.address) ?? []) : [])]) choose(other);
  };
  for (const step of steps) {
    if (targets.some((target) => addressMatches(target, step.address))) choose(step);
  }
  return [...chosen];
}
