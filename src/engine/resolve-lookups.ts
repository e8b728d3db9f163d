import { stringify } from "yaml";
import { parseAddress } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { excerpt } from "../core/excerpt.ts";
import { formatPath, mapLeaves } from "../core/spec-walk.ts";
import { isLookup, isReference, type Json, type Lookup } from "../core/value.ts";
import { holderKind } from "../kind/holder.ts";
import { findByWords } from "../kind/identity-match.ts";
import type { Item, Kind } from "../kind/kind.ts";
import type { ResolvedLookup, Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import { type Explained, explain, say } from "../messages/text.ts";
import {
  type FoundLookup,
  findLookups,
  holderOf,
  idOf,
  type ObservationSession,
} from "./observation-session.ts";

/** The wanted resources with every lookup of this kind replaced by the id of the one object that fits. */
export async function resolveLookups<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
): Promise<readonly Resource[]> {
  const { desired } = session;
  const lookupsOf = (resource: Resource): readonly FoundLookup[] =>
    session.isAbout(resource.address) ? findLookups(session, kind, resource) : [];
  if (!desired.some((resource) => lookupsOf(resource).length > 0)) return desired;
  return Promise.all(
    desired.map(async (resource) => {
      const lookups = lookupsOf(resource);
      if (lookups.length === 0) return resource;
      const resolved: ResolvedLookup[] = [];
      for (const one of lookups) {
        const found = await findOne(session, kind, resource, one);
        const { path, lookup } = one;
        if (found) resolved.push({ path, kind: kind.name, lookup, ...found });
      }
      return withIds(session, resource, resolved);
    }),
  );
}

function withIds<Api>(
  { engine }: ObservationSession<Api>,
  resource: Resource,
  resolved: readonly ResolvedLookup[],
): Resource {
  const ids = new Map<string, Json>(resolved.map(({ path, id }) => [formatPath(path), id]));
  const owner = engine.provider.kinds.find(({ name }) => name === resource.kind);
  const spec = mapLeaves(
    owner?.fields ?? {},
    resource.spec,
    ({ value, path }) => ids.get(formatPath(path)) ?? value,
  );
  return { ...resource, spec, lookups: [...(resource.lookups ?? []), ...resolved] };
}

/** Characters of the ids that fit a lookup. */
const longestIds = 500;

async function findOne<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  resource: Resource,
  found: Omit<FoundLookup, "kind">,
): Promise<Pick<ResolvedLookup, "id" | "unpublished"> | undefined> {
  const { path, lookup, published } = found;
  const words = { kind: kind.name, lookup: writeLookup(lookup) };
  const refuse = (code: string, problem: Explained): undefined => {
    const at = resource.locate(path);
    const { address } = resource;
    // What holds an object is looked up in its own place as well.
    const isKnown = session.diagnostics.some(
      (one) => one.address === address && one.message === problem.message,
    );
    if (!isKnown) session.diagnostics.push({ code, severity: "error", ...problem, at, address });
    return undefined;
  };
  const parent = await findParent(session, kind, resource, found);
  if (kind.parent !== undefined && parent === undefined) {
    const holder = lookup[kind.parent];
    // A holder that is looked up and not found has its own diagnostic.
    if (isLookup(holder) || (holder === undefined && isLookedUp(session, resource))) return undefined;
    return refuse("lookup-nowhere", explainNowhere(session, kind, resource, { ...words, named: holder }));
  }
  const find = async (which?: "published") =>
    findByWords(kind, await session.list(kind, parent, which), lookup);
  const online = await find(published && "published");
  const matches = online.length === 0 && published ? await find() : online;
  const [only, ...others] = matches;
  if (!only) return refuse("lookup-empty", explain("engine/lookup-empty", words));
  if (others.length === 0) return { id: only.id, unpublished: online.length === 0 || undefined };
  const ids = excerpt(matches.map((item) => describeMatch(kind, item)).join(", "), longestIds);
  const problem = explain("engine/lookup-ambiguous", { ...words, count: matches.length, ids });
  return refuse("lookup-ambiguous", problem);
}

/**
 * The problems of lookups that found what was never published, but for those that `isBound` knows: what Coze has taken
 * already stays as it is.
 */
export const findUnpublished = (
  desired: readonly Resource[],
  isBound: (resource: Resource, lookup: ResolvedLookup) => boolean,
): readonly Diagnostic[] =>
  desired.flatMap((resource) =>
    (resource.lookups ?? [])
      .filter((one) => one.unpublished && !isBound(resource, one))
      .map(({ path, kind, lookup, id }) => ({
        code: "never-published",
        severity: "error",
        ...explain("engine/lookup-unpublished", { kind, id, lookup: writeLookup(lookup) }),
        at: resource.locate(path),
        address: resource.address,
      })),
  );

/** An object by its id, what it is called, and what else tells it from others of that name. */
function describeMatch({ identity, parent, narrowedBy = [] }: KindSchema, { id, live }: Item): string {
  const names = [...identity.filter((name) => name !== parent), ...narrowedBy];
  const words = names.map((name) => live[name]).filter((word) => typeof word === "string" && word !== "");
  return words.length === 0 ? id : `${id} (${words.map((word) => excerpt(String(word), 40)).join(", ")})`;
}

/** The address of the resource that holds a resource; undefined where none does. */
function holderAddress<Api>({ engine }: ObservationSession<Api>, resource: Resource): string | undefined {
  const owner = engine.provider.kinds.find(({ name }) => name === resource.kind);
  const holder = resource.spec[owner?.parent ?? ""];
  return isReference(holder) ? holder.$ref : undefined;
}

/** Whether the holder of a resource is itself looked up and wasn't found, which has its own diagnostic. */
function isLookedUp<Api>({ engine }: ObservationSession<Api>, resource: Resource): boolean {
  const owner = engine.provider.kinds.find(({ name }) => name === resource.kind);
  return isLookup(resource.spec[owner?.parent ?? ""]);
}

/** Why an object can't be looked up: what holds it isn't made yet, or isn't in the state. */
function explainNowhere<Api>(
  session: ObservationSession<Api>,
  kind: KindSchema,
  resource: Resource,
  { named, ...words }: { readonly kind: string; readonly lookup: string; readonly named: string | undefined },
): Explained {
  const address = named ?? holderAddress(session, resource);
  const seen = session.observed.get(address ?? "");
  if (address !== undefined && seen?.status === "absent" && seen.candidates.length > 0) {
    const ids = excerpt(seen.candidates.map(({ id }) => id).join(", "), longestIds);
    const adopting = commandLine(["plan"], { after: ["--adopt"] });
    return explain("engine/lookup-in-unknown", { ...words, address, ids, commandLine: adopting });
  }
  const parent = (holderKind(kind) ?? "").toLowerCase();
  const problem = explain("engine/lookup-nowhere", { ...words, parent, field: kind.parent ?? "" });
  if (named === undefined) return problem;
  const making = commandLine(["apply"], { after: ["--target", named] });
  return {
    ...problem,
    hint: say("engine/lookup-nowhere-managed", { commandLine: making, kind: words.kind }),
  };
}

/** A lookup as manifests write it: `{name: "invoice", workspace: {name: "dev"}}`. */
const writeLookup = (lookup: Lookup["$lookup"]): string =>
  stringify(lookup, (_, value: unknown) => (isLookup(value) ? value.$lookup : value), {
    collectionStyle: "flow",
    defaultKeyType: "PLAIN",
    defaultStringType: "QUOTE_DOUBLE",
    flowCollectionPadding: false,
    lineWidth: 0,
  }).trim();

/** The holder of the object that is looked up: named in the lookup, or the holder of the resource that refers to it. */
async function findParent<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  resource: Resource,
  { path, lookup }: Omit<FoundLookup, "kind">,
): Promise<string | undefined> {
  if (kind.parent === undefined) return undefined;
  const named = lookup[kind.parent];
  if (isLookup(named)) {
    const holder = session.engine.provider.kinds.find(({ name }) => name === holderKind(kind));
    return holder && (await findOne(session, holder, resource, { path, lookup: named.$lookup }))?.id;
  }
  if (named !== undefined) return parseAddress(named) ? idOf(session, named) : named;
  const owner = session.engine.provider.kinds.find(({ name }) => name === resource.kind);
  const holder = holderKind(kind);
  const isSameHolder = owner && holder !== undefined && holderKind(owner) === holder;
  return isSameHolder ? holderOf(session, owner, resource) : undefined;
}
