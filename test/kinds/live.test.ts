import { describe, expect, test } from "@jest/globals";
import type { Values } from "../../src/core/value.ts";
import { createCozeClient } from "../../src/coze/client.ts";
import type { Place } from "../../src/kind/kind.ts";
import { createBatch } from "../../src/lifecycle/batching.ts";
import { create, fileOf, followUp, kindOf, listAll, look, setStage, update } from "./stage.ts";

describe("Workspace", () => {
  test("is created, listed and updated, and can't be removed", async () => {
    const stage = setStage();
    const icon = fileOf(stage, "icons/desk.png", "png");
    const id = await create(stage, "Workspace", { name: "客服", description: "first", icon });
    expect((await look(stage, "Workspace", { id })).live).toEqual({
      name: "客服",
      description: "first",
      owner: stage.emulator.world.options.me.id,
      type: "team",
    });
    await update(stage, "Workspace", { id }, { name: "客服", description: "second" }, "description");
    expect(stage.lastBody()).toEqual({ description: "second" });
    expect((await look(stage, "Workspace", { id })).live).toMatchObject({ description: "second" });
    expect(kindOf("Workspace").remove).toBeUndefined();
  });
});

describe("WorkspaceMember", () => {
  const add = (stage: ReturnType<typeof setStage>, ...users: (readonly [string, string])[]) =>
    createBatch(
      stage.api,
      kindOf("WorkspaceMember"),
      users.map(([user_id, role]) => ({ workspace: stage.space, user_id, role })),
      String,
    );

  test("several are added with one call, and what became of each is told", async () => {
    const stage = setStage({ world: { users: ["11", "12", "13"] } });
    await add(stage, ["13", "member"], ["12", "member"]);
    stage.writes();
    expect(await add(stage, ["11", "admin"], ["12", "admin"], ["13", "member"], ["99", "member"])).toEqual([
      { value: { id: "11" } },
      {
        error: expect.objectContaining({
          message: "user 12 is already in the workspace as member, not as admin",
        }),
      },
      { value: { id: "13" } },
      { error: expect.objectContaining({ message: "Coze has no user 99" }) },
    ]);
    expect(stage.writes()).toEqual(["add_space_member"]);
    const roles = (await listAll(stage, "WorkspaceMember", stage.space)).map(({ id, live }) => [
      id,
      live.role,
    ]);
    expect(roles).toEqual([
      [stage.emulator.world.options.me.id, "owner"],
      ["13", "member"],
      ["12", "member"],
      ["11", "admin"],
    ]);
  });

  test("on a personal plan a member waits for the invitation to be accepted", async () => {
    const stage = setStage({ plan: "personal" });
    const invited = { value: { id: "11", pending: "user 11 has to accept the invitation" } };
    expect(await add(stage, ["11", "member"])).toEqual([invited]);
    expect(await add(stage, ["11", "member"])).toEqual([invited]);
  });

  test("one user who can't join doesn't keep the others out", async () => {
    const stage = setStage({ world: { outsiders: ["12"] } });
    expect(await add(stage, ["11", "member"], ["12", "member"], ["13", "admin"])).toEqual([
      { value: { id: "11" } },
      { error: expect.objectContaining({ name: "BadRequest", code: 702042162 }) },
      { value: { id: "13" } },
    ]);
    expect(stage.writes()).toHaveLength(4);
  });

  test("a full workspace is asked once, not once per user", async () => {
    const stage = setStage({ world: { memberLimit: 2 } });
    const full = { error: expect.objectContaining({ code: 702042018 }) };
    expect(await add(stage, ["11", "member"], ["12", "member"])).toEqual([full, full]);
    expect(stage.writes()).toHaveLength(1);
  });

  test("is removed together with others; who is gone counts as removed, the owner can't be", async () => {
    const stage = setStage();
    await add(stage, ["11", "member"]);
    const places = ["11", "12", stage.emulator.world.options.me.id].map((id) => ({
      id,
      parent: stage.space,
    }));
    expect(await kindOf("WorkspaceMember").removeMany?.run(stage.api, places)).toEqual([
      { value: undefined },
      { value: undefined },
      { error: expect.objectContaining({ name: "ExplainedError" }) },
    ]);
  });

  test("removing or replacing one needs leave", () => {
    const effects = (action: "create" | "replace" | "remove") =>
      kindOf("WorkspaceMember").effects?.(action, {});
    const handsOver = {
      text: "moves the member's resources to the workspace owner, for good",
      needs: "allow-ownership-transfer",
    };
    expect(effects("create")).toEqual([]);
    expect(effects("replace")).toEqual([handsOver]);
    expect(effects("remove")).toEqual([handsOver]);
  });
});

describe("Dataset", () => {
  test("is created, listed, replaced whole by an update, and removed twice", async () => {
    const stage = setStage();
    const icon = fileOf(stage, "faq.png", "png");
    const spec = { workspace: stage.space, name: "faq", format: "text", description: "questions", icon };
    const at = { id: await create(stage, "Dataset", spec), parent: stage.space };
    stage.emulator.world.addDataset({ space_id: stage.space, name: "volcano", dataset_type: "volcano" });
    const items = await listAll(stage, "Dataset", stage.space);
    expect(items).toEqual([
      {
        ...at,
        owner: "kou_owner",
        live: {
          workspace: stage.space,
          name: "faq",
          format: "text",
          description: "questions",
          document_count: 0,
          bot_count: 0,
        },
      },
    ]);
    await update(stage, "Dataset", at, { ...spec, name: "faq 2" }, "name");
    expect(stage.lastBody()).toEqual({
      name: "faq 2",
      description: "questions",
      file_id: expect.any(String),
    });
    await update(stage, "Dataset", at, { ...spec, icon: undefined, description: undefined }, "icon");
    expect(stage.lastBody()).toEqual({ name: "faq", description: "" });
    await kindOf("Dataset").remove?.(stage.api, at);
    await kindOf("Dataset").remove?.(stage.api, at);
    expect(stage.emulator.world.datasets.has(at.id)).toBe(false);
  });

  test("says what goes with it, and that an unset icon is reset", () => {
    const effects = kindOf("Dataset").effects;
    expect(effects?.("remove", { live: { document_count: 312, bot_count: 1 } })).toEqual([
      { text: "deletes 312 documents and unbinds 1 bot", loses: 312 },
    ]);
    expect(effects?.("update", { spec: { name: "faq" } })).toEqual([
      { text: "resets the icon unless the manifest sets one" },
    ]);
    expect(effects?.("update", { spec: { icon: { $file: "a.png", sha256: "", size: 1 } } })).toEqual([]);
  });
});

describe("Document", () => {
  const kind = kindOf("Document");
  const place = (dataset: string, outcomes: unknown): readonly Place[] =>
    (outcomes as readonly { value: { id: string } }[]).map(({ value }) => ({
      id: value.id,
      parent: dataset,
    }));

  test("files of one call keep their order; a repeated extension is the same name", async () => {
    const stage = setStage();
    const dataset = await create(stage, "Dataset", { workspace: stage.space, name: "faq", format: "text" });
    const specs = ["b.pdf", "a.txt"].map((name) => ({
      dataset,
      name,
      source: { file: fileOf(stage, name, name) },
    }));
    const outcomes = await kind.createMany?.run(stage.api, specs as unknown as readonly Values[]);
    const [pdf, txt] = place(dataset, outcomes);
    const items = await listAll(stage, "Document", dataset);
    expect(items.map(({ id, live }) => [id, live.name])).toEqual([
      [pdf?.id, "b.pdf.pdf"],
      [txt?.id, "a.txt"],
    ]);
    expect(items[1]).toEqual({
      id: txt?.id,
      parent: dataset,
      revision: stage.clock.ms / 1000,
      health: "working",
      live: { dataset, name: "a.txt", source: {}, status: "processing", characters: 5, slices: 0 },
    });
    expect(kind.fields.name?.equal?.("b.pdf", "b.pdf.pdf")).toBe(true);
  });

  test.each([
    ["x.pdf", "x.pdf", true],
    ["x.pdf", "x.pdf.pdf", true],
    ["x", "x.pdf", true],
    ["x.pdf", "x.pdf.txt", false],
    ["x.pdf", "x", false],
    ["x.v2", "x.v2.pdf", true],
    ["x.txt", "x.txt.pdf", false],
  ])("%s is shown as %s: %p", (want, live, same) => {
    expect(kind.fields.name?.equal?.(want, live)).toBe(same);
  });

  test("settles once Coze is done, and tells why it isn't", async () => {
    const stage = setStage();
    const dataset = await create(stage, "Dataset", { workspace: stage.space, name: "faq", format: "text" });
    const specs = [
      { dataset, name: "good", source: { url: "https://docs.example.com/", refresh_hours: 24 } },
      { dataset, name: "bad", source: { url: "https://fail.invalid/" } },
    ];
    const places = place(dataset, await kind.createMany?.run(stage.api, specs as readonly Values[]));
    const working = { state: "working", detail: "processing", percent: expect.any(Number) };
    expect(await kind.settle?.(stage.api, places)).toEqual([working, working]);
    stage.clock.ms += 60_000;
    expect(await kind.settle?.(stage.api, places)).toEqual([
      { state: "ready" },
      { state: "failed", reason: "The web page could not be fetched" },
    ]);
    const items = await listAll(stage, "Document", dataset);
    expect(items.map(({ health, live }) => [health, live.source])).toEqual([
      ["ready", { refresh_hours: 24 }],
      ["failed", {}],
    ]);
  });

  test("name and refreshing change in place", async () => {
    const stage = setStage();
    const dataset = await create(stage, "Dataset", { workspace: stage.space, name: "faq", format: "text" });
    const spec = { dataset, name: "page", source: { url: "https://docs.example.com/" } };
    const [at] = place(dataset, await kind.createMany?.run(stage.api, [spec]));
    if (!at) throw new Error("nothing was made");
    await update(stage, "Document", at, { ...spec, source: { ...spec.source, refresh_hours: 48 } }, "source");
    expect((await look(stage, "Document", at)).live).toMatchObject({
      name: "page",
      source: { refresh_hours: 48 },
    });
    await update(stage, "Document", at, { ...spec, name: "site" }, "name", "source");
    expect(stage.lastBody()).toEqual({
      document_id: at.id,
      document_name: "site",
      update_rule: { update_type: 0 },
    });
    expect((await look(stage, "Document", at)).live).toMatchObject({ name: "site", source: {} });
  });

  test("chunking is sent and shown", async () => {
    const stage = setStage();
    const dataset = await create(stage, "Dataset", { workspace: stage.space, name: "faq", format: "text" });
    const chunking = { separator: "#", max_tokens: 800 };
    const spec = { dataset, name: "page", source: { url: "https://docs.example.com/" }, chunking };
    const [at] = place(dataset, await kind.createMany?.run(stage.api, [spec]));
    expect((await look(stage, "Document", at ?? { id: "" })).live.chunking).toEqual({
      by: "separator",
      ...chunking,
      remove_extra_spaces: false,
      remove_urls_emails: false,
    });
  });

  test("an image takes its caption along, and later changes go alone", async () => {
    const stage = setStage();
    const dataset = await create(stage, "Dataset", { workspace: stage.space, name: "cats", format: "image" });
    const spec = {
      dataset,
      name: "cat.png",
      source: { file: fileOf(stage, "cat.png", "png") },
      caption: "a cat",
    };
    const outcomes = await kind.createMany?.run(stage.api, [spec as unknown as Values]);
    const at = place(dataset, outcomes)[0] ?? { id: "" };
    stage.writes();
    expect(await followUp(stage, "Document", at, { spec, changed: ["caption"] })).toEqual([]);
    const { live } = await look(stage, "Document", at, [spec]);
    expect(live.caption).toBe("a cat");
    expect(await followUp(stage, "Document", at, { spec, live }, true)).toEqual([]);
    const next = { ...spec, caption: "two cats" };
    expect(await followUp(stage, "Document", at, { spec: next, live, changed: ["caption"] }, true)).toEqual([
      "sets the caption",
    ]);
    expect(stage.writes()).toEqual(["update_image_caption"]);
    const hidden = { ...live, caption: undefined };
    expect(await followUp(stage, "Document", at, { spec, live: hidden }, true)).toEqual([]);
    const changed = { spec: next, live: hidden, changed: ["caption"] };
    expect(await followUp(stage, "Document", at, changed, true)).toEqual(["sets the caption"]);
    expect((await look(stage, "Document", at, [next])).live.caption).toBe("two cats");
    expect((await look(stage, "Document", at)).live).not.toHaveProperty("caption");
  });

  test("is removed with others, gone ones included", async () => {
    const stage = setStage();
    const dataset = await create(stage, "Dataset", { workspace: stage.space, name: "faq", format: "text" });
    const specs = ["a", "b"].map((name) => ({ dataset, name, source: { url: "https://docs.example.com/" } }));
    const places = [
      ...place(dataset, await kind.createMany?.run(stage.api, specs)),
      { id: "1", parent: dataset },
    ];
    expect(await kind.removeMany?.run(stage.api, places)).toEqual(places.map(() => ({ value: undefined })));
    expect(await listAll(stage, "Document", dataset)).toEqual([]);
  });

  test("only documents that may share a call have the same group, and images weigh nothing", () => {
    const file = ($file: string, size = 300) => ({ source: { file: { $file, sha256: "", size } } });
    const page = { source: { url: "https://docs.example.com/" } };
    const { group, weight } = kind.createMany ?? {};
    expect(group?.(file("a.txt"))).toBe(group?.(file("b.pdf")));
    const groups = [file("a.txt"), page, file("a.png"), { ...file("a.png"), caption: "a" }].map((one) =>
      group?.(one),
    );
    expect(new Set(groups).size).toBe(4);
    expect([file("a.txt"), page, file("a.png")].map((one) => weight?.(one))).toEqual([400, 0, 0]);
  });

  test.each([
    [{ source: { url: "https://a.example" }, caption: "a" }, ["caption"]],
    [{ source: { file: { $file: "a.png", sha256: "", size: 1 } }, chunking: {} }, ["chunking"]],
    [
      { source: { file: { $file: "a.txt", sha256: "", size: 1 }, refresh_hours: 24 } },
      ["source.refresh_hours"],
    ],
    [{ source: { file: { $file: "a.txt", sha256: "", size: 0 } } }, ["source.file"]],
    [{ source: { file: { $file: "a.txt", sha256: "", size: 11 * 1024 * 1024 } } }, ["source.file"]],
    [{ source: { file: { $file: "a.PNG", sha256: "", size: 11 * 1024 * 1024 } }, caption: "a" }, []],
  ])("%j breaks the rules of %j", (spec, paths) => {
    expect(kind.check?.(spec as Values).map(({ path }) => path.join("."))).toEqual(paths);
  });
});

describe("CallbackApp", () => {
  const spec = {
    name: "hook",
    callback_url: "https://hook.example/coze",
    events: ["bot.published", "bot.deleted"],
  };

  test("is created, given its address, subscribed by difference, and removed twice", async () => {
    const stage = setStage();
    const at = { id: await create(stage, "CallbackApp", spec) };
    await update(stage, "CallbackApp", at, spec, "callback_url");
    expect(await followUp(stage, "CallbackApp", at, { spec })).toEqual([
      "subscribes to bot.published, bot.deleted",
    ]);
    const { live } = await look(stage, "CallbackApp", at);
    expect(live).toEqual({
      name: "hook",
      type: "normal",
      callback_url: spec.callback_url,
      events: ["bot.published", "bot.deleted"],
      verify_token: expect.any(String),
    });
    const next = { ...spec, events: ["bot.deleted", "benefit.usage"] };
    expect(await followUp(stage, "CallbackApp", at, { spec: next, live })).toEqual([
      "subscribes to benefit.usage",
      "unsubscribes from bot.published",
    ]);
    expect((await look(stage, "CallbackApp", at)).live.events).toEqual(["bot.deleted", "benefit.usage"]);
    expect(await followUp(stage, "CallbackApp", at, { spec: { ...spec, events: undefined }, live })).toEqual(
      [],
    );
    await kindOf("CallbackApp").remove?.(stage.api, at);
    await kindOf("CallbackApp").remove?.(stage.api, at);
    expect(await kindOf("CallbackApp").read?.(stage.api, at)).toBeUndefined();
  });

  test("of a connector gets its name with its address", async () => {
    const stage = setStage();
    const own = { ...spec, type: "connector", connector_id: "7470849514748000" };
    const at = { id: await create(stage, "CallbackApp", own) };
    await update(stage, "CallbackApp", at, own, "callback_url");
    expect((await look(stage, "CallbackApp", at, [{ ...own, name: "other" }])).live).toMatchObject({
      name: "hook",
      type: "connector",
      connector_id: "7470849514748000",
    });
  });

  test("of a connector is found by its channel when its creation was cut off before it had a name", async () => {
    const stage = setStage();
    const own = { ...spec, type: "connector", connector_id: "7470849514748000" };
    const at = { id: await create(stage, "CallbackApp", own) };
    expect((await look(stage, "CallbackApp", at, [own])).live.name).toBe("hook");
    expect((await look(stage, "CallbackApp", at)).live.name).toBe("渠道 7470849514748000");
  });

  test("whose events nobody looked at isn't subscribed anew", async () => {
    const stage = setStage();
    expect(await followUp(stage, "CallbackApp", { id: "1" }, { spec, live: {} })).toEqual([]);
  });

  test("an address that doesn't echo is blamed", async () => {
    const stage = setStage();
    const at = { id: await create(stage, "CallbackApp", spec) };
    const wrong = { ...spec, callback_url: "https://refuse.example.com/" };
    await expect(update(stage, "CallbackApp", at, wrong, "callback_url")).rejects.toMatchObject({
      name: "BadRequest",
      code: 4000,
      hint: expect.stringContaining("within 3 seconds"),
    });
  });

  test.each([
    [{ type: "connector" }, ["type"]],
    [{ connector_id: "1" }, ["connector_id"]],
    [{ type: "connector", connector_id: "1" }, []],
    [{}, []],
  ])("%j breaks the rules of %j", (given, paths) => {
    expect(
      kindOf("CallbackApp")
        .check?.(given)
        .map(({ path }) => path.join(".")),
    ).toEqual(paths);
  });
});

describe("kinds that are only looked up", () => {
  test("workflows are listed with their drafts", async () => {
    const stage = setStage();
    const { id } = stage.emulator.world.addWorkflow({ space_id: stage.space, name: "sum", versions: [] });
    const items = await listAll(stage, "Workflow", stage.space);
    expect(items).toMatchObject([{ id, parent: stage.space, live: { workspace: stage.space, name: "sum" } }]);
  });

  test("folders are listed level by level, only along the way to a wanted path, and never round in a circle", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const at = { workspace_id: stage.space };
    const outer = world.addFolder({ ...at, name: "客服" });
    const inner = world.addFolder({ ...at, name: "售后", parent_folder_id: outer.id });
    const deep = world.addFolder({ ...at, name: "退/换", parent_folder_id: inner.id });
    const other = world.addFolder({ ...at, name: "客服二" });
    world.addFolder({ ...at, name: "远", parent_folder_id: other.id });
    const paths = async (...specs: readonly Values[]) => {
      const before = stage.emulator.requests.length;
      const items = await listAll(stage, "Folder", stage.space, specs);
      return [items.map(({ live }) => live.path), stage.emulator.requests.length - before];
    };
    expect(await paths({ path: "/客服/售后/" })).toEqual([["客服", "客服二", "客服/售后"], 2]);
    expect(await paths({ path: "客服/售后/退/换" })).toEqual([
      ["客服", "客服二", "客服/售后", "客服/售后/退/换"],
      3,
    ]);
    expect(await paths({ path: "没有" })).toEqual([["客服", "客服二"], 1]);
    const all = ["客服", "客服二", "客服/售后", "客服/售后/退/换", "客服二/远"];
    expect(await paths()).toEqual([all, 4]);
    expect(await paths({}, { path: "没有" })).toEqual([all, 4]);
    outer.parent_folder_id = deep.id;
    expect(await paths()).toEqual([["客服二", "客服二/远"], 2]);
  });

  test("users go by both of their names, voices by name and language, organizations by enterprise", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    world.addUser({ id: "101", nickname: "小李", unique_name: "li_01" });
    world.workspaces.get(stage.space)?.members.push({ user_id: "101", role_type: "member" });
    const users = await listAll(stage, "User", stage.space);
    expect(users.filter(({ id }) => id === "101").map(({ live }) => live.name)).toEqual(["li_01", "小李"]);
    const voice = world.addVoice({
      name: "温柔",
      language_code: "en",
      state: "init",
      is_system_voice: false,
    });
    expect(await listAll(stage, "Voice", undefined)).toEqual([
      {
        id: voice.id,
        live: { name: "温柔", language: "en", model: "big", origin: "cloned", preview_text: "你好" },
      },
    ]);
    const { id } = world.addOrganization({ name: "市场部" });
    const enterprise = world.options.enterpriseId;
    expect(await listAll(stage, "Organization", undefined)).toEqual([]);
    expect(await listAll(stage, "Organization", undefined, [{ enterprise, name: "x" }])).toEqual([
      { id, live: { enterprise, name: "市场部" } },
    ]);
  });

  test("plugins are searched by the names asked for, tools listed by plugin", async () => {
    const stage = setStage();
    const plugin = stage.emulator.world.addPlugin({
      name: "Search",
      tools: [{ id: "77", name: "web", description: "Searches the web." }],
    });
    stage.emulator.world.addPlugin({ name: "Weather" });
    expect(await listAll(stage, "Plugin", undefined)).toEqual([]);
    const found = await listAll(stage, "Plugin", undefined, [{ name: "Search" }, { name: "Search" }]);
    expect(found.map(({ id, live }) => [id, live.name])).toEqual([[plugin.id, "Search"]]);
    expect(await listAll(stage, "PluginTool", plugin.id)).toEqual([
      {
        id: "77",
        parent: plugin.id,
        live: { plugin: plugin.id, name: "web", description: "Searches the web." },
      },
    ]);
  });

  test("none of them can be made", () => {
    const made = ["Workflow", "Plugin", "PluginTool"]
      .map(kindOf)
      .filter((kind) => kind.create ?? kind.createMany);
    expect(made).toEqual([]);
  });
});

test("the client works over HTTP as it does in process", async () => {
  const stage = setStage();
  const door = await stage.emulator.listen();
  try {
    const api = createCozeClient({ baseUrl: `${door.url}/`, token: stage.emulator.token, random: () => 0 });
    const id = await api.files.upload("icon.png", new Uint8Array(200_000));
    const dataset = await api.datasets.create({
      space_id: stage.space,
      name: "faq",
      format_type: 0,
      file_id: id,
    });
    expect((await listAll({ ...stage, api }, "Dataset", stage.space)).map((item) => item.id)).toEqual([
      dataset,
    ]);
    await kindOf("Dataset").remove?.(api, { id: dataset });
    expect(api.callCount()).toBe(4);
    expect(api.serverTime()).toBeLessThanOrEqual(Date.now());
  } finally {
    await door.close();
  }
});
