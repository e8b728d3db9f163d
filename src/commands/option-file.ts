import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { InvalidInput } from "../core/diagnostic.ts";
import { suggest } from "../core/suggestions.ts";
import { systemCodeOf } from "../core/system-error.ts";

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
