import {
  type IResolvable,
  type IResolveContext,
  Lazy,
  TerraformDataSource,
  TerraformResource,
  Token,
  Tokenization,
} from "cdktf";
import { isObject } from "../../core/value.ts";
import { toId } from "./config.ts";

/**
 * A token of `jsonencode(…)` of a value, with constructs as their ids and tokens at whatever depth. CDKTF's own function
 * leaves quotes, `%{` and null as they are, which Terraform can't read.
 */
export const encodeJson = (value: unknown): IResolvable => new JsonExpression(value);

class JsonExpression implements IResolvable {
  readonly creationStack: string[] = [];
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  resolve(context: IResolveContext): string {
    const isInside = context.suppressBraces;
    context.suppressBraces = false;
    const text = `jsonencode(${write(this.#value, context)})`;
    context.suppressBraces = isInside ?? false;
    return isInside ? text : `\${${text}}`;
  }

  toString(): string {
    return Token.asString(this);
  }

  toJSON(): unknown {
    return `<${this}>`;
  }
}

/**
 * A token of a value as HCL has it: CDKTF's own way takes what begins like a list for one, and numbers out of texts. What
 * has expressions in it becomes one as a whole, since CDKTF puts texts with any between quotes.
 */
export const encodeHcl = (value: unknown): IResolvable =>
  Lazy.anyValue({
    produce: (context) => {
      const text = writeResolved(context.resolve(value));
      return text.includes("${") ? `\${${text}}` : text;
    },
  });

/** A value in Terraform's language. */
function write(value: unknown, context: IResolveContext): string {
  if (TerraformResource.isTerraformResource(value) || TerraformDataSource.isTerraformDataSource(value))
    return write(toId(value), context);
  if (typeof value === "string") return writeText(value, context);
  if (Token.isUnresolved(value)) return writeResolved(context.resolve(value));
  if (Array.isArray(value)) return writeList(value.map((item: unknown) => write(item ?? null, context)));
  if (!isObject(value)) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return writeObject(entries.map(([key, item]) => [writeText(key, context), write(item, context)]));
}

const writeList = (items: readonly string[]): string => `[${items.join(", ")}]`;

const writeObject = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([key, item]) => `${key} = ${item}`).join(", ")}}`;

/** A CDKTF token in a text, of a text or of a number; real numbers never look like this. */
export const marker = /(\$\{TfToken\[[\w.:-]+\]\}|-\d(?:\.\d+)?e\+2\d\d)/gu;

/** The token that a marker stands for; undefined where it only looks like one. */
export const tokenOf = (one: string): IResolvable | undefined =>
  one.startsWith("$") ? Tokenization.reverseString(one).tokens[0] : Tokenization.reverseNumber(Number(one));

/** A text of CDKTF's tokens and of characters that mean themselves. */
function writeText(text: string, context: IResolveContext): string {
  if (!Token.isUnresolved(text)) return quote(text);
  const parts = text.split(marker).filter((part) => part !== "");
  if (parts.length === 1) return writeResolved(context.resolve(text));
  const written = parts.map((part) => {
    const token = part.search(marker) === 0 ? tokenOf(part) : undefined;
    return token ? templateOf(context.resolve(token)) : quote(part).slice(1, -1);
  });
  return `"${written.join("")}"`;
}

/** What tokens became: expressions in braces, and what is no expression. */
function writeResolved(value: unknown): string {
  if (typeof value === "string") return expressionIn(value) ?? `"${templateOf(value)}"`;
  if (Array.isArray(value)) return writeList(value.map(writeResolved));
  if (!isObject(value)) return JSON.stringify(value ?? null);
  return writeObject(Object.entries(value).map(([key, item]) => [writeResolved(key), writeResolved(item)]));
}

/** The same inside of a text, where an expression keeps its braces. */
function templateOf(value: unknown): string {
  if (typeof value !== "string") return `\${${writeResolved(value)}}`;
  if (expressionIn(value) !== undefined) return value;
  return partsOf(value)
    .map((part, index) => (index % 2 === 0 ? escapeText(part) : part))
    .join("");
}

/** Text and expressions in turn; an expression goes on up to the brace that closes it, and `$${` begins none. */
export function partsOf(text: string): readonly string[] {
  const begin = /(?<!\$)\$\{|(?<!%)%\{/u.exec(text)?.index;
  const end = begin === undefined ? -1 : closingBrace(text, begin + 2);
  if (begin === undefined || end < 0) return [text];
  return [text.slice(0, begin), text.slice(begin, end + 1), ...partsOf(text.slice(end + 1))];
}

/** Where the brace is that closes an expression; what stands in quotes closes none. -1 where there is none. */
function closingBrace(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "{") depth += 1;
    else if (text[at] === "}" && depth === 0) return at;
    else if (text[at] === "}") depth -= 1;
    else if (text[at] === '"') {
      at = closingQuote(text, at + 1);
      if (at < 0) return -1;
    }
  }
  return -1;
}

function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '"') return at;
    if (text[at] === "\\") at += 1;
    else if (/^(?:\$\$|%%)\{/u.test(text.slice(at, at + 3))) at += 2;
    else if (/^[$%]\{/u.test(text.slice(at, at + 2))) {
      at = closingBrace(text, at + 2);
      if (at < 0) return -1;
    }
  }
  return -1;
}

/** What stands between the braces of a text that is one expression of Terraform's; undefined for any other text. */
export function expressionIn(text: string): string | undefined {
  if (!text.startsWith("${")) return undefined;
  return closingBrace(text, 2) === text.length - 1 ? text.slice(2, -1) : undefined;
}

const quote = (text: string): string => `"${escapeText(text).replaceAll(/([$%])\{/gu, "$1$1{")}"`;

/** As in JSON, but for what Terraform's language has no short escape for. */
const escapeText = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/(?<!\\)((?:\\\\)*)\\([bf])/gu, (_, before: string, letter: string) =>
      letter === "b" ? `${before}\\u0008` : `${before}\\u000c`,
    );
