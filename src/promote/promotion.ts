import pLimit from "p-limit";
import { type Address, addressMatches } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Entry } from "../core/entry.ts";
import type { Kind } from "../core/kind.ts";
import type { Resource } from "../core/resource.ts";
import { mapLeaves } from "../core/shape.ts";
import { isLookup, isReference, type Values } from "../core/value.ts";
import type { Engine } from "../engine/engine.ts";
import { findKind } from "../engine/kinds.ts";
import { beginLook } from "../engine/look.ts";
import { LookFailed } from "../engine/look-failed.ts";
import { resolveLookups } from "../engine/lookup.ts";
import type { State } from "../state/state.ts";
import { type Blended, blendSpec } from "./blend.ts";
import { createIdMap, type IdMap, type IdSources } from "./id-map.ts";

/** The environment that is promoted from. */
export interface Source<Api> {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly state: State;
  readonly engine: Engine<Api>;
}

/** The environment that is promoted to. */
export interface Target {
  readonly name: string;
  /** What its manifests want, originals of copies found. */
  readonly resources: readonly Resource[];
  readonly originals: IdSources["originals"];
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
export interface WantedPromotion {
  readonly resources: readonly Resource[];
  /** What takes part: all else is there because these need it. */
  readonly targets: readonly Address[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The wanted resources of an environment with what another one has released put over them. Reads each object that
 * is promoted in place once, in the source; writes nothing.
 */
export async function wantPromotion<Api>(
  source: Source<Api>,
  target: Target,
  { addresses, draft = false }: PromotionChoice,
): Promise<WantedPromotion> {
  const { engine } = source;
  const chosen = target.resources.filter(
    ({ address }) => addresses.length === 0 || addresses.some((one) => addressMatches(one, address)),
  );
  const copies = chosen.filter((resource) => isCopiedFrom(engine, source.name, resource));
  const inPlace = chosen.filter(({ address, kind }) => {
    return findKind(engine.provider, kind).readReleased && source.state.resources[address]?.id !== undefined;
  });
  const { found, diagnostics } = await findThere(source, inPlace);
  const toTarget = createIdMap({
    fieldsOf: (name) => findKind(engine.provider, name).fields,
    target: target.resources,
    source: source.resources,
    found,
    entries: new Map(Object.entries(source.state.resources)),
    originals: target.originals,
    given: target.ids,
  });
  const limit = pLimit(engine.parallelism);
  const promoting: Promoting<Api> = { source, target, draft, toTarget, diagnostics: [...diagnostics] };
  const promoted = new Map<Address, Resource>();
  await Promise.all(
    inPlace.map((resource) =>
      limit(async () => {
        const one = await promoteInPlace(promoting, resource);
        if (one) promoted.set(one.address, one);
      }),
    ),
  );
  return {
    resources: target.resources.map((resource) => promoted.get(resource.address) ?? resource),
    targets: [...copies, ...inPlace].map(({ address }) => address).sort(),
    diagnostics: [
      ...promoting.diagnostics,
      ...tellUnmoved(addresses, [...copies, ...inPlace], source.name),
      ...(addresses.length === 0 ? tellOthers(source, target) : []),
    ],
  };
}

interface Promoting<Api> {
  readonly source: Source<Api>;
  readonly target: Target;
  readonly draft: boolean;
  readonly toTarget: IdMap;
  readonly diagnostics: Diagnostic[];
}

const isCopiedFrom = <Api>(engine: Engine<Api>, environment: string, { kind, spec }: Resource): boolean =>
  findKind(engine.provider, kind).originals?.sourceOf(spec)?.environment === environment;

/** The source's manifests of what is promoted, with the id of each object that they look up. */
async function findThere<Api>(
  { resources, state, engine }: Source<Api>,
  promoted: readonly Resource[],
): Promise<{ readonly found: readonly Resource[]; readonly diagnostics: readonly Diagnostic[] }> {
  const addresses = new Set(promoted.map(({ address }) => address));
  const look = beginLook(engine, {
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
  const { source, target, draft, toTarget, diagnostics } = promoting;
  const kind = findKind(source.engine.provider, resource.kind);
  const there = source.resources.find(({ address }) => address === resource.address);
  const entry = source.state.resources[resource.address];
  const released = entry && (await readThere(source, kind, resource, entry, draft));
  if (!entry || !released) {
    diagnostics.push(tellUnreleased(resource, source.name, draft));
    return undefined;
  }
  const sides = {
    target: resource.spec,
    source: there?.spec ?? {},
    applied: entry.spec,
    released,
    from: source.name,
    salt: source.state.lineage,
  };
  const blended = blendSpec(kind as unknown as Kind<never>, sides, toTarget);
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
  const dependencies = new Set([...resource.dependencies, ...referencesIn(kind, blended.spec)]);
  return {
    ...resource,
    spec: blended.spec,
    dependencies: [...dependencies].sort(),
    promoted: { own: resource.spec, notes: describeOrigin(blended, source.name, target.name, draft) },
  };
}

async function readThere<Api>(
  { engine, name }: Source<Api>,
  kind: Kind<Api>,
  { address, at }: Resource,
  { id = "", parent }: Entry,
  draft: boolean,
): Promise<Values | undefined> {
  const place = parent === undefined ? { id } : { id, parent };
  const read = draft ? kind.read : kind.readReleased;
  try {
    return await read?.call(kind, engine.apiOf(kind), place);
  } catch (error) {
    const failure = engine.provider.explain(error);
    const { source, at: signedInAt } = engine.signIn(kind);
    const about = failure.signIn
      ? { subject: source, ...(signedInAt ? { at: signedInAt } : {}) }
      : { subject: `${address} in ${name}`, at };
    throw new LookFailed(failure, about, error);
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
  { own, unreadable }: Blended,
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

const tellUnreleased = ({ address, at }: Resource, from: string, draft: boolean): Diagnostic => ({
  code: "unreleased",
  severity: "error",
  address,
  at,
  message: draft ? `${address} is gone in ${from}` : `${address} isn't published in ${from}`,
  hint: draft
    ? `apply ${from} first`
    : `publish it there with "cozeform apply -e ${from}", promote drafts (--draft), or name what to promote without it`,
});

/** Copies that come from elsewhere than the rest. */
const tellOthers = <Api>({ engine, name }: Source<Api>, target: Target): readonly Diagnostic[] =>
  target.resources.flatMap(({ address, kind, spec, at }) => {
    const environment = findKind(engine.provider, kind).originals?.sourceOf(spec)?.environment;
    if (environment === undefined || environment === name) return [];
    return {
      code: "copied-elsewhere",
      severity: "warning",
      address,
      at,
      message: `${address} is copied from ${environment}: a promotion from ${name} leaves it as it is`,
      hint: `to have ${name}'s, say source: {environment: ${name}, …} in a patch of ${target.name}`,
    };
  });

/** Addresses that were asked for and that nothing is promoted of. */
function tellUnmoved(
  addresses: readonly Address[],
  promoted: readonly Resource[],
  from: string,
): readonly Diagnostic[] {
  return addresses
    .filter((asked) => !promoted.some(({ address }) => addressMatches(asked, address)))
    .map((asked) => ({
      code: "not-promoted",
      severity: "error",
      message: `there is nothing to promote of ${asked}: it isn't a Copy from ${from}, and ${from} hasn't made it in place`,
      hint: `promoted are bots that both environments have, and copies whose source is in ${from}`,
    }));
}
