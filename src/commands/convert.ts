import { existsSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { type ConvertedFile, composeConversion, type ReadExport } from "../convert/compose.ts";
import { type ReadForeign, readForeign } from "../convert/read-export.ts";
import { addressMatches } from "../core/address.ts";
import { type Diagnostic, InvalidInput, isError } from "../core/diagnostic.ts";
import { describeReason } from "../core/system-error.ts";
import { makeFolders } from "../files/guarded-writing.ts";
import { kinds } from "../kinds/index.ts";
import { collectDiagnostics } from "../manifest/collected-problems.ts";
import { openFiles } from "../manifest/project/readable-files.ts";
import { explain, say } from "../messages/text.ts";
import { findProjectFile } from "./find-project.ts";
import type { Host } from "./host.ts";
import { type WrittenFiles, writeOutputFiles } from "./output-files.ts";
import { type ProjectOptions, readProject } from "./project.ts";

/** What to convert, and where to. */
export interface ConvertOptions extends ProjectOptions {
  /** Files, as the user names them and where they are. */
  readonly files: readonly { readonly name: string; readonly location: string }[];
  /** The directory for the manifests: a project, or one that becomes a project. */
  readonly out: string;
  /** The id of the workspace for what is made; without it, the project's only one, or a variable. */
  readonly workspace?: string | undefined;
}

/** The manifests that a conversion wrote, and what is left to do. */
export interface Converted {
  readonly directory: string;
  readonly files: WrittenFiles;
  readonly converted: readonly ConvertedFile[];
  /** Variables to be set before the manifests are valid. */
  readonly blanks: readonly string[];
  /** What is wrong with the manifests besides. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The variable that stands for the workspace's id. */
const workspaceVariable = "workspace_id";

/**
 * Writes manifests of what exports of other platforms say. Makes no call. Throws {@link InvalidInput} with the problems
 * of all files before anything is written, and when a file exists with other content.
 */
export async function convertExports(host: Host, options: ConvertOptions): Promise<Converted> {
  const read = await readAll(dropRepeated(options.files));
  const out = path.resolve(options.out);
  const own = (await findProjectFile(out)) === undefined ? undefined : await openProject(host, options, out);
  const workspace = chooseWorkspace(options.workspace, own?.workspaces ?? []);
  const exports = read.map(({ file, title, found }): ReadExport => ({ file, title, agents: found.agents }));
  const composed = await composeConversion(exports, {
    kinds,
    workspace,
    fileOf: own?.fileOf ?? (() => undefined),
  });
  prepare(out);
  const files = writeOutputFiles(out, composed.files);
  const blanks = "id" in workspace && workspace.id.startsWith("$") ? [workspaceVariable] : [];
  const project = await readProject(host, {
    ...options,
    directory: out,
    // Any id will do to see what else is missing.
    variables: {
      ...options.variables,
      ...(blanks.length > 0 && { [workspaceVariable]: "7000000000000000001" }),
    },
  });
  return {
    directory: out,
    files,
    converted: read.map(({ file, found: { format, version } }) => ({
      ...{ file, format, version },
      agents: composed.agents.get(file) ?? [],
    })),
    blanks,
    diagnostics: [
      ...project.diagnostics.filter((one) => isError(one) && one.at && composed.files.has(one.at.file)),
      ...findAmongManifests(options.files, out, project.diagnostics),
    ],
  };
}

/** The problem of exports that lie where the project looks for its manifests: it can't be read with them. */
function findAmongManifests(
  files: ConvertOptions["files"],
  out: string,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] {
  const faulty = new Set(diagnostics.filter(isError).map(({ at }) => at?.file));
  return files
    .filter(({ location }) =>
      faulty.has(path.relative(realpathSync(out), realpathSync(location)).split(path.sep).join("/")),
    )
    .map(({ name }) => ({
      code: "foreign-export",
      severity: "error",
      message: say("convert/among-manifests", { file: name }),
      at: { file: name, line: 1, column: 1 },
    }));
}

/** Each file once, however it is named. */
function dropRepeated(files: ConvertOptions["files"]): ConvertOptions["files"] {
  const seen = new Map<string, ConvertOptions["files"][number]>();
  for (const one of files) {
    const place = existsSync(one.location) ? realpathSync(one.location) : one.location;
    if (!seen.has(place)) seen.set(place, one);
  }
  return [...seen.values()];
}

interface FoundExport {
  readonly file: string;
  readonly title: string;
  readonly found: ReadForeign;
}

async function readAll(files: ConvertOptions["files"]): Promise<readonly FoundExport[]> {
  const { report, diagnostics } = collectDiagnostics();
  const texts = new Map<string, string>();
  const found = await Promise.all(
    files.map(async ({ name, location }): Promise<FoundExport | undefined> => {
      const base = path.basename(location);
      const text = await openFiles(path.dirname(location), { chosen: true }).readText(base);
      if ("complaint" in text) {
        report({ file: name, line: 1, column: 1 }, text.complaint);
        return undefined;
      }
      texts.set(name, text.value);
      const read = readForeign(name, text.value, (file) => readBeside(location, file), report);
      return read && { file: name, title: base.replace(/\.[^.]*$/u, ""), found: read };
    }),
  );
  const problems = [...diagnostics];
  if (problems.some(isError)) throw new InvalidInput(problems, texts);
  return found.filter((one) => one !== undefined);
}

/** Bytes; prompts that Coze takes are shorter. */
const longestPrompt = 1024 * 1024;

/** A text in a file below the folder of another one; undefined where there is none. */
function readBeside(location: string, file: string): string | undefined {
  try {
    const folder = realpathSync(path.dirname(location));
    const place = realpathSync(path.resolve(folder, file));
    if (!place.startsWith(folder + path.sep) || /(?:^|[\\/])\./u.test(path.relative(folder, place)))
      return undefined;
    const text = readFileSync(place, "utf8");
    return text.length > longestPrompt ? undefined : text.replaceAll("\r\n", "\n");
  } catch {
    return undefined;
  }
}

interface OwnProject {
  readonly workspaces: readonly string[];
  readonly fileOf: (address: string) => string | undefined;
}

/** What the project has already; whatever else is wrong with it doesn't matter here. */
async function openProject(host: Host, options: ProjectOptions, directory: string): Promise<OwnProject> {
  const { resources } = await readProject(host, { ...options, directory });
  return {
    workspaces: resources.flatMap(({ kind, address }) =>
      kind === "Workspace" && !address.includes("[") ? [address.slice("Workspace.".length)] : [],
    ),
    fileOf: (address) => resources.find((one) => addressMatches(address, one.address))?.at.file,
  };
}

function chooseWorkspace(
  given: string | undefined,
  known: readonly string[],
): { readonly name: string } | { readonly id: string } {
  const [only, ...others] = known;
  if (given !== undefined) return known.includes(given) ? { name: given } : { id: given };
  return only !== undefined && others.length === 0 ? { name: only } : { id: `\${var.${workspaceVariable}}` };
}

function prepare(directory: string): void {
  try {
    if (!existsSync(directory)) makeFolders(directory);
  } catch (error) {
    const problem = explain("commands/export-directory", { directory, reason: describeReason(error) });
    throw new InvalidInput([{ code: "export-directory", severity: "error", ...problem }]);
  }
}
