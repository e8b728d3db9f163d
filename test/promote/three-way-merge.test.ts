import { describe, expect, test } from "@jest/globals";
import { rememberSpec } from "../../src/core/digest.ts";
import type { Fields } from "../../src/core/field.ts";
import { formatPath } from "../../src/core/spec-walk.ts";
import type { Json, Values } from "../../src/core/value.ts";
import { createIdMap } from "../../src/promote/id-map.ts";
import { mergeSpecs } from "../../src/promote/three-way-merge.ts";

const fields = {
  space: { type: "ref", kind: "Space", presence: "required", immutable: true, description: "" },
  name: { type: "string", presence: "required", description: "" },
  prompt: { type: "string", presence: "optional", default: "", description: "" },
  model: {
    type: "object",
    presence: "optional",
    description: "",
    fields: {
      id: { type: "string", presence: "optional", description: "" },
      heat: { type: "number", presence: "optional", description: "" },
      cache: { type: "boolean", presence: "optional", readable: false, description: "" },
    },
  },
  tools: {
    type: "list",
    unordered: true,
    presence: "optional",
    default: [],
    description: "",
    items: {
      type: "object",
      fields: {
        plugin: { type: "ref", kind: "Plugin", presence: "required", description: "" },
        tool: { type: "ref", kind: "Tool", presence: "required", readable: "sometimes", description: "" },
      },
    },
  },
  flows: {
    type: "list",
    unordered: true,
    presence: "optional",
    default: [],
    items: { type: "ref", kind: "Flow" },
    description: "",
  },
  shown: { type: "string", presence: "optional", description: "" },
  mood: { type: "string", presence: "optional", readable: "sometimes", description: "" },
  made: {
    type: "object",
    presence: "computed",
    description: "",
    fields: {
      flow: { type: "ref", kind: "Flow", elsewhere: "environment", presence: "optional", description: "" },
    },
  },
  version: { type: "string", presence: "computed", description: "" },
} as const satisfies Fields;

const kind = { fields, identity: ["name"], parent: "space", followUps: [] };
const ids: { readonly [id: string]: readonly Json[] } = {
  f1: [{ $ref: "Copy.invoice" }],
  f2: [{ $ref: "Copy.refund" }],
  f3: [{ $ref: "Copy.one" }, { $ref: "Copy.other" }],
  p1: ["p1"],
  t1: ["t1"],
  t2: ["t2"],
};

/** Both manifests say the same unless given apart. */
function blend(given: {
  both?: Values;
  target?: Values;
  source?: Values;
  written?: Values;
  released?: Values;
  applied?: Values;
  former?: Values;
}) {
  const { both = {}, target = {}, source = {}, released = {}, applied = {}, former = {} } = given;
  const sides = {
    target: { space: { $ref: "Space.s" }, name: "客服", ...both, ...target },
    source: { space: { $ref: "Space.s" }, name: "客服-dev", ...both, ...source },
    written: { ...both, ...source, ...given.written },
    released: { name: "客服-dev", ...released },
    former,
    applied: rememberSpec(fields, applied, "salt"),
    from: "dev",
    salt: "salt",
  };
  const { spec, ...rest } = mergeSpecs(kind, sides, (id) => ids[id] ?? []);
  const { space: _, name, ...values } = spec;
  expect(name).toBe("客服");
  return { values, ...rest };
}

const nothing = { own: [], changedByHand: [], cleared: [], unreadable: [], problems: [] };

describe("a field of two manifests and one released configuration", () => {
  test.each<[string, Parameters<typeof blend>[0], Values]>([
    ["released as written", { both: { prompt: "你好" }, released: { prompt: "你好" } }, { prompt: "你好" }],
    [
      "the source is ahead of its manifest",
      { both: { prompt: "a" }, released: { prompt: "b" } },
      { prompt: "b" },
    ],
    ["nobody wrote it, somebody set it", { released: { prompt: "b" } }, { prompt: "b" }],
    ["nobody wrote it, nobody set it", { released: { prompt: "", flows: [], tools: [] } }, {}],
    ["it was cleared by hand", { both: { prompt: "a" }, released: { prompt: "" } }, { prompt: "" }],
    ["it is set no more", { both: { shown: "a" }, released: {} }, {}],
    [
      "a number is one",
      { both: { model: { heat: 1 } }, released: { model: { heat: 1.0 } } },
      { model: { heat: 1 } },
    ],
    [
      "parts of an object",
      { both: { model: { id: "7" } }, released: { model: { id: "8", heat: 0.3 } } },
      { model: { id: "8", heat: 0.3 } },
    ],
    [
      "references in another order",
      {
        both: { flows: [{ $ref: "Copy.refund" }, { $ref: "Copy.invoice" }] },
        released: { flows: ["f1", "f2"] },
      },
      { flows: [{ $ref: "Copy.refund" }, { $ref: "Copy.invoice" }] },
    ],
    [
      "a reference was taken away",
      { both: { flows: [{ $ref: "Copy.refund" }, { $ref: "Copy.invoice" }] }, released: { flows: ["f1"] } },
      { flows: [{ $ref: "Copy.invoice" }] },
    ],
    [
      "a tool that isn't told is the manifest's",
      {
        both: { tools: [{ plugin: "p1", tool: "t1" }] },
        released: { tools: [{ plugin: "p1" }], flows: ["f1"] },
      },
      { tools: [{ plugin: "p1", tool: "t1" }], flows: [{ $ref: "Copy.invoice" }] },
    ],
  ])("%s", (_, given, values) => {
    expect(blend(given)).toEqual({ values, ...nothing });
  });

  test("stays the target's own where the manifests differ, even where one says nothing", () => {
    const given = {
      source: { model: { id: "7", heat: 1 }, prompt: "a", shown: "x" },
      target: { model: { id: "9", heat: 1 }, prompt: "a" },
      released: { model: { id: "7", heat: 0.5 }, prompt: "b", shown: "x" },
    };
    expect(blend(given)).toEqual({
      values: { model: { id: "9", heat: 0.5 }, prompt: "b" },
      ...nothing,
      own: ["model.id", "shown"],
    });
  });

  test.each<[string, Parameters<typeof blend>[0], readonly string[]]>([
    ["as its manifest says", { written: { prompt: "a" }, released: { prompt: "a" } }, []],
    [
      "as it was applied, and the manifest has moved on",
      { applied: { prompt: "z" }, released: { prompt: "z" } },
      [],
    ],
    ["another way", { applied: { prompt: "a" }, released: { prompt: "b" } }, ["prompt"]],
    ["cleared", { applied: { prompt: "a" }, released: { prompt: "" } }, ["prompt"]],
    ["with another id", { source: { flows: ["f1"] }, released: { prompt: "a", flows: ["f2"] } }, ["flows"]],
    [
      "with what its reference stands for",
      {
        source: { flows: [{ $ref: "Copy.refund" }] },
        written: { flows: ["f2"] },
        released: { prompt: "a", flows: ["f2"] },
      },
      [],
    ],
    [
      "with an id that nobody can compare",
      { source: { flows: [{ $ref: "Copy.refund" }] }, released: { prompt: "a", flows: ["f2"] } },
      [],
    ],
    [
      "where it can't be read",
      {
        source: { model: { cache: true } },
        released: { prompt: "a", model: {} },
        applied: { model: { cache: false } },
      },
      [],
    ],
  ])("that the manifests differ in and the source has %s", (_, given, changedByHand) => {
    const found = blend({ ...given, target: { prompt: "c" }, source: { prompt: "a", ...given.source } });
    expect(found.changedByHand.map(formatPath)).toEqual(changedByHand);
    expect(found.values).toEqual({ prompt: "c" });
  });

  test.each<[string, Parameters<typeof blend>[0], readonly string[]]>([
    [
      "set by the last promotion and no more",
      { former: { shown: "a", prompt: "b", flows: ["h1"] } },
      ["prompt", "flows", "shown"],
    ],
    ["in an object that is gone as a whole", { former: { model: { id: "7" } } }, ["model.id"]],
    ["still set", { former: { shown: "a" }, released: { shown: "b" } }, []],
    ["never set", { former: { prompt: "", flows: [] } }, []],
    ["in the manifests", { both: { shown: "a" }, former: { shown: "a" } }, []],
    ["in the source's manifest only", { source: { shown: "a" }, former: { shown: "a" } }, []],
    ["where Coze may leave it out and it was never applied", { former: { mood: "a" } }, ["mood"]],
    ["where Coze may leave it out and it was applied", { former: { mood: "a" }, applied: { mood: "a" } }, []],
    ["where Coze never shows it", { former: { model: { cache: true } }, released: { model: {} } }, []],
  ])("cleared: %s", (_, given, cleared) => {
    expect(blend(given).cleared.map(formatPath)).toEqual(cleared);
  });

  test.each<[string, Values, Values]>([
    [
      "the one that the manifest names",
      { flows: [{ $ref: "Copy.other" }] },
      { flows: [{ $ref: "Copy.other" }] },
    ],
    ["else the first", { flows: [] }, { flows: [{ $ref: "Copy.one" }] }],
  ])("an id that several stand for is %s", (_, both, values) => {
    expect(blend({ both, released: { flows: ["f3"] } })).toEqual({ values, ...nothing });
  });

  test("that Coze never returns is as it was applied in the source, or as the manifests say", () => {
    const both = { model: { cache: true } };
    const unreadable = ["model.cache"];
    const result = (cache: boolean) => ({ values: { model: { cache } }, ...nothing, unreadable });
    expect(blend({ both, applied: { model: { cache: false } } })).toEqual(result(false));
    expect(blend({ both, applied: both })).toEqual(result(true));
    // The source was applied before its manifest said so.
    expect(blend({ both })).toEqual({ values: { model: { cache: true } }, ...nothing });
    expect(blend({ applied: { model: { cache: false } } })).toEqual({ values: {}, ...nothing });
  });

  test("that names what nobody here knows is a problem with its place", () => {
    const { problems } = blend({ released: { flows: ["f1", "f9"], tools: [{ plugin: "p1" }] } });
    expect(problems.map(({ path, message }) => [path, message])).toEqual([
      [["tools", 0], "Coze doesn't return the tool of tools[0]"],
      [["flows", 1], "flows[1] is the Flow f9 in dev, which has no known counterpart here"],
    ]);
  });
});

test("ids are known by cozeform.yaml, by copies, by address, by lookups and by the target's manifests, in this order", () => {
  const resource = (address: string, spec: Values) => ({
    address,
    kind: "Bot",
    spec,
    dependencies: [],
    lifecycle: { preventDestroy: false, ignoreChanges: [] },
    at: { file: "a.yaml", line: 1, column: 1 },
    locate: () => ({ file: "a.yaml", line: 1, column: 1 }),
  });
  const lookup = { $lookup: { name: "开票" } };
  const entry = (id: string) => ({ kind: "Bot", id, status: "ready" as const, spec: {}, dependencies: [] });
  const toTarget = createIdMap({
    fieldsOf: () => fields,
    target: [
      resource("Bot.a", { flows: ["f8", "f1", "f2"] }),
      resource("Copy.d", { made: { flow: "f6" } }),
      resource("Copy.b", {}),
      resource("Copy.c", {}),
    ],
    source: [resource("Bot.a", { flows: [lookup, { $ref: "Copy.c" }] })],
    found: [resource("Bot.a", { flows: ["f1", "f7"] })],
    entries: new Map([
      ["Bot.a", entry("a1")],
      ["Copy.c", entry("f2")],
      ["Bot.gone", entry("g1")],
    ]),
    originalOf: ({ address }) => ({ "Copy.c": "f3", "Copy.d": "f5", "Copy.b": "f5" })[address],
    given: { f9: "h9", f3: "h3" },
  });
  const known = ["f9", "f3", "f5", "f2", "f1", "f8", "a1", "g1", "f7", "f6"].map((id) => toTarget(id));
  expect(known).toEqual([
    ["h9"],
    ["h3"],
    [{ $ref: "Copy.b" }, { $ref: "Copy.d" }],
    [{ $ref: "Copy.c" }, "f2"],
    [lookup, "f1"],
    ["f8"],
    [{ $ref: "Bot.a" }],
    [],
    [],
    // It is only what a copy is made from.
    [],
  ]);
});
