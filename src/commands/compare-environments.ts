import {
  type ComparedSide,
  compareEnvironments,
  differsUnexpectedly,
  type EnvironmentComparison,
} from "../compare/compare.ts";
import { writeComparison } from "../compare/comparison-file.ts";
import { type Address, addressMatches } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import { type Diagnostic, InvalidInput } from "../core/diagnostic.ts";
import type { Json } from "../core/value.ts";
import { ObserveError } from "../engine/failures.ts";
import { observe } from "../engine/observe.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import { kinds } from "../kinds/index.ts";
import type { Project } from "../manifest/load.ts";
import { explain, say } from "../messages/text.ts";
import { findUnfitEntries } from "../plan/conflicts.ts";
import { readState } from "../state/store.ts";
import { bindSources } from "./bind-copy-sources.ts";
import { type EnvironmentConnections, openConnections } from "./connections.ts";
import type { Host } from "./host.ts";
import { moveStateToday } from "./moved-state.ts";
import { checkTargets, expandLabels } from "./named-addresses.ts";
import { type OtherEnvironment, openOtherEnvironment, requireOther } from "./other-environment.ts";
import { findStatePlace, type ProjectOptions, readValidProject } from "./project.ts";

export interface CompareCommandOptions extends ProjectOptions {
  /** The environment to compare with. */
  readonly against: string;
  /** Compares only these; everything by default. */
  readonly targets?: readonly Address[] | undefined;
}

/** The differences between two environments. */
export interface ComparedEnvironments {
  readonly project: Project;
  readonly comparison: EnvironmentComparison;
  /** The comparison as JSON; `--format json` prints it. */
  readonly document: { readonly [key: string]: Json };
  /** Warnings about the objects that were read. */
  readonly diagnostics: readonly Diagnostic[];
  /** Something differs that the manifests don't want to differ. */
  readonly differs: boolean;
  /** API calls made, in both environments. */
  readonly calls: number;
}

/**
 * Compares the objects that two environments of a project both have. Writes nothing. Throws {@link InvalidInput} for
 * environments that can't be compared.
 */
export async function planAgainst(host: Host, options: CompareCommandOptions): Promise<ComparedEnvironments> {
  const { against } = options;
  const project = await readValidProject(host, options);
  requireOther(project, against, "commands/compare-with-itself");
  const state = moveStateToday(project, await readState(await findStatePlace(project, options)));
  const connections = await openConnections(host, project, options);
  const here: OtherEnvironment = { project, state, engine: connections.engine };
  const there = await openOtherEnvironment(host, connections, options, against);
  for (const one of [there, here]) requireState(one);
  const resources = [...there.project.resources, ...project.resources];
  const states = { ...state, resources: { ...there.state.resources, ...state.resources } };
  const targets = expandLabels(resources, options.targets) ?? [];
  const unknown = checkTargets(resources, states, targets);
  if (unknown.length > 0) throw new InvalidInput(unknown, project.sources);

  const addresses = [
    ...new Set([...resources.map(({ address }) => address), ...Object.keys(states.resources)]),
  ].filter((address) => targets.length === 0 || targets.some((target) => addressMatches(target, address)));
  const bind = (side: OtherEnvironment, rebind?: string) =>
    bindSide({ host, connections, options, side, there, here, rebind });
  const before = await bind(there);
  // The sources of copies may have changed since the last apply.
  const after = await bind(here, against);
  const both = addresses.filter((address) => [before, after].every((one) => isPresent(one, address)));
  const [readThere, readHere] = await settleBoth([readSide(before, both), readSide(after, both)]);
  const comparison = compareEnvironments(kinds, { before: readThere.side, after: readHere.side }, addresses);
  const calls = connections.engine.callCount();
  return {
    project,
    comparison,
    document: host.secrets.redactValue(writeComparison(comparison, calls)),
    diagnostics: [...project.diagnostics, ...readThere.diagnostics, ...readHere.diagnostics],
    differs: differsUnexpectedly(comparison),
    calls,
  };
}

function requireState({ project, state }: OtherEnvironment): void {
  const unfit = findUnfitEntries(new Map(Object.entries(state.resources)), kinds);
  if (unfit.length > 0) throw new InvalidInput(unfit);
  if (state.serial > 0 || Object.keys(state.resources).length > 0) return;
  const { environmentName: environment } = project;
  const problem = explain("commands/nothing-applied", {
    environment,
    state: state.environment,
    commandLine: commandLine(["apply"], { environment }),
  });
  throw new InvalidInput([{ code: "no-state", severity: "error", ...problem }], project.sources);
}

/** An environment whose copies have their sources bound. */
interface BoundSide extends OtherEnvironment {
  readonly bound: readonly Resource[];
  /** Resources that stand for their own copy source. */
  readonly originals: ReadonlySet<Address>;
  /** Ids of this environment and their counterparts in the other one, from the project file. */
  readonly aliases: ComparedSide["aliases"];
  /** Copy sources that are gone. */
  readonly diagnostics: readonly Diagnostic[];
}

interface SideBinding {
  readonly host: Host;
  readonly connections: EnvironmentConnections;
  readonly options: ProjectOptions;
  readonly side: OtherEnvironment;
  /** The environment to compare with. */
  readonly there: OtherEnvironment;
  readonly here: OtherEnvironment;
  /** Look up the sources in this environment again. */
  readonly rebind: string | undefined;
}

async function bindSide(binding: SideBinding): Promise<BoundSide> {
  const { host, connections, options, side, there, here, rebind } = binding;
  const { project, state } = side;
  const unmade = project.resources.filter((resource) => isUnmadeCopy(side, resource));
  // The comparison doesn't need the source of a copy that isn't created yet.
  const resources = project.resources.filter((resource) => !unmade.includes(resource));
  const others = new Map([[there.project.environmentName, there]]);
  const bind = async (again?: string) =>
    bindSources(host, connections, options, { ...project, resources }, state, { others, rebind: again });
  const { desired, diagnostics } = await bind(rebind)
    .then((bound) => ({ ...bound, diagnostics: [] }))
    .catch(async (error: unknown) => {
      if (!(error instanceof InvalidInput) || rebind === undefined) throw error;
      // A source that is gone concerns only its copy.
      return { ...(await bind()), diagnostics: error.diagnostics };
    });
  const bound = new Set(desired.map(({ address }) => address));
  const originals = resources.filter(({ address }) => !bound.has(address)).map(({ address }) => address);
  const aliases = side === there ? here.project.environment.ids : {};
  return { ...side, bound: [...desired, ...unmade], originals: new Set(originals), aliases, diagnostics };
}

function isUnmadeCopy(
  { project, state, engine }: OtherEnvironment,
  { address, kind, spec }: Resource,
): boolean {
  const source = findKind(engine.provider, kind).copying?.sources.sourceOf(spec);
  const elsewhere = source !== undefined && source.environment !== project.environmentName;
  return elsewhere && state.resources[address]?.id === undefined;
}

const isPresent = ({ originals, state }: BoundSide, address: Address): boolean =>
  originals.has(address) || state.resources[address]?.id !== undefined;

interface ReadSide {
  readonly side: ComparedSide;
  readonly diagnostics: readonly Diagnostic[];
}

/** Waits for both before it throws, so that no call is under way after a failure. */
async function settleBoth(
  sides: readonly [Promise<ReadSide>, Promise<ReadSide>],
): Promise<[ReadSide, ReadSide]> {
  await Promise.allSettled(sides);
  return Promise.all(sides);
}

/** Reads the objects of these addresses only. */
async function readSide(
  { project, state, engine, bound, originals, aliases, diagnostics }: BoundSide,
  addresses: readonly Address[],
): Promise<ReadSide> {
  const entries = new Map(Object.entries(state.resources));
  const chosen = new Set(addresses);
  const desired = bound.filter(({ address }) => chosen.has(address));
  const needed = withDependencies(chosen, desired, entries);
  const reading = {
    desired,
    entries: new Map([...entries].filter(([address]) => needed.has(address))),
    cache: new Map(),
    salt: state.lineage,
    refresh: "full",
  } as const;
  try {
    const seen = await observe(engine, reading);
    const read = new Set(desired.map(({ address }) => address));
    await seen.readWhole(addresses.filter((address) => !read.has(address)));
    return {
      side: {
        environment: project.environmentName,
        wanted: project.resources,
        bound,
        found: seen.desired,
        aliases,
        originals,
        entries,
        observed: seen.observed,
        salt: state.lineage,
      },
      // After a failed lookup an id is shown without its name. The comparison is still right.
      diagnostics: [...diagnostics, ...seen.diagnostics].map((one) => ({ ...one, severity: "warning" })),
    };
  } catch (error) {
    throw nameEnvironment(project.environmentName, error);
  }
}

/** Addresses and their dependencies, which scope their lookups. */
function withDependencies(
  chosen: ReadonlySet<Address>,
  resources: readonly Resource[],
  entries: ReadonlyMap<Address, Entry>,
): ReadonlySet<Address> {
  const desired = resources.flatMap(({ dependencies }) => dependencies);
  const recorded = [...chosen].flatMap((address) => entries.get(address)?.dependencies ?? []);
  return new Set([...chosen, ...desired, ...recorded]);
}

/** Adds to an error of reading which of the two environments it is about. */
function nameEnvironment(environment: string, error: unknown): unknown {
  if (!(error instanceof ObserveError)) return error;
  const { failure, subject: resource, at, cause } = error;
  const subject =
    resource === undefined ? environment : say("commands/in-environment", { subject: resource, environment });
  return new ObserveError(failure, { subject, at }, cause);
}
