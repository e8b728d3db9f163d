import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import stringWidth from "string-width";
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

const [one, two, three, five] = [
  "1  你是某某公司的售后客服，请用礼貌、简洁的中文回答。",
  "2  退货请在7天内联系客服，并提供订单号，然后按提示重置密码",
  "3  不要透露 内部流程。",
  "5  遇到无法回答的问题时，请转接人工服务，工作时间为周一至周五上午九点…",
];
const aroundThree = (line: string) => [one, two, `3  ${line}`, "4", five];

describe("a text in which only white space or what can't be seen changed is shown by line", () => {
  test.each<[string, string, readonly string[]]>([
    ["a line end at the end", `${prompt}\n`, [three, "4", "5  …到下午六点，节假日除外。{+↵+}"]],
    [
      "blanks behind a line",
      prompt.replace("密码\n", "密码  \n"),
      [one, "2  退货请在7天内联系客服，并提供订单号，然后按提示重置密码{+··+}↵", three, "4"],
    ],
    [
      "an empty line that went",
      prompt.replace("\n\n", "\n"),
      [two, three, "-  [-↵-]", five.replace("5", "4")],
    ],
    [
      "an empty line that came",
      prompt.replace("\n\n", "\n\n\n"),
      [three, "4", "5  {+↵+}", five.replace("5", "6")],
    ],
    [
      "lines that became one",
      prompt.replace("。\n退", "。退"),
      [`${one}[-↵-]`, two.replace("2", " "), three.replace("3", "2")],
    ],
    ["a tab for a space", prompt.replace(" ", "\t"), aroundThree("不要透露[-·-]{+→+}内部流程。↵")],
    [
      "an odd space for a space",
      prompt.replace(" ", "\u3000"),
      aroundThree("不要透露[-·-]{+\\u3000+}内部流程。↵"),
    ],
    [
      "an odd space for another",
      prompt.replace(" ", "\u00a0"),
      aroundThree("不要透露[-·-]{+\\u00a0+}内部流程。↵"),
    ],
    [
      "a zero width space",
      prompt.replace("流程", "流\u200b程"),
      aroundThree("不要透露·内部流{+\\u200b+}程。↵"),
    ],
    ["a tag", prompt.replace("流程", "流\u{e0041}程"), aroundThree("不要透露·内部流{+\\u{e0041}+}程。↵")],
    [
      "line ends of Windows",
      prompt.replaceAll("\n", "\r\n"),
      [
        "1  你是某某公司的售后客服，请用礼貌、简洁的中文回答。{+\\r+}↵",
        "2  退货请在7天内联系客服，并提供订单号，然后按提示重置密码{+\\r+}↵",
        "3  不要透露·内部流程。{+\\r+}↵",
        "4  {+\\r+}↵",
        five,
      ],
    ],
  ])("%s", (_what, after, expected) => {
    expect(show(prompt, after).slice(1)).toEqual(expected);
  });

  test("the odd space that went is shown as well", () => {
    expect(show(prompt.replace("\n不", "\n\u3000\u3000不"), prompt).slice(1)).toEqual(
      aroundThree("[-\\u3000\\u3000-]不要透露·内部流程。↵"),
    );
  });

  test("an emoji that lost its selector or joiner is shown with that as an escape", () => {
    const before = `${prompt} \u2764\ufe0f \u{1f468}\u200d\u{1f469}`;
    expect(show(before, before.replace("\ufe0f", "").replace("\u200d", "")).slice(1)).toEqual([
      three,
      "4",
      "5  …假日除外。·\u2764[-\\ufe0f-]·\u{1f468}[-\\u200d-]\u{1f469}",
    ]);
  });

  test("in colour the dots have the colour of what came", () => {
    const [, , line] = show(prompt, prompt.replace("密码\n", "密码 \n"), { color: true });
    expect(line).toContain("重置密码\u001b[32m·\u001b[39m↵");
  });

  test("of many lines the first are shown, and the rest counted", () => {
    const lines = Array.from({ length: 60 }, (_, index) => `第${index + 1}条规则`);
    const shown = show(lines.join("\n"), lines.join(" \n"));
    expect(shown.slice(1, 3)).toEqual([" 1  第1条规则{+·+}↵", " 2  第2条规则{+·+}↵"]);
    expect(shown.slice(24)).toEqual(["24  第24条规则{+·+}↵", "… 35 more lines"]);
    expect(show(lines.join("\n"), lines.join(" \n"), { full: true })).toHaveLength(61);
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
      one,
      "2  退货请在[-7-]{+15+}天内联系客服，并提供订单号，然后按提示重置密码",
      "3  不要透露·内部流程。{+··+}↵",
      "4",
      "5  …周五上午九点到下午六点，[-节假日-]除外。",
    ]);
  });

  test("what a text has put in is one word", () => {
    const shown = show(
      prompt.replace("内部流程", "{{user_name}}和流程-"),
      prompt.replace("内部流程", "{{user_bar}}和流程！${var.shop}"),
    );
    expect(shown.slice(3, 5)).toEqual([
      "3  不要透露 [-{{user_name}}-]{+{{user_bar}}+}和流程[---]{+！",
      "   ${var.shop}+}。",
    ]);
  });

  test("an odd space that came stands out among words", () => {
    const after = prompt.replace("7天", "15天").replace("联系客服", "联系\u00a0客服");
    expect(show(prompt, after).slice(1)).toEqual([
      one,
      "2  退货请在[-7-]{+15+}天内联系{+\\u00a0+}客服，并提供…",
      three,
      "4",
    ]);
  });

  test("blanks alone that came within a line are dots", () => {
    const after = prompt.replace("7天", "15天").replace("\n退货", "\n  退货");
    expect(show(prompt, after)[2]).toMatch(/^2 {2}\{\+··\+\}退货请在\[-7-\]\{\+15\+\}天/);
  });
});

describe("short values that look the same are told apart below", () => {
  test.each<[string, Json, Json, readonly string[]]>([
    ["a blank at the end", "a ", "a", ['"a " -> "a"', "a[-·-]"]],
    ["an odd space for a space", "a b", "a\u00a0b", ['"a b" -> "a\\u00a0b"', "a[-·-]{+\\u00a0+}b"]],
    ["a selector", "\u2764", "\u2764\ufe0f", ['"\u2764" -> "\u2764\ufe0f"', "\u2764{+\\ufe0f+}"]],
    ["a line end", "a", "a\n", ["1 character -> 2 characters", "1  a{+↵+}"]],
    ["two values that don't look the same", "a", "b", ['"a" -> "b"']],
  ])("%s", (_what, before, after, expected) => {
    expect(show(before, after)).toEqual(expected);
  });

  test("an item of a list", () => {
    expect(show(["a", "b "], ["a", "b"])).toEqual(['events: - "b "  + "b"', "b[-·-]"]);
  });
});

/** A prompt of 20,000 characters, in lines of about this many. */
function longPrompt(columns: number): string[] {
  const sentences = [
    "请先核对订单号，再查询物流。",
    "如果要求退款，请说明七天无理由退货的条件。",
    "回答要简洁、礼貌。",
  ];
  const lines: string[] = [];
  let count = 0;
  for (let length = 0; length < 19_500; length += columns + 1) {
    let line = "";
    for (; line.length < columns; count += 1) line += `${count}. ${sentences[count % 3]}`;
    lines.push(line.slice(0, columns));
  }
  return lines;
}

describe("a prompt of 20,000 characters with three edits is shown on one screen", () => {
  /** Makes the edits in these lines. */
  function edit(lines: readonly string[], [first, second, third]: readonly [number, number, number]): string {
    const edited = [...lines];
    edited[first] = (edited[first] ?? "").replace(/七天|简洁(?!.*七天)/u, "十五天");
    const middle = edited[second] ?? "";
    edited[second] = `${middle.slice(0, middle.length / 2)}要耐心。${middle.slice(middle.length / 2)}`;
    edited[third] = "全新的一行。";
    return edited.join("\n");
  }

  test("in lines of 40 characters", () => {
    const lines = longPrompt(40);
    expect(show(lines.join("\n"), edit(lines, [43, 217, 390]))).toEqual([
      "19,515 characters -> 19,486 characters",
      " 42  122. 回答要简洁、礼貌。123. 请先核对订单号，再查询物流。124. 如果",
      " 43  125. 回答要简洁、礼貌。126. 请先核对订单号，再查询物流。127. 如果",
      " 44  128. 回答要[-简洁-]{+十五天+}、礼貌。129. 请先核对…",
      " 45  131. 回答要简洁、礼貌。132. 请先核对订单号，再查询物流。133. 如果",
      " 46  134. 回答要简洁、礼貌。135. 请先核对订单号，再查询物流。136. 如果",
      "…",
      "216  644. 回答要简洁、礼貌。645. 请先核对订单号，再查询物流。646. 如果",
      "217  647. 回答要简洁、礼貌。648. 请先核对订单号，再查询物流。649. 如果",
      "218  …要简洁、礼貌。651. [-请先-]{+请要耐心。先+}核对订单号，再查询…",
      "219  653. 回答要简洁、礼貌。654. 请先核对订单号，再查询物流。655. 如果",
      "220  656. 回答要简洁、礼貌。657. 请先核对订单号，再查询物流。658. 如果",
      "…",
      "389  1163. 回答要简洁、礼貌。1164. 请先核对订单号，再查询物流。1165.",
      "390  1166. 回答要简洁、礼貌。1167. 请先核对订单号，再查询物流。1168.",
      "391  [-1169. 回答要简洁、礼貌-]{+全新的一行+}。[-1170. 请先核对订单",
      "     号，再查询物流。1171.-]",
      "392  1172. 回答要简洁、礼貌。1173. 请先核对订单号，再查询物流。1174.",
      "393  1175. 回答要简洁、礼貌。1176. 请先核对订单号，再查询物流。1177.",
    ]);
  });

  test("in lines of 2,000 characters, cut around the words that changed", () => {
    const lines = longPrompt(2000);
    expect(show(lines.join("\n"), edit(lines, [1, 5, 8]))).toEqual([
      "20,009 characters -> 18,020 characters",
      " 1  0. 请先核对订单号，再查询物流。1. 如果要求退款，请说明七天无理由…",
      " 2  …9. 如果要求退款，请说明[-七天-]{+十五天+}无理由退货的条件。110. …",
      " 3  209. 回答要简洁、礼貌。210. 请先核对订单号，再查询物流。211. 如果…",
      " 4  311. 回答要简洁、礼貌。312. 请先核对订单号，再查询物流。313. 如果…",
      " 5  413. 回答要简洁、礼貌。414. 请先核对订单号，再查询物流。415. 如果…",
      " 6  …，请说明七天无理由退货的{+要耐心。+}条件。566. 回答要简洁、…",
      " 7  617. 回答要简洁、礼貌。618. 请先核对订单号，再查询物流。619. 如果…",
      " 8  719. 回答要简洁、礼貌。720. 请先核对订单号，再查询物流。721. 如果…",
      " -  [-821. 回答要简洁、礼貌。822. 请先核对订单号，再查询物流。823.",
      "    如果要求退款，请说… (1,908 characters) …简洁、礼貌。921. 请先核对",
      "    订单号，再查询物流。922. 如果要求退款，请说明七天无理由-]",
      " 9  {+全新的一行。+}",
      "10  923. 回答要简洁、礼貌。924. 请先核对订单号，再查询物流。925. 如果…",
    ]);
  });

  test("one line of all, with three edits", () => {
    const [line = ""] = longPrompt(19_000);
    const after = line
      .replace("100. 如果", "100. 若")
      .replace("499. 如果", "499. 若")
      .replace("900. ", "900. 请");
    expect(show(line, after)).toEqual([
      "19,000 characters -> 18,999 characters",
      "…物流。100. [-如果-]{+若+}要求退款，请…物流。499. [-如果-]{+若+}要求",
      "退款，请…礼貌。900. {+请+}请先核对订单…",
    ]);
  });

  test("a line that was written otherwise is shown by its ends, old and new", () => {
    const lines = longPrompt(2000);
    const after = lines.with(4, "改".repeat(1500)).join("\n");
    expect(show(lines.join("\n"), after)).toEqual([
      "20,009 characters -> 19,509 characters",
      "3  209. 回答要简洁、礼貌。210. 请先核对订单号，再查询物流。211. 如果…",
      "4  311. 回答要简洁、礼貌。312. 请先核对订单号，再查询物流。313. 如果…",
      "-  [-413. 回答要简洁、礼貌。414. 请先核对订单号，再查询物流。415. 如果",
      "   要求退款，请说… (1,908 characters) …简洁、礼貌。513. 请先核对订单",
      "   号，再查询物流。514. 如果要求退款，请说明七天无理由-]",
      "5  {+改改改改改改改改改改改改改改改改改改改改改改改改改改改改改改改改",
      "   改改改改改改改改… (1,420 characters) …改改改改改改改改改改改改改改",
      "   改改改改改改改改改改改改改改改改改改改改改改改改改改+}",
      "6  515. 回答要简洁、礼貌。516. 请先核对订单号，再查询物流。517. 如果…",
      "7  617. 回答要简洁、礼貌。618. 请先核对订单号，再查询物流。619. 如果…",
    ]);
  });

  test.each([1, 3, 10, 200])("whatever %s edits, on at most 25 lines of 80 columns", (count) => {
    const lines = longPrompt(80);
    const after = lines.map((line, index) =>
      index % Math.ceil(lines.length / count) === 0 ? `${line}！` : line,
    );
    const shown = show(lines.join("\n"), after.join("\n"));
    expect(shown.length).toBeLessThanOrEqual(26);
    for (const line of shown) expect(stringWidth(line)).toBeLessThanOrEqual(70);
  });

  test("numbers are those of the new text, and lines that went have none", () => {
    const lines = longPrompt(40);
    const after = lines.filter((_, index) => index !== 10).with(20, "新的一行");
    expect(show(lines.join("\n"), after.join("\n")).map((line) => line.slice(0, 4))).toEqual([
      "19,5",
      " 9  ",
      "10  ",
      " -  ",
      "    ",
      "11  ",
      "12  ",
      "…",
      "19  ",
      "20  ",
      "21  ",
      "    ",
      "22  ",
      "23  ",
    ]);
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
