import { stringify } from "yaml";
import type { Json, Values } from "../core/value.ts";
import type { Auth } from "../manifest/project/auth.ts";
import { apiVersion } from "../manifest/schema/header-fields.ts";

/** What a new project says of itself. */
export interface ProjectDescription {
  readonly name: string;
  readonly environment: string;
  readonly endpoint?: string | undefined;
  /** How to sign in, where that isn't the token of the default variable. */
  readonly auth?: Auth | undefined;
  /** Kinds of which some manifests are Markdown files. */
  readonly markdown?: readonly string[] | undefined;
}

/** The project file of exported manifests. Keys in files of another project are left out: their paths mean nothing here. */
export function writeProjectFile({
  name,
  environment,
  endpoint,
  auth,
  markdown = [],
}: ProjectDescription): string {
  const own = { endpoint, auth: auth && describeAuth(auth) };
  const settings = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const isDefault = environment === "default" && Object.keys(settings).length === 0;
  return stringify({
    apiVersion,
    kind: "Project",
    name,
    manifests: ["manifests/**/*.yaml", ...markdown.map((kind) => ({ glob: "manifests/**/*.md", kind }))],
    ...(isDefault ? {} : { environments: { [environment]: settings } }),
  });
}

function describeAuth(auth: Auth): Json | undefined {
  if ("token" in auth) return "env" in auth.token ? { token: { env: auth.token.env } } : undefined;
  const { private_key: key, ...rest } = auth.jwt;
  if (!("env" in key)) return undefined;
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  return { jwt: { ...(Object.fromEntries(given) as Values), private_key: { env: key.env } } };
}
