import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { promote } from "../../src/commands/promote.ts";
import { listState } from "../../src/commands/state.ts";
import { isEmpty } from "../../src/core/equality.ts";
import type { Fields } from "../../src/core/field.ts";
import { canonicalJson, isObject, type Values } from "../../src/core/value.ts";
import { createConnection } from "../../src/coze/client.ts";
import { bot } from "../../src/kinds/bot.ts";
import { arbitrarySpec, writeManifest } from "../support/arbitrary-spec.ts";
import { scale } from "../support/sample.ts";
import { createStory, failuresOf, manifest, manifests, type Story, summarize } from "../support/story.ts";
import { someVariants } from "../support/variants.ts";

const workflow = "7512000000000090031";
const plugin = "7512000000000090041";
const tools = ["7512000000000090051", "7512000000000090052"];
const given = [workflow, plugin, ...tools].map((id) => `"${id}": "${id}"`).join(", ");

const files = {
  "cozeform.yaml": `apiVersion: cozeform/v1
kind: Project
manifests: [manifests/*.yaml]
environments:
  dev: {}
  prod: {ids: {${given}}}
`,
  "manifests/base.yaml": manifests(
    manifest("Workspace", "w", { name: "空间", description: "测试" }),
    manifest("Dataset", "faq", { workspace: "w", name: "问答", format: "text" }),
    manifest("Dataset", "rules", { workspace: "w", name: "规定", format: "text" }),
  ),
};

const refs: { readonly [kind: string]: fc.Arbitrary<string | { readonly id: string }> } = {
  Workspace: fc.constant("w"),
  Dataset: fc.constantFrom("faq", "rules"),
  Workflow: fc.constant({ id: workflow }),
  Plugin: fc.constant({ id: plugin }),
  PluginTool: fc.constantFrom(...tools.map((id) => ({ id }))),
};

const spec = arbitrarySpec(bot, { shorthand: true, ref: (kind) => refs[kind] ?? fc.constant({ id: "1" }) });

/** What callers get, with datasets by name and without what is an environment's own. */
async function releasedIn(story: Story, environment: string): Promise<Values> {
  const entries = await listState(story.host, { ...story.common, environment });
  const id = entries.find(({ address }) => address === "Bot.it")?.entry.id ?? "";
  const connection = createConnection({ baseUrl: "http://127.0.0.1", fetch: story.emulator.fetch });
  const live = await bot.release?.read?.(connection.signIn(story.emulator.token), { id });
  const { version: _, ...shown } = live ?? {};
  const values = dropDefaults(bot.fields, shown as Values);
  const nameOf = (dataset: string) => story.emulator.world.datasets.get(dataset)?.name ?? dataset;
  const text = JSON.stringify(values).replace(/\d{19}/g, nameOf);
  return JSON.parse(text) as Values;
}

/** Whether a default was set or is just there shows in some answers, and means the same; so does the order of sets. */
const dropDefaults = (fields: Fields, values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const field = fields[name];
      const isSet = field?.type === "list" && field.unordered && Array.isArray(value);
      const sorted = isSet
        ? [...value].sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1))
        : value;
      const told = field?.type === "object" && isObject(value) ? dropDefaults(field.fields, value) : sorted;
      const isUnset = isEmpty(told) || canonicalJson(told) === canonicalJson(field?.default);
      return isUnset ? [] : [[name, told] as const];
    }),
  );

async function applyAs(story: Story, written: Values, environments: readonly string[]): Promise<void> {
  const whole = { ...written, workspace: "w", name: "助手", publish: { connectors: ["api"] } };
  story.write({ "manifests/it.yaml": writeManifest("Bot", "it", whole) });
  for (const environment of environments) {
    expect(failuresOf(await story.apply({ environment }))).toEqual([]);
  }
}

test("whatever is released in one environment is released in the other, time after time, and then there is nothing to promote", async () => {
  const property = fc.asyncProperty(
    spec,
    spec,
    spec,
    someVariants,
    async (written, released, later, variants) => {
      const story = createStory({ files, emulator: { world: { variants } } });
      const { world } = story.emulator;
      world.addWorkflow({ id: workflow, space_id: "1", name: "开票" });
      world.addPlugin({ id: plugin, tools: tools.map((id) => ({ id, name: `t${id}`, description: "" })) });
      await applyAs(story, written, ["dev", "prod"]);
      const options = { ...story.common, environment: "prod", from: "dev", approve: async () => true };
      for (const ahead of [released, later]) {
        // Dev runs ahead of the manifests.
        await applyAs(story, ahead, ["dev"]);
        await applyAs(story, written, []);
        expect(failuresOf(await promote(story.host, options))).toEqual([]);
        expect(await releasedIn(story, "prod")).toEqual(await releasedIn(story, "dev"));
        expect(summarize((await promote(story.host, options)).planned)).toEqual([]);
      }
      story.close();
    },
  );
  await fc.assert(property, { numRuns: scale(40, 8), endOnFailure: true });
});
