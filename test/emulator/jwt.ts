import { randomUUID } from "node:crypto";
import { type JWTHeaderParameters, SignJWT } from "jose";
import type { AppOptions } from "../../src/emulator/index.ts";
import { privateKey, publicPem } from "../support/rsa-keys.ts";

/** An OAuth app for an emulator, with a key whose private half is at hand. */
export const oauthApp = (given: Partial<AppOptions> = {}): AppOptions => ({
  app_id: "1127900106117",
  key_id: "_v0VjcMlLdQc3tRTD3jC5Xz29TUnKQOhtuD5k-gpyf4",
  public_key: publicPem,
  ...given,
});

/** A JWT of an app, signed by hand at a time in milliseconds; claims and headers may be bent, undefined takes one away. */
export async function signJwt(
  app: AppOptions,
  now: number,
  bent: {
    claims?: Readonly<Record<string, unknown>>;
    header?: Partial<JWTHeaderParameters>;
    key?: Parameters<SignJWT["sign"]>[0];
  } = {},
): Promise<string> {
  const seconds = Math.floor(now / 1000);
  const claims = {
    iss: app.app_id,
    aud: "api.coze.cn",
    iat: seconds,
    exp: seconds + 600,
    jti: randomUUID(),
    ...bent.claims,
  };
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: app.key_id, ...bent.header })
    .sign(bent.key ?? privateKey);
}
