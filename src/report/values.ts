import { countCharacters, isLonger } from "../core/characters.ts";
import {
  type Digest,
  type FileContent,
  isDigest,
  isFileContent,
  isLookup,
  isObject,
  isReference,
  type Json,
  type Lookup,
  type Reference,
} from "../core/value.ts";
import { say } from "../messages/text.ts";
import { printableLine } from "./escape-control.ts";
import { shorten } from "./styled-text.ts";

/** Longer texts are shortened, and their changes shown word by word. */
const longText = 60;

/** Texts up to this length are shown whole, whatever they contain: a separator may be two line breaks. */
const shortText = 20;

/** Whether a text is shortened, and its changes shown word by word. */
export const isLongText = (value: Json | undefined): value is string =>
  typeof value === "string" && (isLonger(value, longText) || value.includes("\n"));

/** A value on one line, similar to YAML. `room`: the columns of a text before it is shortened. */
export function formatValue(value: Json, room = longText): string {
  if (typeof value === "string") return formatText(value, room);
  if (isSpecial(value)) return formatSpecial(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => formatValue(item, room)).join(", ")}]`;
  if (!isObject(value)) return String(value);
  const entries = Object.entries(value).map(([key, item]) =>
    [formatKey(key), formatValue(item, room)].join(": "),
  );
  return `{${entries.join(", ")}}`;
}

const formatKey = (key: string): string => (/^[\w.-]+$/.test(key) ? key : quote(key));

function formatText(text: string, room: number): string {
  if (!isLongText(text) || !isLonger(text, shortText)) return quote(text);
  return `"${beginningOf(text.replace(/^[ \t\r\n]+/, ""), Math.max(room, 12))}" (${characters(text)})`;
}

/** More UTF-16 units than this for each column aren't looked at. */
const unitsPerColumn = 20;

/** The beginning of a text that fits into a width; the work doesn't grow with the text. */
function beginningOf(text: string, columns: number): string {
  const looked = text.slice(0, columns * unitsPerColumn);
  const shown = shorten(printableLine(looked), columns);
  return looked === text || shown.endsWith("…") ? shown : `${shown}…`;
}

/** A text in quotes that is safe to print. */
export const quote = (text: string): string => printableLine(JSON.stringify(text));

/** The output of another project, with its value. */
export type FoundOutput = { readonly $output: string; readonly project: string; readonly value: string };

const isOutput = (value: unknown): value is FoundOutput => isObject(value) && "$output" in value;

type Special = Digest | FileContent | FoundOutput | Lookup | Reference;

/** Whether a value is a placeholder: for a file, a reference, a lookup or a secret. */
export const isSpecial = (value: unknown): value is Special =>
  isDigest(value) || isFileContent(value) || isReference(value) || isLookup(value) || isOutput(value);

function formatSpecial(value: Special): string {
  if (isDigest(value)) {
    if (value.sensitive) return say("report/sensitive");
    return value.characters === undefined
      ? say("report/not-saved")
      : say("report/text-of", { characters: characters(value.characters) });
  }
  if (isFileContent(value)) return [printableLine(value.$file), formatContent(value)].join(" ");
  if (isReference(value)) {
    const address = printableLine(value.$ref);
    return "known" in value ? address : say("report/known-after-apply", { address });
  }
  if (isOutput(value)) {
    const { $output: output, project, value: text } = value;
    const shown = /^\d+$/u.test(text) ? text : formatText(text, longText);
    return printableLine(say("report/output-of", { output, project, value: shown }));
  }
  const words = formatWords(value);
  if (!("id" in value)) return say("report/looked-up", { words });
  return say("report/looked-up-as", { words, id: printableLine(String(value.id)) });
}

const formatWords = ({ $lookup }: Lookup): string =>
  Object.entries($lookup)
    .map(([name, word]) => [name, isLookup(word) ? `(${formatWords(word)})` : quote(word)].join(" "))
    .join(", ");

/** A file's content: the beginning of its hash, and its size. */
export const formatContent = ({ sha256, size }: FileContent): string =>
  `(${[sha256.slice(0, 8), formatSize(size)].join(", ")})`;

/** A number with thousands separators. */
export const formatNumber = (count: number): string => say("report/number", { count });

/** The length of a text in words. */
export const characters = (text: string | number): string =>
  say("report/characters", { count: typeof text === "number" ? text : countCharacters(text) });

function formatSize(bytes: number): string {
  if (bytes < 1000) return say("report/bytes", { size: bytes });
  const size = bytes < 1e6 ? bytes / 1e3 : bytes / 1e6;
  const shown = { size: size.toFixed(size < 100 ? 1 : 0) };
  return bytes < 1e6 ? say("report/kilobytes", shown) : say("report/megabytes", shown);
}

/** A duration: `0.4s`, `12s`, `3m 05s`, `1h 02m`. */
export function formatDuration(ms: number): string {
  if (ms < 9950) return say("report/seconds", { seconds: (ms / 1000).toFixed(1) });
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return say("report/seconds", { seconds });
  const minutes = Math.floor(seconds / 60);
  const rest = (number: number): string => String(number % 60).padStart(2, "0");
  if (minutes < 60) return say("report/minutes", { minutes, seconds: rest(seconds) });
  return say("report/hours", { hours: Math.floor(minutes / 60), minutes: rest(minutes) });
}

/** A duration in whole seconds: tenths would flicker in live lines. */
export const formatSeconds = (ms: number): string =>
  ms < 9950 ? say("report/seconds", { seconds: Math.floor(Math.max(0, ms) / 1000) }) : formatDuration(ms);
