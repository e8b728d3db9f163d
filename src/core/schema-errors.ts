import { say, sayNumber } from "../messages/text.ts";
import type { Fields, FileShape } from "./field.ts";
import { suggest } from "./suggestions.ts";
import { extensionOf, isTextFile } from "./text-content.ts";

/** What is wrong with a value, to be read behind the name of its place, and the next move. */
export interface SchemaError {
  readonly said: string;
  readonly hint?: string | undefined;
}

type Bound = "minimum" | "maximum";

/** A text, a list or a map that is too short or too long; `note` says where it is when it isn't written there. */
export function describeLength(
  count: number,
  unit: "character" | "item" | "key",
  [bound, limit]: readonly [Bound, number],
  note = "",
): SchemaError {
  if (count === 0) return { said: say("core/empty") };
  const values = { count, limit: sayNumber(limit), note };
  if (bound === "minimum") return { said: say(`core/too-few-${unit}s`, values) };
  const hint = say("core/shorten", { number: sayNumber(count - limit) });
  return { said: say(`core/too-many-${unit}s`, values), hint };
}

/** A number that is too small or too large; `shown`: the number as it may be shown. */
export const describeRange = (shown: string, [bound, limit]: readonly [Bound, number]): SchemaError => ({
  said: say(bound === "minimum" ? "core/at-least" : "core/at-most", { shown, limit }),
});

/** A word that isn't one of a few; `shown` is absent where the word must not be. */
export function describeWord(word: string, shown: string | undefined, known: readonly string[]): SchemaError {
  const near = suggest(word, known);
  const wanted =
    known.length === 1 ? JSON.stringify(known[0]) : say("core/one-of", { words: known.join(", ") });
  return {
    said:
      shown === undefined ? say("core/must-be", { wanted }) : say("core/must-be-found", { wanted, shown }),
    hint: near && say("common/did-you-mean", { word: near }),
  };
}

/** A word that Coze's documentation doesn't have, in a place where Coze may know more words than it tells. */
export function describeUnknownKey(word: string, shown: string, known: readonly string[]): SchemaError {
  const near = suggest(word, known);
  return {
    said: say("core/undocumented-word", { shown }),
    hint: near
      ? say("common/did-you-mean", { word: near })
      : say("core/undocumented-word.hint", { words: known.join(", ") }),
  };
}

/** A text that isn't like what is wanted, in words: `a user id of digits`. */
export const describeWrongType = (wanted: string, shown: string): SchemaError => ({
  said: say("core/must-be-found", { wanted, shown }),
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
  const address = pattern.includes("://") ? proposeAddress(text) : undefined;
  if (address === undefined) return undefined;
  return form === "shown" ? say("core/write", { text: address }) : say("core/start-with-scheme");
}

/** A text that isn't a URL; `text` is absent where it must not be repeated. */
export function describeBadUrl(text: string | undefined, shown: string): SchemaError {
  const encoded = text !== undefined && URL.canParse(text) && !/\s/u.test(text);
  return {
    said: say("core/url", { shown }),
    hint: encoded ? say("core/write", { text: new URL(text).href }) : say("core/url-example"),
  };
}

/** None of what exactly one is wanted of, or several; `given` are those that are there. */
export function describeAlternatives(all: readonly string[], given: readonly string[]): SchemaError {
  const names = all.join(", ");
  if (given.length === 0) return { said: say("core/exactly-one", { names }) };
  return {
    said: say("core/exactly-one-found", { names, found: given.join(", ") }),
    hint: given.length > 1 ? say("common/remove-one") : undefined,
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
  said: say("core/conflict", { one, other }),
  hint: say("common/remove-one"),
});

/** An item of a list that bears the key of an earlier one. */
export const describeDuplicate = (key: string): SchemaError => ({
  said: say("core/duplicate-item", { key }),
  hint: say("common/remove-one"),
});

/** What is wrong with a local file of this path and size in bytes. */
export function findFileFaults(
  { extensions, otherTexts, maxBytes }: Pick<FileShape, "extensions" | "otherTexts" | "maxBytes">,
  path: string,
  { size, isText }: { readonly size: number; readonly isText: boolean },
): readonly SchemaError[] {
  const wanted = extensions.map((extension) => `.${extension.replace(/^\./u, "").toLowerCase()}`);
  const faults: SchemaError[] = [];
  const isWanted = wanted.some((extension) => path.toLowerCase().endsWith(extension));
  if (wanted.length > 0 && !isWanted && !(otherTexts && isText)) {
    faults.push(describeExtensions(path, wanted, otherTexts));
  }
  if (size === 0) faults.push({ said: say("core/file-empty", { path }) });
  if (maxBytes !== undefined && size > maxBytes) {
    const values = { path, size: formatSize(size), limit: formatSize(maxBytes) };
    faults.push({ said: say("core/file-too-large", values) });
  }
  return faults;
}

const isImage = (extension: string): boolean =>
  /^\.(?:jpe?g|png|gif|webp|bmp|hei[cf]|tiff?|svg|ico|avif)$/u.test(extension);

/** The wanted extensions in the groups that readers think in. */
function describeExtensions(path: string, wanted: readonly string[], otherTexts = false): SchemaError {
  const named = wanted.filter((extension) => !isImage(extension) && !(otherTexts && isTextFile(extension)));
  const documents = otherTexts ? say("core/or-any-text", { documents: named.join(" ") }) : named.join(" ");
  const images = wanted.filter(isImage).join(" ");
  const hint = say(hintAtConversion(extensionOf(path)));
  if (images === "") return { said: say("core/file-must-be-document", { path, documents }), hint };
  if (documents === "") return { said: say("core/file-must-be-image", { path, images }), hint };
  return { said: say("core/file-must-be-document-or-image", { path, documents, images }), hint };
}

const spreadsheets = ["xls", "xlsx", "xlsm", "et", "ods", "numbers"];
const pages = [
  "ppt",
  "pptx",
  "dps",
  "odp",
  "key",
  "odt",
  "rtf",
  "wps",
  "pages",
  "epub",
  "mobi",
  "vsdx",
  "one",
];

function hintAtConversion(extension: string) {
  if (spreadsheets.includes(extension)) return "core/convert-spreadsheet";
  return pages.includes(extension) ? "core/convert-pages" : "core/convert-file";
}

function formatSize(bytes: number): string {
  if (bytes < 1024) return say("core/bytes", { count: bytes });
  const [amount, key] =
    bytes < 1024 ** 2
      ? ([bytes / 1024, "core/kilobytes"] as const)
      : ([bytes / 1024 ** 2, "core/megabytes"] as const);
  return say(key, { amount: Number(amount.toFixed(2)) });
}
