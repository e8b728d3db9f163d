import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { boxManifest, type Files, loadFiles, manifest } from "./toy-project.ts";

const project = `apiVersion: cozeform/v1
kind: Project
default_environment: dev
environments: {dev: {variables: {x: 1}, patches: [p/*.yaml], auth: {token: {env: T}}}}
`;

const whole = manifest("Thing", "mug", [
  "box: crate",
  "name: mug-${each.key}",
  "note: {file: n.md}",
  "size: ${var.x}",
  "tags: &tags [a, b]",
  "source: {file: a.txt}",
  "outlets: [web, {id: '9', price: 1}]",
  "friends: [{id: '1'}, {lookup: {name: b}}]",
  "extra: {a: *tags, <<: {b: null}}",
]).replace("{name: mug}", "{name: mug, for_each: {a: 1, b: 2}, lifecycle: {ignore_changes: [paint.color]}}");

const files: Files = {
  "cozeform.yaml": project,
  "a.yaml": boxManifest,
  "t.yaml": whole,
  "p/t.yaml": manifest("Thing", "mug", ["size: 4"]),
  "n.md": "hi",
  "a.txt": "a",
};

const pieces = [
  "",
  "\n",
  "- ",
  ": ",
  "{",
  "}",
  "[",
  "]",
  "'",
  '"',
  "&a ",
  "*a",
  "<<: ",
  "|",
  "null",
  "!!x ",
  "---\n",
  "${",
  "}",
  "\t",
  "# ",
  "? ",
  "\u0000",
  "😀",
  "__proto__",
  "%YAML 1.1\n---\n",
];

test("whatever is done to a project, loading it ends in words with a place", async () => {
  expect((await loadFiles(files)).diagnostics).toEqual([]);
  const edits = fc.array(
    fc.record({
      file: fc.constantFrom("cozeform.yaml", "a.yaml", "t.yaml", "p/t.yaml"),
      at: fc.nat(),
      drop: fc.nat({ max: 6 }),
      piece: fc.constantFrom(...pieces),
    }),
    { minLength: 1, maxLength: 4 },
  );
  const property = fc.asyncProperty(edits, async (all) => {
    const edited: { [file: string]: string } = {};
    for (const { file, at, drop, piece } of all) {
      const text = edited[file] ?? String(files[file]);
      const from = at % text.length;
      edited[file] = text.slice(0, from) + piece + text.slice(from + drop);
    }
    const { diagnostics, sources } = await loadFiles({ ...files, ...edited });
    for (const { message, at } of diagnostics) {
      expect(message).not.toMatch(/undefined|\[object/u);
      if (at) expect(at.line).toBeLessThanOrEqual((sources.get(at.file) ?? "").split("\n").length);
    }
  });
  await fc.assert(property, { numRuns: 150 });
});
