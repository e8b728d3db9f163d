import { afterEach, expect, test } from "@jest/globals";
import { english } from "../../src/messages/en/index.ts";
import { type Catalogue, say, speak } from "../../src/messages/text.ts";

afterEach(() => speak("en", english));

test("values are inserted once, as they are", () => {
  expect(say("common/did-you-mean", { word: "{{word}} $& $1 …" })).toBe("did you mean {{word}} $& $1 …?");
});

test("another language speaks from the moment that it is chosen", () => {
  const chinese: Catalogue = { ...english, "common/did-you-mean": "是不是想写 {{word}}？" };
  speak("zh", chinese);
  expect(say("common/did-you-mean", { word: "bot" })).toBe("是不是想写 bot？");
});

test("a key and its values are checked when compiling", () => {
  // @ts-expect-error A value is missing.
  expect(say("common/did-you-mean")).toContain("undefined");
  // @ts-expect-error A value that the text doesn't take.
  expect(say("common/did-you-mean", { word: "a", other: 1 })).toContain("a");
  // @ts-expect-error No such key.
  expect(() => say("common/none")).toThrow(TypeError);
});
