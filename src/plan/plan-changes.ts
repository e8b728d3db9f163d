import { type Address, addressMatches } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Kind } from "../core/kind.ts";
import type { Resource } from "../core/resource.ts";
import { mapLeaves } from "../core/shape.ts";
import { isReference, type Values } from "../core/value.ts";
import { sortByDependency } from "./graph.ts";
import type { Observed, Plan, PlanInput, Step } from "./plan.ts";
import { planRemoval } from "./removal.ts";
import { planResource } from "./resource-step.ts";

/** What the planning of one resource needs to know of the others. */
export interface Planning {
  readonly input: PlanInput;
  readonly diagnostics: Diagnostic[];
  kind(name: string): Kind<never>;
  observed(address: Address): Observed;
  /** A spec with every reference to an object that exists and stays turned into its id. */
  resolve(kind: Kind<never>, spec: Values): Values;
}

/** Compares what is wanted, remembered and live, and says what an apply would do. Pure: no clock, file or network. */
export function planChanges<Api>(given: PlanInput<Api>): Plan {
  const input = given as unknown as PlanInput;
  const kinds = new Map(input.kinds.map((kind) => [kind.name, kind]));
  const stays = new Map<Address, string>();
  const planning: Planning = {
    input,
    diagnostics: [],
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
  };

  const wanted = input.options.destroy ? [] : input.desired;
  const steps: Step[] = [];
  for (const resource of inOrder(wanted)) {
    const step = planResource(planning, resource, input.entries.get(resource.address));
    steps.push(step);
    if (step.place && step.action !== "replace") stays.set(resource.address, step.place.id);
  }
  const kept = new Set(wanted.map(({ address }) => address));
  for (const [address, entry] of input.entries) {
    if (!kept.has(address)) steps.push(planRemoval(planning, address, entry, locate(input.desired, address)));
  }
  const chosen = chooseTargets(steps, input);
  return {
    steps: chosen.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0)),
    diagnostics: planning.diagnostics,
  };
}

function inOrder(resources: readonly Resource[]): readonly Resource[] {
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  const order = sortByDependency(
    new Map(resources.map(({ address, dependencies }) => [address, dependencies])),
  );
  return order.flatMap((address) => byAddress.get(address) ?? []);
}

const locate = (desired: readonly Resource[], address: Address) =>
  desired.find((resource) => resource.address === address)?.at;

/** Targets bring along what they depend on; when destroying, what depends on them. */
function chooseTargets(steps: Step[], input: PlanInput): Step[] {
  const { targets = [], destroy } = input.options;
  if (targets.length === 0) return steps;
  const byAddress = new Map(steps.map((step) => [step.address, step]));
  const dependencies = (step: Step) => (destroy ? dependents(steps, step.address) : step.dependencies);
  const chosen = new Set<Step>();
  const choose = (step: Step): void => {
    if (chosen.has(step)) return;
    chosen.add(step);
    for (const address of dependencies(step)) {
      const other = byAddress.get(address);
      if (other) choose(other);
    }
  };
  for (const step of steps) {
    if (targets.some((target) => addressMatches(target, step.address))) choose(step);
  }
  return [...chosen];
}

const dependents = (steps: readonly Step[], address: Address): readonly Address[] =>
  steps.filter((step) => step.dependencies.includes(address)).map((step) => step.address);
