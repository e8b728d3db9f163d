/**
 * What an id of Coze's may look like, for fields that hold one: parts of addresses are made of ids, where `..` or a
 * slash would lead elsewhere.
 */
export const idText = {
  pattern: "^[A-Za-z0-9_-]{1,64}$",
  patternHint: "an id of up to 64 letters, digits, - and _",
} as const;

const pattern = new RegExp(idText.pattern, "u");

/** Whether a text can be an id. */
export const isId = (text: string): boolean => pattern.test(text);
