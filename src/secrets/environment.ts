import { defaultTokenVariable } from "../core/connection-fields.ts";
import { findSecrets } from "./detection.ts";
import type { Redaction } from "./redaction.ts";

/** Takes note of what can be told for a secret of environment variables: tokens, keys, and the passwords of proxies. */
export function learnFromEnvironment(
  secrets: Redaction,
  env: { readonly [name: string]: string | undefined },
): void {
  for (const [name, value = ""] of Object.entries(env)) {
    if (name === defaultTokenVariable || findSecrets(value).length > 0) secrets.add(value);
    if (/_proxy$/i.test(name) && URL.canParse(value)) {
      const { password } = new URL(value);
      secrets.add(password, decode(password));
    }
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
