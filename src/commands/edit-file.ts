import type { OwnSchema } from "../core/compile-schema.ts";
import { InvalidInput } from "../core/diagnostic.ts";
import { proposeWord, suggest } from "../core/suggestions.ts";
import { type Edit, type EditProblem, editFileSchema, editKinds, kindOfEdit } from "../emulator/index.ts";
import type { Report } from "../manifest/problems.ts";
import { createValidator } from "../manifest/schema/validate.ts";
import { type Mapping, valueAt } from "../manifest/yaml/source-tree.ts";
import { explain, say } from "../messages/text.ts";
import { type OptionFile, readOptionFile } from "./option-file.ts";

/** The edits of a file. */
export interface EditFile {
  readonly edits: readonly Edit[];
  /** The error for edits that can't be made. */
  refuse(problems: readonly EditProblem[]): InvalidInput;
}

/** The schema of a file of edits. */
export const editsSchema: OwnSchema = { $id: "edit-file", ...editFileSchema };

/**
 * Reads a file of edits, YAML or JSON. Throws {@link InvalidInput} with all its problems and their locations. `file` is
 * the file's name in messages.
 */
export async function readEditFile(location: string, file = location): Promise<EditFile> {
  const document = await readOptionFile<EditDocument>(location, {
    file,
    notMap: explain("commands/edits-not-map"),
    second: explain("commands/edits-second"),
    check,
  });
  return { edits: document.value.edits, refuse: (problems) => refuse(document, problems) };
}

interface EditDocument {
  readonly edits: readonly Edit[];
}

function check(root: Mapping, report: Report): void {
  createValidator("edit-file", () => editsSchema)(root, report);
  const edits = valueAt(root, "edits");
  for (const [index, edit] of (edits?.type === "list" ? edits.items : []).entries()) {
    if (edit.type === "map") checkKind(edit, index, report);
  }
}

function checkKind(edit: Mapping, index: number, report: Report): void {
  const keys = [...edit.entries.keys()];
  if (kindOfEdit(keys) !== undefined) return;
  const problem = explain("commands/edit-of-nothing", { index, kinds: editKinds.join(", ") });
  const [word] = keys.flatMap((key) => suggest(key, editKinds) ?? []);
  const hint = word === undefined ? problem.hint : say("common/did-you-mean", { word });
  report(edit.at, { code: "missing", ...problem, hint });
}

function refuse(
  { locate, sources }: OptionFile<EditDocument>,
  problems: readonly EditProblem[],
): InvalidInput {
  const diagnostics = problems.map(({ at, message, hint, sought }) => ({
    code: "rule",
    severity: "error" as const,
    message,
    at: locate(["edits", ...at]),
    hint: sought ? proposeWord(sought.word, sought.known, sought.plural) : hint,
  }));
  return new InvalidInput(diagnostics, sources);
}
