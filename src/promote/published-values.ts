import type { Address } from "../core/address.ts";
import { formatPath } from "../core/spec-walk.ts";
import type { Values } from "../core/value.ts";
import type { Engine } from "../engine/engine.ts";
import { resolveReferences } from "../engine/references.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Kind } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import { asWritten } from "../kind/stored-form.ts";
import { say } from "../messages/text.ts";
import { diffSpec } from "../plan/diff.ts";
import { leavesObject, type Plan } from "../plan/plan.ts";
import type { State } from "../state/model.ts";
import { currentRelease, isPromoted } from "./release-history.ts";

/**
 * Says of promoted objects that an earlier run has prepared in what callers' present configuration differs: the plan
 * compares with the prepared one, and would show no change. One reading each; one that fails is left out.
 */
export async function noteUnpublishedDifferences<Api>(
  engine: Engine<Api>,
  state: State,
  resources: readonly Resource[],
): Promise<readonly Resource[]> {
  return Promise.all(
    resources.map(async (resource) => {
      const entry = state.resources[resource.address];
      const { promoted } = resource;
      if (!promoted || !entry || !isPromoted(entry) || entry.status !== "incomplete") return resource;
      const kind = findKind(engine.provider, resource.kind);
      const released = await readReleased(engine, kind, entry);
      if (!released) return resource;
      const paths = differingPaths(
        kind,
        resource,
        releasedAsWritten(kind, entry, resource, released, state),
        state,
      );
      if (paths.length === 0) return resource;
      const note = say("promote/callers-see-other", { paths: paths.join(", ") });
      return { ...resource, promoted: { ...promoted, notes: [note, ...promoted.notes] } };
    }),
  );
}

async function readReleased<Api>(
  engine: Engine<Api>,
  kind: Kind<Api>,
  { id, parent }: Entry,
): Promise<Values | undefined> {
  if (id === undefined) return undefined;
  return kind.release?.read?.(engine.apiOf(kind), { id, parent }).catch(() => undefined);
}

/** What callers get, in the form in which the promotion that released it wrote it. */
function releasedAsWritten<Api>(
  kind: Kind<Api>,
  entry: Entry,
  { spec }: Resource,
  released: Values,
  { lineage: salt }: State,
): Values {
  const former = currentRelease(entry)?.spec ?? {};
  return asWritten(kind, released, { spec: former, read: entry.read, whole: [spec], salt });
}

/** Paths of differing fields that Coze returns; other notes cover the rest. */
function differingPaths<Api>(
  { fields }: Kind<Api>,
  { spec }: Resource,
  released: Values,
  { resources, lineage }: State,
): readonly string[] {
  const want = resolveReferences(fields, spec, (address) => resources[address]?.id);
  const only = new Set(Object.keys(released));
  const comparison = { want, live: released, applied: released, ignore: [], salt: lineage, only };
  return diffSpec(fields, comparison)
    .changes.filter(({ unreadable }) => !unreadable)
    .map(({ path }) => formatPath(path));
}

/**
 * What callers get of the names that a promotion is about to change for the first time: what Coze has published, which
 * a draft may have left behind. One reading call each; nothing of what was never published, or couldn't be read.
 */
export async function readBaseline<Api>(
  engine: Engine<Api>,
  { resources }: Pick<State, "resources">,
  { steps }: Plan,
): Promise<ReadonlyMap<Address, Values>> {
  const found = steps.map(async ({ address, kind: name, action, place }): Promise<[Address, Values][]> => {
    const kind = findKind(engine.provider, name);
    if (!kind.release?.read || !place || leavesObject({ action })) return [];
    const entry = resources[address];
    if (entry && isPromoted(entry)) return [];
    // The draft that the plan saw then stands for it.
    const released = await kind.release.read(engine.apiOf(kind), place).catch(() => undefined);
    return released ? [[address, released as Values]] : [];
  });
  return new Map((await Promise.all(found)).flat());
}
