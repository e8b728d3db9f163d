import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { defaultTokenVariable } from "../core/access-fields.ts";
import { type Diagnostic, InvalidInput, type Location } from "../core/diagnostic.ts";
import { restoreLineBreaks } from "../core/pem.ts";
import { createJwtToken, describeApp, type OauthApp } from "../coze/auth.ts";
import type { Connection } from "../coze/client.ts";
import type { Token } from "../coze/http.ts";
import { readPrivateKey } from "../coze/jwt.ts";
import type { Auth, JwtSettings, SecretSource } from "../manifest/auth.ts";
import type { Project } from "../manifest/load.ts";

/** Who makes the calls of some kinds. */
export interface Credential {
  /** Empty for the environment's `auth`, which is for every kind that no other credential names. */
  readonly name: string;
  readonly kinds: readonly string[];
  /** Where its secret is, as words: `environment variable COZE_API_TOKEN`. */
  readonly source: string;
  /** Where the project file says so. */
  readonly at?: Location;
  readonly secret: string | OauthApp;
}

type Env = { readonly [name: string]: string | undefined };
type Complaint = Omit<Diagnostic, "severity">;

/**
 * Reads the tokens and keys of an environment, the one of `auth` first; throws {@link InvalidInput} with the
 * place of every one that is missing or unfit. Asks nobody.
 */
export async function readCredentials(env: Env, project: Project): Promise<readonly Credential[]> {
  const { auth, credentials } = project.environment;
  const named = Object.entries(credentials).map(([name, one]) => ({ name, auth: one, kinds: one.kinds }));
  const read = await Promise.all(
    [{ name: "", auth, kinds: [] }, ...named].map(async ({ name, auth, kinds }) => {
      const found = await readSecret(env, project.directory, auth);
      return "complaint" in found ? found : { credential: { name, kinds, ...found } };
    }),
  );
  const problems = read.flatMap((one) => ("complaint" in one ? [one.complaint] : []));
  if (problems.length > 0) {
    const diagnostics = problems.map((one): Diagnostic => ({ ...one, severity: "error" }));
    throw new InvalidInput(diagnostics, project.sources);
  }
  return read.flatMap((one) => ("credential" in one ? [one.credential] : []));
}

type Found = Pick<Credential, "source" | "at" | "secret"> | { readonly complaint: Complaint };

async function readSecret(env: Env, directory: string, auth: Auth | undefined): Promise<Found> {
  if (auth && "jwt" in auth) return readApp(env, directory, auth.jwt);
  const place = auth?.token ?? { env: defaultTokenVariable };
  const token = (await readSecretAt(env, directory, place))?.trim();
  const at = auth?.token ? { at: auth.token.at } : {};
  if (token) return { source: nameOf(place), ...at, secret: token };
  const [message, hint] =
    "env" in place
      ? [
          `there is no token: the environment variable ${place.env} is not set`,
          `export ${place.env}=…, or try without an account: --emulator`,
        ]
      : [`there is no token in ${place.file}`, "write the token into that file, mode 0600"];
  return { complaint: { code: "no-token", message, hint, ...at } };
}

async function readApp(env: Env, directory: string, jwt: JwtSettings): Promise<Found> {
  const place = jwt.private_key;
  const text = await readSecretAt(env, directory, place);
  if (text === undefined) {
    const [message, hint] =
      "env" in place
        ? [
            `there is no private key: the environment variable ${place.env} is not set`,
            `set ${place.env} to the whole text of the key, from BEGIN to END`,
          ]
        : [
            `there is no private key: ${place.file} can't be read`,
            "put the private_key.pem of the OAuth app there, mode 0600, and keep it out of git",
          ];
    return { complaint: { code: "no-key", message, hint, at: place.at } };
  }
  const key = readPrivateKey(restoreLineBreaks(text));
  if ("problem" in key) {
    const message = `the private key in ${nameOf(place)} ${key.problem}`;
    return { complaint: { code: "bad-key", message, hint: key.hint, at: place.at } };
  }
  return {
    source: nameOf(place),
    at: place.at,
    secret: describeApp(jwt, key),
  };
}

type Place = Pick<Extract<SecretSource, { readonly env: string }>, "env"> | { readonly file: string };

const nameOf = (place: Place): string =>
  "env" in place ? `environment variable ${place.env}` : `file ${place.file}`;

/** The text at the place of a secret, if there is one; files outside the project are named by their whole path. */
export async function readSecretAt(env: Env, directory: string, place: Place): Promise<string | undefined> {
  // A name that the file chose, such as toString, is no variable.
  if ("env" in place) return Object.hasOwn(env, place.env) ? env[place.env] : undefined;
  return readFile(resolve(directory, place.file), "utf8").catch(() => undefined);
}

/** What the calls of a credential bear. */
export const tokenOf = (connection: Connection, { secret }: Credential): Token =>
  typeof secret === "string" ? secret : createJwtToken(connection, secret);
