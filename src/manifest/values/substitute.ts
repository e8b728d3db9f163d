import type { Location } from "../../core/diagnostic.ts";
import { findLookAlikes, toAscii } from "../../core/look-alikes.ts";
import { proposeWord, suggest } from "../../core/suggestions.ts";
import { isObject, type Json } from "../../core/value.ts";
import { explain, say } from "../../messages/text.ts";
import type { Problem, Report } from "../problems.ts";
import { explainLookAlike } from "../yaml/repairs.ts";
import {
  mapEntries,
  mapItems,
  moveBy,
  nodeAt,
  ownValue,
  type PlacedText,
  type Scalar,
  type SourceNode,
} from "../yaml/source-tree.ts";

/** What `${…}` can stand for. */
export interface Scope {
  readonly variables: ReadonlyMap<string, Variable>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the runner lets the project read an environment variable; without it, every one. */
  readonly mayRead?: ((name: string) => boolean) | undefined;
  /** The values of environment variables are known only later. */
  readonly envLater?: boolean | undefined;
  /** For hints. */
  readonly environmentName: string;
  /** The item of `for_each`, or what is known of its items where there are none. */
  readonly each?: ForEachItem | UnknownItem | undefined;
}

export type Variable = Pick<Scalar, "value" | "source" | "from" | "later" | "broken" | "secretOf">;

/** No item exists, so that its values are left open. */
export interface UnknownItem {
  readonly key?: undefined;
  /** Items may be files, which have a path and a name. */
  readonly files: boolean;
}

/** One item of `for_each`. */
export interface ForEachItem {
  readonly key: Scalar;
  readonly value: SourceNode;
  /** Of a file: its path in the project, and its name without folders. */
  readonly path?: string | undefined;
  readonly name?: string | undefined;
  /** Of a file: the directory that its path is relative to, by its path from the project. */
  readonly base?: string | undefined;
  /** Of a file: its title, or what reads it; {@link putTitle} calls it before a text is looked at that names it. */
  readonly title?: string | (() => Promise<string>) | undefined;
  /** Of a part of a file, its key. */
  readonly part?: string | undefined;
}

/** Whether a text may ask for the title of the item's file. */
export const namesTitle = (text: string): boolean => text.includes("each.title");

/** A scope whose item has the title of its file. */
export async function putTitle(scope: Scope): Promise<Scope> {
  const { each } = scope;
  return each?.key ? { ...scope, each: await readTitle(each) } : scope;
}

/** An item with the title of its file. */
export async function readTitle(item: ForEachItem): Promise<ForEachItem> {
  return typeof item.title === "function" ? { ...item, title: await item.title() } : item;
}

/** Writes a text so that interpolation gives it back unchanged. */
export const escapeInterpolation = (text: string): string => text.replaceAll("${", () => "$${");

/** The same of every text in a value. */
export function escapeInterpolations(value: Json): Json {
  if (typeof value === "string") return escapeInterpolation(value);
  if (Array.isArray(value)) return value.map(escapeInterpolations);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escapeInterpolations(inner)]));
}

/** Replaces `${…}` in every string; a string that is nothing else becomes the value itself, with its type. */
export function substitute(node: SourceNode, scope: Scope, report: Report): SourceNode {
  if (node.type === "scalar") return substituteScalar(node, scope, report);
  if (node.type === "list") return mapItems(node, (item) => substitute(item, scope, report));
  return mapEntries(node, (value) => substitute(value, scope, report));
}

/** Whether a text, as manifests write it, is refused because it holds an interpolation with full-width signs. */
export const isMistyped = (text: string): boolean =>
  findMistyped({ at: { file: "", line: 1, column: 1 } }, text) !== undefined;

type Piece =
  | { readonly type: "literal"; readonly text: string }
  | { readonly type: "expression"; readonly text: string; readonly at: Location }
  | { readonly type: "unclosed"; readonly at: Location };

function substituteScalar(node: Scalar, scope: Scope, report: Report): SourceNode {
  if (typeof node.value !== "string" || node.body) return node;
  const mistyped = findMistyped(node, node.value);
  if (mistyped) {
    report(mistyped.at, mistyped.problem);
    return { ...node, broken: true };
  }
  if (!node.marks) return node;
  const pieces = splitPieces(node.value, (index) => node.marks?.[index] ?? node.at);
  const [only] = pieces;
  if (pieces.length === 1 && only?.type === "expression") {
    const found = lookUp(only.text, scope);
    if ("node" in found) return insertWhole(found.node, node.at);
    if ("complaint" in found) report(only.at, found.complaint);
    return { ...node, broken: true };
  }
  return joinPieces(node, pieces, scope, report);
}

const wideSign = /[＄｛｝．。]/u;
const anyReference = /(?<![$＄])[$＄][{｛][ \u3000]*(?:var|env|each)[^\s{}｛｝$＄]*[ \u3000]*[}｝]/gu;

/** An interpolation that is written with full-width signs, which is none. */
export function findMistyped({ at, raw = "" }: Pick<Scalar, "at" | "raw">, value: string) {
  if (!wideSign.test(value)) return undefined;
  const found = value
    .match(anyReference)
    ?.find((one) => /^\$\{\w+\.\S+\}$/u.test(toAscii(one)) && toAscii(one) !== one);
  const [first] = findLookAlikes(found ?? "");
  if (found === undefined || !first) return undefined;
  const begin = raw.indexOf(found);
  const { message } = explainLookAlike(first.character);
  const hint = say("core/write", { text: toAscii(found) });
  const problem: Problem = { code: "bad-interpolation", message, hint };
  return { at: begin < 0 ? at : moveBy(at, raw.slice(0, begin + first.offset)), problem };
}

function splitPieces(text: string, markAt: (index: number) => Location): readonly Piece[] {
  const pieces: Piece[] = [];
  const token = /\$\$\{|\$\{/gu;
  let done = 0;
  for (let index = 0; ; index += 1) {
    const match = token.exec(text);
    if (match && match.index > done) pieces.push({ type: "literal", text: text.slice(done, match.index) });
    if (!match) break;
    if (match[0] === "$${") {
      pieces.push({ type: "literal", text: "${" });
      done = token.lastIndex;
      continue;
    }
    const end = text.indexOf("}", token.lastIndex);
    if (end < 0) return [...pieces, { type: "unclosed", at: markAt(index) }];
    pieces.push({ type: "expression", text: text.slice(token.lastIndex, end).trim(), at: markAt(index) });
    done = end + 1;
    token.lastIndex = done;
  }
  if (done < text.length) pieces.push({ type: "literal", text: text.slice(done) });
  return pieces;
}

function joinPieces(node: Scalar, pieces: readonly Piece[], scope: Scope, report: Report): Scalar {
  const sources = new Set<Scalar["from"]>();
  const inserted: PlacedText[] = [];
  let text = "";
  let broken = false;
  let later = false;
  let secretOf: string | undefined;
  let base: string | undefined;
  for (const piece of pieces) {
    if (piece.type === "literal") {
      text += piece.text;
      continue;
    }
    const found =
      piece.type === "unclosed"
        ? badInterpolation(explain("manifest-values/interpolation-unclosed"))
        : lookUp(piece.text, scope);
    const scalar = "node" in found && found.node.type === "scalar" ? found.node : undefined;
    if (scalar && scalar.value !== null) {
      const part = typeof scalar.value === "string" ? scalar.value : scalar.source;
      inserted.push({ at: piece.at, text: part });
      text += part;
      sources.add(scalar.from);
      broken ||= scalar.broken === true;
      later ||= scalar.later === true;
      secretOf ??= scalar.secretOf;
      base ??= scalar.base;
      continue;
    }
    broken = true;
    if ("complaint" in found) report(piece.at, found.complaint);
    else if ("node" in found)
      report(piece.at, { code: "bad-interpolation", ...explain("manifest-values/inserted-no-scalar") });
  }
  const { marks: _, ...rest } = node;
  if (broken) return { ...rest, broken: true };
  const from = sources.has("environment") ? "environment" : sources.has("variable") ? "variable" : undefined;
  return { ...rest, value: text, from, secretOf, base, inserted, later: later || undefined };
}

function insertWhole(node: FoundNode, at: Location): SourceNode {
  if (node.type !== "scalar") return node;
  return { ...node, at: node.at ?? at, convertible: true };
}

type FoundNode = Exclude<SourceNode, Scalar> | (Omit<Scalar, "at"> & { readonly at?: Location });
type Found = { readonly node: FoundNode } | { readonly complaint: Problem } | { readonly unknown: true };

/** What an expression between the braces stands for. */
export function lookUp(expression: string, scope: Scope): Found {
  const [, head = "", rest = ""] = /^(var|env|each)\.(\S+)$/u.exec(expression) ?? [];
  if (head === "var") return lookUpVariable(rest, scope);
  if (head === "env") return lookUpEnvironment(rest, scope);
  if (head === "each") return lookUpEach(rest, scope);
  return badInterpolation(
    explain("manifest-values/interpolation-unknown", { reference: `\${${expression}}` }),
  );
}

const badInterpolation = (what: Omit<Problem, "code">): Found => ({
  complaint: { code: "bad-interpolation", ...what },
});

function lookUpVariable(name: string, { variables, environmentName }: Scope): Found {
  const variable = variables.get(name);
  if (variable) return { node: { type: "scalar", ...variable } };
  const values = { name, environment: environmentName };
  const near = suggest(name, variables.keys());
  const { message, hint } = explain("manifest-values/variable-unset", values);
  const nearHint =
    near && say("manifest-values/variable-unset-similar", { ...values, similar: JSON.stringify(near) });
  return { complaint: { code: "unset-variable", message, hint: nearHint ?? hint } };
}

/** A variable whose value is known only later; `name` as in its interpolation: `env.TOKEN`. */
export function deferredVariable(name: string): Variable {
  const value = placeholderOf(name);
  return { value, source: value, from: "environment", later: true };
}

function lookUpEnvironment(name: string, { env, envLater, mayRead }: Scope): Found {
  if (envLater) return { node: { type: "scalar", ...deferredVariable(`env.${name}`), secretOf: name } };
  // Whether one that may not be read is set is told neither.
  if (mayRead && !mayRead(name)) {
    const hint = say("manifest-values/env-forbidden-in-manifest", { name });
    return { complaint: { ...forbiddenVariable(name), hint } };
  }
  const value = ownValue(env, name);
  if (value !== undefined) {
    return { node: { type: "scalar", value, source: value, from: "environment", secretOf: name } };
  }
  return { complaint: { code: "unset-variable", ...explain("manifest-values/env-unset", { name }) } };
}

/** What to say of an environment variable that the runner doesn't let the project read. */
export const forbiddenVariable = (name: string): Problem => ({
  code: "untrusted-variable",
  ...explain("manifest-values/env-forbidden", { name }),
});

function lookUpEach(rest: string, { each }: Scope): Found {
  const reference = `\${each.${rest}}`;
  if (!each) return badInterpolation(explain("manifest-values/each-outside", { reference }));
  const [head = "", ...path] = rest.split(".");
  const ofFile = each.key ? each.path !== undefined : each.files;
  const isNamed = ofFile || (each.key && each.name !== undefined);
  const known = [
    "key",
    "value",
    ...(ofFile ? ["path"] : []),
    ...(isNamed ? ["name"] : []),
    ...(ofFile ? ["title"] : []),
  ];
  if (!known.includes(head) || (path.length > 0 && head !== "value")) {
    const near = suggest(head, known);
    const references = known.map((word) => `\${each.${word}}`).join(", ");
    return badInterpolation({
      message: say("manifest-values/interpolation-unknown", { reference }),
      hint:
        near === undefined || near === head
          ? say("manifest-values/each-known", { references })
          : say("common/did-you-mean", { word: `\${each.${near}}` }),
    });
  }
  if (!each.key) return { unknown: true };
  if (head === "value") return lookUpValue(each.value, path);
  if (head === "key") return { node: each.key };
  const text = each[head as "path" | "name" | "title"];
  if (typeof text !== "string") throw new Error(`each.${head} wasn't read`);
  return { node: { type: "scalar", value: text, source: text, base: each.base } };
}

function lookUpValue(value: SourceNode, path: readonly string[]): Found {
  const { node, whole } = nodeAt(value, path);
  if (whole) return { node };
  const known = node.type === "map" ? [...node.entries.keys()] : [];
  const missing = path.find((_, index) => !nodeAt(value, path.slice(0, index + 1)).whole) ?? "";
  return badInterpolation({
    message: say("manifest-values/each-value-without-field", { field: ["value", ...path].join(".") }),
    hint: proposeWord(missing, known, "fields") ?? say("manifest-values/each-value-no-map"),
  });
}

/** A text that stands for a value that is known only when what was read is used; `name` says which: `env.TOKEN`. */
const placeholderOf = (name: string): string => `${open}${name}${close}`;

/** The parts of a text: what it says, and the names of what it leaves open. */
export function splitPlaceholders(
  text: string,
): readonly ({ readonly text: string } | { readonly name: string })[] {
  return text
    .split(new RegExp(`${open}([^${close}]*)${close}`, "u"))
    .map((part, index) => (index % 2 === 0 ? { text: part } : { name: part }))
    .filter((part) => !("text" in part && part.text === ""));
}

export const hasPlaceholder = (text: string): boolean => text.includes(open);

// Of Unicode's private use, so that no text that people write holds them.
const open = "\u{F0000}";

const close = "\u{F0001}";

/** What to say where a value decides what there is. */
export const notYetKnown = (): Problem => ({
  code: "unset-variable",
  ...explain("manifest-values/not-yet-known"),
});
