import { dirname } from "node:path";
import { parse } from "lossless-json";
import { readFileGuarded, UnfitFile } from "../../files/guarded-reading.ts";
import { sweepDrafts, writeFileGuarded } from "../../files/guarded-writing.ts";
import type { WorldSnapshot } from "./world.ts";
import { findWorldFault } from "./world-checks.ts";
import { WorldError } from "./world-error.ts";

/** Reads a world's file; undefined when there is none yet. Throws {@link WorldError} for one that can't be used. */
export function loadSnapshot(file: string): WorldSnapshot | undefined {
  sweepDrafts(dirname(file));
  const bytes = readBytes(file);
  if (bytes === undefined) return undefined;
  if (bytes.length === 0) throw new WorldError(file, "the emulator's world is damaged: the file is empty");
  const value = readJson(file, decode(file, bytes));
  const format = isMap(value) && "format" in value ? value.format : undefined;
  if (typeof format === "number" && format > 1) {
    const message = `the emulator's world was written by a newer cozeform: it has format ${format}, this one reads format 1`;
    throw new WorldError(file, message, { hint: "upgrade cozeform, or choose another file" });
  }
  if (!isMap(value) || format !== 1) {
    throw new WorldError(file, 'this is not a world of the emulator: it has no "format": 1');
  }
  const fault = findWorldFault(value);
  if (fault !== undefined) throw new WorldError(file, `the emulator's world is damaged: ${fault}`);
  return value as WorldSnapshot;
}

const isMap = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Bytes; larger than a text can be. */
const most = 512 * 2 ** 20;

/** The bytes of a file; undefined when there is none. */
function readBytes(file: string): Uint8Array | undefined {
  try {
    return readFileGuarded(file, { most });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    if (!(error instanceof UnfitFile)) throw error;
    const hint = "choose another file, or move it away to begin with an empty world";
    throw new WorldError(file, `the emulator's world can't be read: this is ${error.what}`, { hint });
  }
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new WorldError(file, "the emulator's world is damaged: it isn't UTF-8 text", { cause });
  }
}

function readJson(file: string, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // What reads back as it was written has no key twice, and a parser that looks for one is ten times slower.
    if (writeJson(value) !== text) parseStrictly(text);
    return value;
  } catch (cause) {
    throw damaged(file, text, cause);
  }
}

const writeJson = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

function parseStrictly(text: string): void {
  parse(text, undefined, {
    onDuplicateKey({ key, position }) {
      throw new Error(`the key ${JSON.stringify(key)} stands there twice at position ${position - 1}`);
    },
  });
}

/** Says where a text isn't JSON, which not every error of Node tells. */
function damaged(file: string, text: string, cause: unknown): WorldError {
  const { message } = findSyntaxError(text) ?? (cause as Error);
  const [, what = message, position = "0"] = /^([\s\S]*?) at position (\d+)$/u.exec(message) ?? [];
  const before = text.slice(0, Number(position)).split("\n");
  const at = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  return new WorldError(file, `the emulator's world is damaged: ${lowerFirst(what)}`, { at, cause });
}

function findSyntaxError(text: string): Error | undefined {
  try {
    parseStrictly(text);
    return undefined;
  } catch (error) {
    // What reads JSON does so by recursion.
    return error instanceof RangeError
      ? new Error("values nest too deep", { cause: error })
      : (error as Error);
  }
}

const lowerFirst = (text: string): string => text.replace(/^[A-Z](?=[a-z])/u, (first) => first.toLowerCase());

/** Writes a world's file in one step, readable by its owner alone: it holds verify tokens. */
export async function saveSnapshot(file: string, snapshot: WorldSnapshot): Promise<void> {
  writeFileGuarded(file, writeJson(snapshot), { durable: false });
}
