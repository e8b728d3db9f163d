import { existsSync, readFileSync } from "node:fs";
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

test("the page lists every operation of the reference that the emulator lacks", () => {
  const [, lacking = ""] = section.split("The reference has these as well.");
  const listed = [...lacking.matchAll(/`(\w+)`/gu)].map(([, name]) => name).sort();
  const answered = new Set(operations.map(({ name }) => name));
  expect(listed.filter((name) => answered.has(name ?? ""))).toEqual([]);
  const file = process.env.COZE_OPENAPI ?? resolve("../shared/coze-api/openapi.json");
  // The document is no part of the project.
  if (!existsSync(file)) return;
  const { paths } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly paths: Record<string, Record<string, { readonly operationId: string }>>;
  };
  const named = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map((one) => one.operationId),
  );
  expect(listed).toEqual(named.filter((name) => !answered.has(name)).sort());
});

test("the page lists every variant", () => {
  const listed = [...sectionOf("Variants").matchAll(/^\| `([a-z\d-]+)` +\|/gmu)].map(([, name]) => name);
  expect(listed).toEqual([...variantNames]);
});
