import type { Address } from "../core/address.ts";
import { type Diagnostic, InvalidInput } from "../core/diagnostic.ts";
import { type Path, valueAt } from "../core/spec-walk.ts";
import type { Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import { kinds } from "../kinds/index.ts";
import { explain } from "../messages/text.ts";
import { diffSpec } from "../plan/diff.ts";
import type { Step } from "../plan/plan.ts";
import { readState } from "../state/store.ts";
import { type FieldStanding, judgeChanges } from "../status/field-standings.ts";
import type { EditedResource, LiveEdit } from "../status/live-edits.ts";
import { type CozeEngine, openConnections } from "./connections.ts";
import { replaceFiles } from "./edit-files.ts";
import { editManifests, warnOfIncluded } from "./edit-manifests.ts";
import type { Host } from "./host.ts";
import { type Planned, planEnvironment } from "./plan.ts";
import { findStatePlace, type ProjectOptions, type RunProject, readValidProject } from "./project.ts";

export interface AdoptLiveOptions extends ProjectOptions {
  /** Whose edits to take. */
  readonly targets: readonly Address[];
  /** What callers get, instead of the draft. */
  readonly published?: boolean | undefined;
}

/** What was written back. */
export interface AdoptedLive {
  readonly edits: readonly (Pick<LiveEdit, "address" | "path"> & {
    /** The file that has the value now, as messages name it. */
    readonly file: string;
  })[];
  /** Edited files that other projects may include, too. */
  readonly diagnostics: readonly Diagnostic[];
  /** API calls made. */
  readonly calls: number;
}

/**
 * Writes what was edited at Coze back into manifests and text files, in place, with every other byte kept. Throws
 * {@link InvalidInput} with every value that can't be written back; then no file has changed.
 */
export async function adoptLive(host: Host, options: AdoptLiveOptions): Promise<AdoptedLive> {
  const project = await readValidProject(host, options);
  const state = await readState(await findStatePlace(project, options));
  const { engine, ...connections } = await openConnections(host, project, options);
  const planned = await planEnvironment(host, { engine, ...connections }, project, state, {
    ...options,
    alone: true,
  });
  const entries = new Map(Object.entries(state.resources));
  const resources = new Map(project.resources.map((one) => [one.address, one]));
  const edited = await Promise.all(
    planned.plan.steps.map((step) =>
      readEdited(engine, planned, resources, step, {
        entry: entries.get(step.address),
        salt: state.lineage,
        ...options,
      }),
    ),
  );
  const found = edited.flatMap((one) => one ?? []);
  const { edits, files } = editManifests(project, options.placesFrom, entries, found);
  await replaceFiles(files, async () => {
    const again = await readValidProject(host, options).catch(() => undefined);
    if (again && isAdopted(again, edits, found)) return;
    const problem = explain("commands/live-not-read-back");
    throw new InvalidInput([{ code: "not-editable", severity: "error", ...problem }], again?.sources);
  });
  return {
    edits: edits.map(({ address, path, part }) => ({ address, path, file: part.textFile ?? part.at.file })),
    diagnostics: warnOfIncluded(project, files.keys()),
    calls: engine.callCount(),
  };
}

/** A resource with what was edited of its object; undefined for one that has no object, or no manifest. */
async function readEdited(
  engine: CozeEngine,
  { observed }: Planned,
  resources: ReadonlyMap<Address, Resource>,
  step: Step,
  {
    entry,
    salt,
    published,
  }: { readonly entry: Entry | undefined; readonly salt: string; readonly published?: boolean | undefined },
): Promise<EditedResource | undefined> {
  const resource = resources.get(step.address);
  const seen = observed.get(step.address);
  if (!resource || !entry || !step.spec || seen?.status !== "present") return undefined;
  const kind = findKind(engine.provider, step.kind);
  const about = { resource, resolved: step.spec };
  if (!published || !kind.release?.read) {
    const { live } = seen.item;
    return {
      ...about,
      live,
      fields: judgeChanges(kind, step.changes, { want: step.spec, live, entry, salt }),
    };
  }
  const live = await kind.release.read(engine.apiOf(kind), seen.item);
  if (!live) return undefined;
  const { changes } = diffSpec(kind.fields, {
    want: step.spec,
    live,
    applied: entry.spec,
    ignore: resource.lifecycle.ignoreChanges,
    read: entry.read,
    salt,
    only: new Set(Object.keys(live)),
  });
  const fields = changes
    .filter(({ unreadable }) => !unreadable)
    .map((change): FieldStanding => ({ ahead: "live", change }));
  return { ...about, live, fields };
}

/** Whether the manifests say what Coze holds. */
function isAdopted(
  project: RunProject,
  edits: readonly LiveEdit[],
  found: readonly EditedResource[],
): boolean {
  const resources = new Map(project.resources.map((one) => [one.address, one]));
  const lives = new Map(found.map(({ resource, live }) => [resource.address, live]));
  return edits.every(({ address, path }) => {
    const resource = resources.get(address);
    const live = lives.get(address);
    if (!resource || !live) return false;
    const { fields } = findKind({ kinds }, resource.kind);
    const { changes } = diffSpec(fields, {
      want: resource.spec,
      live,
      applied: undefined,
      ignore: [],
      salt: "",
      only: new Set([String(path[0])]),
    });
    return changes.every(({ path: other }) => !isBelow(other, path) || holdsReference(resource.spec, path));
  });
}

const isBelow = (path: Path, above: Path): boolean => above.every((step, index) => path[index] === step);

/** References are names until a plan resolves them. */
const holdsReference = (spec: Values, path: Path): boolean =>
  JSON.stringify(valueAt(spec, path) ?? null).includes('"$');
