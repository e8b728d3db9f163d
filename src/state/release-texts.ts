import type { Address } from "../core/address.ts";
import { digestOf } from "../core/digest.ts";
import { readJson } from "../core/json-text.ts";
import { isObject, type Json, type Values } from "../core/value.ts";
import type { Entry, Release } from "../kind/state-entry.ts";

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
  /** Those of some hashes that are there; what is stored under a name and is another text isn't. */
  read(hashes: Iterable<string>): Promise<ReadonlyMap<string, ReleaseText>>;
  /** Returns the hash of a text, which is stored by now or by the next `flush`. Throws `StateUnwritable`. */
  write(text: ReleaseText): string;
  /** The texts that `flush` has yet to store. */
  unstored(): ReadonlyMap<string, ReleaseText>;
  /** Resolves when the texts so far outlive a power cut. Throws `StateError`. */
  flush(): Promise<void>;
  /** Removes the texts that neither these hashes nor the backups beside them name. */
  sweep(inUse: ReadonlySet<string>): Promise<void>;
}

/** A text as it is stored. */
export const plainText = ({ spec, managed }: ReleaseText): Values => ({
  spec,
  ...(managed ? { managed: [...managed] } : {}),
});

/** The hash under which a text is stored. */
export const hashText = (text: ReleaseText): string => digestOf(plainText(text));

/** The hash of a release's configuration, wherever that is stored; undefined where it isn't known. */
export const hashOfRelease = ({ content, spec, managed }: Release): string | undefined =>
  content ?? (spec && hashText({ spec, managed }));

/** A text as it was stored; undefined for anything but the text of this hash. */
export function parseText(bytes: Uint8Array, hash: string): ReleaseText | undefined {
  const read = readJson(Buffer.from(bytes).toString("utf8"));
  if ("fault" in read || !isObject(read.value as Json)) return undefined;
  const value = read.value as Values;
  // Git may have changed line ends, which are no part of the text.
  return digestOf(value) === hash ? (value as unknown as ReleaseText) : undefined;
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
  return insertTexts(entry, await texts.read(lackingIn(entry)));
}

/** The hashes of the configurations that an entry doesn't contain. */
const lackingIn = ({ history = [] }: Entry): readonly string[] =>
  history.flatMap(({ content, spec }) => (content !== undefined && spec === undefined ? [content] : []));

function insertTexts(entry: Entry, texts: ReadonlyMap<string, ReleaseText>): Entry {
  if (!entry.history || lackingIn(entry).length === 0) return entry;
  const history = entry.history.map((release): Release => {
    const text = release.spec === undefined ? texts.get(release.content ?? "") : undefined;
    return text ? { ...release, ...text } : release;
  });
  return { ...entry, history };
}

/** Resources with the configurations of their releases; of all, or of those that `isWanted` names. */
export async function withTextsOf(
  resources: { readonly [address: Address]: Entry },
  texts: Pick<ReleaseTexts, "read">,
  isWanted: (address: Address) => boolean = () => true,
): Promise<{ readonly [address: Address]: Entry }> {
  const all = Object.entries(resources);
  const wanted = all.filter(([address]) => isWanted(address)).map(([, entry]) => entry);
  const read = await texts.read(new Set(wanted.flatMap(lackingIn)));
  return Object.fromEntries(
    all.map(([address, entry]) => [address, isWanted(address) ? insertTexts(entry, read) : entry]),
  );
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
