import path from "node:path";
import { beginning } from "../../content/text-parts.ts";
import { mapBounded } from "../../core/bounded-map.ts";
import type { Location } from "../../core/diagnostic.ts";
import { groupBy } from "../../core/group.ts";
import type { FileReading } from "../../core/value.ts";
import { explain, say } from "../../messages/text.ts";
import type { Problem, Report } from "../problems.ts";
import { staticBase } from "../project/file-problems.ts";
import { dropLeftovers } from "../project/leftover-files.ts";
import type { ProjectFiles } from "../project/readable-files.ts";
import { type List, type Mapping, type Scalar, type SourceNode, valueAt } from "../yaml/source-tree.ts";
import { type ForEachItem, notYetKnown } from "./substitute.ts";
import { listPages, readSources } from "./web-pages.ts";

/** What items are made for. */
export interface ItemContext {
  readonly files: ProjectFiles;
  readonly report: Report;
  /** How the files of the kind are read, whose texts can be divided. */
  readonly parts?: FileReading | undefined;
  /** How the files of the kind are read. */
  readonly reading?: FileReading | undefined;
}

/**
 * The items of a `for_each` whose own interpolations are done, in the order of their keys. Forms that its schema
 * refuses have none.
 */
export async function expandItems(
  forEach: SourceNode,
  context: ItemContext,
): Promise<readonly ForEachItem[]> {
  const { files, report } = context;
  const form = readFilesForm(forEach);
  if (form) return await listFiles(form, context);
  const sources = readSources(forEach);
  if (sources) {
    const pages = await listPages(sources, files, report);
    return sortItems(
      pages.map(({ url, name, at }) => ({ key: textScalar(url, at), value: textScalar(url, at), name })),
    );
  }
  if (forEach.type === "map") return sortItems(mapItems(forEach));
  if (forEach.type === "list") return sortItems(listedItems(forEach, report));
  return [];
}

const mapItems = (map: Mapping): readonly ForEachItem[] =>
  [...map.entries].map(([key, entry]) => ({ key: textScalar(key, entry.key), value: entry.value }));

function listedItems(list: List, report: Report): readonly ForEachItem[] {
  const seen = new Set<string>();
  return list.items.flatMap((item): readonly ForEachItem[] => {
    if (item.type === "scalar" && item.broken) return [];
    const refuse = (complaint: Problem): readonly ForEachItem[] => {
      report(item.at, complaint);
      return [];
    };
    if (item.type === "scalar" && item.later) return refuse(notYetKnown());
    if (item.type !== "scalar" || typeof item.value === "boolean" || item.value === null) {
      return refuse({ code: "bad-for-each", ...explain("manifest-values/item-no-key") });
    }
    const key = typeof item.value === "string" ? item.value : item.source;
    if (seen.has(key)) {
      const message = say("manifest-values/item-twice", { item: JSON.stringify(key) });
      return refuse({ code: "bad-for-each", message, hint: say("common/remove-one") });
    }
    seen.add(key);
    return [{ key: { ...textScalar(key, item.at), from: item.from, secretOf: item.secretOf }, value: item }];
  });
}

/** Files that a `for_each` names by a pattern. */
interface FilesForm {
  readonly pattern: Scalar;
  /** Present if large texts are to be divided, or `false` is written. */
  readonly split?: SourceNode | undefined;
}

/** The form `{files: GLOB}` of a `for_each`, with `split` beside it or without; undefined of another one. */
export function readFilesForm(forEach: SourceNode): FilesForm | undefined {
  if (forEach.type !== "map") return undefined;
  const [pattern, split] = [valueAt(forEach, "files"), valueAt(forEach, "split")];
  if (pattern?.type !== "scalar" || typeof pattern.value !== "string") return undefined;
  if (forEach.entries.size !== (split ? 2 : 1)) return undefined;
  return { pattern, ...(split && { split }) };
}

async function listFiles(
  { pattern, split }: FilesForm,
  context: ItemContext,
): Promise<readonly ForEachItem[]> {
  const { files, report } = context;
  if (pattern.broken) return [];
  const below = files.baseOf(pattern.at);
  const found = pattern.later
    ? { complaint: notYetKnown() }
    : await files.find([String(pattern.value)], { below });
  if ("complaint" in found) {
    report(pattern.at, found.complaint);
    return [];
  }
  const matches = dropLeftovers(found.value, pattern.at, report);
  if (matches.length === 0) {
    const values = { pattern: String(pattern.value) };
    report(pattern.at, { code: "no-match", ...explain("manifest-values/no-file-matches", values) });
  }
  const paths = below === "" ? matches : matches.map((match) => path.posix.relative(below, match));
  const items = nameFiles(paths, pattern, report);
  const parts = split && readSplit(split, context);
  const divided = parts ? await mapBounded(items, (item) => divideFile(item, parts, context)) : [items];
  const described = divided.flat().map((item) => ({
    ...item,
    base: below,
    value: { ...item.value, base: below },
    title: titleOf(item, context),
  }));
  return sortItems(described);
}

/** The title of a section, or what reads that of a whole file or of its beginning. */
function titleOf(item: FileItem, { files, reading }: ItemContext): ForEachItem["title"] {
  if (item.part !== undefined && item.part !== beginning) return item.part;
  return async () => (await files.readTitle(pathOf(item, files), reading)) ?? item.name;
}

/** An item for each file; files of one name are called by their paths from the folder that is searched. */
function nameFiles(matches: readonly string[], pattern: Scalar, report: Report): readonly FileItem[] {
  const base = staticBase(String(pattern.value));
  const items = new Map<string, FileItem>();
  // macOS takes names apart (é as e and an accent); addresses must be the same on every machine.
  const nameOf = (file: string) => path.posix.basename(file).normalize("NFC");
  const byName = groupBy(matches, nameOf);
  for (const file of matches) {
    const key = path.posix.relative(base, file).normalize("NFC");
    if (items.has(key)) {
      report(pattern.at, { code: "bad-for-each", ...explain("manifest-values/files-of-one-name", { key }) });
    }
    const name = byName.get(nameOf(file))?.length === 1 ? nameOf(file) : key;
    items.set(key, {
      key: textScalar(key, pattern.at),
      value: textScalar(file, pattern.at),
      path: file,
      name,
    });
  }
  return [...items.values()];
}

/** How texts are read that are to be divided; undefined where none are. */
function readSplit(split: SourceNode, { parts, report }: ItemContext): FileReading | undefined {
  if (split.type === "scalar" && (split.broken || split.value === false)) return undefined;
  if (split.type !== "scalar" || split.value !== true) {
    report(split.at, { code: "bad-for-each", ...explain("manifest-values/split-no-boolean") });
    return undefined;
  }
  if (!parts) report(split.at, { code: "bad-for-each", ...explain("manifest-values/split-of-others") });
  return parts;
}

/** An item that is a file, or a part of one. */
type FileItem = ForEachItem & { readonly value: Scalar; readonly path: string; readonly name: string };

/** The path of an item's file from the project. */
const pathOf = ({ path: file, key: { at } }: FileItem, files: ProjectFiles): string =>
  files.fromProject(file, { at });

/** The items of a file: itself, or its parts where it is too large. */
async function divideFile(
  item: FileItem,
  parts: FileReading,
  { files, report }: ItemContext,
): Promise<readonly FileItem[]> {
  const found = await files.listParts(pathOf(item, files), parts);
  if ("complaint" in found) {
    report(item.key.at, found.complaint);
    return [];
  }
  if (found.value.length === 0) return [item];
  return found.value.map((part) => {
    if (part === beginning) return { ...item, part };
    const key = `${String(item.key.value)}#${part}`;
    return { ...item, key: textScalar(key, item.key.at), name: `${item.name}#${part}`, part };
  });
}

const textScalar = (value: string, at: Location): Scalar => ({ type: "scalar", at, value, source: value });

const sortItems = (items: readonly ForEachItem[]): readonly ForEachItem[] =>
  [...items].sort((a, b) => (String(a.key.value) < String(b.key.value) ? -1 : 1));
