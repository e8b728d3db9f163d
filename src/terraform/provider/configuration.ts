import { findEndpointProblem, normalizeEndpoint } from "../../core/endpoint.ts";
import { cutFailure } from "../../core/failure.ts";
import { formatPath, type Path, valueAt } from "../../core/spec-walk.ts";
import { isObject, type Json, type Values } from "../../core/value.ts";
import {
  createJwtToken,
  describeApp,
  type OauthApp,
  type OauthAppSettings,
  readPrivateKey,
} from "../../coze/auth.ts";
import { createConnection } from "../../coze/client.ts";
import type { Clock } from "../../coze/clock.ts";
import { throughProxies } from "../../coze/http/proxy.ts";
import { explainFailure } from "../../kinds/call-errors.ts";
import { explain, say } from "../../messages/text.ts";
import { restoreLineBreaks } from "../../secrets/detection.ts";
import { createRedaction, learnFromEnvironment } from "../../secrets/redaction.ts";
import { createRemote, type Remote } from "../remote/remote.ts";
import { type Existing, jwtSettings, plainSettings, type Setting } from "../schema/settings.ts";
import { findScalarErrors } from "../values/scalars.ts";
import { unknown } from "../values/unknown.ts";
import { type Log, logCalls } from "./call-log.ts";
import type { ProviderDiagnostic, ResourceState } from "./provider-interface.ts";
import { errorAt, faultAt } from "./text.ts";

/** Environment variables by name. */
export type Env = { readonly [name: string]: string | undefined };

/** What the provider needs from its process; everything else comes from Terraform. */
export interface ProviderHost {
  readonly env: Env;
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** A folder where a plan leaves notes for the process that applies it; without it, this process does both. */
  readonly notes?: string | undefined;
  /** Where calls of Coze's are logged; undefined: nowhere. */
  readonly log?: Log | undefined;
}

/** The configured account, and what may be done with it. */
export interface Configured {
  readonly remote: Remote;
  readonly allowOwnershipTransfer: boolean;
  readonly existing: Existing;
}

/** What is wrong with a configuration of the provider, as far as it is known; that there is no token is no matter yet. */
export function validateSettings(config: ResourceState, env: Env): readonly ProviderDiagnostic[] {
  return [
    ...checkSettings(plainSettings, config, env),
    ...checkEndpoint(config, env),
    ...checkSettings(jwtSettings, jwtOf(config) ?? {}, env, ["jwt"]).filter(
      ({ path }) => path || usesJwt(config, env),
    ),
    ...rejectBoth(config),
    ...checkKey(config, env),
  ];
}

/** Connects to Coze as the configuration and the environment say; without an account there is an error. */
export function configureProvider(
  config: ResourceState,
  host: ProviderHost,
): { readonly diagnostics: readonly ProviderDiagnostic[]; readonly account?: Configured } {
  const { env, clock, fetch, random } = host;
  const diagnostics = [
    ...rejectUnknown(config),
    ...validateSettings(config, env),
    ...rejectMissing(config, env),
  ];
  const credential = diagnostics.length === 0 ? readCredential(config, env) : undefined;
  if (credential === undefined) return { diagnostics };
  const secrets = createRedaction();
  learnFromEnvironment(secrets, env);
  secrets.add(...credential.secrets);
  const stopping = new AbortController();
  const connection = createConnection({
    baseUrl: normalizeEndpoint(endpointOf(config, env)),
    fetch: throughProxies(fetch, env),
    clock,
    random,
    secrets,
    stopping: stopping.signal,
    requestsPerSecond: numberIn(config.requests_per_second),
    maxCalls: numberIn(config.max_calls),
    onEvent: host.log && logCalls(host.log, secrets),
  });
  const { login } = credential;
  const client = connection.signIn(typeof login === "string" ? login : createJwtToken(connection, login));
  const remote = createRemote({
    client,
    clock,
    stopping,
    secrets,
    explain: (error) => cutFailure(secrets.redactValue(explainFailure(error))),
  });
  const allowOwnershipTransfer = config.allow_ownership_transfer === true;
  return { diagnostics: [], account: { remote, allowOwnershipTransfer, existing: existingOf(config, env) } };
}

const numberIn = (value: Json | undefined): number | undefined =>
  typeof value === "number" ? value : undefined;

const isGiven = (value: unknown): boolean => value !== null && value !== undefined;

/** Whether an app signs in: where nothing is configured, a token of the environment goes before an app of its. */
function usesJwt(config: ResourceState, env: Env): boolean {
  if (isGiven(config.jwt)) return true;
  return tokenOf(config, env) === undefined && keyOf(config, env) !== undefined;
}

const tokenOf = (config: ResourceState, env: Env): GivenSetting | undefined =>
  isGiven(config.jwt) ? undefined : findSetting(config, env, ["token"], plainSettings.token);

const keyOf = (config: ResourceState, env: Env): GivenSetting | undefined => {
  const path = ["jwt", "private_key"];
  return findSetting(jwtOf(config) ?? {}, env, path, jwtSettings.private_key);
};

const endpointOf = (config: ResourceState, env: Env): string =>
  String(
    findSetting(config, env, ["endpoint"], plainSettings.endpoint)?.value ?? plainSettings.endpoint.default,
  );

// It was checked against the setting.
const existingOf = (config: ResourceState, env: Env): Existing =>
  (findSetting(config, env, ["existing"], plainSettings.existing)?.value ??
    plainSettings.existing.default) as Existing;

function checkEndpoint(config: ResourceState, env: Env): readonly ProviderDiagnostic[] {
  const given = findSetting(config, env, ["endpoint"], plainSettings.endpoint);
  if (
    !given ||
    given.value === unknown ||
    !new RegExp(plainSettings.endpoint.pattern, "u").test(String(given.value))
  )
    return [];
  const { place, path } = given;
  const text = String(given.value);
  if (!URL.canParse(text)) return [errorAt(explain("core/endpoint-no-url", { place }), path)];
  const { username, password, search, hash } = new URL(text);
  const isPlain = [username, password, search, hash].every((part) => part === "");
  if (!isPlain) return [errorAt(explain("terraform-provider/endpoint-not-plain", { place }), path)];
  const problem = findEndpointProblem(text, place);
  return problem ? [errorAt(problem, path)] : [];
}

function rejectBoth(config: ResourceState): readonly ProviderDiagnostic[] {
  const known = ["token", "jwt"].every((name) => isGiven(config[name]) && config[name] !== unknown);
  return known ? [errorAt(explain("terraform-provider/token-and-jwt"), ["jwt"])] : [];
}

function checkKey(config: ResourceState, env: Env): readonly ProviderDiagnostic[] {
  const given = usesJwt(config, env) ? keyOf(config, env) : undefined;
  if (!given || typeof given.value !== "string" || given.value === "") return [];
  const key = readPrivateKey(restoreLineBreaks(given.value), given.place);
  if (!("hint" in key)) return [];
  const hint = say("terraform-provider/bad-key-hint", { hint: key.hint });
  return [errorAt({ message: key.message, hint }, given.path)];
}

/** What is made in the same run isn't there yet when the provider begins. */
function rejectUnknown(config: ResourceState): readonly ProviderDiagnostic[] {
  const inner = Object.keys(jwtSettings).map((name): Path => ["jwt", name]);
  const outer = [...Object.keys(plainSettings), "jwt"].map((name): Path => [name]);
  return [...outer, ...inner].flatMap((path) => {
    if (valueAt(config, path) !== unknown) return [];
    return [errorAt(explain("terraform-provider/unknown-setting", { setting: path.join(".") }), path)];
  });
}

function rejectMissing(config: ResourceState, env: Env): readonly ProviderDiagnostic[] {
  if (usesJwt(config, env)) {
    const jwt = jwtOf(config);
    if (isGiven(config.jwt) && !jwt) return [];
    return (["app_id", "key_id", "private_key"] as const).flatMap((name) => {
      const setting = jwtSettings[name];
      if (findSetting(jwt ?? {}, env, ["jwt", name], setting)) return [];
      const { variable } = setting;
      const problem = explain("terraform-provider/missing-jwt", { name, variable });
      return [errorAt(problem, jwt && ["jwt", name])];
    });
  }
  if (tokenOf(config, env)) return [];
  const { variable } = plainSettings.token;
  return [errorAt(explain("terraform-provider/no-token", { variable }))];
}

interface Credential {
  readonly login: string | OauthApp;
  readonly secrets: readonly string[];
}

function readCredential(config: ResourceState, env: Env): Credential | undefined {
  const token = tokenOf(config, env);
  if (token) {
    const login = String(token.value).trim();
    return { login, secrets: [login] };
  }
  const { value, place = "" } = keyOf(config, env) ?? {};
  const pem = String(value);
  const key = readPrivateKey(restoreLineBreaks(pem), place);
  if ("hint" in key) return undefined;
  const jwt: Values = jwtOf(config) ?? {};
  const named = Object.entries(jwtSettings).flatMap(([name, setting]) => {
    const found = findSetting(jwt, env, ["jwt", name], setting);
    const value = found?.value ?? ("default" in setting ? setting.default : undefined);
    return value === undefined ? [] : [[name, value] as const];
  });
  // Each was checked against its setting.
  const settings = Object.fromEntries(named) as unknown as OauthAppSettings;
  return { login: describeApp(settings, key), secrets: [pem] };
}

/** A value that was found, and what to call its place in messages. */
interface GivenSetting {
  readonly value: Json;
  readonly place: string;
  readonly path?: Path | undefined;
}

/** A setting's value: the configured one, else the environment's; undefined when there is none. */
function findSetting(config: Values, env: Env, path: Path, { variable }: Setting): GivenSetting | undefined {
  const value = config[String(path.at(-1))] ?? null;
  if (value !== null) return { value, place: formatPath(path), path };
  // An inherited name, such as toString, is no variable.
  if (variable === undefined || !Object.hasOwn(env, variable)) return undefined;
  const text = env[variable]?.trim();
  return text ? { value: text, place: say("terraform-provider/from-environment", { variable }) } : undefined;
}

/** What is wrong with the values that are known, wherever they come from. */
function checkSettings(
  settings: { readonly [name: string]: Setting },
  config: Values,
  env: Env,
  path: Path = [],
): readonly ProviderDiagnostic[] {
  return Object.entries(settings).flatMap(([name, field]) => {
    const given = findSetting(config, env, [...path, name], field);
    if (!given || given.value === unknown) return [];
    const faults = findScalarErrors(field, given.value, field.sensitive === true);
    return faults.map((fault) => faultAt(given.place, fault, given.path));
  });
}

/** The object that `jwt` is given; undefined when it is left out or not known. */
const jwtOf = (config: ResourceState): Values | undefined =>
  isObject(config.jwt) && config.jwt !== unknown ? config.jwt : undefined;
