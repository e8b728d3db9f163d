import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createBatch, keepEach, packItems, removeBatch } from "../../src/lifecycle/batching.ts";
import { createToyApi, thing } from "../support/toy-kind.ts";
import { refused } from "./toy-port.ts";

const weights = fc.array(fc.integer({ min: 0, max: 20 }));
const capacities = fc.record({
  limit: fc.integer({ min: 1, max: 6 }),
  most: fc.integer({ min: 1, max: 15 }),
});

test("the packs in a row are the items, and each fits in a call", () => {
  fc.assert(
    fc.property(weights, capacities, (items, { limit, most }) => {
      const packs = packItems(items, { limit, most, weigh: (weight) => weight });
      expect(packs.flat()).toEqual(items);
      for (const pack of packs) {
        const total = pack.reduce((sum, weight) => sum + weight, 0);
        expect(pack.length).toBeGreaterThan(0);
        expect(pack.length).toBeLessThanOrEqual(limit);
        expect(pack.length === 1 || total <= most).toBe(true);
      }
    }),
  );
});

test("no two packs in a row would fit in one call", () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 6 }), (items, limit) => {
      const packs = packItems(items, { limit });
      expect(packs).toHaveLength(Math.ceil(items.length / limit));
    }),
  );
});

const describeMissing = (index: number) => `nothing for ${index}`;
const specs = ["a", "b", "c", "d", "e"].map((name) => ({ box: "b1", name }));

describe("a batch of creations", () => {
  test("gives each spec its outcome, also when one of its calls fails and another leaves one out", async () => {
    const sizes: number[] = [];
    const kind: typeof thing = {
      ...thing,
      createMany: {
        limit: 2,
        async run(_api, some) {
          sizes.push(some.length);
          if (some.some(({ name }) => name === "a")) throw refused();
          return some.flatMap(({ name }) => (name === "d" ? [] : [{ value: { id: `id of ${name}` } }]));
        },
      },
    };
    const outcomes = await createBatch(createToyApi(), kind, specs, describeMissing);
    expect(sizes).toEqual([2, 2, 1]);
    expect(outcomes).toEqual([
      { error: refused() },
      { error: refused() },
      { value: { id: "id of c" } },
      { error: new Error("nothing for 3") },
      { value: { id: "id of e" } },
    ]);
  });

  test("is a call each where a call creates one", async () => {
    const api = createToyApi();
    const outcomes = await createBatch(api, thing, specs.slice(0, 2), describeMissing);
    expect(outcomes).toEqual([{ value: { id: "t1" } }, { value: { id: "t2" } }]);
    expect(api.calls).toEqual(["create a", "create b"]);
  });

  test("of a kind that can only be looked up is an error", async () => {
    const { create: _none, ...kind } = thing;
    expect(
      await createBatch(createToyApi(), kind as typeof thing, specs.slice(0, 1), describeMissing),
    ).toEqual([{ error: new Error("Thing can't be created") }]);
  });
});

test("a batch of removals is a call each where a call removes one", async () => {
  const api = createToyApi();
  await createBatch(api, thing, specs.slice(0, 2), describeMissing);
  await removeBatch(api, thing, [{ id: "t1" }, { id: "t2" }], describeMissing);
  expect([api.things.size, api.calls.slice(2)]).toEqual([0, ["remove t1", "remove t2"]]);
});

test("what is kept by a key is made once for it", () => {
  const keep = keepEach<number>();
  let made = 0;
  const make = () => ++made;
  expect([keep(["a", undefined], make), keep(["a", null], make), keep(["b"], make)]).toEqual([1, 1, 2]);
});
