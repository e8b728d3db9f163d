import { isAbsolute, relative } from "node:path";
import { migrateState, pullState, pushState, unlockState } from "../../commands/state-transfer.ts";
import { listStateVersions, type StateCopy } from "../../commands/state-versions.ts";
import { describeTime } from "../../core/time.ts";
import { readFileGuarded } from "../../files/guarded-reading.ts";
import { say } from "../../messages/text.ts";
import { printableLine } from "../../report/escape-control.ts";
import type { StoredVersion } from "../../state/backend.ts";
import { describeHolder } from "../../state/unlocking.ts";
import { ExitCode } from "../exit-code.ts";
import { lockOptions } from "../lock-waiting.ts";
import type { LockingOptions } from "../options.ts";
import type { Session } from "../session.ts";
import { type StateOptions, stateProject, tellBackup } from "./state.ts";

/** Runs `state pull`. */
export async function runPull(
  session: Session,
  options: StateOptions & { readonly versionId?: string },
  dir?: string,
): Promise<ExitCode> {
  const project = await stateProject(session, options, dir);
  const document = await pullState(session.host(), { ...project, version: options.versionId });
  session.print(Buffer.from(document).toString());
  return ExitCode.done;
}

/** Runs `state push`. */
export async function runPush(
  session: Session,
  options: StateOptions & LockingOptions & { readonly force?: boolean },
  file: string,
): Promise<ExitCode> {
  const project = await stateProject(session, options, undefined);
  const bytes = readFileGuarded(session.path(file), { most: mostBytes, links: "follow" });
  const { force } = options;
  const pushed = await pushState(
    session.host(),
    { ...project, ...lockOptions(session, options), force },
    { bytes, file },
  );
  const { serial, changed, backup, givenUp } = pushed;
  session.print(`${say(changed ? "cli/state-pushed" : "cli/state-pushed-same", { serial })}\n`);
  tellBackup(session, backup);
  if (givenUp !== undefined)
    session.log.info(printableLine(say("cli/state-pushed-over", { file: shortName(session, givenUp) })));
  return ExitCode.done;
}

const mostBytes = 512 * 2 ** 20;

/** Runs `state migrate`. */
export async function runMigrate(
  session: Session,
  options: StateOptions & LockingOptions & { readonly from?: string },
  dir?: string,
): Promise<ExitCode> {
  const project = await stateProject(session, options, dir);
  const former = options.from === undefined ? undefined : session.path(options.from);
  const migrated = await migrateState(session.host(), {
    ...project,
    ...lockOptions(session, options),
    from: former,
  });
  if (options.format === "json") {
    session.printJson(migrated);
    return ExitCode.done;
  }
  const { resources: count, left, backup } = migrated;
  const [from, to] = [migrated.from, migrated.to].map((place) => shortName(session, place));
  session.print(`${printableLine(say("cli/state-migrated", { count, from: from ?? "", to: to ?? "" }))}\n`);
  if (left) session.log.info(printableLine(say("cli/state-migrated-left", { from: from ?? "" })));
  tellBackup(session, backup);
  return ExitCode.done;
}

/** A file relative to where the user is; an address as it is. */
const shortName = ({ io }: Session, place: string): string =>
  place.startsWith("/") ? relative(io.cwd, place) || "." : place;

/** Runs `state unlock`. */
export async function runUnlock(
  session: Session,
  options: StateOptions & { readonly force?: boolean },
  id: string,
  dir?: string,
): Promise<ExitCode> {
  const project = await stateProject(session, options, dir);
  const { force } = options;
  const holder = await unlockState(session.host(), { ...project, force }, id);
  session.print(`${printableLine(say("cli/state-unlocked", { lock: describeHolder(holder) }))}\n`);
  return ExitCode.done;
}

/** Runs `state versions`. */
export async function runVersions(session: Session, options: StateOptions, dir?: string): Promise<ExitCode> {
  const project = await stateProject(session, options, dir);
  const listed = await listStateVersions(session.host(), project);
  if (options.format === "json") {
    session.printJson(listed);
    return ExitCode.done;
  }
  const { place, versions, copies } = listed;
  const lines = [
    ...(versions ?? []).map(describeVersion),
    ...copies.map((copy) => describeCopy(session, copy)),
  ];
  if (versions?.length === 0) session.log.info(printableLine(say("cli/state-no-versions", { place })));
  if (versions === undefined && !isAbsolute(place))
    session.log.info(printableLine(say("cli/state-versions-unlisted", { place })));
  if (copies.length === 0) session.log.info(say("cli/state-no-copies"));
  if (lines.length > 0) session.print(`${lines.join("\n")}\n`);
  return ExitCode.done;
}

const describeVersion = ({ id, at, bytes, isCurrent }: StoredVersion): string =>
  printableLine(
    say(isCurrent ? "cli/state-version-current" : "cli/state-version", {
      id,
      time: describeTime(at / 1000),
      bytes,
    }),
  );

const describeCopy = ({ io }: Session, { file, at, serial, resources }: StateCopy): string =>
  printableLine(
    say("cli/state-copy", {
      file: relative(io.cwd, file),
      time: describeTime(at / 1000),
      serial,
      count: resources,
    }),
  );
