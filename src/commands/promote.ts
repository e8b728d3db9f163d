import { type Address, addressMatches } from "../core/address.ts";
import { InvalidInput, isError } from "../core/diagnostic.ts";
import { kinds } from "../kinds/index.ts";
import type { Project } from "../manifest/load.ts";
import { explain } from "../messages/text.ts";
import { abandonRollback } from "../promote/open-promotion.ts";
import { type PreparedPromotion, preparePromotion } from "../promote/promotion.ts";
import { noteUnpublishedDifferences } from "../promote/published-values.ts";
import { findRetired, type RetiredObjects } from "../promote/retire.ts";
import { warnBoundToPrevious } from "../promote/warnings.ts";
import type { State } from "../state/model.ts";
import { type ReleaseTexts, withTextsOf } from "../state/release-texts.ts";
import { openTextReader } from "../state/shared-texts.ts";
import { openStore, readState } from "../state/store.ts";
import { type Applied, type ApplyCommandOptions, applyPlanned } from "./apply.ts";
import { bindSources } from "./bind-copy-sources.ts";
import { type EnvironmentConnections, openConnections } from "./connections.ts";
import type { Host } from "./host.ts";
import { type LockOptions, waitFor } from "./lock-waiting.ts";
import { moveStateToday } from "./moved-state.ts";
import { expandLabels } from "./named-addresses.ts";
import { type OtherEnvironment, openOtherEnvironment, requireOther } from "./other-environment.ts";
import { type PlanCommandOptions, type Planned, planProject, redactDocument, replaceParts } from "./plan.ts";
import {
  findStatePlace,
  findStatePlaceWithoutCalls,
  type ProjectOptions,
  type RunProject,
  readProject,
  readValidProject,
} from "./project.ts";

/** What to promote. The target is the `environment` of the project options. */
export interface PromotionCommandOptions {
  /** The source environment. */
  readonly from: string;
  /** Only these and what they need; by default everything that both environments have. */
  readonly addresses?: readonly Address[] | undefined;
  /** Take the drafts of bots instead of their published versions. */
  readonly draft?: boolean | undefined;
  /** Run the checks of manifests before callers see the release. */
  readonly check?: boolean | undefined;
}

/**
 * Plans the promotion of one environment's release to another. Writes only the cache. Throws {@link InvalidInput} when
 * a part of it can't be promoted.
 */
export async function planPromotion(
  host: Host,
  options: PlanCommandOptions & PromotionCommandOptions,
): Promise<Planned> {
  const project = await readValidProject(host, options);
  requireOther(project, options.from, "commands/promote-to-itself");
  const place = await findStatePlace(project, options);
  const [state, texts] = [await readState(place), openTextReader(place)];
  const connections = await openConnections(host, project, options);
  return redactDocument(host, await planRelease(host, connections, { project, state, texts }, options));
}

/**
 * Promotes one environment's release to another: prepares everything out of callers' sight, runs the checks if asked
 * to, and switches callers only when all of that succeeded.
 */
export const promote = (
  host: Host,
  options: ApplyCommandOptions & PromotionCommandOptions,
): Promise<Applied> =>
  applyPlanned(host, options, {
    command: "cozeform promote",
    plan: (connections, project, store) => {
      requireOther(project, options.from, "commands/promote-to-itself");
      const { state, texts } = store;
      return planRelease(host, connections, { project, state, texts }, options);
    },
  });

/** Where a release goes. */
interface ReleaseGround {
  readonly project: RunProject;
  readonly state: State;
  readonly texts: Pick<ReleaseTexts, "read">;
}

async function planRelease(
  host: Host,
  connections: EnvironmentConnections,
  { project, state: found, texts }: ReleaseGround,
  options: PlanCommandOptions & PromotionCommandOptions,
): Promise<Planned> {
  const { from, check, draft } = options;
  const addresses = expandLabels(project.resources, options.addresses) ?? [];
  const unmoved = abandonRollback(found);
  const moved = moveStateToday(project, unmoved);
  const isChosen = (address: Address) =>
    addresses.length === 0 || addresses.some((one) => addressMatches(one, address));
  const state = { ...moved, resources: await withTextsOf(moved.resources, texts, isChosen) };
  const selected = { ...options, targets: addresses };
  const { desired, others } = await bindSources(host, connections, selected, project, state, {
    rebind: from,
  });
  const there = others.get(from) ?? (await openOtherEnvironment(host, connections, options, from));
  const prepared = await preparePromotion(
    sourceOf(from, there),
    { name: project.environmentName, resources: desired, state, ids: project.environment.ids },
    { addresses, draft: draft === true },
  );
  refuseInvalid(prepared, from, project);
  // It makes the moves itself, and tells them.
  const planned = await planProject(connections.engine, project, unmoved, {
    ...options,
    desired: await noteUnpublishedDifferences(connections.engine, state, prepared.resources),
    targets: prepared.targets,
    promotion: { from, source: versionOf(there.state), ...(check ? { check: true } : {}) },
  });
  const bound = warnBoundToPrevious(prepared.resources, planned.plan);
  const diagnostics = [...prepared.diagnostics, ...bound, ...planned.plan.diagnostics];
  return replaceParts(planned, { plan: { ...planned.plan, diagnostics } });
}

const versionOf = ({ lineage, serial }: State) => ({ lineage, serial });

const sourceOf = (name: string, { project, state, engine }: OtherEnvironment) => ({
  name,
  resources: project.resources,
  state,
  engine,
});

function refuseInvalid({ diagnostics, targets }: PreparedPromotion, from: string, project: Project): void {
  if (diagnostics.some(isError)) throw new InvalidInput(diagnostics, project.sources);
  if (targets.length > 0) return;
  const problem = explain("commands/nothing-to-promote", { from, to: project.environmentName });
  throw new InvalidInput([{ code: "not-promoted", severity: "error", ...problem }], project.sources);
}

/** The copies that can be forgotten, and whether they were. */
export interface Retirement {
  readonly retired: readonly RetiredObjects[];
  readonly done: boolean;
}

/**
 * Removes replaced copies from the state that neither a rollback nor another resource needs, after `approve` accepts
 * them. Makes no call: Coze's API can't delete copies, so people have to.
 */
export async function retire(
  host: Host,
  options: ProjectOptions &
    LockOptions & { readonly approve: (retired: readonly RetiredObjects[]) => Promise<boolean> },
): Promise<Retirement> {
  const project = await readProject(host, options);
  const place = await findStatePlaceWithoutCalls(project, options);
  const store = await openStore(place, "cozeform promote --retire", waitFor(host, options));
  try {
    const resources = await withTextsOf(store.state.resources, store.texts);
    const retired = findRetired({ resources }, kinds);
    const done = retired.length > 0 && (await options.approve(retired));
    if (done) {
      await store.backUp(host.clock.now());
      store.put("forgotten", Object.fromEntries(retired.map(({ address, entry }) => [address, entry])));
    }
    return { retired, done };
  } finally {
    await store.close();
  }
}
