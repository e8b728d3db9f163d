import { describe, expect, test } from "@jest/globals";
import type { Values } from "../../../src/core/value.ts";
import { kinds } from "../../../src/kinds/index.ts";
import { toObject } from "../../../src/terraform/resource/attribute-conversion.ts";
import { fillIn, mergeLive } from "../../../src/terraform/resource/merge-live.ts";
import { unknown } from "../../../src/terraform/values/unknown.ts";

const fieldsOf = (name: string) => kinds.find((kind) => kind.name === name)?.fields ?? {};
const bot = fieldsOf("Bot");
const held = (values: Values): Values => toObject(bot, values);
const whole = { whole: true, guess: false };

describe("what Coze shows, put over a state", () => {
  test("keeps the state's spelling of the same", () => {
    const state = held({ workflows: ["2", "1"], knowledge: { datasets: ["4", "3"] } });
    const live = { workflows: ["1", "2"], knowledge: { datasets: ["3", "4"] } };
    const { workflows, knowledge } = state;
    expect(mergeLive(bot, state, live, whole)).toMatchObject({ workflows, knowledge });
  });

  test("keeps what was written where Coze trims, composes or shortens it", () => {
    const state = held({ prompt: " cafe\u0301\r\n ", model: { id: "1", temperature: 0.7 } });
    const live = { prompt: "café", model: { id: "1", temperature: Math.fround(0.7) } };
    const { prompt, model } = state;
    expect(mergeLive(bot, state, live, whole)).toMatchObject({ prompt, model });
    expect(mergeLive(bot, state, { ...live, prompt: "cafe" }, whole)).toMatchObject({ prompt: "cafe" });
  });

  test("keeps what Coze never shows", () => {
    const state = held({ knowledge: { datasets: ["3"], auto_call: false }, icon: "x.png" });
    const seen = mergeLive(bot, state, { knowledge: { datasets: ["4"] } }, whole);
    expect(seen).toMatchObject({ icon: "x.png", knowledge: { datasets: ["4"], auto_call: false } });
  });

  test("shows what somebody changed, and what is gone", () => {
    const state = held({ name: "a", description: "b" });
    expect(mergeLive(bot, state, { name: "c" }, whole)).toMatchObject({ name: "c", description: "" });
    expect(mergeLive(bot, state, { name: "c" }, { ...whole, whole: false })).toMatchObject({
      description: "b",
    });
  });

  test("keeps the order of channels and what is theirs", () => {
    const [one, two] = [
      { id: "1024", config: null, config_wo: null, config_wo_version: null },
      { id: "5", config: '{"k":"v"}', config_wo: null, config_wo_version: "2" },
    ];
    const state = { ...held({}), publish: { connectors: [two, one] } };
    const same = mergeLive(bot, state, { publish: { connectors: [{ id: "1024" }, { id: "5" }] } }, whole);
    expect(same).toMatchObject({ publish: { connectors: [two, one] } });
    const other = mergeLive(bot, state, { publish: { connectors: [{ id: "999" }, { id: "5" }] } }, whole);
    expect(other).toMatchObject({ publish: { connectors: [two, { ...one, id: "999" }] } });
  });

  test("finds a name with its file's extension to be the name", () => {
    const fields = fieldsOf("Document");
    const state = toObject(fields, { dataset: "1", name: "退换货规则" });
    expect(mergeLive(fields, state, { name: "退换货规则.txt" }, whole)).toMatchObject({ name: "退换货规则" });
  });

  test("of an imported object takes defaults for what is never shown", () => {
    const seen = mergeLive(bot, held({}), { knowledge: { datasets: [] } }, { whole: true, guess: true });
    expect(seen.knowledge).toEqual({ datasets: [], auto_call: true, search_strategy: "semantic" });
  });
});

describe("what wasn't known when planning", () => {
  test("becomes what Coze shows, or nothing; what was planned stays", () => {
    const planned: Values = {
      ...held({ name: "a", model: { id: "1", temperature: 0.5 } }),
      version: unknown,
    };
    const model = { ...(planned.model as Values), top_p: unknown, max_tokens: unknown };
    const live = { name: "b", version: "3", model: { id: "2", top_p: 0.9 } };
    expect(fillIn(bot, { id: unknown, ...planned, model }, live)).toMatchObject({
      id: null,
      name: "a",
      version: "3",
      model: { id: "1", temperature: 0.5, top_p: 0.9, max_tokens: null },
    });
  });
});
