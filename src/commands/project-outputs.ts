import { realpathSync } from "node:fs";
import { basename, relative, resolve } from "node:path";
import { parseAddress } from "../core/address.ts";
import { commandLine, plainCommandLine } from "../core/command-line.ts";
import { InvalidInput } from "../core/diagnostic.ts";
import type { RefShape } from "../core/field.ts";
import { type OutputName, parseOutputName } from "../core/output-name.ts";
import { suggest, suggestAddress } from "../core/suggestions.ts";
import { isDigest } from "../core/value.ts";
import { findWorkTree, isBelow } from "../files/project-paths.ts";
import { cozeProvider, kinds } from "../kinds/index.ts";
import { loadProject, type Project } from "../manifest/load.ts";
import type { Problem } from "../manifest/problems.ts";
import type { OutputFound, OutputRequest, ReadOutput } from "../manifest/values/project-outputs.ts";
import { explain, say } from "../messages/text.ts";
import { listOutputs } from "../promote/outputs.ts";
import { type State, StateError } from "../state/model.ts";
import { readState } from "../state/store.ts";
import { findProjectFile } from "./find-project.ts";
import type { Host } from "./host.ts";
import { openKeeper } from "./state-keeper.ts";
import type { Trust } from "./trust.ts";

/** The project that asks for outputs of others. */
export interface AskingProject {
  readonly directory: string;
  readonly trust: Trust;
  /** The states of embedded emulators are read. */
  readonly emulator?: boolean | undefined;
  /** No state is read: what there is to read is checked, and values are known later. */
  readonly later: boolean;
}

/** An environment of another project, or why it can't be read. */
type Opened =
  | { readonly project: Project; readonly directory: string; readonly environment: string }
  | { readonly complaint: Problem };

/**
 * Reads outputs of other projects of the same git work tree from their states, each state once. Calls nothing at Coze
 * and writes nothing. `environment`: that of the asking project.
 */
export function openOutputs(host: Host, asking: AskingProject): (environment: string) => ReadOutput {
  const opened = new Map<string, Promise<Opened>>();
  const states = new Map<string, Promise<State | { readonly complaint: Problem }>>();
  return (own) =>
    async (request, wanted): Promise<OutputFound> => {
      const environment = request.environment ?? own;
      const key = JSON.stringify([request.project, environment]);
      const opening = opened.get(key) ?? openProject(host, asking, { ...request, environment });
      opened.set(key, opening);
      const other = await opening;
      if ("complaint" in other) return other;
      const misfit = wanted && findMisfit(request, other.project, wanted);
      if (misfit) return { complaint: misfit };
      if (asking.later || request.later) return { later: true };
      const reading = states.get(key) ?? readOther(host, asking, request, other);
      states.set(key, reading);
      const state = await reading;
      return "complaint" in state ? state : findOutput(request, other, state);
    };
}

async function openProject(host: Host, asking: AskingProject, request: OutputRequest): Promise<Opened> {
  const directory = resolve(asking.directory, request.project);
  const refuse = (problem: Problem): Opened => ({ complaint: problem });
  const values = { project: request.project };
  const tree = findWorkTree(asking.directory);
  const real = realOf(directory);
  if (
    tree === undefined ||
    (real !== undefined && !isBelow(real, tree)) ||
    (!real && !isBelow(directory, tree))
  ) {
    return refuse({ code: "outside-project", ...explain("commands/output-outside", values) });
  }
  if (real === undefined || (await findProjectFile(real)) === undefined) {
    return refuse({ code: "missing-file", ...explain("commands/output-no-project", values) });
  }
  const own = realpathSync(asking.directory);
  const loop = await findLoop(host, asking, real, own, request.environment);
  if (loop) {
    const cycle = [own, ...loop].map((one) => basename(one)).join(" -> ");
    return refuse({ code: "cycle", ...explain("commands/output-loop", { cycle }) });
  }
  const project = await loadOther(host, asking, real, request.environment);
  const { environment = "" } = request;
  if (project.environmentName !== environment || !project.environmentNames.includes(environment)) {
    const names = project.environmentNames.join(", ");
    const problem = explain("commands/output-no-environment", { ...values, environment, names });
    return refuse({ code: "unknown-environment", ...problem });
  }
  return { project, directory: real, environment };
}

function realOf(directory: string): string | undefined {
  try {
    return realpathSync(directory);
  } catch {
    return undefined;
  }
}

/** The manifests of another project, of which nothing but its settings and the projects that it asks has to be sound. */
const loadOther = (
  { env }: Host,
  { trust }: AskingProject,
  directory: string,
  environment: string | undefined,
): Promise<Project> =>
  loadProject({
    ...{ directory, kinds: cozeProvider.kinds, env, environment },
    mayRead: trust.mayReadVariable,
    readable: trust.readable,
  });

/** The projects from one to another that asks it for an output, directly or through others. */
async function findLoop(
  host: Host,
  asking: AskingProject,
  from: string,
  to: string,
  environment: string | undefined,
  before: readonly string[] = [],
): Promise<readonly string[] | undefined> {
  const path = [...before, from];
  if (from === to) return path;
  if (before.includes(from)) return undefined;
  const { asked } = await loadOther(host, asking, from, environment);
  for (const one of asked) {
    const next = realOf(resolve(from, one.project));
    const loop = next && (await findLoop(host, asking, next, to, one.environment ?? environment, path));
    if (loop) return loop;
  }
  return undefined;
}

async function readOther(
  host: Host,
  { trust, emulator, directory: own }: AskingProject,
  { project: named }: OutputRequest,
  { project, directory, environment }: Extract<Opened, { readonly project: Project }>,
): Promise<State | { readonly complaint: Problem }> {
  const refuse = (problem: { readonly message: string; readonly hint?: string | undefined }) => ({
    complaint: { code: "unknown-output", ...problem } as const,
  });
  try {
    const backend = emulator
      ? undefined
      : await openKeeper(host, { ...project, directory, trust }, environment);
    const name = emulator ? `${environment}.emulator` : environment;
    const state = await readState({ directory, environment: name, linkedFolders: trust.writable, backend });
    if (state.serial > 0 || Object.keys(state.resources).length > 0) return state;
    if (emulator) {
      const problem = { project: named, environment, commandLine: plainCommandLine(["emulator"]) };
      return refuse(explain("commands/output-emulator", problem));
    }
    const after = [relative(own, directory) || "."];
    const line = commandLine(["apply"], { environment, after });
    return refuse(
      explain("commands/output-never-applied", { project: named, environment, commandLine: line }),
    );
  } catch (error) {
    if (error instanceof StateError) {
      const values = { project: named, reason: error.message };
      return refuse({ message: say("commands/output-state-unread", values), hint: error.hint });
    }
    const [first] = error instanceof InvalidInput ? error.diagnostics : [];
    if (!first) throw error;
    const values = { project: named, reason: first.message };
    return refuse({ message: say("commands/output-state-unread", values), hint: first.hint });
  }
}

/** Why what an output is of can't stand for a reference, as far as its address tells; a text may hold any id. */
function findMisfit(
  { project: named, output }: OutputRequest,
  { outputs, resources }: Project,
  wanted: RefShape,
): Problem | undefined {
  const name = parseOutputName(outputs[output] ?? output);
  if (!name || fits(name, resources, wanted)) return undefined;
  const values = { output, project: named, of: outputs[output] ?? output, kind: wanted.kind };
  const known = [...Object.entries(outputs), ...resources.map(({ address }) => [address, address])]
    .filter(([, text = ""]) => {
      const other = parseOutputName(text);
      return other !== undefined && fits(other, resources, wanted);
    })
    .flatMap(([word = ""]) => word);
  const problem = explain("commands/output-misfit", values);
  const hint = say("commands/output-unknown.hint", { known: known.slice(0, mostNamed).join(", ") });
  return { code: "wrong-type", ...problem, ...(known.length > 0 ? { hint } : {}) };
}

/** Whether an output may be the id of an object that a reference takes. */
function fits({ address, field }: OutputName, resources: Project["resources"], wanted: RefShape): boolean {
  const kind = parseAddress(address)?.kind;
  if (field !== "id") {
    const shape = kinds.find(({ name }) => name === kind)?.fields[field];
    if (shape?.type === "ref") return shape.kind === wanted.kind;
    return field !== "version" && field !== "revision";
  }
  if (kind === wanted.kind) return true;
  const spec = resources.find((one) => one.address === address)?.spec;
  return Object.values(wanted.others ?? {}).some(
    (other) =>
      other.kind === kind &&
      Object.entries(other.where).every(([part, value]) => spec === undefined || spec[part] === value),
  );
}

function findOutput(
  { project: named, output }: OutputRequest,
  { project, environment }: { readonly project: Project; readonly environment: string },
  state: State,
): OutputFound {
  const refuse = (problem: {
    readonly message: string;
    readonly hint?: string | undefined;
  }): OutputFound => ({
    complaint: { code: "unknown-output", ...problem },
  });
  const values = { project: named, output, environment };
  const declared = project.outputs;
  const { outputs, missing } = listOutputs(state, kinds);
  const name = parseOutputName(declared[output] ?? output);
  const facts = name && outputs.find(({ address }) => address === name.address);
  if (name && missing.includes(name.address)) return refuse(explain("commands/output-unmade", values));
  if (!name || !facts) {
    if (Object.hasOwn(declared, output)) return refuse(explain("commands/output-gone", values));
    const addresses = outputs.map(({ address }) => address);
    const near = suggest(output, Object.keys(declared)) ?? suggestAddress(output, addresses);
    const known = [...Object.keys(declared), ...addresses].slice(0, mostNamed).join(", ");
    const problem = explain("commands/output-unknown", { ...values, known });
    return refuse(
      near === undefined ? problem : { ...problem, hint: say("common/did-you-mean", { word: near }) },
    );
  }
  const own = { id: facts.id, version: facts.version, revision: facts.revision };
  const value =
    new Map<string, unknown>(Object.entries(own)).get(name.field) ??
    (name.field in own ? undefined : state.resources[name.address]?.spec[name.field]);
  if (typeof value === "string") return { value };
  if (isDigest(value)) return refuse(explain("commands/output-secret", values));
  return refuse(explain("commands/output-no-text", { ...values, field: name.field }));
}

/** How many outputs a hint names. */
const mostNamed = 12;
