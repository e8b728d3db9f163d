import { cpSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import type { World } from "../../src/emulator/index.ts";
import { createConsole, type Ran } from "../cli/console.ts";
import { createStrictEmulator } from "../support/emulator.ts";
import { readSteps } from "../support/readme.ts";
import { nameIds } from "../support/world.ts";

const example = resolve(import.meta.dirname, "../../examples/promotion");

/** Who would be asked, and for the word of a protected environment, says it on the command line here. */
function approve(line: string): string {
  if (!/^(apply|promote) /u.test(line)) return line;
  return `${line} --auto-approve${line.includes("prod") ? " --confirm-environment prod" : ""}`;
}

/** Runs the README's commands one after the other, in a copy of the example. */
function followReadme() {
  const { directory, sh } = createConsole();
  cpSync(example, directory, { recursive: true });
  const steps = [...readSteps(readFileSync(join(example, "README.md"), "utf8"))];
  const world = () => createStrictEmulator({ file: join(directory, ".cozeform", "emulator.json") }).world;
  return {
    world,
    isOver: () => steps.length === 0,
    async next(beginning: string): Promise<Ran> {
      const step = steps.shift();
      expect(step?.line).toMatch(new RegExp(`^cozeform ${beginning}`));
      const { line = "", told = [] } = step ?? {};
      const run = await sh(approve(line.replace(/^cozeform /u, "")), {
        typed: "",
        env: { NO_COLOR: "1", TERM: "dumb" },
      });
      const lines = run.out.split("\n");
      expect(told.filter((one) => !lines.includes(one))).toEqual([]);
      return run;
    },
  };
}

/** What is in production, as customers and colleagues meet it there. */
function productionOf(world: World) {
  const space = [...world.workspaces.values()].find(({ name }) => name === "栗树湾客服")?.id;
  const here = <T extends { readonly space_id: string }>(items: Iterable<T>): readonly T[] =>
    [...items].filter(({ space_id }) => space_id === space);
  const [bot, ...others] = here(world.bots.values());
  if (!bot || others.length > 0) throw new Error(`${others.length} bots too many, or none at all`);
  const datasets = new Set(here(world.datasets.values()).map(({ id }) => id));
  const { published, versions, channels } = bot;
  return {
    id: bot.id,
    /** What callers of the bot get, ids by what they name; of the prompt only its beginning. */
    answersBy: nameIds(world)({
      ...published,
      prompt_info: undefined,
      workflow_id_list: undefined,
    }),
    prompt: published?.prompt_info?.prompt ?? "",
    workflows: (published?.workflow_id_list?.ids ?? []).map(({ id }) => id),
    versions: versions.length,
    channels: Object.keys(channels).sort(),
    /** By id, what each copy was made of. */
    copies: Object.fromEntries(here(world.workflows.values()).map(({ id, content = "" }) => [id, content])),
    apps: here(world.apps.values()).length,
    documents: [...world.documents.values()].filter(({ dataset_id }) => datasets.has(dataset_id)).length,
  };
}

/** Everything in dev, as it is. */
function developmentOf(world: World) {
  const space = [...world.workspaces.values()].find(({ name }) => name === "栗树湾客服-dev")?.id;
  const here = [world.bots, world.workflows, world.apps, world.datasets].flatMap((all) =>
    [...all.values()].filter(({ space_id }) => space_id === space),
  );
  return structuredClone(here);
}

/** The ids of copies by what they were made of, which differs from copy to copy here. */
const idsOf = (
  { copies }: ReturnType<typeof productionOf>,
  ...contents: readonly string[]
): readonly string[] =>
  contents.map((content) => {
    const found = Object.keys(copies).filter((id) => copies[id] === content);
    expect([content, found.length]).toEqual([content, 1]);
    return found[0] ?? "";
  });

const invoice = {
  first: "查订单，开电子普通发票，发到邮箱",
  hurried: "查订单，开电子普通发票，发到邮箱；试一下自动开专用发票",
};
const logistics = { first: "查顺丰", improved: "查顺丰和中通，超过四十八小时没有更新时提示核实" };

/** API calls of an apply or a promotion, as its last line tells. */
const callsOf = ({ out }: Ran): number => Number(/ with (\d+) API calls?\./u.exec(out)?.[1]);

test("the way of the README: promoted twice, rolled back once, and the bot in production is the same throughout", async () => {
  const { next, world, isOver } = followReadme();
  const seen: ReturnType<typeof productionOf>[] = [];
  const production = () => {
    const now = productionOf(world());
    seen.push(now);
    return now;
  };

  expect(await next("apply --emulator --target Workspace.desk")).toMatchObject({ code: 0, err: "" });
  await next("emulator edit by-hand/1-build.yaml");
  expect(await next("apply --emulator")).toMatchObject({ code: 0, err: "" });

  const made = await next("apply -e prod");
  expect([made.code, callsOf(made)]).toEqual([0, 19]);
  const first = production();
  expect(first).toMatchObject({ versions: 1, channels: ["1024", "999"], apps: 1, documents: 3 });
  expect(first.workflows).toEqual(idsOf(first, invoice.first, logistics.first));
  expect(first.answersBy).toMatchObject({
    name: "栗树湾售后",
    model_info_config: { model_id: "1706077826", temperature: 0.2, max_tokens: 1024 },
    onboarding_info: { prologue: "您好，这里是栗树湾售后。请告诉我订单号，我来帮您查。" },
    knowledge: { dataset_ids: ["dataset 售后政策 in workspace 栗树湾客服"], search_strategy: 1 },
  });
  expect(await next("plan -e prod --against dev")).toMatchObject({ code: 0, err: "" });

  await next("emulator edit by-hand/2-improve.yaml");
  const dev = developmentOf(world());
  expect(await next("plan -e prod --against dev")).toMatchObject({ code: 0, err: "" });
  const promoted = await next("promote --from dev --to prod --check");
  expect([promoted.code, callsOf(promoted)]).toEqual([0, 17]);
  const second = production();
  expect(second).toEqual({
    ...first,
    prompt: dev.flatMap((one) => ("published" in one ? one.published?.prompt_info?.prompt : []))[0],
    workflows: idsOf(second, invoice.first, logistics.improved),
    versions: 2,
    copies: { ...first.copies, [idsOf(second, logistics.improved)[0] ?? ""]: logistics.improved },
  });
  expect(second.prompt).toContain("贴身布艺拆封后除外");
  expect(developmentOf(world())).toEqual(dev);

  const again = await next("promote --from dev --to prod --emulator");
  expect(again.out).toMatch(/No changes\. prod already has the release of dev/);
  expect(production()).toEqual(second);

  await next("emulator edit by-hand/3-hurry.yaml");
  const refused = await next("promote --from dev --to prod --check");
  expect([refused.code, callsOf(refused)]).toEqual([1, 11]);
  const tried = production();
  const hurried = { [idsOf(tried, invoice.hurried)[0] ?? ""]: invoice.hurried };
  expect(tried).toEqual({ ...second, copies: { ...second.copies, ...hurried } });

  const hasty = await next("promote --from dev --to prod --emulator");
  expect([hasty.code, callsOf(hasty)]).toEqual([0, 5]);
  const third = production();
  expect(third).toMatchObject({ versions: 3, copies: tried.copies });
  expect(third.prompt).toContain("十五天内无理由退货");
  expect(third.workflows).toEqual(idsOf(third, invoice.hurried, logistics.improved));

  const returned = await next("promote --rollback --to prod");
  expect([returned.code, callsOf(returned)]).toEqual([0, 6]);
  const last = production();
  expect(last).toEqual({ ...second, versions: 4, copies: tried.copies });

  const { out } = await next("outputs -e prod");
  const outputs = new Map(out.split("\n").map((line) => line.split("=") as [string, string]));
  expect(outputs.get("COZE_BOT_SUPPORT_ID")).toBe(first.id);
  expect([outputs.get("COZE_COPY_INVOICE_ID"), outputs.get("COZE_COPY_LOGISTICS_ID")]).toEqual(
    last.workflows,
  );
  expect((await next("state show Bot.support")).out).toContain(first.id);
  expect(new Set(seen.map(({ id }) => id))).toEqual(new Set([first.id]));
  expect(isOver()).toBe(true);
});
