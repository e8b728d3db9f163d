import { describe, expect, test } from "@jest/globals";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const project = (description = " 客服\r\n空间 ", prompt = " cafe\u0301\r\n你好 ") =>
  manifests(
    manifest("Workspace", "desk", { name: "客服空间", description }),
    manifest("Dataset", "faq", { workspace: "desk", name: "常见问题", format: "text", description }),
    manifest("Bot", "support", {
      workspace: "desk",
      name: "售后助手",
      description,
      prompt,
      onboarding: { prologue: " 你好 ", suggested_questions: ["怎么退货？ "] },
      model: { id: "1706077826", temperature: 0.7, top_p: 0.9 },
      publish: { connectors: ["api"] },
    }),
  );

const normalising = ["trimmed-texts", "lf-texts", "composed-texts", "short-floats"] as const;

describe.each([
  ["trimmed texts", ["trimmed-texts"]],
  ["LF for CRLF", ["lf-texts"]],
  ["composed texts", ["composed-texts"]],
  ["floats of 32 bits", ["short-floats"]],
  ["all of these", normalising],
  ["neither temperature nor top_p", ["fixed-sampling"]],
] as const)("a server that keeps %s", (_, variants) => {
  const open = () => createStory({ files: { "desk.yaml": project() }, emulator: { world: { variants } } });

  test("gets one version of three applies, and the last plan is empty", async () => {
    const story = open();
    for (let times = 0; times < 3; times += 1) expect(failuresOf(await story.apply())).toEqual([]);
    const [bot] = story.emulator.world.bots.values();
    expect(bot?.versions).toHaveLength(1);
    expect(summarize(await story.plan({ refresh: "full" }))).toEqual([]);
  });

  test("another value is drift, and a changed manifest an update", async () => {
    const story = open();
    await story.apply();
    const [bot] = story.emulator.world.bots.values();
    story.emulator.world.editBot(bot?.id ?? "", { prompt_info: { prompt: "by hand" } });
    expect(summarize(await story.plan({ refresh: "full" }))).toEqual(["update Bot.support"]);
    await story.apply();
    story.write({ "desk.yaml": project(undefined, "你好") });
    expect(summarize(await story.plan())).toEqual(["update Bot.support"]);
    await story.apply();
    expect(summarize(await story.plan({ refresh: "full" }))).toEqual([]);
    expect(bot?.draft.prompt_info?.prompt).toBe("你好");
  });
});

test("other white space of the same text is one more version, and then the same to Coze", async () => {
  const story = createStory({
    files: { "desk.yaml": project() },
    emulator: { world: { variants: normalising } },
  });
  await story.apply();
  story.write({ "desk.yaml": project(undefined, "  cafe\u0301\r\n你好   ") });
  expect(summarize(await story.plan())).toEqual(["update Bot.support"]);
  for (let times = 0; times < 3; times += 1) await story.apply();
  expect([...story.emulator.world.bots.values()].map(({ versions }) => versions.length)).toEqual([2]);
});

test("the form of an earlier value is drift once another value was applied", async () => {
  const story = createStory({
    files: { "desk.yaml": project(undefined, " 你好 ") },
    emulator: { world: { variants: normalising } },
  });
  await story.apply();
  const [bot] = story.emulator.world.bots.values();
  expect(bot?.draft.prompt_info?.prompt).toBe("你好");
  story.write({ "desk.yaml": project(undefined, "再见") });
  await story.apply();
  story.emulator.world.editBot(bot?.id ?? "", { prompt_info: { prompt: "你好" } });
  expect(summarize(await story.plan({ refresh: "full" }))).toEqual(["update Bot.support"]);
});

test("a value that Coze always returns as another is accepted when it was applied before", async () => {
  const clamp = async ({ operation }: { readonly operation: string }, answer: Response) =>
    operation === "get_metadata_draft_published"
      ? new Response((await answer.text()).replaceAll('"temperature":0.7', '"temperature":0.5'), answer)
      : undefined;
  let isClamped = false;
  const story = createStory({
    files: { "desk.yaml": project("客服", "你好") },
    emulator: {
      hooks: { after: async (exchange, answer) => (isClamped ? clamp(exchange, answer) : undefined) },
    },
  });
  await story.apply();
  isClamped = true;
  for (let times = 0; times < 3; times += 1) await story.apply({ refresh: "full" });
  expect(summarize(await story.plan({ refresh: "full" }))).toEqual([]);
  expect([...story.emulator.world.bots.values()].map(({ versions }) => versions.length)).toEqual([2]);
});

test("a reading that shows what was there before may be late: it is no form of the new value", async () => {
  let isLate = false;
  const after = async ({ operation }: { readonly operation: string }, answer: Response) => {
    if (!isLate || operation !== "get_metadata_draft_published") return undefined;
    return new Response((await answer.text()).replaceAll("再见", "你好"), answer);
  };
  const story = createStory({
    files: { "desk.yaml": project("客服", "你好") },
    emulator: { hooks: { after } },
  });
  await story.apply();
  story.write({ "desk.yaml": project("客服", "再见") });
  isLate = true;
  await story.apply();
  isLate = false;
  expect(summarize(await story.plan({ refresh: "full" }))).toEqual([]);
  const [bot] = story.emulator.world.bots.values();
  story.emulator.world.editBot(bot?.id ?? "", { prompt_info: { prompt: "你好" } });
  expect(summarize(await story.plan({ refresh: "full" }))).toEqual(["update Bot.support"]);
});

test("an apply whose reading back was lost costs no version more", async () => {
  let isLost = false;
  const before = ({ operation }: { readonly operation: string }) => {
    if (isLost && operation === "get_metadata_draft_published") throw new Error("cut");
    return undefined;
  };
  const story = createStory({
    files: { "desk.yaml": project() },
    emulator: { world: { variants: normalising }, hooks: { before } },
  });
  isLost = true;
  expect(failuresOf(await story.apply())).toEqual([]);
  isLost = false;
  for (let times = 0; times < 3; times += 1) await story.apply();
  expect([...story.emulator.world.bots.values()].map(({ versions }) => versions.length)).toEqual([1]);
  expect(summarize(await story.plan({ refresh: "full" }))).toEqual([]);
});

test("what Coze stores in another form is said once", async () => {
  const story = createStory({
    files: { "desk.yaml": project() },
    emulator: { world: { variants: normalising } },
  });
  const said = () => story.events.flatMap((one) => (one.type === "drift-found" ? [one.paths] : []));
  await story.apply();
  expect(said()).toEqual([
    [
      "description",
      "prompt",
      "onboarding.prologue",
      "onboarding.suggested_questions",
      "model.temperature",
      "model.top_p",
    ],
  ]);
  await story.apply();
  expect(said()).toHaveLength(1);
});
