import { statSync } from "node:fs";
import { basename } from "node:path";
import { findContentFault } from "../../core/content-faults.ts";
import { ExplainedError } from "../../core/explained-error.ts";
import type { FileHandle } from "../../core/field.ts";
import type { Path } from "../../core/spec-walk.ts";
import { countContent } from "../../core/text-content.ts";
import type { Json } from "../../core/value.ts";
import { readFileGuarded } from "../../files/guarded-reading.ts";
import { type Explained, explain } from "../../messages/text.ts";
import type { Remote } from "../remote/remote.ts";
import type { ProviderDiagnostic } from "./provider-interface.ts";
import { errorAt } from "./text.ts";

/** What is known of a local file's content; size in bytes, of a text with its line ends as LF. */
export interface Content {
  readonly sha256: string;
  readonly size: number;
  /** Hashes that older versions of the provider stored for the same text. */
  readonly formerly?: readonly string[] | undefined;
  /** Why it isn't what was meant to be sent. */
  readonly fault?: Explained | undefined;
}

/** Local files as configurations name them, relative to the directory that Terraform runs in; each is read once per process. */
export interface Files {
  /** Undefined: it can't be read, or is no plain file. */
  look(path: string): Content | undefined;
  /** What a kind is given: it reads the file, which must have this content, or uploads it once per content. */
  handle(path: string, sha256: string, remote: Remote): Json;
}

/** A file that is planned with, or what to say where it can't be read. */
export function readableFile(
  files: Pick<Files, "look">,
  path: string,
  at: Path,
): Content | { readonly diagnostic: ProviderDiagnostic } {
  const found = files.look(path);
  if (!found)
    return { diagnostic: errorAt(explain("terraform-provider/file-unreadable", { file: path }), at) };
  return found.fault ? { diagnostic: errorAt(found.fault, at) } : found;
}

/** Bytes; Coze takes no larger file. A configuration's path is the user's own, links included. */
const limits = { most: 512 * 2 ** 20, links: "follow" } as const;

/** Looks at files when they are asked for. */
export function createFiles(): Files {
  const seen = new Map<string, { readonly stamp: string; readonly content: Content }>();
  const look = (path: string): Content | undefined => {
    try {
      const found = statSync(path);
      if (!found.isFile()) return undefined;
      const { mtimeMs, size, ino } = found;
      const stamp = [mtimeMs, size, ino].join();
      const known = seen.get(path);
      if (known?.stamp === stamp) return known.content;
      const raw = readFileGuarded(path, limits);
      const { bytes, sha256, formerly } = countContent(path, raw);
      const content = { sha256, size: bytes.length, formerly, fault: findContentFault(path, raw) };
      seen.set(path, { stamp, content });
      return content;
    } catch {
      return undefined;
    }
  };
  const read = async (path: string, sha256: string): Promise<Uint8Array> => {
    const { bytes, ...found } = countContent(path, readFileGuarded(path, limits));
    if (found.sha256 !== sha256 && !found.formerly?.includes(sha256))
      throw new ExplainedError(explain("terraform-provider/file-changed", { file: path }));
    return bytes;
  };
  return {
    look,
    handle(path, sha256, remote) {
      const content = look(path);
      if (!content) throw new ExplainedError(explain("terraform-provider/file-gone", { file: path }));
      const { size } = content;
      const name = basename(path);
      const handle: FileHandle = {
        $file: path,
        sha256,
        size,
        name,
        read: () => read(path, sha256),
        upload: async () => remote.upload({ name, sha256, content: await read(path, sha256) }),
      };
      return handle as unknown as Json;
    },
  };
}
