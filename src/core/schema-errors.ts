import type { Fields } from "./field.ts";
import { suggest } from "./suggestions.ts";

/** What is wrong with a value, to be read behind the name of its place, and the next move. */
export interface SchemaError {
  readonly said: string;
  readonly hint?: string | undefined;
}

type Bound = "at least" | "at most";

/** A text, a list or a map that is too short or too long; `note` says where it is when it isn't written there. */
export function describeLength(
  size: number,
  unit: "character" | "item" | "key",
  [bound, limit]: readonly [Bound, number],
  note = "",
): SchemaError {
  if (size === 0) return { said: "is empty" };
  const count = `${size} ${unit}${size === 1 ? "" : "s"}`;
  const hint = bound === "at most" ? `shorten it by ${size - limit}` : undefined;
  return { said: `has ${count}${note}, ${bound} ${limit} are allowed`, hint };
}

/** A number that is too small or too large; `shown`: the number as it may be shown. */
export const describeRange = (shown: string, [bound, limit]: readonly [Bound, number]): SchemaError => ({
  said: `is ${shown}, ${bound} ${limit} is allowed`,
});

/** A word that isn't one of a few; `shown` is absent where the word must not be. */
export function describeWord(word: string, shown: string | undefined, known: readonly string[]): SchemaError {
  const near = suggest(word, known);
  const allowed =
    known.length === 1 ? `must be ${JSON.stringify(known[0])}` : `must be one of ${known.join(", ")}`;
  return {
    said: shown === undefined ? allowed : `${allowed}; found ${shown}`,
    hint: near === undefined ? undefined : `did you mean ${near}?`,
  };
}

/** A word that Coze's documentation doesn't have, in a place where Coze may know more words than it tells. */
export function describeUnknownKey(word: string, shown: string, known: readonly string[]): SchemaError {
  const near = suggest(word, known);
  const sent = `it is sent as it is; the documentation has ${known.join(", ")}`;
  return {
    said: `Coze's documentation doesn't know ${shown}`,
    hint: near === undefined ? sent : `did you mean ${near}?`,
  };
}

/** A text that isn't like what is wanted, in words: `a user id of digits`. */
export const describeWrongType = (wanted: string, shown: string): SchemaError => ({
  said: `must be ${wanted}; found ${shown}`,
});

/** The address that a text without a scheme was meant as; undefined when it has one, or isn't like an address. */
export function proposeAddress(text: string): string | undefined {
  if (!/^(?:[\p{L}\d.-]+|\[[\da-f:]+\])(?::\d{1,5})?(?:\/\S*)?$/iu.test(text)) return undefined;
  const isHere = /^(?:localhost|127\.|\[::1\])/iu.test(text);
  // A word alone is hardly an address.
  if (!isHere && !/^[^/]*[.:]/u.test(text)) return undefined;
  const address = `${isHere ? "http" : "https"}://${text}`;
  return URL.canParse(address) ? address : undefined;
}

/** The address that was meant by a text which lacks what a pattern asks for at its beginning, as a hint. */
export function hintAtAddress(
  pattern: string,
  text: string,
  form: "shown" | "hidden" = "shown",
): string | undefined {
  const address = pattern.startsWith("^https?://") ? proposeAddress(text) : undefined;
  if (address === undefined) return undefined;
  return `write ${form === "shown" ? address : "it with http:// or https:// in front"}`;
}

/** A text that isn't a URL; `text` is absent where it must not be repeated. */
export function describeBadUrl(text: string | undefined, shown: string): SchemaError {
  const encoded = text !== undefined && URL.canParse(text) && !/\s/u.test(text);
  return {
    said: `must be a URL; found ${shown}`,
    hint: encoded ? `write ${new URL(text).href}` : "for example https://example.com/path",
  };
}

/** None of what exactly one is wanted of, or several; `given` are those that are there. */
export function describeAlternatives(names: readonly string[], given: readonly string[]): SchemaError {
  const instead = given.length === 0 ? "" : `, not ${given.join(" and ")} together`;
  return {
    said: `takes exactly one of ${names.join(", ")}${instead}`,
    hint: given.length > 1 ? "remove one of them" : undefined,
  };
}

/** Of the fields that are given, in their order, each that excludes an earlier one, behind the first such. */
export function findConflicts(
  fields: Fields,
  given: readonly string[],
): readonly (readonly [string, string])[] {
  const excludes = (name: string, other: string) => fields[name]?.conflictsWith?.includes(other) === true;
  return given.flatMap((name, index) => {
    const earlier = given.slice(0, index).find((other) => excludes(name, other) || excludes(other, name));
    return earlier === undefined ? [] : [[earlier, name] as const];
  });
}

/** Two fields of which only one may be given. */
export const describeConflict = (one: string, other: string): SchemaError => ({
  said: `${one} and ${other} can't be given together`,
  hint: "remove one of them",
});

/** An item of a list that bears the key of an earlier one. */
export const describeDuplicate = (key: string): SchemaError => ({
  said: `an item with this ${key} is already in the list`,
  hint: "remove one of them",
});

/** What is wrong with a local file of this path and size in bytes. */
export function findFileFaults(
  { extensions, maxBytes }: { readonly extensions: readonly string[]; readonly maxBytes?: number },
  path: string,
  size: number,
): readonly SchemaError[] {
  const wanted = extensions.map((extension) => `.${extension.replace(/^\./u, "").toLowerCase()}`);
  const faults: SchemaError[] = [];
  if (wanted.length > 0 && !wanted.some((extension) => path.toLowerCase().endsWith(extension))) {
    const hint = "convert the file, or name another one";
    faults.push({ said: `${path} must be ${describeExtensions(wanted)}`, hint });
  }
  if (size === 0) faults.push({ said: `${path} is empty` });
  if (maxBytes !== undefined && size > maxBytes) {
    faults.push({ said: `${path} has ${formatSize(size)}, at most ${formatSize(maxBytes)} are allowed` });
  }
  return faults;
}

const isImage = (extension: string): boolean =>
  /^\.(?:jpe?g|png|gif|webp|bmp|hei[cf]|tiff?|svg|ico|avif)$/u.test(extension);

/** Extensions in the groups that readers think in. */
function describeExtensions(extensions: readonly string[]): string {
  const texts = extensions.filter((extension) => !isImage(extension));
  const images = extensions.filter(isImage);
  const groups = [
    ...(texts.length > 0 ? [`a text (${texts.join(" ")})`] : []),
    ...(images.length > 0 ? [`an image (${images.join(" ")})`] : []),
  ];
  return groups.join(" or ");
}

function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const [amount, unit] = bytes < 1024 ** 2 ? [bytes / 1024, "KB"] : [bytes / 1024 ** 2, "MB"];
  return `${Number(amount.toFixed(2))} ${unit}`;
}
