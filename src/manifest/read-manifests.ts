import { mapBounded } from "../core/bounded-map.ts";
import { proposeWord } from "../core/suggestions.ts";
import type { KindSchema } from "../kind/schema.ts";
import { explain, say } from "../messages/text.ts";
import { reportDuplicates } from "./checks/duplicate-addresses.ts";
import type { Report } from "./problems.ts";
import type { ManifestPattern } from "./project/composition.ts";
import {
  findAllManifests,
  findMatches,
  isProject,
  isRootOrHome,
  listProjectFiles,
  reportNoManifests,
} from "./project/discover-manifests.ts";
import { findIncluded, reportEmptyIncludes } from "./project/includes.ts";
import type { ProjectInput, ProjectSettings } from "./project/project-file.ts";
import type { Include, ProjectFiles } from "./project/readable-files.ts";
import {
  isManifest,
  type Kinds,
  type Manifest,
  mayBeManifest,
  readManifests,
} from "./recognize-manifests.ts";
import type { ParsedDocument } from "./yaml/plain-documents.ts";
import type { Sources } from "./yaml/source-texts.ts";
import type { PlacedText } from "./yaml/source-tree.ts";

/** What manifests are read with. */
export interface ReadingContext {
  readonly options: Pick<ProjectInput, "directory" | "env"> & { readonly kinds: readonly KindSchema[] };
  readonly settings: ProjectSettings;
  readonly includes: readonly Include[];
  readonly files: ProjectFiles;
  readonly sources: Sources;
  readonly report: Report;
}

/** Manifests, and all documents that were read for them. */
interface ReadManifests {
  readonly documents: readonly ParsedDocument[];
  readonly manifests: readonly Manifest[];
}

/** The manifests of the project, of its environment and of included directories, each address once. */
export async function readAllManifests(context: ReadingContext, kinds: Kinds): Promise<ReadManifests> {
  const { settings, report } = context;
  const documents = await readDocuments(context);
  const own = readManifests(documents, kinds, report, { chosen: settings.manifests !== undefined });
  const added = await readPatterns(settings.ownManifests, settings.allPatches, context);
  const ofEnvironment = readManifests(added, kinds, report, { chosen: true });
  const shared = await readIncluded(context, [...documents, ...added]);
  const included = readManifests(shared, kinds, report, { chosen: true });
  const manifests = reportDuplicates([...own, ...ofEnvironment, ...included], report);
  return { documents: [...documents, ...added, ...shared], manifests };
}

/** The documents of included directories, but those of files that hold no manifest, or are read already. */
async function readIncluded(
  { settings, includes, files, sources, report }: ReadingContext,
  known: readonly ParsedDocument[],
): Promise<readonly ParsedDocument[]> {
  const fileOf = ({ root }: ParsedDocument) => root.at.file;
  const read = new Set(known.map(fileOf));
  const found = await findIncluded(settings, includes, files, report);
  const paths = found.flatMap((one) => one.paths).filter((file) => !read.has(file));
  const documents = await readFiles(paths, sources);
  const meant = new Set(documents.filter(mayBeManifest).map(fileOf));
  // What can't be read is reported already, and may be a manifest.
  const unread = paths.filter((file) => !sources.texts.has(file));
  reportEmptyIncludes(found, new Set([...read, ...meant, ...unread]), report);
  return documents.filter((one) => meant.has(fileOf(one)));
}

/** The patches of the environment. */
export async function readPatches(context: ReadingContext, kinds: Kinds): Promise<ReadManifests> {
  const { settings, files, sources, report } = context;
  const documents = await readFiles(await findMatches(settings.patches, [], files, report), sources);
  return { documents, manifests: readManifests(documents, kinds, report, { chosen: true, patches: true }) };
}

async function readDocuments(context: ReadingContext): Promise<readonly ParsedDocument[]> {
  const { options, settings, files, sources, report } = context;
  const { directory } = options;
  if (settings.manifests) {
    return await readPatterns(settings.manifests, settings.ofEnvironments, context);
  }
  if ((await listProjectFiles(files)).length === 0 && (await isRootOrHome(directory, options.env))) {
    report(undefined, { code: "too-large", ...explain("manifest-project/root-or-home", { directory }) });
    return [];
  }
  const located = await findAllManifests(settings.ofEnvironments, files, report);
  if (!located) return [];
  const { own, nested } = located;
  const documents = await readFiles(own, sources);
  // Around other projects stand files of other tools; without such projects each file is told that it is none.
  const strangers = nested.length > 0 && !documents.some((one) => one.damaged || isManifest(one.root));
  if ((own.length > 0 && !strangers) || (await isProject(directory))) return documents;
  reportNoManifests(directory, nested, report);
  return [];
}

/** Reads the files that patterns name; what one with a kind finds is Markdown, whatever else finds it. */
async function readPatterns(
  patterns: readonly ManifestPattern[],
  except: readonly string[],
  { options, files, sources, report }: ReadingContext,
): Promise<readonly ParsedDocument[]> {
  const markdown = new Map<string, KindSchema>();
  for (const pattern of patterns) {
    if (!pattern.kind) continue;
    const found = await findMatches([pattern], except, files, report);
    const kind = findBodyKind(pattern.kind, options.kinds, report);
    for (const file of kind ? found : []) if (kind && !markdown.has(file)) markdown.set(file, kind);
  }
  const yaml = new Set<string>();
  for (const pattern of patterns) {
    if (pattern.kind) continue;
    const found = await findMatches([pattern], except, files, report);
    const others = found.filter((file) => !markdown.has(file));
    const prose = others.find(isMarkdownFile);
    if (prose !== undefined) {
      const problem = explain("manifest/markdown-without-kind", { file: prose, pattern: pattern.text });
      report(pattern.at, { code: "not-a-manifest", ...problem });
    }
    for (const file of others) if (!isMarkdownFile(file)) yaml.add(file);
  }
  const documents = await mapBounded([...markdown], ([file, kind]) => sources.readMarkdown(file, kind));
  return [...(await readFiles([...yaml], sources)), ...documents.flat()];
}

const isMarkdownFile = (file: string): boolean => /\.(?:md|markdown)$/iu.test(file);

/** The kind that Markdown files stand for; undefined where they can't, which is reported. */
function findBodyKind(
  { text, at }: PlacedText,
  kinds: readonly KindSchema[],
  report: Report,
): KindSchema | undefined {
  const kind = kinds.find(({ name }) => name === text);
  if (kind?.body !== undefined) return kind;
  const names = kinds.flatMap(({ name, body }) => (body === undefined ? [] : [name]));
  const key = kind ? "manifest/kind-without-body" : "manifest-schema/kind-unknown";
  const hint = proposeWord(text, names, "kinds");
  report(at, { code: "unknown-kind", message: say(key, { kind: kind ? text : JSON.stringify(text) }), hint });
  return undefined;
}

async function readFiles(paths: readonly string[], sources: Sources): Promise<readonly ParsedDocument[]> {
  const documents = await mapBounded(paths, (file) => sources.read(file));
  return documents.flat();
}
