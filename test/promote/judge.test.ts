import { expect, test } from "@jest/globals";
import type { Check } from "../../src/core/resource.ts";
import { judgeReply } from "../../src/promote/judge.ts";

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
    ["/(a+)+$/u takes too long to search it"],
  ],
  ["JSON", { schema }, '{"days": 7}', []],
  ["JSON in a fence", { schema }, '好的：\n```json\n{"days": 7}\n```\n', []],
  ["no JSON", { schema }, "七天", ["it isn't JSON"]],
  ["other JSON", { schema }, '{"days": 3, "by": [1]}', ["days must be >= 7", "by.0 must be string"]],
  ["JSON that lacks something", { schema }, "{}", ["the JSON must have required property 'days'"]],
  [
    "all at once",
    { text: "退", pattern: "天$" },
    "好",
    ['it doesn\'t contain "退"', "nothing in it matches /天$/u"],
  ],
])("%s", (_, expected, reply, lacks) => {
  expect(judgeReply(reply, expected)).toEqual(lacks);
});
