import { realpathSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { Address } from "../core/address.ts";
import { type Diagnostic, InvalidInput } from "../core/diagnostic.ts";
import { formatPath } from "../core/spec-walk.ts";
import { isBelow } from "../files/project-paths.ts";
import type { Entry } from "../kind/state-entry.ts";
import { kinds } from "../kinds/index.ts";
import { explain } from "../messages/text.ts";
import {
  type EditedResource,
  type EditObstacle,
  findLiveEdits,
  type LiveEdit,
} from "../status/live-edits.ts";
import { type EditedFile, editFiles, type FileRefusal, findPlaces } from "./edit-files.ts";
import type { RunProject } from "./project.ts";

/** What manifests have to say, and the files that say it. */
export interface EditedManifests {
  readonly edits: readonly LiveEdit[];
  /** By real path. */
  readonly files: ReadonlyMap<string, EditedFile>;
}

/**
 * Edits the files of a project so that they say what some objects are, in place. Writes nothing. Throws
 * {@link InvalidInput} with every value that can't be written so. `from`: the directory that places are relative to.
 */
export function editManifests(
  project: RunProject,
  from: string | undefined,
  entries: ReadonlyMap<Address, Pick<Entry, "kind" | "id">>,
  edited: readonly EditedResource[],
): EditedManifests {
  const names = new Map(
    [...entries].map(([address, { kind, id = "" }]) => [keyOf(kind, id), address.slice(kind.length + 1)]),
  );
  const places = findPlaces(project, from);
  const { edits, obstacles } = findLiveEdits(edited, {
    kinds,
    resources: project.resources,
    nameOf: (kind, id) => names.get(keyOf(kind, id)),
    fileOf: (textFile) => places.real(places.ofText(textFile)),
    projectFrom: (part, named) => {
      const include = includeOf(project, places.real(places.ofManifest(part.at.file)));
      return include ? nameFrom(include.folder, resolve(realpathSync(project.directory), named)) : named;
    },
  });
  const { files, refused } = editFiles(places, edits);
  const problems = [
    ...obstacles.map((one) => explainObstacle(one, project)),
    ...[...refused].map(([edit, reason]) => explainRefusal(edit, reason)),
  ];
  if (problems.length > 0) throw new InvalidInput(problems, project.sources);
  return { edits, files };
}

/** Says which edited files are in included directories: other projects may include these, too. */
export function warnOfIncluded(project: RunProject, files: Iterable<string>): readonly Diagnostic[] {
  return [...files].flatMap((file): readonly Diagnostic[] => {
    const include = includeOf(project, file);
    if (!include) return [];
    const values = { file: relative(realpathSync(project.directory), file), folder: include.name };
    return [
      { code: "included-file", severity: "warning", ...explain("commands/included-file-edited", values) },
    ];
  });
}

/** The included directory that a file is in, by their real paths. */
const includeOf = ({ includes = [] }: RunProject, file: string) =>
  includes.find(({ folder }) => isBelow(file, folder));

/** The path to a directory as manifests write it. */
const nameFrom = (from: string, to: string): string => relative(from, to).replaceAll("\\", "/") || ".";

const keyOf = (kind: string, id: string): string => JSON.stringify([kind, id]);

function explainObstacle(
  { address, path, reason, others = [] }: EditObstacle,
  project: RunProject,
): Diagnostic {
  const values = {
    address,
    field: formatPath(path),
    others: others.slice(0, 3).join(", "),
    count: others.length,
  };
  const texts =
    reason === "shared"
      ? explain("commands/live-shared", values)
      : reason === "output"
        ? explain("commands/live-from-output", values)
        : explain("commands/live-unwritten", values);
  const at = project.resources.find((one) => one.address === address)?.locate(path);
  return { code: "not-editable", severity: "error", address, at, ...texts };
}

function explainRefusal({ address, path, part }: LiveEdit, refused: FileRefusal): Diagnostic {
  const values = { address, field: formatPath(path) };
  const texts =
    refused === "outside"
      ? explain("commands/live-outside", { ...values, file: part.textFile ?? part.at.file })
      : refused === "body"
        ? explain("commands/live-empty-body", values)
        : refused === "alias"
          ? explain("commands/live-in-anchor", values)
          : explain("commands/live-interpolated", values);
  return { code: "not-editable", severity: "error", address, at: part.at, ...texts };
}
