import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { english } from "../../src/messages/en/index.ts";
import { type Found, findEarlyMessages, findSentences, readSources } from "../support/sentences.ts";

const sources = readSources(resolve(import.meta.dirname, "../../src"));

const findAll = (find: (file: string, source: string) => readonly Found[]): readonly string[] =>
  [...sources].flatMap(([file, source]) =>
    find(file, source).map(({ line, text }) => `src/${file}:${line}: ${text}`),
  );

test("no sentence for users stands outside the catalogue", () => {
  expect(findAll(findSentences)).toEqual([]);
});

test("the search sees literals, templates and what is inserted, and passes over what isn't a message", () => {
  const example = [
    'import a from "./two words.ts";',
    'const one = "two words";',
    "const two = `value ${a} here`;",
    'const three = `${a ? "inner words" : ""}`;',
    'type Four = "two words";',
    'throw new Error("a bug of ours");',
    'const five = { description: "two words", hint: "two words" };',
    'const six = "cozeform plan --emulator";',
  ].join("\n");
  expect(findSentences("cli/a.ts", example).map(({ line, text }) => [line, text])).toEqual([
    [2, "two words"],
    [3, "value X here"],
    [4, "inner words"],
    [7, "two words"],
  ]);
});

test("no message is built while a module loads: the language is chosen later", () => {
  expect(findAll(findEarlyMessages)).toEqual([]);
  const example = 'const a = say("common/remove-one");\nconst b = () => say("common/remove-one");';
  expect(findEarlyMessages("a.ts", example).map(({ line }) => line)).toEqual([1]);
});

test("every message is used", () => {
  const code = [...sources].flatMap(([file, source]) => (file.startsWith("messages/") ? [] : source)).join();
  // Keys that belong to a code or a name of the data end with it.
  const beginnings = [...code.matchAll(/`([a-z-]+\/[a-z0-9-]*)\$\{/gu)].map(
    ([, beginning = ""]) => beginning,
  );
  const isUsed = (key: string): boolean =>
    code.includes(`"${key}"`) || beginnings.some((beginning) => key.startsWith(beginning));
  const unused = Object.keys(english).filter((key) => !isUsed(key) && !isUsed(key.replace(/\.hint$/u, "")));
  expect(unused).toEqual([]);
});
