import type { CST, Document, ErrorCode } from "yaml";
import { explain, say } from "../../messages/text.ts";
import type { Problem } from "../problems.ts";
import { childrenOf, listTokens, maxDepth, type Tokens } from "./tokens.ts";

/** What YAML finds wrong, at an offset of the text. */
export interface YamlFault extends Problem {
  readonly offset: number;
}

/** Puts the errors and warnings of a text's documents into words; of what follows from another one nothing is said. */
export function explainYaml(
  text: string,
  tokens: readonly CST.Token[],
  documents: readonly Document.Parsed[],
): readonly (readonly YamlFault[])[] {
  const faulty = documents.some(({ errors }) => errors.length > 0);
  const all = faulty ? listTokens(tokens) : [];
  const unclosed = findUnclosed(all);
  const quoted = findQuoted(all);
  return documents.map(({ errors, warnings, range }) => {
    const own = unclosed.filter(({ offset }) => range[0] <= offset && offset < range[2]);
    const first = own[0]?.offset ?? Number.POSITIVE_INFINITY;
    const before = errors.filter(({ pos }) => pos[0] < first);
    return [
      ...own.slice(0, maxErrors).map((one) => explainUnclosed(one, text)),
      ...firstErrorPerLine(before, text).map((error) => explainError(error, text, quoted)),
      ...warnings.map((warning): YamlFault => {
        // What a tag was to do isn't done, and the value alone would be sent.
        if (warning.code === "TAG_RESOLVE_FAILED") {
          const tag = text.slice(...warning.pos);
          return { offset: warning.pos[0], code: "yaml-syntax", ...explain(keyOf(warning.code), { tag }) };
        }
        const problem = { message: lowerFirst(warning.message), hint: say(`${keyOf(warning.code)}.hint`) };
        return { offset: warning.pos[0], code: "yaml-warning", severity: "warning", ...problem };
      }),
    ];
  });
}

/** More errors are of no use, and describing thousands takes minutes. */
const maxErrors = 50;

/** The first error of each line, since one slip makes YAML complain several times. */
function firstErrorPerLine(errors: readonly YamlError[], text: string): readonly YamlError[] {
  const lines = new Set<number>();
  const told: YamlError[] = [];
  for (const error of errors) {
    const begin = text.lastIndexOf("\n", error.pos[0] - 1);
    if (lines.has(begin)) continue;
    told.push(error);
    if (lines.add(begin).size === maxErrors) break;
  }
  return told;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

type Kebab<Code extends string> = Code extends `${infer Word}_${infer Rest}`
  ? `${Lowercase<Word>}-${Kebab<Rest>}`
  : Lowercase<Code>;

const keyOf = <Code extends ErrorCode>(code: Code) =>
  `manifest-yaml/code-${code.toLowerCase().replaceAll("_", "-") as Kebab<Code>}` as const;

type YamlError = Document.Parsed["errors"][number];

function explainError({ code, message, pos }: YamlError, text: string, all: readonly Quoted[]): YamlFault {
  const [offset] = pos;
  const quoted = code === "UNEXPECTED_TOKEN" ? quoteBefore(text, all, offset) : undefined;
  if (!quoted) {
    const isUnclear = code === "BLOCK_AS_IMPLICIT_KEY" || code === "MULTILINE_IMPLICIT_KEY";
    const plain = isUnclear ? say(keyOf(code)) : lowerFirst(message);
    return { offset, code: "yaml-syntax", message: plain, hint: say(`${keyOf(code)}.hint`) };
  }
  const { quote, begin, end } = quoted;
  const [line, last] = [lineOf(text, begin), lineOf(text, end)];
  if (line !== last) {
    const problem = explain("manifest-yaml/string-closed-late", { quote, line, last });
    return { offset: begin, code: "yaml-syntax", ...problem };
  }
  const escaped = quote === "'" ? "''" : '\\"';
  return { offset, code: "yaml-syntax", ...explain("manifest-yaml/string-ends-here", { escaped, quote }) };
}

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

/** The text in quotes that ends on the line of an offset, before it. */
function quoteBefore(text: string, all: readonly Quoted[], offset: number): Quoted | undefined {
  const line = text.lastIndexOf("\n", offset - 1);
  return all.findLast(({ end }) => line < end && end <= offset);
}

interface Quoted {
  readonly quote: string;
  readonly begin: number;
  readonly end: number;
}

function findQuoted(all: Tokens): readonly Quoted[] {
  return all.flatMap(({ token }) =>
    isQuoted(token)
      ? [{ quote: token.source.charAt(0), begin: token.offset, end: token.offset + token.source.length }]
      : [],
  );
}

interface Unclosed {
  readonly opening: string;
  readonly offset: number;
  /** Where the sign stands that closes something else. */
  readonly wrong?: CST.SourceToken | undefined;
}

const closings: { readonly [opening: string]: string } = { "{": "}", "[": "]" };

/** The brackets and quotes that are never closed, but for those that only stay open by another one inside. */
function findUnclosed(all: Tokens): readonly Unclosed[] {
  const found: Unclosed[] = [];
  // Tokens in which a sign that closes what is around them counts as theirs.
  const swallowing = new Set<CST.Token | undefined>();
  for (const { token, parent } of all.toReversed()) {
    const one = unclosedAt(token);
    if (swallowing.has(token)) swallowing.add(parent);
    else if (one) {
      found.push(one);
      if (one.wrong || isQuoted(token)) swallowing.add(parent);
    }
  }
  return found.sort((a, b) => a.offset - b.offset);
}

function unclosedAt(token: CST.Token): Unclosed | undefined {
  const { offset } = token;
  if (isQuoted(token)) {
    return isClosed(token.source) ? undefined : { opening: token.source.charAt(0), offset };
  }
  if (token.type !== "flow-collection") return undefined;
  const opening = token.start.source;
  const wrong = token.end.find(({ type }) => type === "flow-map-end" || type === "flow-seq-end");
  return wrong?.source === closings[opening] ? undefined : { opening, offset, wrong };
}

function explainUnclosed({ opening, offset, wrong }: Unclosed, text: string): YamlFault {
  const message = say("manifest-yaml/unclosed", { opening, line: lineOf(text, offset) });
  const closing = closings[opening] ?? opening;
  const whole = opening === "{" ? "map" : opening === "[" ? "list" : "string";
  const hint = wrong
    ? say("manifest-yaml/close-before", { closing, other: wrong.source, line: lineOf(text, wrong.offset) })
    : say(`manifest-yaml/close-${whole}`, { closing });
  return { offset, code: "yaml-syntax", message, hint };
}

type QuotedToken = CST.FlowScalar & { readonly type: "single-quoted-scalar" | "double-quoted-scalar" };

const isQuoted = (token: CST.Token): token is QuotedToken =>
  token.type === "single-quoted-scalar" || token.type === "double-quoted-scalar";

const isClosed = (source: string): boolean =>
  source.startsWith("'") ? /^'(?:[^']|'')*'$/u.test(source) : /^"(?:[^"\\]|\\[\s\S])*"$/u.test(source);

/**
 * Where the nest of values gets deeper than {@link maxDepth}: composing recurses, and at the end of its stack the
 * whole process may die.
 */
export function findTooDeep(tokens: readonly CST.Token[]): number | undefined {
  let level: readonly CST.Token[] = tokens;
  // Documents aren't values.
  for (let depth = -1; level.length > 0; depth += 1) {
    if (depth > maxDepth) return level[0]?.offset;
    level = level.flatMap(childrenOf);
  }
  return undefined;
}

/** The problem of values that are nested deeper than {@link maxDepth}. */
export const describeDepth = (): Problem => ({
  code: "yaml-syntax",
  ...explain("manifest-yaml/too-deep", { count: maxDepth }),
});
