import { expect, test } from "@jest/globals";
import { copySite, moveSite, prepareGround, type Site } from "../support/crash-ground.ts";
import { startCozeform } from "../support/process.ts";
import { findInDev, promotion } from "../support/promotion-project.ts";

/** What callers of prod's bots get: the configuration, the versions and where they show. */
function seenByCallers({ emulator: { world } }: Site) {
  const prod = [...world.workspaces.values()].find(({ name }) => name === "客服")?.id;
  const bots = [...world.bots.values()].filter(({ space_id }) => space_id === prod);
  return structuredClone(
    bots.flatMap(({ draft: { name }, published, versions, channels }) =>
      published ? [{ name, published, versions, channels }] : [],
    ),
  );
}

/** What was copied since, in no order. */
function listCopies({ emulator: { world } }: Site, before: ReadonlySet<string>): readonly string[] {
  const tasks = [...world.copyTasks.values()].filter(({ id }) => !before.has(id));
  const told = tasks.map(({ source_entity_id: id, status }) => {
    const { name } = world.workflows.get(id) ?? world.apps.get(id) ?? {};
    return `${name} ${status}`;
  });
  return told.sort();
}

test("a failed copy leaves production as it is and says what to fix; then the same command goes on from there", async () => {
  const site = copySite(await prepareGround(promotion), undefined, {});
  const { world, token } = site.emulator;
  const dev = findInDev(site);
  const [invoice, news] = [dev.workflow("开票"), dev.dataset("news")];
  const before = seenByCallers(site);
  const tasks = new Set(world.copyTasks.keys());
  const door = await site.emulator.listen();
  moveSite(site, door.url);
  const { command, options } = promotion;
  const words = [command, site.directory, ...options, "--endpoint", door.url, "--auto-approve"];
  const promote = () => startCozeform(words, { COZE_API_TOKEN: token }).ended;
  try {
    world.failCopyOf(
      invoice,
      {
        entity_type: "plugin",
        entity_id: "7500000000000000001",
        entity_name: "汇率",
        failed_reason: "已下架",
      },
      { entity_type: "knowledge", entity_id: news, entity_name: "news", failed_reason: "没有权限" },
    );
    const { code, output } = await promote();
    expect(code).toBe(1);
    expect(output).toContain(`Copy.invoice  Coze couldn't copy it
      manifests/all.yaml:27:1  plugin 汇率 (7500000000000000001): 已下架
      manifests/all.yaml:119:1  knowledge news (${news}): 没有权限
`);
    expect(output).toContain("Nothing was switched: callers see no change.");
    expect(listCopies(site, tasks)).toEqual(["商城 successful", "开票 failed", "退款 successful"]);
    expect(seenByCallers(site)).toEqual(before);

    world.allowCopyOf(invoice);
    expect(await promote()).toMatchObject({ code: 0 });
    expect(listCopies(site, tasks)).toEqual([
      "商城 successful",
      "开票 failed",
      "开票 successful",
      "退款 successful",
    ]);
    const after = seenByCallers(site);
    expect(after.map(({ name, versions }) => `${name} ${versions.length}`).sort()).toEqual([
      "fresh 1",
      "quiet 1",
      "sales 3",
      "support 3",
    ]);
  } finally {
    await door.close();
  }
});
