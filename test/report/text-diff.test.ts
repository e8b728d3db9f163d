import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { withoutBlanks } from "../../src/core/invisible-characters.ts";
import type { Json } from "../../src/core/value.ts";
import { renderPlan } from "../../src/report/plan.ts";
import { kinds, updateOf } from "./sample.ts";

const drawing = { kinds, color: false, width: 80 };

/** What a plan shows of a change of one field, without what is around it. */
function show(before: Json, after: Json, more: Partial<Parameters<typeof renderPlan>[1]> = {}): string[] {
  const plan = updateOf({ path: [typeof before === "string" ? "prompt" : "events"], before, after });
  const lines = renderPlan(plan, { ...drawing, ...more }).split("\n");
  return lines.slice(1, -3).map((line) => line.replace(/^ {6}(?:prompt: | {4})?/, ""));
}

const prompt = [
  "你是某某公司的售后客服，请用礼貌、简洁的中文回答。",
  "退货请在7天内联系客服，并提供订单号，然后按提示重置密码",
  "不要透露 内部流程。",
  "",
  "遇到无法回答的问题时，请转接人工服务，工作时间为周一至周五上午九点到下午六点，节假日除外。",
].join("\n");

describe("a text in which only white space or what can't be seen changed is shown by line", () => {
  test.each<[string, string, readonly string[]]>([
    ["a line end at the end", `${prompt}\n`, ["line 5: …到下午六点，节假日除外。{+↵+}"]],
    [
      "blanks behind a line",
      prompt.replace("密码\n", "密码  \n"),
      ["line 2: 退货请在7天内联系客服，并提供订单号，然后按提示重置密码{+··+}↵"],
    ],
    ["an empty line that went", prompt.replace("\n\n", "\n"), ["line 4: [-↵-]"]],
    ["an empty line that came", prompt.replace("\n\n", "\n\n\n"), ["line 5: {+↵+}"]],
    [
      "lines that became one",
      prompt.replace("。\n退", "。退"),
      ["line 1: 你是某某公司的售后客服，请用礼貌、简洁的中文回答。[-↵-]"],
    ],
    ["a tab for a space", prompt.replace(" ", "\t"), ["line 3: 不要透露[-·-]{+→+}内部流程。↵"]],
    [
      "an odd space for a space",
      prompt.replace(" ", "\u3000"),
      ["line 3: 不要透露[-·-]{+\\u3000+}内部流程。↵"],
    ],
    [
      "an odd space for another",
      prompt.replace(" ", "\u00a0"),
      ["line 3: 不要透露[-·-]{+\\u00a0+}内部流程。↵"],
    ],
    ["a zero width space", prompt.replace("流程", "流\u200b程"), ["line 3: 不要透露·内部流{+\\u200b+}程。↵"]],
    ["a tag", prompt.replace("流程", "流\u{e0041}程"), ["line 3: 不要透露·内部流{+\\u{e0041}+}程。↵"]],
    [
      "line ends of Windows",
      prompt.replaceAll("\n", "\r\n"),
      [
        "line 1: 你是某某公司的售后客服，请用礼貌、简洁的中文回答。{+\\r+}↵",
        "line 2: 退货请在7天内联系客服，并提供订单号，然后按提示重置密码{+\\r+}↵",
        "line 3: 不要透露·内部流程。{+\\r+}↵",
        "line 4: {+\\r+}↵",
      ],
    ],
  ])("%s", (_what, after, expected) => {
    expect(show(prompt, after).slice(1)).toEqual(expected);
  });

  test("the odd space that went is shown as well", () => {
    expect(show(prompt.replace("\n不", "\n\u3000\u3000不"), prompt).slice(1)).toEqual([
      "line 3: [-\\u3000\\u3000-]不要透露·内部流程。↵",
    ]);
  });

  test("an emoji that lost its selector or joiner is shown with that as an escape", () => {
    const before = `${prompt} \u2764\ufe0f \u{1f468}\u200d\u{1f469}`;
    expect(show(before, before.replace("\ufe0f", "").replace("\u200d", "")).slice(1)).toEqual([
      "line 5: …下午六点，节假日除外。·\u2764[-\\ufe0f-]·\u{1f468}[-\\u200d-]\u{1f469}",
    ]);
  });

  test("in colour the dots have the colour of what came", () => {
    const [, line] = show(prompt, prompt.replace("密码\n", "密码 \n"), { color: true });
    expect(line).toContain("重置密码\u001b[32m·\u001b[39m↵");
  });

  test("of many lines the first are shown, and the rest counted", () => {
    const lines = Array.from({ length: 60 }, (_, index) => `第${index + 1}条规则`);
    const shown = show(lines.join("\n"), lines.join(" \n"));
    expect(shown.slice(1, 3)).toEqual(["line 1: 第1条规则{+·+}↵", "line 2: 第2条规则{+·+}↵"]);
    expect(shown.slice(24)).toEqual(["line 24: 第24条规则{+·+}↵", "… 35 more lines"]);
    expect(show(lines.join("\n"), lines.join(" \n"), { full: true })).toHaveLength(60);
  });

  test("a text of one line has no number", () => {
    const long = "Please answer politely and never promise a refund before the order is checked.";
    expect(show(long, long.replace("and ", "and  ")).slice(1)).toEqual([
      "…·answer·politely·and·{+·+}never·promise·a·refund·…",
    ]);
  });
});

describe("beside other changes", () => {
  test("a line whose only change is a blank at its end is shown by number, others as words", () => {
    const after = prompt
      .replace("7天", "15天")
      .replace("流程。\n", "流程。  \n")
      .replace("节假日除外", "除外");
    expect(show(prompt, after).slice(1)).toEqual([
      "退货请在[-7-]{+15+}天内联系客服，并提供订单号，然后按提示重置密码",
      "line 3: 不要透露·内部流程。{+··+}↵",
      "…",
      "…周五上午九点到下午六点，[-节假日-]除外。",
    ]);
  });

  test("an odd space that came stands out among words", () => {
    const after = prompt.replace("7天", "15天").replace("联系客服", "联系\u00a0客服");
    expect(show(prompt, after).slice(1)).toEqual([
      "退货请在[-7-]{+15+}天内联系{+\\u00a0+}客服，并提供订单号，然后…",
    ]);
  });

  test("blanks alone that came within a line are dots", () => {
    const after = prompt.replace("7天", "15天").replace("\n退货", "\n  退货");
    expect(show(prompt, after)[1]).toMatch(/^\{\+··\+\}退货请在\[-7-\]\{\+15\+\}天/);
  });
});

describe("short values that look the same are told apart below", () => {
  test.each<[string, Json, Json, readonly string[]]>([
    ["a blank at the end", "a ", "a", ['"a " -> "a"', "a[-·-]"]],
    ["an odd space for a space", "a b", "a\u00a0b", ['"a b" -> "a\\u00a0b"', "a[-·-]{+\\u00a0+}b"]],
    ["a selector", "\u2764", "\u2764\ufe0f", ['"\u2764" -> "\u2764\ufe0f"', "\u2764{+\\ufe0f+}"]],
    ["a line end", "a", "a\n", ["1 character -> 2 characters", "line 1: a{+↵+}"]],
    ["two values that don't look the same", "a", "b", ['"a" -> "b"']],
  ])("%s", (_what, before, after, expected) => {
    expect(show(before, after)).toEqual(expected);
  });

  test("an item of a list", () => {
    expect(show(["a", "b "], ["a", "b"])).toEqual(['events: - "b "  + "b"', "b[-·-]"]);
  });
});

test("whatever blanks changed, what is shown of the change tells both texts apart", () => {
  const blank = fc.constantFrom("", " ", "  ", "\t", "\n", "\u200b", "\u3000");
  const texts = fc.array(fc.tuple(fc.constantFrom("甲", "b", "7", "。"), blank, blank), { minLength: 1 });
  fc.assert(
    fc.property(texts, (parts) => {
      const [before, after] = [1, 2].map((side) => parts.map((part) => part[0] + part[side]).join(""));
      fc.pre(before !== undefined && after !== undefined && before !== after);
      const shown = show(before ?? "", after ?? "", { width: 10_000, full: true });
      const rows = shown.filter((line) => /\{\+|\[-/.test(line)).join("");
      const count = (text: string) => [...text].length;
      const marked = (pattern: RegExp) =>
        [...rows.matchAll(pattern)]
          .map(([, blanks = ""]) => blanks.replaceAll(/\\u[\da-f]{4}/g, "x"))
          .join("");
      const change = count(marked(/\{\+(.*?)\+\}/g)) - count(marked(/\[-(.*?)-\]/g));
      expect(change).toBe(count(after ?? "") - count(before ?? ""));
      expect(rows).not.toBe("");
      expect(withoutBlanks(before ?? "")).toBe(withoutBlanks(after ?? ""));
    }),
    { numRuns: 300 },
  );
});
