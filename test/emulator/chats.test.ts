import { afterEach, describe, expect, test } from "@jest/globals";
import { expectExchangesMatchOpenApi } from "../support/openapi-check.ts";
import { type Answer, listAt, readAnswer, type Stage, setStage, textAt, valueAt } from "./client.ts";

const stages = new Set<Stage>();

afterEach(() => {
  for (const { emulator } of stages) expectExchangesMatchOpenApi(emulator.requests);
  stages.clear();
});

/** A bot whose draft is ahead of what it has published. */
function setScene(options: Parameters<typeof setStage>[0] = {}) {
  const stage = setStage(options);
  stages.add(stage);
  const { world } = stage.emulator;
  const workflow = world.addWorkflow({ space_id: stage.space }).id;
  const model = { model_info_config: { model_id: "1706077826" } };
  const bot = world.addBot({
    space_id: stage.space,
    draft: {
      name: "助手",
      prompt_info: { prompt: "old" },
      workflow_id_list: { ids: [{ id: workflow }] },
      ...model,
    },
  }).id;
  const version = world.publishBot(bot);
  world.editBot(bot, { prompt_info: { prompt: "new" } });
  const say = (content: string, more: object = {}, conversation?: string): Promise<Answer> =>
    stage.post(`/v3/chat${conversation === undefined ? "" : `?conversation_id=${conversation}`}`, {
      bot_id: bot,
      user_id: "check",
      stream: false,
      additional_messages: [{ role: "user", content, content_type: "text" }],
      ...more,
    });
  const placeOf = (chat: Answer): string =>
    `conversation_id=${textAt(chat, "data.conversation_id")}&chat_id=${textAt(chat, "data.id")}`;
  const look = (chat: Answer) => stage.get(`/v3/chat/retrieve?${placeOf(chat)}`);
  const messages = (chat: Answer) => stage.get(`/v3/chat/message/list?${placeOf(chat)}`);
  /** The answer, once all is over. */
  const hear = async (content: string, more: object = {}): Promise<unknown> => {
    const chat = await say(content, more);
    stage.clock.ms += 1200;
    const found = listAt(await messages(chat), "data").filter(({ type }) => type === "answer");
    return found.map((message) => message.content);
  };
  return { stage, world, workflow, bot, version, say, look, messages, hear };
}

const draft = { publish_status: "unpublished_draft" };

describe("a chat", () => {
  test("takes its time, and has its answers when it is over", async () => {
    const { stage, say, look, messages } = setScene();
    const chat = await say("你好", { meta_data: { run: "7" } });
    expect(chat.body).toMatchObject({
      code: 0,
      data: { status: "created", created_at: 1_767_225_600, last_error: null, meta_data: { run: "7" } },
    });
    stage.clock.ms += 300;
    expect(valueAt(await look(chat), "data.status")).toBe("in_progress");
    stage.clock.ms += 899;
    expect((await look(chat)).body.data).not.toHaveProperty("completed_at");
    expect((await messages(chat)).body.data).toEqual([]);
    stage.clock.ms += 1;
    const done = await look(chat);
    expect(done.body.data).toMatchObject({
      status: "completed",
      completed_at: 1_767_225_601,
      meta_data: { run: "7" },
      usage: { input_count: 2 },
    });
    expect(done.body.data).not.toHaveProperty("last_error");
    const found = listAt(await messages(chat), "data");
    expect(found.map(({ type }) => type)).toEqual(["verbose", "answer", "follow_up"]);
    expect(found[1]).toMatchObject({
      role: "assistant",
      content_type: "text",
      content: 'My prompt is "old", and I was told "你好".',
      chat_id: textAt(chat, "data.id"),
    });
  });

  test("proposes nothing where that is switched off", async () => {
    const { stage, world, bot, say, messages } = setScene();
    world.editBot(bot, { suggest_reply_info: { reply_mode: "disable" } });
    const chat = await say("你好", draft);
    stage.clock.ms += 1200;
    expect(listAt(await messages(chat), "data").map(({ type }) => type)).toEqual(["verbose", "answer"]);
  });

  test("is with what is published, with the draft, or with a version", async () => {
    const { world, bot, version, hear } = setScene();
    world.scriptChat({ bot: "助手", answer: "{{of}} {{prompt}}" });
    expect(await hear("?")).toEqual(["published old"]);
    expect(await hear("?", draft)).toEqual(["draft new"]);
    world.publishBot(bot);
    expect(await hear("?")).toEqual(["published new"]);
    expect(await hear("?", { bot_version: version })).toEqual(["published old"]);
  });

  test("is with what the API channel shows, whatever others do", async () => {
    const { world, bot, hear, say } = setScene();
    world.publishBot(bot, ["999"]);
    expect(await hear("?")).toEqual(['My prompt is "old", and I was told "?".']);
    delete world.bots.get(bot)?.channels["1024"];
    expect((await say("?")).body).toMatchObject({ code: 4015 });
    expect((await say("?", draft)).body.code).toBe(0);
  });

  test("goes on in a conversation, one at a time", async () => {
    const { stage, say, look } = setScene();
    const first = await say("一");
    const place = textAt(first, "data.conversation_id");
    expect((await say("二", {}, place)).body.code).toBe(4016);
    stage.clock.ms += 1200;
    const second = await say("二", { additional_messages: [] }, place);
    expect(textAt(second, "data.conversation_id")).toBe(place);
    stage.clock.ms += 1200;
    expect(valueAt(await look(second), "data.status")).toBe("completed");
    expect([...stage.emulator.world.chats.values()].at(-1)?.answered[1]?.content).toContain("一");
    expect((await say("三", {}, "7000000000000000001")).body.code).toBe(4001);
  });

  test("that isn't saved can't be looked at, nor gone on with", async () => {
    const { stage, say, look, messages } = setScene();
    const chat = await say("你好", { auto_save_history: false });
    stage.clock.ms += 1200;
    expect((await look(chat)).body.code).toBe(4002);
    expect((await messages(chat)).body.code).toBe(4002);
    const place = textAt(chat, "data.conversation_id");
    expect((await say("", { additional_messages: [] }, place)).body.code).toBe(4000);
  });

  const message = { role: "user", content: "?", content_type: "text" };
  test.each([
    ["a stream", { stream: true }, 4000, /stream must be false: the emulator does not imitate streams/],
    ["nothing said", { additional_messages: [] }, 4000, /additional_messages/],
    ["a version of a draft", { ...draft, bot_version: "1" }, 4000, /bot_version/],
    ["an unknown version", { bot_version: "1" }, 4000, /bot_version/],
    ["an answer of a user", { additional_messages: [{ ...message, type: "answer" }] }, 4000, /\[0\]\.type/],
    [
      "a tool's answer in saved history",
      { additional_messages: [{ ...message, role: "assistant", type: "tool_output" }] },
      4000,
      /must be question or answer/,
    ],
    ["a message of no type", { additional_messages: [{ role: "user", content: "?" }] }, 4000, /content_type/],
    [
      "too many messages",
      { additional_messages: Array.from({ length: 101 }, () => message) },
      4000,
      /additional_messages/,
    ],
    ["an unknown bot", { bot_id: "7000000000000000001" }, 4200, /bot/],
  ])("is refused with %s", async (_what, more, code, says) => {
    const { say } = setScene();
    expect((await say("?", more)).body).toMatchObject({ code, msg: expect.stringMatching(says) });
  });

  test("takes a token with its points, in the bot's workspace", async () => {
    const { stage, bot, say, look } = setScene({
      tokens: [
        { token: "pat_talks", permissions: ["chat", "getChat"] },
        { token: "pat_elsewhere", workspaces: ["7000000000000000001"] },
      ],
    });
    const chat = await say("?");
    const send = async (token: string, method: string, path: string, body?: object) => {
      const init = {
        method,
        headers: { authorization: `Bearer ${token}` },
        body: body ? JSON.stringify(body) : null,
      };
      return (await readAnswer(await stage.emulator.fetch(`http://localhost${path}`, init))).body.code;
    };
    const place = `conversation_id=${textAt(chat, "data.conversation_id")}&chat_id=${textAt(chat, "data.id")}`;
    expect(await send("pat_talks", "GET", `/v3/chat/retrieve?${place}`)).toBe(0);
    expect(await send("pat_talks", "GET", `/v3/chat/message/list?${place}`)).toBe(4101);
    expect(await send("pat_elsewhere", "GET", `/v3/chat/retrieve?${place}`)).toBe(4101);
    expect(await send("pat_elsewhere", "POST", "/v3/chat", { bot_id: bot, user_id: "u" })).toBe(4101);
    expect(valueAt(await look(chat), "code")).toBe(0);
  });
});

describe("a script", () => {
  test("shows the configuration that was talked to", async () => {
    const { world, workflow, hear } = setScene();
    world.scriptChat({ answer: "{{name}} {{model}} {{workflows}} {{plugins}}{{datasets}}{{ said }}{{other" });
    expect(await hear("?")).toEqual([`助手 1706077826 ${workflow} ?{{other`]);
  });

  test("is chosen by bot, words, draft or published, and prompt; the last that fits counts", async () => {
    const { stage, world, bot, hear } = setScene();
    world.scriptChat({ answer: "any" });
    world.scriptChat({ bot: "助手", matches: "发票|invoice", answer: "by pattern" });
    world.scriptChat({ bot, says: "invoice?", answer: "by words" });
    world.scriptChat({ of: "draft", answer: "of the draft" });
    world.scriptChat({ prompt: "ne", says: "who?", answer: "by prompt" });
    world.scriptChat({ bot: "someone else", answer: "never" });
    world.scriptChat({ workspace: world.personalWorkspace().id, answer: "never" });
    world.scriptChat({ workspace: "team", says: "where?", answer: "in {{of}}" });
    expect(await hear("?")).toEqual(["any"]);
    expect(await hear("my invoice, please")).toEqual(["by pattern"]);
    expect(await hear("invoice?")).toEqual(["by words"]);
    expect(await hear("invoice?", draft)).toEqual(["of the draft"]);
    expect(await hear("who?", draft)).toEqual(["by prompt"]);
    expect(await hear("who?")).toEqual(["any"]);
    expect(await hear("where?")).toEqual(["in published"]);
    expect(stage.emulator.world.chatRules.size).toBe(8);
  });

  test("keeps its place when it is told anew", async () => {
    const { world, hear } = setScene();
    world.scriptChat({ answer: "any" });
    world.scriptChat({ says: "?", answer: "special" });
    world.scriptChat({ answer: "another" });
    expect(await hear("?")).toEqual(["special"]);
    expect(await hear("!")).toEqual(["another"]);
    expect(world.chatRules.size).toBe(2);
  });

  test("fails a chat", async () => {
    const { stage, world, say, look, messages } = setScene();
    world.scriptChat({ fail: { code: 4020, msg: "model RPM exceeded" } });
    const chat = await say("?");
    stage.clock.ms += 1200;
    expect((await look(chat)).body).toMatchObject({
      code: 0,
      data: {
        status: "failed",
        failed_at: 1_767_225_601,
        last_error: { code: 4020, msg: "model RPM exceeded" },
      },
    });
    expect((await look(chat)).body.data).not.toHaveProperty("completed_at");
    expect((await messages(chat)).body.data).toEqual([]);
  });

  test("stops a chat for a tool", async () => {
    const { stage, world, say, look } = setScene();
    world.scriptChat({ asks: { name: "get_weather", arguments: '{"city":"杭州"}' } });
    const chat = await say("?");
    stage.clock.ms += 1200;
    expect((await look(chat)).body.data).toMatchObject({
      status: "requires_action",
      required_action: {
        type: "submit_tool_outputs",
        submit_tool_outputs: {
          tool_calls: [{ type: "function", function: { name: "get_weather", arguments: '{"city":"杭州"}' } }],
        },
      },
    });
  });

  test("makes a chat last, or never end", async () => {
    const { stage, world, say, look } = setScene();
    world.scriptChat({ says: "slow", takes_ms: 60_000 });
    world.scriptChat({ says: "for ever", never_ends: true });
    const [slow, endless] = [await say("slow"), await say("for ever")];
    stage.clock.ms += 59_999;
    expect(valueAt(await look(slow), "data.status")).toBe("in_progress");
    stage.clock.ms += 1;
    expect(valueAt(await look(slow), "data.status")).toBe("completed");
    stage.clock.ms += 365 * 86_400_000;
    expect(valueAt(await look(endless), "data.status")).toBe("in_progress");
  });

  test("with a word or pattern that means nothing is refused", () => {
    const { world } = setScene();
    expect(() => world.scriptChat({ answer: "{{promt}}" })).toThrow("{{promt}} stands for nothing");
    expect(() => world.scriptChat({ matches: "(" })).toThrow(SyntaxError);
    expect(world.chatRules.size).toBe(0);
  });
});
