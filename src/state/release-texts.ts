import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Address } from "../core/address.ts";
import { mapBounded } from "../core/bounded-map.ts";
import { digestOf } from "../core/digest.ts";
import { readJson } from "../core/json-text.ts";
import { systemCodeOf } from "../core/system-error.ts";
import { canonicalJson, isObject, type Json, type Values } from "../core/value.ts";
import { readFileGuarded } from "../files/guarded-reading.ts";
import { makeFolder, sweepDrafts, writeFileGuarded } from "../files/guarded-writing.ts";
import type { Entry, Release } from "../kind/state-entry.ts";
import { say } from "../messages/text.ts";
import { hashesInBackups } from "./backup.ts";
import { locateTexts, makeStateFolder, type StateLocation } from "./location.ts";
import { StateUnwritable } from "./model.ts";

/** The configuration of a release, as it is stored under the hash of its canonical JSON. */
export interface ReleaseText {
  readonly spec: Values;
  readonly managed?: readonly string[] | undefined;
}

/**
 * The configurations of releases, outside the state document. Each is stored before the state refers to it, and removed
 * only after the state no longer does: a run that is killed leaves at most some that nothing refers to.
 */
export interface ReleaseTexts {
  /** Undefined when there is none of this hash, or what is there is another text. */
  read(hash: string): Promise<ReleaseText | undefined>;
  /** Stores a text, which outlives a power cut when this returns its hash. Throws {@link StateUnwritable}. */
  write(text: ReleaseText): string;
  /** Removes the texts that neither these hashes nor the backups of the state name. */
  sweep(inUse: ReadonlySet<string>): void;
}

/** The most bytes of a text: far more than Coze takes of any object. */
const longestText = 16 * 2 ** 20;

const ending = ".json";

/** Opens the texts beside a state file: one file each, named by its hash. */
export function openReleaseTexts(location: StateLocation): ReleaseTexts {
  const written = new Set<string>();
  const locate = (hash: string) => join(locateTexts(location), `${hash}${ending}`);
  return {
    async read(hash) {
      return readStored(locate(hash), hash);
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
    sweep(inUse) {
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

const plainText = ({ spec, managed }: ReleaseText): Values => ({
  spec,
  ...(managed ? { managed: [...managed] } : {}),
});

/** The hash under which a text is stored. */
export const hashText = (text: ReleaseText): string => digestOf(plainText(text));

/** The hash of a release's configuration, wherever that is stored; undefined where it isn't known. */
export const hashOfRelease = ({ content, spec, managed }: Release): string | undefined =>
  content ?? (spec && hashText({ spec, managed }));

/** What is stored under a name; undefined for anything but the text of this hash. */
function readStored(file: string, hash: string): ReleaseText | undefined {
  try {
    const read = readJson(readFileGuarded(file, { most: longestText }).toString("utf8"));
    if ("fault" in read || !isObject(read.value as Json)) return undefined;
    const value = read.value as Values;
    // Git may have changed line ends, which are no part of the text.
    return digestOf(value) === hash ? (value as unknown as ReleaseText) : undefined;
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

/** An entry whose releases name their configurations by hash. `store` is given each text and returns its hash. */
export function withStoredTexts(entry: Entry, store: (text: ReleaseText) => string): Entry {
  const { history } = entry;
  if (!history?.some(({ spec }) => spec !== undefined)) return entry;
  return {
    ...entry,
    history: history.map(({ spec, managed, ...release }): Release => {
      if (spec === undefined) return release;
      return { ...release, content: store({ spec, managed }) };
    }),
  };
}

/** An entry with the hashes that its texts would have; stores nothing. */
export const withTextHashes = (entry: Entry): Entry => withStoredTexts(entry, hashText);

/** An entry with the configurations of its releases, as far as they are still there. */
export async function withTexts(entry: Entry, texts: Pick<ReleaseTexts, "read">): Promise<Entry> {
  const { history } = entry;
  if (!history?.some(({ content, spec }) => content !== undefined && spec === undefined)) return entry;
  const read = history.map(async (release): Promise<Release> => {
    if (release.content === undefined || release.spec !== undefined) return release;
    const text = await texts.read(release.content);
    return text ? { ...release, ...text } : release;
  });
  return { ...entry, history: await Promise.all(read) };
}

/** Resources with the configurations of their releases; of all, or of those that `isWanted` names. */
export async function withTextsOf(
  resources: { readonly [address: Address]: Entry },
  texts: Pick<ReleaseTexts, "read">,
  isWanted: (address: Address) => boolean = () => true,
): Promise<{ readonly [address: Address]: Entry }> {
  const read = await mapBounded(
    Object.entries(resources),
    async ([address, entry]) => [address, isWanted(address) ? await withTexts(entry, texts) : entry] as const,
  );
  return Object.fromEntries(read);
}

/**
 * Resources that contain the configurations of their releases, as far as they are still there: for a state that has no
 * texts beside it.
 */
export async function withTextsInside(
  resources: { readonly [address: Address]: Entry },
  texts: Pick<ReleaseTexts, "read">,
): Promise<{ readonly [address: Address]: Entry }> {
  const read = Object.entries(await withTextsOf(resources, texts)).map(
    ([address, entry]) => [address, withoutHashes(entry)] as const,
  );
  return Object.fromEntries(read);
}

/** An entry without the hashes of what it contains. */
function withoutHashes(entry: Entry): Entry {
  if (!entry.history) return entry;
  const history = entry.history.map((release): Release => {
    if (release.spec === undefined) return release;
    const { content: _, ...rest } = release;
    return rest;
  });
  return { ...entry, history };
}

/** The hashes that entries refer to. */
export function hashesIn(resources: { readonly [address: Address]: Entry }): ReadonlySet<string> {
  const all = new Set<string>();
  for (const { history = [] } of Object.values(resources))
    for (const { content } of history) if (content !== undefined) all.add(content);
  return all;
}
