import type { Address } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { canonicalJson, isLookup, isReference, type Json } from "../core/value.ts";
import type { Engine } from "../engine/engine.ts";
import { ObserveError } from "../engine/failures.ts";
import { beginObservation, holderOf, type ObservationSession } from "../engine/observation-session.ts";
import { resolveLookups } from "../engine/resolve-lookups.ts";
import type { CopySource, SourceName } from "../kind/copying.ts";
import { findKind } from "../kind/find-kind.ts";
import { holderKind } from "../kind/holder.ts";
import type { Item, Kind } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import { explain, say } from "../messages/text.ts";
import type { State } from "../state/model.ts";
import { followName, type KindOf } from "./copy-substitution.ts";

/** A resource whose copy source must be found. */
export interface SourceQuery {
  readonly resource: Resource;
  readonly source: SourceName;
  /** The source of the last copy. If it is found again, its revision counts. */
  readonly before?: CopySource | undefined;
}

/** The environment in which copy sources are searched. */
export interface SourceEnvironment<Api> {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly state: State;
  readonly engine: Engine<Api>;
}

/** Resources whose copy sources were found, and the problems of the others. */
export interface SourceSearch {
  readonly found: readonly Resource[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The spec with the copy source that was found at the last apply; undefined if the source must be searched: it is new,
 * it was changed, its revision was changed in the manifest, or `searchAgain` is set.
 */
export function recallCopySource(
  kindOf: KindOf,
  { kind, spec }: Resource,
  entry: Entry | undefined,
  searchAgain: boolean,
): Resource["spec"] | undefined {
  const { sources } = kindOf(kind).copying ?? {};
  const source = sources?.sourceOf(spec);
  const remembered = entry && sources?.boundTo(entry.spec);
  if (!sources || !source || !remembered) return undefined;
  if (canonicalJson(sources.sourceOf(entry.spec)) !== canonicalJson(source)) return undefined;
  const bound = sources.bind(spec, remembered);
  // A copy in progress is finished with the source that it began with.
  if (entry.status === "unknown" || entry.task !== undefined) return bound;
  const hasNewRevision = sources.boundTo(bound)?.revision !== remembered.revision;
  return hasNewRevision || searchAgain ? undefined : bound;
}

/**
 * Finds copy sources in another environment: by its manifests and state if it manages them, else by their names in
 * its workspace at Coze. Lists each workspace once. Throws {@link ObserveError}; writes nothing.
 */
export async function findCopySources<Api>(
  environment: SourceEnvironment<Api>,
  queries: readonly SourceQuery[],
): Promise<SourceSearch> {
  const found: Resource[] = [];
  const diagnostics: Diagnostic[] = [];
  const kinds = new Set(queries.map(({ resource }) => findKind(environment.engine.provider, resource.kind)));
  for (const kind of kinds) {
    const ofKind = queries.filter(({ resource }) => resource.kind === kind.name);
    const search = await searchEnvironment(environment, kind, ofKind).catch((error: unknown) => {
      if (!(error instanceof ObserveError)) throw error;
      throw new ObserveError(inEnvironment(environment, error.failure), error, error.cause);
    });
    found.push(...search.found);
    diagnostics.push(...search.diagnostics);
  }
  return { found, diagnostics };
}

async function searchEnvironment<Api>(
  environment: SourceEnvironment<Api>,
  kind: Kind<Api>,
  queries: readonly SourceQuery[],
): Promise<SourceSearch> {
  const { engine, state } = environment;
  const others = Object.entries(state.resources).filter(([, entry]) => entry.kind !== kind.name);
  const session = beginObservation(engine, {
    desired: queries.map(({ resource }) => resource),
    entries: new Map(others),
    cache: new Map(),
    salt: state.lineage,
    refresh: "auto",
  });
  const traces = queries.map((one) => traceSource(environment, kind, one));
  session.desired = traces.map(({ home }) => home);
  const holders = engine.provider.kinds.filter(({ name }) => name === holderKind(kind));
  for (const holder of holders) session.desired = await resolveLookups(session, holder);
  const homes = new Map(session.desired.map((home) => [home.address, home]));
  const picked = await Promise.all(
    traces.map(async (one) =>
      chooseSource(environment, kind, one, await listParent(session, kind, homes, one)),
    ),
  );
  const untold = picked.flatMap((one) => ("problem" in one ? (one.problem ?? []) : []));
  const lost = session.diagnostics.map((one) => inEnvironment(environment, one));
  return {
    found: picked.flatMap((one) => ("resource" in one ? one.resource : [])),
    diagnostics: [...lost, ...untold],
  };
}

const inEnvironment = <T extends { readonly message: string }>(
  { name }: { readonly name: string },
  one: T,
): T => ({
  ...one,
  message: say("copies/in-environment", { environment: name, message: one.message }),
});

/** A copy source as far as it is known without a call. */
interface SourceTrace extends SourceQuery {
  /** Its name at Coze, unless its id is known. */
  readonly last: SourceName;
  readonly id?: string | undefined;
  /** The resource that will create it. */
  readonly unmade?: Address | undefined;
  /** The resource as if it were in that environment: it says where the original is. */
  readonly home: Resource;
}

function traceSource<Api>(
  environment: SourceEnvironment<Api>,
  kind: Kind<Api>,
  queries: SourceQuery,
): SourceTrace {
  const { resource, source } = queries;
  const kindOf = (name: string) => findKind(environment.engine.provider, name);
  const { maker, last, standIn } = followName(kindOf, environment.resources, kind.name, source);
  const entry = maker && environment.state.resources[maker.address];
  const isMade = entry?.id !== undefined;
  const same = environment.resources.find(({ address }) => address === resource.address);
  const holder = isMade ? entry.parent : holderIn(kind, standIn ?? same, resource);
  const { [kind.parent ?? ""]: _here, ...spec } = resource.spec;
  const within = kind.parent === undefined || holder === undefined ? {} : { [kind.parent]: holder };
  return {
    ...queries,
    last,
    id: isMade ? entry.id : undefined,
    unmade: isMade ? undefined : maker?.address,
    home: { ...resource, spec: { ...spec, ...within } },
  };
}

/** The parent of a copy source: from its environment's manifest, else the same reference or lookup as here. */
function holderIn<Api>(
  { parent = "" }: Kind<Api>,
  manifest: Resource | undefined,
  here: Resource,
): Json | undefined {
  if (manifest) return manifest.spec[parent];
  const holder = here.spec[parent];
  // An id of this environment means nothing in that one.
  return isReference(holder) || isLookup(holder) ? holder : undefined;
}

/** The objects in the source's parent; undefined if the parent isn't known. */
async function listParent<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  homes: ReadonlyMap<Address, Resource>,
  { resource }: SourceTrace,
): Promise<readonly Item[] | undefined> {
  const home = homes.get(resource.address);
  const parent = home && holderOf(session, kind, home);
  return kind.parent !== undefined && parent === undefined ? undefined : await session.list(kind, parent);
}

/** The resources of the environment that made an object, now or in an earlier version. */
const makersOf = <Api>({ state }: SourceEnvironment<Api>, { id }: Item) =>
  Object.entries(state.resources).flatMap(([address, entry]) =>
    entry.id === id || entry.kept?.some((one) => one.id === id) ? [{ address, entry }] : [],
  );

type SourceChoice = { readonly resource: Resource } | { readonly problem?: Diagnostic };

function chooseSource<Api>(
  environment: SourceEnvironment<Api>,
  kind: Kind<Api>,
  one: SourceTrace,
  items: readonly Item[] | undefined,
): SourceChoice {
  const { resource, last, id, home, before } = one;
  if (!items) {
    // A failed lookup is reported already.
    return isLookup(home.spec[kind.parent ?? ""])
      ? {}
      : { problem: reportUnknownParent(environment, kind, one) };
  }
  const listed = items.filter((item) =>
    id === undefined ? kind.copying?.sources.isNamed(item.live, last) : item.id === id,
  );
  // Replaced copies keep their names. Only the current one counts.
  const standing = listed.filter((item) =>
    makersOf(environment, item).some(({ entry }) => entry.id === item.id),
  );
  const [item, ...more] = listed.length > 1 && standing.length === 1 ? standing : listed;
  if (more.length > 0) return { problem: reportAmbiguous(environment, kind, one, listed) };
  if (item) return { resource: bindTo(kind, resource, keepRevision(originalOf(item), before)) };
  // A list may be incomplete. The state says that it was created.
  if (id !== undefined) return { resource: bindTo(kind, resource, { id }) };
  return { problem: reportMissing(environment, kind, one) };
}

function bindTo<Api>({ copying }: Kind<Api>, resource: Resource, original: CopySource): Resource {
  return { ...resource, spec: copying?.sources.bind(resource.spec, original) ?? resource.spec };
}

function originalOf({ id, live, revision }: Item): CopySource {
  const at = new Date((revision ?? Number.NaN) * 1000);
  const isTime = Number.isFinite(at.getTime());
  return { id, live, revision: isTime ? at.toISOString().replace(".000Z", "Z") : undefined };
}

function keepRevision({ revision, ...original }: CopySource, before: CopySource | undefined): CopySource {
  return { ...original, revision: before?.id === original.id ? before.revision : revision };
}

function complain(
  { resource, source }: SourceTrace,
  code: string,
  problem: Pick<Diagnostic, "message" | "hint">,
): Diagnostic {
  const at = resource.locate(source.path);
  return { code, severity: "error", ...problem, at, address: resource.address };
}

function reportUnknownParent<Api>(
  { name: environment }: SourceEnvironment<Api>,
  kind: Kind<Api>,
  one: SourceTrace,
): Diagnostic {
  const { address } = one.resource;
  const holder = one.home.spec[kind.parent ?? ""];
  const problem = isReference(holder)
    ? explain("copies/parent-unmade", {
        address,
        parent: holder.$ref,
        environment,
        commandLine: commandLine(["apply"], { environment }),
      })
    : explain("copies/no-manifest", { address, environment, kind: holderKind(kind) ?? "" });
  return complain(one, "original-nowhere", problem);
}

function reportMissing<Api>(
  { name: environment }: SourceEnvironment<Api>,
  kind: Kind<Api>,
  one: SourceTrace,
): Diagnostic {
  const { last, unmade: address } = one;
  const names = { environment, type: last.type, name: JSON.stringify(last.name) };
  const problem = explain("copies/original-missing", { ...names, parent: describeParent(kind, one) });
  const hint =
    address &&
    say("copies/apply-source-first", { address, commandLine: commandLine(["apply"], { environment }) });
  return complain(one, "original-missing", hint ? { ...problem, hint } : problem);
}

function reportAmbiguous<Api>(
  environment: SourceEnvironment<Api>,
  kind: Kind<Api>,
  one: SourceTrace,
  items: readonly Item[],
): Diagnostic {
  const problem = explain("copies/original-ambiguous", {
    environment: environment.name,
    type: one.last.type,
    name: JSON.stringify(one.last.name),
    parent: describeParent(kind, one),
    ids: items.map(({ id }) => id).join(", "),
  });
  const makers = items.flatMap((item) => makersOf(environment, item)).map(({ address }) => address);
  if (makers.length === 0) return complain(one, "original-ambiguous", problem);
  const hint = say("copies/name-maker", { makers: [...new Set(makers)].sort().join(", ") });
  return complain(one, "original-ambiguous", { ...problem, hint });
}

/** The parent of a copy source, for messages. */
function describeParent<Api>(kind: Kind<Api>, { home }: SourceTrace): string {
  const holder = home.spec[kind.parent ?? ""];
  if (isReference(holder)) return holder.$ref;
  const name = holderKind(kind) ?? "it";
  return typeof holder === "string"
    ? say("copies/known-parent", { kind: name, id: holder })
    : say("copies/found-parent", { kind: name });
}
