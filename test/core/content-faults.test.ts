import { expect, test } from "@jest/globals";
import { findContentFault, guessEncoding, takeOurs } from "../../src/core/content-faults.ts";
import { countContent } from "../../src/core/text-content.ts";
import { documentFields } from "../../src/kinds/document-fields.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

test.each<[string, Uint8Array, string | undefined]>([
  ["客服助手。你好 in GBK", bytes("bfcdb7fe d6fa cad6 a1a3 c4e3 bac3"), "GB18030"],
  ["您好，客服 in Big5", bytes("b17a a66e a141 abc8 aaa8"), "BIG5"],
  ["カタカナ、ひらがな in Shift_JIS", bytes("834a 835e 834a 8369 8141 82d0 82e7 82aa 82c8"), "SHIFT_JIS"],
  ["안녕하세요 안녕하세요 안녕하세요 in EUC-KR", bytes("bec8b3e7c7cfbcbcbfe4 20".repeat(3)), "EUC-KR"],
  ["café déjà vu in Latin-1", latin1("caf\u00e9 d\u00e9j\u00e0 vu"), "ISO-8859-1"],
  ["quotes of Windows", latin1("he said \u0093yes\u0094 and left"), "WINDOWS-1252"],
  ["UTF-16 with its mark", bytes("fffe 2e55 8d54 0a00"), "UTF-16"],
  ["UTF-16 of the other order with its mark", bytes("feff 552e 548d"), "UTF-16"],
  ["UTF-32 with its mark", bytes("fffe0000 41000000"), "UTF-32"],
  ["UTF-16 without its mark", bytes("6100 6200 0a00"), "UTF-16LE"],
  ["UTF-16 of the other order without its mark", bytes("0061 0062 000a"), "UTF-16BE"],
  ["UTF-8 with a broken character", bytes("e5ae a2e6 9c8d e4bd a0e5 a5bd ff 61"), undefined],
  ["text with a NUL", bytes("61 00 62"), undefined],
])("the likely encoding of %s", (_title, content, encoding) => {
  expect(guessEncoding(content)).toBe(encoding);
});

const merge = "<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n";
const oid = `oid sha256:${"a".repeat(64)}\nsize 3\n`;

test.each<[string, string, string, string | undefined]>([
  ["a pointer of Git LFS", "a.pdf", `version https://git-lfs.github.com/spec/v1\n${oid}`, "pointer"],
  [
    "a pointer with extensions and line ends of Windows",
    "a.png",
    `version https://git-lfs.github.com/spec/v1\next-0-foo sha256:${"b".repeat(64)}\n${oid}`.replaceAll(
      "\n",
      "\r\n",
    ),
    "pointer",
  ],
  [
    "a text about Git LFS",
    "a.txt",
    `version https://git-lfs.github.com/spec/v1\nis the first line.\n`,
    undefined,
  ],
  [
    "a pointer with a byte order mark",
    "a.pdf",
    `\ufeffversion https://git-lfs.github.com/spec/v1\n${oid}`,
    "pointer",
  ],
  [
    "a pointer in an unfinished merge",
    "a.pdf",
    `version https://git-lfs.github.com/spec/v1\n<<<<<<< HEAD\n${oid}=======\n${oid}>>>>>>> other\n`,
    "pointer",
  ],
  [
    "a text that shows a pointer",
    "a.md",
    `# LFS docs\n\n\`\`\`\nversion https://git-lfs.github.com/spec/v1\n${oid}\`\`\`\n`,
    undefined,
  ],
  [
    "a text that begins with a pointer",
    "a.txt",
    `version https://git-lfs.github.com/spec/v1\n${oid}\nSuch is a pointer.\n`,
    undefined,
  ],
  ["a pointer of git-annex", "a.png", "/annex/objects/SHA256E-s3--abc.png\n", "pointer"],
  ["what git-crypt encrypted", "a.docx", "\0GITCRYPT\0abc", "pointer"],
  ["an unfinished merge", "a.md", `a\n${merge}`, "conflict"],
  [
    "an unfinished merge with its base",
    "a.txt",
    "<<<<<<< HEAD\r\nb\r\n||||||| 12ab\r\n=======\r\nc\r\n>>>>>>> other\r\n",
    "conflict",
  ],
  ["a merge without its first mark", "a.md", "a\n=======\nb\n>>>>>>> theirs\n", "conflict"],
  [
    "a merge without its first marks but the base",
    "a.md",
    "a\n||||||| base\nb\n>>>>>>> theirs\n",
    "conflict",
  ],
  ["a merge without its last mark", "a.md", "<<<<<<< HEAD\na\n=======\nb\n", "conflict"],
  ["a merge without its middle", "a.md", "<<<<<<< HEAD\na\n>>>>>>> theirs\n", "conflict"],
  ["a merge of which the base's mark is left", "a.csv", "a\n||||||| 12ab34c\nb\n", "conflict"],
  ["a row of empty cells", "a.md", "||||||| a |\n", undefined],
  ["a merge in fenced code", "a.md", `a\n\`\`\`diff\n${merge}\`\`\`\n`, undefined],
  ["one in another fence", "a.markdown", `Title\n=======\n~~~~\n\`\`\`\n${merge}~~~\n~~~~~\n`, undefined],
  ["one in what isn't Markdown", "a.yaml", `\`\`\`\n${merge}\`\`\`\n`, "conflict"],
  ["one after fenced code", "a.md", `\`\`\`\na\n\`\`\`\n${merge}`, "conflict"],
  ["one after a fence without an end", "a.md", `\`\`\`\na\n${merge}`, "conflict"],
  ["one of fences", "a.md", "<<<<<<< HEAD\n```js\n=======\n```ts\n>>>>>>> other\na\n```\n", "conflict"],
  ["headings of Markdown", "a.md", "One\n=======\n\nTwo\n=======\n", undefined],
  ["quotes of quotes", "a.md", ">>>>>>> deep\n=======\n<<<<<<< open\n", undefined],
  ["marks in indented code", "a.md", "    <<<<<<< HEAD\n    =======\n    >>>>>>> other\n", undefined],
  ["a byte order mark", "a.txt", "\ufeffa", undefined],
  ["a NUL in a text", "a.txt", "a\0b", "encoding"],
  ["a NUL in what isn't text", "a.pdf", "a\0b", undefined],
])("%s", (_title, file, content, reason) => {
  expect(findContentFault(file, Buffer.from(content))?.reason).toBe(reason);
});

test.each<[string, string, string]>([
  ["all its marks", `a\n${merge}=======\n${merge}`, "a.txt holds an unfinished merge, from line 2 to line 6"],
  ["its last marks", "a\n=======\nb\n>>>>>>> x\n", "a.txt holds an unfinished merge, from line 2 to line 4"],
  ["its base's mark", "a\n||||||| 12ab\n", "line 2 of a.txt is a mark of an unfinished merge"],
])("a merge is told with the lines of %s", (_title, content, message) => {
  expect(findContentFault("a.txt", Buffer.from(content))?.message).toBe(message);
});

test("of a merge in YAML, our side is left in its lines", () => {
  const text =
    "a: 1\n<<<<<<< HEAD\nb: 2\n||||||| base\nb: 1\n=======\nb: 3\n>>>>>>> other\nc: 4\n>>>>>>> other\n";
  expect(takeOurs(text)).toEqual({
    text: "a: 1\n\nb: 2\n\n\n\n\n\nc: 4\n\n",
    marks: [
      { line: 2, mark: "<<<<<<<" },
      { line: 10, mark: ">>>>>>>" },
    ],
  });
  expect(takeOurs("a: |\n  =======\n=======\n").marks).toEqual([]);
  expect(takeOurs("a: 1\n=======\nb: 3\n>>>>>>> other\nc: 4\n")).toEqual({
    text: "a: 1\n\n\n\nc: 4\n",
    marks: [{ line: 2, mark: "=======" }],
  });
});

const texts = documentFields.source.fields.file.inline.filter(
  (type) => !["pdf", "doc", "docx"].includes(type),
);

test.each(texts.map((type) => [type]))(
  "a document of type %s is a text in all that depends on it",
  (type) => {
    const name = `a.${type.toUpperCase()}`;
    expect(countContent(name, Buffer.from("a\r\n")).bytes).toEqual(Buffer.from("a\n"));
    expect(findContentFault(name, bytes("bfcdb7fe d6fa cad6 a1a3"))?.reason).toBe("encoding");
  },
);
