import { say } from "../messages/text.ts";

/** Characters for the words that say how much was left out. */
const suffix = 32;

/**
 * A text of at most so many characters: the beginning of a longer one, with the number of characters that were left
 * out. `beyond`: characters that were left out before.
 */
export function excerpt(text: string, most: number, beyond = 0): string {
  if (text.length <= most && beyond === 0) return text;
  // Half of a pair of UTF-16 units would be no character.
  const kept = text.slice(0, most - suffix).replace(/[\ud800-\udbff]$/u, "");
  return say("core/excerpt", { text: kept, count: text.length - kept.length + beyond });
}
