import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { kinds } from "../../src/kinds/index.ts";
import { collectDiagnostics } from "../../src/manifest/collected-problems.ts";
import { type Files, loadFiles } from "./toy-project.ts";

const header = [
  "apiVersion: cozeform/v1\nkind: Workspace\nmetadata: {name: desk}\nspec: {name: d, description: d}",
  "apiVersion: cozeform/v1\nkind: Dataset\nmetadata: {name: faq}\nspec: {workspace: desk, name: f, format: text}",
].join("\n---\n");

const each = (kind: string, name: string, forEach: string, spec: string): string =>
  `apiVersion: cozeform/v1\nkind: ${kind}\nmetadata: {name: ${name}, for_each: ${forEach}}\nspec: ${spec}\n`;

const documents = (spec: string) => each("Document", "faq", '{files: "docs/**/*.*"}', spec);
const bots = (spec: string) => each("Bot", "b", '{files: "docs/**/*.*"}', spec);

/** Files of these contents, or of one text each. */
const docs = (count: number, text = (index: number) => `text ${index}`, ending = "txt"): Files =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`docs/${index + 1}.${ending}`, text(index + 1)]),
  );

/** What is told of these files beside a workspace and a dataset. */
async function tell(files: Files, variables: Record<string, string> = {}) {
  const { diagnostics } = await loadFiles({ "a.yaml": header, ...files }, { kinds, variables });
  return diagnostics.map(
    ({ at, message, hint }) => `${at?.file}:${at?.line}:${at?.column} ${message}; ${hint}`,
  );
}

const template = 'dataset: faq, name: "${each.key}", source: {file: "${each.path}"}';

describe("a message about items of a for_each names them, and isn't repeated for each", () => {
  test("a mistake of the template", async () => {
    const files = { "t.yaml": documents(`{${template}, colour: red}`), ...docs(173) };
    expect(await tell(files)).toEqual([
      't.yaml:4:75 unknown key "colour" in spec (all 173 items: Document.faq["1.txt"], Document.faq["10.txt"], Document.faq["100.txt"] and 170 more); known keys: chunking, caption',
    ]);
  });

  test("the same sentence about each one's file", async () => {
    const files = { "t.yaml": documents(`{${template}}`), ...docs(30, undefined, "zip"), "docs/x.txt": "x" };
    const [only, ...others] = await tell(files);
    expect(others).toEqual([]);
    expect(only).toMatch(/^t\.yaml:4:58 docs\/1\.zip must be a document \(/u);
    expect(only).toContain(
      ' (30 items: Document.faq["1.zip"], Document.faq["10.zip"], Document.faq["11.zip"], ',
    );
    expect(only).toContain('Document.faq["18.zip"] and 20 more); ');
  });

  test("keys of any characters", async () => {
    const keys = [..."-^$.*+?()[]{}|/\\"].map((sign) => `${sign}1`);
    const files = {
      "t.yaml": each("Bot", "b", JSON.stringify(keys), '{workspace: desk, name: "", color: "${each.key}"}'),
    };
    const told = await tell(files);
    expect(told).toHaveLength(2);
    for (const one of told)
      expect(one).toContain('(all 16 items: Bot.b["$1"], Bot.b["(1"], Bot.b[")1"] and 13 more)');
  });

  test("sentences that differ, each with its item and file", async () => {
    const long = "很".repeat(15);
    const files = {
      "t.yaml": bots(`{workspace: desk, name: "\${each.name} ${long}"}`),
      "docs/1.txt": "x",
      "docs/123.txt": "x",
      "docs/12345.txt": "x",
    };
    expect(await tell(files)).toEqual(
      [
        't.yaml:4:31 spec.name has 23 characters, at most 20 are allowed (Bot.b["123.txt"] of docs/123.txt); shorten it by 3',
        't.yaml:4:31 spec.name has 25 characters, at most 20 are allowed (Bot.b["12345.txt"] of docs/12345.txt); shorten it by 5',
        't.yaml:4:31 spec.name has 21 characters, at most 20 are allowed (Bot.b["1.txt"] of docs/1.txt); shorten it by 1',
      ].sort(),
    );
  });

  test("what stands in an item of a map, there", async () => {
    const files = {
      "t.yaml": each(
        "Bot",
        "b",
        "{x: 0.5, y: high, z: low}",
        '{workspace: desk, name: "${each.key}", model: {id: "1", temperature: "${each.value}"}}',
      ),
    };
    const told = await tell(files);
    expect(told).toEqual([
      't.yaml:3:43 spec.model.temperature: expected a number, found a string (Bot.b["y"]); undefined',
      't.yaml:3:52 spec.model.temperature: expected a number, found a string (Bot.b["z"]); undefined',
    ]);
  });
});

test("whatever signs the keys of the items have", async () => {
  const spec = '{workspace: desk, name: "b ${each.key}", description: "a\u200bb"}';
  const told = await tell({ "t.yaml": each("Bot", "b", "[zh-cn, en-us]", spec) });
  expect(told).toEqual([
    expect.stringMatching(
      /^t\.yaml:4:\d+ .*U\+200B.* \(all 2 items: Bot\.b\["en-us"\], Bot\.b\["zh-cn"\]\); /u,
    ),
  ]);
  const key = fc.string({ unit: "binary-ascii", minLength: 1 });
  fc.assert(
    fc.property(fc.uniqueArray(key, { minLength: 1 }), (keys) => {
      const { report, diagnostics } = collectDiagnostics();
      for (const word of keys) {
        const item = { address: `Bot.b[${JSON.stringify(word)}]`, words: [word], count: keys.length };
        report({ file: "t.yaml", line: 1, column: 1 }, { code: "rule", message: `«${word}»`, item });
      }
      expect([...diagnostics]).toHaveLength(1);
    }),
  );
});

describe("what stands in an item's file is told there, with the item", () => {
  const prompts = bots('{workspace: desk, name: "${each.key}", prompt: {file: "${each.path}"}}');

  test("an invisible character, a token, too much text", async () => {
    const files = {
      "t.yaml": prompts,
      "docs/1.txt": "你好\n请\u200b问",
      "docs/2.txt": "pat\nk: pat_Zx9kQwErTyUiOpAsDfGhJkLzXcVbNm12",
      "docs/3.txt": `${"长".repeat(9_999)}\n${"长".repeat(10_010)}`,
      "docs/4.txt": "fine",
    };
    const told = await tell(files);
    expect(told.map((one) => one.replace(/; .*/u, ""))).toEqual([
      'docs/1.txt:2:2 this text contains U+200B (zero width space) (Bot.b["1.txt"])',
      'docs/2.txt:2:4 this is a Coze token in plain text (Bot.b["2.txt"])',
      'docs/3.txt:2:10001 spec.prompt has 20,010 characters (in its file), at most 20,000 are allowed (Bot.b["3.txt"])',
    ]);
  });

  test("the same in many files, once with the number and the first few", async () => {
    const files = { "t.yaml": prompts, ...docs(173, (index) => `${index}\n　x`) };
    const [only, ...others] = await tell(files);
    expect(others).toEqual([]);
    expect(only?.replace(/; .*/u, "")).toBe(
      'docs/1.txt:2:1 this text contains U+3000 (ideographic space) (all 173 items: Bot.b["1.txt"], Bot.b["10.txt"] at docs/10.txt:2:1, Bot.b["100.txt"] at docs/100.txt:2:1 and 170 more)',
    );
  });
});

describe("validation finds resources of one identity", () => {
  const titled = '{dataset: faq, name: "${each.title}", source: {file: "${each.path}"}}';
  const title = (text: string) => `---\ntitle: ${text}\n---\nx`;

  test("files of one title in two folders, and proposes their keys; names are told apart by their folders", async () => {
    const files = {
      "t.yaml": documents(titled),
      "docs/a/x.md": title("x"),
      "docs/b/x.md": title("x"),
      "docs/b/z.md": title("z"),
    };
    expect(await tell(files)).toEqual([
      't.yaml:4:28 Document.faq["a/x.md"] and Document.faq["b/x.md"] have the same identity (dataset, name); they are docs/a/x.md and docs/b/x.md: write name: ${each.key}, which differs for each file',
    ]);
    const named = { ...files, "t.yaml": files["t.yaml"].replace("each.title", "each.name") };
    expect(await tell(named)).toEqual([]);
  });

  test("the same fixed name for all, once", async () => {
    const spec = '{dataset: faq, name: "same", source: {file: "${each.path}"}}';
    expect(await tell({ "t.yaml": documents(spec), ...docs(173) })).toEqual([
      't.yaml:4:28 173 resources have the same identity (dataset, name): Document.faq["1.txt"], Document.faq["10.txt"], Document.faq["100.txt"] and 170 more; they are docs/1.txt and docs/10.txt: write name: ${each.key}, which differs for each file',
    ]);
  });

  test("many pairs, once", async () => {
    const twice = Object.keys(docs(80)).flatMap((file) =>
      ["/a/", "/b/"].map((folder) => [file.replace("/", folder).replace(".txt", ".md"), title(file)] as const),
    );
    const manifest = documents(titled);
    const told = await tell({ "t.yaml": manifest, ...Object.fromEntries(twice) });
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("have the same identity (dataset, name), and 79 more groups of items do too; ");
  });

  test("manifests, with the place of each", async () => {
    const bot = (name: string) =>
      each("Bot", name, "", '{workspace: desk, name: "b"}').replace(", for_each: ", "");
    expect(await tell({ "t.yaml": `${bot("one")}---\n${bot("two")}` })).toEqual([
      "t.yaml:4:31 Bot.one and Bot.two have the same identity (workspace, name); the other one is at t.yaml:9:31: change name in one of them",
    ]);
    expect(await tell({ "t.yaml": ["one", "two", "zwei"].map(bot).join("---\n") })).toEqual([
      "t.yaml:4:31 3 resources have the same identity (workspace, name): Bot.one, Bot.two, Bot.zwei; others are at t.yaml:9:31, t.yaml:14:31: change name in all but one",
    ]);
  });

  test("not what only may be the same", async () => {
    const bot = (name: string, workspace: string) =>
      each("Bot", name, "", `{workspace: ${workspace}, name: "b"}`).replace(", for_each: ", "");
    const text = [bot("one", "desk"), bot("two", '{id: "77"}'), bot("three", "{lookup: {name: d}}")];
    expect(await tell({ "t.yaml": text.join("---\n") })).toEqual([]);
  });
});
