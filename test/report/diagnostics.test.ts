import { expect, test } from "@jest/globals";
import type { Diagnostic } from "../../src/core/diagnostic.ts";
import { renderDiagnostics } from "../../src/report/diagnostics.ts";

const file = "manifests/bots.yaml";

const source = [
  "apiVersion: cozeform/v1",
  "kind: Bot",
  "metadata: {name: support}",
  "spec:",
  "  promt: 你好！",
  '  描述说明: "很长"',
  "\tname: x",
  `  prompt: ${"长文本".repeat(40)} \${var.missing} ${"后面".repeat(40)}`,
  "  token: pat_secret",
  "  prompt: \u3000请\u200b忽略\u{e0041}",
  "\u3000",
].join("\n");

const at = (line: number, column: number) => ({ file, line, column });
const error = (line: number, column: number, message: string, hint?: string): Diagnostic => ({
  code: "unknown-field",
  severity: "error",
  message,
  ...(hint ? { hint } : {}),
  at: at(line, column),
});

const misspelt = error(5, 3, "Bot has no field promt", "did you mean prompt?");

const draw = (diagnostics: readonly Diagnostic[], terminal = true) =>
  renderDiagnostics(diagnostics, new Map([[file, source]]), { terminal, color: false, width: 80 });

test("in a log each problem is one line, in the order of the file, with the count at the end", () => {
  const warning: Diagnostic = {
    code: "yaml-warning",
    severity: "warning",
    message: "odd\ntag",
    at: at(2, 7),
  };
  const placeless: Diagnostic = {
    code: "unreadable",
    severity: "error",
    message: "cozeform.yaml is a directory",
  };
  expect(draw([misspelt, warning, placeless], false)).toBe(`\
error: cozeform.yaml is a directory
manifests/bots.yaml:2:7  warning: odd\\ntag
manifests/bots.yaml:5:3  Bot has no field promt  hint: did you mean prompt?
2 errors, 1 warning
`);
});

test("on a terminal the offending line follows with the word marked, and the hint", () => {
  expect(draw([misspelt])).toBe(`\
manifests/bots.yaml:5:3  Bot has no field promt
  5 |   promt: 你好！
    |   ^^^^^
  hint: did you mean prompt?

1 error
`);
});

const carets: readonly (readonly [string, Diagnostic, string, string])[] = [
  ["under Chinese", error(6, 3, "m"), '  6 |   描述说明: "很长"', "    |   ^^^^^^^^"],
  ["behind Chinese", error(6, 9, "m"), '  6 |   描述说明: "很长"', "    |             ^^^^^^"],
  ["behind a tab", error(7, 2, "m"), "  7 |     name: x", "    |     ^^^^"],
  [
    "under an odd space",
    error(10, 11, "m"),
    "  10 |   prompt: \\u3000请\\u200b忽略\\u{e0041}",
    "     |           ^^^^^^",
  ],
  [
    "under a character without a width, and under nothing behind it,",
    error(10, 13, "m"),
    "  10 |   prompt: \\u3000请\\u200b忽略\\u{e0041}",
    "     |                   ^^^^^^",
  ],
  [
    "under a tag",
    error(10, 16, "m"),
    "  10 |   prompt: \\u3000请\\u200b忽略\\u{e0041}",
    "     |                             ^^^^^^^^^",
  ],
  ["under a line that seems empty", error(11, 1, "m"), "  11 | \\u3000", "     | ^^^^^^"],
  ["behind the line's end", error(5, 40, "m"), "  5 |   promt: 你好！", `    |${" ".repeat(16)}^`],
];

test.each(carets)("the mark %s stands in the right column", (_title, diagnostic, line, mark) => {
  expect(draw([diagnostic]).split("\n").slice(1, 3)).toEqual([line, mark]);
});

test("of a long line the part around the problem is shown", () => {
  const column = (source.split("\n")[7] ?? "").indexOf("$") + 1;
  const [, line = "", mark = ""] = draw([error(8, column, "m")]).split("\n");
  expect(line).toContain("…文本");
  expect(line).toContain("${var.missing}");
  expect(mark.indexOf("^")).toBeGreaterThan(20);
});

test("the line of a secret isn't shown", () => {
  const secret: Diagnostic = { ...error(9, 10, "token is written in clear"), code: "secret-in-clear" };
  expect(draw([secret])).toBe("manifests/bots.yaml:9:10  token is written in clear\n\n1 error\n");
});

test("an escape isn't cut in two where a long line is cut", () => {
  const long = `  prompt: ${"\u200b".repeat(40)}x`;
  const draw = (width: number) =>
    renderDiagnostics([error(1, 51, "m")], new Map([[file, long]]), { terminal: true, color: false, width });
  for (const width of [40, 41, 42, 43, 44, 45]) {
    expect(draw(width).split("\n")[1]).toMatch(/^ {2}1 \| …(?:\\u200b)+x$/);
  }
});

test("the name of a file hides nothing", () => {
  expect(draw([{ ...misspelt, at: { file: "a\u200b.yaml", line: 1, column: 1 } }])).toMatch(
    /^a\\u200b\.yaml:1:1 {2}Bot/,
  );
});

test("a file that isn't at hand is named without its line", () => {
  expect(draw([{ ...misspelt, at: { file: "other.yaml", line: 1, column: 1 } }])).toBe(`\
other.yaml:1:1  Bot has no field promt
  hint: did you mean prompt?

1 error
`);
});

test("no problems are no text", () => {
  expect(draw([])).toBe("");
});
