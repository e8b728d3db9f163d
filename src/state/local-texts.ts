import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemCodeOf } from "../core/system-error.ts";
import { canonicalJson } from "../core/value.ts";
import { readFileGuarded } from "../files/guarded-reading.ts";
import { makeFolder, sweepDrafts, writeFileGuarded } from "../files/guarded-writing.ts";
import { say } from "../messages/text.ts";
import { hashesInBackups } from "./backup.ts";
import { locateTexts, makeStateFolder, type StateLocation } from "./location.ts";
import { StateUnwritable } from "./model.ts";
import { hashText, parseText, plainText, type ReleaseText, type ReleaseTexts } from "./release-texts.ts";

/** The most bytes of a text: far more than Coze takes of any object. */
const longestText = 16 * 2 ** 20;

const ending = ".json";

/** Opens the texts beside a state file: one file each, named by its hash. */
export function openReleaseTexts(location: StateLocation): ReleaseTexts {
  const written = new Set<string>();
  const locate = (hash: string) => join(locateTexts(location), `${hash}${ending}`);
  return {
    async read(hashes) {
      return new Map(
        [...hashes].flatMap((hash) => {
          const text = readStored(locate(hash), hash);
          return text ? [[hash, text] as const] : [];
        }),
      );
    },
    write(text) {
      const hash = hashText(text);
      const file = locate(hash);
      if (written.has(hash)) return hash;
      try {
        if (!readStored(file, hash)) {
          makeStateFolder(location);
          makeFolder(locateTexts(location));
          writeFileGuarded(file, canonicalJson(plainText(text)));
        }
      } catch (error) {
        throw new StateUnwritable(file, error, say("state/finish-journal"));
      }
      written.add(hash);
      return hash;
    },
    unstored: () => new Map(),
    flush: async () => {},
    async sweep(inUse) {
      const folder = locateTexts(location);
      const stored = listStored(folder);
      if (stored.length > 0) sweepDrafts(folder);
      const unused = stored.filter((hash) => !inUse.has(hash));
      if (unused.length === 0) return;
      const kept = hashesInBackups(location);
      for (const hash of unused) {
        if (kept.has(hash)) continue;
        written.delete(hash);
        rmSync(locate(hash), { force: true });
      }
    },
  };
}

/** What is stored under a name; undefined for anything but the text of this hash. */
function readStored(file: string, hash: string): ReleaseText | undefined {
  try {
    return parseText(readFileGuarded(file, { most: longestText }), hash);
  } catch {
    // A release without its configuration is still a release; who needs that tells.
    return undefined;
  }
}

function listStored(folder: string): readonly string[] {
  try {
    if (!lstatSync(folder).isDirectory()) return [];
    return readdirSync(folder).flatMap((name) =>
      /^[\da-f]{64}\.json$/u.test(name) ? [name.slice(0, -ending.length)] : [],
    );
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return [];
    throw error;
  }
}
