import { digestOf } from "../../core/digest.ts";

/** A name of all letters of an id, where CDKTF made `allocated` of it and left some out. */
export function ownLetters(id: string, allocated: string): string | undefined {
  const isLeftOut = !isAscii(id) && allocated === id.replaceAll(/[^\w-]/gu, "");
  return isLeftOut ? asIdentifier(slugOf(id)) : undefined;
}

/** Identifiers of Terraform's begin with a letter or `_`. */
export const asIdentifier = (name: string): string => (/^[\p{ID_Start}_]/u.test(name) ? name : `_${name}`);

const isAscii = (text: string): boolean => !/[^\p{ASCII}]/u.test(text);

/** The id of a construct: CDKTF writes `--` for the `/` of a path, so that what has both needs more to tell it apart. */
export const constructId = (text: string): string =>
  text.includes("--") ? `${text} ${shortDigest(text)}` : text;

/** What no identifier of Terraform's holds; letters are those of any script. */
export const strange = /(?:[^\p{ID_Continue}-]|[\u200c\u200d])+/gu;

/**
 * A text as part of an identifier; where it has more than that takes, six digits of its hash follow. They follow letters of
 * other scripts as well: CDKTF leaves those out of what it calls values that go from stack to stack.
 */
export function slugOf(key: string): string {
  const slug = key.replaceAll(strange, "_");
  return slug === key && isAscii(key) ? slug : `${slug.replace(/^_+|_+$/gu, "")}_${shortDigest(key)}`;
}

/** Six digits of a text's hash. */
export const shortDigest = (text: string): string => digestOf(text).slice(0, 6);
