import pLimit from "p-limit";
import { type Address, addressMatches } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { leavesOf } from "../core/spec-walk.ts";
import { isLookup, isReference, type Json, type Values } from "../core/value.ts";
import type { Engine } from "../engine/engine.ts";
import { ObserveError } from "../engine/failures.ts";
import { beginObservation } from "../engine/observation-session.ts";
import { resolveReferences } from "../engine/references.ts";
import { resolveLookups } from "../engine/resolve-lookups.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Kind } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry } from "../kind/state-entry.ts";
import { asWritten } from "../kind/stored-form.ts";
import { say } from "../messages/text.ts";
import type { State } from "../state/model.ts";
import { findContainedResources } from "./contained-resources.ts";
import { createIdMap, type IdMap, type IdSources } from "./id-map.ts";
import { currentRelease, findPreviousRelease, isPromoted } from "./release-history.ts";
import { type MergedSpec, mergeSpecs } from "./three-way-merge.ts";
import {
  warnChangedByHand,
  warnCopiedElsewhere,
  warnNotPromoted,
  warnUnmade,
  warnUnreleased,
} from "./warnings.ts";

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
  /** Its desired resources, copy sources resolved. */
  readonly resources: readonly Resource[];
  readonly state: Pick<State, "resources">;
  /** What the project file says of ids. */
  readonly ids: IdSources["given"];
}

export interface PromotionChoice {
  /** Only these, and what they need; everything without it. */
  readonly addresses: readonly Address[];
  /** Promote the source's drafts instead of its published versions. */
  readonly draft?: boolean | undefined;
}

/** The desired resources of a promotion's target. */
export interface PreparedPromotion {
  readonly resources: readonly Resource[];
  /** The promoted resources; all others are there because these need them. */
  readonly targets: readonly Address[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The desired resources of an environment with the releases of another one merged over them. Reads each object that
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
  const { found, diagnostics } = await findInSource(source, inPlace);
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
  const copiedIds = new Map(target.resources.map((resource) => [resource.address, originalOf(resource)]));
  const idOf = (address: Address) => source.state.resources[address]?.id ?? copiedIds.get(address);
  const written = new Map(
    found.map(({ address, kind, spec }) => [
      address,
      resolveReferences(findKind(engine.provider, kind).fields, spec, idOf),
    ]),
  );
  const context: PromotionContext<Api> = {
    source,
    target,
    draft,
    written,
    toTarget,
    diagnostics: [...diagnostics],
  };
  const merged = await Promise.all(inPlace.map((resource) => limit(() => promoteInPlace(context, resource))));
  const promoted = new Map(merged.flatMap((one) => (one ? [[one.address, one]] : [])));
  const resources = target.resources.map((resource) => promoted.get(resource.address) ?? resource);
  const taken = [...copies, ...inPlace].map(({ address }) => address);
  const unmoved = warnNotPromoted(addresses, taken, source.name);
  return {
    resources,
    targets: [...taken, ...findContainedResources(engine.provider.kinds, resources, taken)].sort(),
    diagnostics: [
      ...context.diagnostics,
      ...unmoved,
      ...(unmoved.length === 0 ? warnUnmade(source, both) : []),
      ...(addresses.length === 0 ? warnCopiedElsewhere(engine.provider, source.name, target) : []),
    ],
  };
}

interface PromotionContext<Api> {
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
async function findInSource<Api>(
  { resources, state, engine }: PromotionSource<Api>,
  promoted: readonly Resource[],
): Promise<{ readonly found: readonly Resource[]; readonly diagnostics: readonly Diagnostic[] }> {
  const addresses = new Set(promoted.map(({ address }) => address));
  const session = beginObservation(engine, {
    desired: resources.filter(({ address }) => addresses.has(address)),
    entries: new Map(Object.entries(state.resources)),
    cache: new Map(),
    salt: state.lineage,
    refresh: "auto",
  });
  for (const kind of engine.provider.kinds) session.desired = await resolveLookups(session, kind);
  return { found: session.desired, diagnostics: session.diagnostics };
}

async function promoteInPlace<Api>(
  context: PromotionContext<Api>,
  resource: Resource,
): Promise<Resource | undefined> {
  const { source, target, draft, written, toTarget, diagnostics } = context;
  const kind = findKind(source.engine.provider, resource.kind);
  const sourceResource = source.resources.find(({ address }) => address === resource.address);
  const entry = source.state.resources[resource.address];
  const released = entry && (await readSourceObject(source, kind, resource, entry, draft));
  if (!entry || !released) {
    diagnostics.push(warnUnreleased(resource, source.name, draft));
    return undefined;
  }
  const before = target.state.resources[resource.address] ?? {};
  const salt = source.state.lineage;
  const sourceSpec = written.get(resource.address) ?? {};
  const sides = {
    target: resource.spec,
    source: sourceResource?.spec ?? {},
    written: sourceSpec,
    applied: entry.spec,
    released: asWritten(kind, released, { ...entry, whole: [sourceSpec], salt }),
    former: (isPromoted(before) && currentRelease(before)?.spec) || {},
    from: source.name,
    salt,
  };
  const merged = mergeSpecs(kind as unknown as KindSchema, sides, toTarget);
  const { address } = resource;
  for (const { path, message: problem, hint } of merged.problems) {
    const message = say("promote/problem-of", { address, problem });
    diagnostics.push({
      code: "unknown-there",
      severity: "error",
      address,
      message,
      at: resource.locate(path),
      hint,
    });
  }
  for (const path of merged.changedByHand)
    diagnostics.push(warnChangedByHand(resource, path, source.name, target.name));
  const former = findPreviousRelease(before, merged.cleared);
  const dependencies = new Set([...resource.dependencies, ...referencesIn(kind, merged.spec)]);
  return {
    ...resource,
    spec: merged.spec,
    dependencies: [...dependencies].sort(),
    promoted: {
      own: resource.spec,
      notes: describeOrigin(merged, source.name, target.name, draft),
      former,
    },
  };
}

async function readSourceObject<Api>(
  { engine, name }: PromotionSource<Api>,
  kind: Kind<Api>,
  { address, at }: Resource,
  { id = "", parent }: Entry,
  draft: boolean,
): Promise<Values | undefined> {
  const place = { id, parent };
  const api = engine.apiOf(kind);
  try {
    return await (draft
      ? kind.read?.(api, place).then((reading) => reading?.live)
      : kind.release?.read?.(api, place));
  } catch (error) {
    const failure = engine.provider.explain(error);
    const { source, at: signedInAt } = engine.signIn(kind);
    const about = failure.signIn
      ? { subject: source, at: signedInAt }
      : { subject: say("promote/resource-in", { address, environment: name }), at };
    throw new ObserveError(failure, about, error);
  }
}

function referencesIn<Api>({ fields }: Kind<Api>, spec: Values): readonly Address[] {
  return leavesOf(fields, spec).flatMap(({ value }) => {
    if (isReference(value)) return [value.$ref];
    if (!isLookup(value)) return [];
    // What a lookup looks within may be a resource, too.
    const words = Object.values(value.$lookup).filter((word) => typeof word === "string");
    return words.filter((word) => /^[A-Z][A-Za-z]*\./u.test(word));
  });
}

function describeOrigin(
  { own, unreadable }: MergedSpec,
  from: string,
  to: string,
  draft: boolean,
): readonly string[] {
  const notes = [say(draft ? "promote/uses-draft" : "promote/uses-published", { from })];
  if (own.length > 0) notes.push(say("promote/own-values", { paths: own.join(", "), to }));
  if (unreadable.length > 0)
    notes.push(say("promote/unreadable-values", { paths: unreadable.join(", "), from }));
  return notes;
}
