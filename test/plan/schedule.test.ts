import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { defineKind } from "../../src/kind/kind.ts";
import type { KindSchema } from "../../src/kind/schema.ts";
import { levelNodes, sortByDependency } from "../../src/plan/graph.ts";
import type { Step } from "../../src/plan/plan.ts";
import { scheduleSteps } from "../../src/plan/schedule.ts";

const member = defineKind<never>()({
  name: "Member",
  description: "Comes and goes by the batch.",
  identity: ["user"],
  removal: "delete",
  fields: {
    team: { type: "ref", kind: "Team", presence: "required", description: "Where." },
    user: { type: "string", presence: "required", description: "Who." },
    pages: { type: "integer", presence: "optional", description: "How much it weighs." },
  },
  parent: "team",
  async *list() {},
  createMany: { limit: 20, maxWeight: 10, weight: (spec) => Number(spec.pages ?? 0), run: async () => [] },
  removeMany: { limit: 5, run: async () => [] },
});

const page = { ...member, name: "Page", replacement: "create-first" as const };
const kinds: readonly KindSchema[] = [member, page];

const step = (name: string, more: Partial<Step> = {}): Step => ({
  address: `Member.${name}`,
  kind: "Member",
  action: "create",
  because: [],
  changes: [],
  notes: [],
  effects: [],
  calls: [{ call: "create" }],
  removes: [],
  spec: { team: "t", user: name },
  dependencies: [],
  ...more,
});

const gone = (name: string, more: Partial<Step> = {}): Step =>
  step(name, { action: "delete", calls: [], spec: undefined, removes: [{ id: name, parent: "t" }], ...more });

const numbered = (count: number, make: (name: string) => Step): Step[] =>
  Array.from({ length: count }, (_, index) => make(`m${String(index).padStart(3, "0")}`));

const sizes = (steps: Step[]) =>
  scheduleSteps({ steps, diagnostics: [], refusals: [], answered: [], together: [] }, kinds).map(
    ({ nodes }) => nodes.length,
  );

test("batches are as full as the API allows", () => {
  expect(sizes(numbered(45, step))).toEqual([20, 20, 5]);
  expect(sizes(numbered(12, gone))).toEqual([5, 5, 2]);
});

test("a batch has one parent and stays below the greatest weight", () => {
  const others = numbered(3, (name) => step(name, { spec: { team: "u", user: name } }));
  expect(sizes([step("a"), step("b"), ...others]).sort()).toEqual([2, 3]);
  const heavy = numbered(4, (name) => step(name, { spec: { team: "t", user: name, pages: 6 } }));
  expect(sizes(heavy)).toEqual([1, 1, 1, 1]);
});

test("what goes first and what comes first is the kind's choice", () => {
  const replaced = (kind: string) =>
    step("x", { kind, address: `${kind}.x`, action: "replace", removes: [{ id: "1", parent: "t" }] });
  const order = (kind: string) =>
    scheduleSteps(
      { steps: [replaced(kind)], diagnostics: [], refusals: [], answered: [], together: [] },
      kinds,
    ).map(({ id }) => id);
  expect(order("Member")).toEqual(["Member.x (old)", "Member.x"]);
  expect(order("Page")).toEqual(["Page.x", "Page.x (old)"]);
});

test("the old one of a create-first kind goes after those who hung on it have moved", () => {
  const first = step("x", {
    kind: "Page",
    address: "Page.x",
    action: "replace",
    removes: [{ id: "1", parent: "t" }],
  });
  const user = step("y", {
    action: "update",
    calls: [{ call: "update", fields: ["pages"] }],
    dependencies: ["Page.x"],
  });
  const units = scheduleSteps(
    { steps: [first, user], diagnostics: [], refusals: [], answered: [], together: [] },
    kinds,
  );
  expect(units.map(({ id }) => id)).toEqual(["Page.x", "Member.y", "Page.x (old)"]);
});

const graphs = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 30 })
  .map(
    (rows) =>
      new Map(
        rows.map(
          (row, index) =>
            [`n${index}`, row.map((n) => `n${index === 0 ? -1 : n % index}`)] as [string, string[]],
        ),
      ),
  );

test("in any graph without cycles each node comes after what it waits for, and levels never wait inside", () => {
  fc.assert(
    fc.property(graphs, (edges) => {
      const order = sortByDependency(edges);
      const levels = levelNodes(edges);
      expect([...order].sort()).toEqual([...edges.keys()].sort());
      for (const [node, targets] of edges) {
        for (const target of targets.filter((one) => edges.has(one))) {
          expect(order.indexOf(target)).toBeLessThan(order.indexOf(node));
          expect(levels.get(target)).toBeLessThan(levels.get(node) ?? -1);
        }
      }
    }),
  );
});

test("a cycle is a mistake of ours and says which nodes it holds", () => {
  expect(() =>
    levelNodes(
      new Map([
        ["a", ["b"]],
        ["b", ["a"]],
      ]),
    ),
  ).toThrow("a, b");
});
