import { describe, expect, test } from "@jest/globals";
import type { Fields } from "../../src/core/field.ts";
import { formatPath } from "../../src/core/spec-walk.ts";
import type { Json, Values } from "../../src/core/value.ts";
import { diffSpec, keepSticky } from "../../src/plan/diff.ts";

const text = { type: "string", presence: "optional", description: "" } as const;

const fields: Fields = {
  tag: { ...text, sticky: true, readable: false, immutable: true },
  plain: text,
  inner: {
    type: "object",
    presence: "optional",
    description: "",
    fields: { tag: { ...text, sticky: true }, plain: text },
  },
  hidden: {
    type: "object",
    presence: "optional",
    description: "",
    readable: false,
    fields: { name: text, found: text },
    equal: (want: Json, applied: Json) => (want as Values).name === (applied as Values).name,
  },
};

const changesOf = (want: Values, applied: Values, live: Values = {}) => {
  const spec = keepSticky(fields, want, applied);
  const comparison = { want: spec, live, applied, ignore: [], salt: "" };
  return diffSpec(fields, comparison).changes.map(({ path, before, after }) => [
    formatPath(path),
    before,
    after,
  ]);
};

describe("a field that is sticky", () => {
  test.each<[string, Values, Values, Values]>([
    ["left out stays as applied", {}, { tag: "1" }, { tag: "1" }],
    ["given counts", { tag: "2" }, { tag: "1" }, { tag: "2" }],
    ["never applied stays left out", {}, {}, {}],
    [
      "stays within an object that is wanted",
      { inner: { plain: "a" } },
      { inner: { tag: "1" } },
      { inner: { plain: "a", tag: "1" } },
    ],
    ["goes with an object that isn't", {}, { inner: { tag: "1" } }, {}],
    ["keeps nothing else", {}, { plain: "a" }, {}],
  ])("%s", (_title, want, applied, spec) => {
    expect(keepSticky(fields, want, applied)).toEqual(spec);
  });

  test("is no change when it is taken out, and one when it is given for the first time", () => {
    expect(changesOf({}, { tag: "1" })).toEqual([]);
    expect(changesOf({ tag: "1" }, { tag: "1" })).toEqual([]);
    expect(changesOf({ tag: "2" }, { tag: "1" })).toEqual([["tag", "1", "2"]]);
    expect(changesOf({ tag: "1" }, {})).toEqual([["tag", undefined, "1"]]);
  });
});

describe("a field that Coze never returns, with an equality of its own", () => {
  test("is compared with what was applied", () => {
    expect(changesOf({ hidden: { name: "a", found: "1" } }, { hidden: { name: "a", found: "2" } })).toEqual(
      [],
    );
    expect(changesOf({ hidden: { name: "b", found: "2" } }, { hidden: { name: "a", found: "2" } })).toEqual([
      ["hidden.name", "a", "b"],
    ]);
    expect(changesOf({ hidden: { name: "a" } }, {})).toEqual([["hidden.name", undefined, "a"]]);
  });
});
