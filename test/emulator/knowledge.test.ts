import { describe, expect, test } from "@jest/globals";
import { listAt, type Stage, setStage, textAt, valueAt } from "./client.ts";

async function createDataset(stage: Stage, fields: object = {}): Promise<string> {
  const body = { space_id: stage.space, name: "资料", format_type: 0, ...fields };
  return textAt(await stage.post("/v1/datasets", body), "data.dataset_id");
}

const base64 = (content: string) => Buffer.from(content).toString("base64");
const file = (name: string, content = "hello", file_type = "txt") => ({
  name,
  source_info: { file_base64: base64(content), file_type },
});
const page = (name: string, web_url: string) => ({ name, source_info: { web_url, document_source: 1 } });

function addDocuments(stage: Stage, dataset_id: string, bases: object[], fields: object = {}) {
  const body = {
    dataset_id,
    format_type: 0,
    chunk_strategy: { chunk_type: 0 },
    document_bases: bases,
    ...fields,
  };
  return stage.post("/open_api/knowledge/document/create", body);
}

const listDocuments = (stage: Stage, dataset_id: string, fields: object = {}) =>
  stage.post("/open_api/knowledge/document/list", { dataset_id, ...fields });

const progress = async (stage: Stage, dataset: string, ids: unknown[]) =>
  listAt(await stage.post(`/v1/datasets/${dataset}/process`, { document_ids: ids }), "data.data");

const idsOf = (documents: Record<string, unknown>[]) => documents.map((one) => one.document_id);

describe("datasets", () => {
  test("an update resets what it leaves out", async () => {
    const stage = setStage();
    const icon = textAt(await stage.upload("icon.png", "png"), "data.id");
    const dataset = await createDataset(stage, { description: "d", file_id: icon });
    await stage.put(`/v1/datasets/${dataset}`, { name: "new" });
    const listed = await stage.get(`/v1/datasets?space_id=${stage.space}`);
    expect(listAt(listed, "data.dataset_list")).toMatchObject([
      {
        name: "new",
        description: "",
        icon_uri: "FileBizType.BIZ_DATASET_ICON/default.jpg",
        all_file_size: "0",
      },
    ]);
  });

  test("the name filter finds parts of names, Volcano ones and tables are listed too", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    await createDataset(stage, { name: "faq" });
    world.addDataset({ space_id: stage.space, name: "faq volcano", dataset_type: "volcano" });
    world.addDataset({ space_id: stage.space, name: "old faqs", format_type: 1 });
    const listed = await stage.get(`/v1/datasets?space_id=${stage.space}&name=faq`);
    expect(valueAt(listed, "data.total_count")).toBe(3);
    const images = await stage.get(`/v1/datasets?space_id=${stage.space}&name=faq&format_type=2`);
    expect(valueAt(images, "data.total_count")).toBe(0);
  });

  test("tables cannot be created, pages hold at most 300", async () => {
    const stage = setStage();
    const table = await stage.post("/v1/datasets", { space_id: stage.space, name: "t", format_type: 1 });
    expect(table.body.code).toBe(4000);
    const size = await stage.get(`/v1/datasets?space_id=${stage.space}&page_size=301`);
    expect(size.body.code).toBe(4000);
  });

  test("deleting one takes its documents and unbinds bots without a word", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const dataset = await createDataset(stage);
    await addDocuments(stage, dataset, [file("a")]);
    const bot = world.addBot({
      space_id: stage.space,
      draft: { name: "b", knowledge: { dataset_ids: [dataset] } },
    });
    const listed = await stage.get(`/v1/datasets?space_id=${stage.space}`);
    expect(listAt(listed, "data.dataset_list")).toMatchObject([{ bot_used_count: 1, doc_count: 1 }]);
    stage.clock.ms += 5000;
    const before = bot.update_time;
    expect((await stage.remove(`/v1/datasets/${dataset}`)).body.code).toBe(0);
    expect(bot.draft.knowledge?.dataset_ids).toEqual([]);
    expect(bot.update_time).toBe(before + 5);
    expect(world.documents.size).toBe(0);
    expect((await stage.remove(`/v1/datasets/${dataset}`)).body.code).toBe(4200);
  });

  test("only the owner updates, unless the world says otherwise", async () => {
    for (const [ownerOnly, code] of [
      [true, 4101],
      [false, 0],
    ] as const) {
      const stage = setStage({ world: { ownerOnly } });
      const { id } = stage.emulator.world.addDataset({ space_id: stage.space, owner_id: "5" });
      expect((await stage.put(`/v1/datasets/${id}`, { name: "x" })).body.code).toBe(code);
    }
  });
});

describe("documents", () => {
  test("answers stand at the top level; without the header ids are bare numbers with all digits", async () => {
    const stage = setStage();
    const dataset = await createDataset(stage);
    const made = await addDocuments(stage, dataset, [file("a")]);
    const id = listAt(made, "document_infos")[0]?.document_id;
    expect(id).toMatch(/^\d{19}$/);
    expect(listAt(made, "document_infos")).toMatchObject([{ source_type: 0, update_type: 0, status: 0 }]);
    const response = await stage.emulator.fetch("http://localhost/open_api/knowledge/document/list", {
      method: "POST",
      headers: { authorization: `Bearer ${stage.emulator.token}` },
      body: JSON.stringify({ dataset_id: dataset }),
    });
    const text = await response.text();
    expect(text).toContain(`"document_id":${String(id)},`);
    expect(String(JSON.parse(text).document_infos[0].document_id)).not.toBe(id);
  });

  test("processing runs by the clock: 0, then 1, or 9 with a reason only the progress tells", async () => {
    const stage = setStage();
    const dataset = await createDataset(stage);
    const made = await addDocuments(stage, dataset, [
      file("good"),
      file("bad", "a !!fail!! b"),
      file("empty", ""),
    ]);
    const ids = idsOf(listAt(made, "document_infos"));
    stage.clock.ms += 600;
    expect(await progress(stage, dataset, ids)).toMatchObject([
      { status: 0, progress: 50, remaining_time: 1 },
      { status: 0 },
      { status: 0 },
    ]);
    stage.clock.ms += 600;
    const done = await progress(stage, dataset, ids);
    expect(done.map((one) => [one.status, "status_descript" in one])).toEqual([
      [1, false],
      [9, true],
      [9, true],
    ]);
    const listed = listAt(await listDocuments(stage, dataset), "document_infos");
    expect(listed.map((one) => one.status)).toEqual([1, 9, 9]);
    expect(listed[1]).not.toHaveProperty("status_descript");
  });

  test("pages of hosts that cannot be reached fail; others are taken without a look", async () => {
    const stage = setStage();
    const dataset = await createDataset(stage);
    await addDocuments(stage, dataset, [page("a", "https://fail.invalid/x"), page("b", "163.com")]);
    stage.clock.ms += 1200;
    const listed = listAt(await listDocuments(stage, dataset), "document_infos");
    expect(listed).toMatchObject([
      { status: 9, source_type: 1 },
      { status: 1, source_type: 1 },
    ]);
    expect(JSON.stringify(listed)).not.toContain("163.com");
  });

  test("pdf and docx names get their extension again", async () => {
    const stage = setStage();
    const dataset = await createDataset(stage);
    await addDocuments(stage, dataset, [file("x.pdf", "c", "pdf"), file("y", "c", "pdf"), file("z.txt")]);
    const listed = listAt(await listDocuments(stage, dataset), "document_infos");
    expect(listed.map((one) => one.name)).toEqual(["x.pdf.pdf", "y", "z.txt"]);
  });

  const refusals: readonly [string, object[], object][] = [
    ["eleven files", Array.from({ length: 11 }, (_, index) => file(`${index}`)), {}],
    ["two ways of uploading", [file("a"), page("b", "163.com")], {}],
    ["no chunk strategy", [file("a")], { chunk_strategy: undefined }],
    ["custom chunks without separator", [file("a")], { chunk_strategy: { chunk_type: 1, max_tokens: 200 } }],
    ["chunks too small", [file("a")], { chunk_strategy: { chunk_type: 1, separator: "#", max_tokens: 99 } }],
    ["the wrong format", [file("a")], { format_type: 2 }],
    ["a markdown file", [file("a", "b", "md")], {}],
    [
      "something that is not base64",
      [{ name: "a", source_info: { file_base64: "?", file_type: "txt" } }],
      {},
    ],
    [
      "a daily rule in days",
      [{ ...page("a", "163.com"), update_rule: { update_type: 1, update_interval: 1 } }],
      {},
    ],
    ["an uploaded file", [{ name: "a", source_info: { source_file_id: "1", document_source: 5 } }], {}],
  ];
  test.each(refusals)("%s is refused and makes no document", async (_title, bases, fields) => {
    const stage = setStage();
    const dataset = await createDataset(stage);
    const answer = await addDocuments(stage, dataset, bases, fields);
    expect(answer).toMatchObject({ status: 400, body: { code: 4000 } });
    expect(stage.emulator.world.documents.size).toBe(0);
  });

  test("name and rule change, content does not; deletion takes up to 100", async () => {
    const stage = setStage();
    const dataset = await createDataset(stage);
    const made = await addDocuments(stage, dataset, [page("a", "163.com")]);
    const [document_id] = idsOf(listAt(made, "document_infos"));
    const update_rule = { update_type: 1, update_interval: 48 };
    await stage.post("/open_api/knowledge/document/update", { document_id, document_name: "b", update_rule });
    expect(listAt(await listDocuments(stage, dataset, { page: 0 }), "document_infos")).toMatchObject([
      { name: "b", update_type: 1, update_interval: 48 },
    ]);
    const tooMany = { document_ids: Array(101).fill(document_id) };
    expect((await stage.post("/open_api/knowledge/document/delete", tooMany)).body.code).toBe(4000);
    await stage.post("/open_api/knowledge/document/delete", { document_ids: [document_id] });
    expect((await listDocuments(stage, dataset)).body).toMatchObject({ total: 0, document_infos: [] });
  });
});

describe("images", () => {
  const image = (name: string, source_file_id: string, caption?: string) => ({
    name,
    caption,
    source_info: { source_file_id, document_source: 5 },
  });

  async function addImages(stage: Stage, dataset: string, bases: object[], chunk_strategy: object) {
    return addDocuments(stage, dataset, bases, { format_type: 2, chunk_strategy });
  }

  test("the first upload has to say who writes captions", async () => {
    const stage = setStage();
    const dataset = await createDataset(stage, { format_type: 2 });
    const id = textAt(await stage.upload("cat.png", "png"), "data.id");
    expect((await addImages(stage, dataset, [image("cat", id)], {})).body.code).toBe(4000);
    expect((await addImages(stage, dataset, [image("cat", id)], { caption_type: 1 })).body.code).toBe(0);
    expect((await addImages(stage, dataset, [image("cat", id)], {})).body.code).toBe(0);
    expect((await addImages(stage, dataset, [image("cat", "1")], {})).body.code).toBe(4000);
  });

  test("captions by the service overwrite what was set before processing ended", async () => {
    const stage = setStage();
    const dataset = await createDataset(stage, { format_type: 2 });
    const upload = textAt(await stage.upload("cat.png", "png"), "data.id");
    const made = await addImages(stage, dataset, [image("cat", upload)], { caption_type: 0 });
    const [id] = idsOf(listAt(made, "document_infos"));
    const path = `/v1/datasets/${dataset}/images`;
    const caption = async () => listAt(await stage.get(path), "data.photo_infos")[0]?.caption;
    await stage.put(`${path}/${String(id)}`, { caption: "early" });
    expect(await caption()).toBe("early");
    stage.clock.ms += 1200;
    expect(await caption()).toBe("自动标注：cat");
    await stage.put(`${path}/${String(id)}`, { caption: "late" });
    expect(await caption()).toBe("late");
    expect(valueAt(await stage.get(`${path}?keyword=early`), "data.total_count")).toBe(0);
    expect((await stage.get(`${path}?page_size=300`)).body.code).toBe(4000);
  });

  test("a caption given at upload is kept in manual mode", async () => {
    const stage = setStage();
    const dataset = await createDataset(stage, { format_type: 2 });
    const upload = textAt(await stage.upload("cat.png", "png"), "data.id");
    await addImages(stage, dataset, [image("a", upload, "小猫"), image("b", upload)], { caption_type: 1 });
    stage.clock.ms += 1200;
    const captioned = await stage.get(`/v1/datasets/${dataset}/images?has_caption=true`);
    expect(listAt(captioned, "data.photo_infos")).toMatchObject([
      { name: "a", caption: "小猫", source_type: 5 },
    ]);
  });
});

describe("files", () => {
  test("expire after 90 days, unless they became an icon", async () => {
    const stage = setStage();
    const ids = [await stage.upload("a.png", "a"), await stage.upload("b.png", "b")].map((one) =>
      textAt(one, "data.id"),
    );
    await createDataset(stage, { file_id: ids[0] });
    stage.clock.ms += 90 * 24 * 3600 * 1000;
    expect((await stage.get(`/v1/files/retrieve?file_id=${ids[0]}`)).body.data).toMatchObject({
      id: ids[0],
      bytes: 1,
      file_name: "a.png",
    });
    expect((await stage.get(`/v1/files/retrieve?file_id=${ids[1]}`)).body.code).toBe(4200);
  });

  test("empty, unsupported, too large or several ones have codes of their own", async () => {
    const stage = setStage({ world: { maxUploadBytes: 1000 } });
    expect((await stage.upload("a.png", "")).body.code).toBe(4300);
    expect((await stage.upload("a.md", "x")).body.code).toBe(4303);
    expect((await stage.upload("a.png", "x".repeat(1001))).body.code).toBe(4302);
    const form = new FormData();
    form.append("file", new File(["1"], "a.png"));
    form.append("file", new File(["2"], "b.png"));
    const headers = { authorization: `Bearer ${stage.emulator.token}` };
    const init = { method: "POST", headers, body: form };
    const several = await stage.emulator.fetch("http://localhost/v1/files/upload", init);
    expect(await several.json()).toMatchObject({ code: 4301 });
  });
});
