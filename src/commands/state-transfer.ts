import { rmSync } from "node:fs";
import { commandLine } from "../core/command-line.ts";
import { InvalidInput } from "../core/diagnostic.ts";
import { canonicalJson } from "../core/value.ts";
import { keyOfPlace, placesOf } from "../kind/identity-match.ts";
import { type Explained, explain, say } from "../messages/text.ts";
import type { Backend } from "../state/backend.ts";
import { backUpState } from "../state/backup.ts";
import { openLocalBackend } from "../state/local-backend.ts";
import { locateState } from "../state/location.ts";
import type { LockWait } from "../state/lock-wait.ts";
import type { State } from "../state/model.ts";
import type { StatePlace } from "../state/place.ts";
import { hashesIn, type ReleaseTexts, withTextHashes, withTextsInside } from "../state/release-texts.ts";
import { forgetSeen } from "../state/seen.ts";
import { openTextReader } from "../state/shared-texts.ts";
import { parseState } from "../state/state-file.ts";
import { openStore, readState, writeDocument } from "../state/store.ts";
import { bringIn, dropUnsaved, readUnsaved, type UnsavedState } from "../state/unsaved.ts";
import { readFormerKeeper } from "./former-keeper.ts";
import type { Host } from "./host.ts";
import { type LockOptions, waitFor } from "./lock-waiting.ts";
import { findStatePlaceWithoutCalls, type ProjectOptions, readProject } from "./project.ts";

const refuse = (problem: Explained): never => {
  throw new InvalidInput([{ code: "state", severity: "error", ...problem }]);
};

/**
 * The document of a state, what a killed run had begun included; or that of a former version which the place keeps.
 * Makes no call to Coze. Throws {@link InvalidInput}.
 */
export async function pullState(
  host: Host,
  options: ProjectOptions & { readonly version?: string | undefined },
): Promise<Uint8Array> {
  const place = await findStatePlaceWithoutCalls(await readProject(host, options), options);
  const { version } = options;
  const { resources, ...state } = await (version === undefined
    ? readState(place)
    : readVersion(place, version));
  // Elsewhere there are no texts beside the state.
  return writeDocument({ ...state, resources: await withTextsInside(resources, openTextReader(place)) });
}

async function readVersion(place: StatePlace, id: string): Promise<State> {
  const { names, versions } = place.backend ?? openLocalBackend(place);
  const document = await versions?.read(id);
  if (document) return parseState(document, names.document);
  const values = { id, place: names.document, commandLine: commandLine(["state", "versions"]) };
  return refuse(explain("commands/pull-no-version", values));
}

/** What became of a state that was pushed. */
export interface Pushed {
  readonly serial: number;
  /** Whether it is another one than before. */
  readonly changed: boolean;
  /** The file with the state before, if there was one. */
  readonly backup: string | undefined;
  /** The file with what an earlier run couldn't save and the pushed state doesn't know. */
  readonly givenUp?: string | undefined;
}

/**
 * Puts a document where the state of an environment is kept; what a run couldn't save is brought into it. Refuses one of
 * another lineage, one that is older than what is there, and one that doesn't know what a run on this machine couldn't
 * save, unless `force` is given. `file` is its name for messages. Throws {@link InvalidInput}.
 */
export async function pushState(
  host: Host,
  options: ProjectOptions & LockOptions & { readonly force?: boolean | undefined },
  document: { readonly bytes: Uint8Array; readonly file: string },
): Promise<Pushed> {
  const place = await findStatePlaceWithoutCalls(await readProject(host, options), options);
  const pushed: UnsavedState = parseState(document.bytes, document.file);
  const { unsaved, ...whole } = pushed;
  if (whole.environment !== place.environment) {
    const names = { given: whole.environment, chosen: place.environment };
    refuse(explain("commands/push-other-environment", names));
  }
  const store = await openStore(place, "cozeform state push", waitFor(host, options), "leave");
  try {
    const { state: there } = store;
    const { exists } = store;
    const isBrought = unsaved && exists && !options.force;
    const given = isBrought ? bringIntoPushed(place, there, pushed, document.file) : whole;
    if (exists && sameContent(there, given)) {
      return { serial: there.serial, changed: false, backup: undefined };
    }
    if (exists && !options.force && !unsaved) checkSuccessor(there, given);
    const kept = readUnsaved(place, given);
    const isForgotten = kept && kept.unknown.length > 0;
    if (isForgotten && !options.force) {
      const values = { file: kept.file, addresses: excerptList(kept.unknown) };
      refuse(explain("commands/push-forgets", values));
    }
    const backup = await store.backUp(host.clock.now());
    // Plans that were made with what was there before are stale.
    const serial = exists ? Math.max(given.serial, there.serial + 1) : Math.max(given.serial, 1);
    await store.replace({ ...given, serial });
    // It is brought in by this, or given up.
    const givenUp = isForgotten ? backUpState(place, kept.bytes, host.clock.now()) : undefined;
    dropUnsaved(place);
    if (!place.backend) forgetSeen(place);
    return { serial, changed: true, backup, givenUp };
  } finally {
    await store.close();
  }
}

/** The state there with what a run couldn't save. */
function bringIntoPushed(place: StatePlace, there: State, pushed: UnsavedState, file: string): State {
  const { names } = place.backend ?? openLocalBackend(place);
  const brought = bringIn(pushed, file, { saved: there, state: there, runs: [] }, names);
  if (brought?.conflict) throw brought.conflict.error;
  return brought?.state ?? there;
}

function checkSuccessor(there: State, given: State): void {
  if (there.lineage !== given.lineage) {
    refuse(explain("commands/push-other-lineage", { given: given.lineage, saved: there.lineage }));
  }
  if (given.serial === there.serial) refuse(explain("commands/push-same-serial", { serial: there.serial }));
  if (given.serial < there.serial) {
    refuse(explain("commands/push-older", { given: given.serial, saved: there.serial }));
  }
}

/** What a state says, wherever the configurations of its releases are. */
function contentOf({ serial: _, resources, ...content }: State): string {
  const hashed = Object.entries(resources).map(([address, entry]) => [address, withTextHashes(entry)]);
  return canonicalJson({ ...content, resources: Object.fromEntries(hashed) });
}

/** The number of configurations of releases that a state names and that can be read. */
async function countTexts({ resources }: State, texts: Pick<ReleaseTexts, "read">): Promise<number> {
  return (await texts.read(hashesIn(resources))).size;
}
const sameContent = (one: State, other: State): boolean => contentOf(one) === contentOf(other);

/** What a migration moved. */
export interface Migrated {
  /** Where the state was and is. */
  readonly from: string;
  readonly to: string;
  readonly resources: number;
  readonly backup: string | undefined;
  /** The file with the earlier version of it that was where it is now. */
  readonly replaced?: string | undefined;
  /** Whether the former place still has it. */
  readonly left: boolean;
}

/**
 * Moves a state to where the project file says that it is kept: from the project's directory, or from where another
 * project file, `from`, says. Reads it back before it removes a local state file. Throws {@link InvalidInput}.
 */
export async function migrateState(
  host: Host,
  options: ProjectOptions & LockOptions & { readonly from?: string | undefined },
): Promise<Migrated> {
  const project = await readProject(host, options);
  const target = await findStatePlaceWithoutCalls(project, options);
  const former = options.from === undefined ? undefined : await readFormerKeeper(host, project, options.from);
  const source: StatePlace = { ...target, backend: former };
  if (nameOf(source) === nameOf(target)) refuse(explain("commands/migrate-nowhere"));
  const wait = waitFor(host, options);
  const own = await openStore(source, command, wait);
  try {
    // Elsewhere there are no texts beside the state.
    const state = { ...own.state, resources: await withTextsInside(own.state.resources, own.texts) };
    if (!own.exists && Object.keys(state.resources).length === 0) {
      refuse(explain("commands/migrate-nothing", { from: nameOf(source) }));
    }
    const backup = backUpState(target, writeDocument(state), host.clock.now());
    const replaced = await moveInto(target, state, { wait, now: host.clock.now() });
    if (!former) {
      rmSync(locateState(source), { force: true });
      await own.texts.sweep(new Set());
    }
    const resources = Object.keys(state.resources).length;
    return {
      from: nameOf(source),
      to: nameOf(target),
      resources,
      backup,
      replaced,
      left: former !== undefined,
    };
  } finally {
    await own.close();
  }
}

const command = "cozeform state migrate";

/**
 * Writes a state to an empty place, or to one that has it already or as it was before, and reads it back. Returns the file
 * with what was there before.
 */
async function moveInto(
  target: StatePlace,
  state: State,
  { wait, now }: { readonly wait: LockWait; readonly now: number },
): Promise<string | undefined> {
  const there = await openStore(target, command, wait);
  try {
    const isOther = there.exists && !sameContent(there.state, state);
    if (isOther) checkFormer(there.state, state, nameOf(target));
    const backup = isOther ? await there.backUp(now) : undefined;
    await there.replace({ ...state, serial: Math.max(state.serial, 1) });
    const moved = await readState(target);
    const [readable, wanted] = await Promise.all([
      countTexts(moved, openTextReader(target)),
      countTexts(there.state, there.texts),
    ]);
    if (readable !== wanted || !sameContent(moved, state)) {
      refuse(explain("commands/migrate-differs", { to: nameOf(target) }));
    }
    return backup;
  } finally {
    await there.close();
  }
}

/** Refuses to replace what isn't an earlier version of a state, or knows objects that the state doesn't. */
function checkFormer(there: State, state: State, to: string): void {
  const values = { to, commandLine: commandLine(["state", "pull"]) };
  if (there.lineage !== state.lineage) refuse(explain("commands/migrate-taken", values));
  const serials = { given: state.serial, saved: there.serial };
  if (there.serial >= state.serial) refuse(explain("commands/migrate-newer", { ...values, ...serials }));
  const known = new Set(Object.values(state.resources).flatMap(placesOf).map(keyOfPlace));
  const addresses = Object.entries(there.resources).flatMap(([address, entry]) =>
    placesOf(entry).some((place) => !known.has(keyOfPlace(place))) ? [address] : [],
  );
  if (addresses.length === 0) return;
  refuse(explain("commands/migrate-forked", { ...values, ...serials, addresses: excerptList(addresses) }));
}

/** Some addresses in words; the first of many. */
const excerptList = (addresses: readonly string[]): string =>
  addresses.length > 5
    ? say("commands/and-more", { names: addresses.slice(0, 5).join(", "), count: addresses.length - 5 })
    : addresses.join(", ");

const nameOf = (place: StatePlace): string => (place.backend ?? openLocalBackend(place)).names.document;

/**
 * Releases the lock of a run by its id; returns what held it. Throws `StateError`, also when its process is known to run
 * on this machine, unless `force` is given.
 */
export async function unlockState(
  host: Host,
  options: ProjectOptions & { readonly force?: boolean | undefined },
  id: string,
): Promise<Awaited<ReturnType<Backend["unlock"]>>> {
  const place = await findStatePlaceWithoutCalls(await readProject(host, options), options);
  return (place.backend ?? openLocalBackend(place)).unlock(id, options.force);
}
