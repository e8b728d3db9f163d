import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Parser, parseAllDocuments } from "yaml";
import { kinds } from "../../src/kinds/index.ts";
import { mendSlips } from "../../src/manifest/yaml/slips.ts";
import { loadFiles } from "./toy-project.ts";

const workspace =
  "apiVersion: cozeform/v1\nkind: Workspace\nmetadata: {name: desk}\nspec: {name: d, description: d}\n";

/** A bot whose spec begins on line 5. */
const bot = (...spec: readonly string[]): string =>
  ["apiVersion: cozeform/v1", "kind: Bot", "metadata: {name: a}", "spec:", ...spec, ""].join("\n");

const dataset = (name: string): string =>
  `---\napiVersion: cozeform/v1\nkind: Dataset\nmetadata: {name: ${name}}\nspec: {workspace: desk, name: ${name}, format: text}\n`;

const plain = ["  workspace: desk", "  name: a"];

/** What is told of a file beside a workspace called desk: `line:column message; hint`. */
async function tell(text: string): Promise<readonly string[]> {
  const { diagnostics } = await loadFiles({ "a.yaml": workspace, "b.yaml": text }, { kinds });
  return diagnostics.map(({ at, message, hint }) => {
    expect(at?.file).toBe("b.yaml");
    return `${at?.line}:${at?.column} ${message}; ${hint}`;
  });
}

const colon = "this is ： (U+FF1A, full-width colon), not :; write : and a space";
const comma = "this is ， (U+FF0C, full-width comma), not ,; write ,";
const wide = "this line is indented with U+3000 (full-width space); indent with plain spaces";
const noBreak = "this line is indented with U+00A0 (no-break space); indent with plain spaces";

describe("a character that was typed for ASCII is named, with what to type", () => {
  test.each<[string, string, readonly string[]]>([
    ["a colon of the last line", bot(...plain, "  description：你好"), [`7:14 ${colon}`]],
    ["a colon between others", bot("  workspace：desk", "  name: a"), [`5:12 ${colon}`]],
    ["a colon before a block", bot(...plain).replace("spec:", "spec："), [`4:5 ${colon}`]],
    ["a colon of the header", bot(...plain).replace("kind:", "kind："), [`2:5 ${colon}`]],
    ["all colons of a map", bot("  workspace：desk", "  name：a"), [`5:12 ${colon}`, `6:7 ${colon}`]],
    ["all colons", "apiVersion：cozeform/v1\nkind：Bot\n", [`1:11 ${colon}`, `2:5 ${colon}`]],
    ["a colon in braces", bot(...plain).replace("{name:", "{name："), [`3:16 ${colon}`]],
    ["a comma in braces", bot(...plain, '  model: {id: "1"，temperature: 0.7}'), [`7:18 ${comma}`]],
    ["one behind a number", bot(...plain, '  model: {id: "1", top_p: 0.7，top_k: 3}'), [`7:30 ${comma}`]],
    [
      "braces",
      bot(...plain, '  model: ｛id: "1"｝'),
      [
        "7:10 this is ｛ (U+FF5B, full-width brace), not {; write {",
        "7:18 this is ｝ (U+FF5D, full-width brace), not }; write }",
      ],
    ],
    [
      "brackets, which make a string",
      bot(...plain, "  publish: {connectors: ［api］}"),
      ["7:25 this is ［ (U+FF3B, full-width bracket), not [; write [api]"],
    ],
    [
      "a closing bracket",
      bot(...plain, "  publish: {connectors: [api］}"),
      ["7:29 this is ］ (U+FF3D, full-width bracket), not ]; write ]"],
    ],
    [
      "quotes around a name",
      bot("  workspace: “desk”", "  name: a"),
      ['5:14 this is “ (U+201C, curly quotation mark), not "; write "desk"'],
    ],
    [
      "quotes around an id",
      bot(...plain, "  model: {id: ‘1’}"),
      ["7:15 this is ‘ (U+2018, curly apostrophe), not '; write '1'"],
    ],
    [
      "digits of a number",
      bot(...plain, '  model: {id: "1", temperature: ０.７}'),
      ["7:33 this is ０ (U+FF10, full-width 0), not 0; write 0.7"],
    ],
    [
      "digits of an id in quotes",
      bot(...plain, '  model: {id: "1２"}'),
      ['7:17 this is ２ (U+FF12, full-width 2), not 2; write "12"'],
    ],
    [
      "a letter of a word",
      bot(...plain).replace("Bot", "Ｂot"),
      ["2:7 this is Ｂ (U+FF22, full-width B), not B; write Bot"],
    ],
    [
      "a letter of a key",
      bot("  workspace: desk", "  ｎame: a"),
      ["6:3 this is ｎ (U+FF4E, full-width n), not n; write n"],
    ],
    [
      "the full stop of an address",
      bot(...plain).replace("{name: a}", "{name: a, depends_on: [Workspace．desk]}"),
      ["3:43 this is ． (U+FF0E, full-width full stop), not .; write ."],
    ],
    [
      "a comma between names",
      `${bot("  workspace: desk", "  name: a", "  knowledge: {datasets: [faq，faq2]}")}${dataset("faq")}${dataset("faq2")}`,
      [`7:29 ${comma}`],
    ],
    [
      "commas between addresses",
      bot(...plain).replace("{name: a}", "{name: a, depends_on: [Workspace.desk、Workspace.desk]}"),
      ["3:48 this is 、 (U+3001, ideographic comma), not ,; write ,"],
    ],
    ["indents", bot("　　workspace: desk", "　　name: a"), [`5:1 ${wide}`, `6:1 ${wide}`]],
    ["an indent behind spaces", bot("  workspace: desk", "  　name: a"), [`6:3 ${wide}`]],
    ["an indent of one", bot("  workspace: desk", "　name: a"), [`6:1 ${wide}`]],
    ["no-break spaces", bot("  workspace: desk", "\u00a0\u00a0name: a"), [`6:1 ${noBreak}`]],
    [
      "the space behind a colon",
      bot("  workspace: desk", "  name:　a"),
      ["6:8 this is U+3000 (full-width space), not a plain space; write a plain space"],
    ],
    [
      "a space before a name",
      bot("  workspace: \u00a0desk", "  name: a"),
      ["5:14 this is U+00A0 (no-break space), not a plain space; write a plain space"],
    ],
    [
      "a character that draws nothing in a key",
      bot("  workspace: desk", "  na\u200bme: a"),
      ["6:5 this is U+200B (zero width space), which nothing shows; remove it"],
    ],
    [
      "the sign of a comment",
      bot("  workspace: desk", "  ＃ 名字", "  name: a"),
      ["6:3 this is ＃ (U+FF03, full-width number sign), not #; write #"],
    ],
    [
      "the only dash of a list",
      bot(...plain, "  publish:", "    connectors:", "      － api"),
      ["9:7 this is － (U+FF0D, full-width hyphen), not -; write - and a space"],
    ],
    [
      "one dash of several",
      bot(...plain, "  publish:", "    connectors:", "      - api", "      — chat_sdk"),
      ["10:7 this is — (U+2014, em dash), not -; write - and a space"],
    ],
    [
      "the sign of a block",
      bot(...plain, "  prompt: ｜", "    你好"),
      ["7:11 this is ｜ (U+FF5C, full-width vertical bar), not |; write |"],
    ],
    [
      "a full stop of an interpolation",
      bot(...plain, '  description: "x ${var．y}"'),
      ["7:24 this is ． (U+FF0E, full-width full stop), not .; write ${var.y}"],
    ],
    [
      "braces of an interpolation",
      bot(...plain, "  description: x $｛var.y｝"),
      ["7:19 this is ｛ (U+FF5B, full-width brace), not {; write ${var.y}"],
    ],
  ])("%s", async (_what, text, expected) => {
    expect(await tell(text)).toEqual(expected);
  });

  test("in a project file too, whose manifests aren't blamed", async () => {
    const project = "apiVersion: cozeform/v1\nkind: Project\nname：t\nenvironments: {dev: {}}\n";
    const { diagnostics } = await loadFiles({ "cozeform.yaml": project, "a.yaml": workspace }, { kinds });
    expect(diagnostics.map(({ at, message }) => `${at?.file}:${at?.line}:${at?.column} ${message}`)).toEqual([
      "cozeform.yaml:3:5 this is ： (U+FF1A, full-width colon), not :",
    ]);
  });

  test("with the other mistakes of other files, and what refers to the manifest is right", async () => {
    const files = {
      "a.yaml": workspace.replace("name: desk", "name：desk"),
      "b.yaml": bot(...plain, "  nickname: b"),
    };
    const { diagnostics } = await loadFiles(files, { kinds });
    expect(diagnostics.map(({ at, code }) => `${at?.file}:${at?.line} ${code}`)).toEqual([
      "a.yaml:3 yaml-syntax",
      "b.yaml:7 unknown-key",
    ]);
  });
});

const column = (found: number, wanted: number, line: number) =>
  `this line starts in column ${found} instead of column ${wanted}; start it where line ${line} starts: all keys of a map, and all items of a list, start in the same column`;
const noSpace = "the colon has no space after it; write : and a space; quote strings that contain a colon";
const tab = "this line is indented with a tab; indent with spaces";

describe("one line that is written wrongly is one error, at that line", () => {
  test.each<[string, string, readonly string[]]>([
    [
      "a key one space out",
      bot(
        "  workspace: desk",
        " name: a",
        "  description: x",
        "  prompt: y",
        "  publish: {connectors: [api]}",
      ),
      [`6:2 ${column(2, 3, 5)}`],
    ],
    ["one too far in", bot("  workspace: desk", "   name: a", "  prompt: y"), [`6:4 ${column(4, 3, 5)}`]],
    [
      "one far out",
      bot("  workspace: desk", "name: a", "  description: x", "  prompt: y"),
      [`6:1 ${column(1, 3, 5)}`],
    ],
    [
      "one in a nested map",
      bot(...plain, "  model:", "    id: '1'", "   temperature: 0.7", "  prompt: y"),
      [`9:4 ${column(4, 5, 8)}`],
    ],
    ["a tab", bot("  workspace: desk", "\tname: a", "  prompt: y"), [`6:1 ${tab}`]],
    ["tabs, at each line", bot("\tworkspace: desk", "\tname: a"), [`5:1 ${tab}`, `6:1 ${tab}`]],
    ["no space behind a colon", bot("  workspace: desk", "  name:a", "  prompt: y"), [`6:7 ${noSpace}`]],
    ["the same in braces", bot(...plain, '  model: {id:"1"}'), [`7:13 ${noSpace}`]],
    [
      "no space behind a dash",
      bot(...plain, "  publish:", "    connectors:", "      -api"),
      ["9:7 spec.publish.connectors: expected a list, found a string; write - and a space"],
    ],
    [
      "a quote that isn't closed",
      bot("  workspace: desk", '  name: "a', "  description: x", '  prompt: "b"'),
      ['6:9 the " on line 6 isn\'t closed; write " where the string ends'],
    ],
    [
      "a brace that isn't closed",
      bot(...plain, "  model: {id: '1'", "  description: 你好，世界", "  prompt: y"),
      ["7:10 the { on line 7 isn't closed; write } where the map ends"],
    ],
  ])("%s", async (_what, text, expected) => {
    expect(await tell(text)).toEqual(expected);
  });
});

const ofText = (line: number, from: number) =>
  `this line belongs to the text of line ${line}; indent it: all lines of the text start in column ${from} or further to the right`;

describe("a text whose lines aren't indented far enough is one error, and its signs are right", () => {
  const steps = ["步骤一：问好", "步骤二：“查询”", "步骤三，结束"];
  const publish = "  publish: {connectors: [api]}";
  test.each<[string, string, readonly string[]]>([
    ["all but its first line", bot(...plain, "  prompt: |", "    你好", ...steps), [`9:1 ${ofText(7, 5)}`]],
    [
      "with a key below",
      bot(...plain, "  prompt: |", "    你好", ...steps, publish),
      [`9:1 ${ofText(7, 5)}`],
    ],
    ["all its lines", bot(...plain, "  prompt: >-", ...steps, publish), [`8:1 ${ofText(7, 5)}`]],
    [
      "in column 3",
      bot(...plain, "  prompt: |", ...steps.map((one) => `  ${one}`), publish),
      [`8:3 ${ofText(7, 5)}`],
    ],
    [
      "one line",
      bot(...plain, "  prompt: |", "    你好", "注意：“不要”，别", "    再见", publish),
      [`9:1 ${ofText(7, 5)}`],
    ],
    [
      "one with a colon of ASCII",
      bot(...plain, "  prompt: |", "    你好", "注意: “不要”，别", "    再见", publish),
      [`9:1 ${ofText(7, 5)}`],
    ],
    [
      "one that begins like a key",
      bot(...plain, "  prompt: |", "    你好", "Note: “不要”，别", "    再见", publish),
      [`9:1 ${column(1, 5, 8)}`],
    ],
    [
      "behind an empty line",
      bot(...plain, "  prompt: |", "    你好", "", ...steps, "", publish),
      [`10:1 ${ofText(7, 5)}`],
    ],
    [
      "with words that look like keys",
      bot(...plain, "  prompt: |", "    你好", "步骤一：问好", "FAQ：“查询”", "步骤三，结束", publish),
      [`9:1 ${ofText(7, 5)}`],
    ],
    [
      "in another document",
      `${workspace.replace("desk}", "d2}").replace("name: d,", "name: e,")}---\n${bot(...plain, "  prompt: |", "    你好", ...steps)}`,
      [`14:1 ${ofText(12, 5)}`],
    ],
    [
      "and another slip below",
      bot(...plain, "  prompt: |", "    你好", ...steps, "  description：你好"),
      [`9:1 ${ofText(7, 5)}`, `12:14 ${colon}`],
    ],
    ["a tab in it", bot(...plain, "  prompt: |", "  你好", "\t再见", publish), [`9:1 ${tab}`]],
    ["a tab in it, alone", bot(...plain, "  prompt: |", "    你好", "\t再见", publish), [`9:1 ${tab}`]],
    [
      "tabs in braces",
      bot(...plain, "  onboarding: {", "\tprologue: 你好,", "\tsuggested_questions: [a]", "  }"),
      [`8:1 ${tab}`],
    ],
    ["one tab in braces", bot(...plain, "  onboarding: {", "\tprologue: 你好", "  }"), [`8:1 ${tab}`]],
    [
      "tabs in brackets",
      bot(...plain, "  publish:", "    connectors: [", "\t\tapi,", "\t\tchat_sdk", "\t]"),
      [`9:1 ${tab}`],
    ],
  ])("%s", async (_what, text, expected) => {
    expect(await tell(text)).toEqual(expected);
  });
});

describe("many slips are found without reading the text again for each", () => {
  /** How many characters YAML reads to mend a text, and how many slips are found. */
  function measure(text: string) {
    let read = 0;
    const { slips } = mendSlips(text, (one) => {
      read += one.length;
      const errors = parseAllDocuments(one, { logLevel: "silent", prettyErrors: false }).flatMap(
        (document) => document.errors,
      );
      const offsets = errors.map(({ pos }) => pos[0]).sort((a, b) => a - b);
      return { tokens: [...new Parser().parse(one)], errors: offsets };
    });
    return { read, slips: slips.length };
  }

  test("those of many documents", () => {
    const faulty = bot(
      ...plain,
      "  prompt: |",
      "    第一行",
      "步骤一：问好",
      "步骤二，结束",
      "  nickname：x",
    );
    const text = Array.from({ length: 40 }, () => faulty).join("---\n");
    const { read, slips } = measure(text);
    expect(slips).toBe(80);
    expect(read / text.length).toBeLessThan(30);
  });

  test("those of one, of which no guess helps", () => {
    const text = bot(...Array.from({ length: 60 }, (_, index) => `  k${index}: @你好，“世界”：｛好｝，x`));
    expect(measure(text).read / text.length).toBeLessThan(100);
  });
});

describe("hints fit the field, and say how far YAML goes", () => {
  test.each<[string, string, readonly string[]]>([
    [
      "an octal number where a number is wanted",
      bot(...plain, '  model: {id: "1", temperature: 012}'),
      ["7:33 the number 012 would lose digits; write 12"],
    ],
    [
      "where a string is wanted",
      bot(...plain, "  model: {id: 012}"),
      ['7:15 the number 012 would lose digits; quote it: "012"'],
    ],
    [
      "a number that is too long",
      bot(...plain, '  model: {id: "1", max_tokens: 7455555555555555555555}'),
      ["7:32 the number 7455555555555555555555 would lose digits; write a number of at most 15 digits"],
    ],
    [
      "infinity",
      bot(...plain, '  model: {id: "1", temperature: .inf}'),
      ["7:33 .inf isn't a finite number; write a finite number"],
    ],
    [
      "a number in sixties",
      bot(...plain, '  model: {id: "1", temperature: 1:30}'),
      ["7:33 spec.model.temperature: expected a number, found a string; write 90"],
    ],
    [
      "a comma in a number",
      bot(...plain, "  model:", '    id: "1"', "    temperature: 0,7"),
      ["9:18 spec.model.temperature: expected a number, found a string; write 0.7"],
    ],
    [
      "a tag",
      bot(...plain, "  prompt: !include p.md"),
      [
        "7:11 the tag !include isn't supported; remove the tag; for the text of a file, write {file: path}; quote strings that begin with !",
      ],
    ],
    [
      "an anchor of another document",
      `${bot("  workspace: &w desk", "  name: a")}---\n${bot("  workspace: *w", "  name: b").replace("name: a", "name: b")}`,
      [
        "12:14 the anchor &w on line 5 isn't known here: anchors end at ---; write the value out, or define &w in this document too",
      ],
    ],
    [
      "an anchor below",
      bot("  workspace: *w", "  name: &w desk"),
      ["5:14 the anchor &w stands below, on line 6; define an anchor before its first *w"],
    ],
  ])("%s", async (_what, text, expected) => {
    expect(await tell(text)).toEqual(expected);
  });
});

const prose = fc
  .tuple(
    fc.constantFrom(..."你请这客服格式"),
    fc.array(
      fc.constantFrom(
        ..."你好请问退货发票：，。；！？、（）【】「」《》“”‘’—…·｜＃－～％１２ＡＢ．＄｛｝［］ a1",
      ),
      {
        maxLength: 40,
      },
    ),
    fc.constantFrom(..."你好。！？）”"),
  )
  .map(([first, rest, last]) => first + rest.join("") + last);

const written = fc
  .tuple(prose, prose, prose, prose, fc.constantFrom("|", ">-"))
  .map(([one, two, three, four, sign]) => [
    "  workspace: desk",
    `  name: ${JSON.stringify([...one].slice(0, 20).join(""))}`,
    `  description: ${two}`,
    `  prompt: ${sign}`,
    `    ${three}：${four}`,
    `    ${four}`,
    `  onboarding: {prologue: '${two}', suggested_questions: ["${one.replaceAll('"', "")}", '${four}']}`,
  ]);

test("Chinese prose is never blamed, be the rest right or wrong", async () => {
  await fc.assert(
    fc.asyncProperty(written, async (spec) => {
      expect(await tell(bot(...spec))).toEqual([]);
      expect(await tell(bot(...spec, "  nickname: x"))).toEqual([
        expect.stringMatching(/^12:3 unknown key/u),
      ]);
      expect(await tell(bot(...spec, "  model: {id: '1'"))).toEqual([
        expect.stringMatching(/^12:10 the \{/u),
      ]);
      expect(await tell(bot(...spec, "  model：x"))).toEqual([`12:8 ${colon}`]);
    }),
    { numRuns: 15 },
  );
});
