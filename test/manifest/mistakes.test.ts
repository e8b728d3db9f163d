import { describe, expect, test } from "@jest/globals";
import { boxManifest, brief, type Files, loadFiles, manifest } from "./toy-project.ts";

/** One mistake: the lines of a spec from line 7 on, after `box` and `name`, and what is said of them. */
interface Mistake {
  readonly title: string;
  readonly spec: readonly string[];
  readonly at: string;
  readonly message?: string;
  readonly hint?: string;
  readonly files?: Files;
}

const mistakes: readonly Mistake[] = [
  {
    title: "a misspelt key",
    spec: ["colour: red"],
    at: "7:3 unknown-key",
    message: 'unknown key "colour" in spec',
    hint: 'did you mean "color"?',
  },
  {
    title: "a key in the wrong case",
    spec: ["paint: {color: red, Gloss: 1}"],
    at: "7:23 unknown-key",
    hint: 'did you mean "gloss"?',
  },
  {
    title: "a key that nothing resembles",
    spec: ["paint: {color: red, temperature: 1}"],
    at: "7:23 unknown-key",
    hint: "known keys: gloss",
  },
  {
    title: "a misspelt required key, said once",
    spec: ["paint: {colr: red}"],
    at: "7:11 unknown-key",
    hint: 'did you mean "color"?',
  },
  {
    title: "a missing key",
    spec: ["paint:", "  gloss: 1"],
    at: "7:3 missing",
    message: "spec.paint.color is missing",
    hint: "set it to a string",
  },
  { title: "a missing key of a flow map", spec: ["paint: {gloss: 1}"], at: "7:10 missing" },
  {
    title: "a field that only Coze sets",
    spec: ['serial: "1"'],
    at: "7:3 computed-field",
    message: "spec.serial is set by Coze",
    hint: "remove it",
  },
  {
    title: "a field within a field that only Coze sets",
    spec: ["paint:", "  color: red", "  code: x"],
    at: "9:5 computed-field",
    message: "spec.paint.code is set by Coze",
  },
  {
    title: "a text for a list",
    spec: ["tags: new"],
    at: "7:9 wrong-type",
    message: "spec.tags: expected a list, found a string",
    hint: 'write it as a list: ["new"]',
  },
  {
    title: "a number for a text",
    spec: ["code: 1234"],
    at: "7:9 wrong-type",
    message: "spec.code: expected a string, found a number",
    hint: 'quote it: "1234"',
  },
  {
    title: "a float for a text keeps its zeros",
    spec: ["note: 1.10"],
    at: "7:9 wrong-type",
    hint: 'quote it: "1.10"',
  },
  { title: "a boolean for a text", spec: ["code: true"], at: "7:9 wrong-type", hint: 'quote it: "true"' },
  {
    title: "an id without quotes",
    spec: ["code: 7532000000000000123"],
    at: "7:9 digits-lost",
    message: "the number 7532000000000000123 would lose digits",
    hint: 'quote it: "7532000000000000123"',
  },
  {
    title: "an id without quotes where anything goes",
    spec: ["extra: {id: 7532000000000000123}"],
    at: "7:15 digits-lost",
  },
  {
    title: "leading zeros without quotes",
    spec: ["extra: {id: 007}"],
    at: "7:15 digits-lost",
    hint: 'quote it: "007"',
  },
  { title: "a number that is none", spec: ["weight: .nan"], at: "7:11 wrong-type" },
  {
    title: "a quoted number for a number",
    spec: ['size: "5"'],
    at: "7:9 wrong-type",
    message: "spec.size: expected an integer, found a string",
    hint: "write it without quotes",
  },
  { title: "a fraction for an integer", spec: ["size: 1.5"], at: "7:9 wrong-type" },
  {
    title: "yes for a boolean",
    spec: ["shiny: yes"],
    at: "7:10 wrong-type",
    hint: "write true or false, without quotes",
  },
  {
    title: "a text for a map",
    spec: ["labels: x"],
    at: "7:11 wrong-type",
    message: "spec.labels: expected a map, found a string",
  },
  { title: "a number in a map of texts", spec: ["labels: {a: b, c: 1}"], at: "7:21 wrong-type" },
  {
    title: "a list for a text that may be a file",
    spec: ["note: [a]"],
    at: "7:9 wrong-type",
    message: "spec.note: expected a string, {file: path} or {template: path}, found a list",
  },
  {
    title: "a misspelt {file}",
    spec: ["note: {fil: a.md}"],
    at: "7:10 unknown-key",
    hint: 'did you mean "file"?',
  },
  { title: "a {file} with more", spec: ["note: {file: a.md, mode: x}"], at: "7:22 unknown-key" },
  {
    title: "an unknown word",
    spec: ["color: gren"],
    at: "7:10 unknown-word",
    message: 'spec.color must be one of red, green, blue; found "gren"',
    hint: "did you mean green?",
  },
  {
    title: "a key without a value",
    spec: ["color:"],
    at: "7:3 no-value",
    hint: "remove the key or set a value",
  },
  { title: "a null", spec: ["size: null"], at: "7:9 no-value" },
  {
    title: "a null in a list",
    spec: ["tags: [a, ~]"],
    at: "7:13 no-value",
    message: "spec.tags[1] has no value",
  },
  { title: "a null for a reference", spec: ["tool: ~"], at: "7:9 no-value" },
  {
    title: "a text that is too long, in characters",
    spec: ['note: "一二三四五六七八九十一二三四五六七八九十😀"'],
    at: "7:9 wrong-length",
    message: "spec.note has 21 characters, at most 20 are allowed",
    hint: "shorten it by 1",
  },
  {
    title: "a text that is too long in its file",
    spec: ["note: {file: n.md}"],
    files: { "n.md": `${"字".repeat(20)}\n` },
    at: "n.md:1:21 wrong-length",
    message: "spec.note has 21 characters (in its file), at most 20 are allowed",
  },
  {
    title: "too many items",
    spec: ["tags: [a, b, c, d]"],
    at: "7:9 wrong-length",
    message: "spec.tags has 4 items, at most 3 are allowed",
  },
  {
    title: "an item twice",
    spec: ["tags: [a, b, a]"],
    at: "7:16 duplicate-item",
    message: "spec.tags[2] is the same as spec.tags[0]",
  },
  {
    title: "an item twice by its key",
    spec: ['outlets: [web, {id: "2", price: 3}]'],
    at: "7:23 duplicate-item",
  },
  {
    title: "a number that is too big",
    spec: ["size: 11"],
    at: "7:9 out-of-range",
    message: "spec.size is 11; the maximum is 10",
  },
  {
    title: "a text of another form",
    spec: ['code: "12"'],
    at: "7:9 malformed",
    message: 'spec.code must be three to eight digits; found "12"',
  },
  {
    title: "no URL",
    spec: ["site: example"],
    at: "7:9 malformed",
    hint: "for example https://example.com/path",
  },
  {
    title: "a URL with letters to encode",
    spec: ["site: https://example.com/退货"],
    at: "7:9 malformed",
    hint: "write https://example.com/%E9%80%80%E8%B4%A7",
  },
  {
    title: "an unknown word for an object",
    spec: ["outlets: [shop, wep]"],
    at: "7:19 unknown-word",
    hint: "did you mean web?",
  },
  {
    title: "a number for an object with words",
    spec: ["outlets: [3]"],
    at: "7:13 wrong-type",
    message: "spec.outlets[0]: expected a map or one of shop, web, found a number",
  },
  {
    title: "two alternatives",
    spec: ["source:", "  url: a", "  file: a.txt"],
    files: { "a.txt": "a" },
    at: "9:5 exactly-one",
    message: "spec.source requires exactly one of file, url; found url, file",
  },
  { title: "none of the alternatives", spec: ["source: {hours: 1}"], at: "7:11 exactly-one" },
  {
    title: "a misspelt alternative, said once",
    spec: ["source: {ulr: a}"],
    at: "7:12 unknown-key",
    hint: 'did you mean "url"?',
  },
  {
    title: "fields that exclude each other",
    spec: ["brief: a", "note: b"],
    at: "8:3 conflict",
    message: "spec.brief and spec.note can't be set together",
  },
  {
    title: "a rule of the kind",
    spec: ["size: 9"],
    at: "7:9 rule",
    message: "what is tiny isn't that big",
    hint: "take 1",
  },
  {
    title: "an unknown reference",
    spec: ["friends: [cup, cap]"],
    at: "7:18 unknown-reference",
    message: 'there is no Thing called "cap"',
    hint: "did you mean cup?",
  },
  {
    title: "an address for a name",
    spec: ["friends: [Thing.cup]"],
    at: "7:13 unknown-reference",
    hint: "write cup",
  },
  {
    title: "an id for a name",
    spec: ['friends: ["7532000000000000123"]'],
    at: "7:13 unknown-reference",
    hint: 'for an id, write {id: "7532000000000000123"}',
  },
  {
    title: "a name in another language",
    spec: ["friends: [茶杯]"],
    at: "7:13 unknown-reference",
    hint: 'for a Thing that cozeform doesn\'t manage, write {id: "…"} or {lookup: {name: …}}',
  },
  {
    title: "a name of what can only be looked up",
    spec: ["tool: hammer"],
    at: "7:9 unknown-reference",
    hint: 'write {id: "…"} or {lookup: {name: …}}',
  },
  {
    title: "a key of what has none",
    spec: ["friends: ['cup[\"a\"]']"],
    at: "7:13 unknown-reference",
    hint: "write cup",
  },
  { title: "an id that is a number", spec: ["tool: {id: 5}"], at: "7:14 wrong-type", hint: 'quote it: "5"' },
  {
    title: "both forms of a reference",
    spec: ['tool: {id: "5", lookup: {name: a}}'],
    at: "7:19 exactly-one",
  },
  {
    title: "no form of a reference",
    spec: ["tool: {}"],
    at: "7:9 exactly-one",
    message: "spec.tool requires exactly one of id, lookup",
  },
  {
    title: "a lookup by an unknown field",
    spec: ["tool: {lookup: {nam: a}}"],
    at: "7:19 unknown-key",
    hint: 'did you mean "name"?',
  },
  {
    title: "an empty lookup",
    spec: ["tool: {lookup: {}}"],
    at: "7:18 wrong-length",
    message: "spec.tool.lookup is empty",
  },
  {
    title: "a lookup within what isn't there",
    spec: ["tool: {lookup: {box: crat, name: a}}"],
    at: "7:24 unknown-reference",
    hint: "did you mean crate?",
  },
  {
    title: "a lookup within what nothing resembles",
    spec: ["tool: {lookup: {box: 仓库, name: a}}"],
    at: "7:24 unknown-reference",
    hint: 'for a Box that cozeform doesn\'t manage, write {id: "…"}',
  },
  {
    title: "what holds the object of a lookup by its name alone",
    spec: ["tool: {lookup: {box: {name: b}, name: a}}"],
    at: "7:25 unknown-key",
    hint: "known keys: id, lookup",
  },
  {
    title: "a lookup that doesn't say within what",
    spec: ["part: {lookup: {name: lid}}"],
    at: "7:18 incomplete-lookup",
    message: "this lookup needs a Tool, and none is set here",
    hint: 'add tool: {id: "…"} to the lookup',
  },
  {
    title: "a missing file",
    spec: ["note: {file: prompts/suport.md}"],
    files: { "prompts/support.md": "a" },
    at: "7:16 missing-file",
    message: "there is no file prompts/suport.md",
    hint: "did you mean prompts/support.md?",
  },
  {
    title: "a file whose path holds what none may",
    spec: ['icon: "a\\0.png"'],
    at: "7:9 bad-file",
    message: "the path contains a NUL character",
    hint: "remove it",
  },
  {
    title: "a file in another folder",
    spec: ["icon: a.png"],
    files: { "art/a.png": "a" },
    at: "7:9 missing-file",
    hint: "did you mean art/a.png?",
  },
  {
    title: "a folder for a file",
    spec: ["note: {file: art}"],
    files: { "art/a.png": "a" },
    at: "7:16 bad-file",
    message: "art is a directory",
  },
  { title: "a file outside", spec: ["note: {file: ../a.md}"], at: "7:16 outside-project" },
  {
    title: "a file outside, by way of inside",
    spec: ["note: {file: a/../../b.md}"],
    at: "7:16 outside-project",
  },
  { title: "an absolute path", spec: ["icon: /etc/a.png"], at: "7:9 outside-project" },
  {
    title: "a file that isn't UTF-8",
    spec: ["note: {file: n.md}"],
    files: { "n.md": Uint8Array.of(0xc4, 0xe3) },
    at: "7:16 not-utf8",
  },
  {
    title: "an empty file",
    spec: ["icon: a.png"],
    files: { "a.png": "" },
    at: "7:9 bad-file",
    message: "a.png is empty",
  },
  {
    title: "a file that is too big",
    spec: ["icon: a.png"],
    files: { "a.png": "12345678901" },
    at: "7:9 bad-file",
    message: "a.png is 11 bytes; the limit is 10 bytes",
  },
  {
    title: "a file of another type",
    spec: ["source: {file: a.pdf}"],
    files: { "a.pdf": "x" },
    at: "7:18 bad-file",
    message: "a.pdf must be a document (.txt)",
  },
  {
    title: "a map for a file",
    spec: ["icon: {path: a.png}"],
    at: "7:9 wrong-type",
    message: "spec.icon: expected the path of a file, found a map",
    hint: "icon: assets/x.png",
  },
  {
    title: "{file: path} for a file",
    spec: ["source: {file: {file: docs/a.txt}}"],
    at: "7:18 wrong-type",
    hint: "file: docs/a.txt",
  },
  {
    title: "an unset variable, where it stands",
    spec: ["note: hello ${var.wrld}!"],
    at: "7:15 unset-variable",
    message: "the variable wrld isn't set",
    hint: "pass --var wrld=…, or set environments.default.variables.wrld in cozeform.yaml",
  },
  {
    title: "an unset variable in quotes with escapes",
    spec: ['note: "a\\"b ${var.x}"'],
    at: "7:15 unset-variable",
  },
  {
    title: "an unset variable in a block",
    spec: ["note: |", "  one", "  two ${var.x}"],
    at: "9:9 unset-variable",
  },
  { title: "the second of two in one text", spec: ["note: $${a} ${var.x}"], at: "7:15 unset-variable" },
  {
    title: "an unset environment variable",
    spec: ["note: ${env.NOPE}"],
    at: "7:9 unset-variable",
    hint: "set NOPE before running",
  },
  { title: "an interpolation that is never closed", spec: ["note: a${var.x"], at: "7:10 bad-interpolation" },
  {
    title: "an interpolation of nothing known",
    spec: ["note: ${name}"],
    at: "7:9 bad-interpolation",
    message: "${name} doesn't exist",
  },
  { title: "each without for_each", spec: ["note: ${each.key}"], at: "7:9 bad-interpolation" },
  {
    title: "a token in clear",
    spec: ["note: pat_abcdefghijklmnopqrst"],
    at: "7:9 secret-in-clear",
    message: "this is a Coze token in plain text",
  },
  {
    title: "a duplicate key",
    spec: ["size: 1", "size: 2"],
    at: "8:3 duplicate-key",
    message: 'the key "size" is already on line 7',
  },
  {
    title: "an alias of nothing",
    spec: ["note: *here"],
    at: "7:9 yaml-syntax",
    message: "there is no anchor &here above",
  },
  {
    title: "a colon in a text",
    spec: ["note: open: daily"],
    at: "7:9 yaml-syntax",
    message: "a map can't begin on the same line as its key",
    hint: "a colon and a space begin a map: quote strings that contain them, and start the keys of a map in the same column",
  },
  { title: "a tab", spec: ["paint:", "\tcolor: red"], at: "8:3 yaml-syntax", hint: "indent with spaces" },
];

const others = `${boxManifest}---\n${manifest("Thing", "cup", ["box: crate", "name: cup"])}`;

describe("each mistake is reported once, where it is", () => {
  test.each(mistakes)("$title", async ({ spec, at, message, hint, files = {} }) => {
    const yaml = manifest("Thing", "tiny", ["box: crate", "name: tiny", ...spec]);
    const { diagnostics, resources } = await loadFiles({ "a.yaml": others, "t.yaml": yaml, ...files });
    expect(diagnostics.map(brief)).toEqual([at.includes(".") ? at : `t.yaml:${at}`]);
    if (message !== undefined) expect(diagnostics[0]?.message).toBe(message);
    if (hint !== undefined) expect(diagnostics[0]?.hint).toBe(hint);
    expect(resources.map(({ address }) => address)).toEqual(["Box.crate", "Thing.cup"]);
  });
});
