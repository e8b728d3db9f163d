import { InvalidInput } from "../core/diagnostic.ts";
import { kinds } from "../kinds/index.ts";
import { listOutputs, type Outputs } from "../promote/outputs.ts";
import { readState } from "../state/store.ts";
import type { Host } from "./host.ts";
import { findStatePlaceWithoutCalls, type ProjectOptions, readProject } from "./project.ts";

/**
 * The ids, versions and revisions of an environment's objects, from its state. Makes no call. Throws
 * {@link InvalidInput} when there is no such environment.
 */
export async function outputs(
  host: Host,
  options: ProjectOptions,
): Promise<Outputs & { readonly environment: string }> {
  const project = await readProject(host, options);
  // The state is enough, even when manifests are invalid.
  const unknown = project.diagnostics.filter(({ code }) => code === "unknown-environment");
  if (unknown.length > 0) throw new InvalidInput(unknown, project.sources);
  const state = await readState(await findStatePlaceWithoutCalls(project, options));
  return { ...listOutputs(state, kinds), environment: project.environmentName };
}
