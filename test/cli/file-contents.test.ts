import { describe, expect, test } from "@jest/globals";
import { createConsole, smallManifests as desk } from "./console.ts";

const pointer = `version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 12345
`;
const merge = "你好\n<<<<<<< HEAD\n七天\n=======\n十天\n>>>>>>> returns\n";
// 客服助手。你好
const chinese = Buffer.from("bfcdb7fed6facad6a1a3c4e3bac3", "hex");

const documents = (pattern: string, dataset = "faq"): string => `\
apiVersion: cozeform/v1
kind: Document
metadata: {name: faq, for_each: {files: ${JSON.stringify(pattern)}}}
spec: {dataset: ${dataset}, name: "\${each.name}", source: {file: "\${each.path}"}}
`;

const bot = (more: string): string => `\
apiVersion: cozeform/v1
kind: Bot
metadata: {name: support}
spec: {workspace: desk, name: 售后, ${more}}
`;

describe("what a checkout left unfinished is told by validate, where it is referred to", () => {
  test("pointers of Git LFS: prompts, texts, other documents, icons", async () => {
    const { sh } = createConsole({
      "desk.yaml": desk,
      "bot.yaml": bot("icon: i.png, prompt: {file: p.md}"),
      "docs.yaml": documents("k/*"),
      "i.png": pointer,
      "p.md": pointer,
      "k/a.txt": pointer,
      "k/b.pdf": pointer.replaceAll("\n", "\r\n"),
    });
    const told = (file: string, items = "") =>
      `${file} is a pointer of Git LFS, not the content${items}  hint: fetch the content: git lfs pull; a CI job has to check out with LFS\n`;
    const both = ` (all 2 items: Document.faq["a.txt"], Document.faq["b.pdf"])`;
    expect(await sh("validate")).toEqual({
      code: 3,
      out: "",
      err: `bot.yaml:4:41  ${told("i.png")}bot.yaml:4:63  ${told("p.md")}docs.yaml:4:59  ${told("k/a.txt", both)}3 errors\n`,
    });
  });

  test("a pointer of Git LFS in place of a manifest", async () => {
    const { sh } = createConsole({ "desk.yaml": desk, "bot.yaml": pointer });
    const { code, err } = await sh("validate");
    expect({ code, err }).toEqual({
      code: 3,
      err: "bot.yaml:1:1  bot.yaml is a pointer of Git LFS, not the content  hint: fetch the content: git lfs pull; a CI job has to check out with LFS\n1 error\n",
    });
  });

  test("unfinished merges: in a manifest at the mark, in prompts and documents with its line", async () => {
    const { sh, emulator } = createConsole({
      "desk.yaml": `${desk.replace("spec: {workspace", "<<<<<<< HEAD\nspec: {workspace")}=======\nspec: [\n>>>>>>> x\n`,
      "bot.yaml": bot("prompt: {file: p.md}"),
      "docs.yaml": documents("k/*.{txt,rst}"),
      "p.md": merge,
      "k/b.rst": merge.replace("<<<<<<< HEAD\n", ""),
      "lost.yaml": "a: 1\n=======\nb: 1\n>>>>>>> x\n",
      "k/a.txt": merge.replaceAll("\n", "\r\n"),
      "k/heading.txt": "退货\n=======\n七天\n",
    });
    const hint =
      "resolve the conflict and remove its marks (<<<<<<<, =======, >>>>>>>); indent them where the text is about them";
    const { code, err } = await sh("apply --auto-approve");
    expect({ code, err }).toEqual({
      code: 3,
      err: `\
bot.yaml:4:50  p.md holds an unfinished merge, from line 2 to line 6  hint: ${hint}
desk.yaml:9:1  an unfinished merge left <<<<<<< here  hint: resolve the conflict and remove its marks: <<<<<<<, =======, >>>>>>>
docs.yaml:4:59  k/a.txt holds an unfinished merge, from line 2 to line 6 (Document.faq["a.txt"])  hint: ${hint}
docs.yaml:4:59  k/b.rst holds an unfinished merge, from line 3 to line 5 (Document.faq["b.rst"])  hint: ${hint}
lost.yaml:2:1  an unfinished merge left ======= here  hint: resolve the conflict and remove its marks: <<<<<<<, =======, >>>>>>>
5 errors
`,
    });
    expect(emulator.requests).toEqual([]);
  });

  test("texts that aren't UTF-8, with the likely encoding and the command that converts them", async () => {
    const { sh } = createConsole({
      "desk.yaml": desk,
      "bot.yaml": bot("prompt: {file: p.md}"),
      "docs.yaml": documents("k/*.txt"),
      "p.md": chinese,
      "k/new file.txt": chinese,
      "k/utf-16.txt": Buffer.from("\ufeff售后", "utf16le"),
    });
    expect(await sh("validate")).toEqual({
      code: 3,
      out: "",
      err: `\
bot.yaml:4:50  p.md isn't UTF-8 text; it looks like GB18030  hint: save it as UTF-8: iconv -f GB18030 -t UTF-8 p.md > converted
docs.yaml:4:59  k/new file.txt isn't UTF-8 text; it looks like GB18030 (Document.faq["new file.txt"])  hint: write encoding: gb18030 beside the file, or save it as UTF-8: iconv -f GB18030 -t UTF-8 'k/new file.txt' > converted
docs.yaml:4:59  k/utf-16.txt isn't UTF-8 text; it looks like UTF-16 (Document.faq["utf-16.txt"])  hint: write encoding: utf-16 beside the file, or save it as UTF-8: iconv -f UTF-16 -t UTF-8 k/utf-16.txt > converted
3 errors
`,
    });
  });
});

describe("the files of a pattern", () => {
  test("without those that other programs leave, which are named", async () => {
    const { sh } = createConsole({
      "desk.yaml": desk,
      "docs.yaml": documents("k/*"),
      "k/a.docx": "a",
      "k/~$a.docx": "a",
      "k/Thumbs.db": "a",
      "k/a.docx.bak": "a",
      "k/#b.txt#": "a",
      "k/.DS_Store": "a",
      "k/._a.docx": "a",
    });
    expect(await sh("validate")).toEqual({
      code: 0,
      out: "Valid: 3 resources in environment default.\n",
      err: `\
docs.yaml:3:41  warning: the pattern also matches k/a.docx.bak, which another program left here; it is skipped  hint: remove them, or name the extension in the pattern
1 warning
`,
    });
  });

  test("of manifests, too", async () => {
    const { sh } = createConsole({
      "cozeform.yaml": "apiVersion: cozeform/v1\nkind: Project\nname: desk\nmanifests: [m/*]\n",
      "m/desk.yaml": desk,
      "m/desk.yaml~": desk,
      "m/Thumbs.db": "\0",
      "m/desk.yaml.orig": desk,
    });
    expect(await sh("validate")).toEqual({
      code: 0,
      out: "Valid: 2 resources in environment default.\n",
      err: `\
cozeform.yaml:4:13  warning: the pattern also matches m/desk.yaml.orig, which another program left here; it is skipped  hint: remove them, or name the extension in the pattern
1 warning
`,
    });
  });

  test("images don't go among texts, nor texts and web pages among images", async () => {
    const { sh } = createConsole({
      "desk.yaml": `${desk}---\n${desk.split("---\n")[1]?.replaceAll("faq", "pictures").replace("format: text", "format: image").replace("常见问题", "图片")}`,
      "docs.yaml": `${documents("k/*")}---\n${documents("k/*", "pictures").replace("{name: faq", "{name: pictures")}---
apiVersion: cozeform/v1
kind: Document
metadata: {name: page}
spec: {dataset: pictures, name: page, source: {url: "https://example.com"}}
`,
      "k/a.txt": "a",
      "k/b.png": "b",
    });
    const { code, err } = await sh("validate");
    expect({ code, err }).toEqual({
      code: 3,
      err: `\
docs.yaml:4:59  k/b.png is an image, and the dataset holds texts  hint: put it into a dataset with format: image
docs.yaml:9:64  k/a.txt isn't an image, and the dataset holds images  hint: put it into a dataset with format: text
docs.yaml:14:53  this is a web page, and the dataset holds images  hint: put it into a dataset with format: text
3 errors
`,
    });
  });
});

describe("line ends", () => {
  test("that alone differ are no change of a document, and the same content is sent from every checkout", async () => {
    const { sh, write, emulator } = createConsole({
      "desk.yaml": desk,
      "docs.yaml": documents("k/*"),
      "k/a.txt": "一\n二\n",
      "k/b.ini": "\ufeff一\r\n二\r\n",
    });
    expect((await sh("apply --auto-approve")).code).toBe(0);
    const made = emulator.requests.find(({ operation }) => operation === "create_knowledge_files");
    const sent = JSON.stringify(made?.body);
    expect(sent.split(Buffer.from("一\n二\n").toString("base64"))).toHaveLength(3);
    write({ "k/a.txt": "一\r\n二\r\n", "k/b.ini": "一\n二\n" });
    expect((await sh("plan --detailed-exitcode")).code).toBe(0);
    write({ "k/a.txt": "一\r\n三\r\n" });
    expect((await sh("plan --out p.json --detailed-exitcode")).code).toBe(2);
    write({ "k/a.txt": "一\n三\n" });
    expect((await sh("apply p.json")).code).toBe(0);
    expect((await sh("plan --detailed-exitcode")).code).toBe(0);
  });
});
