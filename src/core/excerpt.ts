/** The beginning of a text that may be of any length, with the number of characters that were left out. */
export function excerpt(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a pair of UTF-16 units would be no character.
  const kept = text.slice(0, most).replace(/[\ud800-\udbff]$/u, "");
  return `${kept}… (${(text.length - kept.length).toLocaleString("en-US")} more characters)`;
}
