import { lstatSync } from "node:fs";
import path from "node:path";
import { InvalidInput } from "../core/diagnostic.ts";
import { readFileGuarded } from "../files/guarded-reading.ts";
import { makeFolder, sweepDrafts, writeFileGuarded } from "../files/guarded-writing.ts";
import { type Explained, explain, say } from "../messages/text.ts";

/** Which files were written, and which had their content already. */
export interface WrittenFiles {
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
}

/** The most files that a message names. */
const mostNamed = 8;

/**
 * Writes files below a directory that is there. Throws {@link InvalidInput}, before anything is written, when one exists
 * with other content, unless `force` says to overwrite it, and when something else stands in its place or on the way.
 */
export function writeOutputFiles(
  directory: string,
  files: ReadonlyMap<string, string>,
  force = false,
): WrittenFiles {
  const states = [...files].map(([file, text]) => ({
    file,
    text,
    state: compareFile(directory, file, text),
  }));
  const blocked = states.filter(({ state }) => state === "blocked").map(({ file }) => file);
  if (blocked.length > 0)
    throw refuse("file-blocked", explain("commands/output-blocked", { files: nameSome(blocked) }));
  const other = states.filter(({ state }) => state === "differs").map(({ file }) => file);
  if (other.length > 0 && !force)
    throw refuse(
      "file-exists",
      explain("commands/output-exists", { files: nameSome(other), count: other.length }),
    );
  const toWrite = states.filter(({ state }) => state !== "same");
  for (const { file, text } of toWrite) {
    const parts = file.split("/").slice(0, -1);
    for (const count of parts.keys()) makeFolder(path.join(directory, ...parts.slice(0, count + 1)));
    writeFileGuarded(path.join(directory, file), text, { mode: 0o644 });
  }
  sweepDrafts(directory);
  return {
    written: toWrite.map(({ file }) => file),
    unchanged: states.filter(({ state }) => state === "same").map(({ file }) => file),
  };
}

/** What stands where a file shall be written. */
function compareFile(
  directory: string,
  file: string,
  text: string,
): "absent" | "same" | "differs" | "blocked" {
  const parts = file.split("/");
  for (const count of parts.keys()) {
    const there = lstatSync(path.join(directory, ...parts.slice(0, count + 1)), { throwIfNoEntry: false });
    if (!there) return "absent";
    const isLast = count === parts.length - 1;
    if (isLast ? !there.isFile() : !there.isDirectory()) return "blocked";
  }
  const bytes = Buffer.from(text);
  const { size } = lstatSync(path.join(directory, file));
  if (size !== bytes.length) return "differs";
  return readFileGuarded(path.join(directory, file), { most: size }).equals(bytes) ? "same" : "differs";
}

function nameSome(files: readonly string[]): string {
  const names = files.slice(0, mostNamed).join(", ");
  const count = files.length - mostNamed;
  return count > 0 ? say("commands/and-more", { names, count }) : names;
}

const refuse = (code: string, problem: Explained): InvalidInput =>
  new InvalidInput([{ code, severity: "error", ...problem }]);
