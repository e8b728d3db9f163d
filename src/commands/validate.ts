import type { Project } from "../manifest/load.ts";
import { type Host, type ProjectOptions, readProject } from "./connections.ts";

/** Checks a project without asking Coze anything; the diagnostics hold every problem there is. */
export async function validate(host: Host, options: ProjectOptions): Promise<Project> {
  return readProject(host, options);
}
