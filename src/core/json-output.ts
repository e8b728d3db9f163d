import { escapeInvisibleJson } from "./invisible-characters.ts";

/** A value as JSON whose readers see every character: invisible ones stand as escapes. `indent`: blanks a level. */
export const writeJson = (value: unknown, indent?: number): string =>
  escapeInvisibleJson(JSON.stringify(value, null, indent));
