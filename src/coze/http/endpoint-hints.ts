import { BadRequest, type CallFacts } from "../errors.ts";

/** Where calls go that come to no API; undefined when the address of the endpoint may be right. `baseUrl`: the endpoint. */
export function hintAtPath(baseUrl: string): string | undefined {
  const { origin, pathname } = new URL(baseUrl);
  return pathname === "/"
    ? undefined
    : `calls bring paths of their own, such as /v1/bots, so that ${pathname} is one too many: write ${origin} as the endpoint`;
}

/** Coze says this of addresses that its API doesn't have, as quoted in https://github.com/MartialBE/one-hub/issues/818. */
const strange = /^The requested API endpoint \S+ \S+ does not exist/u;

/** Coze has no such call; undefined when that isn't what it says. It tells nothing of any object. */
export function readStrangeAddress(msg: string | undefined, baseUrl: string, facts: CallFacts) {
  if (msg === undefined || !strange.test(msg)) return undefined;
  const hint = hintAtPath(baseUrl) ?? "check the endpoint: it must be an address of Coze's API";
  return new BadRequest(`the endpoint has no such address: ${msg}`, { ...facts, said: msg, hint });
}
