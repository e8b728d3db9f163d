import { distance } from "fastest-levenshtein";
import { say } from "../messages/text.ts";

/** The known word that the user most likely meant, if any is near enough. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const far = measure(fold(word), fold(candidate));
    const longer = Math.max(word.length, candidate.length);
    if (far <= maxDistance(longer) && far < (best?.distance ?? Number.POSITIVE_INFINITY)) {
      best = { word: candidate, distance: far };
    }
  }
  return best?.word;
}

/** The known address that the user most likely meant: one of the same kind, or of another one with the same name. */
export function suggestAddress(text: string, known: Iterable<string>): string | undefined {
  const wanted = splitAddress(text);
  const addresses = [...known].map((address) => ({ address, ...splitAddress(address) }));
  const kind = addresses.some((one) => one.kind === wanted.kind)
    ? wanted.kind
    : suggest(wanted.kind, new Set(addresses.map((one) => one.kind)));
  const ofKind = addresses.filter((one) => one.kind === kind);
  const near = suggest(
    wanted.name,
    ofKind.map(({ name }) => name),
  );
  return (ofKind.find(({ name }) => name === near) ?? addresses.find(({ name }) => name === wanted.name))
    ?.address;
}

function splitAddress(text: string): { readonly kind: string; readonly name: string } {
  const [kind = "", ...name] = text.split(".");
  return { kind, name: name.join(".") };
}

/** The most known words that a hint lists. */
const mostShown = 12;

/** A hint that proposes the nearest known word, or else lists a few of those known. */
export function proposeWord(word: string, known: Iterable<string>, plural: string): string | undefined {
  const words = [...known];
  const near = suggest(word, words);
  if (near !== undefined) return say("common/did-you-mean", { word: JSON.stringify(near) });
  if (words.length === 0) return undefined;
  const key = words.length > mostShown ? "common/known-and-more" : "common/known";
  return say(key, { what: plural, words: words.slice(0, mostShown).join(", ") });
}

/** How many letters may differ: a third, at least one, and never more than half of a short word. */
const maxDistance = (length: number): number => Math.min(length / 2, Math.max(1, Math.round(length / 3)));

// Letters in another order are one slip.
const measure = (word: string, other: string): number =>
  word !== other && [...word].sort().join() === [...other].sort().join() ? 1 : distance(word, other);

// systemPrompt and system-prompt mean system_prompt.
const fold = (word: string): string => word.toLowerCase().replace(/[-_ ]/g, "");
