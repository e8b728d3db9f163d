import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { writeSchemas } from "../src/commands/schema.ts";

const directory = resolve(import.meta.dirname, "../schemas");

test("the schema files are those of the kinds; if not, run npm run generate", () => {
  const generated = writeSchemas();
  expect(readdirSync(directory).sort()).toEqual(Object.keys(generated).sort());
  for (const [file, text] of Object.entries(generated)) {
    expect([file, JSON.parse(readFileSync(join(directory, file), "utf8"))]).toEqual([file, JSON.parse(text)]);
  }
});
