import { type Diagnostic, type Location, sortDiagnostics } from "../core/diagnostic.ts";
import { groupBy } from "../core/group.ts";
import { say } from "../messages/text.ts";
import { maskSecrets } from "../secrets/detection.ts";
import { type ProblemItem, type Report, showPlace } from "./problems.ts";

/** Collects reported problems: each once per place and message, and once for many items of a `for_each`. */
export interface DiagnosticCollection {
  readonly report: Report;
  readonly diagnostics: Iterable<Diagnostic>;
}

export function collectDiagnostics(): DiagnosticCollection {
  const found = new Map<string, Found>();
  const report: Report = (at, { code, severity = "error", message, hint, item, through = [] }) => {
    const key = JSON.stringify([at?.file, at?.line, at?.column, message]);
    const way = through.map(showPlace).join(", ");
    const known = found.get(key);
    if (known) {
      if (item) known.items.set(item.address, item);
      if (way !== "") known.ways.add(way);
      return;
    }
    const diagnostic = { code, severity, message: maskSecrets(message), hint: hint && maskSecrets(hint), at };
    const ways = new Set(way === "" ? [] : [way]);
    found.set(key, { diagnostic, ways, items: new Map(item ? [[item.address, item]] : []) });
  };
  const tellAll = () => groupItems([...found.values()].map(tellWays));
  return { report, diagnostics: { [Symbol.iterator]: () => tellAll().values() } };
}

/** Says through which places the file with the problem was read. */
function tellWays(found: Found): Found {
  const { diagnostic, ways } = found;
  const [way, ...others] = [...ways].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  if (way === undefined) return found;
  const { message } = diagnostic;
  const told =
    others.length === 0
      ? say("manifest/read-through", { message, places: way })
      : say("manifest/read-through-some", { message, places: way, count: others.length });
  return { ...found, diagnostic: { ...diagnostic, message: told } };
}

interface Found {
  readonly diagnostic: Diagnostic;
  /** The places through which the file was read, the nearest first; empty where it was read for itself. */
  readonly ways: Set<string>;
  /** By address; empty where it is of no item. */
  readonly items: Map<string, ProblemItem>;
}

/** The same of more items than this is said once, wherever it stands. */
const mostAlike = 5;

/** How many items a message names: of one mistake that they share, and of mistakes in a file of each. */
const mostNamed = 3;
const mostNamedFiles = 10;

function groupItems(all: readonly Found[]): readonly Diagnostic[] {
  const others = all.filter(({ items }) => items.size === 0).map(({ diagnostic }) => diagnostic);
  const alike = groupBy(
    all.filter(({ items }) => items.size > 0),
    sentenceOf,
  );
  const told = [...alike.values()].flatMap((group) => {
    const places = new Set(group.map(({ diagnostic: { at } }) => JSON.stringify(at)));
    const isOne = places.size === 1 || group.length > mostAlike;
    return isOne ? [tellItems(group)] : group.map((one) => tellItems([one]));
  });
  return [...others, ...told];
}

/** Equal for problems that differ only in what their items are called and made of. */
function sentenceOf({ diagnostic, items }: Found): string {
  const [item] = items.values();
  const { code, severity, message, hint } = diagnostic;
  const words = [...(item?.words ?? [])].filter((word) => word !== "").sort((a, b) => b.length - a.length);
  const blank = (text: string): string => words.reduce((whole, word) => replaceWord(whole, word), text);
  return JSON.stringify([ofAll(item), code, severity, blank(message), hint && blank(hint)]);
}

const replaceWord = (text: string, word: string): string => {
  const escaped = word.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");
  return text.replace(new RegExp(`(?<![\\p{L}\\d])${escaped}(?![\\p{L}\\d])`, "gu"), "\0");
};

/** The address of the manifest that an item is of. */
const ofAll = (item: ProblemItem | undefined): string => item?.address.replace(/\[.*$/su, "") ?? "";

function tellItems(group: readonly Found[]): Diagnostic {
  const [first] = sortDiagnostics(group.map(({ diagnostic }) => diagnostic));
  const items = new Map<string, { readonly item: ProblemItem; readonly at: Location | undefined }>();
  for (const { diagnostic, items: own } of group) {
    for (const item of own.values())
      if (!items.has(item.address)) items.set(item.address, { item, at: diagnostic.at });
  }
  const sorted = [...items.values()].sort((a, b) => (a.item.address < b.item.address ? -1 : 1));
  const diagnostic = first ?? group[0]?.diagnostic;
  if (!diagnostic) throw new Error("no problem");
  const addresses = sorted.map(({ item }) => item.address);
  const files = new Set(sorted.flatMap(({ item }) => item.file ?? []));
  const about = describeItems(diagnostic, sorted);
  return {
    ...diagnostic,
    message: say("manifest/of-items", { message: diagnostic.message, items: about }),
    ...(addresses.length === 1 ? { address: addresses[0] } : { addresses }),
    ...(files.size > 0 ? { files: [...files] } : {}),
  };
}

function describeItems(
  { at, message }: Diagnostic,
  all: readonly { readonly item: ProblemItem; readonly at: Location | undefined }[],
): string {
  const places = new Set(all.map((one) => JSON.stringify(one.at)));
  const file = all[0]?.item.file;
  const isOfFile = file !== undefined && message.includes(file);
  const names = all.slice(0, isOfFile ? mostNamedFiles : mostNamed).map(({ item, at: own }) => {
    if (places.size === 1 || !own || own === at) return item.address;
    const place = showPlace(own);
    return say("manifest/item-at", { address: item.address, place });
  });
  const count = all.length;
  const [only = ""] = names;
  if (count === 1) {
    const isSaid = file === undefined || at?.file === file || isOfFile;
    return isSaid ? only : say("manifest/item-of-file", { address: only, file });
  }
  const rest = count - names.length;
  const listed = [names.join(", "), ...(rest > 0 ? [say("core/and-more", { count: rest })] : [])].join(" ");
  const isAll = count === all[0]?.item.count && new Set(all.map(({ item }) => ofAll(item))).size === 1;
  return say(isAll ? "manifest/all-items" : "manifest/some-items", { count, items: listed });
}
