import type { Address } from "../core/address.ts";
import { rememberSpec } from "../core/digest.ts";
import type { Field, Fields, Shape } from "../core/field.ts";
import { leavesOf, type Path, valueAt } from "../core/spec-walk.ts";
import { canonicalJson, isDigest, isObject, type Json, type Values } from "../core/value.ts";
import type { EntryDraft } from "../engine/apply-run.ts";
import type { Entry, Release } from "../kind/state-entry.ts";
import { asWritten } from "../kind/stored-form.ts";
import type { Promotion } from "../state/model.ts";
import { hashOfRelease, hashText } from "../state/release-texts.ts";

/** How many releases of a resource keep the configuration that a rollback needs. */
const maxReleasesKept = 5;

/** How many releases of a resource are remembered at all. */
const maxReleases = 100;

/** The release that callers get, as far as it is known; undefined if neither a promotion nor an apply made one. */
export const currentRelease = ({ history = [] }: Pick<Entry, "history">): Release | undefined =>
  history.findLast(({ undone }) => !undone);

/**
 * Whether a promotion released a resource or began to: then its history says what was there before. Plain applies record
 * releases, too.
 */
export const isPromoted = ({ history }: Pick<Entry, "history">): boolean =>
  history !== undefined &&
  (history.length === 0 ||
    history.some(({ promotion, applied, base }) => promotion !== undefined || !applied || base === true));

/** The number of a release, for people. */
export const numberOf = ({ number }: Release, index: number): number => number ?? index + 1;

/** The releases of a resource that aren't taken back, with their numbers; the oldest first. */
export const standingReleases = ({ history = [] }: Pick<Entry, "history">): readonly NumberedRelease[] =>
  history
    .map((release, index) => ({ ...release, number: numberOf(release, index) }))
    .filter(({ undone }) => !undone);

/** A release with its number. */
export type NumberedRelease = Release & { readonly number: number };

/** The release that a version means: what Coze calls it, or its number; the latest one of several. */
export const findRelease = (
  releases: readonly NumberedRelease[],
  version: string,
): NumberedRelease | undefined =>
  releases.findLast((one) => one.version === version) ??
  releases.findLast(({ number }) => String(number) === version);

/** The latest release before the current one that was something else; undefined if there is none. */
export function findRelevantFormer(releases: readonly NumberedRelease[]): NumberedRelease | undefined {
  const current = releases.at(-1);
  const key = ({ id, content, version, spec }: Release) =>
    canonicalJson([id, (spec as Json | undefined) ?? content ?? version ?? null]);
  return current && releases.slice(0, -1).findLast((one) => key(one) !== key(current));
}

/**
 * Records the releases of a plain apply: each publication in the same journal line as the version that it got, and of
 * kinds that aren't published each new object. `seconds` returns epoch seconds; `salt` is the state's lineage.
 */
export const recordApplied =
  (seconds: () => number, salt: string) =>
  (stepEnd: EntryDraft): Entry => {
    const { kind, whole, wanted, step, published = false } = stepEnd;
    if (!kind.release) return stepEnd.after;
    const after = addFormer(stepEnd, seconds(), salt);
    const isMade = after.status === "ready" && currentRelease(after)?.id !== after.id;
    if (!(kind.release.version === undefined ? isMade : published)) return after;
    const content = describeRelease(kind, after, whole ?? after.spec);
    const release = { ...content, managed: listManaged(kind.fields, wanted), applied: true } as const;
    const last = after.history?.at(-1);
    // What an earlier run published and couldn't finish is published again, and stays one release. When it was cut off
    // before it read how Coze stores the texts, that looks like a change in Coze.
    const isAgain = step.action !== "create" && last?.applied && !last.undone && last.id === release.id;
    if (isAgain && hashOfRelease(last) === hashText(release)) {
      const { version: _former, ...same } = last;
      const history = [...(after.history ?? []).slice(0, -1), { ...same, ...release }];
      return { ...after, history };
    }
    return { ...after, history: addRelease(after.history, release, seconds()) };
  };

/**
 * Adds what stood before the first release of an apply, where that is certain: the object that was replaced, or what an
 * earlier version of this program published and Coze still holds as it was applied.
 */
function addFormer({ kind, step, before, after }: EntryDraft, seconds: number, salt: string): Entry {
  if (after.history !== undefined) return after;
  const at = seconds - 1;
  if (kind.release?.version === undefined) {
    const replaced = after.status === "ready" ? after.kept?.at(-1) : undefined;
    if (!replaced) return after;
    const former = describeRelease(kind, replaced, replaced.spec);
    return { ...after, history: addRelease([], { ...former, applied: true }, at) };
  }
  const { live, place } = step;
  if (before?.status !== "ready" || before.version === undefined || before.id !== place?.id || !live) {
    return after;
  }
  const written = asWritten(kind, live, { ...before, whole: [], salt, digests: true });
  if (!isAsApplied(kind.fields, before.spec, rememberSpec(kind.fields, written, salt))) return after;
  const former = describeRelease(kind, before, overlay(kind.fields, before.spec, live));
  const managed = listManaged(kind.fields, before.spec);
  return { ...after, history: addRelease([], { ...former, managed, applied: true }, at) };
}

/** Whether an object shows everything that was applied, as far as it can be read; both in remembered form. */
const isAsApplied = (fields: Fields, applied: Values, there: Values): boolean =>
  leavesOf(fields, applied).every(({ path, value, shape }) => {
    const shown = valueAt(there, path);
    if (shown === undefined) return isUnreadable(fields, path) || shape.type === "file";
    return canonicalJson(shown) === canonicalJson(value);
  });

/** Whether Coze never shows the field at a path, or one around it. */
function isUnreadable(fields: Fields, path: Path): boolean {
  let inner: Fields | undefined = fields;
  for (const step of path) {
    const field: Field | undefined = inner?.[step];
    if (field?.readable === false) return true;
    inner = field?.type === "object" ? field.fields : undefined;
  }
  return false;
}

/** The dotted paths of what a spec says, through objects only. */
function listManaged(fields: Fields, spec: Values, above = ""): readonly string[] {
  return Object.entries(spec).flatMap(([name, value]) => {
    const field = fields[name];
    const path = above + name;
    const isNested = field?.type === "object" && isObject(value);
    return isNested ? listManaged(field.fields, value, `${path}.`) : [path];
  });
}

/**
 * Records a promotion's releases: the baseline before anything changes, and the new release in the same journal line as
 * the end of the step. `seconds` returns epoch seconds; `stood` holds what callers got before any promotion, if known;
 * `salt` is the state's lineage.
 */
export const recordReleases =
  (
    { number, from }: Promotion,
    seconds: () => number,
    salt: string,
    stood: ReadonlyMap<Address, Values> = new Map(),
  ) =>
  (stepEnd: EntryDraft): Entry => {
    const { kind, after, whole } = stepEnd;
    if (!kind.release) return after;
    const known = addBaseline(stepEnd, seconds(), salt, stood.get(stepEnd.step.address));
    if (after.status !== "ready" || after.id === undefined) return known;
    const { restoring: _over, ...rest } = known;
    const release = describeRelease(kind, after, whole ?? after.spec);
    return { ...rest, history: addRelease(rest.history, { ...release, promotion: number, from }, seconds()) };
  };

/** Records that resources are back at an earlier release. */
export function recordRollback({ after }: EntryDraft): Entry {
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

type ReleaseKind = Pick<EntryDraft["kind"], "fields" | "release">;
type ReleaseContent = Omit<Release, "at">;

/**
 * Adds the baseline release before the first change unless the history has it: a rollback leads there. For a resource
 * that a promotion creates, an empty history says that there was none.
 */
function addBaseline(
  { kind, step, before, after }: EntryDraft,
  seconds: number,
  salt: string,
  seen: Values = {},
): Entry {
  const { place, live = {}, action } = step;
  const stood = before?.id === undefined ? action === "adopt" : before.id === place?.id;
  // What plain applies recorded is no baseline yet: callers may get something else since.
  const plain = isPromoted(after) ? undefined : currentRelease(after);
  const standing = plain ? undefined : currentRelease(after);
  if (!place) return { ...after, history: plain ? markBase(after.history, plain) : (after.history ?? []) };
  const isNew = before?.status !== "ready" && after.history?.length === 0;
  const isUnchanged = before?.status === "ready" || standing === undefined;
  if (!stood || isNew || !isUnchanged) return after;
  const { spec = {}, read, version } = before ?? {};
  if (standing && standing.id === place.id && standing.version === version) return after;
  const former = describeRelease(
    kind,
    { id: place.id, version },
    overlay(
      kind.fields,
      spec,
      asWritten(kind, { ...live, ...seen }, { spec, read, whole: [step.own ?? {}], salt }),
    ),
  );
  if (plain && plain.id === place.id && plain.version === version) {
    const { content: _content, managed: _managed, ...rest } = plain;
    return { ...after, history: markBase(after.history, plain, { ...rest, ...former }) };
  }
  return { ...after, history: addRelease(after.history, former, seconds) };
}

/** A history in which a promotion begins from a release of an apply. */
const markBase = (
  history: readonly Release[] = [],
  release: Release,
  changed: Release = release,
): readonly Release[] => history.map((one) => (one === release ? { ...changed, base: true } : one));

/**
 * A promotion makes at most one release of a resource, however often it runs. A release that callers saw isn't
 * replaced: after the switch, nothing changes under that number.
 */
function addRelease(
  history: readonly Release[] = [],
  release: ReleaseContent,
  seconds: number,
): readonly Release[] {
  const last = history.at(-1);
  const again =
    last && !last.undone && release.promotion !== undefined && last.promotion === release.promotion;
  const isSame = again && last.id === release.id && last.version === release.version;
  const at = isSame ? last.at : Math.max(seconds, (last?.at ?? 0) + 1);
  const lastNumber = last ? numberOf(last, history.length - 1) : 0;
  const number = again ? lastNumber : lastNumber + 1;
  const all = [...(again ? history.slice(0, -1) : history), { at, number, ...release }];
  const useful = withConfiguration(all);
  return all
    .map((one, index) => (useful.has(one) ? one : { ...withoutSpec(one), number: numberOf(one, index) }))
    .filter((one, index) => index >= all.length - maxReleases || useful.has(one));
}

/** The releases that a rollback may lead to: the latest ones, and the latest of promotions and before them. */
function withConfiguration(all: readonly Release[]): ReadonlySet<Release> {
  const standing = all.filter(({ undone }) => !undone);
  const promoted = standing.filter(
    ({ promotion }, index) => promotion !== undefined || standing[index + 1]?.promotion !== undefined,
  );
  return new Set([...standing.slice(-maxReleasesKept), ...promoted.slice(-maxReleasesKept)]);
}

/** A release that no rollback leads to any more. */
export function withoutSpec({
  spec: _spec,
  content: _content,
  managed: _managed,
  ...rest
}: Release): Release {
  return rest;
}

function describeRelease(
  { fields, release }: ReleaseKind,
  { id = "", version }: Pick<Entry, "id" | "version">,
  values: Values,
): ReleaseContent & { readonly spec: Values } {
  const spec = publicValues(fields, values);
  const revision = release?.revision === undefined ? undefined : spec[release.revision];
  return { id, version, revision: typeof revision === "string" ? revision || undefined : undefined, spec };
}

/** The live values of an object, and the remembered ones of fields that Coze doesn't return. */
function overlay(fields: Fields, remembered: Values, live: Values): Values {
  const names = Object.keys(fields).filter((name) => name in remembered || name in live);
  const entries = names.map((name): readonly [string, Json] => {
    const [field, known, shown] = [fields[name], remembered[name], live[name]];
    const isNested = field?.type === "object" && isObject(known) && isObject(shown);
    return [name, isNested ? overlay(field.fields, known, shown) : (shown ?? known ?? null)];
  });
  return Object.fromEntries(entries);
}

/** Values without secrets and digests. */
function publicValues(fields: Fields, values: Values): Values {
  const entries = Object.entries(values).flatMap(([name, value]): readonly [string, Json][] => {
    const field = fields[name];
    if (!field || field.presence === "computed" || field.sensitive) return [];
    const open = publicValue(field, value);
    return open === undefined ? [] : [[name, open]];
  });
  return Object.fromEntries(entries);
}

function publicValue(shape: Shape, value: Json): Json | undefined {
  if (isDigest(value) || value === null) return undefined;
  if (shape.type === "object" && isObject(value)) return publicValues(shape.fields, value);
  if (shape.type !== "list" || !Array.isArray(value)) return value;
  const items = value.map((item: Json) => publicValue(shape.items, item));
  // A list with a gap would be another list.
  return items.every((item) => item !== undefined) ? items : undefined;
}

/**
 * The values at these paths that promotions put into the current release: values that were set in the target before
 * the first promotion aren't cleared. Undefined if there are none; pure.
 */
export function findPreviousRelease(
  entry: Pick<Entry, "history">,
  paths: readonly Path[],
): Values | undefined {
  const brought = paths.filter((path) => isPromotedAt(entry, path));
  return brought.length > 0 ? select(currentRelease(entry)?.spec ?? {}, brought) : undefined;
}

/** Whether a promotion made a value what it is, and not somebody in the target before the first one. */
function isPromotedAt({ history = [] }: Pick<Entry, "history">, path: Path): boolean {
  const standing = history.filter(({ undone }) => !undone);
  const values = standing.map(({ spec = {} }) => canonicalJson(valueAt(spec, path) ?? null));
  return standing.some(
    ({ promotion }, index) => promotion !== undefined && values[index] !== values[index - 1],
  );
}

/** The values at these paths, which lead through objects only. */
function select(values: Values, paths: readonly Path[]): Values {
  const heads = new Set(paths.map(([head]) => String(head)));
  const entries = [...heads].map((name): readonly [string, Json] => {
    const below = paths.filter(([head]) => head === name).map(([, ...rest]) => rest);
    const value = values[name] ?? null;
    const isWhole = !isObject(value) || below.some(({ length }) => length === 0);
    return [name, isWhole ? value : select(value, below)];
  });
  return Object.fromEntries(entries);
}
