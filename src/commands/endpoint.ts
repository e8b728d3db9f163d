import { connectionFields } from "../core/connection-fields.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Project } from "../manifest/load.ts";
import { explain } from "../messages/text.ts";
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
  const allowed = isPlain ? `http://${host}` : host;
  const problem = known
    ? explain("commands/endpoint-unencrypted", { host })
    : explain("commands/endpoint-untrusted", {
        ...{ host, allowed, origin: url.origin },
        variable: trustVariables.hosts,
      });
  return [{ code: "untrusted-endpoint", severity: "error", ...problem, at }];
}

function judgeBase(base: string, trust: Trust): readonly Diagnostic[] {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  const isPlain = url && [url.username, url.password, url.search, url.hash].every((part) => part === "");
  if (url && isPlain && /^https?:$/u.test(url.protocol)) {
    return judgeHost(url, trust, undefined);
  }
  const problem = explain("commands/endpoint-not-address", { variable: trustVariables.endpoint });
  return [{ code: "bad-trust", severity: "error", ...problem }];
}
