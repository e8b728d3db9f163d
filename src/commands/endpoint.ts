import { connectionFields } from "../core/connection-fields.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Project } from "../manifest/load.ts";
import { type Env, isCozeHost, isLoopback, type Trust, trustVariables } from "./trust.ts";

/** The endpoint of a run's calls. */
export interface EndpointChoice {
  readonly endpoint: string;
  /** The reasons not to send a token there. */
  readonly problems: readonly Diagnostic[];
}

/**
 * Chooses the endpoint of a project: `given` on the command line, or else that of the project file, or `COZE_API_BASE`,
 * or Coze itself. That of the file has to be Coze, this machine, or a host that the runner allows.
 */
export function chooseEndpoint(
  given: string | undefined,
  { environment }: Project,
  env: Env,
  trust: Trust,
): EndpointChoice {
  const choose = (endpoint: string, problems: readonly Diagnostic[] = []): EndpointChoice => ({
    endpoint: endpoint.replace(/\/+$/u, ""),
    problems,
  });
  if (given !== undefined) return choose(given);
  const { endpoint: written, endpointAt: at } = environment;
  // An invalid URL is reported with the file's other problems.
  if (written !== undefined) {
    return choose(written, URL.canParse(written) ? judgeHost(new URL(written), trust, at) : []);
  }
  const base = env[trustVariables.endpoint]?.trim();
  return base ? choose(base, judgeBase(base, trust)) : choose(connectionFields.endpoint.default);
}

function judgeHost(url: URL, trust: Trust, at: Diagnostic["at"]): readonly Diagnostic[] {
  if (trust.mayCall(url)) return [];
  const { host, protocol } = url;
  const isPlain = protocol === "http:" && !isLoopback(url);
  const known = isPlain && (isCozeHost(url) || trust.mayCall(new URL(`https://${host}`)));
  const message = known
    ? `the token would be sent to ${host} unencrypted, by http`
    : `this project would have the token sent to ${host}, which is neither Coze's nor allowed where cozeform was started`;
  const allowed = isPlain ? `http://${host}` : host;
  const hint = known
    ? `write https://${host}`
    : `if that is right, allow it where cozeform is started: ${trustVariables.hosts}=${allowed}, or --endpoint ${url.origin}`;
  return [{ code: "untrusted-endpoint", severity: "error", message, hint, at }];
}

function judgeBase(base: string, trust: Trust): readonly Diagnostic[] {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  const isPlain = url && [url.username, url.password, url.search, url.hash].every((part) => part === "");
  if (url && isPlain && /^https?:$/u.test(url.protocol)) {
    return judgeHost(url, trust, undefined);
  }
  return [
    {
      code: "bad-trust",
      severity: "error",
      message: `${trustVariables.endpoint} isn't the address of an API`,
      hint: "give the address alone, such as https://api.coze.cn",
    },
  ];
}
