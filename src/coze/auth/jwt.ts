import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";

/** What is wrong with the text of a key, and what to do about it; holds nothing of the text. */
export interface KeyProblem {
  readonly problem: string;
  readonly hint: string;
}

const download =
  "give the private_key.pem that Coze's page offered when the key was made, from BEGIN to END; or make a new key there";

/** The RSA key in a PEM text (PKCS #8, or PKCS #1 as older tools write it), or what is wrong with it. */
export function readPrivateKey(text: string): KeyObject | KeyProblem {
  const pem = text.trim();
  if (pem === "") return { problem: "is empty", hint: download };
  if (/-----BEGIN (?:RSA )?PUBLIC KEY-----|-----BEGIN CERTIFICATE-----/.test(pem)) {
    return { problem: "is a public key, which signs nothing", hint: download };
  }
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    const hint = "take its password off: openssl pkcs8 -topk8 -nocrypt -in key.pem -out plain.pem";
    return { problem: "is locked with a password", hint };
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
    return { problem: "isn't a private key in PEM form", hint: download };
  try {
    return checkKey(createPrivateKey(pem));
  } catch {
    return { problem: "is damaged: no key can be read from it", hint: download };
  }
}

function checkKey(key: KeyObject): KeyObject | KeyProblem {
  if (key.asymmetricKeyType !== "rsa") {
    return { problem: "isn't an RSA key, and Coze takes no other", hint: download };
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits < 2048 ? { problem: `has ${bits} bits, and at least 2048 are needed`, hint: download } : key;
}

/** What a JWT says of its sender. */
export interface JwtClaims {
  readonly appId: string;
  /** The public key's fingerprint. */
  readonly keyId: string;
  /** The API's host. */
  readonly audience: string;
  /** Epoch seconds. */
  readonly issuedAt: number;
  readonly sessionName?: string;
}

/** An exchange takes seconds; the rest is for clocks that differ. */
const lifetimeSeconds = 600;

/** A signed JWT for one exchange: Coze takes none twice, so each bears a fresh random `jti`. */
export async function signJwt(key: KeyObject, claims: JwtClaims): Promise<string> {
  const { SignJWT } = await import("jose");
  const { sessionName, issuedAt } = claims;
  return new SignJWT(sessionName === undefined ? {} : { session_name: sessionName })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: claims.keyId })
    .setIssuer(claims.appId)
    .setAudience(claims.audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .setJti(randomBytes(32).toString("base64url"))
    .sign(key);
}
