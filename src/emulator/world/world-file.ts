import { dirname } from "node:path";
import { parse } from "lossless-json";
import { readFileGuarded, UnfitFile } from "../../files/guarded-reading.ts";
import { sweepDrafts, writeFileGuarded } from "../../files/guarded-writing.ts";
import { collections } from "../areas/index.ts";
import { list, object, type Rule } from "../http/params.ts";
import { hasOwnIds } from "./create-world.ts";
import { type CollectionName, compareIds, type WorldSnapshot } from "./world.ts";
import { WorldError } from "./world-error.ts";

/** Reads a world's file; undefined when there is none yet. Throws {@link WorldError} for one that can't be used. */
export function loadSnapshot(file: string): WorldSnapshot | undefined {
  sweepDrafts(dirname(file));
  const bytes = readBytes(file);
  if (bytes === undefined) return undefined;
  if (bytes.length === 0) throw new WorldError(file, "the emulator's world is damaged: the file is empty");
  const value = readJson(file, decode(file, bytes));
  const format = isMap(value) ? value.format : undefined;
  if (typeof format === "number" && format > 1) {
    const message = `the emulator's world was written by a newer cozeform: it has format ${format}, this one reads format 1`;
    throw new WorldError(file, message, { hint: "upgrade cozeform, or choose another file" });
  }
  if (!isMap(value) || format !== 1) {
    throw new WorldError(file, 'this is not a world of the emulator: it has no "format": 1');
  }
  return validateSnapshot(file, value);
}

/** A value that is a world. Throws {@link WorldError} with its first problem. */
export function validateSnapshot(file: string, value: object): WorldSnapshot {
  const fault = findWorldFault(value);
  if (fault !== undefined) throw new WorldError(file, `the emulator's world is damaged: ${fault}`);
  return value as WorldSnapshot;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The largest file that is read, in bytes: a string can hold no more. */
export const largestFile = 512 * 2 ** 20;

/** The bytes of a file; undefined when there is none. */
function readBytes(file: string): Uint8Array | undefined {
  try {
    return readFileGuarded(file, { most: largestFile });
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
    // A file that reads back as it was written has no duplicate key, and the parser that finds those is ten times slower.
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

/** The error that says where a text isn't JSON, which Node's own errors may lack. */
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
    // Both parsers are recursive.
    return error instanceof RangeError
      ? new Error("values nest too deep", { cause: error })
      : (error as Error);
  }
}

const lowerFirst = (text: string): string => text.replace(/^[A-Z](?=[a-z])/u, (first) => first.toLowerCase());

/** The text of a world's file. */
export const formatSnapshot = (snapshot: WorldSnapshot): string => writeJson(snapshot);

/** Writes a world's file in one step, readable by its owner alone: it holds verify tokens. */
export const saveSnapshot = (file: string, text: Uint8Array): void =>
  writeFileGuarded(file, text, { durable: false });

/**
 * The first problem in the value of a world's file, such as `bots[3].draft.name is missing`. Lengths and limits aren't checked, since edits by hand may exceed them.
 */
export function findWorldFault(value: object): string | undefined {
  const { format: _, last_id: lastId, ...rest } = value as { readonly [name: string]: unknown };
  if (!isId(lastId)) return "last_id must be a text of digits";
  const newest = Math.max(
    1,
    ...[...collections].flatMap(([name, { generation = 1 }]) =>
      Object.hasOwn(rest, name) ? generation : [],
    ),
  );
  const expected = [...collections].filter(([, { generation = 1 }]) => generation <= newest);
  const fault = findKeyFault(rest, new Map(expected.map(([name]) => [name, true])), "");
  if (fault !== undefined) return fault;
  return (
    first(expected, ([name, { fields }]) => findFault(rest[name], list(object(fields)), name)) ??
    findReferenceFault(rest as Items, lastId)
  );
}

type Items = { readonly [name in CollectionName]?: readonly Readonly<Record<string, unknown>>[] };

/** What is wrong with ids and references, in a world whose fields are as they should be. */
function findReferenceFault(world: Items, lastId: string): string | undefined {
  return (
    first(collections.keys(), (name) => findIdFault(world[name] ?? [], name, lastId)) ??
    findOwnerFault(world) ??
    (world.workspaces?.some(({ workspace_type: type }) => type === "personal")
      ? undefined
      : "workspaces lacks the personal one")
  );
}

/** An item whose owner isn't there. */
function findOwnerFault(world: Items): string | undefined {
  const ids = new Map(
    Object.entries(world).map(([name, items]) => [name, new Set(items.map(({ id }) => id))]),
  );
  return first(collections, ([name, { owners = [] }]) =>
    first(owners, (owner) =>
      first(world[name] ?? [], (item, index) =>
        item[owner.by] === owner.unless || ids.get(owner.in)?.has(item[owner.by])
          ? undefined
          : `${name}[${index}].${owner.by} is ${JSON.stringify(item[owner.by])}, which none of ${owner.in} has as its id`,
      ),
    ),
  );
}

function findIdFault(
  items: Items[CollectionName] & {},
  name: CollectionName,
  lastId: string,
): string | undefined {
  const seen = new Set<unknown>();
  const isMade = hasOwnIds(name);
  return first(items, ({ id }, index) => {
    const at = `${name}[${index}].id`;
    if (seen.has(id)) return `${at} is that of an item before it`;
    seen.add(id);
    if (!isMade) return undefined;
    if (!isId(id)) return `${at} must be a text of digits`;
    return compareIds(id, lastId) > 0 ? `${at} is beyond last_id, ${lastId}` : undefined;
  });
}

const isId = (value: unknown): value is string => typeof value === "string" && /^\d+$/.test(value);

/** What is wrong with the type of a value. */
function findFault(value: unknown, rule: Rule, at: string): string | undefined {
  switch (rule.type) {
    case "text":
    // Edits by hand give a bot its model by name.
    case "id":
      return typeof value === "string" ? undefined : `${at} must be a text`;
    case "choice":
      return rule.values.some((one) => one === value)
        ? undefined
        : `${at} must be one of ${rule.values.map((one) => JSON.stringify(one)).join(", ")}`;
    case "integer":
    case "number":
      return Number.isFinite(value) ? undefined : `${at} must be a number`;
    case "flag":
      return typeof value === "boolean" ? undefined : `${at} must be true or false`;
    case "anything":
      return undefined;
    case "map":
      return isMap(value) ? undefined : `${at} must be an object`;
    case "list":
      if (!Array.isArray(value)) return `${at} must be a list`;
      return first(value, (item, index) => findFault(item, rule.of, `${at}[${index}]`));
    case "object":
      return isMap(value) ? findFieldFault(value, rule.fields, at) : `${at} must be an object`;
  }
}

function findFieldFault(
  value: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, Rule>>,
  at: string,
): string | undefined {
  const known = new Map(Object.entries(fields).map(([name, rule]) => [name, rule.required === true]));
  return (
    findKeyFault(value, known, `${at}.`) ??
    first(Object.entries(fields), ([name, rule]) =>
      Object.hasOwn(value, name) ? findFault(value[name], rule, `${at}.${name}`) : undefined,
    )
  );
}

/** A missing or unknown key; `known` says which keys are required. */
function findKeyFault(
  value: object,
  known: ReadonlyMap<string, boolean>,
  prefix: string,
): string | undefined {
  const missing = [...known].find(([name, isRequired]) => isRequired && !Object.hasOwn(value, name));
  if (missing) return `${prefix}${missing[0]} is missing`;
  const unknown = Object.keys(value).find((name) => !known.has(name));
  return unknown === undefined ? undefined : `${prefix}${unknown} isn't a key that this cozeform knows`;
}

/** The first result that isn't undefined. */
function first<T, R>(items: Iterable<T>, ask: (item: T, index: number) => R | undefined): R | undefined {
  let index = 0;
  for (const item of items) {
    const answer = ask(item, index);
    if (answer !== undefined) return answer;
    index += 1;
  }
  return undefined;
}
