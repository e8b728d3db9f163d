import type { Address } from "../core/address.ts";
import type { Fields, Shape } from "../core/field.ts";
import { isDigest, isObject, type Json, type Values } from "../core/value.ts";
import type { Remembering } from "../engine/apply.ts";
import type { Entry, Release } from "../kind/state-entry.ts";
import type { Plan, Step } from "../plan/plan.ts";
import type { Promotion, State } from "../state/model.ts";
import type { Store } from "../state/store.ts";

/** Only so many releases of a name keep the configuration that a rollback would write. */
const mostKept = 5;

/** The release that callers of a name get, as far as promotions know; undefined when no promotion touched it. */
export const standingOf = ({ history = [] }: Pick<Entry, "history">): Release | undefined =>
  history.findLast(({ undone }) => !undone);

/**
 * Begins a promotion from an environment, or continues the one from there that didn't get to its end: once callers
 * have begun to see that one, only where nothing but the rest of that is done, since what they saw stays a release.
 */
export function openPromotion(store: Store, from: string, seconds: number, { steps }: Plan): Promotion {
  const { promotion: last } = store.state;
  const isSame = last?.open && last.from === from;
  if (isSame && (!isSeen(store.state, last) || steps.every(isRestOfSwitch))) return last;
  const next: Promotion = { number: (last?.number ?? 0) + 1, from, begun: seconds, open: true };
  store.putPromotion(next);
  return next;
}

/** Whether callers got to see anything of a promotion: of what is made in a switch, a version was published. */
const isSeen = ({ resources }: State, { number, switching }: Promotion): boolean =>
  switching === true &&
  Object.values(resources).some(({ history = [] }) =>
    history.some(
      ({ promotion, version, undone }) => promotion === number && version !== undefined && !undone,
    ),
  );

/** Whether a step changes nothing but what a switch that was cut off left to do. */
const isRestOfSwitch = ({ action, spec, calls }: Step): boolean =>
  action === "no-op" ||
  spec === undefined ||
  (action === "retry" && calls.every(({ call }) => call === "follow-up" || call === "settle"));

/** From now on callers see what the open promotion made. */
export function beginSwitch(store: Store): void {
  const { promotion } = store.state;
  if (promotion?.open && !promotion.switching) store.putPromotion({ ...promotion, switching: true });
}

/**
 * Remembers which names are on their way back, and for as long as the run goes on that a rollback of them is: one that
 * is cut off when all is back already must not go one step further when it is run again. `isEmpty`: the open promotion
 * changed nothing, and is over.
 */
export function openReturn(
  store: Store,
  entries: { readonly [address: Address]: Entry },
  isEmpty: boolean,
): void {
  const { promotion } = store.state;
  const addresses = Object.keys(entries);
  if (!promotion) return;
  const { open, switching, ...rest } = promotion;
  const kept = { ...rest, ...(open && !isEmpty ? { open, ...(switching ? { switching } : {}) } : {}) };
  if (addresses.length === 0) {
    if (isEmpty) store.putPromotion(kept);
    return;
  }
  const returning = [...new Set([...(promotion.returning ?? []), ...addresses])];
  store.put("going back to an earlier release", entries, { ...kept, returning });
}

/**
 * A state whose rollback, if one was cut off, is over: another apply goes on from where it got to. Names that were on
 * their way count as back, so that all histories agree; what may not be there yet is left to that apply.
 */
export function settleReturn(state: State): State {
  const changed = Object.entries(state.resources).flatMap(([address, entry]): readonly [Address, Entry][] =>
    entry.restoring === undefined ? [] : [[address, settleEntry(entry, entry.restoring)]],
  );
  const { promotion } = state;
  if (changed.length === 0 && !promotion?.returning) return state;
  const { returning: _over, ...rest } = promotion ?? {};
  return {
    ...state,
    resources: { ...state.resources, ...Object.fromEntries(changed) },
    ...(promotion ? { promotion: rest as Promotion } : {}),
  };
}

/** Writes down what {@link settleReturn} says, before another apply begins. */
export function keepSettled(store: Store): void {
  const { state } = store;
  const { resources, promotion } = settleReturn(state);
  const changed = Object.entries(resources).filter(([address, entry]) => entry !== state.resources[address]);
  if (changed.length === 0 && promotion === state.promotion) return;
  store.put("a rollback was given up", Object.fromEntries(changed), promotion);
}

function settleEntry({ restoring: _over, ...entry }: Entry, restoring: number): Entry {
  const { status, history = [], id } = entry;
  const left = history.filter(({ at, undone }) => at > restoring && !undone);
  // The same object with another configuration: nobody knows how much of that was written.
  const isInPlace = left.every((release) => release.id === id);
  return {
    ...entry,
    status: status === "ready" && isInPlace ? "incomplete" : status,
    history: history.map((release) =>
      release.at > restoring ? { ...withoutSpec(release), undone: true } : release,
    ),
  };
}

/** The rollback has got to its end. */
export function closeReturn(store: Store): void {
  const { promotion } = store.state;
  if (!promotion?.returning) return;
  const { returning: _over, ...back } = promotion;
  store.putPromotion(back);
}

/** The last promotion needs no further run once all that promotions touched is done, or was taken back. */
export function closePromotion(store: Store): void {
  const { resources } = store.state;
  if (Object.values(resources).some(({ history, status }) => history && status !== "ready")) return;
  endPromotion(store);
}

/** The last promotion is over: callers see all that its run was for, whatever else isn't finished. */
export function endPromotion(store: Store): void {
  const { promotion } = store.state;
  if (!promotion?.open) return;
  const { open: _over, switching: _switched, ...closed } = promotion;
  store.putPromotion(closed);
}

/**
 * Writes down what a promotion makes of names: what stood before it changes anything, and the new release in the same
 * line of the journal as the end of the step. `seconds` tells the time, epoch seconds; `stood` is what callers got of
 * names before any promotion, where that is known.
 */
export const recordReleases =
  ({ number, from }: Promotion, seconds: () => number, stood: ReadonlyMap<Address, Values> = new Map()) =>
  (remembering: Remembering): Entry => {
    const { kind, after, whole } = remembering;
    if (!kind.release) return after;
    const known = addFormer(remembering, seconds(), stood.get(remembering.step.address));
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

type KeptRelease = Pick<Remembering["kind"], "fields" | "release">;
type Described = Omit<Release, "at">;

/**
 * What stood before the first change, unless the history tells of it: then the way back leads there. Of what a
 * promotion makes, an empty history says that nothing did, until it is made.
 */
function addFormer({ kind, step, before, after }: Remembering, seconds: number, seen: Values = {}): Entry {
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
    overlay(kind.fields, spec, { ...live, ...seen }),
  );
  return { ...after, history: addRelease(after.history, former, seconds) };
}

/**
 * A promotion makes at the most one release of a name, however often it is run: what callers saw isn't replaced, since
 * after that nothing is changed under its number.
 */
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
  { fields, release }: KeptRelease,
  { id = "", version }: Pick<Entry, "id" | "version">,
  values: Values,
): Described {
  const spec = openValues(fields, values);
  const revision = release?.revision === undefined ? undefined : spec[release.revision];
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
