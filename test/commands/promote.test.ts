import { describe, expect, test } from "@jest/globals";
import { type PromotionCommandOptions, planPromotion, promote } from "../../src/commands/promote.ts";
import type { InvalidInput } from "../../src/core/diagnostic.ts";
import { formatPath } from "../../src/core/spec-walk.ts";
import type { Values } from "../../src/core/value.ts";
import type { Bot } from "../../src/emulator/index.ts";
import {
  createStory,
  type Files,
  failuresOf,
  manifest,
  manifests,
  type Story,
  summarize,
} from "../support/story.ts";

const project = `apiVersion: cozeform/v1
kind: Project
name: desk
manifests: [manifests/*.yaml]
environments:
  dev: {variables: {suffix: "-dev", model: "11"}}
  prod: {variables: {suffix: "", model: "22"}}
`;

const bot = (spec: Values = {}) =>
  manifest("Bot", "support", {
    workspace: "desk",
    name: "客服${var.suffix}",
    prompt: "你是客服。",
    model: { id: "${var.model}", temperature: 0.5 },
    publish: { connectors: ["api"] },
    ...spec,
  });

const files = (support: string, ...more: readonly string[]): Files => ({
  "cozeform.yaml": project,
  "manifests/all.yaml": manifests(
    manifest("Workspace", "desk", { name: "客服空间${var.suffix}", description: "客服" }),
    manifest("Dataset", "faq", { workspace: "desk", name: "问答", format: "text" }),
    manifest("Dataset", "rules", { workspace: "desk", name: "规定", format: "text" }),
    support,
    ...more,
  ),
});

const knowledge = { datasets: ["faq"], search_strategy: "hybrid" };

/** Both environments as their manifests say. */
async function createDesk(spec: Values = { knowledge }, ...more: readonly string[]) {
  const story = createStory({ files: files(bot(spec), ...more) });
  for (const environment of ["dev", "prod"]) {
    expect(failuresOf(await story.apply({ environment }))).toEqual([]);
  }
  const botOf = (suffix: string): Bot => {
    const found = [...story.emulator.world.bots.values()].find(({ draft }) => draft.name === `客服${suffix}`);
    if (!found) throw new Error(`there is no 客服${suffix}`);
    return found;
  };
  return { story, dev: botOf("-dev"), prod: botOf("") };
}

const options = (story: Story) => ({ ...story.common, environment: "prod", from: "dev" });

const promoteIt = (
  story: Story,
  more: Partial<PromotionCommandOptions> & { readonly parallelism?: number } = {},
) => promote(story.host, { ...options(story), approve: async () => true, ...more });

/** What somebody sets on the web page and publishes. */
async function editByHand(story: Story, id: string, change: object): Promise<void> {
  await story.byHand("POST", "/v1/bot/update", { bot_id: id, ...change });
  await story.byHand("POST", "/v1/bot/publish", { bot_id: id, connector_ids: ["1024"] });
}

const datasetOf = ({ emulator }: Story, space: string, name: string): string =>
  [...emulator.world.datasets.values()].find((one) => one.space_id === space && one.name === name)?.id ?? "";

describe("promoting a bot in place", () => {
  test("does nothing while both environments are as their manifests say", async () => {
    const { story } = await createDesk();
    const requests = await story.requestsOf(async () => {
      const { planned, result } = await promoteIt(story);
      expect(summarize(planned)).toEqual([]);
      expect(result).toBeUndefined();
    });
    expect(requests.filter((one) => one.includes("is_published=true"))).toHaveLength(1);
    expect(requests.filter((one) => !one.startsWith("GET "))).toEqual([]);
  });

  test("brings what is published, with ids of the other environment's, and leaves its own as it is", async () => {
    const { story, dev, prod } = await createDesk();
    await editByHand(story, dev.id, {
      prompt_info: { prompt: "你是耐心的客服。" },
      model_info_config: { model_id: "11", temperature: 0.2 },
      onboarding_info: { prologue: "你好！", suggested_questions: ["怎么退货？"] },
      knowledge: {
        dataset_ids: [datasetOf(story, dev.space_id, "规定")],
        auto_call: true,
        search_strategy: 1,
      },
    });
    // Not published, so it stays where it is.
    await story.byHand("POST", "/v1/bot/update", { bot_id: dev.id, prompt_info: { prompt: "试试看" } });

    const { planned, result } = await promoteIt(story);
    const step = planned.plan.steps.find(({ address }) => address === "Bot.support");
    expect(step?.changes.map(({ path }) => formatPath(path))).toEqual([
      "prompt",
      "onboarding.prologue",
      "onboarding.suggested_questions",
      "model.temperature",
      "knowledge.datasets",
    ]);
    expect(step?.notes).toEqual([
      "uses what dev has published",
      "keeps prod's own model.id: the manifests differ there",
      "Coze doesn't return knowledge.search_strategy: taken from dev's manifest and state",
    ]);
    expect(result?.failed).toEqual([]);

    const now = story.emulator.world.bots.get(prod.id);
    expect(now?.published).toMatchObject({
      name: "客服",
      prompt_info: { prompt: "你是耐心的客服。" },
      model_info_config: { model_id: "22", temperature: 0.2 },
      onboarding_info: { prologue: "你好！", suggested_questions: ["怎么退货？"] },
      knowledge: { dataset_ids: [datasetOf(story, prod.space_id, "规定")], search_strategy: 1 },
    });
    expect(now?.edited).toBe(false);
    expect([...story.emulator.world.bots.keys()]).toEqual([dev.id, prod.id]);
    expect(summarize((await promoteIt(story)).planned)).toEqual([]);
  });

  test("leaves to a plain plan what manifests say, and no trace of what they don't", async () => {
    const { story, dev } = await createDesk();
    await editByHand(story, dev.id, {
      prompt_info: { prompt: "你是耐心的客服。" },
      onboarding_info: { prologue: "你好！" },
    });
    await promoteIt(story);
    const { plan } = await story.plan({ environment: "prod" });
    const [step, ...others] = plan.steps.filter(({ action }) => action !== "no-op");
    expect(others).toEqual([]);
    expect(step?.changes.map(({ path, before, after }) => [formatPath(path), before, after])).toEqual([
      ["prompt", "你是耐心的客服。", "你是客服。"],
    ]);
  });

  test("changes nothing further once the account has to be paid for, and goes on with the next run", async () => {
    const sales = bot({ knowledge, name: "导购${var.suffix}" }).replace("name: support", "name: sales");
    const { story } = await createDesk({ knowledge }, sales);
    for (const { id, draft } of story.emulator.world.bots.values()) {
      if (draft.name.endsWith("-dev")) await editByHand(story, id, { prompt_info: { prompt: "改" } });
    }
    story.emulator.faults.set([{ operation: "publish_bot", fault: "refuse", code: 4022, msg: "no" }]);
    let writes = story.writes().length;
    const { result } = await promoteIt(story, { parallelism: 1 });
    expect(story.writes().slice(writes)).toEqual(["update_bot", "update_bot", "publish_bot"]);
    expect(result).toMatchObject({
      failed: [{ failure: { type: "billing", message: "billing: the model service is in arrears: no" } }],
      skipped: [{ because: "billing stopped the run" }],
    });
    story.emulator.faults.clear();
    writes = story.writes().length;
    expect((await promoteIt(story)).result).toMatchObject({ failed: [], skipped: [] });
    expect(story.writes().slice(writes)).toEqual(["publish_bot", "publish_bot"]);
  });

  test("takes the draft when it is asked for", async () => {
    const { story, dev, prod } = await createDesk();
    await story.byHand("POST", "/v1/bot/update", { bot_id: dev.id, prompt_info: { prompt: "草稿" } });
    expect(summarize((await promoteIt(story)).planned)).toEqual([]);
    await promoteIt(story, { draft: true });
    expect(story.emulator.world.bots.get(prod.id)?.published?.prompt_info?.prompt).toBe("草稿");
  });

  test("sends no id of the one environment to the other", async () => {
    const { story, dev, prod } = await createDesk();
    await editByHand(story, dev.id, { prompt_info: { prompt: "新" } });
    const before = story.emulator.requests.length;
    await promoteIt(story);
    const written = story.emulator.requests.slice(before).filter(({ writes }) => writes);
    expect(written.map(({ operation }) => operation)).toEqual(["update_bot", "publish_bot"]);
    const devIds = [dev.id, dev.space_id, datasetOf(story, dev.space_id, "问答")];
    for (const request of written) {
      expect(JSON.stringify(request)).toContain(prod.id);
      for (const id of devIds) expect(JSON.stringify(request)).not.toContain(id);
    }
  });
});

const problemsOf = async (promise: Promise<unknown>): Promise<readonly string[]> => {
  const error = await promise.then(
    () => undefined,
    (reason: InvalidInput) => reason,
  );
  return (error?.diagnostics ?? []).map(
    ({ at, message, hint }) => `${at ? `${at.file}:${at.line}:${at.column} ` : ""}${message}; ${hint}`,
  );
};

describe("a promotion that can't be", () => {
  test.each<[string, Partial<PromotionCommandOptions> & { environment?: string }, string]>([
    [
      "to itself",
      { from: "prod" },
      "prod can't be promoted to itself; name two environments: --from dev --to prod",
    ],
    ["from nowhere", { from: "deve" }, 'there is no environment deve; did you mean "dev"?'],
    [
      "of a dataset",
      { addresses: ["Dataset.faq"] },
      "nothing of Dataset.faq can be promoted: it isn't a Copy from dev, and dev hasn't created it; a promotion takes bots that both environments have, and copies whose source is in dev",
    ],
  ])("%s", async (_, more, told) => {
    const { story } = await createDesk();
    const before = story.emulator.requests.length;
    expect(await problemsOf(planPromotion(story.host, { ...options(story), ...more }))).toEqual([told]);
    expect(story.emulator.requests.slice(before).filter(({ writes }) => writes)).toEqual([]);
  });

  test("since nothing is published there", async () => {
    const { story, dev } = await createDesk();
    await story.byHand("POST", `/v1/bots/${dev.id}/unpublish`, { connector_id: "1024" });
    expect(await problemsOf(planPromotion(story.host, options(story)))).toEqual([
      "manifests/all.yaml:27:1 Bot.support isn't published in dev; publish it there (cozeform apply -e dev), promote drafts (--draft), or name what to promote without it",
    ]);
  });

  test("since nothing was ever applied there", async () => {
    const story = createStory({ files: files(bot()) });
    expect(await problemsOf(planPromotion(story.host, options(story)))).toEqual([
      "there is nothing to promote from dev to prod; apply dev first: a promotion takes the bots that dev created, and copies with a source in dev",
    ]);
  });

  test("since it uses what nothing in the target is known to stand for, until cozeform.yaml says what does", async () => {
    const { story, dev, prod } = await createDesk();
    const [there, here] = [dev, prod].map(
      ({ space_id }) => story.emulator.world.addWorkflow({ space_id, name: "开票" }).id,
    );
    await editByHand(story, dev.id, { workflow_id_list: { ids: [{ id: there }] } });
    expect(await problemsOf(planPromotion(story.host, options(story)))).toEqual([
      `manifests/all.yaml:31:1 Bot.support: workflows[0] is the Workflow ${there} in dev, which has no known counterpart here; name it in both manifests, or map its id under ids: of the environment in cozeform.yaml`,
    ]);
    story.write({
      "cozeform.yaml": project.replace('model: "22"}', `model: "22"}, ids: {"${there}": "${here}"}`),
    });
    await promoteIt(story);
    expect(story.emulator.world.bots.get(prod.id)?.published?.workflow_id_list).toEqual({
      ids: [{ id: here }],
    });
  });
});
