import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { findFiles } from "../../src/manifest/project/find-files.ts";
import { searchPlainly } from "../../src/manifest/project/plain-search.ts";
import { makeScratch } from "../support/scratch.ts";

const files = [
  "a.yaml",
  "b.yml",
  ".c.yaml",
  "ab.yaml",
  "a b/a.yaml",
  "a/a.yaml",
  "a/.b/a.yaml",
  "a/b/a.yaml",
  "a/b/c/客服.yaml",
  "a/node_modules/a.yaml",
  "b-1/a.yaml",
  "b-1/.a.yaml",
  "b-1/a.yaml.d/b.yml",
];

function writeFiles(): string {
  const directory = makeScratch();
  for (const file of files) {
    mkdirSync(join(directory, dirname(file)), { recursive: true });
    writeFileSync(join(directory, file), "");
  }
  return directory;
}

const plain = writeFiles();

// A link keeps all patterns with the library.
const linked = writeFiles();
symlinkSync("nowhere.x", join(linked, "link.x"));

const parts = fc.constantFrom(
  "**",
  "*",
  "a",
  "b",
  "a*",
  "*b",
  "b-1",
  "*.yaml",
  "a.y*",
  "{a,b}",
  "*.{yaml,yml}",
  "a b",
  "客服.*",
);
const patterns = fc.array(parts, { minLength: 1, maxLength: 4 }).map((all) => all.join("/"));
const search = { links: "leave", limit: 1000 } as const;

test("a file of the name of a folder whose content is wanted is left to the library", () => {
  const options = { except: [], limit: 1000 };
  expect(searchPlainly(plain, ["a.yaml/**"], options)).toBeUndefined();
  expect(searchPlainly(plain, ["a/**"], options)).toEqual(["a/a.yaml", "a/b/a.yaml", "a/b/c/客服.yaml"]);
});

test("plain patterns match the files that they match for the library", async () => {
  const some = fc.array(patterns, { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(some, fc.array(patterns, { maxLength: 1 }), async (wanted, except) => {
      expect(searchPlainly(linked, wanted, { except, limit: 1000 })).toBeUndefined();
      const found = searchPlainly(plain, wanted, { except, limit: 1000 });
      if (found === undefined) return;
      const others = await findFiles(linked, wanted, { ...search, except });
      expect(found).toEqual(others.filter((file) => file !== "link.x"));
    }),
    { numRuns: 300 },
  );
});

test.each([
  "../a.yaml",
  "./a.yaml",
  "a.{y..z}",
  "[ab].yaml",
  "!a.yaml",
  "a//b",
  ".c.yaml",
  "a?.yaml",
  "@(a).yaml",
  "\\a.yaml",
  "a***",
  "",
])("%s is left to the library", (pattern) => {
  expect(searchPlainly(plain, [pattern], { except: [], limit: 1000 })).toBeUndefined();
});

test("a search over more entries than its limit is left to the library", () => {
  expect(searchPlainly(plain, ["**/*"], { except: [], limit: 5 })).toBeUndefined();
});
