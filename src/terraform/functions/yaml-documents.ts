import type { Document } from "yaml";
import type { Path } from "../../core/spec-walk.ts";
import { isObject, type Json } from "../../core/value.ts";
import { explainYaml, findTooDeep, tooDeep } from "../../manifest/yaml/syntax-errors.ts";

/** What is wrong with a text, and where; line and column from 1. */
export interface TextFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
}

/** A place in a text, from 1. */
type Spot = Pick<TextFault, "line" | "column">;

/** One document of a YAML text. */
export interface YamlDocument {
  readonly value: Json;
  /** Where the value at the end of a path stands, or its key; else the nearest around it. */
  at(path: Path, part?: "key"): Spot;
  /** How a scalar is written, without quotes. */
  sourceOf(path: Path): string | undefined;
}

/** Reads the documents of a YAML text; empty ones are skipped. */
export async function readDocuments(
  text: string,
): Promise<{ readonly documents: readonly YamlDocument[]; readonly faults: readonly TextFault[] }> {
  // Few configurations call for it, and the provider is started many times in a run.
  const { Composer, LineCounter, Parser } = await import("yaml");
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n/gu)) lines.addNewLine(index + 1);
  const place: Place = (offset) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const tokens = [...new Parser().parse(text)];
  const deep = findTooDeep(tokens);
  if (deep !== undefined) return { documents: [], faults: [{ ...place(deep), ...tooDeep }] };
  const options = { intAsBigInt: true, merge: true, prettyErrors: false, logLevel: "silent" } as const;
  const parsed = [...new Composer(options).compose(tokens)];
  const faults = explainYaml(text, tokens, parsed)
    .flat()
    .map(({ offset, complaint: { message, hint } }) => ({ ...place(offset), message, hint }));
  if (faults.length > 0) return { documents: [], faults };
  const read = parsed.map((document) => readDocument(document, place));
  return {
    documents: read.flatMap(({ document }) => document ?? []),
    faults: read.flatMap((one) => one.faults),
  };
}

type Place = (offset: number) => Spot;

function readDocument(
  document: Document.Parsed,
  place: Place,
): { readonly document?: YamlDocument; readonly faults: readonly TextFault[] } {
  const begin = place(document.contents?.range[0] ?? document.range[0]);
  const locate = (path: Path, part?: "key") => locateNode(document, path, place, part) ?? begin;
  const faults: TextFault[] = [];
  try {
    const value = toJson(document.toJS(), [], (path, message) => {
      const source = sourceAt(document, path);
      const hint = source === undefined ? undefined : `quote it: ${JSON.stringify(source)}`;
      faults.push({ ...locate(path), message, hint });
    });
    if (value === null || faults.length > 0) return { faults };
    return { document: { value, at: locate, sourceOf: (path) => sourceAt(document, path) }, faults: [] };
  } catch (error) {
    // An alias without an anchor, or too many of them.
    const message = (error as Error).message.replace(/^[A-Z]/u, (first) => first.toLowerCase());
    return { faults: [{ ...begin, message, hint: "write the values out in place of aliases" }] };
  }
}

/** Numbers as JSON has them; those that would be others are told of. */
function toJson(value: unknown, path: Path, complain: (path: Path, message: string) => void): Json {
  if (typeof value === "bigint" || typeof value === "number") {
    const number = Number(value);
    const isSafe = typeof value === "bigint" ? Number.isSafeInteger(number) : Number.isFinite(number);
    if (!isSafe) complain(path, `the number ${String(value)} would lose digits`);
    return number;
  }
  if (Array.isArray(value)) return value.map((item, index) => toJson(item, [...path, index], complain));
  if (!isObject(value)) return typeof value === "string" || typeof value === "boolean" ? value : null;
  const entries = Object.entries(value).map(
    ([key, item]) => [key, toJson(item, [...path, key], complain)] as const,
  );
  return Object.fromEntries(entries);
}

interface Ranged {
  readonly range?: readonly number[] | null;
  readonly source?: string;
}

/** The node at the end of a path; what an alias or a merged map brought has no place of its own. */
const nodeAt = (document: Document.Parsed, path: Path): Ranged | undefined =>
  (document.getIn(path, true) as Ranged | null | undefined) ?? undefined;

const sourceAt = (document: Document.Parsed, path: Path): string | undefined =>
  nodeAt(document, path)?.source;

function locateNode(document: Document.Parsed, path: Path, place: Place, part?: "key"): Spot | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const key = keyOf(document, path.slice(0, length));
    const node = nodeAt(document, path.slice(0, length));
    const range = (part === "key" || isEmpty(node) ? key : node)?.range ?? node?.range;
    if (range) return place(range[0] ?? 0);
  }
  return undefined;
}

const isEmpty = (node: Ranged | undefined): boolean => node?.source === "" || !node?.range;

function keyOf(document: Document.Parsed, path: Path): Ranged | undefined {
  const around = path.length === 1 ? document.contents : nodeAt(document, path.slice(0, -1));
  const items = (around as { readonly items?: readonly unknown[] } | null | undefined)?.items ?? [];
  const last = String(path.at(-1));
  return items
    .map((item) => (item as { readonly key?: (Ranged & { readonly value?: unknown }) | null }).key)
    .find((key) => key && String(key.value) === last) as Ranged | undefined;
}
