import type { Address } from "../core/address.ts";
import { type Diagnostic, InvalidInput, isError } from "../core/diagnostic.ts";
import type { Project } from "../manifest/load.ts";
import { abandonRollback } from "../promote/open-promotion.ts";
import { type PreparedPromotion, preparePromotion } from "../promote/promotion.ts";
import { noteUnpublishedDifferences } from "../promote/published-values.ts";
import { warnBoundToPrevious } from "../promote/warnings.ts";
import type { State } from "../state/model.ts";
import { readState } from "../state/store.ts";
import { type Applied, type ApplyCommandOptions, applyPlanned } from "./apply.ts";
import { bindSources } from "./bind-sources.ts";
import {
  type EnvironmentConnections,
  type Host,
  openConnections,
  placeOfState,
  readValidProject,
} from "./connections.ts";
import { type OtherEnvironment, openOtherEnvironment } from "./environments.ts";
import { concealSecrets, type PlanCommandOptions, type Planned, planProject } from "./plan.ts";

/** What is promoted, and whence; `environment` is where to. */
export interface PromotionCommandOptions {
  /** The environment that it comes from. */
  readonly from: string;
  /** Only these, and what they need; everything that both environments have without it. */
  readonly addresses?: readonly Address[];
  /** Drafts of bots in place of what is published. */
  readonly draft?: boolean;
  /** Run the checks of manifests before callers get to see anything. */
  readonly check?: boolean;
}

/**
 * Says what would bring what one environment has released to another. Writes nothing but the cache. Throws
 * {@link InvalidInput} when a part of it can't be brought there.
 */
export async function planPromotion(
  host: Host,
  options: PlanCommandOptions & PromotionCommandOptions,
): Promise<Planned> {
  const project = await readValidProject(host, options);
  refuseSame(project, options.from);
  const state = readState(placeOfState(project, options));
  const door = await openConnections(host, project, options);
  return concealSecrets(host, await planOn(host, door, { project, state }, options));
}

/**
 * Brings what one environment has released to another: everything is prepared where no caller sees it, tried when
 * that is asked for, and shown to callers only when all of it went well.
 */
export const promote = (
  host: Host,
  options: ApplyCommandOptions & PromotionCommandOptions,
): Promise<Applied> =>
  applyPlanned(host, options, {
    command: "cozeform promote",
    plan: (door, project, store) => {
      refuseSame(project, options.from);
      return planOn(host, door, { project, state: store.state }, options);
    },
  });

function refuseSame({ environmentName, sources }: Project, from: string): void {
  if (from !== environmentName) return;
  const message = `${from} can't be promoted to itself`;
  refuse(
    [{ code: "same-environment", message, hint: "name two environments: --from dev --to prod" }],
    sources,
  );
}

async function planOn(
  host: Host,
  door: EnvironmentConnections,
  { project, state: found }: { readonly project: Project; readonly state: State },
  options: PlanCommandOptions & PromotionCommandOptions,
): Promise<Planned> {
  const state = abandonRollback(found);
  const { from, addresses = [], check, draft } = options;
  const asked = { ...options, targets: addresses };
  const { desired, neighbours } = await bindSources(door, host, asked, project, state, {
    anew: from,
  });
  const there = neighbours.get(from) ?? (await openOtherEnvironment(host, door, options, from));
  const wanted = await preparePromotion(
    sourceOf(from, there),
    { name: project.environmentName, resources: desired, state, ids: project.environment.ids },
    { addresses, ...(draft ? { draft } : {}) },
  );
  refuseFaulty(wanted, from, project);
  const planned = await planProject(door.engine, project, state, {
    ...options,
    desired: await noteUnpublishedDifferences(door.engine, state, wanted.resources),
    targets: wanted.targets,
    promotion: { from, ...(check ? { check: true } : {}) },
  });
  const unmoved = warnBoundToPrevious(wanted.resources, planned.plan);
  const diagnostics = [...wanted.diagnostics, ...unmoved, ...planned.plan.diagnostics];
  return { ...planned, plan: { ...planned.plan, diagnostics } };
}

const sourceOf = (name: string, { project, state, engine }: OtherEnvironment) => ({
  name,
  resources: project.resources,
  state,
  engine,
});

function refuseFaulty({ diagnostics, targets }: PreparedPromotion, from: string, project: Project): void {
  if (diagnostics.some(isError)) throw new InvalidInput(diagnostics, project.sources);
  if (targets.length > 0) return;
  const message = `there is nothing to promote from ${from} to ${project.environmentName}`;
  const hint = `promoted are bots that ${from} has made, and copies whose source is in ${from}: apply ${from} first`;
  refuse([{ code: "not-promoted", message, hint }], project.sources);
}

function refuse(problems: readonly Omit<Diagnostic, "severity">[], sources: Project["sources"]): never {
  throw new InvalidInput(
    problems.map((one) => ({ ...one, severity: "error" })),
    sources,
  );
}
