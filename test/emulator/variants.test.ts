import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type Variant, variantNames } from "../../src/emulator/index.ts";
import { type Answer, listAt, type Stage, setStage, textAt, valueAt } from "./client.ts";

const stageOf = (...variants: readonly Variant[]): Stage => setStage({ world: { variants } });

async function makeBot(stage: Stage, fields: object = {}): Promise<string> {
  const body = { space_id: stage.space, name: "bot", ...fields };
  return textAt(await stage.post("/v1/bot/create", body), "data.bot_id");
}

const readBot = (stage: Stage, id: string): Promise<Answer> => stage.get(`/v1/bots/${id}?is_published=false`);

async function makeDataset(stage: Stage): Promise<string> {
  const body = { space_id: stage.space, name: "faq", format_type: 0 };
  return textAt(await stage.post("/v1/datasets", body), "data.dataset_id");
}

const automatic = { chunk_type: 0 };

const addDocument = (
  stage: Stage,
  dataset_id: string,
  content: string,
  chunk_strategy: object | null = automatic,
) =>
  stage.post("/open_api/knowledge/document/create", {
    dataset_id,
    format_type: 0,
    ...(chunk_strategy && { chunk_strategy }),
    document_bases: [
      {
        name: content,
        source_info: { file_base64: Buffer.from(content).toString("base64"), file_type: "txt" },
      },
    ],
  });

const listDocuments = (stage: Stage, dataset_id: string, page: object = {}) =>
  stage.post("/open_api/knowledge/document/list", { dataset_id, ...page });

const namesIn = (answer: Answer): readonly unknown[] =>
  listAt(answer, "document_infos").map(({ name }) => name);

describe("a server that normalises what it stores", () => {
  const written = " cafe\u0301\r\nend ";

  test.each([
    [[], written],
    [["trimmed-texts"], "cafe\u0301\r\nend"],
    [["lf-texts"], " cafe\u0301\nend "],
    [["composed-texts"], " café\r\nend "],
    [["trimmed-texts", "lf-texts", "composed-texts"], "café\nend"],
  ] as const)("with %j a prompt is read as %j", async (variants, read) => {
    const stage = stageOf(...variants);
    const id = await makeBot(stage, { prompt_info: { prompt: written } });
    expect(valueAt(await readBot(stage, id), "data.prompt_info.prompt")).toBe(read);
  });

  test.each([
    [[], 0.8],
    [["short-floats"], 0.800000011920929],
  ] as const)("with %j a temperature of 0.8 is read as %d", async (variants, read) => {
    const stage = stageOf(...variants);
    const id = await makeBot(stage, { model_info_config: { model_id: "1", temperature: 0.8 } });
    expect(valueAt(await readBot(stage, id), "data.model_info.temperature")).toBe(read);
  });

  test("a model may keep neither temperature nor top_p", async () => {
    const stage = stageOf("fixed-sampling");
    const model_info_config = { model_id: "1", temperature: 0.8, top_p: 0.5, max_tokens: 9 };
    const id = await makeBot(stage, { model_info_config });
    expect(valueAt(await readBot(stage, id), "data.model_info")).toEqual({
      model_id: "1",
      max_tokens: 9,
      model_name: "model-1",
    });
  });

  test("a published bot may be read without its version", async () => {
    const stage = stageOf("blank-versions");
    const bot_id = await makeBot(stage, { prompt_info: { prompt: "x" } });
    const published = await stage.post("/v1/bot/publish", { bot_id, connector_ids: ["1024"] });
    expect(textAt(published, "data.version")).toMatch(/^\d+$/u);
    expect(valueAt(await readBot(stage, bot_id), "data.version")).toBe("");
  });
});

describe("lists", () => {
  test.each([
    [[], [["a"], ["a"], ["b"]]],
    [["pages-from-0"], [["a"], ["b"], []]],
  ] as const)("with %j the pages 0, 1 and 2 of documents are %j", async (variants, pages) => {
    const stage = stageOf(...variants);
    const dataset = await makeDataset(stage);
    for (const content of ["a", "b"]) await addDocument(stage, dataset, content);
    const answers = [0, 1, 2].map((page) => listDocuments(stage, dataset, { page, size: 1 }));
    expect((await Promise.all(answers)).map(namesIn)).toEqual(pages);
  });

  test("what was updated last may come first", async () => {
    const stage = stageOf("newest-first");
    const [first, second] = [await makeBot(stage), await makeBot(stage)];
    stage.clock.ms += 1000;
    await stage.post("/v1/bot/update", { bot_id: first, description: "changed" });
    const listed = await stage.get(`/v1/bots?workspace_id=${stage.space}&publish_status=all`);
    expect(listAt(listed, "data.items").map(({ id }) => id)).toEqual([first, second]);
  });

  test.each([
    [[], 0],
    [["pages-to-20"], 4000],
  ] as const)("with %j 21 bots a page answer %i", async (variants, code) => {
    const stage = stageOf(...variants);
    const answer = await stage.get(`/v1/bots?workspace_id=${stage.space}&page_size=21`);
    expect(answer.body.code).toBe(code);
  });

  test.each([
    [[], 0],
    [["documents-to-100"], 4000],
  ] as const)("with %j 101 documents a page answer %i", async (variants, code) => {
    const stage = stageOf(...variants);
    const dataset = await makeDataset(stage);
    expect((await listDocuments(stage, dataset, { size: 101 })).body.code).toBe(code);
  });
});

describe("documents", () => {
  test.each([
    [[], 800],
    [["dataset-chunking"], 100],
  ] as const)("with %j the second document is cut into pieces of %i", async (variants, max_tokens) => {
    const stage = stageOf(...variants);
    const dataset = await makeDataset(stage);
    const cut = (tokens: number) => ({ chunk_type: 1, separator: "\n", max_tokens: tokens });
    await addDocument(stage, dataset, "a", cut(100));
    const made = await addDocument(stage, dataset, "b", cut(800));
    expect(listAt(made, "document_infos")).toMatchObject([{ chunk_strategy: { max_tokens } }]);
  });

  test.each([
    [[], 4000],
    [["dataset-chunking"], 0],
  ] as const)("with %j a second document without chunk strategy answers %i", async (variants, code) => {
    const stage = stageOf(...variants);
    const dataset = await makeDataset(stage);
    const cut = { chunk_type: 1, separator: "\n", max_tokens: 100 };
    expect((await addDocument(stage, dataset, "a", null)).body.code).toBe(4000);
    await addDocument(stage, dataset, "b", cut);
    expect((await addDocument(stage, dataset, "c", null)).body.code).toBe(code);
    const listed = listAt(await listDocuments(stage, dataset), "document_infos");
    expect(listed.map(({ chunk_strategy }) => chunk_strategy)).toEqual(listed.map(() => cut));
  });

  test("the answer to a creation may lack the chunk strategy", async () => {
    const stage = stageOf("untold-chunking");
    const dataset = await makeDataset(stage);
    const [made] = listAt(await addDocument(stage, dataset, "a"), "document_infos");
    expect(made).not.toHaveProperty("chunk_strategy");
    const [listed] = listAt(await listDocuments(stage, dataset), "document_infos");
    expect(listed).toMatchObject({ chunk_strategy: automatic });
  });

  test("the types of a new document may be null", async () => {
    const stage = stageOf("null-sources");
    const made = await addDocument(stage, await makeDataset(stage), "a");
    expect(listAt(made, "document_infos")).toMatchObject([{ source_type: null, update_type: null }]);
  });

  test("a content asks for the statuses of its processing and its end", async () => {
    const stage = stageOf();
    const dataset = await makeDataset(stage);
    await addDocument(stage, dataset, "!!working 5!! !!status 1000!!");
    const statuses = async () =>
      listAt(await listDocuments(stage, dataset), "document_infos").map(({ status }) => status);
    expect(await statuses()).toEqual([5]);
    stage.clock.ms += 5000;
    expect(await statuses()).toEqual([1000]);
    const listed = await stage.get(`/v1/datasets?space_id=${stage.space}`);
    expect(listAt(listed, "data.dataset_list")).toMatchObject([{ failed_file_list: [expect.any(String)] }]);
  });

  test("ids in their requests may be numbers, which keep all digits", async () => {
    const stage = stageOf();
    const dataset = await makeDataset(stage);
    await addDocument(stage, dataset, "a");
    const { emulator } = stage;
    const send = async (path: string, body: string) =>
      await emulator.fetch(`http://localhost/open_api/knowledge/document/${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${emulator.token}`, "agw-js-conv": "str" },
        body,
      });
    const listed = await send("list", `{"dataset_id":${dataset}}`);
    const [, document] = /"document_id":"(\d+)"/u.exec(await listed.text()) ?? [];
    await send("delete", `{"document_ids":[${document}]}`);
    expect((await listDocuments(stage, dataset)).body.total).toBe(0);
  });
});

describe("refusals that the reference doesn't know", () => {
  test.each([
    [[], 0],
    [["own-datasets"], 4000],
  ] as const)("with %j a dataset of another workspace answers %i", async (variants, code) => {
    const stage = stageOf(...variants);
    const elsewhere = stage.emulator.world.addWorkspace({ name: "other" });
    const dataset = stage.emulator.world.addDataset({ space_id: elsewhere.id });
    const bot_id = await makeBot(stage);
    const bound = await stage.post("/v1/bot/update", { bot_id, knowledge: { dataset_ids: [dataset.id] } });
    expect(bound.body.code).toBe(code);
  });

  test.each([
    [[], 0],
    [["digit-models"], 4000],
  ] as const)("with %j the model doubao answers %i", async (variants, code) => {
    const stage = stageOf(...variants);
    const body = { space_id: stage.space, name: "bot", model_info_config: { model_id: "doubao" } };
    expect((await stage.post("/v1/bot/create", body)).body.code).toBe(code);
  });

  test.each([
    [{ nmae: "x" }, "nmae"],
    [{ prompt_info: { promt: "x" } }, "prompt_info.promt"],
    [{ plugin_id_list: { id_list: [{ tool: "1" }] } }, "plugin_id_list.id_list[0].tool"],
  ])("a strict server refuses %j", async (fields, place) => {
    const stage = stageOf("strict");
    const body = { space_id: stage.space, name: "bot", ...fields };
    const answer = await stage.post("/v1/bot/create", body);
    expect(answer.body).toMatchObject({
      code: 4000,
      msg: `Invalid request parameter: ${place} is unknown`,
    });
    expect(stage.emulator.world.bots.size).toBe(0);
  });

  test("a strict server refuses unknown query parameters", async () => {
    const stage = stageOf("strict");
    const answer = await stage.get(`/v1/bots?workspace_id=${stage.space}&page_index=2`);
    expect(answer.body.msg).toBe("Invalid request parameter: page_index is unknown");
  });
});

describe("what official clients call", () => {
  test("a chat is retrieved by POST as well", async () => {
    const stage = stageOf("strict");
    const bot_id = await makeBot(stage);
    const additional_messages = [{ role: "user", content: "hi", content_type: "text" }];
    const asked = { bot_id, user_id: "u", publish_status: "unpublished_draft", additional_messages };
    const chat = await stage.post("/v3/chat", asked);
    const ids = `conversation_id=${textAt(chat, "data.conversation_id")}&chat_id=${textAt(chat, "data.id")}`;
    const [got, posted] = [
      await stage.get(`/v3/chat/retrieve?${ids}`),
      await stage.post(`/v3/chat/retrieve?${ids}`, {}),
    ];
    expect(posted.body.data).toEqual(got.body.data);
  });

  test("the deprecated reads know bots of the API channel only", async () => {
    const stage = stageOf();
    const [online, draft] = [await makeBot(stage, { name: "online" }), await makeBot(stage)];
    await stage.post("/v1/bot/publish", { bot_id: online, connector_ids: ["1024"] });
    const read = (id: string) => stage.get(`/v1/bot/get_online_info?bot_id=${id}`);
    expect(textAt(await read(online), "data.name")).toBe("online");
    expect((await read(draft)).body.code).toBe(4200);
    const listed = await stage.get(`/v1/space/published_bots_list?space_id=${stage.space}`);
    expect(listAt(listed, "data.space_bots").map(({ bot_id }) => bot_id)).toEqual([online]);
    expect(valueAt(listed, "data.total")).toBe(1);
  });

  test("a self-hosted Coze Studio has no workspaces, and keeps datasets", async () => {
    const stage = stageOf("studio");
    expect((await stage.get("/v1/workspaces")).status).toBe(404);
    expect((await stage.get(`/v1/datasets?space_id=${stage.space}`)).status).toBe(200);
    expect((await stage.post("/v1/bot/create", { space_id: stage.space, name: "b" })).status).toBe(404);
  });
});

test("the documentation lists every variant, in their order", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/emulator.md"), "utf8");
  const section = page.slice(page.indexOf("## Variants"), page.indexOf("## Operations"));
  expect([...section.matchAll(/^\| `([^`]+)`/gmu)].map(([, name]) => name)).toEqual([...variantNames]);
});
