import { expect, test } from "@jest/globals";
import { suggest } from "../../src/core/suggestions.ts";

test.each([
  ["policy", ["policies", "products"], "policies"],
  ["colour", ["color", "cooler"], "color"],
  ["ulr", ["url"], "url"],
  ["systemPrompt", ["system_prompt"], "system_prompt"],
  ["enviroments", ["environments"], "environments"],
  ["prd", ["dev", "prod"], "prod"],
  ["sugested_question", ["suggested_questions"], "suggested_questions"],
  ["size", ["name"], undefined],
  ["cat", ["faq"], undefined],
  ["id", ["to", "x"], undefined],
  ["退款", ["退货", "faq"], "退货"],
  ["staging", ["dev", "prod"], undefined],
  ["zz", ["x"], undefined],
  ["a", ["b"], undefined],
  ["faqs", ["desk"], undefined],
  ["desk", ["dusk", "help"], "dusk"],
])("%s is taken for the right one of %j", (word, known, expected) => {
  expect(suggest(word, known)).toBe(expected);
});
