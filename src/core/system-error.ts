const reasons: { readonly [code: string]: string } = {
  EACCES: "permission denied",
  EADDRINUSE: "the port is in use",
  EDQUOT: "the disk quota is used up",
  EEXIST: "it exists already",
  EFBIG: "the file would be larger than allowed",
  EIO: "the disk reports an error",
  EISDIR: "it is a directory",
  ELOOP: "its links lead in a circle",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "no such file or directory",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path isn't a directory",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
};

/** The operating system's code of an error; empty for errors of other origin. */
export const systemCodeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "syscall" in error
    ? ((error as NodeJS.ErrnoException).code ?? "")
    : "";

/** Why the operating system refused something, in words. */
export function describeReason(error: unknown): string {
  const code = systemCodeOf(error);
  return reasons[code] ?? (code || (error instanceof Error ? error.message : String(error)));
}
