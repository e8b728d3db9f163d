/** How often each text occurs; `?` is for those that are missing. */
export function tally(texts: Iterable<string | undefined>): { readonly [text: string]: number } {
  const counts: { [text: string]: number } = {};
  for (const text of texts) counts[text ?? "?"] = (counts[text ?? "?"] ?? 0) + 1;
  return counts;
}
