import { createReadStream, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CozeAPI, getJWTToken } from "@coze/api";
import { expect, test } from "@jest/globals";
import { createEmulator } from "../../src/emulator/index.ts";
import { privatePem } from "../support/rsa-keys.ts";
import { withDoor } from "./client.ts";
import { oauthApp } from "./jwt.ts";

async function withSdk(use: (api: CozeAPI, emulator: ReturnType<typeof createEmulator>) => Promise<void>) {
  const emulator = createEmulator({ world: { processingMs: 0 } });
  await withDoor(emulator, async (baseURL) => {
    // A proxy of the environment must not stand between the two.
    const axiosOptions = { proxy: false as const };
    await use(new CozeAPI({ token: emulator.token, baseURL, axiosOptions }), emulator);
  });
}

test("the official SDK creates, updates, publishes and lists a bot", async () => {
  await withSdk(async (api, { world }) => {
    const { workspaces } = await api.workspaces.list();
    const space_id = workspaces[0]?.id ?? "";
    expect(workspaces).toMatchObject([{ id: world.personalWorkspace().id, workspace_type: "personal" }]);
    const { bot_id } = await api.bots.create({ space_id, name: "每日学一菜", prompt_info: { prompt: "p" } });
    await api.bots.update({ bot_id, name: "new", description: "d" });
    await api.bots.publish({ bot_id, connector_ids: ["1024"] });
    const version = world.bots.get(bot_id)?.channels["1024"];
    expect(await api.bots.retrieveNew(bot_id)).toMatchObject({ bot_id, name: "new", version });
    const listed = await api.bots.listNew({ workspace_id: space_id });
    expect(listed).toMatchObject({ total: 1, items: [{ id: bot_id, is_published: true }] });
  });
});

test("the official SDK fills a dataset and uploads its icon", async () => {
  await withSdk(async (api, { world }) => {
    const icon = join(mkdtempSync(join(tmpdir(), "emulator-")), "icon.png");
    writeFileSync(icon, "png");
    const file = await api.files.upload({ file: createReadStream(icon) });
    expect(await api.files.retrieve(file.id)).toEqual(file);
    const space_id = world.personalWorkspace().id;
    const { dataset_id } = await api.datasets.create({
      name: "faq",
      space_id,
      format_type: 0,
      file_id: file.id,
    });
    const content = Buffer.from("hello").toString("base64");
    const made = await api.datasets.documents.create({
      dataset_id,
      format_type: 0,
      chunk_strategy: { chunk_type: 0 },
      document_bases: [{ name: "a.txt", source_info: { file_base64: content, file_type: "txt" } }],
    });
    const document_id = made[0]?.document_id ?? "";
    expect(await api.datasets.process(dataset_id, { document_ids: [document_id] })).toMatchObject({
      data: [{ document_id, status: 1 }],
    });
    await api.datasets.documents.update({ document_id, document_name: "b.txt" });
    expect(await api.datasets.documents.list({ dataset_id })).toMatchObject({
      total: 1,
      document_infos: [{ document_id, name: "b.txt" }],
    });
    await api.datasets.documents.delete({ document_ids: [document_id] });
    await api.datasets.update(dataset_id, { name: "new" });
    expect(await api.datasets.list({ space_id })).toMatchObject({
      total_count: 1,
      dataset_list: [{ name: "new" }],
    });
    await api.datasets.delete(dataset_id);
    expect(world.datasets.size).toBe(0);
  });
});

test("the official SDK sees errors as what they are", async () => {
  await withSdk(async (api) => {
    const found = api.bots.retrieveNew("1");
    await expect(found).rejects.toMatchObject({ status: 404, code: 4200 });
  });
});

test("the official SDK signs in with a JWT", async () => {
  const app = oauthApp({ organization_id: "7001" });
  const emulator = createEmulator({ apps: [app] });
  await withDoor(emulator, async (baseURL) => {
    const by = { baseURL, appId: app.app_id, keyid: app.key_id, privateKey: privatePem, aud: "api.coze.cn" };
    for (const account of [{}, { accountId: "7001" }]) {
      const { access_token, expires_in } = await getJWTToken({ ...by, durationSeconds: 60, ...account });
      expect(expires_in * 1000).toBeGreaterThan(Date.now());
      const api = new CozeAPI({ token: access_token, baseURL, axiosOptions: { proxy: false } });
      expect(await api.workspaces.list()).toMatchObject({ total_count: 1 });
    }
    await expect(getJWTToken({ ...by, keyid: "other" })).rejects.toMatchObject({ status: 401 });
  });
});
