import type { Location } from "../../core/diagnostic.ts";
import { groupBy } from "../../core/group.ts";
import { explain } from "../../messages/text.ts";
import type { Report } from "../problems.ts";
import type { ProjectFiles } from "../project/readable-files.ts";
import { type Scalar, type SourceNode, valueAt } from "../yaml/source-tree.ts";

/** A web page that a file of the project lists. */
export interface ListedPage {
  readonly url: string;
  /** The address without its scheme and its last slash, readable; with what tells it from others where it is needed. */
  readonly name: string;
  readonly at: Location;
}

const listReaders = { sitemap: readSitemap, list: readList } as const;

type ListType = keyof typeof listReaders;

/** The files that list web pages in a `for_each: {sources: …}`; undefined of another form. */
export function readSources(
  forEach: SourceNode,
): readonly { readonly type: ListType; readonly file: Scalar }[] | undefined {
  if (forEach.type !== "map" || forEach.entries.size !== 1) return undefined;
  const sources = valueAt(forEach, "sources");
  if (sources?.type !== "map" || sources.entries.size === 0) return undefined;
  const found = [...sources.entries].flatMap(([type, { value }]) => {
    const files = value.type === "list" ? value.items : [value];
    return files.map((file) =>
      Object.hasOwn(listReaders, type) && file.type === "scalar" && typeof file.value === "string"
        ? { type: type as ListType, file }
        : undefined,
    );
  });
  const known = found.filter((one) => one !== undefined);
  return known.length === found.length ? known : undefined;
}

/** The pages that files list, each once, in the order of the files; bad addresses are reported where they stand. */
export async function listPages(
  sources: NonNullable<ReturnType<typeof readSources>>,
  files: ProjectFiles,
  report: Report,
): Promise<readonly ListedPage[]> {
  const pages = new Map<string, ListedPage>();
  for (const { type, file } of sources) {
    if (file.broken) continue;
    const name = files.fromProject(String(file.value), file);
    const read = await files.readText(name);
    if ("complaint" in read) {
      report(file.at, read.complaint);
      continue;
    }
    const found = listReaders[type](read.value);
    if (found === "index" || found === "other") {
      const key = found === "index" ? "manifest-values/sitemap-index" : "manifest-values/no-sitemap";
      report(file.at, { code: "bad-file", ...explain(key, { file: name }) });
      continue;
    }
    if (found.length === 0) {
      report(file.at, { code: "no-match", ...explain("manifest-values/no-page-listed", { file: name }) });
    }
    const locate = createLocator(read.value);
    for (const { text, offset } of found) {
      const at = { file: name, ...locate(offset) };
      const page = describePage(text, at);
      if (page) pages.set(page.url, pages.get(page.url) ?? page);
      else
        report(at, { code: "rule", ...explain("manifest-values/bad-page", { url: JSON.stringify(text) }) });
    }
  }
  return tellApart([...pages.values()]);
}

/** Pages of one name are called by more of their addresses: as they are written, and then with the scheme. */
function tellApart(pages: readonly ListedPage[]): readonly ListedPage[] {
  const ways = [({ url }: ListedPage) => withoutScheme(url), ({ url }: ListedPage) => url];
  return ways.reduce((named, nameOf) => {
    const byName = groupBy(named, ({ name }) => name);
    return named.map((page) =>
      byName.get(page.name)?.length === 1 ? page : { ...page, name: nameOf(page) },
    );
  }, pages);
}

const withoutScheme = (url: string): string => url.replace(/^https?:\/\//iu, "");

function describePage(text: string, at: Location): ListedPage | undefined {
  if (!/^https?:\/\/\S+$/iu.test(text) || !URL.canParse(text)) return undefined;
  const name = withoutScheme(text).replace(/\/$/u, "");
  return { url: text, name: decodeAddress(name), at };
}

function decodeAddress(address: string): string {
  try {
    return decodeURI(address).normalize("NFC");
  } catch {
    return address;
  }
}

interface ListedText {
  readonly text: string;
  readonly offset: number;
}

/** One address a line; blank lines and lines that begin with `#` are passed over. */
function readList(text: string): readonly ListedText[] {
  return [...text.matchAll(/^[ \t]*([^\s#].*?)[ \t]*$/gmu)].map((match) => ({
    text: match[1] ?? "",
    offset: match.index + match[0].indexOf(match[1] ?? ""),
  }));
}

const entities: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The pages of a sitemap: https://www.sitemaps.org/protocol.html */
function readSitemap(text: string): readonly ListedText[] | "index" | "other" {
  const xml = text.replaceAll(/<!--.*?-->/gsu, (comment) => comment.replaceAll(/[^\n]/gu, " "));
  if (/<(?:\w+:)?sitemapindex[\s>]/u.test(xml)) return "index";
  if (!/<(?:\w+:)?urlset[\s>]/u.test(xml)) return "other";
  return [...xml.matchAll(/<loc(?:\s[^>]*)?>\s*(?:<!\[CDATA\[(.*?)\]\]>|(.*?))\s*<\/loc\s*>/gsu)].map(
    (match) => {
      const raw = match[1] ?? match[2] ?? "";
      const offset = match.index + match[0].indexOf(raw);
      return { text: match[1] === undefined ? readEntities(raw) : raw.trim(), offset };
    },
  );
}

const readEntities = (text: string): string =>
  text.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/giu, (whole, decimal, hexadecimal, name) => {
    if (name !== undefined) return entities[String(name)] ?? whole;
    const code = decimal === undefined ? Number.parseInt(String(hexadecimal), 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

/** Finds the places of ascending offsets in a text. */
function createLocator(text: string): (offset: number) => Pick<Location, "line" | "column"> {
  let [line, start] = [1, 0];
  return (offset) => {
    for (let end = text.indexOf("\n", start); end >= 0 && end < offset; end = text.indexOf("\n", start)) {
      line += 1;
      start = end + 1;
    }
    return { line, column: offset - start + 1 };
  };
}
