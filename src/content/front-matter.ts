/** The lines of a text that {@link findFrontMatter} found, from 0: the first one after it. */
export interface FrontMatter {
  readonly end: number;
  readonly kind: "yaml" | "toml";
  readonly lines: readonly string[];
}

const closings = { "---": /^(?:---|\.\.\.)[ \t]*$/u, "+++": /^\+\+\+[ \t]*$/u } as const;

/** Lines between two breaks are front matter only if they read like keys: a text may begin with a thematic break. */
const yamlLine = /^(?:\s*(?:#.*)?|\s+.*|-(?:\s.*)?|[^\s#:[\]{}-][^:]*:(?:\s.*)?|"[^"]+":(?:\s.*)?)$/u;
const tomlLine = /^(?:\s*(?:#.*)?|\s+.*|\[.*\]\s*(?:#.*)?|[\w."'-]+\s*=.*|[\]}"'].*)$/u;
const firstKey = /^[^\s#-]/u;

/** Finds the block of metadata at the beginning of Markdown, as Jekyll and Hugo have it. */
export function findFrontMatter(lines: readonly string[]): FrontMatter | undefined {
  const fence = /^(?:---|\+\+\+)(?=[ \t]*$)/u.exec(lines[0] ?? "")?.[0] as keyof typeof closings | undefined;
  if (fence === undefined) return undefined;
  const closing = closings[fence];
  const end = lines.findIndex((line, index) => index > 0 && closing.test(line));
  if (end < 0) return undefined;
  const inner = lines.slice(1, end);
  const isKeyed = inner.every((line) => (fence === "---" ? yamlLine : tomlLine).test(line));
  const first = inner.find((line) => line.trim() !== "" && !line.startsWith("#"));
  // A lone pair of breaks holds nothing that could be lost.
  if (!isKeyed || (first !== undefined && !firstKey.test(first))) return undefined;
  return { end: end + 1, kind: fence === "---" ? "yaml" : "toml", lines: inner };
}

/** The title that front matter gives a text; undefined where it gives none on one line. */
export function titleOf({ kind, lines }: FrontMatter): string | undefined {
  const pattern = kind === "yaml" ? /^title\s*:\s+(.*)$/u : /^title\s*=\s*(.*)$/u;
  const written = lines.map((line) => pattern.exec(line)?.[1]).find((one) => one !== undefined);
  if (written === undefined) return undefined;
  const quoted = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)')\s*(?:#.*)?$/u.exec(written);
  if (quoted?.[1] !== undefined) return nonEmpty(readEscapes(quoted[1]));
  if (quoted?.[2] !== undefined) return nonEmpty(quoted[2].replaceAll("''", "'"));
  // A block of several lines, an alias, or anything else that isn't plain.
  if (/^[|>&*!{[]/u.test(written)) return undefined;
  return nonEmpty(written.replace(/\s#.*$/u, ""));
}

const readEscapes = (text: string): string => {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
};

const nonEmpty = (text: string): string | undefined => (text.trim() === "" ? undefined : text.trim());
