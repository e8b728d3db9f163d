import path from "node:path";
import type { Location } from "../../core/diagnostic.ts";
import { explain, say } from "../../messages/text.ts";
import type { Problem, Report } from "../problems.ts";
import { staticBase } from "../project/file-problems.ts";
import { dropLeftovers } from "../project/leftover-files.ts";
import type { ProjectFiles } from "../project/readable-files.ts";
import { type List, type Mapping, onlyTextUnder, type Scalar, type SourceNode } from "../yaml/source-tree.ts";
import { type ForEachItem, notYetKnown } from "./substitute.ts";

/**
 * The items of a `for_each` whose own interpolations are done, in the order of their keys. Forms that its schema
 * refuses have none.
 */
export async function expandItems(
  forEach: SourceNode,
  files: ProjectFiles,
  report: Report,
): Promise<readonly ForEachItem[]> {
  const pattern = onlyTextUnder(forEach, "files");
  if (pattern) return await listFiles(pattern, files, report);
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

async function listFiles(
  pattern: Scalar,
  files: ProjectFiles,
  report: Report,
): Promise<readonly ForEachItem[]> {
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
  const base = staticBase(String(pattern.value));
  const items = new Map<string, ForEachItem>();
  for (const match of matches) {
    const file = path.posix.relative(below, match);
    // macOS takes names apart (é as e and an accent); addresses must be the same on every machine.
    const key = path.posix.relative(base, file).normalize("NFC");
    const name = path.posix.basename(file).normalize("NFC");
    if (items.has(key)) {
      report(pattern.at, { code: "bad-for-each", ...explain("manifest-values/files-of-one-name", { key }) });
    }
    const value = textScalar(file, pattern.at);
    items.set(key, { key: textScalar(key, pattern.at), value, path: file, name });
  }
  return sortItems([...items.values()]);
}

const textScalar = (value: string, at: Location): Scalar => ({ type: "scalar", at, value, source: value });

const sortItems = (items: readonly ForEachItem[]): readonly ForEachItem[] =>
  [...items].sort((a, b) => (String(a.key.value) < String(b.key.value) ? -1 : 1));
