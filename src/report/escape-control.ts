import { escapeInvisible } from "../core/invisible-characters.ts";

/**
 * Makes a text safe to print. Without this, text from Coze or a file could move the cursor, reverse a line's direction,
 * or tell a model what no reviewer sees. Line breaks stay.
 */
export const printable = escapeInvisible;

/** The same with line breaks escaped. */
export const printableLine = (text: string): string => printable(text).replaceAll("\n", "\\n");
