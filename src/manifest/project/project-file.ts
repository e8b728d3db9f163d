import path from "node:path";
import type { Location } from "../../core/diagnostic.ts";
import { findEndpointProblem } from "../../core/endpoint.ts";
import type { Fields } from "../../core/field.ts";
import { proposeWord } from "../../core/suggestions.ts";
import { explain, say } from "../../messages/text.ts";
import { readRuleLevels } from "../checks/rules.ts";
import { rejectAddressExtras, rejectExposedOrDeferred } from "../checks/secret-places.ts";
import type { Report } from "../problems.ts";
import type { RuleLevel } from "../rule-levels.ts";
import { environmentFields, projectFields } from "../schema/header-fields.ts";
import { completeFields } from "../schema/shorthand.ts";
import { projectValidator } from "../schema/validate.ts";
import { reportUnknownKinds } from "../values/defaults.ts";
import { deferredVariable, type Scope, substitute, type Variable } from "../values/substitute.ts";
import type { SecretPlaces } from "../yaml/source-texts.ts";
import {
  type Mapping,
  mapEntries,
  mappingAt,
  type PlacedText,
  type Scalar,
  type SourceNode,
  textOf,
  validText,
  validTexts,
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
  rejectPlaintextKey,
  rejectPlaintextKeys,
} from "./auth.ts";
import { type Composition, listDefaults, readComposition } from "./composition.ts";
import { checkRateLimits, type RateLimitSettings, readRateLimits } from "./rate-limits.ts";
import type { ProjectFiles } from "./readable-files.ts";
import {
  findStateAddresses,
  findStateSecretPlaces,
  readStateSettings,
  rejectStateSecrets,
  type StateSettings,
} from "./state-settings.ts";

/** The settings of an environment, under the names of `cozeform.yaml`. */
export interface EnvironmentSettings extends RateLimitSettings {
  /** Undefined: the file names none. */
  readonly endpoint?: string | undefined;
  readonly endpointAt?: Location | undefined;
  /** How to sign in; by a token of `COZE_API_TOKEN` without it. */
  readonly auth?: Auth | undefined;
  /** By name: how to sign in for the calls of some kinds, instead of with `auth`. */
  readonly credentials: { readonly [name: string]: NamedAuth };
  /** Those of the environment, and over them those of the command line. */
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  readonly protect: boolean;
  readonly patches: readonly string[];
  /** Ids of other environments and their counterparts here. */
  readonly ids: { readonly [id: string]: string };
}

/** The settings of a project file, or the defaults without one. */
export interface ProjectSettings extends Composition {
  readonly name: string;
  /** The name that the file gives it; undefined when it goes by its directory. */
  readonly givenName?: string | undefined;
  readonly environmentName: string;
  /** The names of all environments; that of the only one where none is declared. */
  readonly environments: readonly string[];
  /** False: the file is faulty or there is no such environment, so that manifests can't be judged by it. */
  readonly usable: boolean;
  readonly environment: EnvironmentSettings;
  readonly variables: ReadonlyMap<string, Variable>;
  /** Where the state of each environment is kept, for those that say so. */
  readonly states: ReadonlyMap<string, StateSettings>;
  readonly patches: readonly PlacedText[];
  readonly moved: readonly PlacedMove[];
  /** The levels of rules. */
  readonly levels: ReadonlyMap<string, RuleLevel>;
}

/** What `moved` says, and where. */
export interface PlacedMove {
  readonly from: PlacedText;
  readonly to: PlacedText;
}

export interface ProjectInput {
  readonly directory: string;
  readonly environment?: string | undefined;
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the runner lets the project read an environment variable; without it, every one. */
  readonly mayRead?: ((name: string) => boolean) | undefined;
  /** These variables, and all of the environment, are known only later: placeholders stand for them. */
  readonly later?: { readonly variables: readonly string[] } | undefined;
}

/** The contents of a project file; of a faulty one, which is reported, nothing is known. */
export type ProjectFile = Mapping | "absent" | "empty" | "faulty";

interface ProjectContext {
  readonly files: ProjectFiles;
  /** The names of all kinds. */
  readonly kinds: readonly string[];
  /** The names of those that manifests can have. */
  readonly managed: readonly string[];
  /** The names of all operations; without them, none is thought unknown. */
  readonly operations: readonly string[] | undefined;
  /** Masks a plaintext secret in the file's text. */
  readonly mask: (clear: Scalar) => void;
  readonly report: Report;
}

/** Checks a project file and reads one environment of it; without a file everything has its default. */
export async function readProject(
  file: ProjectFile,
  input: ProjectInput,
  context: ProjectContext,
): Promise<ProjectSettings> {
  const { report } = context;
  const { environmentName, usable } = chooseEnvironment(file, input.environment, report);
  const given = new Map<string, Variable>();
  for (const [name, value] of Object.entries(input.variables ?? {}))
    given.set(name, { value, source: value, from: "variable" });
  for (const name of input.later?.variables ?? []) given.set(name, deferredVariable(`var.${name}`));
  const envLater = input.later !== undefined;
  const { env, mayRead } = input;
  const scope: Scope = { variables: given, env, envLater, environmentName, mayRead };
  // For an unknown environment, every variable would be reported as unset.
  const reportUnset = usable ? report : () => {};
  const interpolated =
    typeof file === "string" ? undefined : await interpolateFile(file, scope, context, reportUnset);
  const whole = interpolated && rejectExposedSettings(interpolated, environmentName, report);
  if (whole) projectValidator()(whole, report);
  const environments = mappingAt(whole, "environments");
  const chosen = mappingAt(environments, environmentName);
  for (const { value } of environments?.entries.values() ?? []) {
    if (value.type !== "map") continue;
    checkAuth(value, context.kinds, report);
    checkRateLimits(value, context.operations, report);
  }
  for (const one of listDefaults(whole)) reportUnknownKinds(one, context.managed, report);
  const variables = new Map([...readVariables(chosen), ...given]);
  const patches = validTexts(valueAt(chosen, "patches"));
  const givenName = validText(valueAt(whole, "name"));
  return {
    name: givenName ?? path.basename(path.resolve(input.directory)),
    givenName,
    environmentName,
    environments: environments?.entries.size ? [...environments.entries.keys()] : [environmentName],
    usable,
    environment: readSettings(chosen, variables, patches),
    variables,
    states: readStates(environments),
    ...readComposition(whole, environmentName),
    patches,
    moved: readMoves(valueAt(whole, "moved")),
    levels: readRuleLevels(valueAt(whole, "checks"), report),
  };
}

/**
 * Reports secrets in what is shown, and what isn't known yet where it decides what is read; variables may be either,
 * since what they go into is judged.
 */
function rejectExposedSettings(file: Mapping, environmentName: string, report: Report): Mapping {
  const rejectEnvironment = (environment: SourceNode) =>
    mapEntries(environment, (value, key) =>
      key === "variables" ? value : rejectExposedOrDeferred(value, report),
    );
  return mapEntries(file, (value, key) => {
    if (key !== "environments" || value.type !== "map") return rejectExposedOrDeferred(value, report);
    // Nothing is known of the variables that other environments need.
    return mapEntries(value, (one, name) => (name === environmentName ? rejectEnvironment(one) : one));
  });
}

type EnvironmentChoice = Pick<ProjectSettings, "environmentName" | "usable">;

function chooseEnvironment(
  file: ProjectFile,
  requested: string | undefined,
  report: Report,
): EnvironmentChoice {
  if (file === "faulty") return { environmentName: requested ?? "default", usable: false };
  const root = typeof file === "string" ? undefined : file;
  const known = [...(mappingAt(root, "environments")?.entries.keys() ?? [])];
  const standard = valueAt(root, "default_environment");
  const name = requested ?? textOf(standard);
  if (name === undefined) return chooseDefaultEnvironment(known, root?.at, report);
  if (known.includes(name) || (known.length === 0 && name === "default")) {
    return { environmentName: name, usable: true };
  }
  const message = say("manifest-project/unknown-environment", { name });
  const undeclared =
    file === "absent" ? "manifest-project/no-project-file" : "manifest-project/environments-undeclared";
  const hint = known.length === 0 ? say(undeclared) : proposeWord(name, known, "environments");
  const at = requested === undefined ? standard?.at : undefined;
  report(at, { code: "unknown-environment", message, hint });
  return { environmentName: name, usable: false };
}

function chooseDefaultEnvironment(
  known: readonly string[],
  at: Location | undefined,
  report: Report,
): EnvironmentChoice {
  const [first = "default", ...others] = known;
  if (others.length === 0) return { environmentName: first, usable: true };
  if (known.includes("default")) return { environmentName: "default", usable: true };
  const problem = explain("manifest-project/no-environment", { names: known.join(", ") });
  report(at, { code: "unknown-environment", ...problem });
  return { environmentName: "default", usable: false };
}

/** Every value that says, or should say, where a token or a key is, and every address. */
export function findSecretPlaces(root: SourceNode): SecretPlaces {
  const environments = [...(mappingAt(root, "environments")?.entries.values() ?? [])];
  return {
    byName: environments.flatMap(({ value }) => [...findAuthPlaces(value), ...findStateSecretPlaces(value)]),
    addresses: environments.flatMap(({ value }) => [
      ...findStateAddresses(value),
      ...[valueAt(value, "endpoint")].filter((node) => node?.type === "scalar"),
    ]),
  };
}

/** Interpolates and completes the file; of the other environments nothing has to be set. */
async function interpolateFile(
  file: Mapping,
  scope: Scope,
  { files, mask, report }: ProjectContext,
  reportUnset: Report,
): Promise<Mapping> {
  const interpolateParts = (value: SourceNode, told: Report): SourceNode =>
    value.type === "map"
      ? // Defaults are interpolated where they are merged: items of for_each may go into them.
        mapEntries(value, (one, key) => (key === "defaults" ? one : substitute(one, scope, told)))
      : substitute(value, scope, told);
  const interpolateEnvironment = (value: SourceNode, name: string): SourceNode => {
    const interpolated = interpolateParts(value, name === scope.environmentName ? reportUnset : () => {});
    if (interpolated.type !== "map") return interpolated;
    const endpoint = valueAt(interpolated, "endpoint");
    const addressed = endpoint
      ? withEntry(
          interpolated,
          "endpoint",
          rejectBadAddress(rejectAddressExtras(endpoint, report, mask), report),
        )
      : interpolated;
    return rejectStateSecrets(
      rejectPlaintextKeys(addressed, report, mask),
      (node) => rejectPlaintextKey(node, report, mask),
      report,
      mask,
    );
  };
  const whole = mapEntries(file, (value, key) =>
    key === "environments" && value.type === "map"
      ? mapEntries(value, interpolateEnvironment)
      : key === "defaults"
        ? value
        : substitute(value, scope, reportUnset),
  );
  return await completeFields(wholeFields, whole, { files, scope, report });
}

/** Reports an address that can't be that of the API, and marks it as reported. */
function rejectBadAddress(address: SourceNode, report: Report): SourceNode {
  if (address.type !== "scalar" || typeof address.value !== "string" || address.broken) return address;
  // A value from the environment is reported as such, and not shown.
  if (address.secretOf !== undefined) return address;
  const problem = findEndpointProblem(address.value, say("manifest/endpoint-place"));
  if (!problem) return address;
  report(address.at, { code: "bad-endpoint", ...problem });
  return { ...address, broken: true };
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

function readSettings(
  environment: Mapping | undefined,
  variables: ReadonlyMap<string, Variable>,
  patches: readonly PlacedText[],
): EnvironmentSettings {
  const [endpoint, protect] = [valueAt(environment, "endpoint"), valueAt(environment, "protect")];
  const address = validText(endpoint);
  return {
    endpoint: address?.replace(/\/+$/u, ""),
    endpointAt: address === undefined ? undefined : endpoint?.at,
    auth: readAuth(valueAt(environment, "auth")),
    credentials: readCredentials(environment),
    variables: Object.fromEntries(
      [...variables].flatMap(([name, { value }]) => (value === null ? [] : [[name, value]])),
    ),
    protect: protect?.type === "scalar" && protect.value === true,
    patches: patches.map(({ text }) => text),
    ids: readIds(environment),
    ...readRateLimits(environment),
  };
}

function readStates(environments: Mapping | undefined): ReadonlyMap<string, StateSettings> {
  const states = [...(environments?.entries ?? [])].flatMap(([name, { value }]) => {
    const settings = readStateSettings(value);
    return settings ? [[name, settings] as const] : [];
  });
  return new Map(states);
}

function readMoves(node: SourceNode | undefined): readonly PlacedMove[] {
  const items = node?.type === "list" ? node.items : [];
  return items.flatMap((item) => {
    const [from] = placedText(valueAt(item, "from"));
    const [to] = placedText(valueAt(item, "to"));
    return from && to ? [{ from, to }] : [];
  });
}

function placedText(node: SourceNode | undefined): readonly PlacedText[] {
  const text = validText(node);
  return node === undefined || text === undefined ? [] : [{ text, at: node.at }];
}

function readIds(environment: Mapping | undefined): EnvironmentSettings["ids"] {
  const pairs = [...(mappingAt(environment, "ids")?.entries ?? [])].flatMap(([id, { value }]) => {
    const here = textOf(value);
    return here === undefined ? [] : [[id, here] as const];
  });
  return Object.fromEntries(pairs);
}
