import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { TooManyFiles } from "../../src/manifest/project/file-problems.ts";
import { findFiles, type SearchOptions } from "../../src/manifest/project/find-files.ts";
import { openFiles } from "../../src/manifest/project/readable-files.ts";
import { withDirectory } from "./toy-project.ts";

const numbered = (folder: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${folder}/${index}.yaml`, ""]));

const walk = (directory: string, options: Partial<SearchOptions> = {}) =>
  findFiles(directory, ["**/*.yaml"], { links: "leave", limit: 20, ...options });

test("a search ends once it has seen too much", async () => {
  await withDirectory({ ...numbered("a", 12), ...numbered("b/c", 12) }, async (directory) => {
    await expect(walk(directory)).rejects.toBeInstanceOf(TooManyFiles);
    expect(await walk(directory, { limit: 30 })).toHaveLength(24);
    expect(await openFiles(directory, { most: 20 }).find(["**/*.yaml"])).toMatchObject({
      complaint: { code: "too-large", hint: expect.stringContaining("manifests/**/*.yaml") },
    });
    // A pattern that begins with a folder looks nowhere else.
    expect(await openFiles(directory, { most: 20 }).find(["a/*.yaml"])).toMatchObject({
      value: { length: 12 },
    });
  });
});

test("packages and hidden folders don't count", async () => {
  const files = { ...numbered("node_modules/x", 30), ...numbered(".git", 30), "a.yaml": "" };
  await withDirectory(files, async (directory) => {
    expect(await walk(directory)).toEqual(["a.yaml"]);
  });
});

test("links that lead in circles come to an end", async () => {
  await withDirectory({ "a.yaml": "" }, async (directory) => {
    await mkdir(path.join(directory, "b"));
    await symlink("..", path.join(directory, "b", "up"));
    await symlink("self.yaml", path.join(directory, "self.yaml"));
    expect(await walk(directory)).toEqual(["a.yaml", "self.yaml"]);
    expect(await walk(directory, { links: "enter", limit: 500 })).toContain("a.yaml");
  });
});

test("what the running system shows of itself isn't searched", async () => {
  const found = await findFiles("/", ["proc/self/status", "sys/kernel/*"], { links: "enter", limit: 1000 });
  expect(found).toEqual([]);
});
