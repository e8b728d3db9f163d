import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { InvalidInput, isError, type Location } from "../core/diagnostic.ts";
import type { Path } from "../core/spec-walk.ts";
import { suggest } from "../core/suggestions.ts";
import { systemCodeOf } from "../core/system-error.ts";
import { collectDiagnostics } from "../manifest/collected-problems.ts";
import type { Report } from "../manifest/problems.ts";
import { openFiles } from "../manifest/project/readable-files.ts";
import { openSources } from "../manifest/yaml/source-texts.ts";
import { type Mapping, nodeAt, toJson } from "../manifest/yaml/source-tree.ts";
import { type Explained, explain, say } from "../messages/text.ts";

/** How to read and check a file of one YAML document. */
export interface OptionFileReading {
  /** The file's name in messages. */
  readonly file: string;
  /** The problem of a document that isn't a map, and of an empty file. */
  readonly notMap: Explained;
  /** The problem of a second document. */
  readonly second: Explained;
  /** Reports the problems of the document. */
  check(root: Mapping, report: Report): void | Promise<void>;
}

/** The valid document of a file. */
export interface OptionFile<T> {
  readonly value: T;
  /** The location of a part, or that of the nearest part around it. */
  locate(path: Path): Location;
  /** The file's text by its name. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Reads a file that an option names, YAML or JSON. Throws {@link InvalidInput} with all its problems. `T` is the type
 * that `check` ensures.
 */
export async function readOptionFile<T>(
  location: string,
  reading: OptionFileReading,
): Promise<OptionFile<T>> {
  const { file, second: several, notMap, check } = reading;
  await requireFile(location, file);
  const { report: collect, diagnostics } = collectDiagnostics();
  const report: Report = (at, complaint) => collect(at && { ...at, file }, complaint);
  const name = path.basename(location);
  const sources = openSources(openFiles(path.dirname(location), { chosen: true }), report);
  const [first, second] = await sources.read(name);
  if (second) report(second.root.at, { code: "malformed", ...several });
  const refuse = (at: Location) => report(at, { code: "wrong-type", ...notMap });
  if (first?.root.type === "map" && !first.damaged) await check(first.root, report);
  else if (first?.damaged === false) refuse(first.root.at);
  else if (!first && sources.texts.has(name)) refuse({ file, line: 1, column: 1 });
  const found = [...diagnostics];
  const texts = new Map([...sources.texts.values()].map((text) => [file, text]));
  if (found.some(isError) || !first) throw new InvalidInput(found, texts);
  const { root } = first;
  return {
    value: toJson(root) as T,
    sources: texts,
    locate: (at) => ({ ...nodeAt(root, at).node.at, file }),
  };
}

/**
 * Throws {@link InvalidInput} unless a file that an option names exists. `file` is its name on the command line.
 */
async function requireFile(location: string, file: string): Promise<void> {
  const error: unknown = await lstat(location).catch((caught: unknown) => caught);
  if (systemCodeOf(error) !== "ENOENT") return;
  const beside = await readdir(path.dirname(location)).catch(() => []);
  const near = suggest(path.basename(location), beside);
  const problem = explain("commands/file-missing", { file });
  const hint =
    near === undefined
      ? problem.hint
      : say("common/did-you-mean", { word: path.join(path.dirname(file), near) });
  throw new InvalidInput([{ code: "missing-file", severity: "error", ...problem, hint }]);
}
