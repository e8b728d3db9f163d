import { parseAddress } from "../core/address.ts";
import { meansTheSame } from "../core/equality.ts";
import { excerpt } from "../core/excerpt.ts";
import { formatPath, mapLeaves } from "../core/spec-walk.ts";
import { isLookup, type Json, type Lookup, type Values } from "../core/value.ts";
import { holderKind } from "../kind/holder.ts";
import type { Item, Kind } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import { type FoundLookup, findLookups, holderOf, type ObservationSession } from "./observation-session.ts";

/** The wanted resources with every lookup of this kind replaced by the id of the one object that fits. */
export async function resolveLookups<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
): Promise<readonly Resource[]> {
  return Promise.all(
    session.desired.map(async (resource) => {
      const found = findLookups(session, kind, resource);
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
  { path, lookup }: FoundLookup,
): Promise<string | undefined> {
  const what = `${kind.name} with ${describeWords(lookup)}`;
  const refuse = (code: string, message: string, hint: string): undefined => {
    const at = resource.locate(path);
    session.diagnostics.push({ code, severity: "error", message, hint, at, address: resource.address });
    return undefined;
  };
  const parent = await findParent(session, kind, resource, { path, lookup });
  if (kind.parent !== undefined && parent === undefined) {
    // A holder that is looked up and not found has its own diagnostic.
    if (isLookup(lookup[kind.parent])) return undefined;
    return refuse(
      "lookup-nowhere",
      `what would hold the ${what} isn't made yet`,
      adviseHolder(lookup[kind.parent]),
    );
  }
  const matches = (await session.list(kind, parent)).filter((item) => fits(kind, item, lookup));
  if (matches.length === 1) return matches[0]?.id;
  if (matches.length === 0)
    return refuse("lookup-empty", `Coze has no ${what}`, "check the words, or give {id: …}");
  const ids = excerpt(matches.map(({ id }) => id).join(", "), longestIds);
  return refuse(
    "lookup-ambiguous",
    `Coze has ${matches.length} of ${what}: ${ids}`,
    "choose one with {id: …}",
  );
}

const adviseHolder = (holder: unknown): string =>
  typeof holder === "string" && parseAddress(holder)
    ? `make that first: cozeform apply --target ${holder}; then, in Coze, what is looked for`
    : "apply what holds it first";

function describeWords(lookup: Lookup["$lookup"]): string {
  const words = Object.entries(lookup).map(
    ([name, value]) =>
      `${name} ${isLookup(value) ? `with ${describeWords(value.$lookup)}` : JSON.stringify(value)}`,
  );
  return words.join(" and ");
}

/** The holder of the object that is looked up: named in the lookup, or the holder of the resource that refers to it. */
async function findParent<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  resource: Resource,
  { path, lookup }: FoundLookup,
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

const fits = <Api>(kind: Kind<Api>, item: Item, lookup: Values): boolean =>
  Object.entries(lookup).every(([name, want]) => {
    const field = kind.fields[name];
    return name === kind.parent || (field !== undefined && meansTheSame(field, want, item.live[name]));
  });
