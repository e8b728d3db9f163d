import { InvalidInput } from "../core/diagnostic.ts";
import { kinds } from "../kinds/index.ts";
import { listOutputs, type Outputs } from "../promote/outputs.ts";
import { readState } from "../state/store.ts";
import type { Host } from "./host.ts";
import { type ProjectOptions, placeOfState, readProject } from "./project.ts";

/**
 * The ids, versions and revisions of what an environment has made, from its state alone: Coze isn't asked. Throws
 * {@link InvalidInput} when there is no such environment.
 */
export async function outputs(
  host: Host,
  options: ProjectOptions,
): Promise<Outputs & { readonly environment: string }> {
  const project = await readProject(host, options);
  // Whatever else is wrong with the manifests, the state tells what was made.
  const unknown = project.diagnostics.filter(({ code }) => code === "unknown-environment");
  if (unknown.length > 0) throw new InvalidInput(unknown, project.sources);
  const state = readState(placeOfState(project, options));
  return { ...listOutputs(state, kinds), environment: project.environmentName };
}
