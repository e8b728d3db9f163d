import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { addressOfDeposed } from "../../src/kind/deposed.ts";
import type { Entry } from "../../src/kind/state-entry.ts";
import { emptyState, type State } from "../../src/state/model.ts";
import { markChanges } from "../../src/state/unsaved.ts";
import { mergeEntries } from "../../src/state/unsaved-merge.ts";
import { entry } from "./place.ts";

type Resources = State["resources"];

const stateOf = (resources: Resources): State => ({ ...emptyState("dev", "", "one"), resources });

const objectOf = (id: string, more: Partial<Entry> = {}): Entry => ({ ...entry, id, ...more });

function merge(before: Resources, ours: Resources, theirs: Resources) {
  const base = { begun: stateOf(before), run: "run", attempted: undefined };
  const { unsaved = { before: {} } } = markChanges(stateOf(ours), base);
  return mergeEntries(stateOf(theirs), stateOf(ours), unsaved);
}

const spec = { name: "x" };
const first = { "Bot.a": objectOf("1") };
const deposed = addressOfDeposed("Bot.a", "1") ?? "";

test.each<[string, Resources]>([
  ["a replacement that keeps the old object", { "Bot.a": objectOf("2", { kept: [{ id: "1", spec }] }) }],
  ["a replacement", { "Bot.a": objectOf("2", { previous: [{ id: "1" }] }) }],
  ["a replacement with the old object beside it", { "Bot.a": objectOf("2"), [deposed]: objectOf("1") }],
  [
    "a replacement that was begun",
    { "Bot.a": { ...entry, id: undefined, status: "unknown" }, [deposed]: objectOf("1") },
  ],
  ["a move", { "Bot.b": objectOf("1") }],
  ["a removal", {}],
])("%s is brought into what another run saved elsewhere", (_, ours) => {
  const other = { "Bot.other": objectOf("77") };
  expect(merge(first, ours, { ...first, ...other })).toEqual({ resources: { ...ours, ...other }, left: [] });
});

/** Objects at addresses: the first of an address is its own, the others were replaced by it. */
const resourcesOf = fc
  .tuple(
    fc.shuffledSubarray(["1", "2", "3", "4", "5", "6"]),
    fc.array(fc.constantFrom("Bot.a", "Bot.b", "Bot.c", "Bot.d"), { minLength: 6, maxLength: 6 }),
    fc.array(fc.constantFrom("kept", "previous", "spec"), { minLength: 6, maxLength: 6 }),
  )
  .map(([ids, addresses, forms]) => {
    const found: Record<string, Entry> = {};
    for (const [index, id] of ids.entries()) {
      const [address = "", form] = [addresses[index], forms[index]];
      const there = found[address];
      if (!there) found[address] = objectOf(id, form === "spec" ? { spec } : {});
      else if (form === "kept") found[address] = { ...there, kept: [...(there.kept ?? []), { id, spec }] };
      else found[address] = { ...there, previous: [...(there.previous ?? []), { id }] };
    }
    return found;
  });

const idsOf = (entries: readonly (Entry | undefined)[]): readonly string[] =>
  entries.flatMap((one) =>
    one ? [one.id ?? "", ...[...(one.kept ?? []), ...(one.previous ?? [])].map(({ id }) => id)] : [],
  );

test("each object of either side is in what is brought together, in a conflict, or was removed by one side", () => {
  fc.assert(
    fc.property(resourcesOf, resourcesOf, resourcesOf, (before, ours, theirs) => {
      const { resources, left } = merge(before, ours, theirs);
      const [former, here, there, merged] = [before, ours, theirs, resources].map((one) =>
        idsOf(Object.values(one)),
      );
      const open = idsOf(left.flatMap((address) => [ours[address], theirs[address]]));
      const lost = [...new Set([...(here ?? []), ...(there ?? [])])].filter(
        (id) =>
          !merged?.includes(id) &&
          !open.includes(id) &&
          !(former?.includes(id) && (!here?.includes(id) || !there?.includes(id))),
      );
      expect(lost).toEqual([]);
      expect(merged).toHaveLength(new Set(merged).size);
    }),
    { numRuns: 2000 },
  );
});
