import { createHash } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { callFunction } from "../../src/terraform/functions/functions.ts";
import { createFiles, readableFile } from "../../src/terraform/provider/file-content.ts";
import { writeFiles } from "../support/files.ts";
import { makeScratch } from "../support/scratch.ts";

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 3\n`;
const open = (directory: string, name: string) => createFiles().open([join(directory, name)]);
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

test("a text has one hash, whatever its line ends, and goes by those that older versions stored", async () => {
  const directory = makeScratch();
  writeFiles(directory, { "lf.txt": "a\nb\n", "crlf.txt": "\ufeffa\r\nb\r\n", "crlf.pdf": "a\r\nb\r\n" });
  const look = (name: string) => open(directory, name).then((files) => files.look(join(directory, name)));
  expect(await look("lf.txt")).toMatchObject({ sha256: sha256("a\nb\n"), size: 4 });
  expect(await look("crlf.txt")).toMatchObject({ sha256: sha256("a\nb\n"), size: 4 });
  expect((await look("lf.txt"))?.formerly).toContain(sha256("a\r\nb\r\n"));
  expect((await look("crlf.txt"))?.formerly).toContain(sha256("\ufeffa\r\nb\r\n"));
  expect(await look("crlf.pdf")).toMatchObject({ sha256: sha256("a\r\nb\r\n"), size: 6 });
});

test("a pointer, a merge and another encoding are errors at the attribute", async () => {
  const directory = makeScratch();
  writeFiles(directory, {
    "a.png": pointer,
    "b.txt": "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n",
    "c.txt": Buffer.from("bfcdb7fed6facad6", "hex"),
  });
  const summaryOf = async (name: string) => {
    const found = readableFile(await open(directory, name), join(directory, name), ["source", "file"]);
    return "diagnostic" in found ? [found.diagnostic.path, found.diagnostic.summary] : [];
  };
  expect(await summaryOf("a.png")).toEqual([
    ["source", "file"],
    `${join(directory, "a.png")} is a pointer of Git LFS, not the content`,
  ]);
  expect((await summaryOf("b.txt"))[1]).toBe(
    `${join(directory, "b.txt")} holds an unfinished merge, from line 1 to line 5`,
  );
  expect((await summaryOf("c.txt"))[1]).toBe(
    `${join(directory, "c.txt")} isn't UTF-8 text; it looks like GB18030`,
  );
});

test("a function tells a manifest's text that is a pointer or an unfinished merge", async () => {
  const manifest =
    "apiVersion: cozeform/v1\nkind: Bot\n<<<<<<< HEAD\nmetadata: {name: a}\n=======\n>>>>>>> other\n";
  expect(await callFunction("manifest", [pointer])).toMatchObject({
    error: expect.stringContaining("line 1, column 1: this text is a pointer of Git LFS, not the content"),
  });
  expect(await callFunction("manifest", [manifest])).toMatchObject({
    error: expect.stringContaining("line 3, column 1: an unfinished merge left <<<<<<< here"),
  });
});
