import pLimit from "p-limit";
import { type Address, addressMatches } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { mapLeaves } from "../core/spec-walk.ts";
import { isLookup, isReference, type Json, type Values } from "../core/value.ts";
import type { Engine } from "../engine/engine.ts";
import { beginObservation } from "../engine/observation-session.ts";
import { ObserveError } from "../engine/observe-error.ts";
import { resolveLookups } from "../engine/resolve-lookups.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Kind } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { State } from "../state/model.ts";
import { findContainedResources } from "./contained-resources.ts";
import { createIdMap, type IdMap, type IdSources } from "./id-map.ts";
import { findPreviousRelease } from "./previous-release.ts";
import { standingOf } from "./release-history.ts";
import { type MergedSpec, mergeSpecs } from "./three-way-merge.ts";
import { warnOthers, warnStrayed, warnUnmade, warnUnmoved, warnUnreleased } from "./warnings.ts";

/** The environment that is promoted from. */
export interface PromotionSource<Api> {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly state: State;
  readonly engine: Engine<Api>;
}

/** The environment that is promoted to. */
export interface PromotionTarget {
  readonly name: string;
  /** What its manifests want, originals of copies found. */
  readonly resources: readonly Resource[];
  readonly state: Pick<State, "resources">;
  /** What the project file says of ids. */
  readonly ids: IdSources["given"];
}

export interface PromotionChoice {
  /** Only these, and what they need; everything without it. */
  readonly addresses: readonly Address[];
  /** Drafts of the source in place of what it has published. */
  readonly draft?: boolean;
}

/** What a promotion wants of its target. */
export interface PreparedPromotion {
  readonly resources: readonly Resource[];
  /** What takes part: all else is there because these need it. */
  readonly targets: readonly Address[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The wanted resources of an environment with what another one has released put over them. Reads each object that
 * is promoted in place once, in the source; writes nothing.
 */
export async function preparePromotion<Api>(
  source: PromotionSource<Api>,
  target: PromotionTarget,
  { addresses, draft = false }: PromotionChoice,
): Promise<PreparedPromotion> {
  const { engine } = source;
  const chosen = target.resources.filter(
    ({ address }) => addresses.length === 0 || addresses.some((one) => addressMatches(one, address)),
  );
  const copies = chosen.filter((resource) => isCopiedFrom(engine, source.name, resource));
  const both = chosen.filter(({ kind }) => findKind(engine.provider, kind).release?.read);
  const inPlace = both.filter(({ address }) => source.state.resources[address]?.id !== undefined);
  const { found, diagnostics } = await findThere(source, inPlace);
  const originalOf = ({ kind, spec }: Resource) => {
    const id: Json | undefined = findKind(engine.provider, kind).copying?.sources.boundTo(spec)?.id;
    return typeof id === "string" ? id : undefined;
  };
  const toTarget = createIdMap({
    fieldsOf: (name) => findKind(engine.provider, name).fields,
    target: target.resources,
    source: source.resources,
    found,
    entries: new Map(Object.entries(source.state.resources)),
    originalOf,
    given: target.ids,
  });
  const limit = pLimit(engine.parallelism);
  const standIns = new Map(target.resources.map((resource) => [resource.address, originalOf(resource)]));
  const idOf = (address: Address) => source.state.resources[address]?.id ?? standIns.get(address);
  const written = new Map(found.map((one) => [one.address, referTo(engine, one, idOf)]));
  const promoting: Promoting<Api> = {
    source,
    target,
    draft,
    written,
    toTarget,
    diagnostics: [...diagnostics],
  };
  const promoted = new Map<Address, Resource>();
  await Promise.all(
    inPlace.map((resource) =>
      limit(async () => {
        const one = await promoteInPlace(promoting, resource);
        if (one) promoted.set(one.address, one);
      }),
    ),
  );
  const resources = target.resources.map((resource) => promoted.get(resource.address) ?? resource);
  const taken = [...copies, ...inPlace].map(({ address }) => address);
  const unmoved = warnUnmoved(addresses, taken, source.name);
  return {
    resources,
    targets: [...taken, ...findContainedResources(engine.provider.kinds, resources, taken)].sort(),
    diagnostics: [
      ...promoting.diagnostics,
      ...unmoved,
      ...(unmoved.length === 0 ? warnUnmade(source, both) : []),
      ...(addresses.length === 0 ? warnOthers(source, target) : []),
    ],
  };
}

interface Promoting<Api> {
  readonly source: PromotionSource<Api>;
  readonly target: PromotionTarget;
  readonly draft: boolean;
  /** By address, what the source's manifest says, with its own ids. */
  readonly written: ReadonlyMap<Address, Values>;
  readonly toTarget: IdMap;
  readonly diagnostics: Diagnostic[];
}

const isCopiedFrom = <Api>(engine: Engine<Api>, environment: string, { kind, spec }: Resource): boolean =>
  findKind(engine.provider, kind).copying?.sources.sourceOf(spec)?.environment === environment;

/** The source's manifests of what is promoted, with the id of each object that they look up. */
async function findThere<Api>(
  { resources, state, engine }: PromotionSource<Api>,
  promoted: readonly Resource[],
): Promise<{ readonly found: readonly Resource[]; readonly diagnostics: readonly Diagnostic[] }> {
  const addresses = new Set(promoted.map(({ address }) => address));
  const look = beginObservation(engine, {
    desired: resources.filter(({ address }) => addresses.has(address)),
    entries: new Map(Object.entries(state.resources)),
    cache: new Map(),
    salt: state.lineage,
    refresh: "auto",
  });
  for (const kind of engine.provider.kinds) look.desired = await resolveLookups(look, kind);
  return { found: look.desired, diagnostics: look.diagnostics };
}

async function promoteInPlace<Api>(
  promoting: Promoting<Api>,
  resource: Resource,
): Promise<Resource | undefined> {
  const { source, target, draft, written, toTarget, diagnostics } = promoting;
  const kind = findKind(source.engine.provider, resource.kind);
  const there = source.resources.find(({ address }) => address === resource.address);
  const entry = source.state.resources[resource.address];
  const released = entry && (await readThere(source, kind, resource, entry, draft));
  if (!entry || !released) {
    diagnostics.push(warnUnreleased(resource, source.name, draft));
    return undefined;
  }
  const before = target.state.resources[resource.address] ?? {};
  const sides = {
    target: resource.spec,
    source: there?.spec ?? {},
    written: written.get(resource.address) ?? {},
    applied: entry.spec,
    released,
    former: standingOf(before)?.spec ?? {},
    from: source.name,
    salt: source.state.lineage,
  };
  const blended = mergeSpecs(kind, sides, toTarget);
  for (const { path, message, hint } of blended.problems) {
    diagnostics.push({
      code: "unknown-there",
      severity: "error",
      address: resource.address,
      message: `${resource.address}: ${message}`,
      at: resource.locate(path),
      ...(hint === undefined ? {} : { hint }),
    });
  }
  for (const path of blended.strayed) diagnostics.push(warnStrayed(resource, path, source.name, target.name));
  const former = findPreviousRelease(before, blended.cleared);
  const dependencies = new Set([...resource.dependencies, ...referencesIn(kind, blended.spec)]);
  return {
    ...resource,
    spec: blended.spec,
    dependencies: [...dependencies].sort(),
    promoted: {
      own: resource.spec,
      notes: describeOrigin(blended, source.name, target.name, draft),
      ...(former ? { former } : {}),
    },
  };
}

/** A spec with the ids of what it refers to, as far as there are any. */
function referTo<Api>(
  { provider }: Engine<Api>,
  { kind, spec }: Resource,
  idOf: (address: Address) => string | undefined,
): Values {
  return mapLeaves(findKind(provider, kind).fields, spec, ({ value }) =>
    isReference(value) ? (idOf(value.$ref) ?? value) : value,
  );
}

async function readThere<Api>(
  { engine, name }: PromotionSource<Api>,
  kind: Kind<Api>,
  { address, at }: Resource,
  { id = "", parent }: Entry,
  draft: boolean,
): Promise<Values | undefined> {
  const place = parent === undefined ? { id } : { id, parent };
  const api = engine.apiOf(kind);
  try {
    return await (draft
      ? kind.read?.(api, place).then((reading) => reading?.live)
      : kind.release?.read?.(api, place));
  } catch (error) {
    const failure = engine.provider.explain(error);
    const { source, at: signedInAt } = engine.signIn(kind);
    const about = failure.signIn
      ? { subject: source, ...(signedInAt ? { at: signedInAt } : {}) }
      : { subject: `${address} in ${name}`, at };
    throw new ObserveError(failure, about, error);
  }
}

function referencesIn<Api>({ fields }: Kind<Api>, spec: Values): readonly Address[] {
  const addresses: Address[] = [];
  mapLeaves(fields, spec, ({ value }) => {
    if (isReference(value)) addresses.push(value.$ref);
    if (isLookup(value)) {
      // What a lookup looks within may be a resource, too.
      for (const word of Object.values(value.$lookup))
        if (typeof word === "string" && /^[A-Z][A-Za-z]*\./u.test(word)) addresses.push(word);
    }
    return value;
  });
  return addresses;
}

function describeOrigin(
  { own, unreadable }: MergedSpec,
  from: string,
  to: string,
  draft: boolean,
): readonly string[] {
  return [
    draft ? `goes by ${from}'s draft` : `goes by what ${from} has published`,
    ...(own.length > 0
      ? [`stays as ${to}'s manifest says: ${own.join(", ")} (it differs in ${from}'s)`]
      : []),
    ...(unreadable.length > 0
      ? [`Coze doesn't show ${unreadable.join(", ")}: taken from ${from}'s manifest and state`]
      : []),
  ];
}
