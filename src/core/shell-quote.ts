/** A word quoted for a POSIX shell where it needs quotes. */
export const shellQuote = (word: string): string =>
  /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
