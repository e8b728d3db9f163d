import { stat } from "node:fs/promises";
import type { Address } from "../core/address.ts";
import { mapBounded } from "../core/bounded-map.ts";
import { type Diagnostic, sortDiagnostics } from "../core/diagnostic.ts";
import { isTextFile } from "../core/text-content.ts";
import type { Move } from "../kind/move.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import { explain, say } from "../messages/text.ts";
import { maskSecrets } from "../secrets/detection.ts";
import { type Assembled, assembleResource } from "./assemble.ts";
import { reportDisagreement } from "./checks/agreement.ts";
import { applyAllowances, locateDocuments, readAllowances } from "./checks/allowances.ts";
import { reportCycles } from "./checks/cycles.ts";
import { readMoved } from "./checks/moved.ts";
import { applyRuleLevels } from "./checks/rules.ts";
import { reportSameIdentity } from "./checks/same-identity.ts";
import { collectDiagnostics } from "./collected-problems.ts";
import { type Evaluated, evaluateManifest } from "./evaluate.ts";
import type { Report } from "./problems.ts";
import { isProjectFile, listProjectFiles } from "./project/discover-manifests.ts";
import { unreadable } from "./project/file-problems.ts";
import { readIncludes } from "./project/includes.ts";
import {
  type EnvironmentSettings,
  findSecretPlaces,
  type ProjectFile,
  type ProjectInput,
  readProject,
} from "./project/project-file.ts";
import { type Include, openFiles, type ProjectFiles } from "./project/readable-files.ts";
import type { StateSettings } from "./project/state-settings.ts";
import { findUnmatched, type UnmatchedManifests } from "./project/unmatched-manifests.ts";
import { type ReadingContext, readAllManifests, readPatches } from "./read-manifests.ts";
import type { RuleLevel } from "./rule-levels.ts";
import { type DefaultedFields, isManageable } from "./schema/json-schema.ts";
import { explainTextForMap } from "./schema/look-alike-values.ts";
import { manifestValidator } from "./schema/validate.ts";
import {
  checkDefaultReferences,
  checkDefaults,
  mergeDefaults,
  putOverDefaults,
  tellDefaultsOnce,
} from "./values/defaults.ts";
import { openExclusions } from "./values/exclusions.ts";
import { applyPatches } from "./values/patches.ts";
import type { OutputRequest, ReadOutput } from "./values/project-outputs.ts";
import {
  findExclusion,
  listNames,
  reportCopyReferences,
  reportMisplaced,
  reportUnknownOutputs,
} from "./values/references.ts";
import type { Scope } from "./values/substitute.ts";
import { openSources, type Sources } from "./yaml/source-texts.ts";
import type { PlacedText } from "./yaml/source-tree.ts";

export interface LoadOptions extends ProjectInput {
  readonly kinds: readonly KindSchema[];
  /** Folders and files outside the project that the runner lets it read; real paths. */
  readonly readable?: readonly string[] | undefined;
  /** By real path, what files would say. */
  readonly edited?: ReadonlyMap<string, string> | undefined;
  /** Reads outputs of other projects for an environment of this one; without it, they are known later. */
  readonly outputs?: ((environment: string) => ReadOutput) | undefined;
  /** The names of the API's operations that a project file may limit; any name goes without them. */
  readonly operations?: readonly string[] | undefined;
  /** Epoch milliseconds: allowances that have expired then allow nothing. This machine's time by default. */
  readonly now?: number | undefined;
}

/** A project as it is wanted in one environment. */
export interface Project {
  readonly name: string;
  /** The name that its file gives it; undefined when it goes by its directory. */
  readonly givenName?: string | undefined;
  readonly directory: string;
  readonly environmentName: string;
  /** The names of all environments. */
  readonly environmentNames: readonly string[];
  readonly environment: EnvironmentSettings;
  /** Where the state of each environment is kept, for those that say so. */
  readonly states: ReadonlyMap<string, StateSettings>;
  /** Directories outside the project whose manifests are part of it. */
  readonly includes?: readonly Include[] | undefined;
  /** Folders outside the project into which a link may lead its state; real paths. */
  readonly linkedFolders?: readonly string[] | undefined;
  /** The patterns of Markdown files, each with the kind that these stand for. */
  readonly markdownPatterns: readonly MarkdownPattern[];
  /** By address. With errors among the diagnostics, only those in whose manifests there is none. */
  readonly resources: readonly Resource[];
  /** What its file declares as outputs, by name: an address, or a fact of one. */
  readonly outputs: { readonly [name: string]: string };
  /** By kind, the fields that the project's own defaults give in every environment. */
  readonly defaulted: DefaultedFields;
  /** The pattern that leaves a resource out of the environment, if one does. */
  readonly findExclusion: (address: Address) => PlacedText | undefined;
  /** The outputs of other projects that its manifests ask for. */
  readonly asked: readonly OutputRequest[];
  /** What has another address now. */
  readonly moves: readonly Move[];
  readonly diagnostics: readonly Diagnostic[];
  /** The levels of rules; the diagnostics above have them already. */
  readonly levels: ReadonlyMap<string, RuleLevel>;
  /** The sorted paths of all files that it was read from: YAML, and what its manifests name. */
  readonly files: readonly string[];
  /** The text of each YAML file by its path in the project, with secrets starred out. */
  readonly sources: ReadonlyMap<string, string>;
  /** Finds the files with manifests that it doesn't read; none when it is faulty. */
  readonly findUnmatched: () => Promise<UnmatchedManifests>;
}

/** A pattern of Markdown files that are manifests. */
interface MarkdownPattern {
  readonly glob: string;
  readonly kind: string;
}

/**
 * Reads the manifests of a directory and reports every problem in them at once; nothing that users write
 * makes it throw. Paths are relative to the directory.
 */
export async function loadProject(options: LoadOptions): Promise<Project> {
  const { report, diagnostics } = collectDiagnostics();
  const files = openFiles(options.directory, { readable: options.readable ?? [], edited: options.edited });
  const sources = openSources(files, report);
  const file = (await checkDirectory(options.directory, report))
    ? await readProjectFile(files, sources, report)
    : "faulty";
  const settings = await readProject(file, options, {
    files,
    kinds: options.kinds.map(({ name }) => name),
    managed: options.kinds.filter(isManageable).map(({ name }) => name),
    operations: options.operations,
    mask: sources.mask,
    report,
  });
  const includes = await readIncludes(options.directory, settings.include, report);
  for (const one of includes) files.include(one);
  const context = { options, settings, includes, files, sources, report };
  const { resources, moves, asked, findExclusion, settle } = settings.usable
    ? await loadResources(context)
    : nothing;
  const told = sortDiagnostics(applyRuleLevels(settle([...diagnostics]), settings.levels));
  return {
    name: settings.name,
    givenName: settings.givenName,
    directory: options.directory,
    environmentName: settings.environmentName,
    environmentNames: settings.environments,
    environment: settings.environment,
    states: settings.states,
    markdownPatterns: [...(settings.manifests ?? []), ...settings.ownManifests].flatMap(({ text, kind }) =>
      kind ? [{ glob: text, kind: kind.text }] : [],
    ),
    includes,
    resources,
    moves,
    outputs: Object.fromEntries([...settings.outputs].map(([name, { text }]) => [name, text])),
    asked,
    findExclusion,
    levels: settings.levels,
    defaulted: settings.defaulted,
    diagnostics: told,
    files: files.opened(),
    sources: await addTexts(sources.texts, told, files),
    findUnmatched: async () => ({
      // While its project file is wrong, what it reads isn't known.
      manifests:
        settings.usable && ![...diagnostics].some(isInProjectFile)
          ? await findUnmatched(files, new Set([...sources.texts.keys(), ...files.opened()]), {
              patches: settings.ofEnvironments,
              markdown: options.kinds.find(({ body }) => body !== undefined)?.name,
            })
          : [],
      hasPatterns: settings.manifests !== undefined,
    }),
  };
}

/** The sources with those texts of their own in which something is wrong; secrets are starred out. */
async function addTexts(
  sources: ReadonlyMap<string, string>,
  diagnostics: readonly Diagnostic[],
  files: ProjectFiles,
): Promise<ReadonlyMap<string, string>> {
  const opened = new Set(files.opened());
  const named = new Set(diagnostics.flatMap(({ at }) => at?.file ?? []));
  const wanted = [...named].filter((file) => !sources.has(file) && opened.has(file) && isTextFile(file));
  if (wanted.length === 0) return sources;
  const added = await mapBounded(wanted, async (file) => [file, await files.readText(file)] as const);
  const texts = added.flatMap(([file, read]) =>
    "value" in read ? [[file, maskSecrets(read.value)] as const] : [],
  );
  return new Map([...sources, ...texts]);
}

const isInProjectFile = ({ severity, at }: Diagnostic): boolean =>
  severity === "error" && at !== undefined && isProjectFile(at.file);

async function checkDirectory(directory: string, report: Report): Promise<boolean> {
  try {
    if ((await stat(directory)).isDirectory()) return true;
    report(undefined, { code: "unreadable", message: say("manifest/not-a-directory", { directory }) });
  } catch (error) {
    report(undefined, unreadable(directory, error));
  }
  return false;
}

async function readProjectFile(files: ProjectFiles, sources: Sources, report: Report): Promise<ProjectFile> {
  const [projectFile, other] = await listProjectFiles(files);
  if (projectFile === undefined) return "absent";
  if (other !== undefined) {
    const problem = explain("manifest/two-project-files", { other: projectFile });
    report({ file: other, line: 1, column: 1 }, { code: "conflict", ...problem });
  }
  const [first, second] = await sources.read(projectFile, findSecretPlaces);
  if (second) report(second.root.at, { code: "not-a-manifest", ...explain("manifest/project-documents") });
  if (!first) return sources.texts.has(projectFile) ? "empty" : "faulty";
  const { root, damaged } = first;
  if (damaged) return "faulty";
  if (root.type === "map") return root;
  const mistyped = explainTextForMap(root);
  for (const { at, ...problem } of mistyped) report(at, problem);
  if (mistyped.length === 0)
    report(root.at, { code: "not-a-manifest", message: say("manifest/project-not-a-map") });
  return "faulty";
}

interface LoadContext extends ReadingContext {
  readonly options: LoadOptions;
}

interface Loaded extends Pick<Project, "resources" | "moves" | "asked" | "findExclusion"> {
  /** Takes what is allowed out of the diagnostics. */
  readonly settle: (diagnostics: readonly Diagnostic[]) => readonly Diagnostic[];
}

const nothing: Loaded = {
  resources: [],
  moves: [],
  asked: [],
  findExclusion: () => undefined,
  settle: (diagnostics) => diagnostics,
};

async function loadResources(context: LoadContext): Promise<Loaded> {
  const { options, settings, files, sources, report } = context;
  const managed = new Map(options.kinds.filter(isManageable).map((kind) => [kind.name, kind]));
  const { documents, manifests } = await readAllManifests(context, managed);
  const { documents: patchDocuments, manifests: patches } = await readPatches(context, managed);
  const scope = scopeOf(context);
  const [validate, once] = [manifestValidator(options.kinds), tellDefaultsOnce(report)];
  const defaults = mergeDefaults(settings.defaults, managed, { scope, report: once.check });
  const today = new Date(options.now ?? Date.now()).toISOString().slice(0, 10);
  const merged = applyPatches(
    manifests.map((one) => putOverDefaults(one, defaults, { scope, report })),
    patches,
    { kinds: managed, scope, report },
  ).map((manifest) => ({ ...manifest, allowances: readAllowances(manifest.root, today, report) }));
  const exclusions = openExclusions(settings.exclude);
  const { mask } = sources;
  const { asked, readOutput } = openOutputs(context);
  const checked = await checkDefaults(defaults, {
    ...{ kinds: managed, scope, files, validate, mask },
    // Every manifest may override a default, and then nothing needs its value.
    readOutput: (request) => readOutput({ ...request, later: true }),
    report: once.check,
  });
  const evaluation = { scope, files, validate, mask, exclusions, readOutput, today };
  const evaluated = await mapBounded(merged, async (manifest) => ({
    manifest,
    // What YAML itself couldn't read isn't judged further.
    result: manifest.damaged
      ? damagedManifest
      : await evaluateManifest(manifest, {
          ...{ ...evaluation, report: once.manifests(manifest) },
          allowances: manifest.allowances,
        }),
  }));
  exclusions.reportIdle(report);
  const kinds = new Map(options.kinds.map((kind) => [kind.name, kind]));
  const { environments } = settings;
  const names = listNames(evaluated);
  const resolving = { kinds, names, files, environments };
  await checkDefaultReferences(checked, { ...resolving, report: once.check });
  reportUnknownOutputs(settings.outputs, names, report);
  const parts = evaluated.flatMap(({ manifest, result: { instances, sample } }) => [
    ...instances.map((instance) => ({ manifest, of: manifest, instance })),
    ...(sample ? [{ manifest: { kind: manifest.kind }, of: manifest, instance: sample }] : []),
  ]);
  const assembled = await mapBounded(parts, ({ manifest, of, instance }) =>
    assembleResource(manifest, instance, { ...resolving, report: once.manifests(of) }),
  );
  const whole = checkTogether(
    assembled.filter((one) => one !== undefined),
    kinds,
    report,
  );
  const allowing = parts.map(({ instance: { root, allowances } }, index) => ({
    ...{ allowances, root, resource: assembled[index]?.resource },
  }));
  const documentOf = locateDocuments([...documents, ...patchDocuments], sources.texts);
  return {
    resources: [...whole].sort((a, b) => (a.address < b.address ? -1 : 1)),
    asked,
    findExclusion: (address) => findExclusion(address, names),
    moves: readMoved(settings.moved, merged, names, report),
    settle: (diagnostics) => applyAllowances(diagnostics, allowing, documentOf),
  };
}

/** Checks the resources of a project against each other; gives those in whose manifests there is no error. */
function checkTogether(
  named: readonly Assembled[],
  kinds: ReadonlyMap<string, KindSchema>,
  report: Report,
): readonly Resource[] {
  reportCycles(named, report);
  const sound = named.filter(({ failed }) => !failed);
  reportSameIdentity(sound, kinds, report);
  reportDisagreement(sound, kinds, report);
  const whole = sound.map(({ resource }) => resource);
  reportCopyReferences(whole, kinds, report);
  reportMisplaced(whole, kinds, report);
  return whole;
}

/** What `${…}` of manifests can stand for. */
const scopeOf = ({ options: { env, mayRead, later }, settings }: LoadContext): Scope => ({
  ...{ env, mayRead },
  variables: settings.variables,
  envLater: later !== undefined,
  environmentName: settings.environmentName,
});

/** How outputs of other projects are read, and a list of those that were asked for. */
function openOutputs({ options, settings }: LoadContext) {
  const asked: OutputRequest[] = [];
  const read = options.outputs?.(settings.environmentName) ?? (async () => ({ later: true }) as const);
  const readOutput: ReadOutput = (request, wanted) => {
    asked.push(request);
    return read(request, wanted);
  };
  return { asked, readOutput };
}

const damagedManifest: Evaluated = { instances: [], keyed: true, faulty: true };
