import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  type MessageShape,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { describeMessages } from "../../../scripts/messages.js";
import { file_plugin } from "../../../src/terraform/protocol/rpc/gen/plugin_pb.js";
import { file_tfplugin6 } from "../../../src/terraform/protocol/rpc/gen/tfplugin6_pb.js";
import {
  type Message,
  type MessageName,
  readMessage,
  writeMessage,
} from "../../../src/terraform/protocol/rpc/message-codec.ts";

const withNested = (message: DescMessage): readonly DescMessage[] => [
  message,
  ...message.nestedMessages.flatMap(withNested),
];

const own = [file_tfplugin6, file_plugin].flatMap(({ messages }) => messages.flatMap(withNested));
const used = own.flatMap(({ fields }) => fields.flatMap(({ message }) => message ?? []));
const all = [...new Set([...own, ...used])];

const nameOf = ({ typeName }: DescMessage) =>
  typeName.replace(/^[^.]+\./u, "").replaceAll(".", "_") as MessageName;

const scalars = {
  [ScalarType.STRING]: fc.constantFrom("", "扣子", "a".repeat(200)),
  [ScalarType.BYTES]: fc.uint8Array({ maxLength: 300 }),
  [ScalarType.BOOL]: fc.boolean(),
  [ScalarType.INT32]: fc.integer(),
  [ScalarType.INT64]: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
} as { readonly [scalar: number]: fc.Arbitrary<unknown> };

const scalarOf = (scalar: ScalarType) => scalars[scalar] as fc.Arbitrary<unknown>;

function fieldValue(field: DescField, depth: number): fc.Arbitrary<unknown> {
  switch (field.fieldKind) {
    case "scalar":
      return scalarOf(field.scalar);
    case "enum":
      return fc.constantFrom(...field.enum.values.map(({ number }) => number));
    case "message":
      return messageOf(field.message, depth - 1);
    case "list":
      return fc.array(
        field.message ? messageOf(field.message, depth - 1) : scalarOf(field.scalar as ScalarType),
        {
          maxLength: 3,
        },
      );
    case "map":
      return fc.dictionary(
        fc.constantFrom("", "a", "键"),
        field.message ? messageOf(field.message, depth - 1) : scalarOf(field.scalar as ScalarType),
        { noNullPrototype: true },
      );
  }
}

/** Any message that fits, which leaves out some of its fields; below a depth of none it is empty. */
function messageOf(message: DescMessage, depth = 4): fc.Arbitrary<object> {
  if (depth === 0) return fc.constant({});
  const single = message.fields.filter(({ oneof }) => !oneof || isOptional(oneof.fields, oneof.name));
  const values = Object.fromEntries(single.map((field) => [field.localName, fieldValue(field, depth)]));
  const choices = message.oneofs
    .filter(({ fields, name }) => !isOptional(fields, name))
    .map(({ localName, fields }) => [
      localName,
      fc.oneof(
        ...fields.map((field) =>
          fc.record({ case: fc.constant(field.localName), value: fieldValue(field, depth) }),
        ),
      ),
    ]);
  return fc.record(
    { ...values, ...Object.fromEntries(choices) },
    { requiredKeys: [], noNullPrototype: true },
  );
}

/** The description of an optional field has a choice of its own, with this name. */
const isOptional = (fields: readonly DescField[], name: string) =>
  fields.length === 1 && name.startsWith("_");

/** A message of the library's as plain values. */
const plain = (message: MessageShape<DescMessage>): unknown =>
  JSON.parse(
    JSON.stringify(message, (key, value: unknown) => {
      if (key === "$typeName" || key === "$unknown") return undefined;
      if (typeof value === "bigint") return `${value}n`;
      return value instanceof Uint8Array ? [...value] : value;
    }),
  );

test.each(all.map((message) => [nameOf(message), message] as const))(
  "%s is written and read as the library of its description does it",
  (name, description) => {
    fc.assert(
      fc.property(messageOf(description), (given) => {
        const bytes = toBinary(description, create(description, given as Message));
        expect(Buffer.from(writeMessage(name, given as Message)).equals(bytes)).toBe(true);
        expect(plain(readMessage(name, bytes) as never)).toEqual(plain(fromBinary(description, bytes)));
      }),
      { numRuns: 40 },
    );
  },
);

test("fields that aren't known are passed over, whatever they hold", () => {
  const unknown = [0x78, 0x96, 1, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7a, 2, 9, 9, 0x7d, 1, 2, 3, 4];
  const known = writeMessage("DynamicValue", { json: Buffer.from("{}") });
  const message = readMessage("DynamicValue", Uint8Array.from([...unknown, ...known]));
  expect(plain(message as never)).toEqual({ msgpack: [], json: [123, 125] });
});

test.each([
  ["a length beyond the end", [0x0a, 5, 1]],
  ["a number that never ends", [0x08, ...Array<number>(11).fill(0xff)]],
  ["a message cut off after a tag", [0x0a]],
  ["a group", [0x0b]],
  ["an unknown field cut off", [0x79, 1]],
])("%s is refused", (_, bytes) => {
  expect(() => readMessage("DynamicValue", Buffer.from(bytes))).toThrow("can't be read");
});

test("the table is that of the protocol's files", async () => {
  const file = resolve(import.meta.dirname, "../../../src/terraform/protocol/rpc/message-table.ts");
  const words = (text: string) => text.replaceAll(/[\s"]|,(?=\s*[\]}])/gu, "");
  expect(words(readFileSync(file, "utf8"))).toBe(words(await describeMessages()));
});
