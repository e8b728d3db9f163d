import path from "node:path";
import { InvalidInput, isError, type Location } from "../core/diagnostic.ts";
import type { Path } from "../core/spec-walk.ts";
import { collectDiagnostics, type Problem, type Report } from "../manifest/diagnostic-codes.ts";
import { openFiles } from "../manifest/project/readable-files.ts";
import { openSources } from "../manifest/yaml/source-texts.ts";
import { nodeAt, type SourceNode } from "../manifest/yaml/source-tree.ts";
import { requireFile } from "./option-file.ts";

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
  return { root, sources: texts, placeOf: (at) => ({ ...nodeAt(root, at).node.at, file }) };
}
