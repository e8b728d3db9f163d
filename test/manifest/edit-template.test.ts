import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { editTemplate } from "../../src/manifest/values/edit-template.ts";

test.each<[string, string, readonly string[], string, string, string | undefined]>([
  [
    "words before and behind a value",
    "你好${var.x}客服。\n",
    ["和风"],
    "你好和风客服。\n",
    "您好和风的客服！\n",
    "您好${var.x}的客服！\n",
  ],
  [
    "a line that comes between values",
    "${file:a}\n${var.x}",
    ["甲\n", "乙"],
    "甲\n\n乙",
    "甲\n\n新\n乙",
    "${file:a}\n新\n${var.x}",
  ],
  ["a text at either end", "${var.x}", ["乙"], "乙", "甲乙丙", "甲${var.x}丙"],
  [
    "words between values without any",
    "${var.x}${var.y}",
    ["甲", "乙"],
    "甲乙",
    "甲和乙",
    "${var.x}和${var.y}",
  ],
  ["a value that is empty", "甲${var.x}乙", [""], "甲乙", "甲丙乙", "甲${var.x}丙乙"],
  ["a mark of ours", "甲", [], "甲", "甲 ${var.x} ${x} $${y}", "甲 $${var.x} ${x} $$${y}"],
  [
    "a mark that stays as it was written",
    "$${x} ${y} $${var.z}。",
    [],
    "${x} ${y} ${var.z}。",
    "${x} ${y} ${var.z}！",
    "$${x} ${y} $${var.z}！",
  ],
  ["signs that make a mark together", "$}", [], "$}", "${var.x}", "$${var.x}"],
  ["a value that changed", "你好${var.x}。", ["和风"], "你好和风。", "你好无印。", undefined],
  ["a value that went", "你好${var.x}。", ["和风"], "你好和风。", "你好。", undefined],
  ["a text that it doesn't give", "你好${var.x}。", ["和风"], "你好和。", "你好。", undefined],
])("%s", (_, template, putIn, before, after, expected) => {
  expect(editTemplate(template, putIn, before, after)).toBe(expected);
});

test("whatever of its own words changes, the edited template gives the new text", () => {
  const own = fc.array(fc.constantFrom("甲", "乙", "$", "{", "}", "${x}", "${var.x}", "\n", " "), {
    maxLength: 8,
  });
  const stretch = fc.tuple(own, own, fc.constantFrom("和风", "7", ""));
  fc.assert(
    fc.property(fc.array(stretch, { minLength: 1 }), (parts) => {
      const [before, after] = [0, 1].map((side) =>
        parts.map((part) => (part[side] as string[]).join("") + part[2]).join(""),
      );
      const escapeAll = (text: string) => text.replaceAll("${", "$$${");
      const template = parts.map(([text]) => `${escapeAll(text.join(""))}\u0000`).join("");
      const filled = template.replaceAll("\u0000", () => "${var.v}");
      const putIn = parts.map(([, , value]) => value);
      const edited = editTemplate(filled, putIn, before ?? "", after ?? "");
      // What is put in may be found elsewhere among the words; then nothing is edited.
      if (edited === undefined) return;
      let next = 0;
      const given = edited.replaceAll(/\$\$\{|\$\{var\.v\}/g, (mark) =>
        mark === "$${" ? "${" : (putIn[next++] ?? ""),
      );
      expect(given).toBe(after);
    }),
    { numRuns: 500 },
  );
});
