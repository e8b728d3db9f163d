import { resolve } from "node:path";
import { kinds } from "../../kinds/index.ts";
import { loadProject, type Project } from "../../manifest/load.ts";

/** Which project, and what is known of its variables. */
export interface Source {
  readonly directory: string;
  readonly environment?: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Variables of which only Terraform will know what they hold. */
  readonly later: readonly string[];
}

/** Loads a project whose environment variables stay open: they are those of whoever runs Terraform, not of who is here. */
export async function loadSource({ directory, environment, variables, later }: Source): Promise<Project> {
  return await loadProject({
    directory: resolve(directory),
    kinds,
    env: {},
    variables,
    later: { variables: later },
    ...(environment === undefined ? {} : { environment }),
  });
}
