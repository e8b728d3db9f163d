import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { isObject, type Json, type Values } from "../../src/core/value.ts";

import { objectType, type Type, typeFromJson, typeToJson } from "../../src/terraform/schema/attribute.ts";
import {
  decodeJsonValue,
  decodeValue,
  encodeValue,
  sameDecimal,
  UnfitValue,
} from "../../src/terraform/values/codec.ts";
import { isUnknown, unknown } from "../../src/terraform/values/unknown.ts";
import { blankThing, fullThingValues, thing } from "../support/toy-door.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", ""), "hex");

/** With another stand-in for what is unknown, since that is known by its identity and not by its looks. */
function marked(value: Json): Json {
  if (isUnknown(value)) return "‹unknown›";
  if (Array.isArray(value)) return value.map(marked);
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, marked(part)]))
    : value;
}

const key = fc.string({ maxLength: 5, unit: "grapheme" }).filter((name) => name !== "__proto__");

const types: fc.Arbitrary<Type> = fc.letrec<{ type: Type }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<Type[]>("string", "number", "bool", "dynamic"),
    fc.record({ list: tie("type") }),
    fc.record({ set: tie("type") }),
    fc.record({ map: tie("type") }),
    fc.record({ object: fc.dictionary(key, tie("type"), { maxKeys: 4 }) }),
    fc.record({ tuple: fc.array(tie("type"), { maxLength: 3 }) }),
  ),
})).type;

const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    // Terraform has one zero.
    .map((value) => value + 0),
);
const text = fc.string({ unit: "grapheme" });

const json: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.oneof(text, number, fc.boolean(), fc.constantFrom(null, unknown)),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(key, tie("json"), { maxKeys: 3 }),
  ),
})).json;

function valuesOf(type: Type): fc.Arbitrary<Json> {
  return fc.oneof(
    { weight: 6, arbitrary: presentValuesOf(type) },
    { weight: 1, arbitrary: fc.constantFrom(null, unknown) },
  );
}

function presentValuesOf(type: Type): fc.Arbitrary<Json> {
  if (type === "string") return text;
  if (type === "number") return number;
  if (type === "bool") return fc.boolean();
  if (type === "dynamic") return json;
  if ("list" in type) return fc.array(valuesOf(type.list), { maxLength: 3 });
  if ("set" in type) return fc.array(valuesOf(type.set), { maxLength: 3 });
  if ("map" in type) return fc.dictionary(key, valuesOf(type.map), { maxKeys: 3 });
  if ("tuple" in type) return fc.tuple(...type.tuple.map(valuesOf));
  return fc.record(
    Object.fromEntries(Object.entries(type.object).map(([name, part]) => [name, valuesOf(part)])),
  );
}

test("what is written can be read, whatever the type and the value", () => {
  const cases = types.chain((type) => fc.tuple(fc.constant(type), valuesOf(type)));
  fc.assert(
    fc.property(cases, ([type, value]) => {
      expect(marked(decodeValue(encodeValue(value, type), type))).toEqual(marked(value));
    }),
    { numRuns: 500 },
  );
});

test("types have a JSON that can be read", () => {
  fc.assert(fc.property(types, (type) => expect(typeFromJson(typeToJson(type))).toEqual(type)));
  expect(typeToJson({ list: { object: { a: { tuple: ["bool"] }, b: { map: { set: "dynamic" } } } } })).toBe(
    '["list",["object",{"a":["tuple",["bool"]],"b":["map",["set","dynamic"]]}]]',
  );
});

const golden: { readonly [name: string]: readonly [Type, Json, string] } = {
  "null of any type": [{ list: "string" }, null, "c0"],
  unknown: ["string", unknown, "d4 00 00"],
  text: ["string", "豆包", "a6 e8b186 e58c85"],
  "a small number": ["number", 7, "07"],
  "a negative number": ["number", -1, "ff"],
  "a number of more than 32 bits": ["number", 2 ** 53 - 1, "cf 001fffffffffffff"],
  // Terraform reads such texts with 512 bits, as it does those in configurations; a double would be another number.
  "a fraction": ["number", 0.8, "a3 302e38"],
  bool: ["bool", true, "c3"],
  "an empty list": [{ list: "string" }, [], "90"],
  "a set with something unknown": [{ set: "number" }, [1, unknown], "92 01 d40000"],
  "a map": [{ map: "bool" }, { k: false }, "81 a16b c2"],
  "an object, in the order of its type": [
    { object: { a: "string", b: "number" } },
    { b: null, a: "x" },
    "82 a161 a178 a162 c0",
  ],
  "a tuple": [{ tuple: ["string", "bool"] }, ["x", true], "92 a178 c3"],
  "a value of any type": ["dynamic", "x", `92 c408 ${hex(Buffer.from('"string"'))} a178`],
  "a list of any type": [
    "dynamic",
    [1, null],
    `92 c41e ${hex(Buffer.from('["tuple",["number","dynamic"]]'))} 92 01 c0`,
  ],
  "null of no type": ["dynamic", null, "c0"],
};

test.each(Object.entries(golden))("on the wire: %s", (_name, [type, value, wire]) => {
  expect(hex(encodeValue(value, type))).toBe(wire.replaceAll(" ", ""));
  expect(marked(decodeValue(bytes(wire), type))).toEqual(marked(value));
});

const readable: { readonly [name: string]: readonly [Type, string, Json] } = {
  "not null, with a prefix": ["string", "c7 07 0c 82 01c2 02 a2622d", unknown],
  "a list of two or more": [{ list: "string" }, "c7 05 0c 82 01c2 0502", unknown],
  "an extension of later times": ["bool", "d6 2a 00000000", unknown],
  "a fraction that a double holds": ["number", "cb 3fe0000000000000", 0.5],
  "a whole number as a double": ["number", "cb 4000000000000000", 2],
  "a fraction as text": ["number", "a6 302e37353030", 0.75],
  "a 64-bit number that isn't large": ["number", "d3 ffffffffffffffff", -1],
  "a large number with few digits": ["number", "b6 31303030303030303030303030303030303030303030", 1e21],
  "unknown of a known type": ["dynamic", `92 c408 ${hex(Buffer.from('"string"'))} d40000`, unknown],
};

test.each(Object.entries(readable))("Terraform may send: %s", (_name, [type, wire, value]) => {
  expect(decodeValue(bytes(wire), type)).toBe(value);
});

test("JSON stands in where there is no MessagePack", () => {
  const type: Type = { object: { a: { set: "number" }, b: "dynamic", c: "string" } };
  const value = '{"a":[1,2.5],"b":{"type":["list","bool"],"value":[true]},"c":null}';
  expect(decodeJsonValue(value, type)).toEqual({ a: [1, 2.5], b: [true], c: null });
});

const captured: { readonly [what: string]: readonly [string, Values] } = {
  "a configuration": [
    "de0010a6616374697665c3a8616e797468696e6792c4495b226f626a656374222c7b22666c6167223a22626f6f6c222c226c697374223a5b227475706c65222c5b226e756d626572222c22737472696e67222c2264796e616d6963225d5d7d5d82a4666c6167c2a46c6973749301a374776fc0a665787472617381a36f6e6581a576616c7565a176a5686f73747392a36f6e65a374776fa26964c0a66c6162656c7382a3612e62a131a163a132a66c696d69747382a46861726414a4736f6674c0a46e616d65a3e794b2a47061697292a46c656674cf001fffffffffffffa570656572739282a4686f7374a170a67765696768740182a4686f7374a171a6776569676874c0a87265766973696f6ec0a572756c65739282a36b6579c0a4706f72745082a36b6579a16ba4706f7274cd01bba6736563726574c0a473697a65a3302e31a47461677392a178a179a47a6f6e65a465617374",
    fullThingValues,
  ],
  "a configuration with references, of which something is known": [
    "de0010a6616374697665c0a8616e797468696e67c0a6657874726173c0a5686f73747391c7070c8201c202a2682da26964c0a66c6162656c7381a466726f6dd40000a66c696d69747382a468617264c7030c8101c2a4736f6674c0a46e616d65c7070c8201c202a2622da470616972c0a570656572739182a4686f7374d40000a6776569676874c0a87265766973696f6ec0a572756c6573c7030c8101c2a6736563726574c0a473697a65d40000a47461677392a178d40000a47a6f6e65c0",
    {
      name: unknown,
      size: unknown,
      labels: { from: unknown },
      tags: ["x", unknown],
      hosts: [unknown],
      limits: { soft: null, hard: unknown },
      rules: unknown,
      peers: [{ host: unknown, weight: null }],
    },
  ],
};

test.each(Object.entries(captured))("as Terraform 1.11 sent it: %s", (_name, [wire, values]) => {
  const type = objectType(thing.attributes);
  const decoded = decodeValue(bytes(wire), type);
  expect(marked(decoded)).toEqual(marked({ ...blankThing, ...values }));
  expect(marked(decodeValue(encodeValue(decoded, type), type))).toEqual(marked(decoded));
});

/** What is said of a value that can't pass, and where. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UnfitValue) return `${error.path.join("/")}: ${error.message}`;
    throw error;
  }
  return "passed";
}

test("numbers that would change are refused", () => {
  const type: Type = { object: { list: { list: "number" } } };
  const wire = bytes("81 a46c697374 92 01 cf 0020000000000001");
  expect(refusal(() => decodeValue(wire, type))).toBe(
    "list/1: 9007199254740993 has too many digits: up to 15 are exact, " +
      "and `floor(x * 1000) / 1000` keeps 3 decimal places",
  );
  const third = `0.${"3".repeat(155)}`;
  const long = Buffer.concat([bytes("d99d"), Buffer.from(third)]);
  expect(refusal(() => decodeValue(long, "number"))).toMatch(
    /^: 0\.33333333333333333333333333333333333333… has/u,
  );
  expect(refusal(() => encodeValue(Number.POSITIVE_INFINITY, "number"))).toMatch(/must be of type number/u);
});

test("objects that aren't those of the schema are refused by the names that differ", () => {
  const nested = objectType({
    port: { type: "number", description: "" },
    host: { type: "string", description: "" },
  });
  const type: Type = { object: { name: "string", rules: { list: nested }, note: "string" } };
  const write = (value: Json) => refusal(() => encodeValue(value, type));
  expect(write({ rules: [], nam: "x" })).toBe(": missing attributes: name, note; unexpected attributes: nam");
  expect(write({ name: "x", note: null, rules: [{ port: 1, host: "h" }, { port: 1 }] })).toBe(
    "rules/1: missing attributes: host",
  );
  expect(write({ name: 5, note: null, rules: null })).toBe("name: must be of type string, not number");
  expect(write({ name: "x", note: null, rules: "secret" })).toBe("rules: must be of type list, not string");
  expect(refusal(() => encodeValue(["x"], { tuple: ["string", "string"] }))).toBe(
    ": must be of type list(2), not list(1)",
  );
});

test.each([
  ["1.50e2", "150", true],
  ["-0.0", "0", true],
  ["1e+21", "1000000000000000000000", true],
  ["0.1", "0.10000000000000001", false],
  ["100", "10", false],
  ["1", "-1", false],
  ["", "", false],
  ["x", "x", false],
])("%s and %s are the same number: %s", (one, other, same) => {
  expect(sameDecimal(one, other)).toBe(same);
});
