import { expect, test } from "@jest/globals";
import type { Check } from "../../src/kind/resource.ts";
import { judgeReply } from "../../src/promote/check-assertions.ts";

const schema = {
  type: "object",
  required: ["days"],
  properties: { days: { type: "integer", minimum: 7 }, by: { type: "array", items: { type: "string" } } },
};

test.each<[string, Check["expect"], string, readonly string[]]>([
  ["a text within", { text: "七天" }, "七天无理由退货", []],
  ["no such text", { text: "七天" }, "不能退", ['it doesn\'t contain "七天"']],
  ["a text in composed and in single signs", { text: "café" }, "a cafe\u0301", []],
  ["a pattern", { pattern: "^[七7]天" }, "7天", []],
  ["no match", { pattern: "^[七7]天" }, "三天", ["nothing in it matches /^[七7]天/u"]],
  [
    "a pattern without end",
    { pattern: "(a+)+$" },
    `${"a".repeat(40)}!`,
    ["searching it for /(a+)+$/u takes too long"],
  ],
  ["a text within JSON", { text: '说："七天"' }, '{"a": [{"b": "\\u8bf4\\uff1a\\"\\u4e03\\u5929\\""}]}', []],
  ["a match of a text within JSON", { pattern: "^七天$" }, '{"output": "七天"}', []],
  [
    "no match of JSON as a whole",
    { pattern: "^七天$" },
    '{"output": "七天半"}',
    ["nothing in it matches /^七天$/u"],
  ],
  ["a match of JSON as a whole", { pattern: "output.*七" }, '{"output": "七天"}', []],
  [
    "a long text that isn't there",
    { text: "长".repeat(61) },
    "短",
    [`it doesn't contain "${"长".repeat(59)}…"`],
  ],
  [
    "a schema's pattern without end",
    { schema: { pattern: "(a+)+$" } },
    `"${"a".repeat(40)}!"`,
    ["comparing its JSON with the schema takes too long"],
  ],
  [
    "JSON that is nested deeply",
    { text: "七" },
    `${"[".repeat(200_000)}${"]".repeat(200_000)}`,
    ['it doesn\'t contain "七"'],
  ],
  [
    "JSON that is nested deeper than a schema can follow",
    { schema: { items: { $ref: "#" } } },
    `${"[".repeat(200_000)}${"]".repeat(200_000)}`,
    ["comparing its JSON with the schema takes too long"],
  ],
  ["a format", { schema: { format: "date" } }, '"2026-13-01"', ['it must match format "date"']],
  [
    "JSON of another value",
    { schema: { const: { a: 1 } } },
    '{"a": 2}',
    ['it must be equal to constant: {"a":1}'],
  ],
  [
    "much that is wrong",
    { schema: { items: { type: "number" } } },
    '["a", "b", "c", "d", "e"]',
    ["0 must be number", "1 must be number", "2 must be number", "2 more"],
  ],
  ["JSON", { schema }, '{"days": 7}', []],
  ["JSON in a fence", { schema }, '好的：\n```json\n{"days": 7}\n```\n', []],
  ["no JSON", { schema }, "七天", ["it isn't JSON"]],
  ["other JSON", { schema }, '{"days": 3, "by": [1]}', ["days must be >= 7", "by.0 must be string"]],
  ["JSON that lacks something", { schema }, "{}", ["it must have required property 'days'"]],
  [
    "all at once",
    { text: "退", pattern: "天$" },
    "好",
    ['it doesn\'t contain "退"', "nothing in it matches /天$/u"],
  ],
])("%s", (_, expected, reply, lacks) => {
  expect(judgeReply(reply, expected)).toEqual(lacks);
});
