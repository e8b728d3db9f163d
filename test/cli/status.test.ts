import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createConsole, smallManifests } from "./console.ts";

const bot = (name: string, spec: string) => `\
---
apiVersion: cozeform/v1
kind: Bot
metadata: {name: ${name}}
spec: {workspace: desk, name: ${name}, ${spec}}
`;

const published = (prompt: string) => bot("support", `prompt: ${prompt}, publish: {connectors: [api]}`);
const unpublished = bot("sales", "prompt: 你卖货");
const all = `${smallManifests}${published("你是客服")}${unpublished}`;

const colleague = { id: "2069720456012", name: "小李" };
const by = "by 小李 (2069720456012)";

/** An applied project whose bots a colleague may edit at Coze, a minute later. */
async function createDesk() {
  const desk = createConsole({ "desk.yaml": all });
  expect((await desk.sh("apply --auto-approve")).code).toBe(0);
  // However long the apply took.
  await desk.clock.sleep(Date.UTC(2026, 0, 5, 8, 1, 1) - desk.clock.now());
  const { world } = desk.emulator;
  const idOf = (name: string) => [...world.bots.values()].find(({ draft }) => draft.name === name)?.id ?? "";
  const edit = (name: string, change: Parameters<typeof world.editBot>[1]) =>
    world.editBot(idOf(name), change, colleague);
  /** Runs a line that writes nothing; `calls` by how often they were made, and what stands in the output. */
  const see = async (line: string) => {
    const before = desk.emulator.requests.length;
    const ran = await desk.sh(line);
    const made = desk.emulator.requests.slice(before);
    expect(made.filter(({ writes }) => writes)).toEqual([]);
    const calls = { lists: 0, reads: 0, versions: 0 };
    for (const { operation = "" } of made) {
      calls[operation === "list_bot_versions" ? "versions" : /list/u.test(operation) ? "lists" : "reads"] +=
        1;
    }
    return { ...ran, calls };
  };
  return { ...desk, world, idOf, edit, see };
}

describe("status", () => {
  test("says that all sides agree: one listing more than a plan of a workspace, and no reading", async () => {
    const desk = await createDesk();
    const { code, out, calls } = await desk.see("status --exit-code");
    expect(out).toBe(
      "No differences. Manifests, objects and publications agree (4 resources, 5 API calls).\n",
    );
    expect([code, calls]).toEqual([0, { lists: 5, reads: 0, versions: 0 }]);
  });

  test("says who edited at Coze and when; reads versions of that bot only", async () => {
    const desk = await createDesk();
    desk.edit("sales", { prompt_info: { prompt: "你卖好货" } });
    const { code, out, calls } = await desk.see("status");
    expect(out).toBe(`\
  ~ Bot.sales
      prompt: "你卖货" -> "你卖好货"  (edited at Coze)
      last edited 2026-01-05 08:01:01 UTC, ${by}

Status: 1 edited at Coze, 3 equal (7 API calls).
`);
    expect([code, calls]).toEqual([0, { lists: 5, reads: 1, versions: 1 }]);
    expect((await desk.see("status --exit-code")).code).toBe(2);
  });

  test("shows a field that was changed on both sides and isn't published", async () => {
    const desk = await createDesk();
    desk.edit("support", { prompt_info: { prompt: "你是好客服" } });
    desk.write({ "desk.yaml": `${smallManifests}${published("你是最好的客服")}${unpublished}` });
    const { out, calls } = await desk.see("status");
    expect(out.replace(/version \d+/u, "version V")).toBe(`\
  ~ Bot.support
      prompt: "你是好客服" -> "你是最好的客服"  (changed in the manifest and at Coze)
      prompt: "你是客服" -> "你是好客服"  (draft isn't published)
      last edited 2026-01-05 08:01:01 UTC, ${by}
      last published 2026-01-05 08:00:01 UTC, by kou_owner (3290203000000017), version V

Status: 1 edited at Coze, 3 equal (9 API calls).
`);
    expect(calls).toEqual({ lists: 5, reads: 2, versions: 2 });
    const { resources } = JSON.parse((await desk.see("status --format json")).out);
    expect(resources[1].fields).toEqual([
      {
        path: "prompt",
        ahead: ["both", "draft"],
        manifest: "你是最好的客服",
        live: "你是好客服",
        published: "你是客服",
      },
    ]);
    expect(resources[1].edited).toEqual({ name: "小李", user: "2069720456012", at: 1767600061 });
  });

  test("of a changed manifest needs no version", async () => {
    const desk = await createDesk();
    desk.write({ "desk.yaml": `${smallManifests}${published("你是好客服")}${unpublished}` });
    const { out, calls } = await desk.see("status");
    expect(out).toContain(`      prompt: "你是客服" -> "你是好客服"  (manifest isn't applied)\n`);
    expect(out).not.toContain("last edited");
    expect(calls.versions).toBe(0);
  });

  test("shows a field that no manifest sets: callers don't get the draft's yet", async () => {
    const desk = await createDesk();
    desk.edit("support", { description: "售后" });
    const { out } = await desk.see("status");
    expect(out).toContain(`  ~ Bot.support
      description: "" -> "售后"  (draft isn't published)
      last edited 2026-01-05 08:01:01 UTC, ${by}
`);
  });

  test("sees a bot that was published by hand, with what its publisher wrote", async () => {
    const desk = await createDesk();
    desk.world.publishBot(desk.idOf("sales"), ["1024"], { by: colleague, changelog: "第一版" });
    await desk.clock.sleep(60_000);
    desk.edit("sales", { prompt_info: { prompt: "你卖好货" } });
    const { out } = await desk.see("status --target Bot.sales");
    expect(out).toContain(`last published 2026-01-05 08:01:01 UTC, ${by}, version`);
    expect(out).toContain('"第一版"');
    expect(out).toContain("Status: 1 edited at Coze (6 API calls).");
  });

  test("tells what isn't made, what has no manifest any more and what is gone", async () => {
    const desk = await createDesk();
    const gone = desk.idOf("support");
    const sales = desk.idOf("sales");
    desk.world.bots.delete(gone);
    desk.write({ "desk.yaml": `${smallManifests}${published("你是客服")}${bot("new", "prompt: 新的")}` });
    const { out } = await desk.see("status");
    expect(out).toBe(`\
  + Bot.new  not created yet
  - Bot.sales  ${sales} has no manifest any more
  + Bot.support  gone: ${gone} no longer exists in Coze

Status: 2 manifests aren't applied, 1 without a manifest, 2 equal (6 API calls).
`);
  });

  test("with a lost state says what the state doesn't know, and how to take it over", async () => {
    const desk = await createDesk();
    rmSync(join(desk.directory, ".cozeform"), { recursive: true });
    const [space = ""] = [...desk.world.bots.values()].map(({ space_id }) => space_id);
    const unseen = "not looked for: the state doesn't know Workspace.desk, which holds it";
    const { out } = await desk.see("status");
    expect(out).toBe(`\
  ? Bot.sales  ${unseen}
  ? Bot.support  ${unseen}
  ? Dataset.faq  ${unseen}
  ? Workspace.desk  ${space} exists in Coze, and the state doesn't know it

Status: 1 unknown to the state, 3 not looked for (1 API call).
To take over what the state doesn't know: cozeform plan --adopt
`);
    const { resources } = JSON.parse((await desk.see("status --format json")).out);
    expect(resources[3]).toMatchObject({ standing: "unknown", existing: [space] });
    expect((await desk.sh("apply --adopt --auto-approve")).code).toBe(0);
    expect((await desk.see("status --exit-code")).code).toBe(0);
  });

  test("works without the permission for versions", async () => {
    const desk = await createDesk();
    desk.edit("sales", { prompt_info: { prompt: "你卖好货" } });
    desk.emulator.faults.set([
      {
        operation: "list_bot_versions",
        fault: "refuse",
        code: 4101,
        msg: "The token you entered has no permission",
      },
    ]);
    const { code, out, err } = await desk.see("status");
    expect([code, out.includes("(edited at Coze)"), out.includes("last edited")]).toEqual([0, true, false]);
    expect(err).toContain("Bot.sales: Coze doesn't say who changed it:");
  });
});
