import { defaultTokenVariable } from "../core/connection-fields.ts";
import { escapeInvisible, escapeInvisibleJson } from "../core/invisible-characters.ts";
import { findSecrets, restoreLineBreaks } from "./detection.ts";

/** Secrets that are known by value, and texts without them. */
export interface Redaction {
  /** Makes values known as secrets; those of fewer than 8 characters can't be told from other text and are left. */
  add(...values: readonly (string | undefined)[]): void;
  /** The text with `[secret]` wherever a known secret stands, as it is or encoded; any other text stays as it is. */
  redact(text: string): string;
  /** The same for every text in a JSON value; keys stay. */
  redactValue<T>(value: T): T;
}

const mark = "[secret]";

/** Nothing that isn't made for it needs more. */
const mostPasses = 4;

/** Shorter values occur in other text by chance: a `1`, a `prod`. Nothing that grants access is as short. */
const shortest = 8;

/** A line of a value of several, such as a key in PEM form, is a secret of its own from this length on. */
const shortestLine = 16;

interface Variant {
  readonly text: string;
  /** It could be an ordinary word, and then counts only where it stands alone. */
  readonly word: boolean;
}

/** Knows no secret yet. */
export function createRedaction(): Redaction {
  const known = new Set<string>();
  // By their beginnings: a look at each place of a text is enough, however many secrets there are.
  const variants = new Map<string, readonly Variant[]>();
  let search: RegExp | undefined;
  const add = (value: string): void => {
    if (known.has(value)) return;
    known.add(value);
    for (const text of spellings(value)) {
      if (text.length < shortest || known.has(`\0${text}`) || mark.includes(text)) continue;
      known.add(`\0${text}`);
      const beginning = text.slice(0, shortest);
      const others = variants.get(beginning) ?? [];
      variants.set(beginning, [...others, { text, word: isWord(text) }]);
      search = undefined;
    }
  };
  const redact = (text: string): string => {
    if (variants.size === 0) return text;
    search ??= searchFor(variants);
    let redacted = text;
    // What stood around a secret may be one, now that they are neighbours.
    for (let pass = 0; pass < mostPasses; pass += 1) {
      const before = redacted;
      redacted = cutOut(before, findSpans(before, variants, search));
      if (redacted === before) break;
    }
    return redacted;
  };
  const redactValue = (value: unknown): unknown => {
    if (typeof value === "string") return redact(value);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(redactValue);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, redactValue(part)]));
  };
  return {
    add(...values) {
      for (const value of values) if (value !== undefined) add(value);
    },
    redact,
    redactValue: <T>(value: T) => redactValue(value) as T,
  };
}

/** Every way in which a value may turn up in a text. */
function spellings(value: string): ReadonlySet<string> {
  const whole = value.trim();
  if ([...whole].length < shortest) return new Set();
  const plain = new Set([whole]);
  // Environment variables often hold a key without its line breaks.
  for (const text of new Set([whole, whole.replaceAll(/\\r?\\n|\\n/g, "\n"), restoreLineBreaks(whole)])) {
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    if (lines.length === 1) continue;
    for (const joint of ["\n", "\r\n", " ", "", "\\n"]) plain.add(lines.join(joint));
    for (const line of lines) if (line.length >= shortestLine && !line.startsWith("-----")) plain.add(line);
    // Of a key, what is between its first line and its last.
    const body = lines.filter((line) => !line.startsWith("-----"));
    for (const joint of ["\n", "", "\\n"]) plain.add(body.join(joint));
  }
  return new Set([...plain].flatMap((text) => [text, ...encodings(text)]));
}

function encodings(text: string): readonly string[] {
  // Half a surrogate pair can't be encoded; as bytes it becomes another character.
  const whole = Buffer.from(text).toString();
  const percent = encodeURIComponent(whole);
  const json = JSON.stringify(text).slice(1, -1);
  return [
    json,
    // JSON within JSON, as channels want their parameters.
    JSON.stringify(json).slice(1, -1),
    // As reports and JSON show what draws nothing.
    escapeInvisible(text),
    escapeInvisible(json),
    escapeInvisibleJson(json),
    percent,
    percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    percent.replaceAll("%20", "+"),
    encodeURI(whole),
    ...[0, 1, 2].flatMap((shift) => base64Parts(text, shift)),
  ];
}

/** What base64 makes of a text wherever it stands in what is encoded: three ways, by the bytes before it. */
function base64Parts(text: string, shift: number): readonly string[] {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]);
  const begins = Math.ceil((shift * 8) / 6);
  const ends = Math.floor((bytes.length * 8) / 6);
  return (["base64", "base64url"] as const).map((form) => bytes.toString(form).slice(begins, ends));
}

/** Letters of one case and nothing else, as ordinary words are, or digits, as in ids; tokens and keys mix them or are long. */
const isWord = (text: string): boolean => text.length <= 20 && /^(?:\p{L}\p{Ll}*|\p{Lu}+|\d+)$/u.test(text);

type Beginnings = ReadonlyMap<string, readonly Variant[]>;
type Span = readonly [from: number, to: number];

/** Finds the beginnings of variants: many times faster than a look at each place of a text. */
const searchFor = (variants: Beginnings): RegExp =>
  new RegExp([...variants.keys()].map((one) => one.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|"), "g");

/** All places at which a variant stands, overlapping ones too, in their order. */
function findSpans(text: string, variants: Beginnings, search: RegExp): readonly Span[] {
  const spans: Span[] = [];
  search.lastIndex = 0;
  for (let match = search.exec(text); match; match = search.exec(text)) {
    const from = match.index;
    for (const variant of variants.get(match[0]) ?? []) {
      const to = endOf(text, from, variant);
      if (to !== undefined) spans.push([from, to]);
    }
    search.lastIndex = from + 1;
  }
  return spans;
}

/**
 * How much of a secret has to stand there before dots or stars count as its cut: less would confirm guesses at
 * how a secret begins that someone writes into a manifest.
 */
const leastKept = 0.6;

/** Where a variant that begins here ends; one that was cut short, too, where dots or stars say so. */
function endOf(text: string, from: number, { text: wanted, word }: Variant): number | undefined {
  if (text.startsWith(wanted, from)) {
    const to = from + wanted.length;
    return word && !standsAlone(text, [from, to]) ? undefined : to;
  }
  let to = from + shortest;
  while (text[to] === wanted[to - from]) to += 1;
  const isCut = to - from >= wanted.length * leastKept && /^(?:…|\.\.|\*\*)/u.test(text.slice(to, to + 2));
  return isCut && !(word && !standsAlone(text, [from, to])) ? to : undefined;
}

/** Neither part of a longer word nor the key of a JSON object. */
function standsAlone(text: string, [from, to]: Span): boolean {
  const before = text.slice(Math.max(0, from - 12), from).replace(escapeAtEnd, "");
  return !/[\p{L}\p{N}_]$/u.test(before) && !/^(?:[\p{L}\p{N}_]|":)/u.test(text.slice(to, to + 2));
}

/** Escapes of JSON, of URLs and of terminals end in letters and digits that belong to no word. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals' escapes begin with one
const escapeAtEnd = /(?:\\[bfnrt]|\\u[\da-f]{4}|\\u\{[\da-f]+\}|%[\da-f]{2}|\u001b\[[\d;]*m)$/iu;

function cutOut(text: string, spans: readonly Span[]): string {
  let done = 0;
  let kept = "";
  for (const [from, to] of spans) {
    if (from >= done) kept += text.slice(done, from) + mark;
    done = Math.max(done, to);
  }
  return kept + text.slice(done);
}

/** Takes note of what can be told for a secret of environment variables: tokens, keys, and what lets into proxies. */
export function learnFromEnvironment(
  secrets: Redaction,
  env: { readonly [name: string]: string | undefined },
): void {
  for (const [name, value = ""] of Object.entries(env)) {
    if (name === defaultTokenVariable || findSecrets(value).length > 0) secrets.add(value);
    // The scheme may be left out.
    const proxy = value.includes("://") ? value : `http://${value}`;
    if (/_proxy$/i.test(name) && URL.canParse(proxy)) {
      const { username, password } = new URL(proxy);
      // A user name alone is a token.
      const secret = password || username;
      secrets.add(secret, decode(secret));
    }
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
