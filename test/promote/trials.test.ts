import { describe, expect, test } from "@jest/globals";
import { openEngine, readProject } from "../../src/commands/session.ts";
import type { Check } from "../../src/core/resource.ts";
import type { Json } from "../../src/core/value.ts";
import { judgeReply } from "../../src/promote/judge.ts";
import { runChecks } from "../../src/promote/trials.ts";
import { createFaults, createStory } from "../support/story.ts";

const check = (more: Partial<Check>): Check => ({
  name: "it",
  expect: { text: "七天" },
  within: 30,
  at: { file: "bot.yaml", line: 9, column: 5 },
  ...more,
});

/** A bot that was published and changed since, and a workflow that was never published. */
async function setScene() {
  const faults = createFaults();
  const story = createStory({ emulator: { hooks: faults.hooks, world: { chatMs: 3000 } } });
  const { world } = story.emulator;
  const space_id = world.addWorkspace({ name: "客服" }).id;
  const bot = world.addBot({ space_id, draft: { name: "助手", prompt_info: { prompt: "旧" } } }).id;
  world.publishBot(bot);
  world.editBot(bot, { prompt_info: { prompt: "新" } });
  const workflow = world.addWorkflow({ space_id, name: "开票" }).id;
  const project = await readProject(story.host, story.common);
  const engine = await openEngine(story.host, project, story.common);
  const ask = (kind: "Bot" | "Copy", one: Check, spec: { readonly [name: string]: Json } = {}) => {
    const place = { id: kind === "Bot" ? bot : workflow, parent: space_id };
    const subject = {
      address: `${kind}.it`,
      kind,
      place,
      spec: { type: "workflow", ...spec },
      checks: [one],
    };
    return runChecks(engine, [subject], judgeReply);
  };
  return { story, world, faults, bot, workflow, ask };
}

const operationsOf = ({ emulator }: Awaited<ReturnType<typeof setScene>>["story"]) =>
  emulator.requests.map(({ operation }) => operation);

describe("a check of a bot", () => {
  test("asks the draft, with one call to ask, few to wait, and one to read", async () => {
    const { story, world, ask } = await setScene();
    world.scriptChat({ matches: "退货", answer: "{{of}} {{prompt}}：七天" });
    const [tried] = await ask("Bot", check({ say: "怎么退货？" }));
    expect(tried).toEqual({
      address: "Bot.it",
      check: check({ say: "怎么退货？" }),
      passed: true,
      reply: "draft 新：七天",
      ms: expect.any(Number),
    });
    expect(operationsOf(story)).toEqual([
      "chat_v3",
      "retrieve_chat",
      "retrieve_chat",
      "retrieve_chat",
      "list_chat_messages",
    ]);
    expect(story.events.map(({ type }) => type)).toEqual(["check-started", "check-finished"]);
  });

  test.each<[string, object, Partial<Check>, object]>([
    [
      "answers something else",
      { answer: "三天" },
      {},
      { reply: "三天", reason: "the answer isn't as expected: it doesn't contain \"七天\"" },
    ],
    ["fails", { fail: { code: 4008, msg: "quota" } }, {}, { reason: "the chat failed: quota (code 4008)" }],
    [
      "waits for its caller",
      { asks: { name: "where" } },
      {},
      {
        reason: "the bot waits for the result of a tool of its caller's, and a check has none",
        hint: "ask something that it answers without that tool",
      },
    ],
    [
      "never ends",
      { never_ends: true },
      { within: 20 },
      { reason: "no answer came within 20 seconds", hint: "ask again, or give it longer: within" },
    ],
  ])("doesn't pass when the chat %s", async (_, rule, more, ended) => {
    const { world, ask } = await setScene();
    world.scriptChat(rule);
    const [tried] = await ask("Bot", check({ say: "退货", ...more }));
    expect(tried).toMatchObject({ passed: false, ...ended });
  });

  test("asks once more, and no more, when its question got lost", async () => {
    const { story, faults, ask } = await setScene();
    faults.lose("after", "chat_v3");
    const [tried] = await ask("Bot", check({ say: "退货" }));
    expect(tried).toMatchObject({
      passed: false,
      failure: { type: "unknown-outcome", operation: "chat_v3" },
    });
    expect(operationsOf(story)).toEqual(["chat_v3", "chat_v3"]);
  });

  test("looks on when a look gets lost", async () => {
    const { story, world, ask } = await setScene();
    world.scriptChat({ answer: "七天" });
    story.emulator.faults.set([{ operation: "retrieve_chat", calls: { times: 1 }, fault: "drop" }]);
    expect(await ask("Bot", check({ say: "退货" }))).toMatchObject([{ passed: true }]);
    const looks = operationsOf(story).filter((operation) => operation === "retrieve_chat");
    expect(looks).toHaveLength(3);
  });
});

describe("a check of a workflow", () => {
  test("can't run what isn't published, and says who can publish it", async () => {
    const { story, workflow, ask } = await setScene();
    expect(await ask("Copy", check({ input: { order: "1" } }))).toMatchObject([
      {
        passed: false,
        reason: `the workflow ${workflow} isn't published, so it can't be run`,
        hint: "publish it on its page in Coze, which the API has no way to do, then run promote again",
        failure: { operation: "workflow_run", code: 4200 },
      },
    ]);
    expect(operationsOf(story)).toEqual(["workflow_run"]);
  });

  test("runs it, and judges its output", async () => {
    const { story, world, workflow, ask } = await setScene();
    world.publishWorkflow(workflow);
    world.scriptRun({ workflow, parameters: { order: "1" }, output: { days: 7, by: "{{name}}" } });
    const schema = { type: "object", properties: { days: { const: 7 } }, required: ["days"] };
    const [tried] = await ask("Copy", check({ input: { order: "1" }, expect: { schema } }));
    expect(tried).toMatchObject({ passed: true, reply: expect.stringContaining('"days":7') });
    expect(operationsOf(story)).toEqual(["workflow_run"]);
  });
});
