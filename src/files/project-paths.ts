import { lstatSync, realpathSync } from "node:fs";
import path from "node:path";

/** Why a repository may not have a file read, in words that follow the file's name. */
export interface PathFault {
  readonly reason: "outside" | "hidden" | "internal" | "key";
  readonly message: string;
  readonly hint: string;
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

/** The fault of a file outside the project. */
export const outside: PathFault = {
  reason: "outside",
  message: "is outside the project's directory",
  hint: "copy the file into the project and name it relative to cozeform.yaml; or the runner allows it: COZEFORM_ALLOW_READ",
};

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
  if (root === undefined) return outside;
  // The project's own directory may be called anything, and so may a file that the runner names.
  if (real === root) return undefined;
  const steps = path.relative(root, real).split(path.sep);
  // Kubernetes mounts files by links through a folder `..data`.
  return checkSteps(steps, (step) => step.startsWith(".") && !step.startsWith(".."));
}

function checkSteps(steps: readonly string[], isHidden: (step: string) => boolean): PathFault | undefined {
  const internal = steps.find((step) => internals.has(step.toLowerCase()));
  if (internal !== undefined) {
    return {
      reason: "internal",
      message: `is in ${internal}, from which nothing is read`,
      hint: "copy what is meant into a file of its own",
    };
  }
  const hidden = steps.find(isHidden);
  if (hidden !== undefined) {
    return {
      reason: "hidden",
      message: "is a dot file, or in a dot folder, and such aren't read",
      hint: "give it another name; dot files often hold secrets",
    };
  }
  return isKeyFile(steps.at(-1) ?? "") ? keyFile : undefined;
}

const internals: ReadonlySet<string> = new Set([".git", ".cozeform"]);

const keyFile: PathFault = {
  reason: "key",
  message: "is named like a key, and such files aren't read",
  hint: "a key belongs under auth in cozeform.yaml: private_key: {file: …}; give anything else another name",
};

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
