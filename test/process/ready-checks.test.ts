import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { findDuplicates } from "../../src/core/unique-items.ts";
import { kinds } from "../../src/kinds/index.ts";
import { manifestSchema, projectSchema } from "../../src/manifest/schema/json-schema.ts";

const root = resolve(import.meta.dirname, "../..");
const load = createRequire(import.meta.url);
const ready = (file: string) => load(join(root, "dist/cli/ready-checks", file));

const documents = ["quickstart", "team"].flatMap((example) => {
  const folder = join(root, "examples", example);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".yaml"),
  );
  return files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), "utf8")).map((document) => document.toJS()),
  );
});

/** A value with one part of it replaced or taken away, as numbers choose. */
function change(value: unknown, [step = 0, ...others]: readonly number[], by: unknown): unknown {
  if (typeof value !== "object" || value === null || others.length === 0) return by;
  const entries = Object.entries(value);
  if (entries.length === 0) return by;
  const [key, inner] = entries[step % entries.length] ?? ["", undefined];
  const changed = entries.map(([name, part]) => [name, name === key ? change(inner, others, by) : part]);
  const kept = changed.filter(([, part]) => part !== undefined);
  return Array.isArray(value) ? kept.map(([, part]) => part) : Object.fromEntries(kept);
}

const changes = fc.constantFrom<unknown>(
  undefined,
  "",
  0,
  -1,
  true,
  [],
  {},
  "x".repeat(60),
  "😀".repeat(60),
  { x: 1 },
  ["a", "a"],
);

describe.each([
  ["manifest", "Bot", manifestSchema(kinds, { form: "strict" })],
  ["project", "Project", projectSchema("strict")],
])("the check whether a %s is valid", (name, kind, schema) => {
  const full = ready(`${name}.js`)(schema, findDuplicates);
  const { isValid } = ready(`${name}-valid.js`);
  const own = documents.filter((one) => (one.kind === "Project") === (kind === "Project"));

  test("says the same as the one that says what is wrong", () => {
    const seen = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...own),
        fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 7 }),
        changes,
        (document, path, by) => {
          const changed = change(document, path, by);
          const expected = full(changed);
          seen[expected ? "valid" : "invalid"] += 1;
          expect([changed, isValid(changed)]).toEqual([changed, expected]);
        },
      ),
      { numRuns: 2000 },
    );
    expect(seen.valid).toBeGreaterThan(20);
    expect(seen.invalid).toBeGreaterThan(100);
  });
});
