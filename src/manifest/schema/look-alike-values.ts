import { findLookAlikes, type LookAlike, toAscii } from "../../core/look-alikes.ts";
import { say } from "../../messages/text.ts";
import type { Problem } from "../problems.ts";
import { explainLookAlike } from "../yaml/repairs.ts";
import { moveBy, type Scalar, type SourceNode } from "../yaml/source-tree.ts";
import { type Explained, explainFault, type Fault } from "./schema-diagnostics.ts";

/** Puts a schema's fault into words; none for what only repeats another fault. */
export function explainFaults(fault: Fault): readonly Explained[] {
  const mistyped = explainLookAlikes(fault);
  return mistyped.length > 0 ? mistyped : [explainFault(fault) ?? []].flat();
}

/**
 * What to say of a refused value or key that would be accepted in ASCII: where its full-width characters, curly quotes
 * or unusual spaces stand, and what to type. Nothing for all other faults.
 */
function explainLookAlikes(fault: Fault): readonly Explained[] {
  const { error, node } = fault;
  if (error.keyword === "additionalProperties") return explainKey(fault, error.params.additionalProperty);
  const found = findIn(node);
  if (!found || !isWanted(fault, found.ascii)) return [];
  if (error.keyword === "type" && error.params.type === "object") return explainMap(found);
  return [explainFirst(found)];
}

/** The same for a value that names something, or several things with commas of another script between them. */
export function explainLookAlikeName(
  node: SourceNode,
  isKnown: (ascii: string) => boolean,
): Explained | undefined {
  const found = findIn(node);
  return found && splitWords(found.ascii).every(isKnown) ? explainFirst(found) : undefined;
}

interface Found {
  readonly node: Scalar;
  readonly raw: string;
  readonly ascii: string;
  readonly first: LookAlike;
  readonly all: readonly LookAlike[];
}

function findIn(node: SourceNode): Found | undefined {
  if (node.type !== "scalar" || typeof node.value !== "string" || node.raw === undefined) return undefined;
  if (node.from !== undefined || node.broken) return undefined;
  const all = findLookAlikes(node.raw);
  const [first] = all;
  return first && { node, raw: node.raw, ascii: toAscii(node.value).trim(), first, all };
}

/** Two items of a list are one text if no comma of ASCII stands between them. */
const splitWords = (ascii: string): readonly string[] => ascii.split(",").map((one) => unquote(one.trim()));

const unquote = (text: string): string => /^(["'])(.*)\1$/u.exec(text)?.[2] ?? text;

function isWanted({ error, schema }: Fault, ascii: string): boolean {
  switch (error.keyword) {
    case "type":
      return isOfType(String(error.params.type), ascii);
    case "enum":
      return splitWords(ascii).every((one) => error.params.allowedValues.includes(one));
    case "const":
      return error.params.allowedValue === unquote(ascii);
    case "pattern":
      return splitWords(ascii).every((one) => new RegExp(String(schema.pattern), "u").test(one));
    case "format":
      return URL.canParse(unquote(ascii)) && /^\p{ASCII}*$/u.test(ascii);
    default:
      return false;
  }
}

function isOfType(type: string, ascii: string): boolean {
  if (type === "number" || type === "integer") return ascii !== "" && Number.isFinite(Number(unquote(ascii)));
  if (type === "boolean") return ascii === "true" || ascii === "false";
  if (type === "array") return /^[-[]/u.test(ascii);
  return type === "object" && /^(?:\{|[\w$.-]+:)/u.test(ascii);
}

/** The colons of its lines, or else what begins a map. */
function explainMap({ raw, node, all, first }: Found): readonly Explained[] {
  const colons = all.filter(
    ({ ascii, offset }) => ascii === ":" && /(?:^|\n)[ \t]*[\w$.-]+$/u.test(raw.slice(0, offset)),
  );
  return (colons.length > 0 ? colons : [first]).map((one) => explainAt(node, raw, one));
}

/** The full-width colons that keep a text from being a map. */
export function explainTextForMap(node: SourceNode): readonly Explained[] {
  const found = findIn(node);
  return found && isOfType("object", found.ascii) ? explainMap(found) : [];
}

const explainAt = (node: Scalar, raw: string, { character, offset }: LookAlike): Explained => ({
  code: "malformed",
  at: moveBy(node.at, raw.slice(0, offset)),
  ...explainLookAlike(character),
});

/** One value is written again as a whole. */
function explainFirst({ node, raw, first, all }: Found): Explained {
  const explained = explainAt(node, raw, first);
  const isSign = all.length === 1 && /[^\w]|^$/u.test(first.ascii);
  const text = toAscii(raw).trim();
  if (isSign || text.length > 60 || text.includes("\n")) return explained;
  return { ...explained, hint: say("core/write", { text }) };
}

function explainKey({ node, schema }: Fault, key: string): readonly Explained[] {
  const [first] = findLookAlikes(key);
  if (!first || node.type !== "map") return [];
  const entry = node.entries.get(key);
  const known = Object.keys((schema.properties ?? {}) as object);
  if (!entry || !known.includes(unquote(toAscii(key).trim()))) return [];
  const at = moveBy(entry.key, key.slice(0, first.offset));
  return [{ code: "unknown-key", at, ...explainLookAlike(first.character) } satisfies Explained & Problem];
}
