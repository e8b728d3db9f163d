import type { CST, Document, ErrorCode } from "yaml";

interface Complaint {
  readonly code: "yaml-syntax" | "yaml-warning";
  readonly severity?: "warning" | undefined;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What YAML finds wrong, in words and at an offset of the text. */
export interface YamlFault {
  readonly offset: number;
  readonly complaint: Complaint;
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
      ...own
        .slice(0, maxErrors)
        .map((one) => ({ offset: one.offset, complaint: explainUnclosed(one, text) })),
      ...firstErrorPerLine(before, text).map((error) => explainError(error, text, quoted)),
      ...warnings.map(({ code, message, pos }): YamlFault => {
        const said = { message: lowerFirst(message), hint: hints[code] };
        return { offset: pos[0], complaint: { code: "yaml-warning", severity: "warning", ...said } };
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

const misplaced = "put a text that holds signs of YAML (: # , [ ] { } & * ! | > % @ `) in quotes";
const indent = "begin all keys of one map, and all items of one list, in the same column";

/** The next move for each way in which YAML can be wrong. */
const hints: { readonly [code in ErrorCode]: string } = {
  ALIAS_PROPS: "leave the anchor or tag before the *alias out",
  BAD_ALIAS: "name the anchor after & or *, with a space behind it; put a text that begins so in quotes",
  BAD_COLLECTION_TYPE: "leave the tag out",
  BAD_DIRECTIVE: "remove the line; a text that begins with % belongs in quotes",
  BAD_DQ_ESCAPE: "write \\\\ for a backslash, or put the text in single quotes",
  BAD_INDENT: indent,
  BAD_PROP_ORDER: "put the anchor or tag behind the sign, just before its value",
  BAD_SCALAR_START: "put the text in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    "a colon and a space begin a map; put a text that holds them in quotes, and begin the keys of one map in the same column",
  BLOCK_IN_FLOW: "within { } and [ ] write maps as {key: value} and lists as [a, b]",
  DUPLICATE_KEY: "remove one of them",
  IMPOSSIBLE: "write this part anew; please report it as a bug of cozeform's",
  KEY_OVER_1024_CHARS: "shorten the key; a long text before a colon belongs in quotes",
  MISSING_CHAR: `a key needs a colon and a space behind it; ${misplaced}`,
  MULTILINE_IMPLICIT_KEY: `write a key and its colon on one line; ${indent}`,
  MULTIPLE_ANCHORS: "leave all anchors but one out",
  MULTIPLE_DOCS: "separate documents with a line ---",
  MULTIPLE_TAGS: "leave all tags but one out",
  NON_STRING_KEY: "write the key as a text",
  RESOURCE_EXHAUSTION: "nest the values less deeply",
  TAB_AS_INDENT: "indent with spaces",
  TAG_RESOLVE_FAILED: "leave the tag out; a text that begins with ! belongs in quotes",
  UNEXPECTED_TOKEN: misplaced,
};

/** Where it can be said more plainly than YAML does. */
const messages: { readonly [code in ErrorCode]?: string } = {
  BLOCK_AS_IMPLICIT_KEY: "a map can't begin behind a key on the same line",
  MULTILINE_IMPLICIT_KEY: "a key and its colon must stand on one line",
};

type YamlError = Document.Parsed["errors"][number];

function explainError({ code, message, pos }: YamlError, text: string, all: readonly Quoted[]): YamlFault {
  const [offset] = pos;
  const quoted = code === "UNEXPECTED_TOKEN" ? quoteBefore(text, all, offset) : undefined;
  if (!quoted) {
    const said = messages[code] ?? lowerFirst(message);
    return { offset, complaint: { code: "yaml-syntax", message: said, hint: hints[code] } };
  }
  const { quote, begin, end } = quoted;
  const [line, last] = [lineOf(text, begin), lineOf(text, end)];
  if (line !== last) {
    const said = `the ${quote} on line ${line} is closed only on line ${last}, and more follows`;
    const hint = `write ${quote} where the text ends on line ${line}`;
    return { offset: begin, complaint: { code: "yaml-syntax", message: said, hint } };
  }
  const inside = quote === "'" ? "''" : '\\"';
  const said = `the text in quotes ends here, and more follows`;
  const hint = `write ${inside} for a ${quote} within the text`;
  return { offset, complaint: { code: "yaml-syntax", message: said, hint } };
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

function explainUnclosed({ opening, offset, wrong }: Unclosed, text: string): Complaint {
  const message = `the ${opening} on line ${lineOf(text, offset)} isn't closed`;
  const closing = closings[opening] ?? opening;
  const what = opening === "{" ? "map" : opening === "[" ? "list" : "text";
  const place = wrong
    ? `before the ${wrong.source} on line ${lineOf(text, wrong.offset)}`
    : `where the ${what} ends`;
  return { code: "yaml-syntax", message, hint: `write ${closing} ${place}` };
}

type QuotedToken = CST.FlowScalar & { readonly type: "single-quoted-scalar" | "double-quoted-scalar" };

const isQuoted = (token: CST.Token): token is QuotedToken =>
  token.type === "single-quoted-scalar" || token.type === "double-quoted-scalar";

const isClosed = (source: string): boolean =>
  source.startsWith("'") ? /^'(?:[^']|'')*'$/u.test(source) : /^"(?:[^"\\]|\\[\s\S])*"$/u.test(source);

type Tokens = readonly { readonly token: CST.Token; readonly parent?: CST.Token }[];

/** Every token and the one that holds it, which comes first; without recursion, for nests of any depth. */
function listTokens(tokens: readonly CST.Token[]): Tokens {
  const all: { token: CST.Token; parent?: CST.Token }[] = tokens.map((token) => ({ token }));
  for (const { token } of all)
    for (const child of childrenOf(token)) all.push({ token: child, parent: token });
  return all;
}

/** Far more than any manifest needs. */
export const maxDepth = 100;

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

/** That it is nested too deep. */
export const tooDeep: Complaint = {
  code: "yaml-syntax",
  message: `values are nested more than ${maxDepth} deep`,
  hint: "nest the values less deeply",
};

/** The tokens directly within one. */
function childrenOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === "document") return token.value ? [token.value] : [];
  if (!("items" in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((one) => one != null));
}
