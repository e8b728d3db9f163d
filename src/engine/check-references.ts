import type { Diagnostic } from "../core/diagnostic.ts";
import { kindLookedUp } from "../core/field.ts";
import { formatPath, leavesOf, type Path, valueAt } from "../core/spec-walk.ts";
import { isObject, isReference, type Json } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import { holderKind } from "../kind/holder.ts";
import type { Kind } from "../kind/kind.ts";
import type { ResolvedLookup, Resource } from "../kind/resource.ts";
import { type Explained, explain } from "../messages/text.ts";
import type { Engine } from "./engine.ts";
import { ObserveError } from "./failures.ts";
import {
  beginObservation,
  describeFailure,
  idOf,
  type Observation,
  type ObservationSession,
} from "./observation-session.ts";
import { observationOrder, observeKind } from "./observe.ts";
import { findUnpublished, resolveLookups } from "./resolve-lookups.ts";

/** What Coze shows of the objects that manifests name by ids and lookups. */
export interface CheckedReferences {
  readonly diagnostics: readonly Diagnostic[];
  /** How many ids and lookups were found. */
  readonly found: number;
  /** Ids of which no call tells whether they exist. */
  readonly untold: readonly { readonly kind: string; readonly id: string }[];
}

/** An id that stands in a manifest. */
interface WrittenId {
  readonly resource: Resource;
  readonly path: Path;
  readonly id: string;
  /** The id of what holds the object, as far as the manifest says it. */
  readonly parent: string | undefined;
  readonly published: boolean;
}

interface CheckRun<Api> {
  readonly session: ObservationSession<Api>;
  readonly untold: { readonly kind: string; readonly id: string }[];
  found: number;
}

/**
 * Checks that the objects exist that manifests name by lookups and by ids: one listing for each kind and holder, and calls
 * about single objects only where no list tells. What Coze refuses to this token is passed over. Writes nothing. Throws
 * an {@link ObserveError} for a call that fails otherwise.
 */
export async function checkReferences<Api>(
  engine: Engine<Api>,
  observation: Observation,
): Promise<CheckedReferences> {
  const session = beginObservation(engine, observation);
  const { kinds } = engine.provider;
  const run: CheckRun<Api> = { session, untold: [], found: 0 };
  for (const kind of observationOrder(kinds)) {
    await unlessRefused(async () => {
      session.desired = await resolveLookups(session, kind);
    });
    await unlessRefused(() => checkIds(run, kind));
    // A plan takes over or finds what holds everything else before it looks within.
    const holds = kind.parent === undefined && kinds.some((one) => holderKind(one) === kind.name);
    if (holds && kind.removal !== undefined) await unlessRefused(() => observeKind(session, kind));
  }
  const lookups = session.desired.flatMap((resource) => resource.lookups ?? []);
  const isBound = ({ address }: Resource, { path, id }: ResolvedLookup) =>
    isNamedIn(observation.entries.get(address)?.spec[String(path[0])], id);
  const diagnostics = [...session.diagnostics, ...findUnpublished(session.desired, isBound)];
  return { diagnostics, found: run.found + lookups.length, untold: run.untold };
}

const passedOver: ReadonlySet<string> = new Set(["forbidden", "signed-out"]);

/** Whether a check was made; Coze may refuse to show what it is about. */
async function unlessRefused(check: () => Promise<void>): Promise<boolean> {
  try {
    await check();
    return true;
  } catch (error) {
    const isPassed = error instanceof ObserveError && passedOver.has(error.failure.type);
    if (!isPassed) throw error;
    return false;
  }
}

/** Whether an id stands somewhere in a value. */
const isNamedIn = (value: Json | undefined, id: string): boolean =>
  JSON.stringify(value ?? null).includes(JSON.stringify(id));

async function checkIds<Api>(run: CheckRun<Api>, kind: Kind<Api>): Promise<void> {
  const { session } = run;
  const written = session.desired.flatMap((resource) => findIds(session, kind, resource));
  const checked = await Promise.all(
    written.map(async (one) => ({ one, seen: await findListed(session, kind, one) })),
  );
  const unseen = checked.flatMap(({ one, seen }) => (seen === undefined ? [one] : []));
  const elsewhere = await findElsewhere(session, kind, new Set(unseen.map(({ id }) => id)));
  for (const { one, seen = elsewhere(one.id) } of checked) {
    if (seen === "there") run.found += 1;
    else if (seen !== "untold") reportId(session, kind, one, seen);
    else if (!run.untold.some(({ id }) => id === one.id)) run.untold.push({ kind: kind.name, id: one.id });
  }
}

type Verdict = "there" | "missing" | "never-published" | "untold";

/** The ids of a kind's objects in a spec; those that lookups found aren't among them, and neither are names elsewhere. */
function findIds<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  resource: Resource,
): readonly WrittenId[] {
  const { fields, copying } = findKind(session.engine.provider, resource.kind);
  const looked = new Set((resource.lookups ?? []).map(({ path }) => formatPath(path)));
  const ids = leavesOf(fields, resource.spec).flatMap(({ shape, value, path }): readonly WrittenId[] => {
    if (shape.type !== "ref" || kindLookedUp(shape) !== kind.name || typeof value !== "string") return [];
    const beside = valueAt(resource.spec, path.slice(0, -1));
    const isName = shape.elsewhere !== undefined && isObject(beside) && shape.elsewhere in beside;
    if (isName || looked.has(formatPath(path))) return [];
    const parent = holderAround(session, kind, resource, path);
    return [{ resource, path, id: value, parent, published: shape.published === true }];
  });
  const original = copying?.sources.original(resource.spec);
  if (original?.kind !== kind.name) return ids;
  const { id, path } = original;
  return [...ids, { resource, path, id, parent: undefined, published: false }];
}

/** The id of what holds the object that a field names: what the nearest field around it of the holding kind says. */
function holderAround<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  { kind: owner, spec }: Resource,
  path: Path,
): string | undefined {
  const holder = holderKind(kind);
  const { fields } = findKind(session.engine.provider, owner);
  const holders = leavesOf(fields, spec).filter(({ shape }) => shape.type === "ref" && shape.kind === holder);
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    const around = formatPath(path.slice(0, depth));
    const near = holders.find((leaf) => formatPath(leaf.path.slice(0, -1)) === around);
    if (near) return idIn(session, near.value);
  }
  return undefined;
}

const idIn = <Api>(session: ObservationSession<Api>, value: Json): string | undefined => {
  if (isReference(value)) return idOf(session, value.$ref);
  return typeof value === "string" ? value : undefined;
};

/** What the list tells that an object should be in; undefined if there is none, or if it lacks the object. */
async function findListed<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  { resource, path, id, parent, published }: WrittenId,
): Promise<Verdict | undefined> {
  if (kind.parent !== undefined && parent === undefined) return undefined;
  if (kind.parent === undefined && kind.listing?.scope) return undefined;
  const list = (which?: "published") => session.list(kind, parent, which);
  const items = await list(published ? "published" : undefined);
  if (items.some((item) => item.id === id)) return "there";
  // Of what holds it, Coze may show nothing at all.
  const isAll = items.length > 0 && !kind.findIds && !findSearched(session, kind);
  if (isAll) return "missing";
  if (!published || !(await list()).some((item) => item.id === id)) return undefined;
  // What Coze has taken already stays as it is.
  const applied = session.observation.entries.get(resource.address)?.spec[String(path[0])];
  return isNamedIn(applied, id) ? "there" : "never-published";
}

/** What calls about single objects, or else all lists, tell of objects that may be anywhere. */
async function findElsewhere<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  ids: ReadonlySet<string>,
): Promise<(id: string) => Verdict> {
  if (ids.size === 0) return () => "untold";
  const { apiOf } = session.engine;
  if (kind.findIds) {
    const found = await callAbout(session, kind, async () => kind.findIds?.(apiOf(kind), [...ids]));
    return (id) => (found?.has(id) ? "there" : "missing");
  }
  const { exists } = kind;
  if (kind.parent === undefined && exists) {
    const verdicts = new Map<string, Verdict>();
    for (const id of ids) {
      await unlessRefused(async () => {
        const isThere = await callAbout(session, kind, () => exists.call(kind, apiOf(kind), { id }, {}));
        verdicts.set(id, isThere ? "there" : "missing");
      });
    }
    return (id) => verdicts.get(id) ?? "untold";
  }
  return await searchHolders(session, kind, ids);
}

/** The kind that holds a kind's objects, where all its own objects can be listed. */
function findSearched<Api>({ engine }: ObservationSession<Api>, kind: Kind<Api>): Kind<Api> | undefined {
  const holder = engine.provider.kinds.find(({ name }) => name === holderKind(kind));
  return holder?.parent === undefined && !holder?.listing?.scope ? holder : undefined;
}

/** Searches what every holder shows, one after another, until everything is found. */
async function searchHolders<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  ids: ReadonlySet<string>,
): Promise<(id: string) => Verdict> {
  const holder = findSearched(session, kind);
  if (!holder) return () => "untold";
  const found = new Set<string>();
  let isWhole = true;
  for (const { id: parent } of await session.list(holder, undefined)) {
    if ([...ids].every((id) => found.has(id))) break;
    const isListed = await unlessRefused(async () => {
      for (const { id } of await session.list(kind, parent)) found.add(id);
    });
    isWhole &&= isListed;
  }
  return (id) => (found.has(id) ? "there" : isWhole ? "missing" : "untold");
}

/** Makes a call. Throws {@link ObserveError} for what Coze refuses. */
async function callAbout<Api, T>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await session.limit(call);
  } catch (error) {
    throw describeFailure(session.engine, kind, error, { subject: kind.name }, undefined);
  }
}

function reportId<Api>(
  { diagnostics }: ObservationSession<Api>,
  kind: Kind<Api>,
  { resource, path, id }: WrittenId,
  verdict: "missing" | "never-published",
): void {
  const values = { kind: kind.name, id };
  const problem: Explained =
    verdict === "missing" ? explain("engine/id-missing", values) : explain("engine/id-unpublished", values);
  const { address } = resource;
  diagnostics.push({
    code: verdict === "missing" ? "id-missing" : verdict,
    severity: "error",
    ...problem,
    at: resource.locate(path),
    address,
  });
}
