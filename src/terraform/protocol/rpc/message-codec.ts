import { messages } from "./message-table.ts";

/** A message of the protocol. */
export type MessageName = keyof typeof messages;

/** A message: fields by their names in code. Of a choice, `{ case, value }` by the choice's name. */
export interface Message {
  readonly [field: string]: unknown;
}

interface Field {
  readonly name: string;
  /** What stands before its value: its number, and in what way the value is written. */
  readonly tag: number;
  readonly type: "string" | "bytes" | "bool" | "int64" | "int32" | "enum" | MessageName;
  readonly kind: "one" | "optional" | "list" | "map" | "choice";
  /** The name of the choice that it is of. */
  readonly choice: string;
}

/** What a field is made of on the wire (protobuf.dev/programming-guides/encoding). */
const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const inVarint = new Set<string>(["bool", "int64", "int32", "enum"]);

const tables = new Map<MessageName, MessageTable>();

interface MessageTable {
  readonly fields: readonly Field[];
  readonly byTag: ReadonlyMap<number, Field>;
  /** A message in which every field has its default. */
  readonly blank: Message;
}

function tableOf(name: MessageName): MessageTable {
  const known = tables.get(name);
  if (known) return known;
  const rows: readonly (readonly (string | number)[])[] = messages[name];
  const fields = rows.map(([number, field, type, kind = "one"]): Field => {
    const [word, choice = ""] = String(kind).split(":");
    const wireType = inVarint.has(String(type)) && word !== "map" ? wireTypes.varint : wireTypes.bytes;
    return {
      name: String(field),
      tag: Number(number) * 8 + wireType,
      type: type as Field["type"],
      kind: (word === "oneof" ? "choice" : word) as Field["kind"],
      choice,
    };
  });
  const table = {
    fields,
    byTag: new Map(fields.map((field) => [field.tag, field])),
    blank: Object.fromEntries(fields.map((field) => [field.choice || field.name, defaultOf(field)])),
  };
  tables.set(name, table);
  return table;
}

const nothing = new Uint8Array();

function defaultOf({ kind, type }: Pick<Field, "kind" | "type">): unknown {
  if (kind === "choice") return Object.freeze({ case: undefined });
  if (kind === "list") return Object.freeze([]);
  if (kind === "map") return Object.freeze({});
  return kind === "optional" ? undefined : blankValueOf(type);
}

function blankValueOf(type: Field["type"]): unknown {
  switch (type) {
    case "string":
      return "";
    case "bytes":
      return nothing;
    case "bool":
      return false;
    case "int64":
      return 0n;
    case "int32":
    case "enum":
      return 0;
    default:
      return undefined;
  }
}

/**
 * The message in these bytes. What it holds as bytes are views of them, and fields that aren't known are passed over.
 * Throws for bytes that are no message.
 */
export function readMessage(name: MessageName, bytes: Uint8Array): Message {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return readFields(name, { bytes, buffer, at: 0 }, bytes.length);
}

interface Cursor {
  readonly bytes: Uint8Array;
  /** The same bytes. */
  readonly buffer: Buffer;
  at: number;
}

function readFields(name: MessageName, cursor: Cursor, end: number): Message {
  const { byTag, blank } = tableOf(name);
  const message: { [field: string]: unknown } = { ...blank };
  while (cursor.at < end) {
    const tag = readNumber(cursor);
    const field = byTag.get(tag);
    if (field) readField(message, field, cursor);
    else skip(cursor, tag & 7);
  }
  if (cursor.at !== end) throw malformed();
  return message;
}

function readField(message: { [field: string]: unknown }, field: Field, cursor: Cursor): void {
  const { name, type, kind } = field;
  if (kind === "map") {
    const [key, value] = readEntry(type, cursor);
    message[name] = { ...(message[name] as Message), [key]: value };
    return;
  }
  const value = readValue(type, cursor);
  if (kind === "list") {
    const items = message[name] as unknown[];
    if (items.length > 0) items.push(value);
    else message[name] = [value];
  } else if (kind === "choice") message[field.choice] = { case: name, value };
  else message[name] = value;
}

function readValue(type: Field["type"], cursor: Cursor): unknown {
  switch (type) {
    case "bool":
      return readBigNumber(cursor) !== 0n;
    case "int32":
    case "enum":
      return Number(BigInt.asIntN(32, readBigNumber(cursor)));
    case "int64":
      return BigInt.asIntN(64, readBigNumber(cursor));
  }
  const length = readNumber(cursor);
  const start = cursor.at;
  const end = start + length;
  if (end > cursor.bytes.length) throw malformed();
  if (type !== "string" && type !== "bytes") return readFields(type, cursor, end);
  cursor.at = end;
  return type === "bytes" ? cursor.bytes.subarray(start, end) : cursor.buffer.toString("utf8", start, end);
}

/** A map is a list of messages: its key is their first field, its value the second. */
function readEntry(type: Field["type"], cursor: Cursor): readonly [string, unknown] {
  const end = readNumber(cursor) + cursor.at;
  let key = "";
  let value = type === "string" || type === "bytes" ? blankValueOf(type) : undefined;
  while (cursor.at < end) {
    const tag = readNumber(cursor);
    if (tag === 8 + wireTypes.bytes) key = String(readValue("string", cursor));
    else if (tag === 16 + wireTypes.bytes) value = readValue(type, cursor);
    else skip(cursor, tag & 7);
  }
  return [key, value];
}

/** A number of at most 32 bits. */
function readNumber(cursor: Cursor): number {
  const first = cursor.bytes[cursor.at];
  if (first === undefined) throw malformed();
  if (first >= 0x80) return Number(BigInt.asUintN(32, readBigNumber(cursor)));
  cursor.at += 1;
  return first;
}

function readBigNumber(cursor: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) throw malformed();
    cursor.at += 1;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw malformed();
}

function skip(cursor: Cursor, wireType: number): void {
  if (wireType === wireTypes.varint) readBigNumber(cursor);
  else if (wireType === wireTypes.fixed64) cursor.at += 8;
  else if (wireType === wireTypes.fixed32) cursor.at += 4;
  else if (wireType === wireTypes.bytes) cursor.at = readNumber(cursor) + cursor.at;
  else throw malformed();
  if (cursor.at > cursor.bytes.length) throw malformed();
}

const malformed = () => new Error("a message of the host's can't be read");

/** The bytes of a message, which may leave out whatever has its default. */
export function writeMessage(name: MessageName, message: Message): Buffer {
  const parts: Uint8Array[] = [];
  const length = writeFields(parts, name, message);
  return Buffer.concat(parts, length);
}

/** Appends a message's bytes, and returns how many. */
function writeFields(parts: Uint8Array[], name: MessageName, message: Message): number {
  let length = 0;
  for (const field of tableOf(name).fields) {
    const value = fieldOf(message, field);
    if (value === undefined) continue;
    if (field.kind === "list")
      for (const item of value as readonly unknown[])
        length += writeValue(parts, field.tag, field.type, item);
    else if (field.kind === "map")
      for (const [key, item] of Object.entries(value as Message))
        length += writeEntry(parts, field, key, item);
    else if (field.kind !== "one" || !isBlank(value))
      length += writeValue(parts, field.tag, field.type, value);
  }
  return length;
}

function fieldOf(message: Message, { name, kind, choice }: Field): unknown {
  if (kind !== "choice") return message[name];
  const chosen = message[choice] as { readonly case?: string; readonly value?: unknown } | undefined;
  return chosen?.case === name ? chosen.value : undefined;
}

const isBlank = (value: unknown): boolean =>
  value === "" ||
  value === false ||
  value === 0 ||
  value === 0n ||
  (value instanceof Uint8Array && value.length === 0);

function writeValue(parts: Uint8Array[], tag: number, type: Field["type"], value: unknown): number {
  switch (type) {
    case "bool":
    case "enum":
    case "int32":
    case "int64":
      return append(
        parts,
        Buffer.of(...varint(tag), ...bigVarint(BigInt(value as bigint | number | boolean))),
      );
    case "string":
      return writeBytes(parts, tag, Buffer.from(value as string));
    case "bytes":
      return writeBytes(parts, tag, value as Uint8Array);
  }
  const inner: Uint8Array[] = [];
  const length = writeFields(inner, type, value as Message);
  const head = Buffer.of(...varint(tag), ...varint(length));
  parts.push(head);
  for (const part of inner) parts.push(part);
  return head.length + length;
}

function writeEntry(parts: Uint8Array[], { tag, type }: Field, key: string, value: unknown): number {
  const inner: Uint8Array[] = [];
  const length =
    writeBytes(inner, 8 + wireTypes.bytes, Buffer.from(key)) +
    writeValue(inner, 16 + wireTypes.bytes, type, value);
  const head = Buffer.of(...varint(tag), ...varint(length));
  parts.push(head, ...inner);
  return head.length + length;
}

function writeBytes(parts: Uint8Array[], tag: number, bytes: Uint8Array): number {
  const head = Buffer.of(...varint(tag), ...varint(bytes.length));
  parts.push(head, bytes);
  return head.length + bytes.length;
}

function append(parts: Uint8Array[], bytes: Buffer): number {
  parts.push(bytes);
  return bytes.length;
}

/** A number below 2^32 as seven bits a byte, the lowest first. */
function varint(number: number): readonly number[] {
  const bytes = [];
  let rest = number;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

function bigVarint(number: bigint): readonly number[] {
  const bytes = [];
  let rest = BigInt.asUintN(64, number);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}
