import { stat } from "node:fs/promises";
import { type Diagnostic, sortDiagnostics } from "../core/diagnostic.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import { assembleResource, reportLoops } from "./assemble.ts";
import { reportCopyReferences } from "./checks/copy-references.ts";
import { collectDiagnostics, type Report } from "./diagnostic-codes.ts";
import { type Evaluated, evaluateManifest } from "./evaluate.ts";
import { applyPatches, isManifest, type Manifest, readManifests, reportDuplicates } from "./manifests.ts";
import {
  isCatchAll,
  isProject,
  locateAll,
  locateMatches,
  projectFile,
  reportCatchAll,
  reportNoManifests,
} from "./project/discover-manifests.ts";
import {
  type EnvironmentSettings,
  findSecretPlaces,
  type ProjectFile,
  type ProjectInput,
  type ProjectSettings,
  readProject,
} from "./project/project-file.ts";
import { isManageable } from "./schema/json-schema.ts";
import { manifestValidator } from "./schema/validate.ts";
import { openFiles, type ProjectFiles, unreadable } from "./values/file-content.ts";
import type { KnownName, NameIndex } from "./values/named-resources.ts";
import type { ParsedDocument } from "./yaml/parse.ts";
import { openSources, type Sources } from "./yaml/source-texts.ts";

export interface LoadOptions extends ProjectInput {
  readonly kinds: readonly KindSchema[];
  /** Folders and files outside the project that the runner lets it read; real paths. */
  readonly readable?: readonly string[];
  /** The names of the API's operations that a project file may limit; any name goes without them. */
  readonly operations?: readonly string[];
}

/** A project as it is wanted in one environment. */
export interface Project {
  readonly name: string;
  readonly directory: string;
  readonly environmentName: string;
  readonly environment: EnvironmentSettings;
  /** Folders outside the project into which a link may lead its state; real paths. */
  readonly linkedFolders?: readonly string[];
  /** By address. With errors among the diagnostics, only those in whose manifests there is none. */
  readonly resources: readonly Resource[];
  readonly diagnostics: readonly Diagnostic[];
  /** The sorted paths of all files that it was read from: YAML, and what its manifests name. */
  readonly files: readonly string[];
  /** The text of each YAML file by its path in the project, with secrets starred out. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Reads the manifests of a directory and reports every problem in them at once; nothing that users write
 * makes it throw. Paths are relative to the directory.
 */
export async function loadProject(options: LoadOptions): Promise<Project> {
  const { report, diagnostics } = collectDiagnostics();
  const files = openFiles(options.directory, { readable: options.readable ?? [] });
  const sources = openSources(files, report);
  const file = (await checkDirectory(options.directory, report))
    ? await readProjectFile(files, sources, report)
    : "faulty";
  const settings = await readProject(file, options, {
    files,
    kinds: options.kinds.map(({ name }) => name),
    operations: options.operations,
    hide: sources.hide,
    report,
  });
  const reading = { options, settings, files, sources, report };
  const resources = settings.usable ? await loadResources(reading) : [];
  return {
    name: settings.name,
    directory: options.directory,
    environmentName: settings.environmentName,
    environment: settings.environment,
    resources,
    diagnostics: sortDiagnostics([...diagnostics]),
    files: files.opened(),
    sources: sources.texts,
  };
}

async function checkDirectory(directory: string, report: Report): Promise<boolean> {
  try {
    if ((await stat(directory)).isDirectory()) return true;
    report(undefined, { code: "unreadable", message: `${directory} isn't a directory` });
  } catch (error) {
    report(undefined, unreadable(directory, error));
  }
  return false;
}

async function readProjectFile(files: ProjectFiles, sources: Sources, report: Report): Promise<ProjectFile> {
  if (!(await files.has(projectFile))) return "absent";
  const [first, second] = await sources.read(projectFile, findSecretPlaces);
  if (second) {
    const hint = "move manifests into files of their own";
    report(second.root.at, { code: "not-a-manifest", message: "a project file has one document", hint });
  }
  if (!first) return sources.texts.has(projectFile) ? "empty" : "faulty";
  const { root, damaged } = first;
  if (damaged) return "faulty";
  if (root.type === "map") return root;
  report(root.at, { code: "not-a-manifest", message: "a project file is a map" });
  return "faulty";
}

interface Reading {
  readonly options: LoadOptions;
  readonly settings: ProjectSettings;
  readonly files: ProjectFiles;
  readonly sources: Sources;
  readonly report: Report;
}

async function loadResources(reading: Reading): Promise<readonly Resource[]> {
  const { options, settings, files, sources, report } = reading;
  const managed = new Map(options.kinds.filter(isManageable).map((kind) => [kind.name, kind]));
  const documents = await readDocuments(reading);
  const chosen = settings.manifests !== undefined;
  const manifests = reportDuplicates(readManifests(documents, managed, report, { chosen }), report);
  const patched = await locateMatches(settings.patches, [], files, report);
  const patches = readManifests(await readFiles(patched, sources), managed, report, {
    chosen: true,
    patches: true,
  });
  const scope = {
    variables: settings.variables,
    env: options.env,
    ...(options.mayRead ? { mayRead: options.mayRead } : {}),
    envLater: options.later !== undefined,
    environmentName: settings.environmentName,
  };
  const validate = manifestValidator(options.kinds);
  const evaluated = await Promise.all(
    applyPatches(manifests, patches, { kinds: managed, scope, report }).map(async (manifest) => ({
      manifest,
      // What YAML itself couldn't read isn't judged further.
      result: manifest.damaged
        ? damaged
        : await evaluateManifest(manifest, { scope, files, validate, report, hide: sources.hide }),
    })),
  );
  const kinds = new Map(options.kinds.map((kind) => [kind.name, kind]));
  const { environments } = settings;
  const relations = { kinds, names: listNames(evaluated), files, environments, report };
  const assembled = await Promise.all(
    evaluated.flatMap(({ manifest, result: { instances, sample } }) => [
      ...instances.map((instance) => assembleResource(manifest, instance, relations)),
      ...(sample ? [assembleResource({ kind: manifest.kind }, sample, relations)] : []),
    ]),
  );
  const named = assembled.filter((one) => one !== undefined);
  reportLoops(named, report);
  const whole = named.filter(({ failed }) => !failed).map(({ resource }) => resource);
  reportCopyReferences(whole, kinds, report);
  return whole.sort((a, b) => (a.address < b.address ? -1 : 1));
}

const damaged: Evaluated = { instances: [], keyed: true, faulty: true };

function listNames(
  evaluated: readonly { readonly manifest: Manifest; readonly result: Evaluated }[],
): NameIndex {
  const names = new Map<string, Map<string, KnownName>>();
  for (const { manifest, result } of evaluated) {
    if (!manifest.identity) continue;
    const { kind, name } = manifest.identity;
    const byName = names.get(kind.name) ?? new Map<string, KnownName>();
    const keys = new Set(result.instances.flatMap(({ key }) => (key === undefined ? [] : [key])));
    names.set(kind.name, byName.set(name, { faulty: result.faulty, keys: result.keyed ? keys : undefined }));
  }
  return names;
}

async function readDocuments(reading: Reading): Promise<readonly ParsedDocument[]> {
  const { options, settings, files, sources, report } = reading;
  const { directory } = options;
  if (settings.manifests) {
    const paths = await locateMatches(settings.manifests, settings.allPatches, files, report);
    return await readFiles(paths, sources);
  }
  if (!(await files.has(projectFile)) && (await isCatchAll(directory, options.env))) {
    reportCatchAll(directory, report);
    return [];
  }
  const located = await locateAll(settings.allPatches, files, report);
  if (!located) return [];
  const { own, nested } = located;
  const documents = await readFiles(own, sources);
  // Around other projects stand files of other tools; without such projects each file is told that it is none.
  const strangers = nested.length > 0 && !documents.some((one) => one.damaged || isManifest(one.root));
  if ((own.length > 0 && !strangers) || (await isProject(directory))) return documents;
  reportNoManifests(directory, nested, report);
  return [];
}

async function readFiles(paths: readonly string[], sources: Sources): Promise<readonly ParsedDocument[]> {
  const documents = await Promise.all(paths.map((file) => sources.read(file)));
  return documents.flat();
}
