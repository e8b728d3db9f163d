import { refuseParameter } from "../http/envelope.ts";

/**
 * Has a callback URL prove itself as update_callback_app asks: it is POSTed a `challenge` and has to echo it
 * in time. Reserved example hosts are not reached at all: `*.example` and `example.com` with its subdomains
 * count as echoing, `refuse.example.com` as refusing.
 */
export async function proveCallbackUrl(
  url: string,
  challenge: string,
  request: typeof fetch,
  limitMs: number,
): Promise<void> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    refuseParameter("callback_url", "must be an http or https URL");
  }
  const { hostname } = new URL(url);
  const echoed = isExample(hostname)
    ? hostname !== "refuse.example.com"
    : await echoes(url, challenge, request, limitMs);
  if (!echoed) {
    refuseParameter("callback_url", `did not echo the challenge within ${limitMs} ms`);
  }
}

function isExample(hostname: string): boolean {
  return hostname === "example.com" || /\.(example|example\.com)$/.test(hostname);
}

async function echoes(
  url: string,
  challenge: string,
  request: typeof fetch,
  limitMs: number,
): Promise<boolean> {
  try {
    const answer = await request(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "url_verification", challenge }),
      redirect: "manual",
      signal: AbortSignal.timeout(limitMs),
    });
    return answer.ok && isEcho(await answer.text(), challenge);
  } catch {
    return false;
  }
}

// "Return the challenge as it is": the page does not say whether bare or in an object.
function isEcho(answer: string, challenge: string): boolean {
  if (answer === challenge) {
    return true;
  }
  try {
    const parsed: unknown = JSON.parse(answer);
    return (
      parsed === challenge ||
      (typeof parsed === "object" &&
        parsed !== null &&
        "challenge" in parsed &&
        parsed.challenge === challenge)
    );
  } catch {
    return false;
  }
}
