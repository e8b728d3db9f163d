import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { InvalidInput, isError, type Location } from "../core/diagnostic.ts";
import type { Path } from "../core/spec-walk.ts";
import { suggest } from "../core/suggestions.ts";
import { systemCodeOf } from "../core/system-error.ts";
import { collectDiagnostics, type Problem, type Report } from "../manifest/diagnostic-codes.ts";
import { openFiles } from "../manifest/values/file-content.ts";
import { openSources } from "../manifest/yaml/source-texts.ts";
import { follow, type SourceNode } from "../manifest/yaml/source-tree.ts";

/** How a file is read that holds one YAML document. */
export interface Reading {
  /** What the file is called in messages. */
  readonly file: string;
  /** What is said of a second document. */
  readonly second: Pick<Problem, "message" | "hint">;
  /** Reports what is wrong with a document. */
  check(root: SourceNode, report: Report): void;
  /** Reports that there is nothing in the file. */
  reportEmpty(at: Location, report: Report): void;
}

/** A file that was read and checked. */
export interface NamedDocument {
  readonly root: SourceNode;
  /** Where a part of it stands, or the nearest one around it. */
  placeOf(path: Path): Location;
  /** The file's text by its name. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Reads a file that the command line names, YAML or JSON; throws {@link InvalidInput} with every problem in it. */
export async function readNamedDocument(location: string, reading: Reading): Promise<NamedDocument> {
  const { file, second: several, check, reportEmpty } = reading;
  await requireFile(location, file);
  const { report: collect, diagnostics } = collectDiagnostics();
  const report: Report = (at, complaint) => collect(at && { ...at, file }, complaint);
  const name = path.basename(location);
  const sources = openSources(openFiles(path.dirname(location), { chosen: true }), report);
  const [first, second] = await sources.read(name);
  if (second) report(second.root.at, { code: "malformed", ...several });
  if (first && !first.damaged) check(first.root, report);
  else if (!first && sources.texts.has(name)) reportEmpty({ file, line: 1, column: 1 }, report);
  const found = [...diagnostics];
  const texts = new Map([...sources.texts.values()].map((text) => [file, text]));
  if (found.some(isError) || !first) throw new InvalidInput(found, texts);
  const { root } = first;
  return { root, sources: texts, placeOf: (at) => ({ ...follow(root, at).node.at, file }) };
}

/**
 * Throws {@link InvalidInput} unless there is something at a place that the command line names. `file` is what it is
 * called there.
 */
export async function requireFile(location: string, file: string): Promise<void> {
  const error: unknown = await lstat(location).catch((caught: unknown) => caught);
  if (systemCodeOf(error) !== "ENOENT") return;
  const beside = await readdir(path.dirname(location)).catch(() => []);
  const near = suggest(path.basename(location), beside);
  const hint =
    near === undefined
      ? "a relative path begins at the current directory"
      : `did you mean ${path.join(path.dirname(file), near)}?`;
  throw new InvalidInput([
    { code: "missing-file", severity: "error", message: `there is no file ${file}`, hint },
  ]);
}
