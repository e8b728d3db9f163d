import type { DefinedError } from "ajv";
import type { Location } from "../../core/diagnostic.ts";
import {
  describeAlternatives,
  describeBadUrl,
  describeLength,
  describeRange,
  describeWord,
  describeWrongType,
  hintAtAddress,
  type SchemaError,
} from "../../core/schema-errors.ts";
import { formatPath, type Path } from "../../core/spec-walk.ts";
import { proposeWord } from "../../core/suggestions.ts";
import { explain, say } from "../../messages/text.ts";
import { showValue as show } from "../../secrets/detection.ts";
import type { Code, Problem, Report } from "../problems.ts";
import {
  type Mapping,
  onlyTextUnder,
  placeInText,
  type Scalar,
  type SourceEntry,
  type SourceNode,
  textOf,
} from "../yaml/source-tree.ts";
import type { Schema } from "./field-schema.ts";

/** A fault that a schema found, and the value that it is about. */
export interface Fault {
  readonly error: DefinedError;
  /** The schema that wasn't met, with the words it carries for messages. */
  readonly schema: Schema;
  readonly node: SourceNode;
  readonly path: Path;
}

/** A fault in words, at the key or value that has to change. */
export interface Explained extends Problem {
  readonly at: Location;
}

/** Reports the numbers in a value that can't be read without a loss; those that are one's field has told come first. */
export function reportLossyNumbers(node: SourceNode, report: Report): void {
  if (node.type === "list") for (const item of node.items) reportLossyNumbers(item, report);
  else if (node.type === "map")
    for (const { value } of node.entries.values()) reportLossyNumbers(value, report);
  else if (node.lossy) report(node.at, describeLossy(node));
}

function describeLossy({ source, lossy }: Scalar): Problem {
  const values = { number: source, quoted: JSON.stringify(source) };
  return lossy === "digits"
    ? { code: "digits-lost", ...explain("manifest-yaml/digits-lost", values) }
    : { code: "wrong-type", ...explain("manifest-yaml/not-a-number", values) };
}

/** A number where a number is wanted: quotes wouldn't help. */
function hintAtLossy({ source, lossy }: Scalar): string {
  if (lossy !== "digits") return say("manifest-yaml/write-finite");
  const number = source.replace(/^([-+]?)0+(?=\d)/u, "$1");
  return Number.isSafeInteger(Number(number))
    ? say("core/write", { text: number })
    : say("manifest-yaml/write-fewer-digits");
}

/** Puts a schema's fault into words; undefined for what only repeats another fault. */
export function explainFault(fault: Fault): Explained | undefined {
  const { error, node } = fault;
  switch (error.keyword) {
    case "type":
      return explainType(fault, error.params.type);
    case "enum":
      return explainWord(fault, error.params.allowedValues.map(String));
    case "const":
      return explainWord(fault, [String(error.params.allowedValue)]);
    case "required":
      return explainMissing(fault, error.params.missingProperty);
    case "additionalProperties":
      return explainUnknownKey(fault, error.params.additionalProperty);
    case "oneOf":
      return explainAlternatives(fault);
    case "minLength":
    case "maxLength":
    case "minItems":
    case "maxItems":
    case "minProperties":
      return explainLength(fault, boundOf(error));
    case "minimum":
    case "maximum":
      return explainWith(fault, "out-of-range", describeRange(showValue(node), boundOf(error)));
    case "uniqueItems":
      return explainDuplicate(fault, error.params.j, error.params.i);
    case "pattern":
      return explainPattern(fault, error.params.pattern);
    case "format": {
      const text = (node as Scalar).from === undefined ? textOf(node) : undefined;
      return explainWith(fault, "malformed", describeBadUrl(text, showValue(node)));
    }
    case "propertyNames":
      return explainName(fault, error.params.propertyName);
    case "if":
      return undefined;
    default:
      return explainWith(fault, "rule", { said: error.message ?? error.keyword });
  }
}

/** A place in the document in words. */
const label = (path: Path): string =>
  path.length === 0 ? say("manifest-schema/manifest") : formatPath(path);

/** A value as it may be shown: nothing that came from elsewhere or looks like a secret. */
export function showValue(node: SourceNode): string {
  if (node.type !== "scalar") return say(`manifest-schema/value-${node.type}`);
  if (node.from) return say("manifest-schema/not-shown");
  return show(node.value);
}

function explainWith({ node, path }: Fault, code: Code, { said: problem, hint }: SchemaError): Explained {
  const message = say("manifest-schema/problem", { place: label(path), problem });
  return { code, at: node.at, message, hint };
}

function noValue({ node, path }: Fault): Explained {
  return { code: "no-value", at: node.at, ...explain("manifest-schema/no-value", { place: label(path) }) };
}

const isNull = (node: SourceNode): boolean => node.type === "scalar" && node.value === null;

function explainType(fault: Fault, type: string): Explained {
  const { node, path, schema } = fault;
  if (isNull(node)) return noValue(fault);
  if (node.type === "scalar" && node.lossy)
    return { at: node.at, ...describeLossy(node), hint: hintAtLossy(node) };
  const expected = String(schema.expected ?? say("manifest-schema/type", { type }));
  const message = say("manifest-schema/wrong-type", { place: label(path), expected, found: describe(node) });
  const hint = fileHint(fault) ?? typeHint(node, type);
  return { code: "wrong-type", at: node.at, message, hint };
}

function describe(node: SourceNode): string {
  if (node.type !== "scalar") return showValue(node);
  if (node.value === null) return say("manifest-schema/found-nothing");
  if (typeof node.value === "boolean") return say("manifest-schema/found-boolean");
  return say(typeof node.value === "string" ? "manifest-schema/string" : "manifest-schema/number");
}

/** What to write where a path is wanted and a map or list stands, such as `{file: path}`. */
function fileHint({ node, path, schema }: Fault): string | undefined {
  if (node.type === "scalar" || typeof schema.example !== "string") return undefined;
  const key = path.findLast((step) => typeof step === "string");
  const file = onlyTextUnder(node, "file");
  return [key, file && !file.from ? file.value : schema.example].join(": ");
}

function typeHint(node: SourceNode, type: string): string | undefined {
  if (node.type !== "scalar") return undefined;
  const text = textOf(node);
  if (type === "string" && text === undefined)
    return say("manifest-schema/quote", { text: JSON.stringify(node.source) });
  if (node.from) return undefined;
  if (type === "array" && /^-\S/u.test(text ?? "")) return say("manifest-yaml/slip-space-dash.hint");
  if (type === "object" && /^[\w$.-]+:[^\s/]/u.test(text ?? ""))
    return say("manifest-yaml/slip-space-colon.hint");
  if (type === "array") return say("manifest-schema/write-list", { value: showValue(node) });
  const numeric = text !== undefined && text.trim() !== "" && Number.isFinite(Number(text));
  const wantsNumber = type === "number" || type === "integer";
  if (wantsNumber && numeric) return say("manifest-schema/unquote");
  if (wantsNumber) return hintAtNumber(text ?? "");
  return type === "boolean" ? say("manifest-schema/unquote-boolean") : undefined;
}

/** Forms that other formats have for numbers: `1_000`, `1,5`, `1:30` (which YAML 1.1 counts in sixties). */
function hintAtNumber(text: string): string | undefined {
  if (/^[-+]?\d{1,3}(?:[_,]\d{3})+$/u.test(text))
    return say("core/write", { text: text.replace(/[_,]/gu, "") });
  if (/^[-+]?\d+,\d+$/u.test(text)) return say("core/write", { text: text.replace(",", ".") });
  if (/^\d+(?::[0-5]?\d)+$/u.test(text)) {
    const sum = text.split(":").reduce((total, part) => total * 60 + Number(part), 0);
    return say("core/write", { text: String(sum) });
  }
  return undefined;
}

function explainWord(fault: Fault, known: readonly string[]): Explained {
  const { node, path } = fault;
  if (isNull(node)) return noValue(fault);
  const word = textOf(node);
  if (word === undefined && !isOtherNumber(fault)) return explainType(fault, "string");
  if (word !== undefined && formatPath(path) === "kind") return explainKind(fault, word, known);
  const shown = node.type === "scalar" && node.from ? undefined : showValue(node);
  return explainWith(fault, "unknown-word", describeWord(word ?? "", shown, known));
}

/** Whether a number stands where some other numbers are allowed. */
function isOtherNumber({ node, schema }: Fault): boolean {
  const isNumber = (value: unknown) => typeof value === "number";
  return node.type === "scalar" && isNumber(node.value) && [schema.enum].flat().every(isNumber);
}

function explainKind({ node, schema }: Fault, word: string, known: readonly string[]): Explained {
  const base = { code: "unknown-kind", at: node.at } as const;
  if (Array.isArray(schema.lookupOnly) && schema.lookupOnly.includes(word)) {
    return { ...base, ...explain("manifest-schema/kind-not-creatable", { kind: word }) };
  }
  return {
    ...base,
    message: say("manifest-schema/kind-unknown", { kind: showValue(node) }),
    hint: word === "Project" ? say("manifest-schema/project-kind") : proposeWord(word, known, "kinds"),
  };
}

function explainMissing(fault: Fault, name: string): Explained | undefined {
  // Of alternatives none of which is given, the fault of all together says it.
  if (fault.error.schemaPath.includes("/oneOf/")) return undefined;
  const schema = (fault.schema.properties as Schema | undefined)?.[name];
  const message = say("manifest-schema/missing", { place: label([...fault.path, name]) });
  return { code: "missing", at: fault.node.at, message, hint: hintAtMissing(schema as Schema | undefined) };
}

function hintAtMissing(schema: Schema | undefined): string | undefined {
  const expected = expectedOf(schema);
  if (expected !== undefined) return say("manifest-schema/missing-value", { expected });
  const example = schema?.example;
  return typeof example === "string" ? say("manifest-schema/missing-example", { example }) : undefined;
}

function expectedOf(schema: unknown): string | undefined {
  const { expected, else: rest, const: only } = (schema ?? {}) as Schema;
  if (typeof expected === "string") return expected;
  return typeof only === "string" ? JSON.stringify(only) : rest === undefined ? undefined : expectedOf(rest);
}

function explainUnknownKey(fault: Fault, key: string): Explained {
  const { node, path, schema } = fault;
  const at = (node as Mapping).entries.get(key)?.key ?? node.at;
  if (Array.isArray(schema.computed) && schema.computed.includes(key)) {
    const place = label([...path, key]);
    return { code: "computed-field", at, ...explain("manifest-schema/computed", { place }) };
  }
  const values = { key: JSON.stringify(key), place: label(path) };
  const unknown = path.length === 0 ? "manifest-schema/key-unknown" : "manifest-schema/key-unknown-in";
  const message = say(unknown, values);
  return { code: "unknown-key", at, message, hint: proposeWord(key, freeKeys(fault), "keys") };
}

/** The keys that may have been meant by one that a map can't have: those that it may have and doesn't. */
export function freeKeys({ error, node, schema }: Fault): readonly string[] {
  const known = Object.keys((schema.properties ?? {}) as Schema);
  if (node.type !== "map") return known;
  const wrong = error.keyword === "additionalProperties" ? error.params.additionalProperty : "";
  const file = node.entries.get(wrong)?.key.file;
  // What a manifest has, a patch of it in another file may well have meant.
  return known.filter((key) => (node.entries.get(key)?.key.file ?? "") !== file);
}

function explainAlternatives(fault: Fault): Explained {
  const { node, schema } = fault;
  const names = (schema.oneOf as readonly { readonly required: readonly string[] }[]).flatMap(
    (one) => one.required,
  );
  const entries = node.type === "map" ? node.entries : new Map<string, SourceEntry>();
  const given = [...entries.keys()].filter((name) => names.includes(name));
  const at = entries.get(given[1] ?? "")?.key ?? node.at;
  return { ...explainWith(fault, "exactly-one", describeAlternatives(names, given)), at };
}

const boundOf = ({ keyword, params }: DefinedError & { readonly params: { readonly limit: number } }) =>
  [keyword.startsWith("max") ? "maximum" : "minimum", params.limit] as const;

function explainLength(fault: Fault, bound: ReturnType<typeof boundOf>): Explained {
  const { node } = fault;
  const text = textOf(node);
  const [size, unit] =
    text !== undefined
      ? ([[...text].length, "character"] as const)
      : node.type === "list"
        ? ([node.items.length, "item"] as const)
        : ([node.type === "map" ? node.entries.size : 0, "key"] as const);
  const note = node.type === "scalar" && node.from === "file" ? ` ${say("manifest-schema/in-its-file")}` : "";
  const explained = explainWith(fault, "wrong-length", describeLength(size, unit, bound, note));
  if (node.type !== "scalar" || text === undefined) return explained;
  // Where the text gets too long.
  const kept = bound[0] === "maximum" ? [...text].slice(0, bound[1]).join("").length : 0;
  return { ...explained, at: placeInText(node, kept) ?? explained.at };
}

function explainDuplicate(fault: Fault, first: number, second: number): Explained | undefined {
  if (fault.node.type !== "list") return undefined;
  const places = { place: label([...fault.path, second]), other: label([...fault.path, first]) };
  return {
    code: "duplicate-item",
    at: fault.node.items[second]?.at ?? fault.node.at,
    message: say("manifest-schema/same-item", places),
    hint: say("common/remove-one"),
  };
}

function explainPattern(fault: Fault, pattern: string): Explained | undefined {
  // The name of a key is told by the fault of its map.
  if (fault.error.propertyName !== undefined) return undefined;
  const { schema, node } = fault;
  const wanted = String(schema.patternHint ?? say("manifest-schema/pattern", { pattern }));
  const text = textOf(node) ?? "";
  const isWritten = node.type === "scalar" && node.from === undefined;
  const hint = text.includes("${")
    ? say("manifest-schema/not-interpolated")
    : hintAtAddress(pattern, text, isWritten ? "shown" : "hidden");
  return explainWith(fault, "malformed", { ...describeWrongType(wanted, showValue(node)), hint });
}

function explainName(fault: Fault, name: string): Explained {
  const at = fault.node.type === "map" ? fault.node.entries.get(name)?.key : undefined;
  const { patternHint } = (fault.schema.propertyNames ?? {}) as Schema;
  const expected = String(patternHint ?? say("manifest-schema/key-form"));
  const message = say("manifest-schema/key-malformed", { place: label([...fault.path, name]), expected });
  return { code: "malformed", at: at ?? fault.node.at, message };
}
