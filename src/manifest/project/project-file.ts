import path from "node:path";
import type { Location } from "../../core/diagnostic.ts";
import type { Fields } from "../../core/field.ts";
import { proposeWord } from "../../core/suggestions.ts";
import { rejectLadenAddress, rejectUnsettled } from "../checks/secret-places.ts";
import type { Report } from "../diagnostic-codes.ts";
import { environmentFields, projectFields } from "../schema/header-fields.ts";
import { completeFields } from "../schema/shorthand.ts";
import { projectValidator } from "../schema/validate.ts";
import type { ProjectFiles } from "../values/file-content.ts";
import { type Scope, substitute, type Variable, variableLater } from "../values/substitute.ts";
import {
  type Mapping,
  mapEntries,
  mappingAt,
  type Scalar,
  type SourceNode,
  soundText,
  textOf,
  valueAt,
  withEntry,
} from "../yaml/source-tree.ts";
import {
  type Auth,
  checkAuth,
  findAuthPlaces,
  type NamedAuth,
  readAuth,
  readCredentials,
  rejectClearKeys,
} from "./auth.ts";
import { checkRateLimits, type RateLimitSettings, readRateLimits } from "./rate-limits.ts";

/** What an environment says, under the names of `cozeform.yaml`. */
export interface EnvironmentSettings extends RateLimitSettings {
  /** Undefined: the file names none. */
  readonly endpoint?: string;
  readonly endpointAt?: Location;
  /** How to sign in; by a token of `COZE_API_TOKEN` without it. */
  readonly auth?: Auth;
  /** By name: how to sign in for the calls of some kinds, in place of `auth`. */
  readonly credentials: { readonly [name: string]: NamedAuth };
  /** Those of the environment, and over them those of the command line. */
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  readonly protect: boolean;
  readonly patches: readonly string[];
  /** By an id of another environment, what stands for it here. */
  readonly ids: { readonly [id: string]: string };
}

/** What a project file, or its absence, says. */
export interface ProjectSettings {
  readonly name: string;
  readonly environmentName: string;
  /** The names of all environments; that of the only one where none is declared. */
  readonly environments: readonly string[];
  /** False: the file is faulty or there is no such environment, so that manifests can't be judged by it. */
  readonly usable: boolean;
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
  readonly environment?: string | undefined;
  readonly variables?: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the runner lets the project read an environment variable; without it, every one. */
  readonly mayRead?: (name: string) => boolean;
  /** These variables, and all of the environment, are known only later: placeholders stand for them. */
  readonly later?: { readonly variables: readonly string[] };
}

/** The contents of a project file; of a faulty one, which is reported, nothing is known. */
export type ProjectFile = Mapping | "absent" | "empty" | "faulty";

interface ProjectContext {
  readonly files: ProjectFiles;
  /** The names of all kinds. */
  readonly kinds: readonly string[];
  /** The names of all operations; without them, none is thought unknown. */
  readonly operations: readonly string[] | undefined;
  /** Told of secrets that stand in the file in clear. */
  readonly hide: (clear: Scalar) => void;
  readonly report: Report;
}

/** Checks a project file and reads one environment of it; without a file everything has its default. */
export async function readProject(
  file: ProjectFile,
  input: ProjectInput,
  around: ProjectContext,
): Promise<ProjectSettings> {
  const { report } = around;
  const { environmentName, usable } = chooseEnvironment(file, input.environment, report);
  const given = new Map([
    ...Object.entries(input.variables ?? {}).map(([name, value]) => [name, typed(value)] as const),
    ...(input.later?.variables ?? []).map((name) => [name, variableLater(`var.${name}`)] as const),
  ]);
  const envLater = input.later !== undefined;
  const { env, mayRead } = input;
  const scope: Scope = { variables: given, env, envLater, environmentName, ...(mayRead ? { mayRead } : {}) };
  // Of an environment that isn't there, no variable is set.
  const reportUnset = usable ? report : () => {};
  const put = typeof file === "string" ? undefined : await putIn(file, scope, around, reportUnset);
  const whole = put && rejectOpenSettings(put, environmentName, report);
  if (whole) projectValidator()(whole, report);
  const environments = mappingAt(whole, "environments");
  const chosen = mappingAt(environments, environmentName);
  for (const { value } of environments?.entries.values() ?? []) {
    if (value.type !== "map") continue;
    checkAuth(value, around.kinds, report);
    checkRateLimits(value, around.operations, report);
  }
  const variables = new Map([...readVariables(chosen), ...given]);
  const patches = readPatterns(valueAt(chosen, "patches")) ?? [];
  return {
    name: soundText(valueAt(whole, "name")) ?? path.basename(path.resolve(input.directory)),
    environmentName,
    environments: environments?.entries.size ? [...environments.entries.keys()] : [environmentName],
    usable,
    environment: readSettings(chosen, variables, patches),
    variables,
    manifests: readPatterns(valueAt(whole, "manifests")),
    patches,
    allPatches: [...(environments?.entries.values() ?? [])]
      .flatMap(({ value }) => readPatterns(valueAt(value, "patches")) ?? [])
      .map(({ text }) => text),
  };
}

/**
 * Reports secrets in what is shown, and what isn't known yet where it decides what is read; variables may be either,
 * since what they go into is judged.
 */
function rejectOpenSettings(file: Mapping, environmentName: string, report: Report): Mapping {
  const rejectEnvironment = (environment: SourceNode): SourceNode =>
    environment.type === "map"
      ? mapEntries(environment, (value, key) =>
          key === "variables" ? value : rejectUnsettled(value, report),
        )
      : environment;
  return mapEntries(file, (value, key) => {
    if (key !== "environments" || value.type !== "map") return rejectUnsettled(value, report);
    // Nothing is known of the variables that other environments need.
    return mapEntries(value, (one, name) => (name === environmentName ? rejectEnvironment(one) : one));
  });
}

const typed = (value: string): Variable => ({ value, source: value, from: "variable" });

interface Choice {
  readonly environmentName: string;
  readonly usable: boolean;
}

function chooseEnvironment(file: ProjectFile, asked: string | undefined, report: Report): Choice {
  if (file === "faulty") return { environmentName: asked ?? "default", usable: false };
  const root = typeof file === "string" ? undefined : file;
  const known = [...(mappingAt(root, "environments")?.entries.keys() ?? [])];
  const standard = valueAt(root, "default_environment");
  const name = asked ?? textOf(standard);
  if (name === undefined) return chooseUnasked(known, root?.at, report);
  if (known.includes(name) || (known.length === 0 && name === "default")) {
    return { environmentName: name, usable: true };
  }
  const undeclared =
    file === "absent"
      ? "there is no cozeform.yaml to declare it; leave the name out"
      : "cozeform.yaml declares no environments; leave the name out";
  const hint = known.length === 0 ? undeclared : proposeWord(name, known, "environments");
  const message = `there is no environment ${name}`;
  const at = asked === undefined ? standard?.at : undefined;
  report(at, { code: "unknown-environment", message, hint });
  return { environmentName: name, usable: false };
}

function chooseUnasked(known: readonly string[], at: Location | undefined, report: Report): Choice {
  const [first = "default", ...others] = known;
  if (others.length === 0) return { environmentName: first, usable: true };
  if (known.includes("default")) return { environmentName: "default", usable: true };
  const hint = `name one with -e (${known.join(", ")}), or set default_environment in cozeform.yaml`;
  report(at, { code: "unknown-environment", message: "no environment is chosen", hint });
  return { environmentName: "default", usable: false };
}

/** Every value that says, or should say, where a token or a key is. */
export function findSecretPlaces(root: SourceNode): readonly Scalar[] {
  const environments = mappingAt(root, "environments")?.entries.values() ?? [];
  return [...environments].flatMap(({ value }) => findAuthPlaces(value));
}

/** Interpolates and completes the file; of the other environments nothing has to be set. */
async function putIn(
  file: Mapping,
  scope: Scope,
  { files, hide, report }: ProjectContext,
  reportUnset: Report,
): Promise<Mapping> {
  const putInEnvironment = (value: SourceNode, name: string): SourceNode => {
    const put = substitute(value, scope, name === scope.environmentName ? reportUnset : () => {});
    if (put.type !== "map") return put;
    const endpoint = valueAt(put, "endpoint");
    const addressed = endpoint ? withEntry(put, "endpoint", rejectLadenAddress(endpoint, report, hide)) : put;
    return rejectClearKeys(addressed, report, hide);
  };
  const whole = mapEntries(file, (value, key) =>
    key === "environments" && value.type === "map"
      ? mapEntries(value, putInEnvironment)
      : substitute(value, scope, reportUnset),
  );
  return await completeFields(wholeFields, whole, files, report);
}

const wholeFields: Fields = {
  ...projectFields,
  environments: {
    type: "map",
    values: { type: "object", fields: environmentFields },
    presence: "optional",
    description: "",
  },
};

function readVariables(environment: Mapping | undefined): ReadonlyMap<string, Variable> {
  const variables = new Map<string, Variable>();
  for (const [name, { value }] of mappingAt(environment, "variables")?.entries ?? []) {
    if (value.type !== "scalar") continue;
    const { value: plain, source, from = "variable", later, broken, secretOf } = value;
    variables.set(name, { value: plain, source, from, later, broken, secretOf });
  }
  return variables;
}

function readPatterns(node: SourceNode | undefined): readonly Pattern[] | undefined {
  if (node?.type !== "list") return undefined;
  return node.items.flatMap((item) => {
    const text = soundText(item);
    return text === undefined ? [] : [{ text, at: item.at }];
  });
}

function readSettings(
  environment: Mapping | undefined,
  variables: ReadonlyMap<string, Variable>,
  patches: readonly Pattern[],
): EnvironmentSettings {
  const endpoint = valueAt(environment, "endpoint");
  const address = soundText(endpoint);
  return {
    ...(address === undefined ? {} : { endpoint: address.replace(/\/+$/u, ""), endpointAt: endpoint?.at }),
    auth: readAuth(valueAt(environment, "auth")),
    credentials: readCredentials(environment),
    variables: Object.fromEntries(
      [...variables].flatMap(([name, { value }]) => (value === null ? [] : [[name, value]])),
    ),
    protect: scalarAt(environment, "protect") === true,
    patches: patches.map(({ text }) => text),
    ids: readIds(environment),
    ...readRateLimits(environment),
  };
}

function readIds(environment: Mapping | undefined): EnvironmentSettings["ids"] {
  const pairs = [...(mappingAt(environment, "ids")?.entries ?? [])].flatMap(([id, { value }]) => {
    const here = textOf(value);
    return here === undefined ? [] : [[id, here] as const];
  });
  return Object.fromEntries(pairs);
}

function scalarAt(node: Mapping | undefined, key: string): Scalar["value"] | undefined {
  const value = valueAt(node, key);
  return value?.type === "scalar" ? value.value : undefined;
}
