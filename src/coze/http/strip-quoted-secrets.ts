/**
 * A text without what can be told for a secret by its form: Coze may quote what it holds and we never saw, such as
 * tokens of others, and links whose query is a signature.
 */
export const hideQuoted = (text: string): string =>
  text
    .replace(/\b(?:pat|sat|czs|czu)_\w+|\beyJ[\w-]+(?:\.[\w-]+){1,2}/g, "[secret]")
    .replace(/(https?:\/\/[^\s?"'<>]+)\?[^\s"'<>]*/g, "$1?[…]");

/** The most characters of Coze's own words in a message. */
export const longestSaid = 1000;

/** The printable ASCII characters of a text that names something in a log, at most 128; undefined without any. */
export function readLogid(text: string | undefined): string | undefined {
  const printable = text?.slice(0, 1024).replace(/[^\x21-\x7e]/g, "");
  return printable?.slice(0, 128) || undefined;
}
