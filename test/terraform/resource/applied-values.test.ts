import { expect, test } from "@jest/globals";
import { kinds } from "../../../src/kinds/index.ts";
import { withoutGuesses } from "../../../src/terraform/resource/applied-values.ts";

const fields = kinds.find(({ name }) => name === "Bot")?.fields ?? {};
const planned = {
  description: "",
  model: {
    id: "1",
    temperature: 0.5,
    cache: "closed",
    anti_leak: false,
    current_time: true,
    api_mode: "chat_api",
  },
};

test("what only stands in for what Coze hides isn't sent, unless it is to be taken back", () => {
  const config = { description: null, model: { id: "1", temperature: null, cache: null } };
  expect(withoutGuesses(fields, planned, config, new Set())).toEqual({
    description: "",
    model: { id: "1", temperature: 0.5, cache: null, anti_leak: null, current_time: true, api_mode: null },
  });
  const former = new Set(["model.anti_leak"]);
  expect(withoutGuesses(fields, planned, config, former)).toMatchObject({
    model: { anti_leak: false, cache: null },
  });
  const own = { ...config, model: { id: "1", cache: "closed" } };
  expect(withoutGuesses(fields, planned, own, new Set())).toMatchObject({ model: { cache: "closed" } });
});
