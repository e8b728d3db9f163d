import { describe, expect, test } from "@jest/globals";
import { openEngine } from "../../src/commands/connections.ts";
import { readProject } from "../../src/commands/project.ts";
import type { Check } from "../../src/kind/resource.ts";
import { judgeReply } from "../../src/promote/check-assertions.ts";
import { runChecks, type Subject } from "../../src/promote/run-checks.ts";
import { drawFailedChecks } from "../../src/report/checks.ts";
import { renderEvent } from "../../src/report/events.ts";
import { renderEventJson } from "../../src/report/json.ts";
import { createFaults, createStory } from "../support/story.ts";

const check = (more: Partial<Check>): Check => ({
  name: "it",
  expect: { text: "七天" },
  within: 30,
  at: { file: "bot.yaml", line: 9, column: 5 },
  ...more,
});

/** A bot that was published and changed since, and a workflow that was never published. */
async function setScene(options: { parallelism?: number; maxCalls?: number; signal?: AbortSignal } = {}) {
  const faults = createFaults();
  const story = createStory({ emulator: { hooks: faults.hooks, world: { chatMs: 3000 } } });
  const { world } = story.emulator;
  const space_id = world.addWorkspace({ name: "客服" }).id;
  const bot = world.addBot({ space_id, draft: { name: "助手", prompt_info: { prompt: "旧" } } }).id;
  world.publishBot(bot);
  world.editBot(bot, { prompt_info: { prompt: "新" } });
  const workflow = world.addWorkflow({ space_id, name: "开票" }).id;
  const project = await readProject(story.host, story.common);
  const { signal, ...limits } = options;
  const engine = await openEngine({ ...story.host, ...(signal ? { signal } : {}) }, project, {
    ...story.common,
    ...limits,
  });
  const subjectOf = (kind: "Bot" | "Copy", checks: readonly Check[]): Subject => ({
    address: `${kind}.it`,
    kind,
    place: { id: kind === "Bot" ? bot : workflow, parent: space_id },
    spec: { type: "workflow" },
    checks,
  });
  const ask = (kind: "Bot" | "Copy", one: Check) => runChecks(engine, [subjectOf(kind, [one])], judgeReply);
  const askAll = (checks: readonly Check[]) => runChecks(engine, [subjectOf("Bot", checks)], judgeReply);
  return { story, world, faults, bot, workflow, ask, askAll };
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
    [
      "fails",
      { fail: { code: 701231, msg: "no such tool" } },
      {},
      {
        reason: "the chat failed: Coze refused the call: no such tool",
        hint: expect.stringContaining("look the code up"),
        failure: { type: "rejected", operation: "chat_v3", code: 701231 },
      },
    ],
    [
      "finds the model busy",
      { fail: { code: 4020, msg: "rpm" } },
      {},
      {
        reason: "the chat failed: too many calls of the model: rpm",
        hint: "run again later, or lower requests_per_second",
      },
    ],
    [
      "waits for its caller",
      { asks: { name: "where" } },
      {},
      {
        reason: "the bot waits for a tool result from its caller, and a check has none",
        hint: "send a message that it answers without that tool",
      },
    ],
    [
      "never ends",
      { never_ends: true },
      { within: 20 },
      {
        reason: "no answer came within 20 seconds",
        hint: "run again, or raise the check's time limit: within",
      },
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
      note: "asked twice because the first question or its answer was lost",
    });
    expect(operationsOf(story)).toEqual(["chat_v3", "chat_v3"]);
  });

  test("says that it was asked twice, also when the second question is answered", async () => {
    const { story, world, ask } = await setScene();
    world.scriptChat({ answer: "七天" });
    story.emulator.faults.set([{ operation: "chat_v3", calls: { times: 1 }, fault: "drop" }]);
    expect(await ask("Bot", check({ say: "退货" }))).toMatchObject([
      { passed: true, note: "asked twice because the first question or its answer was lost" },
    ]);
    expect(operationsOf(story).filter((operation) => operation === "chat_v3")).toHaveLength(2);
  });

  test("passes when the last look finds the answer", async () => {
    const { world, ask } = await setScene();
    world.scriptChat({ answer: "七天", takes_ms: 19_900 });
    expect(await ask("Bot", check({ say: "退货", within: 20 }))).toMatchObject([{ passed: true }]);
    world.scriptChat({ answer: "七天", takes_ms: 20_600 });
    expect(await ask("Bot", check({ say: "退货", within: 20 }))).toMatchObject([{ passed: false }]);
  });

  test("is looked at less and less often", async () => {
    const { story, world, ask } = await setScene();
    world.scriptChat({ never_ends: true });
    await ask("Bot", check({ say: "退货", within: 600 }));
    const looks = story.emulator.requests.filter(({ operation }) => operation === "retrieve_chat");
    expect(looks).toHaveLength(31);
  });

  test("shows nothing of what came from the environment", async () => {
    const { story, world, ask } = await setScene();
    world.scriptChat({ answer: "you said {{said}}" });
    const asked = { say: "hush", expect: { text: "hush-hush" }, hidden: true } as const;
    const [refused] = await ask("Bot", check(asked));
    expect(refused).toMatchObject({ passed: false, reason: "the answer isn't as expected" });
    const [passed] = await ask("Bot", check({ ...asked, expect: { text: "hush" } }));
    expect(passed).toMatchObject({ passed: true });
    const { check: _one, ...told } = refused ?? {};
    const { check: _other, ...toldToo } = passed ?? {};
    const lines = story.events.map(
      (event) => renderEvent(event, { color: false, createFirst: new Set() }) + renderEventJson(event),
    );
    const summary = drawFailedChecks(refused ? [refused] : [], 80);
    expect(JSON.stringify([told, toldToo, lines, summary])).not.toContain("hush");
    expect(JSON.stringify(summary)).toContain("(from the environment, not shown)");
  });

  test.each([
    ["billing", { code: 4011, msg: "no money" }, "not asked: billing stopped the run"],
    ["a token that ran out", { code: 4100, msg: "expired" }, "not asked: Coze no longer accepts the token"],
  ])("isn't asked after %s stopped the run", async (_, fail, reason) => {
    const { story, world, askAll } = await setScene({ parallelism: 1 });
    world.scriptChat({ fail });
    const tried = await askAll([1, 2, 3].map((number) => check({ name: `it ${number}`, say: "退货" })));
    expect(tried.map((one) => [one.check.name, one.passed, one.reason])).toEqual([
      ["it 1", false, expect.stringContaining("the chat failed: ")],
      ["it 2", false, reason],
      ["it 3", false, reason],
    ]);
    expect(operationsOf(story).filter((operation) => operation === "chat_v3")).toHaveLength(1);
  });

  test("isn't asked when the run may make no more calls", async () => {
    const { story, world, askAll } = await setScene({ parallelism: 1, maxCalls: 5 });
    world.scriptChat({ answer: "七天" });
    const tried = await askAll([1, 2, 3].map((number) => check({ name: `it ${number}`, say: "退货" })));
    expect(tried.map(({ passed, reason }) => [passed, reason])).toEqual([
      [true, undefined],
      [false, "this run has used its limit of 5 API calls"],
      [false, "not asked: this run has used its limit of 5 API calls"],
    ]);
    expect(story.emulator.requests).toHaveLength(5);
  });

  test("isn't asked once the run was interrupted", async () => {
    const interruption = new AbortController();
    const { story, askAll } = await setScene({ parallelism: 1, signal: interruption.signal });
    interruption.abort();
    expect(await askAll([check({ say: "退货" })])).toMatchObject([
      { passed: false, reason: "not asked: the run was interrupted" },
    ]);
    expect(story.emulator.requests).toEqual([]);
  });

  test("is asked beside no more others than may run at once", async () => {
    const { story, world, askAll } = await setScene({ parallelism: 3 });
    world.scriptChat({ answer: "七天" });
    const tried = await askAll(
      Array.from({ length: 12 }, (_, number) => check({ name: `${number}`, say: "?" })),
    );
    expect(tried.every(({ passed }) => passed)).toBe(true);
    let open = 0;
    const most = story.events.map(({ type }) => {
      if (type === "check-started") open += 1;
      if (type === "check-finished") open -= 1;
      return open;
    });
    expect(Math.max(...most)).toBe(3);
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
        reason: `workflow ${workflow} isn't published, so it can't be run`,
        hint: "publish it on its page in Coze (the API can't), then run promote again",
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

  test("doesn't pass when its answer comes too late", async () => {
    const { story, world, workflow, ask } = await setScene();
    world.publishWorkflow(workflow);
    world.scriptRun({ workflow, output: "七天", takes_ms: 40_000 });
    expect(await ask("Copy", check({ input: {} }))).toMatchObject([
      { passed: false, reason: "no answer came within 30 seconds" },
    ]);
    expect(await ask("Copy", check({ input: {}, within: 60 }))).toMatchObject([{ passed: true }]);
    expect(operationsOf(story)).toEqual(["workflow_run", "workflow_run"]);
  });

  test("isn't run again when Coze cuts it off, since it would be again", async () => {
    const { story, world, workflow, ask } = await setScene();
    world.publishWorkflow(workflow);
    world.scriptRun({ workflow, never_ends: true });
    const [tried] = await ask("Copy", check({ input: {} }));
    expect(tried).toMatchObject({ passed: false, failure: { type: "unknown-outcome" } });
    expect(tried).not.toHaveProperty("note");
    expect(operationsOf(story)).toEqual(["workflow_run"]);
  });

  test("never shows the page where the run can be looked at", async () => {
    const { story, world, workflow, ask } = await setScene();
    world.publishWorkflow(workflow);
    world.scriptRun({ workflow, output: { days: 3 } });
    expect(await ask("Copy", check({ input: {} }))).toMatchObject([{ passed: false }]);
    expect(JSON.stringify(story.events)).not.toContain("execute_id");
  });
});
