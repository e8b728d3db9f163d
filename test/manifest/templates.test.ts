import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { kinds } from "../../src/kinds/index.ts";
import type { LoadOptions } from "../../src/manifest/load.ts";
import { escapeTemplate, splitTemplate } from "../../src/manifest/values/templates.ts";
import { type Files, loadFiles } from "./toy-project.ts";

const bot = (spec: string, metadata = "{name: a}", name = "a") =>
  `apiVersion: cozeform/v1\nkind: Bot\nmetadata: ${metadata}\nspec: {workspace: {id: "1"}, name: ${name}, ${spec}}\n`;

/** The prompts of a project's bots, and what is told of it. */
async function load(files: Files, options: Partial<LoadOptions> = {}) {
  const project = await loadFiles(files, { kinds, ...options });
  return {
    prompts: project.resources.map(({ spec }) => spec.prompt),
    told: project.diagnostics.map(
      ({ at, severity, message, hint }) =>
        `${at?.file}:${at?.line}:${at?.column} ${severity === "warning" ? "warning " : ""}${message}; ${hint}`,
    ),
    project,
  };
}

/** The same of one bot whose prompt is the template `p/a.md`. */
const fill = (files: Files, options: Partial<LoadOptions> = {}) =>
  load({ "bot.yaml": bot("prompt: {template: p/a.md}"), ...files }, options);

describe("a template is its file with variables and other files put in, and literal otherwise", () => {
  test.each<[string, Files, string]>([
    ["a variable", { "p/a.md": "你好，${var.shop}！\n" }, "你好，和风！\n"],
    ["blanks within the braces", { "p/a.md": "${ var.shop }" }, "和风"],
    ["a number", { "p/a.md": "${var.days}天" }, "7天"],
    ["a literal", { "p/a.md": "$${var.shop} $$${x}" }, "${var.shop} $${x}"],
    ["what isn't ours", { "p/a.md": "${x} ${HOME} ${} ${ a } {{user_name}} $var.shop" }, ""],
    ["an opening brace that isn't ours", { "p/a.md": "${x\n$ {var.shop} ${" }, ""],
    ["a file", { "p/a.md": "甲\n${file:p/b.md}乙", "p/b.md": "丙\n" }, "甲\n丙\n乙"],
    [
      "a file that includes another, both with variables",
      { "p/a.md": "<${file:p/b.md}>", "p/b.md": "[${var.shop}${file:p/c/c.md}]", "p/c/c.md": "${var.days}" },
      "<[和风7]>",
    ],
    ["a file that is included twice", { "p/a.md": "${file:p/b.md}${file:./p/b.md}", "p/b.md": "x" }, "xx"],
    ["a value that looks like an interpolation", { "p/a.md": "${var.odd}" }, "${var.shop} $${x}"],
    [
      "line ends of Windows and a mark",
      { "p/a.md": "\ufeff甲\r\n${file:p/b.md}", "p/b.md": "\ufeff乙\r\n" },
      "甲\n乙\n",
    ],
    ["an empty file", { "p/a.md": "x${file:p/b.md}", "p/b.md": "" }, "x"],
  ])("%s", async (_, files, expected) => {
    const variables = { shop: "和风", days: "7", odd: "${var.shop} $${x}" };
    const { prompts, told } = await fill(files, { variables });
    expect(told).toEqual([]);
    expect(prompts).toEqual([expected || files["p/a.md"]]);
  });

  test("items of a for_each each fill it", async () => {
    const files = {
      "bot.yaml": bot(
        "prompt: {template: 'p/${each.key}.md'}, onboarding: {prologue: {template: p/hi.md}}",
        "{name: b, for_each: {x: {shop: 东, n: 1}, y: {shop: 西, n: 2}}}",
        "'${each.key}'",
      ),
      "p/x.md": "x ${each.value.shop}",
      "p/y.md": "y ${file:p/hi.md}",
      "p/hi.md": "${each.value.shop}店 ${each.value.n}",
    };
    const { prompts, told, project } = await load(files);
    expect(told).toEqual([]);
    expect(prompts).toEqual(["x 东", "y 西店 2"]);
    expect(project.resources.map(({ spec }) => spec.onboarding)).toEqual([
      { prologue: "东店 1" },
      { prologue: "西店 2" },
    ]);
    expect(project.files).toEqual(["bot.yaml", "p/hi.md", "p/x.md", "p/y.md"]);
  });

  test("whatever a text holds, its escaped form gives it back", () => {
    const part = fc.constantFrom(
      "$",
      "{",
      "}",
      "${var.x}",
      "${file:a}",
      "$${",
      "${x}",
      "\n",
      " ",
      "甲",
      "${ each.k",
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join("");
        const tokens = splitTemplate(escapeTemplate(text));
        expect(tokens.map((token) => (token.type === "literal" ? token.text : token.type)).join("")).toBe(
          text,
        );
      }),
      { numRuns: 1000 },
    );
  });
});

const deep = (count: number): Files =>
  Object.fromEntries(
    Array.from({ length: count + 1 }, (_, index) => [
      `p/${index === 0 ? "a" : index}.md`,
      index === count ? "底" : `\${file:p/${index + 1}.md}`,
    ]),
  );

describe("what is wrong with a template is told where it stands in its file, with the way there", () => {
  test.each<[string, Files, readonly string[]]>([
    [
      "a variable that isn't set",
      { "p/a.md": "甲\n乙 ${var.shpo}" },
      [
        'p/a.md:2:3 the variable shpo isn\'t set (read through bot.yaml:4:58); did you mean "shop"? Otherwise pass --var shpo=…, or set environments.default.variables.shpo in cozeform.yaml',
      ],
    ],
    [
      "one in a file that is included",
      { "p/a.md": "\n ${file:p/b.md}", "p/b.md": "${var.gone} ${each.key}" },
      [
        "p/b.md:1:1 the variable gone isn't set (read through p/a.md:2:2, bot.yaml:4:58); pass --var gone=…, or set environments.default.variables.gone in cozeform.yaml",
        "p/b.md:1:13 ${each.key} is only available with metadata.for_each (read through p/a.md:2:2, bot.yaml:4:58); add metadata.for_each, or write $${ for a literal ${",
      ],
    ],
    [
      "a file that isn't there",
      { "p/a.md": "${file:p/bb.md}", "p/b.md": "" },
      ["p/a.md:1:1 there is no file p/bb.md (read through bot.yaml:4:58); did you mean p/b.md?"],
    ],
    [
      "a file outside the project",
      { "p/a.md": "${file:../b.md}" },
      [
        "p/a.md:1:1 ../b.md is outside the project's directory (read through bot.yaml:4:58); copy the file into the project and name it relative to cozeform.yaml, or allow it with COZEFORM_ALLOW_READ",
      ],
    ],
    [
      "files that include each other",
      { "p/a.md": "${file:p/b.md}", "p/b.md": "\n${file:p/c.md}", "p/c.md": "${file:p/b.md}" },
      [
        "p/c.md:1:1 p/b.md includes itself: p/b.md -> p/c.md -> p/b.md (read through p/b.md:2:1, p/a.md:1:1, bot.yaml:4:58); remove one of these ${file:…}",
      ],
    ],
    [
      "a file that includes itself",
      { "p/a.md": "${file:p/../p/a.md}" },
      [
        "p/a.md:1:1 p/a.md includes itself: p/a.md -> p/a.md (read through bot.yaml:4:58); remove one of these ${file:…}",
      ],
    ],
    [
      "an interpolation that isn't closed on its line",
      { "p/a.md": "${var.shop\n} ${file:p/b.md" },
      [
        "p/a.md:1:1 ${ is never closed (read through bot.yaml:4:58); close it with }, or write $${ for a literal ${",
        "p/a.md:2:3 ${ is never closed (read through bot.yaml:4:58); close it with }, or write $${ for a literal ${",
      ],
    ],
    [
      "a path with something to put in",
      { "p/a.md": "${file:p/${var.shop}.md}" },
      [
        "p/a.md:1:1 the path of a file that is included is written out; nothing is put into it (read through bot.yaml:4:58); write ${file:prompts/x.md}, or name the file to choose by {template: …} in the manifest",
      ],
    ],
    [
      "full-width signs",
      { "p/a.md": "\n好 ${var。shop}" },
      [
        "p/a.md:2:8 this is 。 (U+3002, ideographic full stop), not . (read through bot.yaml:4:58); write ${var.shop}",
      ],
    ],
    [
      "a secret in a file that is included",
      {
        "p/a.md": "${file:p/b.md}",
        "p/b.md": "\n pat_0A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v2W3x4Y5z6A7b8C9d0E1f",
      },
      [
        "p/b.md:2:2 this is a Coze token in plain text (read through p/a.md:1:1, bot.yaml:4:58); revoke it if anyone else has seen this file, then remove it: this text is sent to Coze as it is, and plans show it",
      ],
    ],
    [
      "a secret of the environment",
      { "p/a.md": "甲 ${env.COZE_X}" },
      [
        "p/a.md:1:3 ${env.COZE_X} is a secret, but values here are shown in plans and stored in the state; write ${var.NAME} and set it as a variable if it isn't a secret: --var NAME=…, COZEFORM_VAR_NAME, or variables: in cozeform.yaml",
      ],
    ],
    [
      "a secret of the environment that isn't set, at once",
      { "p/a.md": "甲 ${env.COZE_UNSET}" },
      [
        "p/a.md:1:3 ${env.COZE_UNSET} is a secret, but values here are shown in plans and stored in the state (read through bot.yaml:4:58); write ${var.NAME} and set it as a variable if it isn't a secret: --var NAME=…, COZEFORM_VAR_NAME, or variables: in cozeform.yaml",
      ],
    ],
    [
      "a text that is too long, where it gets so",
      { "p/a.md": `甲\n\${file:p/b.md}`, "p/b.md": `${"乙".repeat(19_998)}\n丙` },
      [
        "p/b.md:1:19999 spec.prompt has 20,002 characters (in its file), at most 20,000 are allowed; shorten it by 2",
      ],
    ],
    [
      "invisible characters",
      { "p/a.md": `甲\n\${file:p/b.md}`, "p/b.md": "\n乙\u200b丙" },
      [
        "p/b.md:2:2 warning this text contains U+200B (zero width space); remove it, unless it is intended: models read it, people don't see it",
      ],
    ],
    [
      "a word that was written for one of ours",
      { "p/a.md": "${vars.shop} ${File:p/b.md} ${files.length}" },
      [
        "p/a.md:1:1 warning ${vars.shop} stays as it is, and is sent to Coze so (read through bot.yaml:4:58); did you mean ${var.shop}? If not, write $${ for a literal ${",
        "p/a.md:1:14 warning ${File:p/b.md} stays as it is, and is sent to Coze so (read through bot.yaml:4:58); did you mean ${file:p/b.md}? If not, write $${ for a literal ${",
      ],
    ],
    ...[
      ["${vra.shop}", "${var.shop}"],
      ["${vr.shop}", "${var.shop}"],
      ["${evn.COZE_X}", "${env.COZE_X}"],
      ["${eahc.key}", "${each.key}"],
      ["${var:shop}", "${var.shop}"],
      ["${varshop}", "${var.shop}"],
      ["${fiel:p/b.md}", "${file:p/b.md}"],
    ].map(([text = "", likely = ""]): [string, Record<string, string>, string[]] => [
      `${text}, a slip`,
      { "p/a.md": `甲 ${text}` },
      [
        `p/a.md:1:3 warning ${text} stays as it is, and is sent to Coze so (read through bot.yaml:4:58); did you mean ${likely}? If not, write $\${ for a literal \${`,
      ],
    ]),
    [
      "what programs and shells write",
      { "p/a.md": "${user.name} ${VAR:-x} ${VAR:0:3} ${variable} ${varmint} ${files.length} ${eachOther}" },
      [],
    ],
  ])("%s", async (_, files, expected) => {
    const { told } = await fill(files, { variables: { shop: "和风" }, env: { COZE_X: "geheim" } });
    expect(told).toEqual(expected);
  });

  test("a file of another name in the same folder wasn't meant", async () => {
    const { told } = await fill({ "p/a.md": "${file:p/缺.md} ${file:p/nix.md}" });
    expect(told).toHaveLength(2);
    expect(told.join("\n")).not.toContain("did you mean");
  });

  test("a file that a manifest itself would include, with the way to do that", async () => {
    const { told } = await load({ "bot.yaml": bot('prompt: "甲 ${file:p/b.md}"') });
    expect(told).toEqual([
      "bot.yaml:4:50 ${file:p/b.md} puts a file's text into templates only; write {template: PATH} here, and ${file:p/b.md} in that template, or write $${ for a literal ${",
    ]);
  });

  test("files are included at most 8 deep", async () => {
    expect(await fill(deep(8))).toMatchObject({ prompts: ["底"], told: [] });
    const { told } = await fill(deep(9));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^p\/8\.md:1:1 files are included more than 8 deep: p\/a\.md -> p\/1\.md -> .* -> p\/8\.md \(/u,
    );
  });

  test("files that multiply are stopped", async () => {
    const files: Record<string, string> = {};
    for (let index = 0; index < 8; index += 1)
      files[`p/${index === 0 ? "a" : index}.md`] = `\${file:p/${index + 1}.md}`.repeat(100);
    const { told } = await fill({ ...files, "p/8.md": "一二三四五六七八九十" });
    expect(told[0]).toMatch(/ this template grows beyond 16 million characters \(/u);
    expect((await fill({ ...files, "p/8.md": "" })).prompts).toEqual([""]);
  });

  test("one mistake in a file that many bots share is told once", async () => {
    const bots = Array.from({ length: 60 }, (_, index) =>
      bot("prompt: {template: p/a.md}", `{name: b${index + 10}}`, `b${index + 10}`),
    );
    const { told } = await load({ "bots.yaml": bots.join("---\n"), "p/a.md": "${var.x}" });
    expect(told).toEqual([
      "p/a.md:1:1 the variable x isn't set (read through bots.yaml:4:60, and through 59 more); pass --var x=…, or set environments.default.variables.x in cozeform.yaml",
    ]);
  });

  test("the line with the mistake is at hand for reports, without secrets", async () => {
    const { project } = await fill({
      "p/a.md": "${var.x} pat_0A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v2W3x4Y5z6A7b8C9d0E1f",
    });
    expect(project.sources.get("p/a.md")).toBe(`\${var.x} ${"*".repeat(68)}`);
  });
});

describe("a file stays literal", () => {
  test("and what a template would put in is warned of, if it is set", async () => {
    const text =
      "${var.shop} ${var.gone} ${x} $${var.shop} ${var.shop} ${each.key} ${env.COZE_X} ${env.COZE_Y}";
    const files = { "bot.yaml": bot("prompt: {file: p/a.md}", "{name: a, for_each: [x]}"), "p/a.md": text };
    const { prompts, told } = await load(files, { variables: { shop: "和风" }, env: { COZE_X: "x" } });
    expect(prompts).toEqual([text]);
    const warn = (column: number, what: string) =>
      `p/a.md:1:${column} warning ${what} stays as it is: {file: …} puts nothing in (Bot.a["x"]); write {template: p/a.md} to have it put in`;
    expect(told).toEqual([warn(1, "${var.shop}"), warn(55, "${each.key}"), warn(67, "${env.COZE_X}")]);
  });

  test("one of both is named", async () => {
    const { told } = await load({ "bot.yaml": bot("prompt: {file: a.md, template: b.md}") });
    expect(told).toEqual([
      "bot.yaml:4:60 spec.prompt requires exactly one of file, template; found file, template; remove one of them",
    ]);
  });
});

test("patches and checks take templates", async () => {
  const files = {
    "cozeform.yaml":
      "apiVersion: cozeform/v1\nkind: Project\nmanifests: [bot.yaml]\nenvironments: {prod: {patches: [prod.yaml], variables: {who: 我}}}\n",
    "bot.yaml": `${bot("prompt: {file: p/b.md}")}checks: [{name: hi, say: {template: p/a.md}, expect: 好}]\n`,
    "prod.yaml":
      "apiVersion: cozeform/v1\nkind: Bot\nmetadata: {name: a}\nspec: {prompt: {template: p/a.md}}\n",
    "p/a.md": "${var.who}",
    "p/b.md": "b",
  };
  const { prompts, told, project } = await load(files);
  expect(told).toEqual([]);
  expect(prompts).toEqual(["我"]);
  expect(project.resources[0]?.checks?.[0]?.say).toBe("我");
});
