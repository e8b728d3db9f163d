import { basename, resolve } from "node:path";
import type { FileHandle } from "../core/field.ts";
import { countContent, isTextFile, mostBytesOf } from "../core/text-content.ts";
import { type FileContent, isSameContent } from "../core/value.ts";
import { streamFileGuarded, UnfitFile } from "../files/guarded-reading.ts";
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
    const read = () => readPlanned(resolve(engine.directory, file.$file), file);
    let isReused = false;
    const upload = async (): Promise<string> => {
      const now = Math.floor(engine.clock.now() / 1000);
      const known = store.state.files[key];
      if (known && own.has(key)) return known.id;
      if (known && !renewed.has(key) && now - known.uploaded < uploadLifetime) return known.id;
      const id = await engine.provider.upload(engine.apiOf(kind), { name, content: await read() });
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

async function readPlanned(path: string, file: FileContent): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  try {
    // One that is larger by now has changed, and needn't be read to its end.
    const most = isTextFile(path) ? mostBytesOf(file.size) : file.size;
    for await (const chunk of streamFileGuarded(path, { most, links: "follow" })) {
      chunks.push(chunk);
    }
  } catch (cause) {
    const key = cause instanceof UnfitFile ? "engine/file-changed" : "engine/file-unreadable";
    throw new Error(say(key, { file: file.$file }), { cause });
  }
  const { bytes, ...content } = countContent(path, Buffer.concat(chunks));
  if (!isSameContent({ ...file, ...content }, file)) {
    throw new Error(say("engine/file-changed", { file: file.$file }));
  }
  return bytes;
}
