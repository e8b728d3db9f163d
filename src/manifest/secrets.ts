// Coze's personal, service and session tokens, and keys in PEM form (a block that isn't closed counts too).
const secret =
  /(?<![A-Za-z0-9_])(?:pat|sat|czs|czu)_[A-Za-z0-9_-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----|[\s\S]*)/gu;

/** Where texts that look like a token or a private key begin, and what to call each. */
export function findSecrets(text: string): readonly { readonly offset: number; readonly what: string }[] {
  return [...text.matchAll(secret)].map((match) => ({
    offset: match.index,
    what: match[0].startsWith("-----") ? "a private key" : "a Coze token",
  }));
}

/** Stars in place of whatever looks like a secret; the text keeps its length and its lines. */
export const maskSecrets = (text: string): string => text.replace(secret, stars);

/** Stars in place of one part of a text. */
export const maskSpan = (text: string, [from, to]: readonly [number, number]): string =>
  text.slice(0, from) + stars(text.slice(from, to)) + text.slice(to);

const stars = (text: string): string => text.replace(/\S/gu, (character) => "*".repeat(character.length));
