import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** Packages that constructs, and programs that use them, need. */
const packages = ["@types/node", "ajv", "ajv-formats", "fastest-levenshtein", "lossless-json"].concat([
  "picocolors",
  "string-width",
  "tinyglobby",
  "typescript",
  "undici-types",
  "yaml",
]);

/** Gives a project's directory what `npm install` would: the built package, and under CDKTF's name either library. */
export function installConstructs(project: string, library: "cdktf" | "cdktn" = "cdktf"): void {
  if (!existsSync(join(root, "dist/cdktf"))) throw new Error("dist is missing: run npm run build first");
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, "cozeform"), { recursive: true });
  // Copies: what stands behind a link would find the packages beside the original.
  for (const part of ["dist", "package.json"]) {
    cpSync(join(root, part), join(modules, "cozeform", part), { recursive: true });
  }
  cpSync(join(root, "node_modules", library), join(modules, "cdktf"), { recursive: true });
  cpSync(join(root, "node_modules/constructs"), join(modules, "constructs"), { recursive: true });
  for (const name of packages) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
}
