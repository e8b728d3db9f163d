import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openNames } from "../../src/export/addresses.ts";
import { kinds } from "../../src/kinds/index.ts";
import { createConsole } from "../cli/console.ts";
import { createFaults } from "../support/story.ts";

/** An account with three workspaces, two of one name, and a few bots in folders of the first. */
function setStage(options: Parameters<typeof createConsole>[1] = {}) {
  const stage = createConsole({}, options);
  const { world } = stage.emulator;
  const desk = world.addWorkspace({ name: "客服", description: "客服" }).id;
  const twins = [1, 2].map(() => world.addWorkspace({ name: "开发", description: "开发" }).id);
  const folder = world.addFolder({ workspace_id: desk, name: "售后" });
  const inner = world.addFolder({ workspace_id: desk, name: "退款", parent_folder_id: folder.id });
  const faq = world.addDataset({ space_id: desk, name: "常见问题" });
  for (const [name, folder_id] of [
    ["甲", folder.id],
    ["乙", inner.id],
    ["丙", undefined],
  ] as const) {
    world.addBot({ space_id: desk, folder_id, draft: { name, knowledge: { dataset_ids: [faq.id] } } });
  }
  const exportJson = async (line: string) => {
    const { code, out } = await stage.sh(`export ${line} --format json`);
    return { code, report: JSON.parse(out) };
  };
  return { ...stage, desk, twins, inner, exportJson };
}

const addresses = ({ resources }: { readonly resources: readonly { readonly address: string }[] }) =>
  resources.map(({ address }) => address);

test("what is exported is chosen by kind, folder and name, and the rest is referred to by lookup", async () => {
  const { exportJson, inner, directory, clock, sh } = setStage();
  await clock.sleep(5000);
  const all = await exportJson("-w 客服 -o all");
  expect(addresses(all.report)).toEqual([
    "Workspace.ke-fu",
    "Dataset.chang-jian-wen-ti",
    "Bot.jia",
    "Bot.yi",
    "Bot.bing",
  ]);
  const byFolder = await exportJson("-w 客服 -o folder --folder 售后");
  expect(addresses(byFolder.report)).toEqual(["Workspace.ke-fu", "Bot.jia", "Bot.yi"]);
  expect(addresses((await exportJson(`-w 客服 -o inner --folder ${inner.id}`)).report)).toEqual([
    "Workspace.ke-fu",
    "Bot.yi",
  ]);
  expect(addresses((await exportJson("-w 客服 -o named --match 甲* --match ?丙")).report)).toEqual([
    "Workspace.ke-fu",
    "Bot.jia",
  ]);
  const bots = await exportJson("-w 客服 -o bots --kind Bot --match 甲");
  expect(addresses(bots.report)).toEqual(["Bot.jia"]);
  expect(
    readFileSync(join(directory, bots.report.resources[0].file.replace(/^/u, "bots/")), "utf8"),
  ).toContain("  workspace: {lookup: {name: 客服}}\n");
  for (const project of ["all", "folder", "bots"]) {
    expect([project, (await sh(`plan ${project} --detailed-exitcode`)).code]).toEqual([project, 0]);
  }
});

test("workspaces, folders and kinds that aren't there are refused with the nearest ones, and nothing is written", async () => {
  const { sh, twins, directory } = setStage();
  const refusals = [
    ["export -o out", "export needs -w"],
    ["export -w 客服", "export needs -o"],
    ["export -w 客服务 -o out", 'did you mean "客服"?'],
    ["export -w 开发 -o out", `2 workspaces are called 开发: ${twins.join(", ")}`],
    ["export -w 客服 -o out --folder 售前", "there is no folder 售前"],
    ["export -w 客服 -o out --kind Bots", 'did you mean "Bot"?'],
  ] as const;
  for (const [line, said] of refusals) {
    const { code, err } = await sh(line);
    expect([line, code, err]).toEqual([line, 3, expect.stringContaining(said)]);
  }
  expect(existsSync(join(directory, "out"))).toBe(false);
});

test("files of somebody else's are never overwritten unasked, and links never followed", async () => {
  const { sh, emulator, directory, clock } = setStage();
  await clock.sleep(5000);
  mkdirSync(join(directory, "out/manifests"), { recursive: true });
  const file = join(directory, "out/manifests/workspaces.yaml");
  writeFileSync(file, "# mine\n");
  const refused = await sh("export -w 客服 -o out");
  expect([refused.code, refused.err]).toEqual([
    3,
    expect.stringContaining("manifests/workspaces.yaml exists"),
  ]);
  expect(existsSync(join(directory, "out/cozeform.yaml"))).toBe(false);
  expect((await sh("export -w 客服 -o out --force")).code).toBe(0);
  expect(readFileSync(file, "utf8")).toContain("name: 客服");
  const [bot] = emulator.world.bots.values();
  emulator.world.editBot(bot?.id ?? "", { description: "改过" });
  await clock.sleep(5000);
  expect((await sh("export -w 客服 -o out")).code).toBe(3);
  expect((await sh("export -w 客服 -o out --force")).code).toBe(0);
  expect((await sh("plan out --detailed-exitcode")).code).toBe(0);
  mkdirSync(join(directory, "linked"));
  symlinkSync(join(directory, "out/manifests"), join(directory, "linked/manifests"));
  const linked = await sh("export -w 客服 -o linked --force");
  expect([linked.code, linked.err]).toEqual([
    3,
    expect.stringContaining("a link or something else stands in the place"),
  ]);
});

test("nothing is written when a reading fails half-way, and what the token may not list is told", async () => {
  const faults = createFaults();
  const { sh, exportJson, directory } = setStage({ hooks: faults.hooks });
  faults.refuse("get_metadata_draft_published");
  expect((await sh("export -w 客服 -o out")).code).toBe(1);
  expect(existsSync(join(directory, "out"))).toBe(false);
  faults.heal();
  const forbidden = setStage({
    hooks: {
      before: ({ operation }) =>
        operation === "list_callback_app"
          ? Response.json({ code: 4101, msg: "no permission" }, { status: 403 })
          : undefined,
    },
  });
  const { code, report } = await forbidden.exportJson("-w 客服 -o out");
  expect([code, report.unread.map(({ kind }: { readonly kind: string }) => kind)]).toEqual([
    0,
    ["CallbackApp"],
  ]);
  expect((await exportJson("-w 客服 -o out")).report.unread).toEqual([]);
});

test("an export into a project leaves what the project manages in files of its own", async () => {
  const { write, sh, exportJson, desk, clock, directory } = setStage();
  await clock.sleep(5000);
  write({
    "cozeform.yaml": "apiVersion: cozeform/v1\nkind: Project\nname: own\n",
    "desk.yaml":
      "apiVersion: cozeform/v1\nkind: Workspace\nmetadata: {name: desk}\nspec: {name: 客服, description: 客服}\n",
  });
  await sh(`import Workspace.desk ${desk}`);
  const { code, report } = await exportJson("-w 客服 -o .");
  expect([code, report.managed]).toEqual([0, ["Workspace.desk"]]);
  expect(readFileSync(join(directory, "manifests/desk/bots/jia.yaml"), "utf8")).toContain(
    "  workspace: desk\n",
  );
  expect((await sh("plan --detailed-exitcode")).code).toBe(0);
});

test("an export may bring a project its first manifests", async () => {
  const { sh, write, clock } = setStage();
  await clock.sleep(5000);
  const header = "apiVersion: cozeform/v1\nkind: Project\nname: desk\n";
  write({ "new/cozeform.yaml": `${header}manifests: ["manifests/**/*.yaml"]\n` });
  expect((await sh("export -w 客服 -o new")).code).toBe(0);
  expect((await sh("plan new --detailed-exitcode")).code).toBe(0);
});

test("names become addresses that can be read, and never collide", async () => {
  const names = await openNames();
  const bot = kinds.find(({ name }) => name === "Bot");
  const give = (title: string, id = "7532") => bot && names.give(bot, title, id, (name) => name === "taken");
  const titles = [
    "重庆火锅",
    "重庆火锅",
    "重庆火锅 2",
    "绿色",
    "ＡＢ１",
    "Ünïcode Bot!",
    "123",
    "😀",
    "",
    "taken",
    "-a--b-",
  ];
  expect(titles.map((title) => give(title))).toEqual([
    "chong-qing-huo-guo",
    "chong-qing-huo-guo-2",
    "chong-qing-huo-guo-2-2",
    "lv-se",
    "ab1",
    "unicode-bot",
    "bot-123",
    "bot-7532",
    "bot-7532-2",
    "taken-2",
    "a-b",
  ]);
  expect(give("很".repeat(100))?.length).toBeLessThanOrEqual(60);
});

test("an export that finds nothing to write says so, and writes nothing", async () => {
  const { sh, directory, desk, emulator } = setStage();
  emulator.world.addPlugin({ space_id: desk, name: "查询" });
  const lines = [
    "-w 客服 --match 没有",
    "-w 客服 --kind Document",
    "-w 客服 --kind Bot --match 没有",
    "-w 开 --match 甲",
  ];
  for (const line of lines) {
    const { code, out, err } = await sh(`export ${line} -o none`);
    expect({ line, code, out }).toEqual({ line, code: 3, out: "" });
    expect(err).toMatch(/nothing was written|no workspace/u);
  }
  expect(existsSync(join(directory, "none"))).toBe(false);
  expect((await sh("export -w 客服 -o only --kind Workspace --match 没有")).code).toBe(0);
});

test("a directory that can't be made is refused, by whichever command makes it", async () => {
  const { sh, directory, emulator } = setStage();
  writeFileSync(join(directory, "file"), "");
  for (const place of ["file/below", "file", ...(existsSync("/proc/self") ? ["/proc/x", "/proc/x/y"] : [])]) {
    const { code, err } = await sh(`export -w 客服 -o ${place}`);
    expect({ place, code }).toEqual({ place, code: 3 });
    expect(err).toContain("can't be made:");
    for (const line of [`schema --out ${place}`, `init ${place}`]) {
      const { code: other } = await sh(line);
      expect({ line, failed: other !== 0 }).toEqual({ line, failed: true });
    }
  }
  expect(emulator.requests.filter(({ writes }) => writes)).toEqual([]);
});
