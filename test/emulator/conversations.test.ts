import { expect, test } from "@jest/globals";
import { listAt, type Stage, setStage, textAt, valueAt } from "./client.ts";

const colleague = { token: "pat_colleague", user: { id: "101", name: "colleague" } } as const;

function openBot() {
  const stage = setStage({ tokens: [colleague] });
  const { world } = stage.emulator;
  world.workspaces.get(stage.space)?.members.push({ user_id: "101", role_type: "member" });
  const bot_id = world.addBot({ space_id: stage.space }).id;
  world.publishBot(bot_id);
  world.scriptChat({ says: "我叫什么", answer: "小王" });
  return { stage, world, bot_id };
}

const make = async (stage: Stage, fields: object) =>
  textAt(await stage.post("/v1/conversation/create", fields), "data.id");

const say = (stage: Stage, bot_id: string, conversation_id: string, content: string) =>
  stage.post(`/v3/chat?conversation_id=${conversation_id}`, {
    ...{ bot_id, user_id: "u" },
    additional_messages: [{ role: "user", content, content_type: "text" }],
  });

const contentsOf = async (stage: Stage, conversation_id: string, body: object = {}) => {
  const listed = await stage.post(`/v1/conversation/message/list?conversation_id=${conversation_id}`, body);
  return listAt(listed, "data").map(({ content }) => content);
};

test("a conversation begins with messages and goes on with chats, one at a time", async () => {
  const { stage, bot_id } = openBot();
  const messages = [{ role: "user", content: "我叫小王" }];
  const id = await make(stage, { bot_id, name: "推荐杭州美食", messages, meta_data: { uuid: "1" } });
  const first = await say(stage, bot_id, id, "我叫什么");
  expect(valueAt(first, "data.conversation_id")).toBe(id);
  expect((await say(stage, bot_id, id, "再说")).body.code).toBe(4016);
  expect(await contentsOf(stage, id)).toEqual(["我叫什么", "我叫小王"]);
  stage.clock.ms += 1200;
  await say(stage, bot_id, id, "谢谢");
  expect(await contentsOf(stage, id, { order: "asc" })).toEqual(["我叫小王", "我叫什么", "小王", "谢谢"]);
  const page = await stage.post(`/v1/conversation/message/list?conversation_id=${id}`, { limit: 2 });
  expect(page.body).toMatchObject({ has_more: true, data: [{ content: "谢谢" }, { content: "小王" }] });
  const after_id = String(page.body.last_id);
  expect(await contentsOf(stage, id, { after_id })).toEqual(["我叫什么", "我叫小王"]);
  expect(await contentsOf(stage, id, { before_id: after_id })).toEqual(["谢谢"]);
  const chat_id = textAt(first, "data.id");
  expect(await contentsOf(stage, id, { chat_id, order: "asc" })).toEqual(["我叫什么", "小王"]);
  expect((await stage.get(`/v1/conversation/retrieve?conversation_id=${id}`)).body.data).toEqual({
    id,
    name: "推荐杭州美食",
    meta_data: { uuid: "1" },
    created_at: Date.UTC(2026, 0, 1) / 1000,
    updated_at: Date.UTC(2026, 0, 1) / 1000,
    creator_id: "3290203000000017",
    connector_id: "1024",
    last_section_id: id,
  });
});

test("a chat that runs can be cancelled, and then says nothing", async () => {
  const { stage, bot_id } = openBot();
  const first = await stage.post("/v3/chat", {
    ...{ bot_id, user_id: "u" },
    additional_messages: [{ role: "user", content: "我叫什么", content_type: "text" }],
  });
  const ids = { conversation_id: textAt(first, "data.conversation_id"), chat_id: textAt(first, "data.id") };
  const cancel = (body: object) => stage.post("/v3/chat/cancel", body);
  expect(valueAt(await cancel(ids), "data.status")).toBe("canceled");
  expect((await cancel(ids)).body.code).toBe(4000);
  stage.clock.ms += 1200;
  const read = await stage.get(`/v3/chat/retrieve?${new URLSearchParams(ids)}`);
  expect(read.body.data).toMatchObject({ id: ids.chat_id, status: "canceled" });
  expect(read.body.data).not.toHaveProperty("usage");
  expect(listAt(await stage.get(`/v3/chat/message/list?${new URLSearchParams(ids)}`), "data")).toEqual([]);
  expect((await cancel({ ...ids, chat_id: "7" })).body.code).toBe(4002);
  const { conversation_id } = ids;
  expect(await contentsOf(stage, conversation_id)).toEqual([]);
  expect((await say(stage, bot_id, conversation_id, "再说")).body.code).toBe(0);
  expect(await contentsOf(stage, conversation_id)).toEqual(["再说"]);
  const done = await stage.post("/v3/chat", {
    ...{ bot_id, user_id: "u" },
    additional_messages: [{ role: "user", content: "hi", content_type: "text" }],
  });
  stage.clock.ms += 1200;
  const over = { conversation_id: textAt(done, "data.conversation_id"), chat_id: textAt(done, "data.id") };
  expect((await cancel(over)).body.code).toBe(4000);
  expect(conversation_id).not.toBe(over.conversation_id);
});

test("conversations are listed by bot and channel, the newest first, and removed by their creator", async () => {
  const { stage, bot_id } = openBot();
  const first = await make(stage, { bot_id });
  const second = await make(stage, { bot_id });
  await make(stage, { bot_id, connector_id: "999" });
  await make(stage, {});
  const idsOf = async (more = "") =>
    listAt(await stage.get(`/v1/conversations?bot_id=${bot_id}${more}`), "data.conversations").map(
      ({ id }) => id,
    );
  expect(await idsOf()).toEqual([second, first]);
  expect(await idsOf("&sort_order=ASC")).toEqual([first, second]);
  expect((await idsOf("&connector_id=999")).length).toBe(1);
  expect(valueAt(await stage.get(`/v1/conversations?bot_id=${bot_id}&page_size=1`), "data.has_more")).toBe(
    true,
  );
  expect((await stage.as(colleague.token).remove(`/v1/conversations/${first}`)).body.code).toBe(4101);
  expect((await stage.remove(`/v1/conversations/${first}`)).body.code).toBe(0);
  expect((await stage.remove(`/v1/conversations/${first}`)).body.code).toBe(4001);
  expect(await idsOf()).toEqual([second]);
  const codes = [
    await stage.post("/v1/conversation/create", { name: "字".repeat(101) }),
    await stage.post("/v1/conversation/create", { bot_id: "7" }),
    await stage.get("/v1/conversation/retrieve?conversation_id=7"),
    await stage.post("/v1/conversation/message/list?conversation_id=7", {}),
    await stage.get("/v1/conversations?bot_id=7"),
    await say(stage, bot_id, "7", "hi"),
  ].map(({ body }) => body.code);
  expect(codes).toEqual([4000, 4200, 4001, 4001, 4200, 4001]);
});
