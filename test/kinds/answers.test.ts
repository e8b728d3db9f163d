import { describe, expect, test } from "@jest/globals";
import { clientOf } from "../coze/answers.ts";
import { kindOf, listAll, setStage, update } from "./stage.ts";

describe("answers that leave something open", () => {
  test("a member of whom the answer says nothing may have been added, or removed", async () => {
    const { client } = clientOf([
      { code: 0, data: { added_success_user_ids: ["1"] } },
      { code: 0, data: { removed_success_user_ids: ["1"] } },
    ]);
    const specs = ["1", "2"].map((user_id) => ({ workspace: "9", user_id, role: "member" }));
    const places = ["1", "2"].map((id) => ({ id, parent: "9" }));
    const lost = { error: expect.objectContaining({ name: "UnexpectedAnswer", outcome: "unknown" }) };
    const kind = kindOf("WorkspaceMember");
    expect(await kind.createMany?.run(client, specs)).toEqual([{ value: { id: "1" } }, lost]);
    expect(await kind.removeMany?.run(client, places)).toEqual([{ value: undefined }, lost]);
  });

  test.each([[], true, ""])(
    "a copy whose task is done without an id (%j) is asked about again",
    async (id) => {
      const data = { task_status: "successful", target_entity_id: id };
      const { client } = clientOf([{ code: 0, data }]);
      const state = await kindOf("Copy").copying?.follow(client, "1");
      expect(state).toEqual({ state: "working", detail: "copy task in progress" });
    },
  );

  test.each([
    ["in their order", ["a", "b"], ["1", "2"]],
    ["in another order", ["b", "a"], ["2", "1"]],
    ["under other names", ["x", "y"], ["1", "2"]],
    ["with one under another name", ["b", "x"], ["2", "1"]],
    ["with one missing", ["b"], [undefined, "1"]],
  ])("documents are found %s", async (_title, names, ids) => {
    const document_infos = names.map((name, index) => ({ document_id: String(index + 1), name }));
    const { client } = clientOf([{ code: 0, document_infos }]);
    const specs = ["a", "b"].map((name) => ({ dataset: "9", name, source: { url: "https://a.example/" } }));
    const outcomes = await kindOf("Document").createMany?.run(client, specs);
    const lost = { error: expect.objectContaining({ name: "UnexpectedAnswer", outcome: "unknown" }) };
    expect(outcomes).toEqual(ids.map((id) => (id === undefined ? lost : { value: { id, untold: true } })));
  });

  test("documents whose names could be each other's are told apart by their place", async () => {
    const shown = ["x.pdf.pdf", "x.pdf"];
    const document_infos = shown.map((name, index) => ({ document_id: String(index + 1), name }));
    const { client } = clientOf([{ code: 0, document_infos }]);
    const specs = ["x.pdf", "x"].map((name) => ({
      dataset: "9",
      name,
      source: { url: "https://a.example/" },
    }));
    const outcomes = await kindOf("Document").createMany?.run(client, specs);
    expect(outcomes).toEqual(["1", "2"].map((id) => ({ value: { id, untold: true } })));
  });

  test("members that were added aren't forgotten when the roles of others can't be read", async () => {
    const { client } = clientOf([
      { code: 0, data: { added_success_user_ids: ["1"], already_joined_user_ids: ["2"] } },
      { code: 4101, msg: "no" },
    ]);
    const specs = ["1", "2"].map((user_id) => ({ workspace: "9", user_id, role: "member" }));
    expect(await kindOf("WorkspaceMember").createMany?.run(client, specs)).toEqual([
      { value: { id: "1" } },
      { error: expect.objectContaining({ name: "ExplainedError" }) },
    ]);
  });

  test("numbers that come as text, null and empty texts are taken for what they mean", async () => {
    const page = {
      document_id: "1",
      name: "page",
      status: "1",
      update_type: "1",
      update_interval: "24",
      chunk_strategy: { chunk_type: "1", max_tokens: "800", separator: null },
      char_count: "",
      slice_count: null,
      update_time: "1700000000",
    };
    const { client } = clientOf([{ code: 0, document_infos: [page], total: "1" }]);
    const pages = [];
    for await (const items of kindOf("Document").list(client, "9", { specs: [] })) pages.push(...items);
    expect(pages).toEqual([
      {
        id: "1",
        parent: "9",
        revision: 1_700_000_000,
        health: "ready",
        live: {
          dataset: "9",
          name: "page",
          source: { refresh_hours: 24 },
          chunking: { by: "separator", max_tokens: 800 },
          status: "ready",
        },
      },
    ]);
  });

  test("an unknown status of a document is work in progress, as is none", async () => {
    const { client } = clientOf([
      { code: 0, data: { data: [{ document_id: "1", status: 4, progress: 50 }] } },
    ]);
    const places = ["1", "2"].map((id) => ({ id, parent: "9" }));
    expect(await kindOf("Document").settle?.(client, places)).toEqual([
      { state: "working", detail: "in status 4", percent: 50 },
      { state: "working", detail: "processing", percent: undefined },
    ]);
  });

  test("a workspace without description doesn't claim to have none", async () => {
    const workspaces = [{ id: "1", name: "a", workspace_type: "team" }];
    const { client } = clientOf([{ code: 0, data: { workspaces, total_count: 1 } }]);
    const pages = [];
    for await (const page of kindOf("Workspace").list(client, undefined, { specs: [] })) pages.push(page);
    expect(pages).toEqual([[{ id: "1", live: { name: "a", type: "team" } }]]);
  });

  test("an update that Coze refuses for another reason stays as it was told", async () => {
    const stage = setStage();
    const renamed = update(stage, "CallbackApp", { id: "1" }, { name: "hook" }, "name");
    await expect(renamed).rejects.toMatchObject({ name: "NotFound", code: 4200 });
    expect(await listAll(stage, "CallbackApp", undefined)).toEqual([]);
  });
});
