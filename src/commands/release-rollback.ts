import type { Address } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import { InvalidInput } from "../core/diagnostic.ts";
import { formatPath } from "../core/spec-walk.ts";
import { describeTime } from "../core/time.ts";
import type { Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry } from "../kind/state-entry.ts";
import { kinds } from "../kinds/index.ts";
import { type Explained, explain, say } from "../messages/text.ts";
import { digestManifest } from "../plan/holds.ts";
import { findPreparedChanges, saveAbandonedRollback } from "../promote/open-promotion.ts";
import {
  findRelease,
  findRelevantFormer,
  type NumberedRelease,
  standingReleases,
} from "../promote/release-history.ts";
import { type ReleasedSpec, specOfRelease } from "../promote/released-spec.ts";
import type { State } from "../state/model.ts";
import { withTexts } from "../state/release-texts.ts";
import type { Store } from "../state/store.ts";
import { type Applied, type ApplyCommandOptions, applyPlanned } from "./apply.ts";
import { bindSources } from "./bind-copy-sources.ts";
import type { CozeEngine, EnvironmentConnections } from "./connections.ts";
import { type EditedFile, replaceFiles } from "./edit-files.ts";
import { editManifests, warnOfIncluded } from "./edit-manifests.ts";
import type { Host } from "./host.ts";
import { moveStateToday } from "./moved-state.ts";
import { type Planned, planEnvironment, planProject, replaceParts } from "./plan.ts";
import { type RunProject, readValidProject } from "./project.ts";

/** What to roll back, and to which release. */
export interface ReleaseRollbackOptions extends ApplyCommandOptions {
  readonly address: Address;
  /** What Coze calls the version, or the number of the release; the one before the current one by default. */
  readonly to?: string | undefined;
  /** Leave the manifests as they are, and hold the resource at the release until its manifest changes. */
  readonly liveOnly?: boolean | undefined;
}

/** The result of a rollback to a release. */
export interface RolledBackRelease extends Applied {
  readonly release: NumberedRelease;
  /** The edited files by their real paths; none with `liveOnly`. They were written if the plan was approved. */
  readonly files: ReadonlyMap<string, EditedFile>;
}

/** What is rolled back. */
interface Subject {
  readonly project: RunProject;
  readonly state: State;
  readonly resource: Resource;
  readonly entry: Entry;
  readonly release: NumberedRelease;
  readonly released: ReleasedSpec;
}

/**
 * Takes one resource back to an earlier release: edits its manifest in place so that it says what was published then, and
 * applies it; or applies the release alone and holds the resource there. `onEdits` is called with the edits before the
 * plan is approved. Throws {@link InvalidInput} when there is no such release, or its manifest can't be edited so.
 */
export async function rollbackRelease(
  host: Host,
  options: ReleaseRollbackOptions,
  onEdits: (files: ReadonlyMap<string, EditedFile>, release: NumberedRelease) => void = () => {},
): Promise<RolledBackRelease> {
  let found: { readonly subject: Subject; readonly files: RolledBackRelease["files"] } | undefined;
  let moved: Planned["moved"] = new Map();
  const applied = await applyPlanned(host, options, {
    command: "cozeform rollback",
    async plan(connections, project, store) {
      const subject = await findSubject(connections.engine, project, store, options);
      const files = options.liveOnly ? new Map() : (await editSubject(host, subject, options)).files;
      found = { subject, files };
      onEdits(files, subject.release);
      const planned = await (options.liveOnly
        ? planLive(host, connections, subject, store, options)
        : planEdited(host, connections, subject, store, options, files));
      const prepared = findPreparedChanges(store.state, planned.plan);
      if (prepared.length > 0) throw new InvalidInput(prepared, project.sources);
      moved = planned.moved;
      // The hold that begins takes the place of one that stood.
      return options.liveOnly ? replaceParts(planned, { ended: [] }) : planned;
    },
    mustAct: () => options.liveOnly === true || (found?.files.size ?? 0) > 0,
    async begin(store) {
      saveAbandonedRollback(store);
      if (!found) return;
      await replaceFiles(found.files, async () => {});
      if (options.liveOnly) putHold(store, found.subject, moved, host.clock.now());
    },
  });
  if (!found) throw new Error("a rollback was applied that wasn't planned");
  return { ...applied, release: found.subject.release, files: found.files };
}

/** `moved`: the moves that are still to be written. A hold moves with its resource. */
function putHold(
  store: Store,
  { resource, release, state }: Subject,
  moved: Planned["moved"],
  now: number,
): void {
  const from = [...moved].find(([, to]) => to === resource.address)?.[0];
  const address = from ?? resource.address;
  const entry = store.state.resources[address];
  if (!entry) return;
  const digest = digestManifest(resource, kinds, state.lineage);
  const hold = { release: release.number, at: Math.floor(now / 1000), digest };
  store.put("hold", { [address]: { ...entry, hold } });
}

/** What is to be rolled back. Throws {@link InvalidInput} when it has no manifest, or no such release. */
async function findSubject(
  engine: CozeEngine,
  project: RunProject,
  store: Store,
  { address, to }: ReleaseRollbackOptions,
): Promise<Subject> {
  const state = moveStateToday(project, store.state);
  const stored = state.resources[address];
  const resource = project.resources.find((one) => one.address === address);
  const listing = commandLine(["state", "list"]);
  if (!stored) return refuse(address, explain("commands/state-lacks", { address, commandLine: listing }));
  if (!resource) return refuse(address, explain("commands/rollback-unmanaged", { address }));
  const kind: KindSchema = findKind({ kinds }, stored.kind);
  if (!kind.release) return refuse(address, explain("commands/no-releases", { address, kind: kind.name }));
  const entry = await withTexts(stored, store.texts);
  const chosen = chooseRelease(address, entry, to);
  const release = await completeRelease(engine, entry, chosen, address);
  const idOf = (one: string) => state.resources[one]?.id;
  const released = specOfRelease(kind, resource.spec, release, entry, idOf);
  return { project, state, resource, entry, release, released };
}

function chooseRelease(address: Address, entry: Entry, to: string | undefined): NumberedRelease {
  const releases = standingReleases(entry);
  if (releases.length === 0) return refuse(address, explain("commands/rollback-nothing", { address }));
  const known = listReleases(releases);
  if (to === undefined) {
    return (
      findRelevantFormer(releases) ?? refuse(address, explain("commands/rollback-first", { address, known }))
    );
  }
  return (
    findRelease(releases, to) ??
    refuse(address, explain("commands/rollback-unknown", { address, version: to, known }))
  );
}

/** A release with its configuration. Coze's API returns no other version than the one that callers get. */
async function completeRelease(
  engine: CozeEngine,
  entry: Entry,
  release: NumberedRelease,
  address: Address,
): Promise<NumberedRelease> {
  if (release.spec) return release;
  const releases = standingReleases(entry);
  const kind = findKind(engine.provider, entry.kind);
  const field = kind.release?.version;
  const { id, parent } = entry;
  if (release.number === releases.at(-1)?.number && field !== undefined && id !== undefined) {
    const live: Values | undefined = await kind.release?.read?.(engine.apiOf(kind), { id, parent });
    if (live && (live[field] ?? release.version) === release.version) return { ...release, spec: live };
  }
  const left = releases.filter(({ spec }) => spec !== undefined);
  const values = { address, version: nameRelease(release), known: listReleases(left) };
  return refuse(
    address,
    explain(left.length > 0 ? "commands/rollback-gone" : "commands/rollback-all-gone", values),
  );
}

const nameRelease = ({ number, version }: NumberedRelease): string =>
  version === undefined ? String(number) : say("commands/release-version", { number, version });

const mostListed = 20;

const listReleases = (releases: readonly NumberedRelease[]): string =>
  releases
    .slice(-mostListed)
    .map((one) => say("commands/release-of", { release: nameRelease(one), time: describeTime(one.at) }))
    .join(", ");

/** The manifests with the release in place. Throws {@link InvalidInput} when they can't say it. */
async function editSubject(host: Host, subject: Subject, options: ReleaseRollbackOptions) {
  const { project, state, resource, entry, release, released } = subject;
  const { before, after, paths } = released;
  if (paths.length === 0) return { files: new Map<string, EditedFile>() };
  const edited = {
    resource,
    resolved: before,
    live: after,
    fields: paths.map((path) => ({ ahead: "live" as const, change: { path } })),
    whole: true as const,
  };
  const { files } = editManifests(project, options.placesFrom, new Map(Object.entries(state.resources)), [
    edited,
  ]);
  const again = await readEdited(host, options, files);
  const now = again.resources.find(({ address }) => address === resource.address);
  const kind: KindSchema = findKind({ kinds }, resource.kind);
  const idOf = (one: string) => state.resources[one]?.id;
  const left = now ? specOfRelease(kind, now.spec, release, entry, idOf).paths : paths;
  if (left.length > 0) {
    const fields = left.map(formatPath).join(", ");
    refuse(resource.address, explain("commands/rollback-not-edited", { address: resource.address, fields }));
  }
  return { files };
}

/** The project as it reads with some files edited. */
const readEdited = (
  host: Host,
  options: ReleaseRollbackOptions,
  files: ReadonlyMap<string, EditedFile>,
): Promise<RunProject> =>
  readValidProject(host, {
    ...options,
    edited: new Map([...files].map(([file, { text }]) => [file, text])),
  });

/** Plans the edited manifest. */
async function planEdited(
  host: Host,
  connections: EnvironmentConnections,
  { project, resource: { address }, released }: Subject,
  { state }: Store,
  options: ReleaseRollbackOptions,
  files: ReadonlyMap<string, EditedFile>,
): Promise<Planned> {
  const edited = files.size > 0 ? await readEdited(host, options, files) : project;
  const planned = await planEnvironment(host, connections, edited, state, narrow(options, address));
  const diagnostics = [...warnOfIncluded(project, files.keys()), ...planned.plan.diagnostics];
  return noteFiles(replaceParts(planned, { plan: { ...planned.plan, diagnostics } }), address, released);
}

/** Plans the release itself, over a manifest that stays as it is. */
async function planLive(
  host: Host,
  connections: EnvironmentConnections,
  { project, resource: { address }, release, released }: Subject,
  { state }: Store,
  options: ReleaseRollbackOptions,
): Promise<Planned> {
  const chosen = narrow(options, address);
  const { desired } = await bindSources(host, connections, chosen, project, state);
  const note = say("commands/rollback-holds", { release: nameRelease(release) });
  const changed = desired.map((one) => {
    if (one.address !== address) return one;
    // All of it is remembered, so that what the manifest doesn't say goes back once the hold ends.
    const spec = overBound(one.spec, released);
    return { ...one, spec, promoted: { own: spec, notes: [note] } };
  });
  const planned = await planProject(connections.engine, project, state, { ...chosen, desired: changed });
  return noteFiles(planned, address, released);
}

/** A spec whose copy source was found, with what the release changes. */
function overBound(spec: Values, { after, paths }: ReleasedSpec): Values {
  const names = new Set(paths.map(([name]) => String(name)));
  const kept = Object.entries(spec).filter(([name]) => !names.has(name));
  const taken = Object.entries(after).filter(([name]) => names.has(name));
  return { ...Object.fromEntries(kept), ...Object.fromEntries(taken) };
}

/** The options of a plan of one address; a rollback changes it though it may be held. */
function narrow(options: ReleaseRollbackOptions, address: Address): ApplyCommandOptions {
  const { releaseHold = [] } = options;
  return {
    ...options,
    targets: [address],
    alone: true,
    releaseHold: [...new Set([...releaseHold, address])],
  };
}

/** Says which files stay, since releases keep none. */
function noteFiles(planned: Planned, address: Address, { files }: ReleasedSpec): Planned {
  if (files.length === 0) return planned;
  const notes = files.map((path) => say("promote/file-stays", { path }));
  const diagnostics = notes.map((note) => ({
    code: "stays",
    severity: "warning" as const,
    address,
    message: say("commands/resource-error", { address, message: note }),
  }));
  return replaceParts(planned, {
    plan: { ...planned.plan, diagnostics: [...planned.plan.diagnostics, ...diagnostics] },
  });
}

function refuse(address: Address, problem: Explained): never {
  throw new InvalidInput([{ code: "rollback", severity: "error", address, ...problem }]);
}
