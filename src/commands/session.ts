import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Diagnostic, InvalidInput, isError } from "../core/diagnostic.ts";
import { type CozeClient, createCozeClient } from "../coze/client.ts";
import type { CallRecord } from "../coze/http.ts";
import { createEmulator } from "../emulator/index.ts";
import type { Clock, Engine } from "../engine/engine.ts";
import type { EventListener } from "../engine/events.ts";
import { cozeProvider } from "../kinds/index.ts";
import { loadProject, type Project } from "../manifest/load.ts";
import type { StatePlace } from "../state/store.ts";

/** The world outside, as data and functions: commands touch nothing else but the project's files. */
export interface Host {
  readonly env: { readonly [name: string]: string | undefined };
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** From 0 up to 1. */
  random(): number;
  /** Fires when a run shall end after what is in flight. */
  readonly signal?: AbortSignal;
  readonly onEvent: EventListener;
  readonly onCall?: (record: CallRecord) => void;
}

/** A host with this machine's clock, network and chance; `env` is empty unless given. */
export function createHost(given: Partial<Host> = {}): Host {
  return {
    env: {},
    fetch: globalThis.fetch,
    clock: systemClock,
    random: Math.random,
    onEvent: () => {},
    ...given,
  };
}

const systemClock: Clock = {
  now: Date.now,
  // Whoever waits looks at the signal afterwards.
  sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => {}),
};

/** Which project, and against which Coze. */
export interface ProjectOptions {
  readonly directory: string;
  readonly environment?: string;
  /** In place of the environment's own. */
  readonly endpoint?: string;
  /** Run against the embedded emulator, whose world lives beside the state. */
  readonly emulator?: boolean;
  readonly variables?: { readonly [name: string]: string };
}

/** Where the embedded emulator answers, in the state's eyes. */
const emulatorEndpoint = "http://emulator.localhost";

/** Reads and checks a project's manifests; diagnostics say what is wrong with them. Sends nothing. */
export async function readProject(host: Host, options: ProjectOptions): Promise<Project> {
  return loadProject({
    directory: resolve(options.directory),
    kinds: cozeProvider.kinds,
    env: host.env,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    ...(options.variables === undefined ? {} : { variables: options.variables }),
  });
}

/** A project that is fit to run; throws {@link InvalidInput} with all that is wrong with it. */
export async function readValidProject(host: Host, options: ProjectOptions): Promise<Project> {
  const project = await readProject(host, options);
  if (project.diagnostics.some(isError)) throw new InvalidInput(project.diagnostics, project.sources);
  return project;
}

/** Where the state of a project's environment is. */
export function placeOfState(project: Project, options: ProjectOptions): StatePlace {
  return {
    directory: project.directory,
    environment: options.emulator ? `${project.environmentName}.emulator` : project.environmentName,
    endpoint: options.emulator ? emulatorEndpoint : endpointOf(project, options),
  };
}

const endpointOf = (project: Project, options: ProjectOptions): string =>
  (options.endpoint ?? project.environment.endpoint).replace(/\/+$/, "");

export type CozeEngine = Engine<CozeClient>;

/** Connects to Coze, or starts the embedded emulator. */
export async function openEngine(
  host: Host,
  project: Project,
  options: ProjectOptions & { readonly parallelism?: number },
): Promise<CozeEngine> {
  const api = options.emulator ? connectEmulator(host, project) : await connectCoze(host, project, options);
  return {
    provider: cozeProvider,
    api,
    clock: host.clock,
    parallelism: options.parallelism ?? 10,
    directory: project.directory,
    onEvent: host.onEvent,
    ...(host.signal ? { signal: host.signal } : {}),
  };
}

function connectEmulator(host: Host, project: Project): CozeClient {
  const emulator = createEmulator({
    file: join(project.directory, ".cozeform", "emulator.json"),
    now: () => host.clock.now(),
    random: () => host.random(),
    fetch: host.fetch,
  });
  return createCozeClient({
    ...clientOptions(host),
    baseUrl: "http://127.0.0.1",
    token: emulator.token,
    fetch: emulator.fetch,
    requestsPerSecond: Number.POSITIVE_INFINITY,
  });
}

async function connectCoze(host: Host, project: Project, options: ProjectOptions): Promise<CozeClient> {
  const perSecond = project.environment.requests_per_second;
  return createCozeClient({
    ...clientOptions(host),
    baseUrl: endpointOf(project, options),
    token: await readToken(host, project),
    fetch: host.fetch,
    ...(perSecond === undefined ? {} : { requestsPerSecond: perSecond }),
  });
}

const clientOptions = (host: Host) => ({
  clock: host.clock,
  random: () => host.random(),
  ...(host.onCall ? { onCall: host.onCall } : {}),
});

/** The variable that holds the token when the project file names none; the official SDKs read the same one. */
const defaultTokenVariable = "COZE_API_TOKEN";

async function readToken(host: Host, project: Project): Promise<string> {
  const auth = project.environment.auth ?? { token: { env: defaultTokenVariable } };
  const refuse = (message: string, hint: string): never => {
    const problem: Diagnostic = { code: "no-token", severity: "error", message, hint };
    throw new InvalidInput([problem]);
  };
  if (!("token" in auth)) {
    return refuse(
      `environment ${project.environmentName} signs in with a JWT, which this release can't do yet`,
      "give it a service access token: auth: {token: {env: NAME}}",
    );
  }
  const source = auth.token;
  if ("env" in source) {
    const token = host.env[source.env]?.trim();
    if (token) return token;
    const hint = `export ${source.env}=…, or try without an account: --emulator`;
    return refuse(`there is no token: the environment variable ${source.env} is not set`, hint);
  }
  const text = await readFile(join(project.directory, source.file), "utf8").catch(() => "");
  return (
    text.trim() || refuse(`there is no token in ${source.file}`, "write the token into that file, mode 0600")
  );
}
