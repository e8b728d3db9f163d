import { type Address, addressMatches } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { mapLeaves } from "../core/spec-walk.ts";
import { isReference, type Values } from "../core/value.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import { reportClashes } from "./duplicate-identity.ts";
import { sortByDependency } from "./graph.ts";
import { indexKinds } from "./kind-index.ts";
import type { Observed, Plan, PlanInput, Step } from "./plan.ts";
import { planRemoval } from "./steps/removal.ts";
import { planResource } from "./steps/resource.ts";

/** What the planning of one resource needs to know of the others. */
export interface PlanContext {
  readonly input: PlanInput;
  kind(name: string): KindSchema;
  observed(address: Address): Observed;
  /** A spec with every reference to an object that exists and stays turned into its id. */
  resolve(kind: KindSchema, spec: Values): Values;
  /** Something that no apply of this resource can get past. */
  report(address: Address, problem: Problem): void;
}

type Problem = Pick<Diagnostic, "code" | "message" | "hint"> & { readonly at: Diagnostic["at"] | undefined };

/** Compares what is wanted, remembered and live, and says what an apply would do. Pure: no clock, file or network. */
export function planChanges(input: PlanInput): Plan {
  const diagnostics: Diagnostic[] = [];
  const stays = new Map<Address, string>();
  const planning = beginPlanning(input, stays, diagnostics);

  const byAddress = new Map(input.desired.map((resource) => [resource.address, resource]));
  const wanted = input.options.destroy ? [] : input.desired;
  const steps: Step[] = [];
  for (const resource of inOrder(wanted)) {
    const step = planResource(planning, resource, input.entries.get(resource.address));
    steps.push(step);
    if (step.place && step.action !== "replace") stays.set(resource.address, step.place.id);
  }
  const kept = new Set(wanted.map(({ address }) => address));
  for (const [address, entry] of input.entries) {
    if (!kept.has(address)) steps.push(planRemoval(planning, address, entry, byAddress.get(address)));
  }
  reportClashes(planning, steps);
  const chosen = chooseTargets(steps, input);
  const about = new Set(chosen.map(({ address }) => address));
  return {
    steps: chosen.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0)),
    diagnostics: diagnostics.filter(({ address }) => address === undefined || about.has(address)),
  };
}

function beginPlanning(
  input: PlanInput,
  stays: ReadonlyMap<Address, string>,
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
        isReference(value) ? (stays.get(value.$ref) ?? value) : value,
      ),
    report: (address, { code, message, hint, at }) =>
      diagnostics.push({
        code,
        severity: "error",
        message,
        address,
        ...(hint ? { hint } : {}),
        ...(at ? { at } : {}),
      }),
  };
}

function inOrder(resources: readonly Resource[]): readonly Resource[] {
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

/** By address, the steps whose object hangs on it, or did when last applied. */
export function indexDependents(steps: readonly Step[]): ReadonlyMap<Address, readonly Step[]> {
  const index = new Map<Address, Step[]>();
  for (const step of steps) {
    for (const address of new Set([...step.dependencies, ...(step.formerDependencies ?? [])])) {
      const known = index.get(address);
      if (known) known.push(step);
      else index.set(address, [step]);
    }
  }
  return index;
}
