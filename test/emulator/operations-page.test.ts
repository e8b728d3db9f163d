import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { operations } from "../../src/emulator/http/routes.ts";
import { variantNames } from "../../src/emulator/world/variants.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../docs/emulator.md"), "utf8");

/** The text of a section of the page. */
const sectionOf = (title: string): string => page.split(/^## /mu).find((one) => one.startsWith(title)) ?? "";

const section = sectionOf("Operations");

test("the page lists every operation that the emulator answers, with its address", () => {
  const listed = [...section.matchAll(/^\| `(\w+)` +\| `([^`]+)` +\|$/gmu)].map(([, ...row]) =>
    row.join(" "),
  );
  expect(listed).toEqual(operations.map(({ name, method, path }) => `${name} ${method} ${path}`));
});

test("the page lists every variant", () => {
  const listed = [...sectionOf("Variants").matchAll(/^\| `([a-z\d-]+)` +\|/gmu)].map(([, name]) => name);
  expect(listed).toEqual([...variantNames]);
});
