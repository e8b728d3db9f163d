import type { Problem } from "../diagnostic-codes.ts";

/** A text that stands for a value that is known only when what was read is used; `name` says which: `env.TOKEN`. */
export const placeholderOf = (name: string): string => `${open}${name}${close}`;

/** The parts of a text: what it says, and the names of what it leaves open. */
export function splitPlaceholders(
  text: string,
): readonly ({ readonly text: string } | { readonly name: string })[] {
  const parts = text.split(new RegExp(`${open}([^${close}]*)${close}`, "u"));
  return parts
    .map((part, index) => (index % 2 === 0 ? { text: part } : { name: part }))
    .filter((part) => !("text" in part && part.text === ""));
}

export const hasPlaceholder = (text: string): boolean => text.includes(open);

// Of Unicode's private use, so that no text that people write holds them.
const open = "\u{F0000}";
const close = "\u{F0001}";

/** What to say where a value decides what there is. */
export const notYetKnown: Problem = {
  code: "unset-variable",
  message: "this must be known already, and what the variable holds isn't",
  hint: "give the variable a value that is known where the manifests are read",
};
