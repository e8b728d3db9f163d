import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { connectionFields } from "../core/connection-fields.ts";
import { InvalidInput, isError, sortDiagnostics } from "../core/diagnostic.ts";
import { cutFailure, type Failure } from "../core/failure.ts";
import { type Connection, type CozeClient, createConnection } from "../coze/client.ts";
import { operations } from "../coze/http/operation.ts";
import type { Silence } from "../coze/http/silence.ts";
import type { CallRecord } from "../coze/http/transport.ts";
import type { Clock, Engine } from "../engine/engine.ts";
import type { EventListener } from "../engine/events.ts";
import { cozeProvider } from "../kinds/index.ts";
import { loadProject, type Project } from "../manifest/load.ts";
import { createRedaction, learnFromEnvironment, type Redaction } from "../secrets/redaction.ts";

import { locateWorld, type StatePlace } from "../state/location.ts";

import { type Credential, findUntrustedSources, readCredentials, tokenOf } from "./credentials.ts";
import { chooseEndpoint } from "./endpoint.ts";
import { findOpenSecrets, learnFromProject } from "./project-secrets.ts";
import { refuseForeignHead } from "./pull-request.ts";
import { readTrust, type Trust } from "./trust.ts";

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
  /** Told of calls that get no answer, and of long pauses before retries. */
  readonly onSilence?: (silence: Silence) => void;
  /** Takes note of every secret that a command comes across; whoever writes anything down redacts with it. */
  readonly secrets: Redaction;
  /** The runner's own variables, without those of a file that it names; `env` without it. */
  readonly runnerEnv?: Host["env"];
  /** What the runner allows the project of a directory; without it, what `env` says. */
  trust?(directory: string): Promise<Trust>;
}

const trustOf = async (host: Host, directory: string): Promise<Trust> =>
  (await host.trust?.(directory)) ?? readTrust({ env: host.env });

/** A host with this machine's clock, network and chance; `env` is empty unless given. */
export function createHost(given: Partial<Host> = {}): Host {
  return {
    env: {},
    fetch: globalThis.fetch,
    clock: systemClock,
    random: Math.random,
    onEvent: () => {},
    secrets: createRedaction(),
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
  /** The run stops before it makes more calls than this, retries and token exchanges included. */
  readonly maxCalls?: number;
}

/** Where the embedded emulator answers, in the state's eyes. */
const emulatorEndpoint = "http://emulator.localhost";

/** Reads and checks a project's manifests; diagnostics say what is wrong with them. Sends nothing. */
export async function readProject(host: Host, options: ProjectOptions): Promise<Project> {
  const { secrets, env } = host;
  const directory = resolve(options.directory);
  const trust = await trustOf(host, directory);
  learnFromEnvironment(secrets, env);
  const loaded = await loadProject({
    directory,
    kinds: cozeProvider.kinds,
    operations: [...operations.keys()].sort(),
    env,
    mayRead: trust.mayReadVariable,
    readable: trust.readable,
    variables: givenVariables(host, options),
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  const { endpoint, problems } = chooseEndpoint(options.endpoint, loaded, env, trust);
  const environment = { ...loaded.environment, endpoint };
  const project: Project = { ...loaded, environment, linkedFolders: trust.writable };
  await learnFromProject(secrets, project, env, trust);
  // The emulator is sent nothing of either.
  const untrusted = options.emulator ? [] : [...problems, ...(await findUntrustedSources(project, trust))];
  const found = [...project.diagnostics, ...findOpenSecrets(secrets, project), ...untrusted];
  return { ...project, diagnostics: sortDiagnostics(found) };
}

/** What the names of variables that the environment gives begin with. */
export const variablePrefix = "COZEFORM_VAR_";

/** The variables that the runner gives: in the environment, and over those the ones of the options. */
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
    linkedFolders: project.linkedFolders ?? [],
  };
}

const endpointOf = (project: Project, options: ProjectOptions): string =>
  (options.endpoint ?? project.environment.endpoint ?? connectionFields.endpoint.default).replace(/\/+$/, "");

/** Where the calls of a run go, and who makes them: what every plan says at its head. */
export interface AccessFacts {
  readonly endpoint: string;
  /** The first is for every kind that no other names. `source` says where its secret is, as words. */
  readonly credentials: readonly Pick<Credential, "name" | "kinds" | "source">[];
}

/** The engine of a project's environment. */
export interface CozeEngine extends Engine<CozeClient> {
  readonly access: AccessFacts;
}

/** A way to Coze, and who asks: the first for every kind that no other names. */
export interface Access {
  readonly connection: Connection;
  /** Opens a way to another place, with a pace and a count of its own. */
  reach(baseUrl: string): Connection;
  readonly credentials: readonly Credential[];
}

type EngineOptions = ProjectOptions & { readonly parallelism?: number };

/** A way to Coze for several environments of a project: their calls are counted and paced together. */
export interface EnvironmentConnections {
  readonly engine: CozeEngine;
  /**
   * An engine for another environment, which signs in as that one says. Throws {@link InvalidInput} when that one is
   * at another endpoint, or its token or key is missing.
   */
  enter(other: Project): Promise<CozeEngine>;
}

/** Connects to Coze, or starts the embedded emulator. */
export const openEngine = async (host: Host, project: Project, options: EngineOptions): Promise<CozeEngine> =>
  (await openConnections(host, project, options)).engine;

/** Connects to Coze for a project, and for other environments of it should they be needed. */
export async function openConnections(
  host: Host,
  project: Project,
  options: EngineOptions,
): Promise<EnvironmentConnections> {
  const access = await openAccess(host, project, options);
  return {
    engine: engineOf(host, project, options, access),
    async enter(other) {
      if (options.emulator) return engineOf(host, other, options, access);
      refuseElsewhere(project, other, options);
      return engineOf(host, other, options, {
        ...access,
        credentials: await readCredentials(host.env, other, await trustOf(host, other.directory)),
      });
    },
  };
}

/** Ids, copies and models mean nothing at another endpoint. */
function refuseElsewhere(project: Project, other: Project, options: ProjectOptions): void {
  const [here, there] = [project, other].map((one) => endpointOf(one, options));
  if (here === there) return;
  const message = `${other.environmentName} is at ${there} and ${project.environmentName} at ${here}: nothing goes from one to the other`;
  const hint = "give both the same endpoint in cozeform.yaml";
  throw new InvalidInput([{ code: "elsewhere", severity: "error", message, hint }], other.sources);
}

function engineOf(
  host: Host,
  project: Project,
  options: EngineOptions,
  { connection, credentials }: Pick<Access, "connection" | "credentials">,
): CozeEngine {
  const clients = credentials.map((one) => ({ ...one, api: connection.signIn(tokenOf(connection, one)) }));
  const clientOf = ({ name }: { readonly name: string }) => {
    const client = clients.find(({ kinds }) => kinds.includes(name)) ?? clients[0];
    if (!client) throw new Error(`nobody makes the calls of ${name}`);
    return client;
  };
  return {
    access: {
      endpoint: placeOfState(project, options).endpoint,
      credentials: credentials.map(({ name, kinds, source }) => ({ name, kinds, source })),
    },
    provider: {
      ...cozeProvider,
      explain: (error) => cutFailure(redactFailure(host, cozeProvider.explain(error))),
    },
    apiOf: (kind) => clientOf(kind).api,
    signIn: (kind) => clientOf(kind),
    uploadKey: (kind, sha256) => {
      const { name } = clientOf(kind);
      return name === "" ? sha256 : `${name}:${sha256}`;
    },
    callCount: connection.callCount,
    callsLeft: connection.callsLeft,
    callRate: connection.callRate,
    clock: host.clock,
    parallelism: options.parallelism ?? 10,
    directory: project.directory,
    onEvent: host.onEvent,
    ...(host.signal ? { signal: host.signal } : {}),
  };
}

/** The way to Coze that a project and the options name; throws {@link InvalidInput} for want of a token or key. */
export async function openAccess(host: Host, project: Project, options: ProjectOptions): Promise<Access> {
  const most = options.maxCalls === undefined ? {} : { maxCalls: options.maxCalls };
  if (options.emulator) return await openEmulator(host, project, most);
  await refuseForeignHead(host.runnerEnv ?? host.env, project.directory);
  const { requests_per_second: perSecond, operations_per_second: byOperation } = project.environment;
  const reach = (baseUrl: string) =>
    createConnection({
      ...clientOptions(host),
      baseUrl,
      fetch: host.fetch,
      ...(perSecond === undefined ? {} : { requestsPerSecond: perSecond }),
      ...(byOperation === undefined ? {} : { operationsPerSecond: byOperation }),
      ...most,
    });
  return {
    credentials: await readCredentials(host.env, project, await trustOf(host, project.directory)),
    connection: reach(endpointOf(project, options)),
    reach,
  };
}

async function openEmulator(
  host: Host,
  project: Project,
  most: { readonly maxCalls?: number },
): Promise<Access> {
  // Loading it takes a fifth of the start, and most runs have no use for it.
  const { createEmulator } = await import("../emulator/index.ts");
  const emulator = createEmulator({
    file: locateWorld(project.directory),
    now: () => host.clock.now(),
    sleep: (ms) => host.clock.sleep(ms, host.signal),
    random: () => host.random(),
    fetch: host.fetch,
  });
  const reach = (baseUrl: string) =>
    createConnection({
      ...clientOptions(host),
      baseUrl,
      fetch: emulator.fetch,
      requestsPerSecond: Number.POSITIVE_INFINITY,
      ...most,
    });
  return {
    credentials: [{ name: "", kinds: [], source: "the emulator", secret: emulator.token }],
    connection: reach("http://127.0.0.1"),
    reach,
  };
}

/** What Coze says of a failure may quote what it was sent. */
const redactFailure = ({ secrets }: Host, failure: Failure): Failure => ({
  ...failure,
  message: secrets.redact(failure.message),
  ...(failure.hint === undefined ? {} : { hint: secrets.redact(failure.hint) }),
  ...(failure.parts && { parts: failure.parts.map((one) => ({ ...one, text: secrets.redact(one.text) })) }),
});

const clientOptions = (host: Host) => ({
  secrets: host.secrets,
  clock: host.clock,
  random: () => host.random(),
  ...(host.signal ? { noMoreRetries: host.signal } : {}),
  ...(host.onSilence ? { onSilence: host.onSilence } : {}),
  ...(host.onCall ? { onCall: host.onCall } : {}),
});
