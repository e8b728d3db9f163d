import { copyFileSync, existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type Address, addressMatches } from "../core/address.ts";
import { type Diagnostic, InvalidInput, isError } from "../core/diagnostic.ts";
import { proposeWord } from "../core/suggestions.ts";
import { describeReason } from "../core/system-error.ts";
import { type Composition, composeManifests, type Exported, type KnownProject } from "../export/compose.ts";
import { writeProjectFile } from "../export/project-file.ts";
import { type Estate, findTopKind, readEstate, titleOf } from "../export/read-estate.ts";
import { makeFolders } from "../files/guarded-writing.ts";
import { listAll } from "../kind/identity-match.ts";
import type { Item } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import { kinds } from "../kinds/index.ts";
import { isProjectFile } from "../manifest/project/discover-manifests.ts";
import { matchPaths } from "../manifest/project/find-files.ts";
import { explain } from "../messages/text.ts";
import { findSecrets } from "../secrets/detection.ts";
import { locateWorld, makeStateFolder } from "../state/location.ts";
import type { State } from "../state/model.ts";
import { openStore } from "../state/store.ts";
import { openConnections } from "./connections.ts";
import { findFolders } from "./export-folders.ts";
import { findProjectFile } from "./find-project.ts";
import type { Host } from "./host.ts";
import { starterFiles } from "./init.ts";
import { rememberObjects } from "./known-objects.ts";
import { type LockOptions, waitFor } from "./lock-waiting.ts";
import { writeOutputFiles } from "./output-files.ts";
import { findStatePlace, type ProjectOptions, type RunProject, readProject } from "./project.ts";

/** What to export, and where to. */
export interface ExportOptions extends ProjectOptions, LockOptions {
  /** Ids or names of workspaces. */
  readonly workspaces: readonly string[];
  /** The directory for the files: a project, or one that becomes a project. */
  readonly out: string;
  /** Names of kinds; all by default. */
  readonly kinds?: readonly string[] | undefined;
  /** Paths or ids of folders, with everything in them; only bots are in folders. */
  readonly folders?: readonly string[] | undefined;
  /** Patterns of names, with `*` and `?`; an object needs to match one of them. */
  readonly match?: readonly string[] | undefined;
  /** Overwrite files that differ. */
  readonly force?: boolean | undefined;
  /** Bots become Markdown files with front matter, as far as these can hold their prompt. */
  readonly markdown?: boolean | undefined;
}

/**
 * Writes manifests of all that some workspaces hold, and the state that knows their objects: a plan after it is empty.
 * Only reads Coze. Throws {@link InvalidInput} before anything is written when a workspace isn't found, or a file exists
 * with another content.
 */
export async function exportWorkspaces(host: Host, options: ExportOptions): Promise<Exported> {
  const out = resolve(options.out);
  const isProject = (await findProjectFile(out)) !== undefined;
  const source = await readSource(host, options, isProject ? out : undefined);
  const { engine } = await openConnections(host, source, options);
  const top = findTopKind(kinds);
  const all = await listAll(engine.apiOf(top), top, undefined, { specs: [] });
  const chosen = options.workspaces.map((word) => findWorkspace(all, word).id);
  const folders =
    options.folders && (await findFolders(engine.apiOf({ name: "Bot" }), chosen, options.folders));
  const isNamed = matcherOf(options.match);
  const estate = await readEstate(engine, all, {
    tops: chosen,
    kinds: options.kinds && new Set(checkKinds(options.kinds)),
    isNamed,
    folders,
  });
  refuseNothing(estate, options);
  const own = await findStatePlace(source, options);
  // A directory outside the project becomes a project of its own, with a state of its own.
  const place = { ...own, directory: out, backend: isProject ? own.backend : undefined };
  prepareDirectory(out);
  makeStateFolder(place);
  const store = await openStore(place, "cozeform export", waitFor(host, options));
  try {
    const known = describeKnown(isProject ? source.resources : [], store.state);
    const isSecret = (text: string) => host.secrets.redact(text) !== text || findSecrets(text).length > 0;
    const composed = await composeManifests(estate, kinds, known, {
      isSecret,
      markdown: options.markdown,
    });
    const markdown = findMarkdownKinds(composed);
    if (isProject) await refuseUnreadMarkdown(composed, source);
    const projectFile = isProject ? [] : newProjectFiles(out, source, markdown);
    const files = writeOutputFiles(out, new Map([...projectFile, ...composed.files]), options.force);
    if (options.emulator) copyWorld(source.directory, out);
    const { endpoint, environmentName: environment } = source;
    const project = await readProject(host, { ...options, directory: out, endpoint, environment });
    rememberObjects(engine.provider, store, place, project, composed.resources);
    return {
      directory: out,
      environment: source.environmentName,
      endpoint: place.endpoint,
      files,
      resources: composed.resources.map(({ address, kind, id, file }) => ({ address, kind, id, file })),
      managed: composed.managed,
      left: composed.left,
      unread: estate.unread,
      notes: composed.notes,
      diagnostics: project.diagnostics.filter(isError),
      calls: engine.callCount(),
    };
  } finally {
    await store.close();
  }
}

/** The kinds of which manifests are Markdown files. */
const findMarkdownKinds = ({ resources }: Pick<Composition, "resources">): readonly string[] => [
  ...new Set(resources.flatMap(({ kind, file }) => (file.endsWith(".md") ? [kind] : []))),
];

/** Throws {@link InvalidInput} where no pattern of the project reads a Markdown file, so that nothing would come of it. */
async function refuseUnreadMarkdown({ resources }: Composition, project: RunProject): Promise<void> {
  for (const one of findMarkdownKinds({ resources })) {
    const files = resources.flatMap(({ kind, file }) => (kind === one && file.endsWith(".md") ? [file] : []));
    const patterns = project.markdownPatterns.filter(({ kind }) => kind === one).map(({ glob }) => glob);
    const read = patterns.length > 0 ? await matchPaths(files, patterns) : [];
    const unread = files.find((file) => !read.includes(file));
    if (unread !== undefined)
      throw refuse("export-markdown", explain("commands/export-markdown", { file: unread, kind: one }));
  }
}

/** The project that says how to reach Coze. Its manifests matter only if the files go there. */
async function readSource(host: Host, options: ExportOptions, out: string | undefined): Promise<RunProject> {
  const project = await readProject(host, { ...options, directory: out ?? options.directory });
  // What is exported are the first manifests.
  const concerns = ({ code, at }: Diagnostic): boolean =>
    code !== "no-manifests" &&
    code !== "no-match" &&
    (out !== undefined || at === undefined || isProjectFile(at.file));
  const errors = project.diagnostics.filter((one) => isError(one) && concerns(one));
  if (errors.length > 0) throw new InvalidInput(errors, project.sources);
  return project;
}

/** Throws {@link InvalidInput} when nothing fits what was asked for: manifests of it would be none. */
function refuseNothing({ objects, left, unread }: Estate, options: ExportOptions): void {
  const top = findTopKind(kinds).name;
  const isAsked = options.kinds?.includes(top) ?? false;
  const isNarrow = !isAsked && (options.folders !== undefined || options.match !== undefined);
  // Workspaces are exported with whatever they hold, and fit no filter.
  const isFound = objects.some(({ kind }) => kind.name !== top || !isNarrow);
  if (isFound) return;
  const [first] = unread;
  const values = {
    count: left.length,
    names: left
      .slice(0, mostNamed)
      .map(({ name }) => name)
      .join(", "),
  };
  if (first)
    throw refuse("export-nothing", { ...explain("commands/export-nothing"), hint: first.problem.message });
  if (left.length > 0) throw refuse("export-nothing", explain("commands/export-unwritable", values));
  throw refuse("export-nothing", explain("commands/export-nothing"));
}

/** The most names in a message. */
const mostNamed = 5;

function prepareDirectory(directory: string): void {
  try {
    makeFolders(directory);
  } catch (error) {
    throw refuse(
      "export-directory",
      explain("commands/export-directory", { directory, reason: describeReason(error) }),
    );
  }
}

/** The workspace of this id, or the only one of this name. */
function findWorkspace(all: readonly Item[], word: string): Item {
  const top = findTopKind(kinds);
  const byId = all.find(({ id }) => id === word);
  const [only, ...others] = byId ? [byId] : all.filter(({ live }) => titleOf(top, live) === word);
  if (only && others.length === 0) return only;
  if (only) {
    const ids = [only, ...others].map(({ id }) => id).join(", ");
    throw refuse(
      "ambiguous-workspace",
      explain("commands/export-ambiguous", { name: word, count: others.length + 1, ids }),
    );
  }
  const names = all.map(({ live }) => titleOf(top, live));
  const problem = explain("commands/export-unknown", { name: word });
  throw refuse("unknown-workspace", {
    ...problem,
    hint: proposeWord(word, names, "workspaces") ?? problem.hint,
  });
}

function checkKinds(names: readonly string[]): readonly string[] {
  const known = kinds.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  const problem = explain("commands/export-kind", { kind: unknown });
  throw refuse("unknown-kind", { ...problem, hint: proposeWord(unknown, known, "kinds") ?? problem.hint });
}

/** Whether a name matches one of some patterns, whatever the case; every name without patterns. */
function matcherOf(patterns: readonly string[] | undefined): (name: string) => boolean {
  if (!patterns) return () => true;
  const escaped = patterns.map((one) => one.replaceAll(/[\\^$.+()[\]{}|]/gu, "\\$&"));
  const expressions = escaped.map(
    (one) => new RegExp(`^${one.replaceAll("*", ".*").replaceAll("?", ".")}$`, "isu"),
  );
  return (name) => expressions.some((expression) => expression.test(name));
}

function describeKnown(resources: readonly Resource[], state: State): KnownProject {
  const entries = Object.entries(state.resources);
  return {
    addressOf: (kind, id, parent) =>
      entries.find(
        ([, entry]) => entry.kind === kind && entry.id === id && (entry.parent ?? parent) === parent,
      )?.[0],
    fileOf: (address: Address) => resources.find((one) => addressMatches(address, one.address))?.at.file,
    has: (address) => entries.some(([one]) => addressMatches(address, one)),
  };
}

/** What makes a directory a project: its file, and what keeps git from the files of one machine. */
function newProjectFiles(
  out: string,
  source: RunProject,
  markdown: readonly string[],
): readonly (readonly [string, string])[] {
  const ignore = ".cozeform/.gitignore";
  const { [ignore]: rules = "" } = starterFiles("");
  const rest = existsSync(join(out, ignore)) ? [] : [[ignore, rules] as const];
  return [["cozeform.yaml", writeProjectFile({ ...describeProject(out, source), markdown })], ...rest];
}

/** What a new project has to say of itself so that its plans reach the same Coze as this export. */
const describeProject = (out: string, { environmentName, endpoint, environment }: RunProject) => ({
  name: basename(out),
  environment: environmentName,
  // Another endpoint is the runner's own choice, which a file can't make.
  endpoint: endpoint === internationalEndpoint ? endpoint : undefined,
  auth: environment.auth,
});

const internationalEndpoint = "https://api.coze.com";

/** The embedded emulator keeps its world in the project, so a new project gets a copy. */
function copyWorld(from: string, to: string): void {
  const [world, copy] = [locateWorld(from), locateWorld(to)];
  if (world !== copy && existsSync(world) && !existsSync(copy)) copyFileSync(world, copy);
}

const refuse = (code: string, problem: Pick<Diagnostic, "message" | "hint">): InvalidInput =>
  new InvalidInput([{ code, severity: "error", ...problem }]);
