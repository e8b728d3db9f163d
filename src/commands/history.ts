import type { Address } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import { type Diagnostic, InvalidInput } from "../core/diagnostic.ts";
import { isFatal, ObserveError } from "../engine/failures.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Edit } from "../kind/kind.ts";
import type { Hold } from "../kind/state-entry.ts";
import { kinds } from "../kinds/index.ts";
import { explain } from "../messages/text.ts";
import { findHolds } from "../plan/holds.ts";
import { describeHistory, type HistoryItem } from "../promote/release-report.ts";
import { withTexts } from "../state/release-texts.ts";
import { openTextReader } from "../state/shared-texts.ts";
import { readState } from "../state/store.ts";
import { openConnections } from "./connections.ts";
import type { Host } from "./host.ts";
import { moveStateToday } from "./moved-state.ts";
import { findStatePlace, type ProjectOptions, type RunProject, readProject } from "./project.ts";

/** What is known of the releases of one resource. */
export interface ResourceHistory {
  readonly address: Address;
  readonly kind: string;
  readonly id?: string | undefined;
  /** Objects of its kind are released: published, or copied. */
  readonly hasReleases: boolean;
  /** The newest first. */
  readonly items: readonly HistoryItem[];
  /** It is held at an earlier release. */
  readonly hold?: Hold | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** API calls made. */
  readonly calls: number;
}

/**
 * Reads the releases of one resource from the state, and who published what from Coze's list of versions: one call for
 * each of its pages, and no other. Throws {@link InvalidInput} when the state has no such resource.
 */
export async function history(
  host: Host,
  options: ProjectOptions & { readonly address: Address },
): Promise<ResourceHistory> {
  const { address } = options;
  const project = await readProject(host, options);
  const place = await findStatePlace(project, options);
  const state = moveStateToday(project, await readState(place));
  const stored = state.resources[address];
  if (!stored) {
    const problem = explain("commands/state-lacks", { address, commandLine: commandLine(["state", "list"]) });
    throw new InvalidInput([{ code: "state", severity: "error", address, ...problem }]);
  }
  const entry = await withTexts(stored, openTextReader(place));
  const { kind: name, id } = entry;
  const at = { address, id, parent: entry.parent, kind: name };
  const { versions, diagnostics, calls } = await readVersions(host, project, options, at);
  const { held } = findHolds(new Map([[address, entry]]), project.resources, kinds, state.lineage);
  return {
    ...{ address, kind: name, id, diagnostics, calls },
    hasReleases: findKind({ kinds }, name).release !== undefined,
    items: describeHistory(entry, versions),
    hold: held.get(address),
  };
}

interface ObjectAt {
  readonly address: Address;
  readonly kind: string;
  readonly id: string | undefined;
  readonly parent: string | undefined;
}

/** Coze's versions of an object; without the permission a warning says why there are none. */
async function readVersions(
  host: Host,
  project: RunProject,
  options: ProjectOptions,
  { address, kind: name, id, parent }: ObjectAt,
): Promise<{ readonly versions: readonly Edit[] } & Pick<ResourceHistory, "diagnostics" | "calls">> {
  if (id === undefined || !findKind({ kinds }, name).release?.versions) {
    return { versions: [], diagnostics: [], calls: 0 };
  }
  const { engine } = await openConnections(host, project, options);
  const kind = findKind(engine.provider, name);
  try {
    const versions = (await kind.release?.versions?.(engine.apiOf(kind), { id, parent })) ?? [];
    return { versions, diagnostics: [], calls: engine.callCount() };
  } catch (error) {
    const failure = engine.provider.explain(error);
    const { source, at } = engine.signIn(kind);
    const about = failure.signIn ? { subject: source, at } : { subject: address, at: undefined };
    if (isFatal.has(failure.type)) throw new ObserveError(failure, about, error);
    const texts = explain("commands/versions-unknown", { address, reason: failure.message });
    const diagnostic: Diagnostic = { code: "versions-unknown", severity: "warning", address, ...texts };
    return { versions: [], diagnostics: [diagnostic], calls: engine.callCount() };
  }
}
