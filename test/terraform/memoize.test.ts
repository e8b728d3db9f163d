import { expect, test } from "@jest/globals";
import { memoizeEach, memoizeRecent } from "../../src/terraform/schema/memoize.ts";

/** A function that notes what it was asked. */
function noting() {
  const asked: string[] = [];
  const remembering = memoizeRecent((bytes: Uint8Array) => {
    const text = new TextDecoder().decode(bytes);
    asked.push(text.slice(0, 20));
    return { text };
  });
  return { asked, ask: (text: string) => remembering(new TextEncoder().encode(text)) };
}

test("an object is asked about once, whatever the answer is", () => {
  const asked: object[] = [];
  const answer = memoizeEach((of: object) => {
    asked.push(of);
    return undefined;
  });
  const [one, other] = [{ a: 1 }, { a: 1 }];
  expect([answer(one), answer(one), answer(other)]).toEqual([undefined, undefined, undefined]);
  expect(asked).toEqual([one, other]);
});

test("bytes that came lately have the answer that they had, wherever they stand in memory", () => {
  const { asked, ask } = noting();
  expect(ask("扣子")).toBe(ask("扣子"));
  expect(ask("口子")).toEqual({ text: "口子" });
  expect(asked).toEqual(["扣子", "口子"]);
});

test("what came long ago and what is long is worked out again", () => {
  const { asked, ask } = noting();
  ask("first");
  for (let number = 0; number < 128; number += 1) ask(`${number}`);
  ask("127");
  ask("first");
  expect(asked).toHaveLength(130);
  const long = "长".repeat(40_000);
  expect(ask(long)).not.toBe(ask(long));
});
