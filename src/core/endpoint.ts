import { type Explained, explain } from "../messages/text.ts";
import { proposeAddress } from "./schema-errors.ts";

/** Coze's sites, each with its own accounts and tokens. */
const site = /(?:^|\.)coze\.(cn|com)$/u;

/** Hosts that are hardly anything but a slip for Coze's; longer last labels may be those of a network of one's own. */
const nearlyApi = /^api\.coze\.(?!lan$)(?:[a-z]{2,3}|(?:com|net|org)\.cn|cn\.com)$/u;

/** What names have in their hosts, and addresses; a low line isn't allowed, but Docker's names have it. */
const hostCharacters = /^[a-z\d._:[\]-]*$/u;

/** The paths that calls add to an endpoint (https://docs.coze.cn/developer_guides/api_overview). */
const apiPath = /^\/(?:v\d+|open_api|api\/permission)(?:\/|$)/u;

/** Forms of ASCII characters that input methods write, and a full stop that NFKC leaves. */
const wideForms = /[\uff01-\uff5e\u3000\u3002\uff61\u00a0]/u;

/** An address as it is used and remembered: scheme and host in lower case, without a slash at its end. */
export function normalizeEndpoint(text: string): string {
  if (!URL.canParse(text)) return text.replace(/\/+$/u, "");
  const { origin, pathname } = new URL(text);
  return (origin + pathname).replace(/\/+$/u, "");
}

/**
 * Why calls to an address can't work, or would show the token on the way; undefined for an address that can be called,
 * and for a text that isn't like one. `place` is what the message calls its place.
 */
export function findEndpointProblem(text: string, place: string): Explained | undefined {
  const wide = wideForms.exec(text.trim())?.[0];
  if (wide !== undefined) return explainWideForm(text, place, wide);
  // A missing scheme is reported where the text is checked.
  const address = /^[a-z][a-z\d+.-]*:\/\//iu.test(text) ? text : proposeAddress(text);
  if (address === undefined) return undefined;
  if (!URL.canParse(address)) return explain("core/endpoint-no-url", { place });
  const { hostname, host, protocol, pathname, origin } = new URL(address);
  if (!hostCharacters.test(hostname)) return explainOddHost(address, place);
  const dotless = hostname.replace(/\.+$/u, "");
  const domain = site.exec(dotless)?.[1] ?? (nearlyApi.test(dotless) ? guessDomain(dotless) : undefined);
  const api = domain && `api.coze.${domain}`;
  if (api && dotless !== api) {
    return explain("core/endpoint-web-site", { place, host, origin: `https://${api}` });
  }
  if (dotless !== hostname) {
    return explain("core/endpoint-dot", { place, origin: origin.replace(hostname, dotless) });
  }
  if (api && protocol === "http:") return explain("core/endpoint-unencrypted", { host: api });
  if (pathname !== "/" && (api || apiPath.test(pathname))) {
    return explain("core/endpoint-path", { place, path: pathname, origin });
  }
  return undefined;
}

const guessDomain = (host: string): string => (host.includes(".cn") ? "cn" : "com");

function explainOddHost(address: string, place: string): Explained {
  const { hostname, host } = new URL(address);
  const guess = hostname.replace(/[^a-z\d.-]+/gu, ".").replace(/\.+$/u, "");
  const meant = site.test(guess) || nearlyApi.test(guess) ? `api.coze.${guessDomain(guess)}` : "api.coze.cn";
  return explain("core/endpoint-host", { place, host, address: `https://${meant}` });
}

function explainWideForm(text: string, place: string, character: string): Explained {
  const narrow = text
    .trim()
    .normalize("NFKC")
    .replace(/[\u3002\uff61]/gu, ".")
    .replace(/\.+(?=$|[/:?#])/u, "");
  const address = URL.canParse(narrow) ? normalizeEndpoint(narrow) : "https://api.coze.cn";
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  return explain("core/endpoint-wide", { place, character, code, address });
}
