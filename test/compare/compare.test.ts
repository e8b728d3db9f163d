import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { compareFields, type FieldSide } from "../../src/compare/compare-fields.ts";
import { rememberSpec } from "../../src/core/digest.ts";
import { formatPath } from "../../src/core/spec-walk.ts";
import type { Values } from "../../src/core/value.ts";
import { kinds } from "../../src/kinds/index.ts";
import { arbitrarySpec } from "../support/arbitrary-spec.ts";

const made = kinds.filter(({ create, createMany }) => create ?? createMany);
const ids = fc.constantFrom("7512000000000000001", "7512000000000000002");
const file = { $file: "a.png", sha256: "0f", size: 1 };
const specOf = (kind: (typeof kinds)[number]) =>
  arbitrarySpec(kind, { ref: () => ids, file: () => fc.constant(file) });

const textOf = (told: readonly unknown[]): string => JSON.stringify(told.map((one) => one ?? null));

/** An object that is as its manifest says. */
const sideOf = (kind: (typeof kinds)[number], spec: Values, salt: string): FieldSide => ({
  want: spec,
  live: spec,
  applied: rememberSpec(kind.fields, spec, salt),
  ignore: [],
  salt,
});

describe.each(made.map((kind) => [kind.name, kind] as const))("%s", (_name, kind) => {
  test("of one spec differs in nothing, whatever the states' salts", () => {
    fc.assert(
      fc.property(specOf(kind), (spec) => {
        const sides = { before: sideOf(kind, spec, "a"), after: sideOf(kind, spec, "b") };
        expect(compareFields(kind.fields, sides)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test("of two specs differs as expected, and the other way round in the same fields", () => {
    fc.assert(
      fc.property(specOf(kind), specOf(kind), (one, other) => {
        const sides = { before: sideOf(kind, one, "a"), after: sideOf(kind, other, "b") };
        const there = compareFields(kind.fields, sides);
        const back = compareFields(kind.fields, { before: sides.after, after: sides.before });
        const told = (differences: typeof there) =>
          differences.map(({ path, before, after }) => [formatPath(path), before, after] as const);
        const turned = told(back).map(([path, before, after]) => [path, after, before]);
        expect(told(there).map(textOf).sort()).toEqual(turned.map(textOf).sort());
        expect(there.every(({ expected }) => expected)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

test("a list that Coze shows in part is what was applied, as long as it may be that", () => {
  const kind = made.find(({ name }) => name === "Bot");
  const compare = (before: Partial<FieldSide>, after: Partial<FieldSide>) => {
    const blank = { want: {}, live: {}, applied: {}, ignore: [], salt: "a" };
    const sides = { before: { ...blank, ...before }, after: { ...blank, ...after } };
    return compareFields(kind?.fields ?? {}, sides).map(({ before, after }) => [before, after]);
  };
  const tools = (...ids: readonly (string | undefined)[]) => ({
    plugins: ids.map((tool) => ({ plugin: "71", ...(tool === undefined ? {} : { tool }) })),
  });
  const untold = { live: tools(undefined), applied: tools("7101") };
  expect(compare(untold, { live: tools("7101"), applied: tools("7101") })).toEqual([]);
  expect(compare(untold, { live: tools(undefined), applied: tools("7102") })).toEqual([
    [tools("7101").plugins, tools("7102").plugins],
  ]);
  // Another tool came by hand, so what was applied says nothing of it.
  expect(compare({ ...untold, live: tools(undefined, undefined) }, untold)).toEqual([
    [tools(undefined, undefined).plugins, tools("7101").plugins],
  ]);
});

test("what a manifest leaves to Coze is in no manifest", () => {
  const kind = made.find(({ name }) => name === "Dataset");
  const side = (description: string, ignore: readonly string[]): FieldSide => ({
    want: { description: "问" },
    live: { description },
    applied: { description: "问" },
    ignore,
    salt: "a",
  });
  const standings = (ignore: readonly string[]) =>
    compareFields(kind?.fields ?? {}, { before: side("手工", ignore), after: side("问", ignore) }).map(
      (one) => one.standings,
    );
  expect(standings([])).toEqual([{ before: "changed", after: "as-wanted" }]);
  expect(standings(["description"])).toEqual([{ before: "unmanaged", after: "unmanaged" }]);
});
