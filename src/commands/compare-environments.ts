import type { ComparedSide, EnvironmentComparison } from "../compare/compare.ts";
import { compareEnvironments, differsUnexpectedly } from "../compare/compare.ts";
import { writeComparison } from "../compare/comparison-file.ts";
import { type Address, addressMatches } from "../core/address.ts";
import { type Diagnostic, InvalidInput } from "../core/diagnostic.ts";
import type { Json } from "../core/value.ts";
import { ObserveError } from "../engine/failures.ts";
import { observe } from "../engine/observe.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import { kinds } from "../kinds/index.ts";
import type { Project } from "../manifest/load.ts";
import { findUnfitEntries } from "../plan/state-checks.ts";
import { readState } from "../state/store.ts";
import { bindSources } from "./bind-sources.ts";
import {
  type EnvironmentConnections,
  type Host,
  openConnections,
  type ProjectOptions,
  placeOfState,
  readValidProject,
} from "./connections.ts";
import { type OtherEnvironment, openOtherEnvironment } from "./environments.ts";
import { checkTargets } from "./plan.ts";

export interface CompareCommandOptions extends ProjectOptions {
  /** The environment that it is compared with. */
  readonly against: string;
  /** Only these. */
  readonly targets?: readonly Address[];
}

/** What differs between an environment and another one. */
export interface ComparedEnvironments {
  readonly project: Project;
  readonly comparison: EnvironmentComparison;
  /** The comparison as JSON; what `--format json` prints. */
  readonly document: { readonly [key: string]: Json };
  /** Warnings about what was seen. */
  readonly diagnostics: readonly Diagnostic[];
  /** Something differs that isn't the wish of the manifests. */
  readonly differs: boolean;
  /** API calls made, in both environments. */
  readonly calls: number;
}

/**
 * Reads the objects that two environments of a project both have, and says what differs. Writes nothing at all.
 * Throws {@link InvalidInput} for environments that can't be compared.
 */
export async function planAgainst(host: Host, options: CompareCommandOptions): Promise<ComparedEnvironments> {
  const { against, targets = [] } = options;
  const project = await readValidProject(host, options);
  refuseSame(project, against);
  const state = readState(placeOfState(project, options));
  const door = await openConnections(host, project, options);
  const here: OtherEnvironment = { project, state, engine: door.engine };
  const there = await openOtherEnvironment(host, door, options, against);
  for (const one of [there, here]) refuseUnusable(one);
  const wanted = [...there.project.resources, ...project.resources];
  const remembered = { ...state, resources: { ...there.state.resources, ...state.resources } };
  const unknown = checkTargets(wanted, remembered, targets);
  if (unknown.length > 0) throw new InvalidInput(unknown, project.sources);

  const addresses = [
    ...new Set([...wanted.map(({ address }) => address), ...Object.keys(remembered.resources)]),
  ].filter((address) => targets.length === 0 || targets.some((target) => addressMatches(target, address)));
  const bind = (side: OtherEnvironment, anew?: string) =>
    bindSide({ host, door, options, side, there, here, ...(anew === undefined ? {} : { anew }) });
  const before = await bind(there);
  // What is copied may have changed since.
  const after = await bind(here, against);
  const both = addresses.filter((address) => [before, after].every((one) => isThere(one, address)));
  const [seenThere, seenHere] = await settleBoth([look(before, both), look(after, both)]);
  const comparison = compareEnvironments(kinds, { before: seenThere.side, after: seenHere.side }, addresses);
  const calls = door.engine.callCount();
  return {
    project,
    comparison,
    document: host.secrets.redactValue(writeComparison(comparison, calls)),
    diagnostics: [...project.diagnostics, ...seenThere.diagnostics, ...seenHere.diagnostics],
    differs: differsUnexpectedly(comparison),
    calls,
  };
}

function refuseSame({ environmentName, sources }: Project, against: string): void {
  if (against !== environmentName) return;
  refuse(
    {
      code: "same-environment",
      message: `${against} can't be compared with itself`,
      hint: "name two environments: -e prod --against dev",
    },
    sources,
  );
}

function refuseUnusable({ project, state }: OtherEnvironment): void {
  const unfit = findUnfitEntries(new Map(Object.entries(state.resources)), kinds);
  if (unfit.length > 0) throw new InvalidInput(unfit);
  if (state.serial > 0 || Object.keys(state.resources).length > 0) return;
  const name = project.environmentName;
  refuse(
    {
      code: "no-state",
      message: `nothing was applied to ${name} so far, so there is nothing to compare`,
      hint: `begin with cozeform apply -e ${name}; its state is looked for in .cozeform/${state.environment}.state.json`,
    },
    project.sources,
  );
}

function refuse(problem: Omit<Diagnostic, "severity">, sources: Project["sources"]): never {
  throw new InvalidInput([{ ...problem, severity: "error" }], sources);
}

/** An environment with the originals of its copies found. */
interface Bound extends OtherEnvironment {
  readonly bound: readonly Resource[];
  readonly originals: ReadonlySet<Address>;
  /** What stands for its ids in the other environment, where the project file says so. */
  readonly aliases: ComparedSide["aliases"];
  /** Originals that aren't found any more. */
  readonly diagnostics: readonly Diagnostic[];
}

interface Binding {
  readonly host: Host;
  readonly door: EnvironmentConnections;
  readonly options: ProjectOptions;
  readonly side: OtherEnvironment;
  /** The environment that is compared with. */
  readonly there: OtherEnvironment;
  readonly here: OtherEnvironment;
  readonly anew?: string;
}

async function bindSide({ host, door, options, side, there, here, anew }: Binding): Promise<Bound> {
  const { project, state } = side;
  const waits = project.resources.filter((resource) => isCopyToMake(side, resource));
  // Of what isn't made yet nobody needs to know the original.
  const resources = project.resources.filter((resource) => !waits.includes(resource));
  const neighbours = new Map([[there.project.environmentName, there]]);
  const bind = async (given: { readonly anew?: string }) =>
    bindSources(door, host, options, { ...project, resources }, state, { neighbours, ...given });
  const { desired, diagnostics } = await bind(anew === undefined ? {} : { anew })
    .then((bound) => ({ ...bound, diagnostics: [] }))
    .catch(async (error: unknown) => {
      if (!(error instanceof InvalidInput) || anew === undefined) throw error;
      // An original that is gone says something of that copy alone.
      return { ...(await bind({})), diagnostics: error.diagnostics };
    });
  const bound = new Set(desired.map(({ address }) => address));
  const gone = resources.filter(({ address }) => !bound.has(address)).map(({ address }) => address);
  const aliases = side === there ? here.project.environment.ids : {};
  return { ...side, bound: [...desired, ...waits], originals: new Set(gone), aliases, diagnostics };
}

function isCopyToMake(
  { project, state, engine }: OtherEnvironment,
  { address, kind, spec }: Resource,
): boolean {
  const source = findKind(engine.provider, kind).originals?.sourceOf(spec);
  const elsewhere = source !== undefined && source.environment !== project.environmentName;
  return elsewhere && state.resources[address]?.id === undefined;
}

const isThere = ({ originals, state }: Bound, address: Address): boolean =>
  originals.has(address) || state.resources[address]?.id !== undefined;

interface Looked {
  readonly side: ComparedSide;
  readonly diagnostics: readonly Diagnostic[];
}

/** What one reading makes fail is told when the other one is done, too: no call goes on after that. */
async function settleBoth(looks: readonly [Promise<Looked>, Promise<Looked>]): Promise<[Looked, Looked]> {
  await Promise.allSettled(looks);
  return Promise.all(looks);
}

/** Reads the objects of some addresses, and no others. */
async function look(
  { project, state, engine, bound, originals, aliases, diagnostics }: Bound,
  addresses: readonly Address[],
): Promise<Looked> {
  const entries = new Map(Object.entries(state.resources));
  const chosen = new Set(addresses);
  const about = bound.filter(({ address }) => chosen.has(address));
  const needed = withNeeds(chosen, about, entries);
  const sight = {
    desired: about,
    entries: new Map([...entries].filter(([address]) => needed.has(address))),
    cache: new Map(),
    salt: state.lineage,
    refresh: "full",
  } as const;
  try {
    const seen = await observe(engine, sight);
    const wanted = new Set(about.map(({ address }) => address));
    await seen.readWhole(addresses.filter((address) => !wanted.has(address)));
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
      // Where a lookup finds nothing, an id goes without its name, and the comparison is good all the same.
      diagnostics: [...diagnostics, ...seen.diagnostics].map((one) => ({ ...one, severity: "warning" })),
    };
  } catch (error) {
    throw tellWhere(project.environmentName, error);
  }
}

/** Addresses with those that they hang on: what is looked up is looked up within these. */
function withNeeds(
  chosen: ReadonlySet<Address>,
  resources: readonly Resource[],
  entries: ReadonlyMap<Address, Entry>,
): ReadonlySet<Address> {
  const wanted = resources.flatMap(({ dependencies }) => dependencies);
  const remembered = [...chosen].flatMap((address) => entries.get(address)?.dependencies ?? []);
  return new Set([...chosen, ...wanted, ...remembered]);
}

/** A look that failed says in which of the two environments. */
function tellWhere(environment: string, error: unknown): unknown {
  if (!(error instanceof ObserveError)) return error;
  const subject = error.subject === undefined ? environment : `${error.subject} in ${environment}`;
  return new ObserveError(error.failure, { subject, ...(error.at ? { at: error.at } : {}) }, error.cause);
}
