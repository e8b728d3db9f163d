import { expect } from "@jest/globals";
import { apply } from "../../src/commands/apply.ts";
import { planPromotion, promote } from "../../src/commands/promote.ts";
import { rollback } from "../../src/commands/rollback.ts";
import type { Values } from "../../src/core/value.ts";
import type { App, Bot, Workflow, World } from "../../src/emulator/index.ts";
import { runUndisturbed, type Scenario, type Site, type Snapshot } from "./crash-ground.ts";
import { type Files, writeFiles } from "./files.ts";
import { manifest, manifests } from "./story.ts";
import { nameIds } from "./world.ts";

const picture = (shade: number) => Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, shade]);

const copyOf = (name: string, type: string, called: string) =>
  manifest("Copy", name, { type, source: { environment: "dev", [type]: called }, workspace: "desk" });

const bot = (name: string, prompt: string, spec: Values) =>
  manifest("Bot", name, {
    workspace: "desk",
    name: `${name}\${var.suffix}`,
    prompt: ` ${prompt}\r\n`,
    ...spec,
  });

const dataset = (name: string) => manifest("Dataset", name, { workspace: "desk", name, format: "text" });

const standing = [
  manifest("Workspace", "desk", { name: "客服${var.suffix}", description: "客服" }),
  dataset("faq"),
  dataset("rules"),
  copyOf("invoice", "workflow", "开票"),
  copyOf("refund", "workflow", "退款"),
  copyOf("same", "workflow", "查询"),
  copyOf("shop", "app", "商城"),
  bot("quiet", "不变", { workflows: [{ copy: "same" }], publish: { connectors: ["api"] } }),
];

const both = { connectors: ["api", "chat_sdk"] };

/** What the first two promotions brought to prod. */
const before: Files = {
  "cozeform.yaml": `apiVersion: cozeform/v1
kind: Project
name: crash
manifests: [manifests/*.yaml]
environments:
  dev: {requests_per_second: 1000, variables: {suffix: "-dev"}}
  prod: {requests_per_second: 1000, variables: {suffix: ""}}
`,
  "manifests/all.yaml": manifests(
    ...standing,
    bot("sales", "卖", {
      icon: "one.png",
      workflows: [{ copy: "invoice" }, { copy: "refund" }],
      knowledge: { datasets: ["faq"] },
      publish: both,
    }),
    bot("support", "帮", { workflows: [{ copy: "refund" }], publish: both }),
  ),
  "one.png": picture(1),
};

/** What the third one brings, beside what was changed by hand: an icon, a channel less, maybe a bot with a new dataset. */
const describeAfter = (news: readonly string[]): Files => ({
  "manifests/all.yaml": manifests(
    ...standing,
    bot("sales", "卖", {
      icon: "two.png",
      workflows: [{ copy: "invoice" }, { copy: "refund" }],
      knowledge: { datasets: ["faq"] },
      publish: both,
    }),
    bot("support", "帮", { workflows: [{ copy: "refund" }], publish: { connectors: ["api"] } }),
    ...news,
  ),
  "two.png": picture(2),
});

const fresh = [
  dataset("news"),
  bot("fresh", "新", {
    icon: "two.png",
    workflows: [{ copy: "invoice" }],
    knowledge: { datasets: ["news"] },
    publish: { connectors: ["api"] },
  }),
];

/** What is in dev's workspace under a name; throws unless there is one. */
export function findInDev({ emulator }: Site) {
  const { world } = emulator;
  const desk = [...world.workspaces.values()].find(({ name }) => name === "客服-dev")?.id ?? "";
  const only = <T extends { readonly id: string }>(items: readonly T[]): string => {
    const [item, another] = items;
    if (!item || another) throw new Error(`${items.length} objects where one should be`);
    return item.id;
  };
  const here = <T extends Bot | App | Workflow>(items: Iterable<T>): readonly T[] =>
    [...items].filter(({ space_id }) => space_id === desk);
  return {
    desk,
    bot: (name: string) => only(here(world.bots.values()).filter(({ draft }) => draft.name === name)),
    app: (name: string) => only(here(world.apps.values()).filter((one) => one.name === name)),
    workflow: (name: string) => only(here(world.workflows.values()).filter((one) => one.name === name)),
    dataset: (name: string) =>
      only([...world.datasets.values()].filter((one) => one.space_id === desk && one.name === name)),
  };
}

const applyToDev: Scenario["run"] = (host, options) => apply(host, { ...options, environment: "dev" });
const promoteFromDev: Scenario["run"] = (host, options) => promote(host, { ...options, from: "dev" });
const goBack: Scenario["run"] = (host, options) => rollback(host, { ...options, addresses: [] });

/** Both environments as the second promotion left them, and dev changed since. */
async function prepare(site: Site, news: readonly string[]): Promise<void> {
  writeFiles(site.directory, { ...before, "manifests/all.yaml": standing[0] });
  await runUndisturbed(site, applyToDev);
  seedLibrary(site);
  writeFiles(site.directory, before);
  await runUndisturbed(site, applyToDev);
  await runUndisturbed(site, promoteFromDev);
  changeByHand(site, "二");
  await runUndisturbed(site, promoteFromDev);
  writeFiles(site.directory, describeAfter(news));
  await runUndisturbed(site, applyToDev);
  changeByHand(site, "三");
}

function seedLibrary(site: Site): void {
  const { world } = site.emulator;
  const space_id = findInDev(site).desk;
  for (const name of ["开票", "退款", "查询"]) {
    world.publishWorkflow(world.addWorkflow({ space_id, name, content: "一" }).id);
  }
  world.publishApp(world.addApp({ space_id, name: "商城", content: "一" }).id);
}

function changeByHand(site: Site, content: "二" | "三"): void {
  const { world } = site.emulator;
  const dev = findInDev(site);
  const [faq, rules] = [dev.dataset("faq"), dev.dataset("rules")];
  for (const name of ["开票", "退款"]) {
    world.editWorkflow(dev.workflow(name), { content });
    world.publishWorkflow(dev.workflow(name));
  }
  world.editApp(dev.app("商城"), { content });
  world.editBot(dev.bot("sales-dev"), {
    prompt_info: { prompt: `卖${content}` },
    knowledge: {
      dataset_ids: content === "二" ? [faq] : [faq, rules],
      auto_call: true,
      search_strategy: 0,
    },
  });
  world.publishBot(dev.bot("sales-dev"), ["1024", "999"]);
  world.editBot(dev.bot("support-dev"), { onboarding_info: { prologue: `您好${content}` } });
  world.publishBot(dev.bot("support-dev"), ["1024", "999"]);
}

/** The third promotion: new copies of two workflows and an app, two bots in place, a third one new. */
export const promotion: Scenario = {
  prepare: (site) => prepare(site, fresh),
  command: "promote",
  options: ["--from", "dev", "--to", "prod"],
  run: promoteFromDev,
  plan: (host, options) => planPromotion(host, { ...options, from: "dev" }),
  environment: "prod",
  bystanders: ["dev"],
  inspect: expectNoMixture,
};

/** The way back from it, where nothing was new: all of it goes back, and a step further there would be something. */
export const wayBack: Scenario = {
  async prepare(site) {
    await prepare(site, []);
    await runUndisturbed(site, promoteFromDev);
  },
  command: "promote",
  options: ["--rollback", "--to", "prod"],
  run: goBack,
  environment: "prod",
  bystanders: ["dev"],
  inspect: expectNoMixture,
};

/**
 * Each bot answers by the old configuration or by the new one, whole. By the new one only once everything is there
 * that any of them uses; what never answered before may do so at any time.
 */
function expectNoMixture(now: Snapshot, before: Snapshot, after: Snapshot): void {
  const [seen, old, next] = [now, before, after].map(describeBots);
  const switched = Object.keys(seen ?? {}).filter((name) => {
    const published = seen?.[name]?.published;
    const [was, will] = [old?.[name]?.published, next?.[name]?.published];
    expect([was, will]).toContainEqual(published);
    return was !== undefined && was !== published;
  });
  if (switched.length === 0) return;
  expect(describeLibrary(now)).toEqual(describeLibrary(after));
  expect(draftsOf(seen)).toEqual(draftsOf(next));
}

interface BotTexts {
  readonly [name: string]: { readonly draft: string; readonly published: string | undefined };
}

/** By name, what every bot is told and what its callers get, as texts that name what they use. */
function describeBots(world: Snapshot): BotTexts {
  const nameOf = nameIds(asWorld(world));
  const told = world.bots.map(({ draft, published }) => {
    const texts = {
      draft: JSON.stringify(nameOf(draft)),
      published: published && JSON.stringify(nameOf(published)),
    };
    return [draft.name, texts] as const;
  });
  return Object.fromEntries(told);
}

const draftsOf = (bots: BotTexts | undefined): readonly (readonly [string, string])[] =>
  Object.entries(bots ?? {}).map(([name, { draft }]) => [name, draft]);

/** Every workflow, app and dataset by its name, place and content, as often as it is there. */
export function describeLibrary(world: Snapshot): readonly string[] {
  const nameOf = nameIds(asWorld(world));
  return [...world.workflows, ...world.apps, ...world.datasets].map(({ id }) => nameOf(id)).sort();
}

const asWorld = (world: Snapshot): Pick<World, "snapshot"> => ({ snapshot: () => world });
