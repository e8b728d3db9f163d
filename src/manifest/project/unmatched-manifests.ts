import path from "node:path";
import { type Address, formatAddress, parseAddress } from "../../core/address.ts";
import { type ForeignExport, recognizeForeign } from "../foreign-exports.ts";
import { mappingAt, type SourceNode, textOf, valueAt } from "../yaml/source-tree.ts";
import { isProjectFile } from "./discover-manifests.ts";
import type { ProjectFiles } from "./readable-files.ts";

/** A file with manifests, or an export of another platform, that a project doesn't read. */
export interface UnmatchedManifest {
  readonly file: string;
  /** The file in messages, if they don't name it relative to the project. */
  readonly shownFile?: string | undefined;
  /** What it is an export of. */
  readonly foreign?: ForeignExport | undefined;
  /** The addresses in it, of a `for_each` that of the whole. */
  readonly addresses: readonly Address[];
  /** Its name says that it is in use: it isn't a copy that somebody or an editor put aside. */
  readonly isCurrent: boolean;
}

/** All of them. `hasPatterns`: the project file says by patterns which files are read. */
export interface UnmatchedManifests {
  readonly manifests: readonly UnmatchedManifest[];
  readonly hasPatterns: boolean;
}

/** The most files that are looked into, those first that are the likeliest to hold manifests. */
const mostRead = 500;

const yamlName = /\.ya?ml$/iu;
const jsonName = /\.json$/iu;
const markdownName = /\.md$/iu;
const asideName = /\.ya?ml(?:~|[.~_-][^/]*)$/iu;

const rankOf = (file: string): number =>
  [yamlName, asideName, jsonName, markdownName].findIndex((name) => name.test(file));

/**
 * Files below the directory that hold manifests and are none of `read`; `patches` are patterns of patches, and a Markdown
 * file is taken for one of the kind `markdown`. Looks where patterns are searched for, and not into large files, other
 * projects or what can't be read.
 */
export async function findUnmatched(
  files: Pick<ProjectFiles, "find" | "peek">,
  read: ReadonlySet<string>,
  { patches, markdown }: { readonly patches: readonly string[]; readonly markdown: string | undefined },
): Promise<readonly UnmatchedManifest[]> {
  const found = await files.find(["**/*"], { except: patches, links: "leave" });
  if ("complaint" in found) return [];
  const projects = found.value
    .filter((file) => isProjectFile(file) && path.posix.dirname(file) !== ".")
    .map((file) => `${path.posix.dirname(file)}/`);
  const candidates = found.value
    .filter((file) => rankOf(file) >= 0)
    .filter((file) => !read.has(file) && !isProjectFile(file))
    .filter((file) => !projects.some((folder) => file.startsWith(folder)))
    .sort((a, b) => rankOf(a) - rankOf(b))
    .slice(0, mostRead);
  const looked = await Promise.all(
    candidates.map(async (file): Promise<UnmatchedManifest | undefined> => {
      const text = (await files.peek(file)) ?? "";
      const isMarkdown = markdownName.test(file);
      const foreign = isMarkdown ? undefined : await findForeign(file, text);
      const addresses = isMarkdown
        ? await listMarkdownAddress(file, text, markdown)
        : foreign
          ? []
          : await listAddresses(file, text);
      const isCurrent = !asideName.test(file);
      return foreign || addresses.length > 0 ? { file, foreign, addresses, isCurrent } : undefined;
    }),
  );
  return looked.filter((one) => one !== undefined).sort((a, b) => (a.file < b.file ? -1 : 1));
}

const foreignSign = /^(?:app|agents):|"(?:flowNodeType|flowType|group_params|guide_word|template)"/mu;

/** What a text is an export of. */
async function findForeign(file: string, text: string): Promise<ForeignExport | undefined> {
  if (!foreignSign.test(text) || sign.test(text) || jsonSign.test(text)) return undefined;
  const { parseYaml } = await import("../yaml/parse.ts");
  const [first] = parseYaml(file, text, () => {});
  return first && recognizeForeign(first.root);
}

const sign = /^["']?apiVersion["']?\s*:\s*["']?cozeform\//mu;
const jsonSign = /"apiVersion"\s*:\s*"cozeform\//u;

async function listAddresses(file: string, text: string): Promise<readonly Address[]> {
  if (!sign.test(text) && !jsonSign.test(text)) return [];
  const { parseYaml } = await import("../yaml/parse.ts");
  const addresses = parseYaml(file, text, () => {}).flatMap(({ root }) => addressIn(root) ?? []);
  return [...new Set(addresses)];
}

const specSign = /^spec\s*:/mu;

/** The address of a Markdown file whose front matter reads like that of a manifest. */
async function listMarkdownAddress(
  file: string,
  text: string,
  kind: string | undefined,
): Promise<readonly Address[]> {
  if (kind === undefined || !text.startsWith("---")) return [];
  const { splitFrontMatter } = await import("../yaml/front-matter.ts");
  const plain = text.replaceAll("\r\n", "\n");
  const parts = splitFrontMatter(plain);
  if (typeof parts === "string") return [];
  const front = plain.slice(0, parts.end);
  if (!specSign.test(front)) return [];
  const { parseYaml } = await import("../yaml/parse.ts");
  const [first] = parseYaml(file, front, () => {});
  if (first === undefined || !mappingAt(first.root, "spec")) return [];
  const own = textOf(valueAt(mappingAt(first.root, "metadata"), "name"));
  const address = formatAddress(kind, own ?? path.posix.basename(file, path.posix.extname(file)));
  return parseAddress(address) ? [address] : [];
}

function addressIn(root: SourceNode): Address | undefined {
  if (root.type !== "map") return undefined;
  const name = textOf(valueAt(mappingAt(root, "metadata"), "name"));
  const address = formatAddress(textOf(valueAt(root, "kind")) ?? "", name ?? "");
  return parseAddress(address) && address;
}
