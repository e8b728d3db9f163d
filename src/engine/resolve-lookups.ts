import { stringify } from "yaml";
import { parseAddress } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import { excerpt } from "../core/excerpt.ts";
import { formatPath, mapLeaves } from "../core/spec-walk.ts";
import { isLookup, type Json, type Lookup, type Values } from "../core/value.ts";
import { holderKind } from "../kind/holder.ts";
import { bearsIdentity, preferExact } from "../kind/identity-match.ts";
import type { Item, Kind } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import { type Explained, explain, say } from "../messages/text.ts";
import { type FoundLookup, findLookups, holderOf, type ObservationSession } from "./observation-session.ts";

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
      const found = lookupsOf(resource);
      if (found.length === 0) return resource;
      const ids = new Map<string, Json>();
      for (const one of found) {
        const id = await findOne(session, kind, resource, one);
        if (id !== undefined) ids.set(formatPath(one.path), id);
      }
      const owner = session.engine.provider.kinds.find(({ name }) => name === resource.kind);
      const spec = mapLeaves(
        owner?.fields ?? {},
        resource.spec,
        ({ value, path }) => ids.get(formatPath(path)) ?? value,
      );
      return { ...resource, spec };
    }),
  );
}

/** Characters of the ids that fit a lookup. */
const longestIds = 500;

async function findOne<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  resource: Resource,
  { path, lookup }: Omit<FoundLookup, "kind">,
): Promise<string | undefined> {
  const words = { kind: kind.name, lookup: writeLookup(lookup) };
  const refuse = (code: string, problem: Explained): undefined => {
    const at = resource.locate(path);
    session.diagnostics.push({ code, severity: "error", ...problem, at, address: resource.address });
    return undefined;
  };
  const parent = await findParent(session, kind, resource, { path, lookup });
  if (kind.parent !== undefined && parent === undefined) {
    const holder = lookup[kind.parent];
    // A holder that is looked up and not found has its own diagnostic.
    if (isLookup(holder)) return undefined;
    const problem = explain("engine/lookup-nowhere", { ...words, parent: kind.parent });
    const isManaged = holder !== undefined && parseAddress(holder) !== undefined;
    const hint = isManaged
      ? say("engine/lookup-nowhere-managed", {
          commandLine: commandLine(["apply"], { after: ["--target", holder] }),
          kind: kind.name,
        })
      : problem.hint;
    return refuse("lookup-nowhere", { ...problem, hint });
  }
  const matches = findMatches(kind, await session.list(kind, parent), lookup);
  const [only, ...others] = matches;
  if (!only) return refuse("lookup-empty", explain("engine/lookup-empty", words));
  if (others.length === 0) return only.id;
  const ids = excerpt(matches.map(({ id }) => id).join(", "), longestIds);
  return refuse(
    "lookup-ambiguous",
    explain("engine/lookup-ambiguous", { ...words, count: matches.length, ids }),
  );
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
    return holder ? await findOne(session, holder, resource, { path, lookup: named.$lookup }) : undefined;
  }
  if (named !== undefined) {
    return parseAddress(named) ? session.observation.entries.get(named)?.id : named;
  }
  const owner = session.engine.provider.kinds.find(({ name }) => name === resource.kind);
  const holder = holderKind(kind);
  const isSameHolder = owner && holder !== undefined && holderKind(owner) === holder;
  return isSameHolder ? holderOf(session, owner, resource) : undefined;
}

/** What bears the words of a lookup exactly; if nothing does, what may bear them in the form in which Coze stores them. */
function findMatches<Api>(kind: Kind<Api>, items: readonly Item[], lookup: Values): readonly Item[] {
  const { fields, parent } = kind;
  const words = { fields, parent, identity: Object.keys(lookup) };
  const known = words.identity.every((name) => fields[name] !== undefined);
  return known
    ? preferExact(
        words,
        items.filter((item) => bearsIdentity(words, item, lookup)),
        lookup,
      )
    : [];
}
