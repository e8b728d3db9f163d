import { excerpt } from "../../core/excerpt.ts";
import { suggest } from "../../core/suggestions.ts";
import type { Values } from "../../core/value.ts";
import { holderId } from "../../kind/holder.ts";
import { findByWords } from "../../kind/identity-match.ts";
import type { Item, Place } from "../../kind/kind.ts";
import { explain, say } from "../../messages/text.ts";
import type { Remote } from "../remote/remote.ts";
import { toObject } from "../resource/attribute-conversion.ts";
import { dataSourceKinds, isKnownById, shownFields } from "../schema/data-source-schema.ts";
import { allOf, type CozeKind, resourceType } from "../schema/names.ts";
import { findScalarErrors } from "../values/scalars.ts";
import { unknown } from "../values/unknown.ts";
import { diagnoseLookup } from "./diagnostics.ts";
import type { Answer, ProviderDiagnostic, ResourceState } from "./provider-interface.ts";
import { errorAt, faultAt } from "./text.ts";

function sourceOf(type: string): CozeKind {
  const kind = dataSourceKinds.get(type);
  if (!kind) throw new Error(`there is no data source ${type}`);
  return kind;
}

const isGiven = (config: ResourceState, name: string): boolean => (config[name] ?? null) !== null;

/** What is wrong with what an object is looked up by, as far as it is known. */
export function validateDataSource(type: string, config: ResourceState): readonly ProviderDiagnostic[] {
  const kind = sourceOf(type);
  const faults = kind.identity.flatMap((name) => {
    const [field, value] = [kind.fields[name], config[name] ?? null];
    if (!field || value === null || value === unknown) return [];
    return findScalarErrors(field, value, false).map((fault) => faultAt(name, fault, [name]));
  });
  return [...checkId(kind, config), ...faults, ...checkWay(kind, config)];
}

function checkId(kind: CozeKind, { id = null }: ResourceState): readonly ProviderDiagnostic[] {
  if (id === null || id === unknown) return [];
  const shape = { type: "ref", kind: kind.name } as const;
  const hint = say("terraform-provider/set-names", { names: allOf(kind.identity) });
  return findScalarErrors(shape, id, false).map(({ said }) => faultAt("id", { said, hint }, ["id"]));
}

/** By its id, which what holds it may go along with, or by all that it is called. */
function checkWay(kind: CozeKind, config: ResourceState): readonly ProviderDiagnostic[] {
  const { identity, parent } = kind;
  if (!isKnownById(kind)) return [];
  if (!isGiven(config, "id")) {
    const missing = identity.filter((name) => !isGiven(config, name));
    const values = { names: allOf(identity), missing: allOf(missing) };
    return missing.length === 0 ? [] : [errorAt(explain("terraform-provider/missing-name", values))];
  }
  const isKnown = (name: string) => isGiven(config, name) && config[name] !== unknown;
  return identity
    .filter((name) => name !== parent && isKnown(name))
    .map((name) => errorAt(explain("terraform-provider/id-and-name", { name }), [name]));
}

/** Looks an object up; none, or more than one, is an error that says what there is. */
export async function readDataSource(
  type: string,
  config: ResourceState,
  remote: Remote,
): Promise<Answer & { readonly state: ResourceState | null }> {
  const kind = sourceOf(type);
  // Only now are values known that came from elsewhere.
  const problems = validateDataSource(type, config);
  if (problems.length > 0) return { diagnostics: problems, state: null };
  try {
    const found = isGiven(config, "id")
      ? await findById(kind, remote, config)
      : await findByName(kind, remote, config);
    if ("diagnostic" in found) return { diagnostics: [found.diagnostic], state: null };
    return { diagnostics: [], state: describeFound(kind, found, config) };
  } catch (error) {
    return { diagnostics: [diagnoseLookup(kind, error)], state: null };
  }
}

interface Found {
  readonly place: Place;
  readonly live: Values;
}

type Search = Found | { readonly diagnostic: ProviderDiagnostic };

/** Lists tell all that they can for this. */
const widest = (kind: CozeKind): Values => (kind.listing?.widest?.[0] ?? {}) as Values;

async function findById(kind: CozeKind, remote: Remote, config: ResourceState): Promise<Search> {
  const id = String(config.id);
  const parent = holderId(kind, config);
  const isPlaced = parent !== undefined || kind.parent === undefined;
  const place = isPlaced ? { id, parent } : await remote.locate(kind, id);
  const found = place && (await observe(kind, remote, place));
  if (found) return found;
  const type = resourceType(kind);
  const message =
    parent === undefined
      ? say("terraform-provider/not-found", { type, id })
      : say("terraform-provider/not-found-in", { type, id, parent });
  const hint = say("terraform-provider/check-id", { names: allOf(kind.identity) });
  return { diagnostic: errorAt({ message, hint }, ["id"]) };
}

async function observe(
  kind: CozeKind,
  remote: Remote,
  place: Place,
  wanted: Values = {},
): Promise<Found | undefined> {
  const seen = await remote.look(kind, place, { spec: { ...widest(kind), ...wanted } });
  return seen.status === "present" ? { place, live: seen.live } : undefined;
}

async function findByName(kind: CozeKind, remote: Remote, config: ResourceState): Promise<Search> {
  const wanted = Object.fromEntries(kind.identity.map((name) => [name, config[name] ?? null]));
  const narrower = (kind.narrowedBy ?? []).filter((name) => isGiven(config, name));
  const words = { ...wanted, ...Object.fromEntries(narrower.map((name) => [name, config[name] ?? null])) };
  const parent = kind.parent === undefined ? undefined : String(config[kind.parent]);
  const find = async (after: "writes" | "lag") => {
    const items = await remote.list(kind, parent, { ...widest(kind), ...wanted }, after);
    return { items, fitting: findByWords(kind, items, words) };
  };
  const now = await find("writes");
  const { items, fitting } = now.fitting.length > 0 ? now : await find("lag");
  const [only, ...others] = fitting;
  if (!only) return { diagnostic: describeNoMatch(kind, wanted, items) };
  if (others.length > 0) return { diagnostic: describeSeveralMatches(kind, wanted, fitting) };
  const found = await observe(kind, remote, { id: only.id, parent }, wanted);
  return found ?? { diagnostic: describeNoMatch(kind, wanted, []) };
}

/** The name by which an object goes, as opposed to what holds it. */
const nameIn = (kind: CozeKind): string => kind.identity.find((name) => name !== kind.parent) ?? "id";

/** What an object was looked for by, as messages tell it. */
function describeSearch(kind: CozeKind, wanted: Values) {
  const { parent = "" } = kind;
  const field = nameIn(kind);
  const name = JSON.stringify(wanted[field]);
  return { type: resourceType(kind), field, name, parent, id: String(wanted[parent]) };
}

/** A few of what there is, and so many characters of each name. */
const maxListed = 10;
const maxNameLength = 200;

function describeNoMatch(kind: CozeKind, wanted: Values, items: readonly Item[]): ProviderDiagnostic {
  const search = describeSearch(kind, wanted);
  const message =
    kind.parent === undefined
      ? say("terraform-provider/no-such-name", search)
      : say("terraform-provider/no-such-name-in", search);
  return errorAt({ message, hint: hintAtNames(String(wanted[search.field]), search.field, items) }, [
    search.field,
  ]);
}

function hintAtNames(wanted: string, field: string, items: readonly Item[]): string {
  const idsByName = new Map(items.map(({ id, live }) => [String(live[field] ?? ""), id] as const));
  idsByName.delete("");
  const show = (name: string) => `${excerpt(name, maxNameLength)} (${idsByName.get(name)})`;
  const near = suggest(wanted, idsByName.keys());
  if (near !== undefined) return say("common/did-you-mean", { word: show(near) });
  if (idsByName.size === 0) return say("terraform-provider/check-name");
  const objects = [...idsByName.keys()].slice(0, maxListed).map(show).join(", ");
  return idsByName.size > maxListed
    ? say("terraform-provider/existing-and-more", { objects })
    : say("terraform-provider/existing", { objects });
}

function describeSeveralMatches(kind: CozeKind, wanted: Values, items: readonly Item[]): ProviderDiagnostic {
  const shown = items.slice(0, maxListed).map(({ id }) => id);
  const ids = [...shown, ...(items.length > shown.length ? ["…"] : [])].join(", ");
  const search = { ...describeSearch(kind, wanted), count: items.length, ids };
  const message =
    kind.parent === undefined
      ? say("terraform-provider/several-found", search)
      : say("terraform-provider/several-found-in", search);
  const hint = say("terraform-provider/choose-one", { names: allOf(kind.identity) });
  return errorAt({ message, hint }, [search.field]);
}

/** What is given stays as it is written. */
function describeFound(kind: CozeKind, { place, live }: Found, config: ResourceState): ResourceState {
  const holder =
    kind.parent === undefined || place.parent === undefined ? {} : { [kind.parent]: place.parent };
  const shown = toObject(shownFields(kind.fields), { ...live, ...holder });
  const keys = [...kind.identity, ...(kind.narrowedBy ?? [])].filter((name) => isGiven(config, name));
  return { ...shown, ...Object.fromEntries(keys.map((name) => [name, config[name] ?? null])), id: place.id };
}
