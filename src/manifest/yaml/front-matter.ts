import path from "node:path";
import type { KindSchema } from "../../kind/schema.ts";
import { explain } from "../../messages/text.ts";
import type { Problem, Report } from "../problems.ts";
import { apiVersion, manifestName } from "../schema/header-fields.ts";
import { type ParsedDocument, placeLines } from "./plain-documents.ts";
import { type Mapping, mappingAt, type Scalar, type SourceEntry, textOf, withEntry } from "./source-tree.ts";

/** A Markdown file in its parts; offsets in its text. */
interface MarkdownParts {
  /** Where the line that ends the front matter begins; before it the text is YAML. */
  readonly end: number;
  /** Where the body begins. */
  readonly body: number;
}

/**
 * Splits a text whose lines end in LF into the front matter, between two lines of `---`, and the body below it. One empty
 * line between the two is part of neither. Undefined without front matter, or where it doesn't end.
 */
export function splitFrontMatter(text: string): MarkdownParts | "absent" | "unclosed" {
  const first = /^---[ \t]*(?:\n|$)/u.exec(text)?.[0].length;
  if (first === undefined) return "absent";
  const closing = /^---[ \t]*(?:\n|$)/mu.exec(text.slice(first));
  if (!closing) return "unclosed";
  const end = first + closing.index;
  const behind = end + closing[0].length;
  return { end, body: text[behind] === "\n" ? behind + 1 : behind };
}

/**
 * The manifest that a Markdown file is: its front matter holds `metadata` and `spec`, its body is the text of the kind's
 * field for that. A file without a name of its own is called like the file. Undefined where it can't be read.
 */
export function readMarkdown(
  { file, text }: { readonly file: string; readonly text: string },
  kind: KindSchema,
  parse: (frontMatter: string) => readonly ParsedDocument[],
  report: Report,
): ParsedDocument | undefined {
  const at = { file, line: 1, column: 1 };
  const parts = splitFrontMatter(text);
  if (typeof parts === "string") {
    const key = parts === "absent" ? "manifest/no-front-matter" : "manifest/front-matter-unclosed";
    report(at, { code: "not-a-manifest", ...explain(key, { file, kind: kind.name }) });
    return undefined;
  }
  const [document = { root: emptyMap(at), damaged: false, flawed: false }] = parse(text.slice(0, parts.end));
  if (document.root.type !== "map") {
    report(document.root.at, { code: "not-a-manifest", ...explain("manifest/front-matter-no-map") });
    return undefined;
  }
  const place = placeLines(file, text);
  const body: Scalar = {
    type: "scalar",
    at: place(parts.body),
    value: text.slice(parts.body),
    source: "",
    body: { file, text: text.slice(parts.body), place: (offset) => place(parts.body + offset) },
  };
  const named = nameManifest(withHeader(document.root, kind, report), file, report);
  return { ...document, root: withBody(named, kind, body, report), isMarkdown: true };
}

const emptyMap = (at: Scalar["at"]): Mapping => ({ type: "map", at, entries: new Map() });

const textAt = (value: string, at: Scalar["at"]): Scalar => ({ type: "scalar", at, value, source: value });

/** The pattern that finds the file says which kind it is. */
function withHeader(root: Mapping, kind: KindSchema, report: Report): Mapping {
  const given = root.entries.get("kind");
  if (given && textOf(given.value) !== kind.name) {
    const problem = explain("manifest/front-matter-kind", { kind: kind.name });
    report(given.value.at, { code: "conflict", ...problem });
  }
  const at = { ...root.at, line: 1, column: 1 };
  const header = new Map<string, SourceEntry>([
    ["apiVersion", { key: at, value: textAt(apiVersion, at) }],
    ["kind", { key: at, value: textAt(kind.name, at) }],
    ["metadata", { key: at, value: emptyMap(at) }],
    ["spec", { key: at, value: emptyMap(at) }],
  ]);
  const own = [...root.entries].filter(([key, { key: place }]) => {
    if (!Object.hasOwn(kind.fields, key)) return key !== "kind";
    const problem = explain("manifest/front-matter-field", { field: key });
    report(place, { code: "unknown-key", ...problem });
    return false;
  });
  return { type: "map", at, entries: new Map([...header, ...own]) };
}

function nameManifest(root: Mapping, file: string, report: Report): Mapping {
  const metadata = mappingAt(root, "metadata");
  if (!metadata || metadata.entries.has("name")) return root;
  const name = path.posix.basename(file, path.posix.extname(file)).normalize("NFC");
  const isName = new RegExp(manifestName.pattern, "u").test(name);
  if (!isName) {
    report(root.at, {
      code: "missing",
      ...explain("manifest/file-name-no-name", { name: JSON.stringify(name) }),
    });
  }
  const scalar: Scalar = { ...textAt(name, root.at), broken: isName ? undefined : true };
  return withEntry(root, "metadata", withEntry(metadata, "name", scalar));
}

function withBody(
  root: Mapping,
  { name: kind, body: name = "" }: KindSchema,
  body: Scalar,
  report: Report,
): Mapping {
  const spec = mappingAt(root, "spec");
  if (!spec) return root;
  const field = `spec.${name}`;
  const given = spec.entries.get(name);
  const refuse = (at: Scalar["at"], problem: Problem): Mapping => {
    report(at, problem);
    return withEntry(root, "spec", withEntry(spec, name, { ...body, broken: true }));
  };
  if (given)
    return refuse(given.key, { code: "conflict", ...explain("manifest/body-in-front-matter", { field }) });
  if (!/\S/u.test(String(body.value)))
    return refuse(body.at, { code: "missing", ...explain("manifest/body-empty", { field, kind }) });
  return withEntry(root, "spec", withEntry(spec, name, body));
}
