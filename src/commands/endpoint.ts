import { connectionFields } from "../core/connection-fields.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { findEndpointProblem, normalizeEndpoint } from "../core/endpoint.ts";
import type { Project } from "../manifest/load.ts";
import { explain } from "../messages/text.ts";
import { type Env, isLoopback, type Trust, trustVariables } from "./trust.ts";

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
    endpoint: normalizeEndpoint(endpoint),
    problems,
  });
  if (given !== undefined) return choose(given, judgeAddress(given, "--endpoint"));
  const { endpoint: written, endpointAt: at } = environment;
  // An invalid URL is reported with the file's other problems.
  if (written !== undefined) {
    return choose(written, isHttp(written) ? judgeHost(new URL(written), trust, at) : []);
  }
  const base = env[trustVariables.endpoint]?.trim();
  return base ? choose(base, judgeBase(base, trust)) : choose(connectionFields.endpoint.default);
}

const isHttp = (text: string): boolean => /^https?:/iu.test(text) && URL.canParse(text);

function judgeHost(url: URL, trust: Trust, at: Diagnostic["at"]): readonly Diagnostic[] {
  if (trust.mayCall(url)) return [];
  const { host, protocol } = url;
  const isPlain = protocol === "http:" && !isLoopback(url);
  const known = isPlain && trust.mayCall(new URL(`https://${host}`));
  const allowed = isPlain ? `http://${host}` : host;
  const problem = known
    ? explain("core/endpoint-unencrypted", { host })
    : explain("commands/endpoint-untrusted", {
        ...{ host, allowed, origin: url.origin },
        variable: trustVariables.hosts,
      });
  return [{ code: "untrusted-endpoint", severity: "error", ...problem, at }];
}

function judgeAddress(address: string, place: string): readonly Diagnostic[] {
  const problem = findEndpointProblem(address, place);
  return problem ? [{ code: "bad-endpoint", severity: "error", ...problem }] : [];
}

function judgeBase(base: string, trust: Trust): readonly Diagnostic[] {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  const isPlain = url && [url.username, url.password, url.search, url.hash].every((part) => part === "");
  if (url && isPlain && /^https?:$/u.test(url.protocol)) {
    const found = judgeAddress(base, trustVariables.endpoint);
    return found.length > 0 ? found : judgeHost(url, trust, undefined);
  }
  const variable = trustVariables.endpoint;
  const problem =
    findEndpointProblem(base, variable) ?? explain("commands/endpoint-not-address", { variable });
  return [{ code: "bad-trust", severity: "error", ...problem }];
}
