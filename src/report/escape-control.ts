import { escapeInvisible } from "../core/invisible-characters.ts";

/**
 * A text that is safe to print and hides nothing: what Coze or a file holds could otherwise move the cursor, turn a
 * line's direction round, or tell a model what no reviewer sees. Line breaks stay.
 */
export const printable = escapeInvisible;

/** The same on one line. */
export const printableLine = (text: string): string => printable(text).replaceAll("\n", "\\n");
