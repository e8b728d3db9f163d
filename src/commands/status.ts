import type { Address } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Json } from "../core/value.ts";
import { readPublications } from "../engine/publications.ts";
import { kinds } from "../kinds/index.ts";
import { explain } from "../messages/text.ts";
import type { Step } from "../plan/plan.ts";
import { readState } from "../state/store.ts";
import { describeStatus, isEdited, type ResourceStatus } from "../status/status.ts";
import { writeStatus } from "../status/status-file.ts";
import { openConnections } from "./connections.ts";
import type { Host } from "./host.ts";
import { planEnvironment } from "./plan.ts";
import { findStatePlace, type ProjectOptions, type RunProject, readValidProject } from "./project.ts";

export interface StatusCommandOptions extends ProjectOptions {
  /** `full` reads every object. */
  readonly refresh?: "auto" | "full" | undefined;
  /** Only these; everything by default. */
  readonly targets?: readonly Address[] | undefined;
}

/** Where the resources of a project stand. */
export interface ProjectStatus {
  readonly project: RunProject;
  readonly resources: readonly ResourceStatus[];
  /** The steps of the plan that it was made with. */
  readonly steps: readonly Step[];
  /** The status as JSON; `--format json` prints it. */
  readonly document: { readonly [key: string]: Json };
  readonly diagnostics: readonly Diagnostic[];
  /** Something isn't as its manifest says, or isn't published. */
  readonly differs: boolean;
  /** API calls made. */
  readonly calls: number;
}

/**
 * Compares manifests, objects and publications three ways, and says who is ahead and who changed what last. Writes only
 * the cache. Versions are read only of objects that differ. Throws what a plan throws.
 */
export async function status(host: Host, options: StatusCommandOptions): Promise<ProjectStatus> {
  const project = await readValidProject(host, options);
  const state = await readState(await findStatePlace(project, options));
  const connections = await openConnections(host, project, options);
  const { plan, desired, observed, held } = await planEnvironment(host, connections, project, state, {
    ...options,
    alone: true,
  });
  const entries = new Map(Object.entries(state.resources));
  const seen = { kinds, steps: plan.steps, entries, observed, salt: state.lineage };
  const edited = new Set(plan.steps.filter((step) => isEdited(seen, step)).map(({ address }) => address));
  const chosen = new Set(plan.steps.map(({ address }) => address));
  const { found, unknown } = await readPublications(connections.engine, {
    desired,
    entries,
    observed: new Map([...observed].filter(([address]) => chosen.has(address))),
    edited,
  });
  const resources = describeStatus({ ...seen, publications: found, held });
  const untold = [...unknown].map(([address, failure]): Diagnostic => {
    const texts = explain("commands/editor-unknown", { address, reason: failure.message });
    return { code: "editor-unknown", severity: "warning", address, ...texts };
  });
  const calls = connections.engine.callCount();
  const { environmentName: environment } = project;
  return {
    project,
    resources,
    steps: plan.steps,
    document: host.secrets.redactValue(writeStatus({ environment, resources, calls })),
    diagnostics: [...project.diagnostics, ...plan.diagnostics, ...untold],
    differs: resources.some(({ standing }) => standing !== "equal"),
    calls,
  };
}
