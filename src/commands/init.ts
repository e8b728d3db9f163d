import type { Stats } from "node:fs";
import { lstat, mkdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Diagnostic, InvalidInput } from "../core/diagnostic.ts";
import { writeCdktfTemplate } from "./init-cdktf.ts";
import { writeTemplate } from "./init-template.ts";
import { writeSchemas } from "./schema.ts";

export interface InitOptions {
  /** The project's name; its directory's name without it. */
  readonly name?: string;
  /** In TypeScript, for CDKTF, in place of manifests. */
  readonly cdktf?: boolean;
}

/**
 * Writes a starter project into a directory, which may not exist yet, and returns the paths of its files within it. A
 * `.gitignore` that is there already stays as it is, and then isn't among them. Throws {@link InvalidInput} before anything is written when one of them is there already.
 */
export async function initProject(directory: string, options: InitOptions = {}): Promise<readonly string[]> {
  const root = path.resolve(directory);
  const name = options.name ?? (path.basename(root) || "coze");
  const files = Object.entries(
    options.cdktf ? writeCdktfTemplate(name) : { ...writeTemplate(name), ...schemasForEditors() },
  );
  const isKept = (await look(path.join(root, ignoreFile), lstat)) !== undefined;
  const written = files.filter(([file]) => !(isKept && file === ignoreFile));
  const obstacles = await Promise.all(written.map(([file]) => findObstacle(root, file)));
  const found = [...new Set(obstacles.flatMap((one) => one ?? []))];
  if (found.length > 0) throw new InvalidInput([complaint(found)]);
  for (const [file, text] of written) await writeNew(root, file, text);
  return written.map(([file]) => file);
}

/** Most repositories have one already. */
export const ignoreFile = ".gitignore";

/** The two schemas that the comments at the top of the files name. */
function schemasForEditors(): { readonly [file: string]: string } {
  const schemas = writeSchemas();
  const names = ["project.schema.json", "manifest.schema.json"];
  return Object.fromEntries(names.map((name) => [`schemas/${name}`, schemas[name] ?? ""]));
}

/** What is there already and keeps a file from being made: itself, or what isn't a folder where one has to be. */
async function findObstacle(root: string, file: string): Promise<string | undefined> {
  const parts = file.split("/");
  const folders = parts.map((_, count) => parts.slice(0, count).join("/"));
  for (const folder of folders) {
    // The directory itself was named on purpose; a link below it would have files written elsewhere.
    const there = folder === "" ? await look(root, stat) : await look(path.join(root, folder), lstat);
    if (!there) return undefined;
    if (there.isSymbolicLink()) return `${folder} (a link)`;
    if (!there.isDirectory()) return `${folder || root} (not a directory)`;
  }
  return (await look(path.join(root, file), lstat)) && file;
}

async function look(file: string, ask: (file: string) => Promise<Stats>): Promise<Stats | undefined> {
  try {
    return await ask(file);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function writeNew(root: string, file: string, text: string): Promise<void> {
  const target = path.join(root, file);
  await mkdir(path.dirname(target), { recursive: true });
  // Whoever made the file since it was looked for keeps it.
  await writeFile(target, text, { flag: "wx" }).catch((error: unknown) => {
    throw codeOf(error) === "EEXIST" ? new InvalidInput([complaint([file])]) : error;
  });
}

const mostNamed = 4;

function complaint(found: readonly string[]): Diagnostic {
  const rest = found.length - mostNamed;
  const named = [...found.slice(0, mostNamed), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
  return {
    code: "file-exists",
    severity: "error",
    message: `nothing was written, since there is already: ${named}`,
    hint: "move it away, or choose another directory",
  };
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;
