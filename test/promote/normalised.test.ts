import { describe, expect, test } from "@jest/globals";
import { planAgainst } from "../../src/commands/compare-environments.ts";
import { planPromotion, promote } from "../../src/commands/promote.ts";
import { rollback } from "../../src/commands/rollback.ts";
import type { Variant } from "../../src/emulator/world/variants.ts";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const projectFile = `\
apiVersion: cozeform/v1
kind: Project
name: desk
manifests: [all.yaml]
environments:
  dev: {variables: {suffix: -dev}}
  prod: {variables: {suffix: ""}}
`;

const long = ` ${"退货\r\n".repeat(200)}cafe\u0301 `;

const desk = (prompt = long, description = " 客服 ") =>
  manifests(
    manifest("Workspace", "desk", { name: "客服${var.suffix}", description }),
    manifest("Dataset", "faq", { workspace: "desk", name: "常见问题", format: "text", description }),
    manifest("Bot", "support", {
      workspace: "desk",
      name: "售后助手${var.suffix}",
      description,
      prompt,
      onboarding: { prologue: " 你好 ", suggested_questions: ["怎么退货？ "] },
      model: { id: "1706077826", temperature: 0.7, top_p: 0.9 },
      publish: { connectors: ["api"] },
    }),
  );

const normalising = ["trimmed-texts", "lf-texts", "composed-texts", "short-floats"] as const;

/** Two environments at a server that stores texts and numbers in other forms. */
async function createPair(
  variants: readonly Variant[],
  applied: readonly ("dev" | "prod")[] = ["dev", "prod"],
) {
  const story = createStory({
    files: { "cozeform.yaml": projectFile, "all.yaml": desk() },
    emulator: { world: { variants } },
  });
  const apply = async (environment: "dev" | "prod") =>
    expect(failuresOf(await story.apply({ environment }))).toEqual([]);
  const promotion = { ...story.common, from: "dev", environment: "prod", approve: async () => true };
  for (const one of applied) await apply(one);
  const find = (name: string) => {
    const bot = [...story.emulator.world.bots.values()].find(({ draft }) => draft.name === name);
    if (!bot) throw new Error(`there is no ${name}`);
    return bot;
  };
  return {
    ...story,
    apply,
    promote: async () => expect(failuresOf(await promote(story.host, promotion))).toEqual([]),
    planPromotion: async () => summarize(await planPromotion(story.host, promotion)),
    rollback: () => rollback(story.host, { ...promotion, addresses: [] }),
    planProd: async () => summarize(await story.plan({ environment: "prod", refresh: "full" })),
    compare: () => planAgainst(story.host, { ...story.common, environment: "prod", against: "dev" }),
    dev: () => find("售后助手-dev"),
    prod: () => find("售后助手"),
    versions: () => find("售后助手").versions.length,
    /** Changes the bot of dev in Coze's pages, and publishes it. */
    editDev(prompt: string): void {
      const { id } = find("售后助手-dev");
      story.emulator.world.editBot(id, { prompt_info: { prompt } });
      story.emulator.world.publishBot(id, ["1024"]);
    },
  };
}

describe.each([
  ["trimmed texts", ["trimmed-texts"]],
  ["LF for CRLF", ["lf-texts"]],
  ["composed texts", ["composed-texts"]],
  ["floats of 32 bits", ["short-floats"]],
  ["all of these", normalising],
  ["no temperature", ["fixed-sampling"]],
] as const)("on a server that keeps %s", (_, variants) => {
  test("promotions of what the manifests say publish nothing, and an apply after them does nothing", async () => {
    const pair = await createPair(variants);
    await pair.promote();
    await pair.promote();
    expect(pair.versions()).toBe(1);
    expect(await pair.planProd()).toEqual([]);
    await pair.apply("prod");
    expect(pair.versions()).toBe(1);
  });

  test("what a promotion made is what an apply wants", async () => {
    const pair = await createPair(variants, ["dev"]);
    await pair.promote();
    await pair.promote();
    await pair.apply("prod");
    expect(pair.versions()).toBe(1);
  });

  test("a promotion of another value publishes once, and a rollback of it once", async () => {
    const pair = await createPair(variants);
    const before = pair.prod().published;
    pair.editDev("手写");
    await pair.promote();
    expect(await pair.planPromotion()).toEqual([]);
    await pair.promote();
    expect(pair.versions()).toBe(2);
    expect(pair.prod().published?.prompt_info?.prompt).toBe(pair.dev().published?.prompt_info?.prompt);
    await pair.rollback();
    expect(pair.versions()).toBe(3);
    expect(pair.prod().published).toEqual(before);
    expect(await pair.planProd()).toEqual([]);
    await pair.apply("prod");
    expect(pair.versions()).toBe(3);
  });

  test("two environments with the same wishes show no difference but their names", async () => {
    const pair = await createPair(variants);
    const { comparison } = await pair.compare();
    const paths = comparison.resources.flatMap(({ differences }) =>
      differences.map(({ path }) => path.join(".")),
    );
    expect([...new Set(paths)]).toEqual(["name"]);
    pair.editDev("手写");
    const again = await pair.compare();
    expect(again.comparison.counts.different).toBe(1);
  });
});
