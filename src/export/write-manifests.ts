import { Document, isMap, isScalar, type Node, parseDocument, Scalar, visit } from "yaml";
import type { Address } from "../core/address.ts";
import type { Fields, Shape } from "../core/field.ts";
import { canonicalJson, isObject, type Json, type Values } from "../core/value.ts";
import { apiVersion } from "../manifest/schema/header-fields.ts";
import { escapeInterpolation, escapeInterpolations } from "../manifest/values/substitute.ts";
import { escapeTemplate } from "../manifest/values/templates.ts";
import type { LiveObject } from "./read-estate.ts";
import type { ReferenceWriter } from "./references.ts";
import { type FittedSpec, fitsFile, isText } from "./written-spec.ts";

/** An object with its name and what its manifest may say. */
export interface ManifestDraft {
  readonly object: LiveObject;
  readonly name: string;
  readonly address: Address;
  readonly fitted: FittedSpec;
  /** The file is named after the object that holds it. */
  readonly file: string;
  /** Others have its identity, so that only the id tells them apart. */
  readonly isNamedById: boolean;
  readonly notes: readonly string[];
}

/** The files of manifests, and of the texts that they name, by path; in the order of the drafts. */
export function writeManifests(
  drafts: readonly ManifestDraft[],
  references: ReferenceWriter,
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const draft of drafts) {
    const before = files.get(draft.file);
    const text = writeManifest(draft, references, (path, content) => files.set(path, content));
    files.set(draft.file, before === undefined ? text : `${before}---\n${text}`);
  }
  return files;
}

interface Writing {
  readonly draft: ManifestDraft;
  readonly references: ReferenceWriter;
  readonly addFile: (path: string, content: string) => void;
  /** Comments of values, by the object that stands for the value. */
  readonly comments: Map<object, string>;
  /** The first field with a text gives its file the bare name of the resource. */
  readonly firstText: string | undefined;
}

function writeManifest(
  draft: ManifestDraft,
  references: ReferenceWriter,
  addFile: Writing["addFile"],
): string {
  const { object, name, fitted, isNamedById, notes } = draft;
  const isMarkdown = draft.file.endsWith(".md");
  const { fields } = object.kind;
  const firstText = Object.keys(fields).find((key) => isText(fields[key]));
  const writing: Writing = { draft, references, addFile, comments: new Map(), firstText };
  const { [isMarkdown ? (object.kind.body ?? "") : ""]: _, ...written } = fitted.spec;
  const spec = writeFields(writing, fields, written, []);
  const print = (manifest: Values): string => {
    const text = stringify(manifest, writing, notes, false);
    // What the library would write so that it reads otherwise is quoted.
    return isRead(text, manifest) ? text : stringify(manifest, writing, notes, true);
  };
  const metadata = { name, ...(isNamedById ? { import: { id: object.id } } : {}) };
  if (!isMarkdown) return print({ apiVersion, kind: object.kind.name, metadata, spec });
  // A body is a template.
  const text = escapeTemplate(String(fitted.spec[object.kind.body ?? ""]));
  return `---\n${print({ metadata, spec })}---\n\n${text}`;
}

const isRead = (text: string, manifest: Json): boolean =>
  canonicalJson(parseDocument(text).toJS()) === canonicalJson(manifest);

type Names = readonly string[];

function writeFields(writing: Writing, fields: Fields, values: Values, path: Names): Values {
  // In the order of the kind's fields, whatever the order of an answer.
  const entries = Object.entries(fields).flatMap(([name, field]): readonly [string, Json][] => {
    const value = values[name];
    return value === undefined ? [] : [[name, writeValue(writing, field, value, [...path, name])]];
  });
  return Object.fromEntries(entries);
}

function writeValue(writing: Writing, shape: Shape, value: Json, path: Names): Json {
  if (shape.type === "ref" && typeof value === "string") return writeReference(writing, shape, value);
  if (shape.type === "list" && Array.isArray(value))
    return value.map((item: Json) => writeValue(writing, shape.items, item, path));
  if (shape.type === "object" && isObject(value)) {
    const word = Object.entries(shape.shorthand ?? {}).find(
      ([, whole]) => canonicalJson(whole) === canonicalJson(value),
    );
    return word ? word[0] : writeFields(writing, shape.fields, value, path);
  }
  if (isText(shape) && typeof value === "string") return writeText(writing, value, path);
  return escapeInterpolations(value);
}

function writeReference(
  { references, draft, comments }: Writing,
  shape: Extract<Shape, { type: "ref" }>,
  id: string,
): Json {
  const { value, comment } = references(draft.object, shape, id);
  const written = escapeInterpolations(value);
  if (comment !== undefined && isObject(written)) comments.set(written, comment);
  return written;
}

/** Longer texts, in characters or lines, read better in files of their own. */
const longText = 200;
const mostLines = 4;

function writeText({ draft, addFile, firstText }: Writing, text: string, path: Names): Json {
  const isLong = text.length > longText || text.split("\n").length > mostLines || /[$＄][{｛]/u.test(text);
  const field = path.join(".");
  const file = `prompts/${draft.name}${field === firstText ? "" : `.${field}`}.md`;
  if (!isLong || !fitsFile(text)) return escapeInterpolation(text);
  addFile(file, text);
  return { file };
}

/** The YAML of a manifest. `quoted`: all texts of several lines are written in double quotes. */
function stringify(
  manifest: Values,
  { comments }: Writing,
  notes: readonly string[],
  quoted: boolean,
): string {
  // Words that only YAML 1.1 reads as other types are quoted, since other tools may read these files, too.
  const document = new Document(manifest, { compat: "yaml-1.1", aliasDuplicateObjects: false });
  if (notes.length > 0) document.commentBefore = notes.map((note) => ` ${oneLine(note)}`).join("\n");
  const all = [...comments];
  visit(document, {
    Map(_, node) {
      if (isShort(node)) node.flow = true;
      const value = canonicalJson(node.toJSON());
      const index = all.findIndex(([one]) => canonicalJson(one) === value);
      if (index >= 0) node.comment = ` ${oneLine(all[index]?.[1] ?? "")}`;
    },
    Seq(_, node) {
      const words = node.items.map((item) => (isScalar(item) ? String(item.value) : ""));
      if (words.length <= 6 && words.every((word) => /^[\w.-]{1,40}$/u.test(word))) node.flow = true;
    },
    Scalar(_, node) {
      if (typeof node.value === "string") node.type = styleOf(node.value, quoted);
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** References, files and metadata fit one line. */
function isShort(node: Node): boolean {
  if (!isMap(node)) return false;
  const keys = node.items.map(({ key }) => (isScalar(key) ? String(key.value) : ""));
  const [first = ""] = keys;
  if (keys.length === 1 && ["id", "lookup", "file"].includes(first)) return true;
  if (first === "name" && keys.every((key) => key === "name" || key === "import")) return true;
  return false;
}

/** What block scalars don't keep, or don't show. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const special = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff]|[ \t]$/mu;

function styleOf(value: string, quoted: boolean): Scalar.Type {
  if (special.test(value)) return Scalar.QUOTE_DOUBLE;
  if (!value.includes("\n")) return Scalar.PLAIN;
  return quoted ? Scalar.QUOTE_DOUBLE : Scalar.BLOCK_LITERAL;
}

const oneLine = (text: string): string => text.replaceAll(/\p{Cc}|[\u2028\u2029]/gu, " ").trim();
