import { cpSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { type Bot, createEmulator, type World } from "../../src/emulator/index.ts";
import { createConsole, type Ran } from "../cli/console.ts";
import { nameIds } from "../support/world.ts";

const example = resolve(import.meta.dirname, "../../examples/promotion");

/** A command of the README, and lines that it says are written. */
interface Step {
  readonly line: string;
  readonly told: readonly string[];
}

/** The commands of the README in their order; what stands in the block of text behind one is told by it. */
function readSteps(): readonly Step[] {
  const text = readFileSync(join(example, "README.md"), "utf8");
  const steps: Step[] = [];
  for (const [, kind, block = ""] of text.matchAll(/^```(sh|text)\n(.*?)^```$/gmsu)) {
    const lines = block.split("\n").filter((line) => line !== "");
    const last = steps.pop();
    if (last && kind === "text") steps.push({ ...last, told: lines });
    else steps.push(...(last ? [last] : []), ...lines.map((line) => ({ line, told: [] })));
  }
  return steps;
}

/** Who would be asked is asked for the word of a protected environment; here the command line says it. */
const approvals: { readonly [command: string]: string } = {
  apply: " --auto-approve --confirm-environment prod",
  promote: " --auto-approve --confirm-environment prod",
};

/** Runs the README's commands one after the other, in a copy of the example. */
function followReadme() {
  const { directory, sh } = createConsole();
  cpSync(example, directory, { recursive: true });
  const steps = [...readSteps()];
  const world = () => createEmulator({ file: join(directory, ".cozeform", "emulator.json") }).world;
  return {
    world,
    isOver: () => steps.length === 0,
    async next(beginning: string): Promise<Ran> {
      const step = steps.shift();
      expect(step?.line).toMatch(new RegExp(`^cozeform ${beginning}`));
      const { line = "", told = [] } = step ?? {};
      const words = line.replace(/^cozeform /, "");
      const run = await sh(words + (approvals[words.split(" ")[0] ?? ""] ?? ""), {
        typed: "",
        env: { NO_COLOR: "1" },
      });
      const lines = run.out.split("\n");
      expect(told.filter((one) => !lines.includes(one))).toEqual([]);
      return run;
    },
  };
}

/** What customers get of the bot in production. */
function productionOf(world: World) {
  const space = [...world.workspaces.values()].find(({ name }) => name === "栗树湾客服")?.id;
  const here = <T extends { readonly space_id: string }>(items: Iterable<T>) =>
    [...items].filter(({ space_id }) => space_id === space);
  const bots = here(world.bots.values());
  const bot = bots[0] as Bot;
  const { published } = bot;
  return {
    id: bot.id,
    bots: bots.length,
    versions: bot.versions.length,
    channels: Object.keys(bot.channels).sort(),
    prompt: published?.prompt_info?.prompt ?? "",
    workflows: (published?.workflow_id_list?.ids ?? []).map(({ id }) => id),
    config: nameIds(world)({ ...published, prompt_info: undefined, workflow_id_list: undefined }),
    /** What was copied, by what it was then. */
    copies: here(world.workflows.values()).map(({ id, content }) => ({ id, content })),
    apps: here(world.apps.values()).length,
    documents: [...world.documents.values()].filter(({ dataset_id }) =>
      here(world.datasets.values()).some(({ id }) => id === dataset_id),
    ).length,
  };
}

const devOf = (world: World) => {
  const bot = [...world.bots.values()].find(({ draft }) => draft.name === "栗树湾售后-dev");
  return { bot, workflows: [...world.workflows.values()].map(({ id }) => id).slice(0, 2) };
};

/** API calls of an apply or a promotion, as its last line tells. */
const callsOf = ({ out }: Ran): string => / with (\d+ API calls?)\./u.exec(out)?.[1] ?? out;

test("the README's way from dev to prod, twice, and back once", async () => {
  const { next, world, isOver } = followReadme();
  await next("apply --emulator --target Workspace.desk");
  await next("emulator edit by-hand/1-build.yaml");
  expect((await next("apply --emulator")).code).toBe(0);
  const [invoice, logistics] = devOf(world()).workflows;
  expect(devOf(world()).bot?.published?.workflow_id_list?.ids).toEqual([{ id: invoice }, { id: logistics }]);

  const made = await next("apply -e prod");
  expect([made.code, callsOf(made)]).toEqual([0, "20 API calls"]);
  const first = productionOf(world());
  expect(first).toMatchObject({ bots: 1, versions: 1, channels: ["1024", "999"], apps: 1, documents: 3 });
  expect(first.copies.map(({ content }) => content).sort()).toEqual(
    ["查订单，开电子普通发票，发到邮箱", "查顺丰"].sort(),
  );
  expect(first.config).toMatchObject({
    name: "栗树湾售后",
    model_info_config: { model_id: "1706077826", temperature: 0.2 },
    onboarding_info: { prologue: "您好，这里是栗树湾售后。请告诉我订单号，我来帮您查。" },
    knowledge: { dataset_ids: ["dataset 售后政策 in workspace 栗树湾客服"] },
  });
  expect((await next("plan -e prod --against dev")).code).toBe(0);

  await next("emulator edit by-hand/2-improve.yaml");
  await next("plan -e prod --against dev");
  const promoted = await next("promote --from dev --to prod --check");
  expect(promoted.out + promoted.err).toBe("");
  expect(isOver()).toBe(true);
});
