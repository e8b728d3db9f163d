import { realpathSync, statSync } from "node:fs";
import path from "node:path";
import type { Location } from "../../core/diagnostic.ts";
import { checkRealPath, findWorkTree, isBelow, realOfNearest } from "../../files/project-paths.ts";
import { explain, say } from "../../messages/text.ts";
import type { Problem, Report } from "../problems.ts";
import type { PlacedText } from "../yaml/source-tree.ts";
import { findManifestsBelow, findProjectFile } from "./discover-manifests.ts";
import { explainFault } from "./file-problems.ts";
import type { ProjectSettings } from "./project-file.ts";
import type { Include, ProjectFiles } from "./readable-files.ts";

/** The directories that `include` names, as far as they may be read; everything else is reported. */
export async function readIncludes(
  directory: string,
  named: readonly PlacedText[],
  report: Report,
): Promise<readonly Include[]> {
  const includes: Include[] = [];
  for (const { text, at } of named) {
    const found = await locateInclude(directory, text);
    const twice = "folder" in found && includes.some(({ folder }) => folder === found.folder);
    if ("code" in found) report(at, found);
    else if (twice) {
      const message = say("manifest-project/include-twice", { folder: text });
      report(at, { code: "duplicate-item", message, hint: say("common/remove-one") });
    } else {
      const nested = explainNested(found, includes);
      if (nested) report(at, nested);
      else includes.push(found);
    }
  }
  return includes;
}

/** What to say of a directory that is below one of others, or around it: its manifests would be read twice. */
function explainNested(one: Include, others: readonly Include[]): Problem | undefined {
  for (const other of others) {
    const [inner, outer] = isBelow(one.folder, other.folder) ? [one, other] : [other, one];
    if (!isBelow(inner.folder, outer.folder)) continue;
    const values = { inner: inner.name, outer: outer.name };
    return { code: "conflict", ...explain("manifest-project/include-nested", values) };
  }
  return undefined;
}

async function locateInclude(directory: string, text: string): Promise<Include | Problem> {
  const tree = findWorkTree(directory);
  const values = { folder: text };
  if (tree === undefined) {
    return { code: "outside-project", ...explain("manifest-project/include-without-tree", values) };
  }
  const place = path.resolve(directory, text);
  const real = realOfNearest(place);
  // Of what is outside, not even whether it exists is told.
  if (!isBelow(real, tree)) {
    return { code: "outside-project", ...explain("manifest-project/include-outside", values) };
  }
  const fault = checkRealPath({ directory: tree, allowed: [] }, real);
  if (fault) return explainFault(text, fault);
  const folder = folderAt(place);
  if (folder === undefined) {
    return { code: "missing-file", ...explain("manifest-project/include-no-folder", values) };
  }
  const project = realpathSync(directory);
  if (isBelow(folder, project))
    return { code: "conflict", ...explain("manifest-project/include-inside", values) };
  if (isBelow(project, folder))
    return { code: "conflict", ...explain("manifest-project/include-around", values) };
  if ((await findProjectFile(folder)) !== undefined) {
    return { code: "conflict", ...explain("manifest-project/include-project", values) };
  }
  return { name: path.relative(directory, place).split(path.sep).join("/"), folder };
}

function folderAt(place: string): string | undefined {
  const stats = statSync(place, { throwIfNoEntry: false });
  return stats?.isDirectory() ? realpathSync(place) : undefined;
}

/** The YAML files of an included directory that could be searched. */
interface FoundInclude {
  readonly name: string;
  /** Where it is named. */
  readonly at?: Location | undefined;
  readonly paths: readonly string[];
}

/** The YAML files of included directories, but those that the project names as an environment's. */
export async function findIncluded(
  { include: named, ofEnvironments }: Pick<ProjectSettings, "include" | "ofEnvironments">,
  includes: readonly Include[],
  files: ProjectFiles,
  report: Report,
): Promise<readonly FoundInclude[]> {
  const found: FoundInclude[] = [];
  for (const { name } of includes) {
    const at = named.find(({ text }) => path.posix.normalize(`${text}/`) === `${name}/`)?.at;
    const except = ofEnvironments.filter((one) => path.posix.normalize(one).startsWith(`${name}/`));
    const below = await findManifestsBelow(files, { below: name, except });
    if ("complaint" in below) report(at, below.complaint);
    else found.push({ name, at, paths: below.value.own });
  }
  return found;
}

/** Reports included directories in which no file of `read` is; manifests of Markdown count, which patterns find. */
export function reportEmptyIncludes(
  includes: readonly FoundInclude[],
  read: ReadonlySet<string>,
  report: Report,
): void {
  for (const { name, at } of includes) {
    if ([...read].some((file) => file.startsWith(`${name}/`))) continue;
    report(at, { code: "no-match", ...explain("manifest-project/include-empty", { folder: name }) });
  }
}
