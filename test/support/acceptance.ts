import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { Fields } from "../../src/core/field.ts";
import { canonicalJson, isObject, type Json, type Values } from "../../src/core/value.ts";
import type { EmulatorOptions, World } from "../../src/emulator/index.ts";
import { kinds } from "../../src/kinds/index.ts";
import { resourceType } from "../../src/terraform/schema/names.ts";
import { ownFields } from "../../src/terraform/schema/resource-schema.ts";
import { createStrictEmulator } from "./emulator.ts";
import { sampleOf } from "./sample.ts";
import type { Files } from "./story.ts";
import { createTerraformStory } from "./terraform.ts";
import { terraformTest } from "./terraform-process.ts";
import { namingVariants, variantsOfTest } from "./variants.ts";
import { describeMeaning } from "./world.ts";

/** One way in which a configuration changes, and what comes of it. */
interface Case {
  /** What the configuration has before, over the base; null leaves an attribute out. */
  readonly from?: Values;
  /** What it has afterwards, over that. */
  readonly to: Values;
  /** Files that get other content meanwhile. */
  readonly files?: Files;
  /** The attributes that the plan changes, none where it is empty; those that the configuration changes unless given. */
  readonly changes?: readonly string[];
  /** Writing calls of the apply, in their order. */
  readonly calls: readonly string[];
  /** The attributes for which the object is made anew, as dotted paths; without it, it changes in place. */
  readonly replacedFor?: readonly string[];
  /** What the plan warns of. */
  readonly warns?: readonly string[];
  /** The change leads to another world than making it so from the start: what Coze can't delete stays. */
  readonly leaves?: true;
}

/** How a resource behaves from its creation to its end. */
export interface Acceptance<S> {
  readonly kind: string;
  /** Puts into a world what the resource needs; the ids are the same each time. */
  seed(world: World): S;
  readonly emulator?: EmulatorOptions;
  /** Settings of the provider. */
  readonly provider?: Values;
  /** A configuration, written as JSON. */
  base(seeds: S): Values;
  readonly creation: {
    readonly calls: readonly string[];
    /** Attributes as they are then, where the configuration doesn't say so. */
    readonly shows: { readonly [attribute: string]: unknown };
  };
  /** By the dotted path of each field, with a remark in brackets where a field has several. */
  cases(seeds: S): { readonly [field: string]: Case };
  /** What `terraform import` is given, by what it is called; the plan after it, and what the apply of that writes. */
  readonly imported: {
    ids(seeds: S, id: string): { readonly [form: string]: string };
    readonly action: "no-op" | "update";
    readonly warns?: readonly string[];
  };
  /** What somebody does by hand, the attributes in which that shows, and the writing calls that take it back. */
  readonly drifts: {
    readonly [what: string]: {
      readonly by: (world: World, id: string, seeds: S) => void;
      readonly changes: readonly string[];
      readonly calls: readonly string[];
      readonly replacedFor?: readonly string[];
    };
  };
  /** Deletes the object by hand. */
  delete(world: World, id: string, seeds: S): void;
  readonly end: {
    readonly calls: readonly string[];
    readonly warns?: readonly string[];
    readonly stays?: true;
  };
}

const examples = resolve(import.meta.dirname, "../../examples");
const exampleFile = (path: string): Uint8Array => readFileSync(join(examples, path));

/** Files that configurations may name. */
export const contents = {
  "one.png": exampleFile("team/assets/retail.png"),
  "two.png": exampleFile("team/assets/internal.png"),
  "one.txt": "签收后七天内可以退货。",
  "two.txt": "签收后十五天内可以退货。",
  /** GB18030. */
  "gb.txt": Buffer.from("c7a9cad5baf3c6dfccecc4da", "hex"),
  "titled.md": "---\ntitle: 退货\n---\n签收后七天内可以退货。",
  "headings.md": "# 退货\n\n## 时限\n\n七天。\n",
} as const;

/** Declares the tests of a resource with the real terraform. */
export function acceptResource<S>(given: Acceptance<S>): void {
  const kind = kinds.find(({ name }) => name === given.kind);
  if (!kind) throw new Error(`there is no kind ${given.kind}`);
  const type = resourceType(kind);
  const seeds = given.seed(createStrictEmulator(given.emulator ?? {}).world);
  const cases = given.cases(seeds);

  const accept = (title: string, run: () => Promise<void>): void =>
    terraformTest(title, () => namingVariants(run));

  describe(type, () => {
    test("every field that can be given has a case", () => {
      const told = Object.keys(cases).map((name) => name.replace(/ \(.+\)$/u, ""));
      expect([...new Set(told)].sort()).toEqual([...pathsOf(kind.fields)].sort());
    });

    accept("is made, is as it was wanted, needs nothing more, and goes", () => liveAndEnd(given, type));

    const howOf = ({ replacedFor, calls }: Case): string => {
      if (replacedFor) return "makes it anew";
      return calls.length > 0 ? "changes in place" : "writes nothing";
    };
    // Each outcome and each operation is there in a sample; plans of every field are tested without Terraform as well.
    const chosen = sampleOf(Object.entries(cases), 8, ([, one]) => [howOf(one), ...one.calls]);
    for (const [name, one] of chosen) {
      const how = howOf(one);
      accept(`${name} ${how}`, () => change(given, type, one));
    }
    for (const form of Object.keys(given.imported.ids(seeds, "1"))) {
      accept(`is imported by ${form}, and then needs nothing more`, () => takeOver(given, type, form));
    }
    for (const what of Object.keys(given.drifts)) {
      accept(`${what}: the plan shows it and the apply takes it back`, () => drift(given, type, what));
    }
    accept("deleted by hand, it is planned and made anew", () => missing(given, type));
  });
}

/** Dotted paths of the fields that configurations give, through objects and lists of objects. */
function pathsOf(fields: Fields, before = ""): readonly string[] {
  return Object.entries(ownFields(fields)).flatMap(([name, field]) => {
    if (field.presence === "computed") return [];
    if (field.type === "object") return pathsOf(field.fields, `${before}${name}.`);
    if (field.type === "list" && field.items.type === "object")
      return pathsOf(field.items.fields, `${before}${name}.`);
    return [`${before}${name}`];
  });
}

/** A world with what the resource needs, and Terraform in a directory that manages one of it. */
async function begin<S>(given: Acceptance<S>, type: string) {
  const story = await createTerraformStory({
    served: "in-process",
    files: contents,
    emulator: { world: { processingMs: 0, copyMs: 0, variants: variantsOfTest() }, ...given.emulator },
  });
  const { emulator } = story;
  const seeds = given.seed(emulator.world);
  const address = `${type}.it`;
  /** The provider runs in this process, which is elsewhere: files go by their whole path. */
  const locate = <T>(values: T): T =>
    JSON.parse(JSON.stringify(values), (_key, value: unknown) =>
      typeof value === "string" && /^\w+\.(png|txt|md)$/u.test(value) ? join(story.directory, value) : value,
    );
  const callsOf = async (run: () => Promise<unknown>): Promise<readonly string[]> => {
    const before = emulator.requests.length;
    await run();
    return emulator.requests
      .slice(before)
      .flatMap(({ writes, operation = "" }) => (writes ? [operation] : []));
  };
  return {
    ...story,
    seeds,
    address,
    locate,
    callsOf,
    configure(values: Values): void {
      const configuration = {
        provider: { coze: given.provider ?? {} },
        resource: { [type]: { it: locate(values) } },
      };
      story.write({ "main.tf.json": JSON.stringify(configuration) });
    },
    /** What Terraform is going to do; it writes nothing at Coze. */
    async plan() {
      const before = emulator.requests.length;
      const { json, stdout } = await story.plan();
      expect(emulator.requests.slice(before).filter(({ writes }) => writes)).toEqual([]);
      const change = json.resource_changes?.find((one) => one.address === address)?.change;
      if (!change) throw new Error(`the plan doesn't speak of ${address}\n${stdout}`);
      const { actions, before: old, after, after_unknown: unknown, replace_paths: paths = [] } = change;
      const isChanged = (name: string): boolean => differs(old?.[name], after?.[name], unknown[name]);
      return {
        action: actions.length > 1 ? "replace" : actions.join(),
        changes: Object.keys({ ...old, ...after })
          .filter(isChanged)
          .sort(),
        replacedFor: paths.map((path) => path.join(".")).sort(),
        warnings: warningsIn(stdout),
      };
    },
    /** Carries out the last plan; gives the writing calls. */
    apply: () => callsOf(() => story.apply("saved.tfplan")),
    async make(): Promise<void> {
      await story.apply();
    },
    async destroy() {
      let text = "";
      const calls = await callsOf(async () => {
        text = (await story.destroy()).stdout;
      });
      return { calls, warnings: warningsIn(text) };
    },
    /** The attributes as they stand in the state's file. */
    values(): Values {
      const { resources } = JSON.parse(readFileSync(join(story.directory, "terraform.tfstate"), "utf8"));
      const values = resources[0]?.instances[0]?.attributes;
      if (!values) throw new Error(`${address} isn't in the state`);
      return values;
    },
  };
}

/** Summaries of warnings, each once, with a dot-dot-dot for ids. */
const warningsIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/Warning: (.+)$/gmu)].map(([, line = ""]) => line.replace(/\d{19}/gu, "…"))),
];

async function liveAndEnd<S>(given: Acceptance<S>, type: string): Promise<void> {
  const it = await begin(given, type);
  const empty = describeMeaning(it.emulator.world);
  const { seeds } = it;
  it.configure(given.base(seeds));
  expect(await it.plan()).toMatchObject({ action: "create", warnings: [] });
  expect(await it.apply()).toEqual(given.creation.calls);
  const values = it.values();
  expect(values).toMatchObject({ ...it.locate(given.base(seeds)), ...given.creation.shows });
  expect(Object.values(values)).not.toContain(undefined);
  await it.expectNoChanges();
  const made = describeMeaning(it.emulator.world);
  expect(await it.destroy()).toEqual({ calls: given.end.calls, warnings: given.end.warns ?? [] });
  const left = describeMeaning(it.emulator.world);
  if (given.end.stays) expect(Object.keys(left as object)).toEqual(Object.keys(made as object));
  else expect(left).toEqual(empty);
}

async function change<S>(given: Acceptance<S>, type: string, one: Case): Promise<void> {
  const it = await begin(given, type);
  const before = merge(given.base(it.seeds), one.from ?? {});
  const after = merge(before, one.to);
  it.configure(before);
  await it.make();
  const first = String(it.values().id);
  await it.expectNoChanges();
  it.configure(after);
  it.write(one.files ?? {});
  const names = Object.keys(one.to).filter(
    (name) => canonicalJson(before[name]) !== canonicalJson(after[name]),
  );
  const changes = [...(one.changes ?? names)].sort();
  const inPlace = changes.length > 0 ? "update" : "no-op";
  expect(await it.plan()).toEqual({
    action: one.replacedFor ? "replace" : inPlace,
    changes,
    replacedFor: [...(one.replacedFor ?? [])].sort(),
    warnings: one.warns ?? [],
  });
  expect(await it.apply()).toEqual(one.calls);
  await it.expectNoChanges();
  const values = it.values();
  const wanted = Object.entries(it.locate(one.to)).filter(([, value]) => value !== null);
  if (changes.length > 0) expect(values).toMatchObject(Object.fromEntries(wanted));
  if (!one.replacedFor) expect(values.id).toBe(first);
  if (one.leaves) return;
  const fresh = await begin(given, type);
  fresh.configure(after);
  fresh.write(one.files ?? {});
  await fresh.make();
  expect(describeMeaning(it.emulator.world)).toEqual(describeMeaning(fresh.emulator.world));
}

async function takeOver<S>(given: Acceptance<S>, type: string, form: string): Promise<void> {
  const it = await begin(given, type);
  it.configure(given.base(it.seeds));
  await it.make();
  const made = it.values();
  const world = describeMeaning(it.emulator.world);
  await it.run("state", "rm", it.address);
  const word = given.imported.ids(it.seeds, String(made.id))[form] ?? "";
  expect(await it.callsOf(() => it.importResource(it.address, word))).toEqual([]);
  const { action, warnings } = await it.plan();
  expect({ action, warnings }).toEqual({
    action: given.imported.action,
    warnings: given.imported.warns ?? [],
  });
  expect(await it.apply()).toEqual([]);
  await it.expectNoChanges();
  expect(it.values()).toEqual(made);
  expect(describeMeaning(it.emulator.world)).toEqual(world);
}

async function drift<S>(given: Acceptance<S>, type: string, what: string): Promise<void> {
  const it = await begin(given, type);
  const one = given.drifts[what];
  it.configure(given.base(it.seeds));
  await it.make();
  const world = describeMeaning(it.emulator.world);
  one?.by(it.emulator.world, String(it.values().id), it.seeds);
  expect(describeMeaning(it.emulator.world)).not.toEqual(world);
  expect(await it.plan()).toEqual({
    action: one?.replacedFor ? "replace" : "update",
    changes: [...(one?.changes ?? [])].sort(),
    replacedFor: one?.replacedFor ?? [],
    warnings: [],
  });
  expect(await it.apply()).toEqual(one?.calls);
  await it.expectNoChanges();
  expect(describeMeaning(it.emulator.world)).toEqual(world);
}

async function missing<S>(given: Acceptance<S>, type: string): Promise<void> {
  const it = await begin(given, type);
  it.configure(given.base(it.seeds));
  await it.make();
  const world = describeMeaning(it.emulator.world);
  given.delete(it.emulator.world, String(it.values().id), it.seeds);
  expect(await it.plan()).toMatchObject({ action: "create", warnings: [] });
  expect(await it.apply()).toEqual(given.creation.calls);
  await it.expectNoChanges();
  expect(describeMeaning(it.emulator.world)).toEqual(world);
}

/** Attributes over others; null leaves one out. */
function merge(values: Values, over: Values): Values {
  const merged = Object.entries({ ...values, ...over }).filter(([, value]) => value !== null);
  return Object.fromEntries(merged);
}

/** Whether a planned value is another one, as far as it is known. */
function differs(before: Json | undefined, after: Json | undefined, unknown: Json | undefined): boolean {
  if (unknown === true) return false;
  if (!isObject(after)) return canonicalJson(before) !== canonicalJson(after);
  const [old, fresh] = [isObject(before) ? before : {}, isObject(unknown) ? unknown : {}];
  return Object.keys({ ...old, ...after }).some((name) =>
    differs(old[name] ?? null, after[name] ?? null, fresh[name]),
  );
}
