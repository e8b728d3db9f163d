import type { Edit } from "../kind/kind.ts";
import type { Entry } from "../kind/state-entry.ts";
import { numberOf } from "./release-history.ts";

/**
 * Who made a release: an apply, a promotion, `before`: it stood there before the first promotion, `coze`: it was published
 * on Coze's page or by another program.
 */
type Origin = "apply" | "promotion" | "before" | "coze";

/** One release of a resource, one version at Coze, or what is both. */
export interface HistoryItem {
  readonly origin: Origin;
  /** Unix seconds; Coze's time where it tells one. */
  readonly at?: number | undefined;
  /** The number of the release; absent from what Coze alone knows. */
  readonly release?: number | undefined;
  readonly version?: string | undefined;
  readonly revision?: string | undefined;
  readonly id?: string | undefined;
  /** Of a promotion: its number, and the environment that it came from. */
  readonly promotion?: number | undefined;
  readonly from?: string | undefined;
  /** Who published it, as far as Coze tells. */
  readonly by?: Pick<Edit, "name" | "user"> | undefined;
  readonly changelog?: string | undefined;
  /** Callers get it, as far as is known. */
  readonly current?: true | undefined;
  /** A rollback of a promotion left it. */
  readonly undone?: true | undefined;
  /** Its configuration is kept, so that a rollback can lead to it. */
  readonly kept: boolean;
}

/** The releases of an entry and the versions at Coze as one list, the newest first. Pure. */
export function describeHistory(
  { history = [] }: Pick<Entry, "history">,
  versions: readonly Edit[],
): readonly HistoryItem[] {
  const byVersion = new Map(versions.map((one) => [one.version, one]));
  const standing = history.findLast(({ undone }) => !undone);
  const [newest] = versions;
  const current = newest?.version ?? standing?.version;
  const known = new Set(history.map(({ version }) => version));
  const released = history.map((release, index): HistoryItem => {
    const { version, revision, id, promotion, from, undone, spec, applied, at } = release;
    const edit = version === undefined ? undefined : byVersion.get(version);
    const isCurrent = release === standing && (newest === undefined || version === current);
    return {
      origin: promotion !== undefined ? "promotion" : applied ? "apply" : "before",
      at: edit?.at ?? at,
      ...{ release: numberOf(release, index), version, revision, id, promotion, from, undone },
      ...describePerson(edit),
      current: isCurrent || undefined,
      kept: spec !== undefined,
    };
  });
  const others = versions
    .filter(({ version }) => version === undefined || !known.has(version))
    .map((edit): HistoryItem => {
      const { at, version } = edit;
      return {
        origin: "coze",
        at,
        version,
        ...describePerson(edit),
        current: edit === newest || undefined,
        kept: false,
      };
    });
  return [...released, ...others]
    .map((item, index) => ({ item, index }))
    .sort((a, b) => (b.item.at ?? 0) - (a.item.at ?? 0) || b.index - a.index)
    .map(({ item }) => item);
}

function describePerson(edit: Edit | undefined): Pick<HistoryItem, "by" | "changelog"> {
  if (!edit) return {};
  const { name, user, changelog } = edit;
  return { by: name === undefined && user === undefined ? undefined : { name, user }, changelog };
}
