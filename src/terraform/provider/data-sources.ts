import { excerpt } from "../../core/excerpt.ts";
import { suggest } from "../../core/suggestions.ts";
import type { Values } from "../../core/value.ts";
import { bearsIdentity } from "../../kind/identity-match.ts";
import type { Item, Place } from "../../kind/kind.ts";
import type { Remote } from "../remote/remote.ts";
import { toObject } from "../resource/attribute-conversion.ts";
import { dataSourceKinds, isKnownById, shownFields } from "../schema/data-source-schema.ts";
import { type CozeKind, resourceType } from "../schema/names.ts";

import { findScalarErrors } from "../values/scalars.ts";
import { unknown } from "../values/unknown.ts";
import { diagnoseSearch } from "./diagnostics.ts";
import type { Answer, ProviderDiagnostic, ResourceState } from "./provider-interface.ts";
import { errorAt } from "./text.ts";

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
    return findScalarErrors(field, value, false).map(({ said, hint }) =>
      errorAt(`${name} ${said}`, hint, [name]),
    );
  });
  return [...checkId(kind, config), ...faults, ...checkWay(kind, config)];
}

function checkId(kind: CozeKind, { id = null }: ResourceState): readonly ProviderDiagnostic[] {
  if (id === null || id === unknown) return [];
  const shape = { type: "ref", kind: kind.name } as const;
  return findScalarErrors(shape, id, false).map(({ said }) =>
    errorAt(`id ${said}`, `give ${kind.identity.join(" and ")} for one by what it is called`, ["id"]),
  );
}

/** By its id, which what holds it may go along with, or by all that it is called. */
function checkWay(kind: CozeKind, config: ResourceState): readonly ProviderDiagnostic[] {
  const words = kind.identity.join(" and ");
  const names = kind.identity.filter((name) => name !== kind.parent);
  const missing = kind.identity.filter((name) => !isGiven(config, name));
  if (!isKnownById(kind)) return [];
  if (!isGiven(config, "id")) {
    return missing.length === 0
      ? []
      : [errorAt(`this needs id, or ${words}`, `give ${missing.join(" and ")}`)];
  }
  const both = names.filter((name) => isGiven(config, name) && config[name] !== unknown);
  return both.map((name) => errorAt(`id and ${name} can't be given together`, "remove one of them", [name]));
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
    return { diagnostics: [diagnoseSearch(kind, "look up", error)], state: null };
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
  const given = kind.parent === undefined ? undefined : config[kind.parent];
  const place =
    typeof given === "string"
      ? { id, parent: given }
      : kind.parent === undefined
        ? { id }
        : await remote.locate(kind, id);
  const found = place && (await observe(kind, remote, place));
  if (found) return found;
  const where = typeof given === "string" ? ` in ${given}` : "";
  const hint = `check the id, and that the token may see it; or give ${kind.identity.join(" and ")} in place of id`;
  return { diagnostic: errorAt(`Coze shows no ${resourceType(kind)} ${id}${where}`, hint, ["id"]) };
}

async function observe(kind: CozeKind, remote: Remote, place: Place): Promise<Found | undefined> {
  const seen = await remote.look(kind, place, { spec: widest(kind) });
  return seen.status === "present" ? { place, live: seen.live } : undefined;
}

async function findByName(kind: CozeKind, remote: Remote, config: ResourceState): Promise<Search> {
  const wanted = Object.fromEntries(kind.identity.map((name) => [name, config[name] ?? null]));
  const parent = kind.parent === undefined ? undefined : String(config[kind.parent]);
  const find = async (after: "writes" | "lag") => {
    const items = await remote.list(kind, parent, { ...widest(kind), ...wanted }, after);
    return { items, fitting: items.filter((item) => bearsIdentity(kind, item, wanted)) };
  };
  const now = await find("writes");
  const { items, fitting } = now.fitting.length > 0 ? now : await find("lag");
  const [only, ...others] = fitting;
  if (!only) return { diagnostic: describeNoMatch(kind, wanted, items) };
  if (others.length > 0) return { diagnostic: describeSeveralMatches(kind, wanted, fitting) };
  const found = await observe(kind, remote, parent === undefined ? { id: only.id } : { id: only.id, parent });
  return found ?? { diagnostic: describeNoMatch(kind, wanted, []) };
}

/** The name by which an object goes, as opposed to what holds it. */
const nameIn = (kind: CozeKind): string => kind.identity.find((name) => name !== kind.parent) ?? "id";

const describeName = (kind: CozeKind, wanted: Values): string =>
  `with ${nameIn(kind)} ${JSON.stringify(wanted[nameIn(kind)])}`;

const describeParent = ({ parent }: CozeKind, wanted: Values): string =>
  parent === undefined ? "" : ` in ${parent} ${String(wanted[parent])}`;

/** A few of what there is, and so many characters of each name. */
const maxListed = 10;
const maxNameLength = 200;

function describeNoMatch(kind: CozeKind, wanted: Values, items: readonly Item[]): ProviderDiagnostic {
  const name = nameIn(kind);
  const idsByName = new Map(items.map(({ id, live }) => [String(live[name] ?? ""), id] as const));
  idsByName.delete("");
  const near = suggest(String(wanted[name]), idsByName.keys());
  const known = [...idsByName].map(([word, id]) => `${excerpt(word, maxNameLength)} (${id})`);
  const more = known.length > maxListed ? ", …" : "";
  const hint =
    near !== undefined
      ? `did you mean ${excerpt(near, maxNameLength)} (${idsByName.get(near)})?`
      : known.length > 0
        ? `there are ${known.slice(0, maxListed).join(", ")}${more}`
        : "check what it is called, and that the token may see it";
  const where = kind.parent === undefined ? "" : `: it was looked for${describeParent(kind, wanted)}`;
  return errorAt(`Coze shows no ${resourceType(kind)} ${describeName(kind, wanted)}${where}`, hint, [name]);
}

function describeSeveralMatches(kind: CozeKind, wanted: Values, items: readonly Item[]): ProviderDiagnostic {
  const shown = items.slice(0, maxListed).map(({ id }) => id);
  const ids = [...shown, ...(items.length > shown.length ? ["…"] : [])].join(", ");
  const where = describeParent(kind, wanted);
  const summary = `Coze shows ${items.length} ${resourceType(kind)} ${describeName(kind, wanted)}: there are ${ids}${where}`;
  return errorAt(summary, `choose one: give its id in place of ${kind.identity.join(" and ")}`, [
    nameIn(kind),
  ]);
}

/** What is given stays as it is written. */
function describeFound(kind: CozeKind, { place, live }: Found, config: ResourceState): ResourceState {
  const holder =
    kind.parent === undefined || place.parent === undefined ? {} : { [kind.parent]: place.parent };
  const shown = toObject(shownFields(kind.fields), { ...live, ...holder });
  const keys = kind.identity.filter((name) => isGiven(config, name));
  return { ...shown, ...Object.fromEntries(keys.map((name) => [name, config[name] ?? null])), id: place.id };
}
