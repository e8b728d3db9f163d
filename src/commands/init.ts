import { lstatSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { type Diagnostic, InvalidInput } from "../core/diagnostic.ts";
import { packageFile } from "../core/package-files.ts";
import { systemCodeOf } from "../core/system-error.ts";
import { version } from "../core/version.ts";
import { makeFolders } from "../files/guarded-writing.ts";
import { explain, say } from "../messages/text.ts";
import { describePackageSource } from "./package-source.ts";
import { writeSchemas } from "./schema.ts";

export interface InitOptions {
  /** The project's name; by default that of its directory. */
  readonly name?: string | undefined;
  /** A program in TypeScript for CDKTF instead of manifests. */
  readonly cdktf?: boolean | undefined;
}

/**
 * Writes a starter project into a directory, which is created if needed, and returns the paths of its files relative
 * to the directory. An existing `.gitignore` or `.vscode/settings.json` is kept and then isn't among them. Throws {@link InvalidInput}, before
 * anything is written, when another file exists.
 */
export async function initProject(directory: string, options: InitOptions = {}): Promise<readonly string[]> {
  const root = path.resolve(directory);
  const name = options.name ?? (path.basename(root) || "coze");
  const files = Object.entries(starterFiles(name, { ...options, source: describePackageSource(root) }));
  const kept = [ignoreFile, editorFile].filter(
    (file) => lstatSync(path.join(root, file), quiet) !== undefined,
  );
  const written = files.filter(([file]) => !kept.includes(file));
  const found = [...new Set(written.flatMap(([file]) => findObstacle(root, file) ?? []))];
  if (found.length > 0) throw new InvalidInput([describeObstacles(found)]);
  for (const [file, text] of written) await writeNew(root, file, text);
  return written.map(([file]) => file);
}

/** Most repositories already have one. */
export const ignoreFile = ".gitignore";

/** What tells editors with the YAML extension which schema a file has, in every document of it. */
export const editorFile = ".vscode/settings.json";

/** The files of each starter project, in the order in which they are listed to the user. */
const templates = {
  init: [
    "cozeform.yaml",
    ".cozeform/.gitignore",
    ignoreFile,
    editorFile,
    "manifests/workspace.yaml",
    "manifests/knowledge.yaml",
    "manifests/bot.yaml",
    "manifests/callback.yaml",
    "prompts/assistant.md",
    "knowledge/faq/returns.txt",
    "knowledge/faq/shipping.txt",
  ],
  "init-cdktf": [
    "package.json",
    "cdktf.json",
    "tsconfig.json",
    ".npmrc",
    ignoreFile,
    "main.ts",
    "prompts/support.md",
    "knowledge/returns.txt",
  ],
} as const;

/**
 * The texts of a starter project by file. The manifests come with the schemas that their first lines name. `source`: what
 * a project for CDKTF gets cozeform from; this version by default.
 */
export function starterFiles(
  projectName: string,
  { cdktf = false, source = `^${version}` }: Pick<InitOptions, "cdktf"> & { readonly source?: string } = {},
): { readonly [file: string]: string } {
  if (!cdktf) return { ...readTemplates("init", { name: projectName }), ...editorSchemas() };
  const { dependencies, devDependencies } = JSON.parse(readTemplate("init-cdktf", "package.json"));
  const name = packageNameOf(projectName, Object.keys({ ...dependencies, ...devDependencies }));
  return readTemplates("init-cdktf", { name, cozeform: source });
}

type Placeholders = { readonly [name: string]: string };

/** Replaces the placeholders, each written as `"{{name}}"`, with JSON strings, which YAML reads too. */
function readTemplates(folder: keyof typeof templates, values: Placeholders): Placeholders {
  const fill = (text: string): string =>
    text.replaceAll(/"\{\{(\w+)\}\}"/gu, (whole, name: string) =>
      Object.hasOwn(values, name) ? JSON.stringify(values[name]) : whole,
    );
  return Object.fromEntries(templates[folder].map((file) => [file, fill(readTemplate(folder, file))]));
}

/** In the package, `dot-` stands for a leading dot: npm packs no file named `.gitignore`. */
function readTemplate(folder: keyof typeof templates, file: string): string {
  const stored = file.replaceAll(/(?<=^|\/)\./gu, "dot-");
  return readFileSync(packageFile(`templates/${folder}/${stored}`), "utf8");
}

/** A package may not be called like one of its dependencies: imports of that name would find it instead. */
function packageNameOf(projectName: string, taken: readonly string[]): string {
  const name = projectName
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/gu, "-")
    .replace(/^[._-]+|[._-]+$/gu, "");
  return taken.includes(name) || name === "node_modules" ? `${name}-stack` : name || "coze";
}

function editorSchemas(): { readonly [file: string]: string } {
  const schemas = writeSchemas();
  const names = ["project.schema.json", "manifest.schema.json"];
  return Object.fromEntries(names.map((name) => [`schemas/${name}`, schemas[name] ?? ""]));
}

/** What keeps a file from being created: the file itself, or something else in the place of one of its folders. */
function findObstacle(root: string, file: string): string | undefined {
  const parts = file.split("/");
  const folders = parts.map((_, count) => parts.slice(0, count).join("/"));
  for (const folder of folders) {
    // A link below the directory would lead writes elsewhere. The directory itself may be one.
    const there = folder === "" ? statSync(root, quiet) : lstatSync(path.join(root, folder), quiet);
    if (!there) return undefined;
    if (there.isSymbolicLink()) return say("commands/init-link", { path: folder });
    if (!there.isDirectory()) return say("commands/init-not-directory", { path: folder || root });
  }
  return lstatSync(path.join(root, file), quiet) && file;
}

const quiet = { throwIfNoEntry: false } as const;

async function writeNew(root: string, file: string, text: string): Promise<void> {
  const target = path.join(root, file);
  makeFolders(path.dirname(target));
  // A file that was created since the check is kept.
  await writeFile(target, text, { flag: "wx" }).catch((error: unknown) => {
    throw systemCodeOf(error) === "EEXIST" ? new InvalidInput([describeObstacles([file])]) : error;
  });
}

const mostNamed = 4;

function describeObstacles(found: readonly string[]): Diagnostic {
  const names = found.slice(0, mostNamed).join(", ");
  const count = found.length - mostNamed;
  const files = count > 0 ? say("commands/and-more", { names, count }) : names;
  return { code: "file-exists", severity: "error", ...explain("commands/init-blocked", { files }) };
}
