import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";

const root = resolve(import.meta.dirname, "..");
const page = readFileSync(join(root, "docs/security.md"), "utf8");
const [, table = ""] = page.split("## Rules, and the tests that show them");
const rows = [...table.matchAll(/^\| ([^|]+) \| `(test\/[^`]+)`: ([^|]+) \|$/gmu)];

test("every rule of the threat model names a test that is there", () => {
  expect(rows.length).toBeGreaterThan(30);
  const missing = rows.filter(([, , file = "", title = ""]) => {
    const text = readFileSync(join(root, file), "utf8");
    return !text.includes(title.trim());
  });
  expect(missing.map(([, rule]) => rule)).toEqual([]);
  const [rules = ""] = table.split("\n\n").filter((part) => part.startsWith("| Rule"));
  expect(rules.trim().split("\n")).toHaveLength(rows.length + 2);
});
