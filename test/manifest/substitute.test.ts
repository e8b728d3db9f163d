import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { stringify } from "yaml";
import { collectDiagnostics } from "../../src/manifest/collected-problems.ts";
import type { Problem } from "../../src/manifest/problems.ts";
import { escapeInterpolation, type Scope, substitute } from "../../src/manifest/values/substitute.ts";
import { parseYaml } from "../../src/manifest/yaml/parse.ts";
import { toJson } from "../../src/manifest/yaml/source-tree.ts";

const scope: Scope = {
  variables: new Map([
    ["x", { value: "ex", source: "ex", from: "variable" }],
    ["price", { value: 1.1, source: "1.10", from: "variable" }],
    ["on", { value: true, source: "true", from: "variable" }],
  ]),
  env: { HOME_TOWN: "杭州" },
  environmentName: "dev",
};

function put(text: string, within: Scope = scope) {
  const complaints: Problem[] = [];
  const [parsed] = parseYaml("a.yaml", stringify([text]), (_, complaint) => complaints.push(complaint));
  if (!parsed) throw new Error("nothing parsed");
  const put = substitute(parsed.root, within, (_, complaint) => complaints.push(complaint));
  const json = toJson(put);
  return { value: Array.isArray(json) ? json[0] : json, codes: complaints.map(({ code }) => code) };
}

describe("interpolation", () => {
  test.each([
    ["${var.x}", "ex"],
    ["a ${var.x} b ${env.HOME_TOWN}", "a ex b 杭州"],
    ["${ var.x }", "ex"],
    ["${var.price}", 1.1],
    ["${var.on}", true],
    ["for ${var.price}", "for 1.10"],
    ["{{user_name}} and {x}", "{{user_name}} and {x}"],
    ["$${var.x}", "${var.x}"],
    ["$$${var.x}", "$${var.x}"],
    ["$$", "$$"],
    ["$5 {a}", "$5 {a}"],
    ["", ""],
  ])("%s becomes %s", (text, expected) => {
    expect(put(text)).toEqual({ value: expected, codes: [] });
  });

  test.each([
    ["${var.y}", "unset-variable"],
    ["${env.toString}", "unset-variable"],
    ["${var.}", "bad-interpolation"],
    ["${}", "bad-interpolation"],
    ["${x}", "bad-interpolation"],
    ["${var.x", "bad-interpolation"],
    ["${each.key}", "bad-interpolation"],
  ])("%s is reported", (text, code) => {
    expect(put(text).codes).toEqual([code]);
  });

  test("every text survives being escaped and interpolated", () => {
    const unit = fc.oneof(
      fc.constantFrom("$", "{", "}", "${", "$${", "var.x", "字"),
      fc.string({ unit: "grapheme", maxLength: 3 }),
    );
    const texts = fc.array(unit).map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, (text) => {
        expect(put(escapeInterpolation(text))).toEqual({ value: text, codes: [] });
      }),
      { numRuns: 300 },
    );
  });

  test("a text without ${ is never changed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(!text.includes("${"));
        expect(put(text).value).toBe(text);
      }),
    );
  });
});

test("a problem is kept once per place and message", () => {
  const { report, diagnostics } = collectDiagnostics();
  const at = { file: "a.yaml", line: 1, column: 1 };
  report(at, { code: "missing", message: "a is missing" });
  report(at, { code: "missing", message: "a is missing" });
  report(at, { code: "missing", message: "b is missing" });
  expect([...diagnostics]).toHaveLength(2);
});
