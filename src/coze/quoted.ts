/**
 * A text without what can be told for a secret by its form: Coze may quote what it holds and we never saw, such as
 * tokens of others, and links whose query is a signature.
 */
export const hideQuoted = (text: string): string =>
  text
    .replace(/\b(?:pat|sat|czs|czu)_\w+|\beyJ[\w-]+(?:\.[\w-]+){1,2}/g, "[secret]")
    .replace(/(https?:\/\/[^\s?"'<>]+)\?[^\s"'<>]*/g, "$1?[…]");
