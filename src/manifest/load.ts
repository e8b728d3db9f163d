import { stat } from "node:fs/promises";
import { type Diagnostic, sortDiagnostics } from "../core/diagnostic.ts";
import type { Resource } from "../core/resource.ts";
import { assembleResource, reportLoops } from "./assemble.ts";
import { collectDiagnostics, type Report } from "./codes.ts";
import { type Evaluated, evaluateManifest } from "./evaluate.ts";
import { openFiles, type ProjectFiles, unreadable } from "./files.ts";
import { applyPatches, type Manifest, readManifests, reportDuplicates } from "./manifests.ts";
import type { Name, Names } from "./names.ts";
import {
  type EnvironmentSettings,
  type Pattern,
  type ProjectInput,
  type ProjectSettings,
  readProject,
} from "./project.ts";
import { isManageable, type ManifestKind } from "./schema.ts";
import { openSources, type Sources } from "./sources.ts";
import { manifestValidator } from "./validate.ts";
import type { Mapping } from "./written.ts";

export interface LoadOptions extends ProjectInput {
  readonly kinds: readonly ManifestKind[];
}

/** A project as it is wanted in one environment. */
export interface Project {
  readonly name: string;
  readonly directory: string;
  readonly environmentName: string;
  readonly environment: EnvironmentSettings;
  /** By address. With errors among the diagnostics, only those in whose manifests there is none. */
  readonly resources: readonly Resource[];
  readonly diagnostics: readonly Diagnostic[];
  /** The text of each YAML file by its path in the project, with secrets starred out. */
  readonly sources: ReadonlyMap<string, string>;
}

const projectFile = "cozeform.yaml";

/**
 * Reads the manifests of a directory and reports every problem in them at once; nothing that users write
 * makes it throw. Paths are relative to the directory.
 */
export async function loadProject(options: LoadOptions): Promise<Project> {
  const { report, diagnostics } = collectDiagnostics();
  const files = openFiles(options.directory);
  const sources = openSources(files, report);
  const readable = await checkDirectory(options.directory, report);
  const settings = await readProject(
    readable ? await readProjectFile(files, sources, report) : undefined,
    options,
    files,
    report,
  );
  const resources = readable ? await loadResources({ options, settings, files, sources, report }) : [];
  return {
    name: settings.name,
    directory: options.directory,
    environmentName: settings.environmentName,
    environment: settings.environment,
    resources,
    diagnostics: sortDiagnostics([...diagnostics]),
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

async function readProjectFile(
  files: ProjectFiles,
  sources: Sources,
  report: Report,
): Promise<Mapping | undefined> {
  const found = await files.find([projectFile]);
  if ("complaint" in found || found.value.length === 0) return undefined;
  const [first, second] = await sources.read(projectFile);
  const root = first?.root;
  if (root && root.type !== "map") {
    report(root.at, { code: "not-a-manifest", message: "a project file is a map" });
  }
  if (second) {
    const hint = "move manifests into files of their own";
    report(second.root.at, { code: "not-a-manifest", message: "a project file has one document", hint });
  }
  return root?.type === "map" ? root : undefined;
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
  const manifests = reportDuplicates(await readFiles(await findManifests(reading), managed, reading), report);
  const patches = await readFiles(await findMatches(settings.patches, [], reading), managed, reading);
  const scope = {
    variables: settings.variables,
    env: options.env,
    environmentName: settings.environmentName,
  };
  const validate = manifestValidator(options.kinds);
  const evaluated = await Promise.all(
    applyPatches(manifests, patches, managed, report).map(async (manifest) => ({
      manifest,
      // What YAML itself couldn't read isn't judged further.
      result: manifest.damaged
        ? damaged
        : await evaluateManifest(manifest, { scope, files, validate, report, hide: sources.hide }),
    })),
  );
  const kinds = new Map(options.kinds.map((kind) => [kind.name, kind]));
  const relations = { kinds, names: listNames(evaluated), files, report };
  const assembled = await Promise.all(
    evaluated.flatMap(({ manifest: { identity }, result }) =>
      identity ? result.instances.map((instance) => assembleResource(identity, instance, relations)) : [],
    ),
  );
  reportLoops(assembled, report);
  return assembled
    .filter(({ failed }) => !failed)
    .map(({ resource }) => resource)
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}

const damaged: Evaluated = { instances: [], keyed: true, faulty: true };

function listNames(evaluated: readonly { readonly manifest: Manifest; readonly result: Evaluated }[]): Names {
  const names = new Map<string, Map<string, Name>>();
  for (const { manifest, result } of evaluated) {
    if (!manifest.identity) continue;
    const { kind, name } = manifest.identity;
    const byName = names.get(kind.name) ?? new Map<string, Name>();
    const keys = new Set(result.instances.flatMap(({ key }) => (key === undefined ? [] : [key])));
    names.set(kind.name, byName.set(name, { faulty: result.faulty, ...(result.keyed && { keys }) }));
  }
  return names;
}

async function findManifests(reading: Reading): Promise<readonly string[]> {
  const { settings, files, report } = reading;
  const except = [projectFile, ...settings.allPatches];
  if (settings.manifests) return await findMatches(settings.manifests, except, reading);
  const found = await files.find(["**/*.{yaml,yml}"], except);
  if ("value" in found) return found.value;
  report(undefined, { ...found.complaint, hint: "name the manifests under manifests: in cozeform.yaml" });
  return [];
}

async function findMatches(
  patterns: readonly Pattern[],
  except: readonly string[],
  { files, report }: Reading,
): Promise<readonly string[]> {
  const all = new Set<string>();
  for (const { text, at } of patterns) {
    const found = await files.find([text], except);
    if ("complaint" in found) report(at, found.complaint);
    else if (found.value.length === 0) {
      const message = `no file matches ${text}`;
      report(at, { code: "no-match", severity: "warning", message });
    } else for (const file of found.value) all.add(file);
  }
  return [...all].sort();
}

async function readFiles(
  paths: readonly string[],
  kinds: ReadonlyMap<string, ManifestKind>,
  { sources, report }: Reading,
): Promise<readonly Manifest[]> {
  const documents = await Promise.all(paths.map((file) => sources.read(file)));
  return readManifests(documents.flat(), kinds, report);
}
