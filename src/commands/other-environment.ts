import { InvalidInput } from "../core/diagnostic.ts";
import { normalizeEndpoint } from "../core/endpoint.ts";
import { keyOfPlace, placesOf } from "../kind/identity-match.ts";
import { explain } from "../messages/text.ts";
import { type State, StateError } from "../state/model.ts";
import { readState } from "../state/store.ts";
import type { CozeEngine, EnvironmentConnections } from "./connections.ts";
import type { Host } from "./host.ts";
import { moveStateToday } from "./moved-state.ts";
import {
  findStatePlace,
  givenVariables,
  type ProjectOptions,
  type RunProject,
  readProject,
  readValidProject,
  variablePrefix,
} from "./project.ts";
import type { Trust } from "./trust.ts";

/** Throws {@link InvalidInput} with the text of a key when an environment's name is that of the project's own. */
export function requireOther(
  { environmentName, sources }: RunProject,
  environment: string,
  key: "commands/compare-with-itself" | "commands/promote-to-itself",
): void {
  if (environment !== environmentName) return;
  const problem = explain(key, { environment });
  throw new InvalidInput([{ code: "same-environment", severity: "error", ...problem }], sources);
}

/** Another environment of the run's project. The run only reads it. */
export interface OtherEnvironment {
  readonly project: RunProject;
  readonly state: State;
  readonly engine: CozeEngine;
}

/**
 * Opens another environment of a project: its manifests, its state, and an engine with its own credentials. Throws
 * what reading a project and {@link EnvironmentConnections.enter} throw.
 */
export async function openOtherEnvironment(
  host: Host,
  connections: EnvironmentConnections,
  options: ProjectOptions,
  environment: string,
): Promise<OtherEnvironment> {
  const { trust } = connections.project;
  const { project, state } = await readOtherEnvironment(host, options, environment, trust);
  return { project, state, engine: await connections.enter(project) };
}

/**
 * Reads the manifests and the state of another environment, which takes no token. Variables of the command line apply
 * only where that environment doesn't set them. Throws what reading a project throws.
 */
export async function readOtherEnvironment(
  host: Host,
  options: ProjectOptions,
  environment: string,
  trust: Trust,
): Promise<Omit<OtherEnvironment, "engine">> {
  const { variables: _, ...rest } = options;
  const own: ProjectOptions = { ...rest, environment };
  const { environment: settings } = await readProject(withoutVariables(host), own, trust);
  const given = Object.entries(givenVariables(host, options));
  const missing = Object.fromEntries(given.filter(([name]) => !(name in settings.variables)));
  const project = await readValidProject(withoutVariables(host), { ...own, variables: missing }, trust);
  return { project, state: moveStateToday(project, await readState(await findStatePlace(project, own))) };
}

/**
 * The places of objects that other environments of the project manage at the same endpoint, as far as their states are
 * here and can be read: none of them is a lost object of this environment.
 */
export async function listManagedElsewhere(project: RunProject, state: State): Promise<ReadonlySet<string>> {
  const { environmentName, environmentNames } = project;
  const others = environmentNames.filter((name) => name !== environmentName);
  const places = await Promise.all(
    others.map(async (name) => {
      try {
        const other = await readStateOf(project, state, name);
        const isSame = normalizeEndpoint(other.endpoint) === normalizeEndpoint(state.endpoint);
        return isSame ? Object.values(other.resources).flatMap(placesOf) : [];
      } catch (error) {
        // Its own commands say what is wrong with it.
        if (error instanceof StateError || error instanceof InvalidInput) return [];
        throw error;
      }
    }),
  );
  return new Set(places.flat().map(keyOfPlace));
}

/** The state of another environment beside this one's, at the embedded emulator if this one's is. */
export async function readStateOf(
  { directory, linkedFolders, environmentName, openKeeper }: RunProject,
  { environment }: Pick<State, "environment">,
  name: string,
): Promise<State> {
  const suffix = environment.slice(environmentName.length);
  const backend = suffix === "" ? await openKeeper(name) : undefined;
  return readState({ directory, environment: `${name}${suffix}`, linkedFolders, backend });
}

const withoutVariables = (host: Host): Host => ({
  ...host,
  env: Object.fromEntries(Object.entries(host.env).filter(([name]) => !name.startsWith(variablePrefix))),
});
