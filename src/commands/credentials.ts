import { realpath } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { defaultTokenVariable } from "../core/connection-fields.ts";
import { type Diagnostic, InvalidInput, type Location } from "../core/diagnostic.ts";
import { createJwtToken, describeApp, type OauthApp, readPrivateKey } from "../coze/auth.ts";
import type { Connection } from "../coze/client.ts";
import type { Token } from "../coze/http/transport.ts";
import { readFileGuarded } from "../files/guarded-reading.ts";
import { findWorkTree, isBelow, realOfNearest } from "../files/project-paths.ts";
import type { Project } from "../manifest/load.ts";
import type { Auth, JwtSettings, SecretSource } from "../manifest/project/auth.ts";
import { forbiddenVariable } from "../manifest/values/substitute.ts";
import { explain, say } from "../messages/text.ts";
import { restoreLineBreaks } from "../secrets/detection.ts";
import type { Env, Trust } from "./trust.ts";

/** A token or app and the kinds that it serves. */
export interface Credential {
  /** Empty for the environment's `auth`, which serves every kind that no other credential names. */
  readonly name: string;
  readonly kinds: readonly string[];
  /** Where its secret is stored, in words: `environment variable COZE_API_TOKEN`. */
  readonly source: string;
  /** The place in the project file. */
  readonly at?: Location | undefined;
  readonly secret: string | OauthApp;
}

type Complaint = Omit<Diagnostic, "severity">;

/**
 * Reads the tokens and keys of an environment, that of `auth` first. Throws {@link InvalidInput} with the location of
 * each one that is missing or invalid. Makes no call.
 */
export async function readCredentials(
  env: Env,
  project: Project,
  trust: Trust,
): Promise<readonly Credential[]> {
  const reading: Reading = { env, directory: project.directory, trust };
  const { auth, credentials } = project.environment;
  const named = Object.entries(credentials).map(([name, one]) => ({ name, auth: one, kinds: one.kinds }));
  const read = await Promise.all(
    [{ name: "", auth, kinds: [] }, ...named].map(async ({ name, auth, kinds }) => {
      const found = await readSecret(reading, auth);
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

/** The environment and the directory to read secrets from, and the runner's trust. */
export interface Reading {
  readonly env: Env;
  readonly directory: string;
  readonly trust: Trust;
}

async function readSecret(reading: Reading, auth: Auth | undefined): Promise<Found> {
  if (auth && "jwt" in auth) return readApp(reading, auth.jwt);
  const place = auth?.token ?? { env: defaultTokenVariable };
  if ("env" in place && !reading.trust.mayReadVariable(place.env)) {
    return { complaint: forbiddenVariable(place.env) };
  }
  const token = (await readSecretAt(reading, place))?.trim();
  const at = auth?.token?.at;
  if (token) return { source: nameOf(place), at, secret: token };
  const problem =
    "env" in place
      ? explain("commands/token-in-variable", { variable: place.env })
      : explain("commands/token-in-file", { file: place.file });
  return { complaint: { code: "no-token", ...problem, at } };
}

async function readApp(reading: Reading, jwt: JwtSettings): Promise<Found> {
  const place = jwt.private_key;
  const text = await readSecretAt(reading, place);
  if (text === undefined) {
    const problem =
      "env" in place
        ? explain("commands/key-in-variable", { variable: place.env })
        : explain("commands/key-unreadable", { file: place.file });
    return { complaint: { code: "no-key", ...problem, at: place.at } };
  }
  const key = readPrivateKey(restoreLineBreaks(text), nameOf(place));
  if ("hint" in key) return { complaint: { code: "bad-key", ...key, at: place.at } };
  return { source: nameOf(place), at: place.at, secret: describeApp(jwt, key) };
}

type Place = Pick<Extract<SecretSource, { readonly env: string }>, "env"> | { readonly file: string };

const nameOf = (place: Place): string =>
  "env" in place
    ? say("commands/variable-source", { variable: place.env })
    : say("commands/file-source", { file: place.file });

/** Bytes; a key has a few thousand. */
const longestSecret = 64 * 1024;

/** The text of a secret; undefined when there is none or the project may not read it. */
export async function readSecretAt(
  { env, directory, trust }: Reading,
  place: Place,
): Promise<string | undefined> {
  if ("env" in place) {
    // A name from the project file, such as toString, must not reach the prototype.
    return trust.mayReadVariable(place.env) && Object.hasOwn(env, place.env) ? env[place.env] : undefined;
  }
  try {
    const real = await realpath(resolve(directory, place.file));
    if (!(await mayHoldSecret(real, directory, trust))) return undefined;
    return readFileGuarded(real, { most: longestSecret }).toString();
  } catch {
    return undefined;
  }
}

/**
 * A token or key may be in the project's work tree or where the runner allows, but never in the folder .git.
 */
async function mayHoldSecret(real: string, directory: string, trust: Trust): Promise<boolean> {
  const tree = findWorkTree(directory) ?? (await realpath(directory));
  const root = [tree, ...trust.readable].find((one) => isBelow(real, one));
  return root !== undefined && !relative(root, real).split(sep).includes(".git");
}

/** Reports the variables and files of credentials that the project may not read. */
export async function findUntrustedSources(
  { directory, environment }: Project,
  trust: Trust,
): Promise<readonly Diagnostic[]> {
  const { auth, credentials } = environment;
  const all = [auth, ...Object.values(credentials)].flatMap((one) => (one ? [sourceOf(one)] : []));
  const found = await Promise.all(
    all.map(async (source): Promise<readonly Diagnostic[]> => {
      const complaint = await judgeSource(source, directory, trust);
      return complaint ? [{ ...complaint, severity: "error", at: source.at }] : [];
    }),
  );
  return found.flat();
}

async function judgeSource(
  source: SecretSource,
  directory: string,
  trust: Trust,
): Promise<Complaint | undefined> {
  if ("env" in source) {
    return trust.mayReadVariable(source.env) ? undefined : forbiddenVariable(source.env);
  }
  const whole = resolve(directory, source.file);
  // The message must not tell whether a file outside exists.
  const real = realOfNearest(whole);
  if (await mayHoldSecret(real, directory, trust).catch(() => true)) return undefined;
  return { code: "untrusted-file", ...explain("commands/untrusted-file", { file: source.file }) };
}

/** The place of a credential's secret. */
export const sourceOf = (auth: Auth): SecretSource => ("token" in auth ? auth.token : auth.jwt.private_key);

/** The token of a credential's calls. */
export const tokenOf = (connection: Connection, { secret }: Credential): Token =>
  typeof secret === "string" ? secret : createJwtToken(connection, secret);
