import path from "node:path";
import type { Location } from "../core/diagnostic.ts";
import type { Report } from "./codes.ts";
import { completeFields } from "./complete.ts";
import type { ProjectFiles } from "./files.ts";
import { environmentFields, projectFields } from "./header-fields.ts";
import { proposeWord } from "./nearest.ts";
import { type Scope, substitute, type Variable } from "./substitute.ts";
import { projectValidator } from "./validate.ts";
import {
  type Mapping,
  mappingAt,
  type Scalar,
  textOf,
  valueAt,
  type Written,
  withEntries,
} from "./written.ts";

/** Where a secret is; whoever signs in reads it. */
type SecretSource = { readonly env: string } | { readonly file: string };

type Auth =
  | { readonly token: SecretSource }
  | {
      readonly jwt: { readonly app_id: string; readonly key_id: string; readonly private_key: SecretSource };
    };

/** What an environment says, under the names of `cozeform.yaml`. */
export interface EnvironmentSettings {
  readonly endpoint: string;
  readonly auth?: Auth;
  /** Those of the environment, and over them those of the command line. */
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  readonly protect: boolean;
  readonly patches: readonly string[];
  readonly requests_per_second?: number;
}

/** What a project file, or its absence, says. */
export interface ProjectSettings {
  readonly name: string;
  readonly environmentName: string;
  readonly environment: EnvironmentSettings;
  readonly variables: ReadonlyMap<string, Variable>;
  /** Undefined: every YAML file. */
  readonly manifests?: readonly Pattern[];
  readonly patches: readonly Pattern[];
  /** Patterns of the patches of every environment. */
  readonly allPatches: readonly string[];
}

/** A glob and where it is written. */
export interface Pattern {
  readonly text: string;
  readonly at: Location;
}

export interface ProjectInput {
  readonly directory: string;
  readonly environment?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Checks a project file and reads one environment of it; without a file everything has its default. */
export async function readProject(
  file: Mapping | undefined,
  input: ProjectInput,
  files: ProjectFiles,
  report: Report,
): Promise<ProjectSettings> {
  const environmentName = chooseEnvironment(file, input.environment, report);
  const given = new Map(Object.entries(input.variables ?? {}).map(([name, value]) => [name, typed(value)]));
  const scope: Scope = { variables: given, env: input.env, environmentName };
  const whole = file && (await putIn(file, scope, files, report));
  if (whole) projectValidator()(whole, report);
  const environments = mappingAt(whole, "environments");
  const chosen = mappingAt(environments, environmentName);
  const variables = new Map([...readVariables(chosen), ...given]);
  const patches = readPatterns(valueAt(chosen, "patches")) ?? [];
  const manifests = readPatterns(valueAt(whole, "manifests"));
  return {
    name: textOf(valueAt(whole, "name")) ?? path.basename(path.resolve(input.directory)),
    environmentName,
    environment: readSettings(chosen, variables, patches),
    variables,
    ...(manifests && { manifests }),
    patches,
    allPatches: [...(environments?.entries.values() ?? [])]
      .flatMap(({ value }) => readPatterns(valueAt(value, "patches")) ?? [])
      .map(({ text }) => text),
  };
}

const typed = (value: string): Variable => ({ value, source: value, from: "variable" });

function chooseEnvironment(file: Mapping | undefined, asked: string | undefined, report: Report): string {
  const known = [...(mappingAt(file, "environments")?.entries.keys() ?? [])];
  const standard = valueAt(file, "default_environment");
  const name = asked ?? textOf(standard);
  if (name === undefined) {
    const [only] = known;
    if (known.length <= 1 || known.includes("default")) return known.length === 1 && only ? only : "default";
    const hint = `name one with -e (${known.join(", ")}), or set default_environment in cozeform.yaml`;
    report(file?.at, { code: "unknown-environment", message: "no environment is chosen", hint });
    return "default";
  }
  if (known.includes(name) || (known.length === 0 && name === "default")) return name;
  const hint =
    known.length === 0
      ? "cozeform.yaml declares no environments; leave the name out"
      : proposeWord(name, known, "environments");
  const at = asked === undefined ? standard?.at : undefined;
  report(at, {
    code: "unknown-environment",
    message: `there is no environment ${name}`,
    ...(hint && { hint }),
  });
  return name;
}

/** Interpolates and completes the file; of the other environments nothing has to be set. */
async function putIn(file: Mapping, scope: Scope, files: ProjectFiles, report: Report): Promise<Mapping> {
  const parts = new Map<string, Written>();
  for (const [key, { value }] of file.entries) {
    if (key !== "environments" || value.type !== "map") parts.set(key, substitute(value, scope, report));
    else {
      const environments = new Map<string, Written>();
      for (const [name, entry] of value.entries) {
        const put = substitute(entry.value, scope, name === scope.environmentName ? report : () => {});
        environments.set(
          name,
          put.type === "map" ? await completeFields(environmentFields, put, files, report) : put,
        );
      }
      parts.set(key, withEntries(value, environments));
    }
  }
  return await completeFields(projectFields, withEntries(file, parts), files, report);
}

function readVariables(environment: Mapping | undefined): ReadonlyMap<string, Variable> {
  const variables = new Map<string, Variable>();
  for (const [name, { value }] of mappingAt(environment, "variables")?.entries ?? []) {
    if (value.type !== "scalar") continue;
    const { value: plain, source, from = "variable", broken } = value;
    variables.set(name, { value: plain, source, from, ...(broken && { broken }) });
  }
  return variables;
}

function readPatterns(node: Written | undefined): readonly Pattern[] | undefined {
  if (node?.type !== "list") return undefined;
  return node.items.flatMap((item) => {
    const text = textOf(item);
    return text === undefined ? [] : [{ text, at: item.at }];
  });
}

function readSettings(
  environment: Mapping | undefined,
  variables: ReadonlyMap<string, Variable>,
  patches: readonly Pattern[],
): EnvironmentSettings {
  const endpoint = textOf(valueAt(environment, "endpoint")) ?? String(environmentFields.endpoint?.default);
  const auth = readAuth(valueAt(environment, "auth"));
  const rate = scalarAt(environment, "requests_per_second");
  return {
    endpoint: endpoint.replace(/\/+$/u, ""),
    ...(auth && { auth }),
    variables: Object.fromEntries(
      [...variables].flatMap(([name, { value }]) => (value === null ? [] : [[name, value]])),
    ),
    protect: scalarAt(environment, "protect") === true,
    patches: patches.map(({ text }) => text),
    ...(typeof rate === "number" && { requests_per_second: rate }),
  };
}

function scalarAt(node: Mapping | undefined, key: string): Scalar["value"] | undefined {
  const value = valueAt(node, key);
  return value?.type === "scalar" ? value.value : undefined;
}

function readAuth(node: Written | undefined): Auth | undefined {
  const token = readSecretSource(valueAt(node, "token"));
  if (token) return { token };
  const jwt = valueAt(node, "jwt");
  const key = readSecretSource(valueAt(jwt, "private_key"));
  const [appId, keyId] = [textOf(valueAt(jwt, "app_id")), textOf(valueAt(jwt, "key_id"))];
  if (!key || appId === undefined || keyId === undefined) return undefined;
  return { jwt: { app_id: appId, key_id: keyId, private_key: key } };
}

function readSecretSource(node: Written | undefined): SecretSource | undefined {
  const [env, file] = [textOf(valueAt(node, "env")), textOf(valueAt(node, "file"))];
  return env !== undefined ? { env } : file !== undefined ? { file } : undefined;
}
