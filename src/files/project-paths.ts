import { lstatSync, realpathSync } from "node:fs";
import path from "node:path";
import { explain } from "../messages/text.ts";

/** Why a repository may not have a file read. */
export type PathFault =
  | { readonly reason: "outside" | "hidden" | "key" }
  | { readonly reason: "internal"; readonly folder: string };

/** What is wrong with a file and the next move. A path outside that doesn't lead there by itself does by a link. */
export function explainPathFault(
  file: string,
  fault: PathFault,
): { readonly message: string; readonly hint: string } {
  if (fault.reason === "internal") return explain("files/path-internal", { file, folder: fault.folder });
  const isLink = fault.reason === "outside" && !leavesDirectory(file);
  return explain(isLink ? "files/path-link" : `files/path-${fault.reason}`, { file });
}

/** Where files may be that a repository names. */
export interface ReadableRoots {
  /** The project's directory. */
  readonly directory: string;
  /** Folders and files outside it that the runner allows; real paths. */
  readonly allowed: readonly string[];
}

/** Whether a path, as a repository writes it, leads out of the directory that it is relative to. */
export function leavesDirectory(file: string): boolean {
  const normal = path.posix.normalize(file.replaceAll("\\", "/"));
  return (
    normal === ".." || normal.startsWith("../") || normal.startsWith("/") || /^[A-Za-z]:\//u.test(normal)
  );
}

/** What is wrong with a path as a repository writes it: dot files, and what holds secrets, aren't read. */
export function checkName(file: string): PathFault | undefined {
  const parts = path.posix.normalize(file.replaceAll("\\", "/")).split("/");
  const steps = parts.filter((part) => part !== "." && part !== ".." && part !== "");
  return checkSteps(steps, (step) => step.startsWith("."));
}

/**
 * What is wrong with where a file really is, after all links; `undefined` when it may be read. `real` is its real path.
 */
export function checkRealPath({ directory, allowed }: ReadableRoots, real: string): PathFault | undefined {
  // What the runner names inside the project counts before the project does.
  const root = [...allowed, directory].find((one) => isBelow(real, one));
  if (root === undefined) return { reason: "outside" };
  // The project's own directory may be called anything, and so may a file that the runner names.
  if (real === root) return undefined;
  const steps = path.relative(root, real).split(path.sep);
  // Kubernetes mounts files by links through a folder `..data`.
  return checkSteps(steps, (step) => step.startsWith(".") && !step.startsWith(".."));
}

function checkSteps(steps: readonly string[], isHidden: (step: string) => boolean): PathFault | undefined {
  const internal = steps.find((step) => internals.has(step.toLowerCase()));
  if (internal !== undefined) return { reason: "internal", folder: internal };
  if (steps.some(isHidden)) return { reason: "hidden" };
  return isKeyFile(steps.at(-1) ?? "") ? { reason: "key" } : undefined;
}

const internals: ReadonlySet<string> = new Set([".git", ".cozeform"]);

/** Whether a file's name says that it holds a private key or a store of keys. */
const isKeyFile = (name: string): boolean =>
  /\.(?:pem|key|p12|pfx|pkcs12|jks|keystore|ppk|kdbx|p8)$/iu.test(name) ||
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/iu.test(name);

/**
 * The root of the git work tree that a directory is in, as a real path; undefined when it is in none, or isn't there.
 */
export function findWorkTree(directory: string): string | undefined {
  let folder: string;
  try {
    folder = realpathSync(directory);
  } catch {
    return undefined;
  }
  for (;;) {
    if (lstatSync(path.join(folder, ".git"), { throwIfNoEntry: false })) return folder;
    const parent = path.dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

/** Whether a path is that of a directory or below it; both absolute. */
export function isBelow(file: string, directory: string): boolean {
  const steps = path.relative(directory, file);
  return steps === "" || (steps !== ".." && !steps.startsWith(`..${path.sep}`) && !path.isAbsolute(steps));
}

/** The real path of a file or folder, or of the nearest folder around it that is there. */
export function realOfNearest(place: string): string {
  try {
    return realpathSync(place);
  } catch {
    const around = path.dirname(place);
    return around === place ? place : realOfNearest(around);
  }
}
