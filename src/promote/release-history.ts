import type { Address } from "../core/address.ts";
import type { Fields, Shape } from "../core/field.ts";
import { type Path, valueAt } from "../core/spec-walk.ts";
import { canonicalJson, isDigest, isObject, type Json, type Values } from "../core/value.ts";
import type { EntryDraft } from "../engine/apply-run.ts";
import type { Entry, Release } from "../kind/state-entry.ts";
import { asWritten } from "../kind/stored-form.ts";
import type { Promotion } from "../state/model.ts";

/** How many releases of a resource keep the configuration that a rollback needs. */
const maxReleasesKept = 5;

/** The release that callers get, as far as promotions know; undefined if no promotion touched the resource. */
export const currentRelease = ({ history = [] }: Pick<Entry, "history">): Release | undefined =>
  history.findLast(({ undone }) => !undone);

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
  const standing = currentRelease(after);
  if (!place) return { ...after, history: after.history ?? [] };
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
  return { ...after, history: addRelease(after.history, former, seconds) };
}

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
  const all = [...(again ? history.slice(0, -1) : history), { at, ...release }];
  const standing = all.filter(({ undone }) => !undone).slice(-maxReleasesKept);
  return all.map((one) => (standing.includes(one) ? one : withoutSpec(one)));
}

export function withoutSpec({ spec: _spec, ...rest }: Release): Release {
  return rest;
}

function describeRelease(
  { fields, release }: ReleaseKind,
  { id = "", version }: Pick<Entry, "id" | "version">,
  values: Values,
): ReleaseContent {
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
  const brought = paths.filter((path) => isPromoted(entry, path));
  return brought.length > 0 ? select(currentRelease(entry)?.spec ?? {}, brought) : undefined;
}

/** Whether a promotion made a value what it is, and not somebody in the target before the first one. */
function isPromoted({ history = [] }: Pick<Entry, "history">, path: Path): boolean {
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
