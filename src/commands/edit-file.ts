import { InvalidInput } from "../core/diagnostic.ts";
import { proposeWord, suggest } from "../core/suggestions.ts";
import { type Edit, type EditProblem, editFileSchema, editKinds, kindOfEdit } from "../emulator/index.ts";
import type { Report } from "../manifest/problems.ts";
import { createValidator } from "../manifest/schema/validate.ts";
import { type Mapping, type SourceNode, valueAt } from "../manifest/yaml/source-tree.ts";
import { type OptionFile, readOptionFile } from "./option-file.ts";

/** The edits of a file. */
export interface EditFile {
  readonly edits: readonly Edit[];
  /** The error for edits that can't be made. */
  refuse(problems: readonly EditProblem[]): InvalidInput;
}

/**
 * Reads a file of edits, YAML or JSON. Throws {@link InvalidInput} with all its problems and their locations. `file` is
 * the file's name in messages.
 */
export async function readEditFile(location: string, file = location): Promise<EditFile> {
  const hint = "put its edits into the list of the first one";
  const document = await readOptionFile<EditDocument>(location, {
    file,
    second: { message: "a file of edits has one document", hint },
    reportEmpty: reportNoEdits,
    check: (root, report) => {
      if (root.type !== "map") reportNoEdits(root.at, report);
      else checkMap(root, report);
    },
  });
  return { edits: document.value.edits, refuse: (problems) => refuse(document, problems) };
}

interface EditDocument {
  readonly edits: readonly Edit[];
}

function checkMap(root: Mapping, report: Report): void {
  createValidator(editFileSchema)(root, report);
  const edits = valueAt(root, "edits");
  for (const [index, edit] of (edits?.type === "list" ? edits.items : []).entries()) {
    if (edit.type === "map") checkKind(edit, index, report);
  }
}

function checkKind(edit: Mapping, index: number, report: Report): void {
  const keys = [...edit.entries.keys()];
  if (kindOfEdit(keys) !== undefined) return;
  const near = keys.flatMap((key) => suggest(key, editKinds) ?? [])[0];
  const hint = near === undefined ? `begin with one of ${editKinds.join(", ")}` : `did you mean ${near}?`;
  const message = `edits[${index}] doesn't say what it is about`;
  report(edit.at, { code: "missing", message, hint });
}

function reportNoEdits(at: SourceNode["at"], report: Report): void {
  const hint = "begin with edits: and below it - {workflow: invoice, workspace: dev, publish: true}";
  report(at, { code: "wrong-type", message: "a file of edits is a map with the list edits", hint });
}

function refuse(
  { locate, sources }: OptionFile<EditDocument>,
  problems: readonly EditProblem[],
): InvalidInput {
  const diagnostics = problems.map(({ at, message, hint, sought }) => {
    const proposal = sought ? proposeWord(sought.word, sought.known, sought.plural) : hint;
    return {
      code: "rule",
      severity: "error" as const,
      message,
      at: locate(["edits", ...at]),
      hint: proposal,
    };
  });
  return new InvalidInput(diagnostics, sources);
}
