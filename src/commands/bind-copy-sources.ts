import { findCopySources, recallCopySource, type SourceQuery } from "../copies/copy-sources.ts";
import { type KindOf, substituteCopies } from "../copies/copy-substitution.ts";
import { type Address, addressMatches } from "../core/address.ts";
import { type Diagnostic, InvalidInput } from "../core/diagnostic.ts";
import { addTo } from "../core/group.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Project } from "../manifest/load.ts";
import { explain } from "../messages/text.ts";
import type { State } from "../state/model.ts";
import type { EnvironmentConnections } from "./connections.ts";
import type { Host } from "./host.ts";
import { type OtherEnvironment, openOtherEnvironment } from "./other-environment.ts";
import type { ProjectOptions } from "./project.ts";

/** Desired resources whose copy sources are known. */
export interface BoundSources {
  readonly desired: readonly Resource[];
  /** The other environments that were opened, by name. */
  readonly others: ReadonlyMap<string, OtherEnvironment>;
}

/** Which sources to look up. */
export interface BindingOptions extends ProjectOptions {
  /** Look up only what these addresses need. */
  readonly targets?: readonly Address[] | undefined;
  /** `none` looks up nothing. */
  readonly refresh?: "auto" | "full" | "none" | undefined;
}

/** What a run knows before it binds sources. */
export interface KnownSources {
  /** Look up the sources in this environment again, also those that the state records. */
  readonly rebind?: string | undefined;
  /** Environments that are open already, by name. */
  readonly others?: ReadonlyMap<string, OtherEnvironment> | undefined;
}

/**
 * Finds the copy sources in other environments that an environment's resources name, and drops resources that stand
 * for a source of their own. A recorded source is reused unless the manifest names another one. Throws
 * {@link InvalidInput} for a source that isn't found, and what opening an environment and reading Coze throw.
 */
export async function bindSources(
  host: Host,
  connections: EnvironmentConnections,
  options: BindingOptions,
  project: Project,
  state: State,
  known: KnownSources = {},
): Promise<BoundSources> {
  const kindOf = kindsOf(connections);
  const resources = substituteCopies(kindOf, project.resources, project.environmentName);
  const bound = new Map<Address, Resource>();
  const queries: SourceQuery[] = [];
  const isSelected = selectWithDependencies(resources, options.targets ?? []);
  for (const resource of resources) {
    const source = kindOf(resource.kind).copying?.sources.sourceOf(resource.spec);
    if (!source) continue;
    const entry = state.resources[resource.address];
    const mayLook = options.refresh !== "none" && isSelected(resource);
    const rebinds = mayLook && source.environment === known.rebind;
    const spec = recallCopySource(kindOf, resource, entry, rebinds);
    if (spec) bound.set(resource.address, { ...resource, spec });
    else if (mayLook) {
      const before = rebinds ? undefined : kindOf(resource.kind).copying?.sources.boundTo(entry?.spec ?? {});
      queries.push({ resource, source, before });
    }
  }
  const others = new Map(known.others);
  const diagnostics: Diagnostic[] = [];
  for (const [name, some] of groupByEnvironment(queries)) {
    const open = () => openOtherEnvironment(host, connections, options, name);
    const other = others.get(name) ?? (await open().catch(rethrowFor(some, project)));
    others.set(name, other);
    const { project: there, state: theirs, engine } = other;
    const search = await findCopySources({ name, resources: there.resources, state: theirs, engine }, some);
    for (const resource of search.found) bound.set(resource.address, resource);
    diagnostics.push(...search.diagnostics);
  }
  if (diagnostics.length > 0) throw new InvalidInput(diagnostics, project.sources);
  return { desired: resources.map((resource) => bound.get(resource.address) ?? resource), others };
}

/** Finds the kinds that an engine manages by their names. */
export const kindsOf =
  ({ engine }: EnvironmentConnections): KindOf =>
  (name) =>
    findKind(engine.provider, name);

/** Adds to the problems of another environment which resource needs that environment. */
const rethrowFor =
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
      ...explain("commands/original-unreachable", { address, environment }),
    };
    throw new InvalidInput([...error.diagnostics, why], new Map([...error.sources, ...project.sources]));
  };

/** Selects the targets and their dependencies; everything when there are no targets. */
function selectWithDependencies(
  resources: readonly Resource[],
  targets: readonly Address[],
): (resource: Resource) => boolean {
  if (targets.length === 0) return () => true;
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  const selected = new Set<Address>();
  const select = (address: Address): void => {
    if (selected.has(address)) return;
    selected.add(address);
    for (const other of byAddress.get(address)?.dependencies ?? []) select(other);
  };
  for (const address of byAddress.keys()) {
    if (targets.some((target) => addressMatches(target, address))) select(address);
  }
  return ({ address }) => selected.has(address);
}

function groupByEnvironment(queries: readonly SourceQuery[]): ReadonlyMap<string, readonly SourceQuery[]> {
  const groups = new Map<string, SourceQuery[]>();
  for (const one of queries) {
    const { environment } = one.source;
    addTo(groups, environment, one);
  }
  return groups;
}
