import { findCopySources, recallCopySource, type SourceQuery } from "../copies/copy-sources.ts";
import { type KindOf, substituteCopies } from "../copies/copy-substitution.ts";
import { type Address, addressMatches } from "../core/address.ts";
import { type Diagnostic, InvalidInput } from "../core/diagnostic.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Project } from "../manifest/load.ts";
import type { State } from "../state/model.ts";
import type { EnvironmentConnections, Host } from "./connections.ts";
import { type OtherEnvironment, openOtherEnvironment } from "./environments.ts";
import type { PlanCommandOptions } from "./plan.ts";

/** Wanted resources with their originals in other environments found. */
export interface BoundSources {
  readonly desired: readonly Resource[];
  /** The environments that had to be opened, by name. */
  readonly neighbours: ReadonlyMap<string, OtherEnvironment>;
}

/**
 * Finds the originals that an environment's resources name in others, and takes out those that stand for an original
 * of their own. What was found before counts, unless its wish changed or `anew` names the original's environment.
 * `neighbours`: those that are open already. With `refresh: "none"` nothing is looked for. Throws {@link InvalidInput}
 * for what can't be found, and what opening an environment or looking at Coze throws.
 */
export async function bindSources(
  door: EnvironmentConnections,
  host: Host,
  options: PlanCommandOptions,
  project: Project,
  state: State,
  given: { readonly anew?: string; readonly neighbours?: ReadonlyMap<string, OtherEnvironment> } = {},
): Promise<BoundSources> {
  const kindOf: KindOf = (name) => findKind(door.engine.provider, name);
  const wanted = substituteCopies(kindOf, project.resources, project.environmentName);
  const bound = new Map<Address, Resource>();
  const sought: SourceQuery[] = [];
  const asked = withNeeds(wanted, options.targets ?? []);
  for (const resource of wanted) {
    const source = kindOf(resource.kind).originals?.sourceOf(resource.spec);
    if (!source) continue;
    const entry = state.resources[resource.address];
    const mayAsk = options.refresh !== "none" && asked(resource);
    const isAnew = mayAsk && source.environment === given.anew;
    const spec = recallCopySource(kindOf, resource, entry, isAnew);
    if (spec) bound.set(resource.address, { ...resource, spec });
    else if (mayAsk) {
      const before = isAnew ? undefined : kindOf(resource.kind).originals?.boundTo(entry?.spec ?? {});
      sought.push({ resource, source, ...(before ? { before } : {}) });
    }
  }
  const neighbours = new Map(given.neighbours);
  const diagnostics: Diagnostic[] = [];
  for (const [name, some] of groupByEnvironment(sought)) {
    const open = () => openOtherEnvironment(host, door, options, name);
    const there = neighbours.get(name) ?? (await open().catch(failFor(some, project)));
    neighbours.set(name, there);
    const { resources } = there.project;
    const search = await findCopySources({ name, resources, state: there.state, engine: there.engine }, some);
    for (const resource of search.found) bound.set(resource.address, resource);
    diagnostics.push(...search.diagnostics);
  }
  if (diagnostics.length > 0) throw new InvalidInput(diagnostics, project.sources);
  const desired = wanted.map((resource) => bound.get(resource.address) ?? resource);
  return { desired, neighbours };
}

/** What is wrong with another environment, and who wants to know of it. */
const failFor =
  ([first]: readonly SourceQuery[], project: Project) =>
  (error: unknown): never => {
    if (!(error instanceof InvalidInput) || !first) throw error;
    const { address, locate } = first.resource;
    const { environment, path } = first.source;
    const why: Diagnostic = {
      code: "original-unreachable",
      severity: "error",
      address,
      at: locate(path),
      message: `the original of ${address} is in ${environment}, which can't be read`,
      hint: "set right what else is told here",
    };
    throw new InvalidInput([...error.diagnostics, why], new Map([...error.sources, ...project.sources]));
  };

/** Whether a resource takes part when only some addresses and what they need do. */
function withNeeds(
  resources: readonly Resource[],
  targets: readonly Address[],
): (resource: Resource) => boolean {
  if (targets.length === 0) return () => true;
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  const needed = new Set<Address>();
  const need = (address: Address): void => {
    if (needed.has(address)) return;
    needed.add(address);
    for (const other of byAddress.get(address)?.dependencies ?? []) need(other);
  };
  for (const address of byAddress.keys()) {
    if (targets.some((target) => addressMatches(target, address))) need(address);
  }
  return ({ address }) => needed.has(address);
}

function groupByEnvironment(sought: readonly SourceQuery[]): ReadonlyMap<string, readonly SourceQuery[]> {
  const groups = new Map<string, SourceQuery[]>();
  for (const one of sought) {
    const { environment } = one.source;
    groups.set(environment, [...(groups.get(environment) ?? []), one]);
  }
  return groups;
}
