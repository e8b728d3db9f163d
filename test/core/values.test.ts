import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Fields } from "../../src/core/field.ts";
import { mapLeaves } from "../../src/core/spec-walk.ts";
import { canonicalJson, isObject, isSettled } from "../../src/core/value.ts";

/** The definition: every object with its keys in order. */
const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );

test("equal values have one canonical text, whatever the order of their keys", () => {
  const keys = fc.oneof(fc.string(), fc.constantFrom("10", "9", "a", "B", "__proto__", "ä"));
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 0 }),
      fc.constant(undefined),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(keys, tie("value"), { maxKeys: 6 }),
    ),
  })).value;
  fc.assert(fc.property(values, (value) => expect(canonicalJson(value)).toBe(sortedJson(value))));
});

const fields: Fields = {
  name: { type: "string", presence: "required", description: "" },
  tags: { type: "list", items: { type: "string" }, presence: "optional", description: "" },
  parts: { type: "map", values: { type: "string" }, presence: "optional", description: "" },
};

test("a spec in which no leaf changes is the same object, and so is each part that stays", () => {
  const spec = { name: "a", tags: ["b", "c"], parts: { d: "e" }, other: { f: 1 } };
  expect(mapLeaves(fields, spec, ({ value }) => value)).toBe(spec);
  const changed = mapLeaves(fields, spec, ({ value }) => (value === "b" ? "x" : value));
  expect(changed).toEqual({ ...spec, tags: ["x", "c"] });
  expect(changed.parts).toBe(spec.parts);
  expect(spec.tags).toEqual(["b", "c"]);
});

test.each([
  [{ a: { $ref: "Bot.b" } }, false],
  [{ a: [{ b: { $ref: "Bot.b" } }] }, false],
  [{ a: "b", c: ["d", { e: null }] }, true],
  [{ a: '{"$ref":"Bot.b"}' }, true],
])("of %j it is told whether a reference is left", (value, expected) => {
  expect(isSettled(value)).toBe(expected);
});
