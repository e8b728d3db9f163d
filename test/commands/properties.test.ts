import { randomBytes } from "node:crypto";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Field, Fields } from "../../src/core/field.ts";
import { canonicalJson, isObject, type Json, type Values } from "../../src/core/value.ts";
import type { World } from "../../src/emulator/index.ts";
import { kinds } from "../../src/kinds/index.ts";
import { arbitrarySpec, writeManifest } from "../support/arbitrary-spec.ts";
import { scale } from "../support/sample.ts";
import { createStory, echoChallenge } from "../support/story.ts";

const base = `
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: w}
spec: {name: 空间, description: 测试}
---
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: texts}
spec: {workspace: w, name: 文本, format: text}
---
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: more}
spec: {workspace: w, name: 更多文本, format: text}
---
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: pictures}
spec: {workspace: w, name: 图片, format: image}
`;

const files = {
  "base.yaml": base,
  "a.txt": "退货规则：七天无理由退货。",
  "b.txt": "发货时间：当天下单，次日发货。",
  "a.png": paintPicture(1),
  "b.png": paintPicture(2),
};

/** Ids of objects that copies are made of, by type. */
const originals = {
  bot: ["7512000000000090011", "7512000000000090013"],
  app: ["7512000000000090021", "7512000000000090023"],
  workflow: ["7512000000000090031", "7512000000000090033"],
} as const;

function addOriginals(world: World): void {
  const space_id = world.addWorkspace({ name: "源" }).id;
  for (const id of originals.bot) world.addBot({ id, space_id, draft: { name: `助手${id}` } });
  for (const id of originals.app) world.addApp({ id, space_id, name: `应用${id}` });
  for (const id of originals.workflow) world.addWorkflow({ id, space_id, name: `流程${id}` });
}

const managed = kinds.filter(({ removal }) => removal !== undefined);
const permissions = new Set(["allow-ownership-transfer", "allow-orphans"] as const);

/** A story in which every reference that a spec may hold leads somewhere. */
async function stage(kindName: string) {
  const story = createStory({ files, emulator: { fetch: echoChallenge } });
  const workflows = [1, 2, 3].map(
    (n) => story.emulator.world.addWorkflow({ space_id: "1", name: `流程${n}` }).id,
  );
  const tool = (n: number) => ({ id: `75120000000000900${n}`, name: `tool${n}`, description: "" });
  const plugins = [story.emulator.world.addPlugin({ tools: [1, 2, 3].map(tool) })];
  addOriginals(story.emulator.world);
  const someId = (ids: readonly string[]) => fc.constantFrom(...ids.map((id) => ({ id })));
  const refs: { readonly [kind: string]: fc.Arbitrary<Json> } = {
    Workspace: fc.constant("w"),
    Dataset: fc.constantFrom(...(kindName === "Document" ? ["texts"] : ["texts", "more", "pictures"])),
    Workflow: someId(workflows),
    Plugin: someId(plugins.map(({ id }) => id)),
    PluginTool: someId(plugins.flatMap(({ tools }) => tools.map(({ id }) => id))),
  };
  await applyWhole(story);
  return { story, ref: (kind: string) => refs[kind] ?? fc.constant({ id: "1" }) };
}

describe.each(managed.map((kind) => [kind.name, kind] as const))("%s", (name, kind) => {
  const firstAndSecond = async (optional: "all" | "random") => {
    const { story, ref } = await stage(name);
    const specs = variantsOf(kind).map(({ fields, files: names }) =>
      arbitrarySpec(
        { ...kind, fields },
        { optional, shorthand: true, ref, file: () => fc.constantFrom(...names) },
      ),
    );
    const pairs = specs.map((spec) => fc.tuple(spec.map(fitDocument), spec.map(fitDocument)));
    return { story, pair: fc.oneof(...pairs) };
  };

  test.each(["all", "random"] as const)(
    "with %s optional fields: apply, plan is empty; change one field, plan shows just that; apply, plan is empty",
    async (optional) => {
      const { story, pair } = await firstAndSecond(optional);
      let run = 0;
      const property = fc.asyncProperty(pair, fc.nat(), async ([first, second], pick) => {
        run += 1;
        // What one run made goes before the next begins: two might be about the same user.
        story.write({ "it.yaml": "" });
        await applyWhole(story);
        const manifest = (spec: Values) => ({ "it.yaml": writeManifest(name, `it-${run}`, spec) });
        story.write(manifest(first));
        // Coze still has what earlier runs made and let go of, and short names come again.
        await applyWhole(story, [`${name}.it-${run}`]);
        await expectEmptyPlan(story);

        const fields = changeable(kind.fields, first, second);
        const field = fields[pick % Math.max(fields.length, 1)];
        if (field === undefined) return;
        const changed = { ...first, [field]: second[field] ?? null };
        if ((kind.check?.(changed) ?? []).length > 0) return;
        story.write(manifest(changed));
        const { plan } = await story.plan({ targets: [`${name}.it-${run}`] });
        const step = plan.steps.find(({ address }) => address === `${name}.it-${run}`);
        expect([...new Set(step?.changes.map(({ path }) => path[0]))]).toEqual([field]);
        await applyWhole(story);
        await expectEmptyPlan(story);
      });
      await fc.assert(property, { numRuns: scale(20, 4), endOnFailure: true });
    },
  );
});

async function applyWhole(
  story: ReturnType<typeof createStory>,
  duplicate: readonly string[] = [],
): Promise<void> {
  const { result } = await story.apply({ allow: permissions, duplicate });
  expect(result?.failed.map(({ step, failure }) => `${step.address}: ${failure.message}`) ?? []).toEqual([]);
}

/** A copy's original must exist and be of its type. */
function variantsOfCopies(fields: Fields) {
  return Object.entries(originals).map(([type, ids]) => {
    const id: Field = { type: "enum", values: ids, presence: "required", description: "" };
    const source: Field = { type: "object", fields: { id }, presence: "required", description: "" };
    const only: Field = { type: "enum", values: [type], presence: "required", description: "" };
    return { fields: { ...fields, type: only, source }, files: [] };
  });
}

/** A document is a text, a page or a picture, and each has fields that the others can't have. */
function variantsOf({ name, fields }: (typeof managed)[number]) {
  const pictures = ["a.png", "b.png"];
  if (name === "Copy") return variantsOfCopies(fields);
  if (name !== "Document") return [{ fields, files: pictures }];
  const { source, caption: _caption, ...text } = fields;
  const { chunking: _chunking, ...picture } = fields;
  const only = (...names: string[]) => {
    if (source?.type !== "object") throw new Error("a document's source is an object");
    const kept = Object.entries(source.fields).filter(([field]) => names.includes(field));
    return { ...source, exactlyOne: [names[0] ?? ""], fields: Object.fromEntries(kept) };
  };
  return [
    { fields: { ...text, source: only("file") }, files: ["a.txt", "b.txt"] },
    { fields: { ...text, source: only("url", "refresh_hours") }, files: [] },
    { fields: { ...picture, source: only("file") }, files: pictures },
  ];
}

async function expectEmptyPlan(story: ReturnType<typeof createStory>): Promise<void> {
  const writes = story.writes().length;
  // What is as it was applied is no drift either.
  for (const options of [{}, { refreshOnly: true, refresh: "full" as const }]) {
    const { plan } = await story.plan(options);
    const open = plan.steps.filter(({ action }) => action !== "no-op");
    expect(
      open.map(({ address, action, because, changes }) => ({ address, action, because, changes })),
    ).toEqual([]);
  }
  expect(story.writes()).toHaveLength(writes);
}

/** Fields that differ between two specs and that a change of the manifest can reach. */
function changeable(
  fields: (typeof kinds)[number]["fields"],
  first: Values,
  second: Values,
): readonly string[] {
  return Object.keys(first).filter((name) => {
    const field = fields[name];
    const fixed = field?.settable === "create" && !field.immutable;
    return name in second && !fixed && asSet(first[name]) !== asSet(second[name]) && field?.type !== "ref";
  });
}

/** Equal for values that mean the same: sets in any order, an empty object or none, a word or what it stands for. */
function asSet(value: Json | undefined): string {
  const sort = (part: Json | undefined): unknown => {
    if (Array.isArray(part)) return part.map((item: Json) => canonicalJson(sort(item))).sort();
    if (part === "api" || part === "chat_sdk") return { id: part === "api" ? "1024" : "999" };
    if (!isObject(part)) return part;
    const isTold = (item: Json) => (typeof item === "object" && item ? Object.keys(item).length > 0 : true);
    const told = Object.entries(part).filter(([, item]) => isTold(item));
    return Object.fromEntries(told.map(([key, item]) => [key, sort(item)]));
  };
  return canonicalJson(sort(value));
}

/** Pictures go into the dataset of pictures. */
function fitDocument(spec: Values): Values {
  const file = isObject(spec.source) ? spec.source.file : undefined;
  return spec.dataset !== undefined && String(file).endsWith(".png")
    ? { ...spec, dataset: "pictures" }
    : spec;
}

/** The smallest PNG there is, of one color. */
function paintPicture(shade: number): Uint8Array {
  const chunk = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type), data, randomBytes(4)]);
  };
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const pixels = deflateSync(Buffer.from([0, shade]));
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
