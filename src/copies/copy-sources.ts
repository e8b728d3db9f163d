import type { Address } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { canonicalJson, isLookup, isReference, type Json } from "../core/value.ts";
import type { Engine } from "../engine/engine.ts";
import { beginObservation, holderOf, type ObservationSession } from "../engine/observation-session.ts";
import { ObserveError } from "../engine/observe-error.ts";
import { resolveLookups } from "../engine/resolve-lookups.ts";
import type { CopySource, SourceName } from "../kind/copying.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Item, Kind } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { State } from "../state/model.ts";
import { followName, type KindOf } from "./copy-substitution.ts";

/** A resource whose original has to be looked for. */
export interface SourceQuery {
  readonly resource: Resource;
  readonly source: SourceName;
  /** What it was last made from: should that be found again, it is the same in that revision. */
  readonly before?: CopySource;
}

/** The environment that originals are looked for in. */
export interface There<Api> {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly state: State;
  readonly engine: Engine<Api>;
}

/** Resources with their originals found, and why others weren't. */
export interface SourceSearch {
  readonly found: readonly Resource[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * What was found when a resource was last applied, put into its spec; undefined when its original has to be looked
 * for: it is new, or another one, or its revision was changed in the manifest, or so it is asked (`anew`).
 */
export function recallCopySource(
  kindOf: KindOf,
  { kind, spec }: Resource,
  entry: Entry | undefined,
  anew: boolean,
): Resource["spec"] | undefined {
  const { sources } = kindOf(kind).copying ?? {};
  const source = sources?.sourceOf(spec);
  const remembered = entry && sources?.boundTo(entry.spec);
  if (!sources || !source || !remembered) return undefined;
  if (canonicalJson(sources.sourceOf(entry.spec)) !== canonicalJson(source)) return undefined;
  const bound = sources.bind(spec, remembered);
  // What was begun is what has to be ended, whatever the original is by now.
  if (entry.status === "unknown" || entry.task !== undefined) return bound;
  const isPinnedAnew = sources.boundTo(bound)?.revision !== remembered.revision;
  return isPinnedAnew || anew ? undefined : bound;
}

/**
 * Finds originals in another environment: by its manifests and state where these make them, else by the name that Coze
 * calls them in the workspace there. Lists each workspace once. Throws {@link ObserveError}; writes nothing.
 */
export async function findCopySources<Api>(
  there: There<Api>,
  sought: readonly SourceQuery[],
): Promise<SourceSearch> {
  const found: Resource[] = [];
  const diagnostics: Diagnostic[] = [];
  const kinds = new Set(sought.map(({ resource }) => findKind(there.engine.provider, resource.kind)));
  for (const kind of kinds) {
    const ofKind = sought.filter(({ resource }) => resource.kind === kind.name);
    const search = await searchThere(there, kind, ofKind).catch((error: unknown) => {
      if (!(error instanceof ObserveError)) throw error;
      const { failure, subject, at } = error;
      const about = { ...(subject === undefined ? {} : { subject }), ...(at ? { at } : {}) };
      throw new ObserveError(
        { ...failure, message: `in ${there.name}: ${failure.message}` },
        about,
        error.cause,
      );
    });
    found.push(...search.found);
    diagnostics.push(...search.diagnostics);
  }
  return { found, diagnostics };
}

async function searchThere<Api>(
  there: There<Api>,
  kind: Kind<Api>,
  sought: readonly SourceQuery[],
): Promise<SourceSearch> {
  const { engine, state } = there;
  const others = Object.entries(state.resources).filter(([, entry]) => entry.kind !== kind.name);
  const look = beginObservation(engine, {
    desired: sought.map(({ resource }) => resource),
    entries: new Map(others),
    cache: new Map(),
    salt: state.lineage,
    refresh: "auto",
  });
  const traces = sought.map((one) => trace(there, kind, one));
  look.desired = traces.map(({ home }) => home);
  const holders = engine.provider.kinds.filter(({ name }) => name === holderKind(kind));
  for (const holder of holders) look.desired = await resolveLookups(look, holder);
  const homes = new Map(look.desired.map((home) => [home.address, home]));
  const picked = await Promise.all(
    traces.map(async (one) => pick(there, kind, one, await listHome(look, kind, homes, one))),
  );
  const untold = picked.flatMap((one) => ("problem" in one ? (one.problem ?? []) : []));
  const lost = look.diagnostics.map((one) => ({ ...one, message: `in ${there.name}, ${one.message}` }));
  return {
    found: picked.flatMap((one) => ("resource" in one ? one.resource : [])),
    diagnostics: [...lost, ...untold],
  };
}

function holderKind<Api>({ fields, parent }: Kind<Api>): string | undefined {
  const field = parent === undefined ? undefined : fields[parent];
  return field?.type === "ref" ? field.kind : undefined;
}

/** What is known of an original before Coze is asked. */
interface Trace extends SourceQuery {
  /** What Coze calls it, unless its id is known. */
  readonly last: SourceName;
  readonly id?: string;
  /** The resource that will make it, and hasn't. */
  readonly unmade?: Address;
  /** The resource as if it were in that environment: it says where the original is. */
  readonly home: Resource;
}

function trace<Api>(there: There<Api>, kind: Kind<Api>, sought: SourceQuery): Trace {
  const { resource, source } = sought;
  const kindOf = (name: string) => findKind(there.engine.provider, name);
  const { maker, last, standIn } = followName(kindOf, there.resources, kind.name, source);
  const entry = maker && there.state.resources[maker.address];
  const isMade = entry?.id !== undefined;
  const same = there.resources.find(({ address }) => address === resource.address);
  const holder = isMade ? entry.parent : holderIn(kind, standIn ?? same, resource);
  const { [kind.parent ?? ""]: _here, ...spec } = resource.spec;
  const within = kind.parent === undefined || holder === undefined ? {} : { [kind.parent]: holder };
  return {
    ...sought,
    last,
    ...(isMade ? { id: entry.id } : {}),
    ...(maker && !isMade ? { unmade: maker.address } : {}),
    home: { ...resource, spec: { ...spec, ...within } },
  };
}

/** What holds an original: what its environment's own manifest says, else the same resource or words as here. */
function holderIn<Api>(
  { parent = "" }: Kind<Api>,
  manifest: Resource | undefined,
  here: Resource,
): Json | undefined {
  if (manifest) return manifest.spec[parent];
  const holder = here.spec[parent];
  // An id of this environment is none of that one.
  return isReference(holder) || isLookup(holder) ? holder : undefined;
}

/** What is where an original should be; undefined when that place isn't known. */
async function listHome<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  homes: ReadonlyMap<Address, Resource>,
  { resource }: Trace,
): Promise<readonly Item[] | undefined> {
  const home = homes.get(resource.address);
  const parent = home && holderOf(look, kind, home);
  return kind.parent !== undefined && parent === undefined ? undefined : await look.list(kind, parent);
}

/** The resources there that made an object, or made one that it was before. */
const makersOf = <Api>({ state }: There<Api>, { id }: Item) =>
  Object.entries(state.resources).flatMap(([address, entry]) =>
    entry.id === id || entry.kept?.some((one) => one.id === id) ? [{ address, entry }] : [],
  );

type Picked = { readonly resource: Resource } | { readonly problem?: Diagnostic };

function pick<Api>(
  there: There<Api>,
  kind: Kind<Api>,
  one: Trace,
  items: readonly Item[] | undefined,
): Picked {
  const { resource, last, id, home, before } = one;
  if (!items) {
    // Why a lookup found nothing is told already.
    return isLookup(home.spec[kind.parent ?? ""]) ? {} : { problem: tellHomeless(there, kind, one) };
  }
  const listed = items.filter((item) =>
    id === undefined ? kind.copying?.sources.isNamed(item.live, last) : item.id === id,
  );
  // Copies that were replaced keep their names: the one that stands is meant.
  const standing = listed.filter((item) => makersOf(there, item).some(({ entry }) => entry.id === item.id));
  const [item, ...more] = listed.length > 1 && standing.length === 1 ? standing : listed;
  if (more.length > 0) return { problem: tellAmbiguous(there, kind, one, listed) };
  if (item) return { resource: bindTo(kind, resource, sinceBefore(originalOf(item), before)) };
  // A list may not show all; the state says that it was made.
  if (id !== undefined) return { resource: bindTo(kind, resource, { id }) };
  return { problem: tellMissing(there, kind, one) };
}

function bindTo<Api>({ copying }: Kind<Api>, resource: Resource, original: CopySource): Resource {
  return { ...resource, spec: copying?.sources.bind(resource.spec, original) ?? resource.spec };
}

function originalOf({ id, live, revision }: Item): CopySource {
  const at = new Date((revision ?? Number.NaN) * 1000);
  const isTime = Number.isFinite(at.getTime());
  return { id, live, ...(isTime ? { revision: at.toISOString().replace(".000Z", "Z") } : {}) };
}

function sinceBefore({ revision, ...original }: CopySource, before: CopySource | undefined): CopySource {
  const same = before?.id === original.id ? before.revision : revision;
  return { ...original, ...(same === undefined ? {} : { revision: same }) };
}

function complain(one: Trace, code: string, message: string, hint: string): Diagnostic {
  const { resource, source } = one;
  const at = resource.locate(source.path);
  return { code, severity: "error", message, hint, at, address: resource.address };
}

function tellHomeless<Api>(there: There<Api>, kind: Kind<Api>, one: Trace): Diagnostic {
  const holder = one.home.spec[kind.parent ?? ""];
  if (isReference(holder)) {
    const message = `${holder.$ref}, where the original of ${one.resource.address} is looked for, isn't made in ${there.name} yet`;
    return complain(
      one,
      "original-nowhere",
      message,
      `apply ${there.name} first: cozeform apply -e ${there.name}`,
    );
  }
  const message = `${one.resource.address} has no manifest in ${there.name} that says in which ${holderKind(kind)} its original is`;
  return complain(one, "original-nowhere", message, 'name the original by its id: source: {id: "…"}');
}

function tellMissing<Api>(there: There<Api>, kind: Kind<Api>, one: Trace): Diagnostic {
  const { last, unmade } = one;
  const message = `${there.name} has no ${last.type} called ${JSON.stringify(last.name)} in ${whereabouts(kind, one)}`;
  const hint =
    unmade === undefined
      ? `write the name that Coze shows there, or the original's id: source: {id: "…"}`
      : `${unmade} makes it there and hasn't yet: cozeform apply -e ${there.name}`;
  return complain(one, "original-missing", message, hint);
}

function tellAmbiguous<Api>(
  there: There<Api>,
  kind: Kind<Api>,
  one: Trace,
  items: readonly Item[],
): Diagnostic {
  const { type, name } = one.last;
  const ids = items.map(({ id }) => id).join(", ");
  const message = `${there.name} has ${items.length} ${type}s called ${JSON.stringify(name)} in ${whereabouts(kind, one)}: ${ids}`;
  const makers = [...new Set(items.flatMap((item) => makersOf(there, item)).map(({ address }) => address))];
  const hint =
    makers.length > 0
      ? `write in its place the name of the one that makes it there: ${makers.sort().join(", ")}`
      : 'choose one with source: {id: "…"}, or give them names of their own';
  return complain(one, "original-ambiguous", message, hint);
}

/** What holds an original, in words. */
function whereabouts<Api>(kind: Kind<Api>, { home }: Trace): string {
  const holder = home.spec[kind.parent ?? ""];
  if (isReference(holder)) return holder.$ref;
  const name = holderKind(kind) ?? "it";
  return typeof holder === "string" ? `the ${name} ${holder}` : `the ${name} that its manifest looks up`;
}
