import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { operationNames } from "../src/coze/http/operation.ts";
import { operations } from "../src/emulator/http/routes.ts";

const page = readFileSync(resolve(import.meta.dirname, "../docs/coverage.md"), "utf8");

const rows = [
  ...page.matchAll(/^\| \[`(\w+)`\]\(\S+\) +\| `([^`]+)` +\| (\w[\w ]*?) +\| (\S.*?) +\| (yes|no) +\|$/gmu),
].map(([, name = "", address = "", use = "", note = "", answered]) => ({
  name,
  address,
  use,
  note,
  isAnswered: answered === "yes",
}));

const called = new Set<string>(operationNames);

test("the page has every operation of the reference once, with its address", () => {
  const names = rows.map(({ name }) => name);
  expect(names.length).toBe(124);
  expect(new Set(names).size).toBe(names.length);
  const file = process.env.COZE_OPENAPI ?? resolve("../shared/coze-api/openapi.json");
  // The document is no part of the project.
  if (!existsSync(file)) return;
  const { paths } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly paths: Record<string, Record<string, { readonly operationId: string }>>;
  };
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { operationId }]) =>
        `${operationId} ${method.toUpperCase()} ${path.replace(/\{(\w+)\}/gu, ":$1")}`,
    ),
  );
  expect(rows.map(({ name, address }) => `${name} ${address}`).sort()).toEqual(documented.sort());
});

test("what the client calls has a use, and what it doesn't is planned or has a reason against it", () => {
  expect([...called].filter((name) => !rows.some((row) => row.name === name))).toEqual([]);
  const wrong = rows.filter(({ name, use }) =>
    called.has(name)
      ? !["managed", "lookup", "check", "action"].includes(use)
      : !["planned", "out of scope"].includes(use),
  );
  expect(wrong).toEqual([]);
});

test("the page says which operations the emulator answers, at which address", () => {
  const answered = new Map(operations.map(({ name, method, path }) => [`${name} ${method} ${path}`, name]));
  const names = new Set(answered.values());
  expect(rows.filter(({ name, isAnswered }) => isAnswered !== names.has(name))).toEqual([]);
  // Those that clients call at an address of their own besides the page's have two.
  const addresses = rows.flatMap(({ name, address, isAnswered }) => (isAnswered ? `${name} ${address}` : []));
  expect(addresses.filter((one) => !answered.has(one))).toEqual([]);
});

test("the counts at the top are those of the lists", () => {
  const counted = new Map<string, number>();
  for (const { use } of rows) counted.set(use, (counted.get(use) ?? 0) + 1);
  const told = [...page.matchAll(/^\| ([a-z ]+?) +\| (\d+) +\|/gmu)].map(([, use, count]) => [
    use,
    Number(count),
  ]);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(counted));
  expect(page).toContain(`answers ${rows.filter(({ isAnswered }) => isAnswered).length} of them`);
});
