import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { bearsIdentity, indexBearers } from "../../src/kind/identity-match.ts";
import type { Item } from "../../src/kind/kind.ts";
import { thing } from "../support/toy-kind.ts";

const names = fc.constantFrom("a", " a ", "é", "e\u0301", "b\r\nc", "b\nc", "", "  ");

test("an index finds the objects that bear an identity, in any form in which they are stored", () => {
  const lives = fc.array(fc.record({ name: names, size: fc.nat(3) }, { requiredKeys: [] }), { maxLength: 6 });
  const specs = fc.record({ box: fc.constant("1"), name: names }, { requiredKeys: ["box"] });
  fc.assert(
    fc.property(lives, specs, (all, spec) => {
      const items = all.map((live, index): Item => ({ id: String(index), parent: "1", live }));
      const found = items.filter((item) => bearsIdentity(thing, item, spec));
      expect(indexBearers(thing, items)(spec)).toEqual(found);
    }),
  );
});
