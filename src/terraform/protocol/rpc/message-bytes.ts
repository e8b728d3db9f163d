import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { memoizeEach } from "../../schema/memoize.ts";

/** A message by the names of its fields. */
type Message = { readonly [name: string]: unknown };

/**
 * The message in these bytes; throws for bytes that are none. Messages that hold only texts, bytes, numbers and such
 * messages are what Terraform sends for every resource. They are read here: the library finds out about each field again
 * every time, which takes several times as long.
 */
export const readMessage = (desc: DescMessage, bytes: Uint8Array): Message =>
  formOf(desc).read(bytes) ?? { ...fromBinary(desc, bytes) };

/** The bytes of a message, which may leave out what has its default. */
export function writeMessage(desc: DescMessage, message: Message): Uint8Array {
  const form = formOf(desc);
  if (!form.fits(message)) return toBinary(desc, create(desc, message));
  const writer = new BinaryWriter();
  form.write(writer, message);
  return writer.finish();
}

/** How messages of one description are read and written. */
interface MessageForm {
  /** Undefined: the library has to. */
  read(bytes: Uint8Array): Message | undefined;
  /** Whether `write` can write a message. */
  fits(message: Message): boolean;
  write(writer: BinaryWriter, message: Message): void;
}

const formOf: (desc: DescMessage) => MessageForm = memoizeEach((desc) => {
  const parts = desc.fields.flatMap((field) => partOf(field) ?? []);
  const byNumber = new Map(parts.map((part) => [part.number, part]));
  const byName = new Map(parts.map((part) => [part.name, part]));
  const empty: Message = { ...create(desc) };
  return {
    read(bytes) {
      const message: Record<string, unknown> = { ...empty };
      const reader = new BinaryReader(bytes);
      while (reader.pos < reader.len) {
        const [number, wireType] = reader.tag();
        const part = byNumber.get(number);
        if (part?.wireType !== wireType) return undefined;
        const value = part.read(reader);
        if (value === undefined) return undefined;
        message[part.name] = value;
      }
      return message;
    },
    fits: (message) =>
      Object.entries(message).every(
        ([name, value]) => isNothing(value) || name === "$typeName" || byName.get(name)?.fits(value) === true,
      ),
    write(writer, message) {
      for (const part of parts) {
        const value = message[part.name];
        if (!isNothing(value)) part.write(writer, value);
      }
    },
  };
});

/** What is written as nothing at all, whatever the field. */
const isNothing = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.length === 0);

/** How one field of a message is read and written. */
interface Part {
  readonly name: string;
  readonly number: number;
  readonly wireType: WireType;
  /** Undefined: the library has to read the message. */
  read(reader: BinaryReader): unknown;
  fits(value: unknown): boolean;
  write(writer: BinaryWriter, value: unknown): void;
}

/** Undefined for a field that only the library reads and writes. */
function partOf(field: DescField): Part | undefined {
  const { number, localName: name } = field;
  if (field.oneof !== undefined) return undefined;
  if (field.fieldKind === "message") {
    const { message } = field;
    return {
      name,
      number,
      wireType: WireType.LengthDelimited,
      read: (reader) => formOf(message).read(reader.bytes()),
      fits: (value) => formOf(message).fits(value as Message),
      write(writer, value) {
        writer.tag(number, WireType.LengthDelimited).fork();
        formOf(message).write(writer, value as Message);
        writer.join();
      },
    };
  }
  const scalar = field.fieldKind === "scalar" ? scalars.get(field.scalar) : undefined;
  // Whether the others are given can't be seen from their value.
  if (!scalar || field.presence !== FeatureSet_FieldPresence.IMPLICIT) return undefined;
  const { wireType, fits, write } = scalar;
  return {
    name,
    number,
    wireType,
    fits,
    read: scalar.read,
    write(writer, value) {
      if (value === "" || value === false || (value as Uint8Array).length === 0) return;
      write(writer.tag(number, wireType), value);
    },
  };
}

type Scalar = Pick<Part, "wireType" | "read" | "fits" | "write">;

const scalars: ReadonlyMap<ScalarType, Scalar> = new Map([
  [
    ScalarType.STRING,
    {
      wireType: WireType.LengthDelimited,
      read: (reader) => reader.string(),
      fits: (value) => typeof value === "string",
      write: (writer, value) => writer.string(value as string),
    },
  ],
  [
    ScalarType.BYTES,
    {
      wireType: WireType.LengthDelimited,
      read: (reader) => reader.bytes(),
      fits: (value) => value instanceof Uint8Array,
      write: (writer, value) => writer.bytes(value as Uint8Array),
    },
  ],
  [
    ScalarType.BOOL,
    {
      wireType: WireType.Varint,
      read: (reader) => reader.bool(),
      fits: (value) => typeof value === "boolean",
      write: (writer, value) => writer.bool(value as boolean),
    },
  ],
  [
    ScalarType.INT64,
    {
      wireType: WireType.Varint,
      read: (reader) => BigInt(reader.int64()),
      // None of those that are sent for each resource has one.
      fits: () => false,
      write: (writer, value) => writer.int64(value as bigint),
    },
  ],
] satisfies readonly (readonly [ScalarType, Scalar])[]);
