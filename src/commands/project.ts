import { existsSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { InvalidInput, isError, type Location, sortDiagnostics } from "../core/diagnostic.ts";
import { operationNames } from "../coze/http/operation.ts";
import { cozeProvider } from "../kinds/index.ts";
import { applyRuleLevels } from "../manifest/checks/rules.ts";
import { loadProject, type Project } from "../manifest/load.ts";
import { isProjectFile } from "../manifest/project/discover-manifests.ts";
import { learnFromEnvironment } from "../secrets/redaction.ts";
import type { Backend } from "../state/backend.ts";
import { locateState } from "../state/location.ts";
import type { StatePlace } from "../state/place.ts";
import { findUntrustedSources } from "./credentials.ts";
import { chooseEndpoint } from "./endpoint.ts";
import type { Host } from "./host.ts";
import type { openOutputs as OpenOutputs } from "./project-outputs.ts";
import { findOpenSecrets, learnFromProject } from "./project-secrets.ts";
import { openKeeper } from "./state-keeper.ts";
import { readTrust, type Trust } from "./trust.ts";
import { warnOfUnmatched } from "./unmatched-manifests.ts";

/** Which project, which of its environments, and which Coze to call. */
export interface ProjectOptions {
  readonly directory: string;
  readonly environment?: string | undefined;
  /** Overrides the environment's own endpoint. */
  readonly endpoint?: string | undefined;
  /** Run against the embedded emulator, whose world is stored beside the state. */
  readonly emulator?: boolean | undefined;
  readonly variables?: { readonly [name: string]: string } | undefined;
  /** The directory that places in messages are relative to; the project's own by default. */
  readonly placesFrom?: string | undefined;
  /** By real path, what files of the project would say: nothing is written. */
  readonly edited?: ReadonlyMap<string, string> | undefined;
  /** Outputs of other projects are known later: their states aren't read. */
  readonly outputsLater?: boolean | undefined;
  /** The run stops before it makes more calls than this, retries and token exchanges included. */
  readonly maxCalls?: number | undefined;
}

/** A project as one run reads it: with the runner's trust and the endpoint of its calls. */
export interface RunProject extends Project {
  readonly trust: Trust;
  /** The base URL of the API, without a slash at its end. */
  readonly endpoint: string;
  /** The state is a file of a machine of continuous integration, which the next run likely won't have. */
  readonly stateless: boolean;
  /** Opens what keeps the state of an environment, its own by default; undefined where that is the directory. */
  openKeeper(environment?: string): Promise<Backend | undefined>;
}

/** Checks a project without calling Coze. The diagnostics of the result contain every problem. */
export async function validate(host: Host, options: ProjectOptions): Promise<Project> {
  const project = await readProject(host, options);
  const warnings = applyRuleLevels(warnOfUnmatched(await project.findUnmatched()), project.levels);
  return { ...project, diagnostics: sortDiagnostics([...project.diagnostics, ...warnings]) };
}

/**
 * Reads and checks a project's manifests; the diagnostics describe every problem. Makes no call, and reads no state:
 * outputs of other projects are known later. `trust` is the
 * runner's trust where the run has read it before. Throws {@link InvalidInput} for a faulty trust configuration.
 */
export const readProject = (host: Host, options: ProjectOptions, trust?: Trust): Promise<RunProject> =>
  readWithOutputs(host, { ...options, outputsLater: true }, trust);

async function readWithOutputs(host: Host, options: ProjectOptions, trust?: Trust): Promise<RunProject> {
  const { secrets, env } = host;
  const directory = resolve(options.directory);
  const allowed = trust ?? (await host.trust?.(directory)) ?? readTrust({ env });
  learnFromEnvironment(secrets, env);
  const { emulator, outputsLater = false } = options;
  let outputs: ReturnType<typeof openOutputs> | undefined;
  const loaded = await loadProject({
    directory,
    kinds: cozeProvider.kinds,
    operations: operationNames,
    env,
    mayRead: allowed.mayReadVariable,
    readable: allowed.readable,
    variables: givenVariables(host, options),
    environment: options.environment,
    edited: options.edited,
    outputs: (environment) => async (request, wanted) => {
      outputs ??= openOutputs(host, { directory, trust: allowed, emulator, later: outputsLater });
      return (await outputs)(environment)(request, wanted);
    },
    now: host.clock.now(),
  });
  const { endpoint, problems } = chooseEndpoint(options.endpoint, loaded, env, allowed);
  const environment = { ...loaded.environment, endpoint };
  const kept = { ...loaded, trust: allowed };
  const project: RunProject = {
    ...kept,
    environment,
    linkedFolders: allowed.writable,
    endpoint,
    stateless: !options.emulator && isStateless(env, loaded),
    openKeeper: (name = loaded.environmentName) => openKeeper(host, kept, name),
  };
  await learnFromProject(secrets, project, env, allowed);
  // The emulator gets no token, and no call leaves this process.
  const untrusted = options.emulator ? [] : [...problems, ...(await findUntrustedSources(project, allowed))];
  const found = [...project.diagnostics, ...findOpenSecrets(secrets, project), ...untrusted];
  return placeProject({ ...project, diagnostics: sortDiagnostics(found) }, options.placesFrom);
}

function isStateless(
  { CI: value = "" }: Host["env"],
  { states, environmentName }: Pick<Project, "states" | "environmentName">,
): boolean {
  const { type = "local" } = states.get(environmentName) ?? {};
  return type === "local" && !["", "0", "false"].includes(value);
}

/** Few projects ask others for outputs. */
const openOutputs = async (...given: Parameters<typeof OpenOutputs>) =>
  (await import("./project-outputs.ts")).openOutputs(...given);

/** A project whose places are relative to another directory; what its manifests say of files stays as it is. */
function placeProject(project: RunProject, from: string | undefined): RunProject {
  if (from === undefined) return project;
  const nameOf = (file: string) => relative(from, join(project.directory, file)).split(sep).join("/");
  const place = <Place extends Location | undefined>(at: Place): Place =>
    at && { ...at, file: nameOf(at.file) };
  return {
    ...project,
    diagnostics: project.diagnostics.map((one) => ({ ...one, at: place(one.at) })),
    sources: new Map([...project.sources].map(([file, text]) => [nameOf(file), text])),
    resources: project.resources.map((one) => ({
      ...one,
      at: place(one.at),
      locate: (path) => place(one.locate(path)),
      written(path) {
        const part = one.written?.(path);
        return part && { ...part, at: place(part.at) };
      },
    })),
    async findUnmatched() {
      const { manifests, hasPatterns } = await project.findUnmatched();
      return { manifests: manifests.map((one) => ({ ...one, shownFile: nameOf(one.file) })), hasPatterns };
    },
  };
}

/**
 * Reads a project, and the states of those that it asks for outputs, and throws {@link InvalidInput} with all its problems
 * unless it is valid.
 */
export async function readValidProject(
  host: Host,
  options: ProjectOptions,
  trust?: Trust,
): Promise<RunProject> {
  const project = await readWithOutputs(host, options, trust);
  if (project.diagnostics.some(isError)) throw new InvalidInput(project.diagnostics, project.sources);
  return project;
}

/** The prefix of environment variables that set variables of the project. */
export const variablePrefix = "COZEFORM_VAR_";

/** The variables that the runner sets. Those of the options win over those of the environment. */
export function givenVariables(
  { env }: Host,
  { variables = {} }: ProjectOptions,
): NonNullable<ProjectOptions["variables"]> {
  const named = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith(variablePrefix) && name.length > variablePrefix.length && value !== undefined
      ? [[name.slice(variablePrefix.length), value] as const]
      : [],
  );
  return { ...Object.fromEntries(named), ...variables };
}

/** The endpoint that the state records for the embedded emulator. */
const emulatorEndpoint = "http://emulator.localhost";

/** The environment and the endpoint of a state, and the directory of the files that belong to it. */
export function placeOfState(
  project: RunProject,
  { emulator }: ProjectOptions,
): StatePlace & { readonly endpoint: string } {
  const { directory, environmentName, linkedFolders = [] } = project;
  return {
    directory,
    environment: emulator ? `${environmentName}.emulator` : environmentName,
    endpoint: emulator ? emulatorEndpoint : project.endpoint,
    linkedFolders,
  };
}

/** Finds where the state of a project's environment is kept. Makes no call. Throws {@link InvalidInput}. */
export async function findStatePlace(
  project: RunProject,
  options: ProjectOptions,
): Promise<StatePlace & { readonly endpoint: string }> {
  requireKnownPlace(project, options);
  // The embedded emulator's world is in the project's directory, and so are the ids of its objects.
  const backend = options.emulator ? undefined : await project.openKeeper();
  return { ...placeOfState(project, options), backend };
}

/**
 * Throws {@link InvalidInput} where a faulty project file, or an environment that isn't there, doesn't say where the state
 * is. A state file that is there all the same can be looked at and mended.
 */
function requireKnownPlace(project: RunProject, options: ProjectOptions): void {
  const unknown = project.diagnostics.filter(
    (one) =>
      isError(one) && (placeCodes.has(one.code) || (one.at ? isAboutPlace(one.at.file, one.code) : false)),
  );
  if (unknown.length === 0 || existsSync(locateState(placeOfState(project, options)))) return;
  throw new InvalidInput(unknown, project.sources);
}

/** Where the manifests are says nothing of the state. */
const isAboutPlace = (file: string, code: string): boolean => isProjectFile(file) && code !== "no-match";

const placeCodes: ReadonlySet<string> = new Set(["unknown-environment", "unreadable"]);

/** The same for commands that make no call to Coze: an endpoint matters only where the options name one. */
export async function findStatePlaceWithoutCalls(
  project: RunProject,
  options: ProjectOptions,
): Promise<StatePlace> {
  const place = await findStatePlace(project, options);
  return options.endpoint === undefined ? { ...place, endpoint: undefined } : place;
}
