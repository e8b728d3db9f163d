import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { apply } from "../../src/commands/apply.ts";
import { planPromotion, promote } from "../../src/commands/promote.ts";
import { showState } from "../../src/commands/state.ts";
import { formatPath } from "../../src/core/spec-walk.ts";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const project = `apiVersion: cozeform/v1
kind: Project
name: desk
manifests: [all.yaml]
environments:
  dev: {variables: {suffix: "-dev"}}
  prod: {variables: {suffix: ""}}
`;

/** Two environments as one manifest says, and dev changed by hand since; a channel's config is secret. */
async function createDesk() {
  const channel = { id: "7000000000000000001", config: { key: "${env.COZE_CHANNEL_KEY}" } };
  const files = {
    "cozeform.yaml": project,
    "all.yaml": manifests(
      manifest("Workspace", "desk", { name: "客服空间${var.suffix}", description: "客服" }),
      manifest("Bot", "support", {
        workspace: "desk",
        name: "客服${var.suffix}",
        prompt: "你是客服。",
        onboarding: { prologue: "你好" },
        publish: { connectors: ["api", channel] },
      }),
    ),
  };
  const story = createStory({ files, env: { COZE_CHANNEL_KEY: "quiet-please-1" } });
  for (const environment of ["dev", "prod"]) {
    expect(failuresOf(await story.apply({ environment }))).toEqual([]);
  }
  const dev = [...story.emulator.world.bots.values()].find(({ draft }) => draft.name === "客服-dev");
  const body = {
    bot_id: dev?.id,
    description: "耐心",
    prompt_info: { prompt: "你是耐心的客服。" },
    onboarding_info: { prologue: "你好", suggested_questions: ["怎么退货？"] },
  };
  await story.byHand("POST", "/v1/bot/update", body);
  await story.byHand("POST", "/v1/bot/publish", { bot_id: dev?.id, connector_ids: ["1024"] });
  return story;
}

const prod = { environment: "prod" };

test("of what was promoted only what the manifest speaks of is remembered as wanted", async () => {
  const story = await createDesk();
  const options = { ...story.common, ...prod, from: "dev" };
  const { result } = await promote(story.host, { ...options, approve: async () => true });
  expect(result).toMatchObject({ switched: true, failed: [] });
  const entry = await showState(story.host, { ...story.common, ...prod }, "Bot.support");
  expect(Object.keys(entry.spec).sort()).toEqual(["name", "onboarding", "prompt", "publish", "workspace"]);
  expect(entry.spec).toMatchObject({ prompt: "你是耐心的客服。", onboarding: { prologue: "你好" } });
  expect(entry.spec.onboarding).toEqual({ prologue: "你好" });
  // The secret isn't in the history either.
  expect(JSON.stringify(entry.history)).not.toMatch(/quiet|digest/);

  // What the manifest says otherwise is shown, and what it doesn't speak of stays.
  const { plan } = await story.plan(prod);
  const step = plan.steps.find(({ address }) => address === "Bot.support");
  expect(step?.changes.map(({ path }) => formatPath(path))).toEqual(["prompt"]);
  const again = await promote(story.host, { ...options, approve: async () => true });
  expect(summarize(again.planned)).toEqual([]);
});

test("a saved promotion holds no secret, and is applied in phases with the one of today", async () => {
  const story = await createDesk();
  const { document } = await planPromotion(story.host, { ...story.common, ...prod, from: "dev" });
  const text = JSON.stringify(document);
  expect(text).not.toContain("quiet-please");
  const planFile = join(story.directory, "release.json");
  writeFileSync(planFile, text);
  const other = { ...story.host, env: { ...story.host.env, COZE_CHANNEL_KEY: "quiet-please-2" } };
  story.events.length = 0;
  const applying = { ...story.common, planFile, approve: async () => true };
  await expect(apply(other, applying)).rejects.toThrow("secrets differ from those of the plan");
  const { result } = await story.apply({ planFile });
  expect(result).toMatchObject({ switched: true, failed: [] });
  expect(story.events.some(({ type }) => type === "step-prepared")).toBe(true);
  const entry = await showState(story.host, { ...story.common, ...prod }, "Bot.support");
  expect(entry.history?.map(({ from }) => from)).toEqual([undefined, "dev"]);
});
