import { InvalidInput } from "../core/diagnostic.ts";
import { cutFailure, type Failure } from "../core/failure.ts";
import { type Connection, type CozeClient, createConnection } from "../coze/client.ts";
import { throughProxies } from "../coze/http/proxy.ts";
import type { Engine } from "../engine/engine.ts";
import { cozeProvider } from "../kinds/index.ts";
import { explain, say } from "../messages/text.ts";
import { locateWorld } from "../state/location.ts";
import { type Credential, readCredentials, tokenOf } from "./credentials.ts";
import type { Host } from "./host.ts";
import { type ProjectOptions, placeOfState, type RunProject } from "./project.ts";
import { refuseForeignHead } from "./pull-request.ts";

/** The endpoint and the credentials of a run: the header of every plan. */
export interface AccessFacts {
  readonly endpoint: string;
  /** The first credential serves every kind that no other one names. `source` describes where its secret is. */
  readonly credentials: readonly Pick<Credential, "name" | "kinds" | "source">[];
}

/** The engine of a project's environment. */
export interface CozeEngine extends Engine<CozeClient> {
  readonly access: AccessFacts;
}

/** A connection to Coze and the credentials for it. The first one serves every kind that no other one names. */
export interface Access {
  readonly connection: Connection;
  /** Connects to another base URL, with its own rate limit and call count. */
  reach(baseUrl: string): Connection;
  readonly credentials: readonly Credential[];
}

type EngineOptions = ProjectOptions & { readonly parallelism?: number | undefined };

/** A connection that the environments of a project share: their calls are counted and paced together. */
export interface EnvironmentConnections {
  readonly engine: CozeEngine;
  /** The project that the connection was opened for. */
  readonly project: RunProject;
  /**
   * An engine for another environment, with that environment's credentials. Throws {@link InvalidInput} when it has
   * another endpoint, or when its token or key is missing.
   */
  enter(other: RunProject): Promise<CozeEngine>;
}

/** Connects to Coze or the embedded emulator for a project, and later for its other environments on demand. */
export async function openConnections(
  host: Host,
  project: RunProject,
  options: EngineOptions,
): Promise<EnvironmentConnections> {
  const access = await openAccess(host, project, options);
  return {
    engine: createEngine(host, project, options, access),
    project,
    async enter(other) {
      if (options.emulator) return createEngine(host, other, options, access);
      refuseOtherEndpoint(project, other);
      const credentials = await readCredentials(host.env, other, other.trust);
      return createEngine(host, other, options, { ...access, credentials });
    },
  };
}

/** Ids, copies and models have no meaning at another endpoint. */
function refuseOtherEndpoint(project: RunProject, other: RunProject): void {
  if (project.endpoint === other.endpoint) return;
  const problem = explain("commands/other-endpoint", {
    environment: project.environmentName,
    endpoint: project.endpoint,
    other: other.environmentName,
    otherEndpoint: other.endpoint,
  });
  throw new InvalidInput([{ code: "elsewhere", severity: "error", ...problem }], other.sources);
}

function createEngine(
  host: Host,
  project: RunProject,
  options: EngineOptions,
  { connection, credentials }: Pick<Access, "connection" | "credentials">,
): CozeEngine {
  const clients = credentials.map((one) => ({ ...one, api: connection.signIn(tokenOf(connection, one)) }));
  const clientOf = ({ name }: { readonly name: string }) => {
    const client = clients.find(({ kinds }) => kinds.includes(name)) ?? clients[0];
    if (!client) throw new Error(`no credential serves ${name}`);
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
    signal: host.signal,
  };
}

/** Connects to the endpoint of a project. Throws {@link InvalidInput} when a token or key is missing. */
export async function openAccess(host: Host, project: RunProject, options: ProjectOptions): Promise<Access> {
  if (options.emulator) return await openEmulator(host, project, options);
  await refuseForeignHead(host.runnerEnv ?? host.env, project.directory);
  const { requests_per_second: requestsPerSecond, operations_per_second: operationsPerSecond } =
    project.environment;
  const reach = (baseUrl: string) =>
    createConnection({
      ...clientOptions(host, options),
      baseUrl,
      fetch: throughProxies(host.fetch, host.runnerEnv ?? host.env),
      requestsPerSecond,
      operationsPerSecond,
    });
  return {
    credentials: await readCredentials(host.env, project, project.trust),
    connection: reach(project.endpoint),
    reach,
  };
}

async function openEmulator(host: Host, project: RunProject, options: ProjectOptions): Promise<Access> {
  // Loading it takes a fifth of the start-up time, and most runs don't need it.
  const { createEmulator } = await import("../emulator/index.ts");
  const emulator = createEmulator({
    file: locateWorld(project.directory),
    now: () => host.clock.now(),
    sleep: (ms) => host.clock.sleep(ms, host.signal),
    random: () => host.random(),
    fetch: host.fetch,
    keepRequests: 0,
  });
  const reach = (baseUrl: string) =>
    createConnection({
      ...clientOptions(host, options),
      baseUrl,
      fetch: emulator.fetch,
      requestsPerSecond: Number.POSITIVE_INFINITY,
    });
  return {
    credentials: [{ name: "", kinds: [], source: say("commands/emulator"), secret: emulator.token }],
    connection: reach("http://127.0.0.1"),
    reach,
  };
}

/** Coze's message may quote the request, and with it a secret. */
const redactFailure = ({ secrets }: Host, failure: Failure): Failure => ({
  ...failure,
  message: secrets.redact(failure.message),
  hint: failure.hint && secrets.redact(failure.hint),
  parts: failure.parts?.map((one) => ({ ...one, text: secrets.redact(one.text) })),
});

const clientOptions = (host: Host, { maxCalls }: ProjectOptions) => ({
  secrets: host.secrets,
  clock: host.clock,
  random: () => host.random(),
  noMoreRetries: host.signal,
  onSilence: host.onSilence,
  onCall: host.onCall,
  maxCalls,
});
