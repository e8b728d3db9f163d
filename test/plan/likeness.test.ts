import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { rememberSpec } from "../../src/core/digest.ts";
import type { Fields } from "../../src/core/field.ts";
import { compareWritten, readWritten } from "../../src/plan/guards/likeness.ts";
import { createTextComparison } from "../../src/plan/guards/text-likeness.ts";

const field = (more: object = {}) =>
  ({ type: "string", presence: "optional", description: "", ...more }) as const;
const fields = {
  place: field(),
  name: field(),
  kind: field(),
  style: field(),
  prompt: field({ text: true }),
  model: {
    type: "object",
    presence: "optional",
    description: "",
    fields: { id: field(), temperature: field(), top: field(), max: field() },
  },
} as const satisfies Fields;

const salt = "lineage";
const base = {
  place: "7",
  name: "助手",
  kind: "bot",
  style: "plain",
  prompt: "你是客服，请耐心回答客户的每一个问题。".repeat(40),
};

/** Compares what was applied with what is wanted now; `live` is what Coze shows of it. */
function compare(came: object, live?: object) {
  const went = readWritten(fields, rememberSpec(fields, base, salt), salt);
  const other = readWritten(fields, { ...base, ...came }, salt);
  const context = { texts: createTextComparison(), idOf: () => undefined };
  return compareWritten(went, other, live as Record<string, string> | undefined, context);
}

describe("what goes and what comes look alike", () => {
  test.each<[string, object, object | undefined, ReturnType<typeof compare>]>([
    ["all fields", {}, undefined, { equal: 5, written: 5 }],
    ["four of five", { name: "另一个名字" }, undefined, { equal: 4, written: 5 }],
    ["not three of five", { name: "另一个名字", kind: "x" }, undefined, undefined],
    ["not by four of six", { name: "另一个名字", model: { id: "1" } }, undefined, undefined],
    ["an edited text", { prompt: `${base.prompt}谢谢。` }, base, { equal: 5, written: 5 }],
    ["no other text, whatever else is equal", { prompt: "翻译下面的句子。".repeat(100) }, base, undefined],
    [
      "a text that wasn't read",
      { prompt: `${base.prompt}谢谢。` },
      {},
      { equal: 5, written: 5, unread: true },
    ],
    ["no text of another length", { prompt: "你是客服。" }, {}, undefined],
  ])("%s", (_name, came, live, expected) => {
    const likeness = compare(came, live);
    expect(likeness && JSON.parse(JSON.stringify(likeness))).toEqual(expected);
  });
});

/** A text of Chinese characters that is the same for the same number. */
function textOf(seed: number, length: number): string {
  let state = seed * 7919 + 1;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return 0x4e00 + (state % 2500);
  };
  return Array.from({ length }, () => String.fromCharCode(next())).join("");
}

describe("texts are versions of one another", () => {
  const { areAlike } = createTextComparison();
  const long = textOf(1, 5000);

  test.each<[string, string, string, boolean]>([
    ["the same", long, long, true],
    [
      "a tenth of its characters differs",
      long,
      [...long].map((one, at) => (at % 10 ? one : "换")).join(""),
      true,
    ],
    ["a tenth of it is another", long, long.slice(500) + textOf(2, 500), true],
    ["its halves changed places", long, long.slice(2500) + long.slice(0, 2500), true],
    ["half of it is another", long, long.slice(2500) + textOf(2, 2500), false],
    ["another text", long, textOf(3, 5000), false],
    ["a short one with a letter more", "customer service", "customer services", true],
    ["short ones", "售前", "售后", false],
    ["nothing", "", long, false],
  ])("%s", (_name, one, other, expected) => {
    expect([areAlike(one, other), areAlike(other, one)]).toEqual([expected, expected]);
  });

  test("as every text and itself, in both directions alike", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(areAlike(one, one)).toBe(true);
        expect(areAlike(one, other)).toBe(areAlike(other, one));
      }),
      { seed: 7 },
    );
  });

  test("of many long ones that have much in common, for which the work is bounded", () => {
    const strange = textOf(9, 20_000);
    const sides = [0, 9000].map((from) =>
      Array.from(
        { length: 100 },
        (_, at) => long.slice(0, 3400) + strange.slice(from + at * 60).slice(0, 1600),
      ),
    );
    const [went = [], came = []] = sides;
    const bounded = createTextComparison();
    const pairs = went.flatMap((one) => came.filter((other) => bounded.areAlike(one, other)));
    expect(pairs).toEqual([]);
  });
});
