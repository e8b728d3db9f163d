import { readFileSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { ExplainedError } from "../core/explained-error.ts";
import { describeReason } from "../core/system-error.ts";
import type { Json } from "../core/value.ts";
import { writeFileGuarded } from "../files/guarded-writing.ts";
import { isBelow } from "../files/project-paths.ts";
import { escapeInterpolations } from "../manifest/values/substitute.ts";
import { type EditRefusal, editYamlValues } from "../manifest/yaml/edit-value.ts";
import { explain } from "../messages/text.ts";
import type { LiveEdit } from "../status/live-edits.ts";
import type { RunProject } from "./project.ts";

/** A file with the edits made in it. */
export interface EditedFile {
  readonly before: string;
  readonly text: string;
}

/** `outside`: the file is a link that leads out of the project. */
export type FileRefusal = EditRefusal | "outside";

/** Where the files of a project are. */
export interface FilePlaces {
  /** The project's directory and those that it includes, without links. */
  readonly roots: readonly string[];
  /** Of a manifest, by its name in messages. */
  ofManifest(file: string): string;
  /** Of a text, by its path in the project. */
  ofText(file: string): string;
  /** What a path leads to. */
  real(file: string): string;
}

/** `from`: the directory that names in messages are relative to; the project's own by default. */
export const findPlaces = ({ directory, includes = [] }: RunProject, from = directory): FilePlaces => ({
  roots: [realpathSync(directory), ...includes.map(({ folder }) => folder)],
  ofManifest: (file) => resolve(from, file),
  ofText: (file) => resolve(directory, file),
  real: (file) => realpathSync(file),
});

/** The files with the edits made in them, by their real paths, and the edits that can't be made. Writes nothing. */
export function editFiles(
  places: FilePlaces,
  edits: readonly LiveEdit[],
): {
  readonly files: ReadonlyMap<string, EditedFile>;
  readonly refused: ReadonlyMap<LiveEdit, FileRefusal>;
} {
  const files = new Map<string, EditedFile>();
  const refused = new Map<LiveEdit, FileRefusal>();
  const byFile = new Map<string, LiveEdit[]>();
  for (const edit of edits) {
    const { at, textFile } = edit.part;
    const file = places.real(textFile === undefined ? places.ofManifest(at.file) : places.ofText(textFile));
    if (!places.roots.some((root) => isBelow(file, root))) refused.set(edit, "outside");
    else byFile.set(file, [...(byFile.get(file) ?? []), edit]);
  }
  for (const [file, some] of byFile) {
    const before = readFileSync(file, "utf8");
    const ofText = some.find(({ part }) => part.textFile !== undefined);
    if (ofText?.after !== undefined) files.set(file, { before, text: writeText(before, ofText.after) });
    else files.set(file, { before, text: editManifest(before, some, refused) });
  }
  return { files, refused };
}

function editManifest(text: string, edits: readonly LiveEdit[], refused: Map<LiveEdit, FileRefusal>): string {
  const asked = edits.map((edit) => ({
    edit,
    at: edit.part.at,
    before: escapeInterpolations(edit.before),
    after: edit.after === undefined ? undefined : escapeInterpolations(edit.after),
  }));
  const made = editYamlValues(text, asked);
  for (const one of asked) {
    const refusal = made.refused.get(one);
    if (refusal) refused.set(one.edit, refusal);
  }
  return made.text;
}

/** A text in a file of its own, with the line ends and the byte order mark that the file has. */
function writeText(before: string, after: Json): string {
  const mark = before.startsWith("\uFEFF") ? "\uFEFF" : "";
  const text = String(after);
  return mark + (before.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text);
}

/**
 * Writes files, and puts all of them back as they were when one can't be written or `check` throws. They keep their
 * permissions.
 */
export async function replaceFiles(
  files: ReadonlyMap<string, EditedFile>,
  check: () => Promise<void>,
): Promise<void> {
  const written: [file: string, before: string, mode: number][] = [];
  try {
    for (const [file, { before, text }] of files) {
      const mode = statSync(file).mode & 0o777;
      writeOrExplain(file, text, mode);
      written.push([file, before, mode]);
    }
    await check();
  } catch (error) {
    for (const [file, before, mode] of written) writeFileGuarded(file, before, { mode });
    throw error;
  }
}

function writeOrExplain(file: string, text: string, mode: number): void {
  try {
    writeFileGuarded(file, text, { mode });
  } catch (error) {
    const values = { file, reason: describeReason(error) };
    throw new ExplainedError(explain("commands/live-not-written", values), error);
  }
}
