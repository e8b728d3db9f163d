import type { KindSchema } from "../kind/schema.ts";

/** Makes names for manifests out of what objects are called. */
export interface NameGiver {
  /** A name that no other object of the kind has: later ones get a number, and so do those whose name `isTaken`. */
  give(kind: KindSchema, title: string, id: string, isTaken: (name: string) => boolean): string;
}

/** The most characters of a name before its number. */
const longestName = 60;

/**
 * Opens the giving of names. Chinese becomes pinyin, other letters lose their accents, and what has no Latin letters is
 * named by its id.
 */
export async function openNames(): Promise<NameGiver> {
  // The table of characters takes a tenth of a second to load.
  const { pinyin } = await import("pinyin-pro");
  const used = new Set<string>();
  const read = (title: string): string =>
    pinyin(title.normalize("NFKC"), { toneType: "none", type: "array", nonZh: "consecutive", v: true }).join(
      " ",
    );
  return {
    give(kind, title, id, isTaken) {
      const word = kebabOf(kind.name);
      const letters = slugOf(read(title));
      // A name of digits alone reads like an id.
      const base =
        letters === "" ? `${word}-${slugOf(id)}` : /[a-z]/u.test(letters) ? letters : `${word}-${letters}`;
      for (let number = 1; ; number += 1) {
        const name = number === 1 ? base : `${base}-${number}`;
        const address = `${kind.name}.${name}`;
        if (used.has(address) || isTaken(name)) continue;
        used.add(address);
        return name;
      }
    },
  };
}

const slugOf = (text: string): string =>
  text
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .slice(0, longestName)
    .replaceAll(/^-+|-+$/gu, "");

/** `WorkspaceMember` as `workspace-member`. */
export const kebabOf = (kind: string): string => kind.replaceAll(/(?<=[a-z])(?=[A-Z])/gu, "-").toLowerCase();
