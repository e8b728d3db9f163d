const firstOfPair = /[\ud800-\udbff]/;

/** How many characters a text has, pairs of UTF-16 units as one. */
export function countCharacters(text: string): number {
  if (!firstOfPair.test(text)) return text.length;
  let count = text.length;
  for (let at = 1; at < text.length; at += 1) {
    const isSecond =
      (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
    if (isSecond) count -= 1;
  }
  return count;
}

/** Whether a text has more characters than so many; the work doesn't grow with the text. */
export const isLonger = (text: string, most: number): boolean =>
  text.length > most && (text.length > 2 * most || countCharacters(text) > most);
