import { type Dirent, readdirSync } from "node:fs";
import path from "node:path";

// Words, `*`, `**` as a whole part, and `{a,b}` of words: what most patterns consist of.
const plainPart = /^(?:\*\*|(?!\.)(?:[\p{L}\p{N}_ .-]|\*(?!\*)|\{[\p{L}\p{N}_-]+(?:,[\p{L}\p{N}_-]+)+\})+)$/u;

/**
 * The sorted paths below a directory that plain patterns match, as the library for patterns finds them in several times
 * the time. Undefined for other patterns, and as soon as anything is there that needs care: a link, a folder that can't
 * be listed, more than `limit` entries.
 */
export function searchPlainly(
  directory: string,
  patterns: readonly string[],
  { except, limit }: { readonly except: readonly string[]; readonly limit: number },
): readonly string[] | undefined {
  if (patterns.some((one) => !isPlain(one)) || except.some((one) => !isPlain(one))) return undefined;
  // The root of the system holds views of it without end.
  if (path.dirname(path.resolve(directory)) === path.resolve(directory)) return undefined;
  const isMatch = matcherOf(patterns);
  const isExcepted = matcherOf(except);
  // For the library, some of these match a file, too.
  const folders = [...patterns, ...except].filter((one) => one.endsWith("/**"));
  const isUnclear = matcherOf(folders.map((one) => one.slice(0, -"/**".length)));
  const mayHold = matcherOf(patterns.flatMap(foldersOf));
  const found: string[] = [];
  let seen = 0;
  const pending = [""];
  for (const folder of pending) {
    const entries = listPlain(path.join(directory, folder));
    seen += entries?.length ?? 0;
    if (!entries || seen > limit) return undefined;
    for (const entry of entries) {
      const place = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.name === "node_modules" || isExcepted(place)) continue;
      if (entry.isDirectory()) {
        if (mayHold(place)) pending.push(place);
      } else if (isUnclear(place)) return undefined;
      else if (isMatch(place)) found.push(place);
    }
  }
  return found.sort();
}

// The library refuses longer ones.
const longestPattern = 1000;

const isPlain = (pattern: string): boolean =>
  pattern.length <= longestPattern && pattern.split("/").every((part) => plainPart.test(part));

/** The entries of a folder; undefined when it can't be listed or one of them is anything but a file or a folder. */
function listPlain(folder: string): readonly Dirent[] | undefined {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.every((entry) => entry.isFile() || entry.isDirectory()) ? entries : undefined;
  } catch {
    return undefined;
  }
}

/** Patterns of the folders in which a match of a pattern may be. */
function foldersOf(pattern: string): readonly string[] {
  const parts = pattern.split("/");
  return parts.flatMap((part, index) => {
    const before = parts.slice(0, index);
    const below = part === "**" ? [[...before, part].join("/")] : [];
    return index > 0 ? [before.join("/"), ...below] : below;
  });
}

function matcherOf(patterns: readonly string[]): (place: string) => boolean {
  if (patterns.length === 0) return () => false;
  const whole = new RegExp(`^(?:${patterns.map(expressionOf).join("|")})$`, "u");
  return (place) => whole.test(place);
}

/** A pattern as a regular expression; stars match no dot at the beginning of a name. */
function expressionOf(pattern: string): string {
  if (pattern === "**") return anyPath;
  if (pattern.endsWith("/**")) return `${expressionOf(pattern.slice(0, -3))}/${anyPath}`;
  const parts = pattern.split("/").map((part) => {
    if (part === "**") return `(?:${anyName}/)*`;
    const name = part.replaceAll(/[.*{},]/gu, (sign) => signs[sign] ?? sign);
    return `${part.startsWith("*") ? "(?!\\.)(?=.)" : ""}${name}/`;
  });
  return parts.join("").slice(0, -1);
}

const anyName = "(?!\\.)[^/]+";
const anyPath = `(?:${anyName}/)*${anyName}`;

const signs: { readonly [sign: string]: string } = {
  ".": "\\.",
  "*": "[^/]*",
  "{": "(?:",
  "}": ")",
  ",": "|",
};
