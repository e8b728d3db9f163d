import { basename, resolve } from "node:path";
import { ChangedFile, openPlanned, readPlanned, uploadPlanned } from "../content/planned-content.ts";
import type { FileHandle } from "../core/field.ts";
import type { FileContent } from "../core/value.ts";
import type { Kind } from "../kind/kind.ts";
import { say } from "../messages/text.ts";
import type { Store } from "../state/store.ts";
import type { Engine } from "./engine.ts";

/** Coze drops an uploaded file after three months; a remembered one is used for this many seconds. */
const uploadLifetime = 80 * 24 * 3600;

/** A file in the hands of a step. */
export interface StepFile extends FileHandle {
  /** Has the content uploaded again if the step was given an earlier run's upload of it, which Coze may have dropped. */
  renew(): boolean;
}

/** Gives kinds the local files that specs name; the same content is uploaded once per account, ever. */
export function createFileHandles<Api>(
  engine: Engine<Api>,
  store: Store,
): (file: FileContent, kind: Kind<Api>) => StepFile {
  const uploads = new Map<string, Promise<string>>();
  const own = new Set<string>();
  const renewed = new Set<string>();
  return (file, kind) => {
    const key = engine.uploadKey(kind, file.sha256);
    const name = basename(file.$file);
    const read = () => readFor(readPlanned, engine.directory, file);
    let isReused = false;
    const upload = async (): Promise<string> => {
      const now = Math.floor(engine.clock.now() / 1000);
      const known = store.state.files[key];
      if (known && own.has(key)) return known.id;
      if (known && !renewed.has(key) && now - known.uploaded < uploadLifetime) return known.id;
      const content = await readFor(openPlanned, engine.directory, file);
      const sending = engine.provider.upload(engine.apiOf(kind), { name, content });
      const id = await uploadPlanned(sending).catch((cause: unknown) => {
        throw cause instanceof ChangedFile ? unreadable(file, cause) : cause;
      });
      store.putFile(key, { id, uploaded: now });
      own.add(key);
      return id;
    };
    return {
      ...file,
      name,
      read,
      async upload() {
        const begun = uploads.get(key) ?? upload().finally(() => uploads.delete(key));
        uploads.set(key, begun);
        const id = await begun;
        isReused = !own.has(key);
        return id;
      },
      renew() {
        if (isReused) renewed.add(key);
        return isReused;
      },
    };
  };
}

/** Reads a file for a step; throws an error that names it. */
async function readFor<T>(
  read: (path: string, file: FileContent) => Promise<T>,
  directory: string,
  file: FileContent,
): Promise<T> {
  try {
    return await read(resolve(directory, file.$file), file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable({ $file: file }: FileContent, cause: unknown): Error {
  const key = cause instanceof ChangedFile ? "engine/file-changed" : "engine/file-unreadable";
  return new Error(say(key, { file }), { cause });
}
