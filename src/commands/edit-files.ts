import { readFileSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { ExplainedError } from "../core/explained-error.ts";
import { describeReason } from "../core/system-error.ts";
import type { Json } from "../core/value.ts";
import { writeFileGuarded } from "../files/guarded-writing.ts";
import { isBelow } from "../files/project-paths.ts";
import { editTemplate } from "../manifest/values/edit-template.ts";
import { escapeInterpolations } from "../manifest/values/substitute.ts";
import { type EditRefusal, editYamlValues } from "../manifest/yaml/edit-value.ts";
import { splitFrontMatter } from "../manifest/yaml/front-matter.ts";
import { explain } from "../messages/text.ts";
import type { LiveEdit } from "../status/live-edits.ts";
import type { RunProject } from "./project.ts";

/** A file with the edits made in it. */
export interface EditedFile {
  readonly before: string;
  readonly text: string;
}

/** `outside`: the file is a link that leads out of the project; `body`: a Markdown file's text would be empty. */
export type FileRefusal = EditRefusal | "outside" | "body";

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
    const isMarkdown = some.some(({ part }) => part.markdown !== undefined);
    const text =
      ofText?.after !== undefined
        ? editText(before, ofText, refused)
        : isMarkdown
          ? editMarkdown(before, some, refused)
          : editManifest(before, some, refused);
    files.set(file, { before, text });
  }
  return { files, refused };
}

type Refused = Map<LiveEdit, FileRefusal>;

/** A text in a file of its own, literal or a template. */
function editText(text: string, edit: LiveEdit, refused: Refused): string {
  const { before, after = "", part } = edit;
  if (part.putIn === undefined) return writeText(text, after);
  const edited = editTemplate(readLf(text), part.putIn, String(before), String(after));
  if (edited !== undefined) return writeText(text, edited);
  refused.set(edit, "other");
  return text;
}

/** A Markdown file: an edit of its text changes what is below the front matter, any other one the front matter. */
function editMarkdown(text: string, edits: readonly LiveEdit[], refused: Refused): string {
  const parts = splitFrontMatter(readLf(text));
  if (typeof parts === "string") {
    for (const edit of edits) refused.set(edit, "missing");
    return text;
  }
  const [end, begin] = [parts.end, parts.body].map((offset) => offsetInOriginal(text, offset));
  const [head, middle, body] = [text.slice(0, end), text.slice(end, begin), text.slice(begin)];
  const isOfBody = ({ part }: LiveEdit) => part.markdown === "body";
  const edited = editManifest(
    head,
    edits.filter((one) => !isOfBody(one)),
    refused,
  );
  const ofBody = edits.find(isOfBody);
  const now = ofBody ? editBody(readLf(body), ofBody, refused) : undefined;
  if (now === undefined) return edited + middle + body;
  const isApart = /^[^\n]*\n\r?\n$/u.test(middle);
  // Without one before it, a first empty line would be none of the text.
  const written = now.startsWith("\n") && !isApart ? `\n${now}` : now;
  return edited + middle + withLineEnds(written, text);
}

function editBody(text: string, edit: LiveEdit, refused: Refused): string | undefined {
  const { before, after, part } = edit;
  if (typeof after !== "string" || !/\S/u.test(after)) {
    refused.set(edit, "body");
    return undefined;
  }
  const edited = editTemplate(text, part.putIn ?? [], String(before), after);
  if (edited === undefined) refused.set(edit, "other");
  return edited;
}

/** A text as it is read: line ends are LF, and there is no byte order mark. */
const readLf = (text: string): string => text.replace(/^\uFEFF/u, "").replaceAll("\r\n", "\n");

/** Where a place of a text, as it is read, is in the file. */
function offsetInOriginal(original: string, offset: number): number {
  let place = original.startsWith("\uFEFF") ? 1 : 0;
  for (let read = 0; read < offset; read += 1) place += original.startsWith("\r\n", place) ? 2 : 1;
  return place;
}

function editManifest(text: string, edits: readonly LiveEdit[], refused: Refused): string {
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
  return mark + withLineEnds(String(after), before);
}

const withLineEnds = (text: string, original: string): string =>
  original.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;

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
