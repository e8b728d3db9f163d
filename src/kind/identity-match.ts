import { isEmpty, isShown, isShownNormalised, normalise } from "../core/equality.ts";
import { groupBy } from "../core/group.ts";
import { canonicalJson, type Json, type Values } from "../core/value.ts";
import type { Item, Kind, ListingScope, Place } from "./kind.ts";
import type { KindSchema } from "./schema.ts";
import type { Entry } from "./state-entry.ts";

/**
 * Lists may lag behind writes: only a search this long after a creation that got no answer shows that nothing was
 * made. Milliseconds.
 */
export const listLag = 5000;

interface IdentityKind extends Pick<KindSchema, "fields" | "identity"> {
  readonly parent?: string | undefined;
}

/** What tells an object of a kind from others, as text; undefined when a part of it isn't known. */
export function identityOf(kind: KindSchema, spec: Values): string | undefined {
  const parts = kind.identity.map((name): Json | undefined => spec[name] ?? kind.fields[name]?.default);
  return parts.includes(undefined) ? undefined : canonicalJson([kind.name, ...parts]);
}

/**
 * Whether an object bears the identity that a spec gives, or a form in which a server may store it, as far as that can
 * be read; what holds it is settled by where it was listed.
 */
export const bearsIdentity = (kind: IdentityKind, item: Item, spec: Values): boolean =>
  matchesIdentity(
    kind,
    item,
    spec,
    (field, want, live) =>
      isShown(field, want, live) || (live !== undefined && isShownNormalised(field, want, live)),
  );

/** Finds among objects those that bear the identity of a spec, without a look at each. */
export function indexBearers(kind: IdentityKind, items: readonly Item[]): (spec: Values) => readonly Item[] {
  const { fields, identity, parent } = kind;
  const name = identity.find((one) => {
    const field = fields[one];
    return one !== parent && field?.type === "string" && !field.equal && field.readable !== false;
  });
  const find = (among: readonly Item[], spec: Values) =>
    among.filter((item) => bearsIdentity(kind, item, spec));
  if (name === undefined) return (spec) => find(items, spec);
  const groups = groupBy(items, ({ live }) => normalisedKey(live[name]));
  return (spec) =>
    find(spec[name] === undefined ? items : (groups.get(normalisedKey(spec[name])) ?? []), spec);
}

/** Equal for texts that may count as the same. */
const normalisedKey = (value: Json | undefined): string =>
  value === undefined || isEmpty(value) ? "" : canonicalJson(normalise(value));

/**
 * Of objects that bear the identity of a spec, those that bear it exactly; all of them if none does: then the server
 * stores it in another form.
 */
export function preferExact<T extends Item>(
  kind: IdentityKind,
  items: readonly T[],
  spec: Values,
): readonly T[] {
  const exact = items.filter((item) => matchesIdentity(kind, item, spec, isShown));
  return exact.length > 0 ? exact : items;
}

/**
 * The objects that bear all of some words by which a kind's objects can be looked up, each once: those that bear them
 * exactly, or else those that may bear them in the form in which a server stores them.
 */
export function findByWords(kind: IdentityKind, items: readonly Item[], words: Values): readonly Item[] {
  const sought = { fields: kind.fields, parent: kind.parent, identity: Object.keys(words) };
  if (sought.identity.some((name) => kind.fields[name] === undefined)) return [];
  const bearers = items.filter((item) => bearsIdentity(sought, item, words));
  return [...new Map(preferExact(sought, bearers, words).map((item) => [item.id, item])).values()];
}

function matchesIdentity(kind: IdentityKind, item: Item, spec: Values, isSame: typeof isShown): boolean {
  return kind.identity.every((name) => {
    const field = kind.fields[name];
    const want = spec[name];
    if (name === kind.parent || !field || field.readable === false || want === undefined) return true;
    return isSame(field, want, item.live[name]);
  });
}

/** Whether an object shows by what it looks like that it bears an identity. */
export const showsIdentity = (kind: KindSchema): boolean =>
  kind.identity.every((name) => kind.fields[name]?.readable !== false);

/** Tells objects of one kind apart: some ids, such as a member's, are unique only below what holds them. */
export const keyOfPlace = ({ id, parent }: Partial<Place>): string =>
  JSON.stringify([parent ?? null, id ?? null]);

/** The objects that an entry stands for. */
export const placesOf = ({ id, parent, kept = [] }: Entry): readonly Place[] => [
  ...(id === undefined ? [] : [{ id, parent }]),
  ...kept,
];

/** Every object below a parent, in the order of the pages. */
export async function listAll<Api>(
  api: Api,
  kind: Kind<Api>,
  parent: string | undefined,
  scope: ListingScope,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const page of kind.list(api, parent, scope)) items.push(...page);
  return items;
}

/** What only a listing tells, such as where an object is, of one that it doesn't show: as it was last known. */
export const unlisted = ({ fields, parent }: KindSchema, at: Place, known: Values): Values => ({
  ...Object.fromEntries(Object.entries(known).filter(([name]) => (fields[name]?.readable ?? true) === true)),
  ...(parent === undefined || at.parent === undefined ? {} : { [parent]: at.parent }),
});
