import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { openFiles } from "../../src/manifest/project/readable-files.ts";

const directory = mkdtempSync(join(tmpdir(), "cozeform-reads-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("a file that several resources name is read once", async () => {
  mkdirSync(join(directory, "prompts"));
  const file = join(directory, "prompts/a.md");
  writeFileSync(file, "Answer briefly.\r\n");
  const files = openFiles(directory);
  const [text, described] = [await files.readText("prompts/a.md"), await files.describe("prompts/a.md")];
  expect(text).toEqual({ value: "Answer briefly.\n" });
  rmSync(file);
  expect(await files.readText("prompts/a.md")).toBe(text);
  expect(await files.describe("prompts/a.md")).toBe(described);
  expect(files.opened()).toEqual(["prompts/a.md"]);
});
