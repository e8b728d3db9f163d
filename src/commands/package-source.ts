import { existsSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { packageFile } from "../core/package-files.ts";
import { version } from "../core/version.ts";

/** Where this package is. */
const ownRoot = fileURLToPath(packageFile("")).replace(/[\\/]+$/u, "");

/**
 * What a project in a directory has to depend on to get the cozeform that runs: its version where npm took it from a
 * registry, else the folder where it is: a clone, or what a packed file was unpacked to. The way there is relative
 * where both lie below the same directory, and so may move together.
 */
export function describePackageSource(directory: string, root: string = ownRoot): string {
  if (isFromRegistry(root)) return `^${version}`;
  const real = existsSync(directory) ? realpathSync(directory) : path.resolve(directory);
  const way = path.relative(real, root);
  const isNear = !path.isAbsolute(way) && !path.relative(path.dirname(real), root).startsWith("..");
  return `file:${(isNear ? way : root).split(path.sep).join("/")}`;
}

/** npm keeps beside the packages of a folder where each of them came from. */
function isFromRegistry(root: string): boolean {
  const modules = path.dirname(root);
  if (path.basename(modules) !== "node_modules") return false;
  try {
    const { packages } = JSON.parse(readFileSync(path.join(modules, ".package-lock.json"), "utf8"));
    const { resolved, link } = packages[`node_modules/${path.basename(root)}`];
    return link !== true && /^https?:/u.test(resolved);
  } catch {
    return false;
  }
}
