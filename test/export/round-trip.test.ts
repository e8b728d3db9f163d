import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import fc, { type Arbitrary } from "fast-check";
import type { BotConfig } from "../../src/emulator/areas/bot-collection.ts";
import { createConsole } from "../cli/console.ts";
import { trickyTexts } from "../support/estate-world.ts";
import { seed } from "../support/sample.ts";
import { someVariants } from "../support/variants.ts";

/** A text of at most so many characters, ordinary or tricky. */
const textUpTo = (most: number): Arbitrary<string> =>
  fc
    .oneof(
      fc.constantFrom(...trickyTexts),
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.string({
        unit: fc.constantFrom("\n", " ", "$", "{", "}", "#", "-", ":", "|", '"', "'", "\\", "\t", "你", "a"),
      }),
    )
    .map((text) => [...text].slice(0, most).join(""));

const number = fc.integer({ min: -200, max: 200 }).map((hundredths) => hundredths / 100);

const draft: Arbitrary<Omit<BotConfig, "name">> = fc.record(
  {
    description: textUpTo(500),
    prompt_info: fc.oneof(
      fc.record({ prompt: textUpTo(20_000) }),
      fc.record({
        prompt_mode: fc.constant("prefix" as const),
        prefix_prompt_info: fc.record({ prefix_prompt: textUpTo(5000), dynamic_prompt: textUpTo(5000) }),
      }),
    ),
    onboarding_info: fc.record({
      prologue: textUpTo(300),
      suggested_questions: fc.array(textUpTo(50), { maxLength: 3 }),
    }),
    model_info_config: fc.record(
      {
        model_id: fc.constantFrom("1706077826", "0012"),
        temperature: number,
        top_k: fc.integer({ min: 0, max: 100 }),
        max_tokens: fc.integer({ min: 1, max: 9000 }),
        frequency_penalty: number,
        response_format: fc.constantFrom("text" as const, "markdown" as const, "json" as const),
        parameters: fc.dictionary(
          fc.constantFrom("a", "1", "键", "a b"),
          fc.oneof(fc.boolean(), number, textUpTo(20)),
          { minKeys: 1 },
        ),
      },
      { requiredKeys: ["model_id"] },
    ),
    suggest_reply_info: fc.record({
      reply_mode: fc.constantFrom("enable" as const, "disable" as const),
      customized_prompt: textUpTo(100),
    }),
  },
  { requiredKeys: [] },
);

type Stage = ReturnType<typeof createConsole>;

interface Export {
  readonly resources: readonly { readonly kind: string; readonly address: string; readonly id: string }[];
  readonly notes: readonly { readonly address: string; readonly text: string }[];
}

/** What Coze returns of a bot, without what each object has of its own. */
async function readBot(stage: Stage, id: string): Promise<Record<string, unknown>> {
  const answer = await stage.emulator.fetch(`http://127.0.0.1/v1/bots/${id}?is_published=false`, {
    headers: { authorization: `Bearer ${stage.emulator.token}` },
  });
  const { data } = (await answer.json()) as { readonly data: Record<string, unknown> };
  const own = ["bot_id", "icon_url", "create_time", "update_time", "version", "owner_user_id", "knowledge"];
  const { model_name: _, ...model } = data.model_info as Record<string, unknown>;
  const kept = Object.entries(data).filter(([name]) => !own.includes(name));
  return { ...Object.fromEntries(kept), model_info: model };
}

const exportDesk = async ({ sh, clock }: Stage, more = ""): Promise<Export> => {
  await clock.sleep(5000);
  const { code, out, err } = await sh(`export -w 空间 -o out ${more} --format json`);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
};

/** The ids of what the manifests of an export made, by address. */
const idsOf = (directory: string): Record<string, { readonly id: string }> =>
  JSON.parse(readFileSync(join(directory, ".cozeform/default.state.json"), "utf8")).resources;

test("a random world that is exported and applied to an empty one is the same in every field that was written", async () => {
  const check = async (drafts: readonly Omit<BotConfig, "name">[], form: string): Promise<void> => {
    const [from, to] = [1, 2].map(() => createConsole({}, { world: { onboardingKeys: "plain" } })) as [
      Stage,
      Stage,
    ];
    const space = from.emulator.world.addWorkspace({ name: "空间", description: "一" });
    for (const [index, config] of drafts.entries()) {
      from.emulator.world.addBot({
        space_id: space.id,
        draft: { name: `机器人${index}`, ...structuredClone(config) },
      });
    }
    const made = await exportDesk(from, form);
    expect((await from.sh("plan out --detailed-exitcode")).code).toBe(0);
    cpSync(join(from.directory, "out"), join(to.directory, "out"), {
      recursive: true,
      filter: (file) => !file.includes(".cozeform"),
    });
    const applied = await to.sh("apply out --auto-approve");
    expect([applied.code, applied.out]).toEqual([
      0,
      expect.stringContaining(`${made.resources.length} created`),
    ]);
    const there = idsOf(join(to.directory, "out"));
    for (const { address, id } of made.resources.filter(({ kind }) => kind === "Bot")) {
      // What isn't written is said.
      const unwritten = made.notes.filter((note) => note.address === address).map(({ text }) => text);
      const [one, other] = [await readBot(from, id), await readBot(to, there[address]?.id ?? "")];
      if (unwritten.length === 0) expect(other).toEqual(one);
      else expect(unwritten.join()).toMatch(/isn't written/u);
    }
  };
  const worlds = fc.array(draft, { minLength: 12, maxLength: 12 });
  const forms = ["", "--markdown"];
  for (const [index, world] of fc.sample(worlds, { seed, numRuns: forms.length }).entries())
    await check(world, forms[index] ?? "");
});

test("whatever form Coze stores and shows values in, the plan after an export is empty", async () => {
  const check = async (
    drafts: readonly Omit<BotConfig, "name">[],
    variants: readonly string[],
  ): Promise<void> => {
    const stage = createConsole(
      {},
      { world: { variants: variants as never, onboardingKeys: "by-id", toolIds: "by-id" } },
    );
    const space = stage.emulator.world.addWorkspace({ name: "空间", description: "一 " });
    const { id } = stage.emulator.world.addDataset({
      space_id: space.id,
      name: "e\u0301 ",
      description: "x\r\ny",
    });
    for (const [index, config] of drafts.entries()) {
      const body = { space_id: space.id, name: `机器人${index}`, ...config };
      const request = {
        method: "POST",
        headers: { authorization: `Bearer ${stage.emulator.token}`, "content-type": "application/json" },
      };
      const made = await stage.emulator.fetch("http://127.0.0.1/v1/bot/create", {
        ...request,
        body: JSON.stringify(body),
      });
      const { data } = (await made.json()) as { readonly data?: { readonly bot_id: string } };
      const bound = { bot_id: data?.bot_id, knowledge: { dataset_ids: [id] } };
      await stage.emulator.fetch("http://127.0.0.1/v1/bot/update", {
        ...request,
        body: JSON.stringify(bound),
      });
    }
    await exportDesk(stage);
    const plan = await stage.sh("plan out --detailed-exitcode --refresh full");
    expect([plan.code, plan.out]).toEqual([0, expect.stringContaining("No changes")]);
  };
  const worlds = fc.array(draft, { minLength: 4, maxLength: 4 });
  const cases = fc.sample(fc.tuple(worlds, someVariants), { seed, numRuns: 3 });
  for (const [world, variants] of cases) await check(world, variants);
});

test("a text with a secret is never written, and stays as Coze has it", async () => {
  const stage = createConsole();
  const { world, token } = stage.emulator;
  const space = world.addWorkspace({ name: "空间", description: "一" });
  const secret = `pat_${"aB3".repeat(22)}`;
  world.addBot({
    space_id: space.id,
    draft: { name: "甲", prompt_info: { prompt: `用 ${secret} 登录` }, description: "好" },
  });
  world.addBot({
    space_id: space.id,
    draft: { name: "乙", onboarding_info: { prologue: token, suggested_questions: ["a"] } },
  });
  world.addBot({ space_id: space.id, draft: { name: `丙 ${secret}` } });
  const { notes, resources } = await exportDesk(stage);
  expect(notes.map(({ text }) => text)).toEqual([
    "prompt isn't written, and stays as Coze has it: it holds what looks like a secret, or one of this run's own.",
    "onboarding.prologue isn't written, and stays as Coze has it: it holds what looks like a secret, or one of this run's own.",
  ]);
  expect(resources.filter(({ kind }) => kind === "Bot").map(({ address }) => address)).toEqual([
    "Bot.jia",
    "Bot.yi",
  ]);
  const file = readFileSync(join(stage.directory, "out/manifests/kong-jian/bots/jia.yaml"), "utf8");
  expect(file).toBe(`\
# prompt isn't written, and stays as Coze has it: it holds what looks like a secret, or one of this run's own.

apiVersion: cozeform/v1
kind: Bot
metadata: {name: jia}
spec:
  workspace: kong-jian
  name: 甲
  description: 好
  model: {id: "1706077826"}
  suggested_replies:
    mode: enable
`);
  expect(existsSync(join(stage.directory, "out/prompts"))).toBe(false);
  expect((await stage.sh("plan out --detailed-exitcode")).code).toBe(0);
});
