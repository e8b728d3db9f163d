import type { Address } from "../core/address.ts";
import type { Entry, Release } from "../core/entry.ts";
import type { Fields, Shape } from "../core/field.ts";
import { isDigest, isObject, type Json, type Values } from "../core/value.ts";
import type { Remembering } from "../engine/apply.ts";
import type { Promotion } from "../state/state.ts";
import type { Store } from "../state/store.ts";

/** Only so many releases of a name keep the configuration that a rollback would write. */
const mostKept = 5;

/** The release that callers of a name get, as far as promotions know; undefined when no promotion touched it. */
export const standingOf = ({ history = [] }: Pick<Entry, "history">): Release | undefined =>
  history.findLast(({ undone }) => !undone);

/** Begins a promotion from an environment, or continues the one from there that didn't get to its end. */
export function openPromotion(store: Store, from: string, seconds: number): Promotion {
  const { promotion: last } = store.state;
  if (last?.open && last.from === from) {
    const { returning, ...same } = last;
    if (returning) store.putPromotion(same);
    return same;
  }
  const next: Promotion = { number: (last?.number ?? 0) + 1, from, begun: seconds, open: true };
  store.putPromotion(next);
  return next;
}

/**
 * Remembers that a rollback of some addresses is on its way, for as long as the run goes on: one that is cut off when
 * all is back already must not go one step further when it is run again.
 */
export function openReturn(store: Store, addresses: readonly Address[]): void {
  const { promotion } = store.state;
  if (!promotion || addresses.length === 0) return;
  store.putPromotion({
    ...promotion,
    returning: [...new Set([...(promotion.returning ?? []), ...addresses])],
  });
}

/** The rollback has got to its end. */
export function closeReturn(store: Store): void {
  const { promotion } = store.state;
  if (!promotion?.returning) return;
  const { returning: _over, ...back } = promotion;
  store.putPromotion(back);
}

/** The last promotion needs no further run once all that it touched is done, or was taken back. */
export function closePromotion(store: Store): void {
  const { promotion, resources } = store.state;
  if (!promotion?.open) return;
  if (Object.values(resources).some(({ history, status }) => history && status !== "ready")) return;
  const { open: _over, ...closed } = promotion;
  store.putPromotion(closed);
}

/**
 * Writes down what a promotion makes of names: what stood before it changes anything, and the new release in the same
 * line of the journal as the end of the step. `seconds` tells the time, epoch seconds.
 */
export const recordReleases =
  ({ number, from }: Promotion, seconds: () => number) =>
  (remembering: Remembering): Entry => {
    const { kind, after, whole } = remembering;
    if (!kind.keepsHistory) return after;
    const known = addFormer(remembering, seconds());
    if (after.status !== "ready" || after.id === undefined) return known;
    const { restoring: _over, ...rest } = known;
    const release = describeRelease(kind, after, whole ?? after.spec);
    return { ...rest, history: addRelease(rest.history, { ...release, promotion: number, from }, seconds()) };
  };

/** Writes down that names are again what an earlier release made of them. */
export function recordReturn({ after }: Remembering): Entry {
  const { restoring, ...rest } = after;
  if (after.status !== "ready" || restoring === undefined) return after;
  const history = (after.history ?? []).map((release): Release => {
    // Nothing leads to it any more.
    if (release.at > restoring) return { ...withoutSpec(release), undone: true };
    const { version: _former, ...same } = release;
    return release.at < restoring || after.version === undefined
      ? release
      : { ...same, version: after.version };
  });
  return { ...rest, history };
}

type Kept = Pick<Remembering["kind"], "fields" | "keepsHistory">;
type Described = Omit<Release, "at">;

/**
 * What stood before the first change, unless the history tells of it: then the way back leads there. Of what a
 * promotion makes, an empty history says that nothing did, until it is made.
 */
function addFormer({ kind, step, before, after }: Remembering, seconds: number): Entry {
  const { place, live = {}, action } = step;
  const stood = before?.id === undefined ? action === "adopt" : before.id === place?.id;
  const standing = standingOf(after);
  if (!place) return { ...after, history: after.history ?? [] };
  const isNew = before?.status !== "ready" && after.history?.length === 0;
  const isUnchanged = before?.status === "ready" || standing === undefined;
  if (!stood || isNew || !isUnchanged) return after;
  const { spec = {}, version } = before ?? {};
  if (standing && standing.id === place.id && standing.version === version) return after;
  const former = describeRelease(
    kind,
    { id: place.id, ...(version === undefined ? {} : { version }) },
    overlay(kind.fields, spec, live),
  );
  return { ...after, history: addRelease(after.history, former, seconds) };
}

/** A promotion makes at the most one release of a name, however often it is run. */
function addRelease(
  history: readonly Release[] = [],
  release: Described,
  seconds: number,
): readonly Release[] {
  const last = history.at(-1);
  const again =
    last && !last.undone && release.promotion !== undefined && last.promotion === release.promotion;
  const isSame = again && last.id === release.id && last.version === release.version;
  const at = isSame ? last.at : Math.max(seconds, (last?.at ?? 0) + 1);
  const all = [...(again ? history.slice(0, -1) : history), { at, ...release }];
  const standing = all.filter(({ undone }) => !undone).slice(-mostKept);
  return all.map((one) => (standing.includes(one) ? one : withoutSpec(one)));
}

function withoutSpec({ spec: _spec, ...rest }: Release): Release {
  return rest;
}

function describeRelease(
  { fields, keepsHistory }: Kept,
  { id = "", version }: Pick<Entry, "id" | "version">,
  values: Values,
): Described {
  const spec = openValues(fields, values);
  const revision = keepsHistory?.revision === undefined ? undefined : spec[keepsHistory.revision];
  return {
    id,
    ...(version === undefined ? {} : { version }),
    ...(typeof revision === "string" && revision !== "" ? { revision } : {}),
    spec,
  };
}

/** What Coze shows of an object, and of the rest what is remembered. */
function overlay(fields: Fields, remembered: Values, live: Values): Values {
  const names = Object.keys(fields).filter((name) => name in remembered || name in live);
  const entries = names.map((name): readonly [string, Json] => {
    const [field, known, shown] = [fields[name], remembered[name], live[name]];
    const isNested = field?.type === "object" && isObject(known) && isObject(shown);
    return [name, isNested ? overlay(field.fields, known, shown) : (shown ?? known ?? null)];
  });
  return Object.fromEntries(entries);
}

/** Values without secrets, and without what is known by its digest only. */
function openValues(fields: Fields, values: Values): Values {
  const entries = Object.entries(values).flatMap(([name, value]): readonly [string, Json][] => {
    const field = fields[name];
    if (!field || field.presence === "computed" || field.sensitive) return [];
    const open = openValue(field, value);
    return open === undefined ? [] : [[name, open]];
  });
  return Object.fromEntries(entries);
}

function openValue(shape: Shape, value: Json): Json | undefined {
  if (isDigest(value) || value === null) return undefined;
  if (shape.type === "object" && isObject(value)) return openValues(shape.fields, value);
  if (shape.type !== "list" || !Array.isArray(value)) return value;
  const items = value.map((item: Json) => openValue(shape.items, item));
  // A list with a gap would be another list.
  return items.every((item) => item !== undefined) ? items : undefined;
}
