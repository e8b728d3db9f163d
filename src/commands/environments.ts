import type { Project } from "../manifest/load.ts";
import type { State } from "../state/model.ts";
import { readState } from "../state/store.ts";
import {
  type CozeEngine,
  type EnvironmentConnections,
  givenVariables,
  type Host,
  type ProjectOptions,
  placeOfState,
  readProject,
  readValidProject,
  variablePrefix,
} from "./connections.ts";

/** Another environment of the project in hand, as far as a run looks at it; nothing in it is written. */
export interface OtherEnvironment {
  readonly project: Project;
  readonly state: State;
  readonly engine: CozeEngine;
}

/**
 * Reads another environment of a project: its manifests, its state, and a way to Coze that signs in as it does.
 * Variables of the command line count where the environment has none of that name. Throws what reading a project does.
 */
export async function openOtherEnvironment(
  host: Host,
  door: EnvironmentConnections,
  options: ProjectOptions,
  environment: string,
): Promise<OtherEnvironment> {
  const { project, state } = await readOtherEnvironment(host, options, environment);
  return { project, state, engine: await door.enter(project) };
}

/** The part of {@link openOtherEnvironment} that needs no token. */
export async function readOtherEnvironment(
  host: Host,
  options: ProjectOptions,
  environment: string,
): Promise<Omit<OtherEnvironment, "engine">> {
  const { variables: _, ...rest } = options;
  const variables = givenVariables(host, options);
  const own: ProjectOptions = { ...rest, environment };
  const { environment: settings } = await readProject(withoutVariables(host), own);
  const missing = Object.entries(variables).filter(([name]) => !(name in settings.variables));
  const whole = { ...own, ...(missing.length > 0 ? { variables: Object.fromEntries(missing) } : {}) };
  const project = await readValidProject(withoutVariables(host), whole);
  return { project, state: readState(placeOfState(project, own)) };
}

/** Variables that are given for the environment in hand count in another one only where it has none of that name. */
const withoutVariables = (host: Host): Host => ({
  ...host,
  env: Object.fromEntries(Object.entries(host.env).filter(([name]) => !name.startsWith(variablePrefix))),
});
