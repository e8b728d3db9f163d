import { canonicalJson } from "../core/value.ts";
import type { KeptTexts, StoredTexts } from "./backend.ts";
import { openReleaseTexts } from "./local-texts.ts";
import type { StatePlace } from "./place.ts";
import { hashText, parseText, plainText, type ReleaseText, type ReleaseTexts } from "./release-texts.ts";

/** The most bytes of texts that are written at once. */
const mostBytes = 4 * 2 ** 20;

/**
 * Opens the texts of a place that several machines share. What is written is stored by the next `flush`, which has to
 * come before the line or the document that names it.
 */
export function openSharedTexts(kept: KeptTexts): ReleaseTexts {
  const stored = new Set<string>();
  const unstored = new Map<string, ReleaseText>();
  let flushing: Promise<void> = Promise.resolve();

  async function storeAll(): Promise<void> {
    while (unstored.size > 0) {
      const batch = takeBatch(unstored);
      await kept.write(batch);
      for (const hash of batch.keys()) {
        unstored.delete(hash);
        stored.add(hash);
      }
    }
  }
  return {
    async read(hashes) {
      const here = [...hashes].flatMap((hash) => {
        const text = unstored.get(hash);
        return text ? [[hash, text] as const] : [];
      });
      const elsewhere = [...hashes].filter((hash) => !unstored.has(hash));
      return new Map([...(await readShared(kept, elsewhere)), ...here]);
    },
    write(text) {
      const hash = hashText(text);
      if (!stored.has(hash)) unstored.set(hash, text);
      return hash;
    },
    unstored: () => unstored,
    flush() {
      const next = flushing.then(storeAll);
      flushing = next.catch(() => {});
      return next;
    },
    sweep: (inUse) => kept.sweep(inUse),
  };
}

/** Some texts as they are stored, by hash; at least one. */
function takeBatch(texts: ReadonlyMap<string, ReleaseText>): ReadonlyMap<string, Uint8Array> {
  const batch = new Map<string, Uint8Array>();
  let bytes = 0;
  for (const [hash, text] of texts) {
    if (bytes >= mostBytes) break;
    const encoded = Buffer.from(canonicalJson(plainText(text)));
    bytes += encoded.length;
    batch.set(hash, encoded);
  }
  return batch;
}

async function readShared(
  stored: StoredTexts,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, ReleaseText>> {
  if (hashes.length === 0) return new Map();
  const found = [...(await stored.read([...new Set(hashes)]))];
  return new Map(
    found.flatMap(([hash, bytes]) => {
      const text = parseText(bytes, hash);
      return text ? [[hash, text] as const] : [];
    }),
  );
}

/** The texts of a place, for commands that only read them. */
export function openTextReader(place: StatePlace): Pick<ReleaseTexts, "read"> {
  const texts = place.backend?.texts;
  return texts ? { read: (hashes) => readShared(texts, [...hashes]) } : openReleaseTexts(place);
}
