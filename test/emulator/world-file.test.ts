import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { collections } from "../../src/emulator/areas/index.ts";
import type { Rule, Rules } from "../../src/emulator/http/params.ts";
import { createEmulator, WorldError } from "../../src/emulator/index.ts";
import type { CollectionName, WorldSnapshot } from "../../src/emulator/world/world.ts";
import { findWorldFault } from "../../src/emulator/world/world-file.ts";
import { makeScratch } from "../support/scratch.ts";
import { readAnswer } from "./client.ts";
import { createRichWorld } from "./rich-world.ts";

const file = join(makeScratch(), "world.json");

const itemFields = Object.fromEntries(
  [...collections].map(([name, { fields }]) => [name, fields]),
) as Readonly<Record<CollectionName, Rules>>;
const generations = [...collections].map(([name, { generation = 1 }]) => [name, generation] as const);

let rich: WorldSnapshot;

beforeAll(async () => {
  rich = await createRichWorld();
});

/** What is said of a world's file; "" when it is read. */
function readingOf(content: unknown): string {
  const text =
    typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content);
  writeFileSync(file, text);
  return complaintOf(file);
}

function complaintOf(place: string): string {
  try {
    createEmulator({ file: place });
    return "";
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    expect([error.file, error.hint]).toEqual([place, expect.stringMatching(/\w/)]);
    return [...(error.at ? [`${error.at.line}:${error.at.column}`] : []), error.message].join(" ");
  }
}

/** A value in a world with its rule and the place that messages name. */
interface Spot {
  readonly place: string;
  /** The same for all items of a list. */
  readonly kind: string;
  readonly path: readonly (string | number)[];
  readonly rule: Rule;
}

function* spotsIn(value: unknown, spot: Spot): Generator<Spot> {
  yield spot;
  const { rule, place, kind, path } = spot;
  if (rule.type === "list" && Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield* spotsIn(item, {
        place: `${place}[${index}]`,
        kind: `${kind}[]`,
        path: [...path, index],
        rule: rule.of,
      });
    }
  }
  if (rule.type === "object") {
    for (const [name, inner] of Object.entries(value as object)) {
      const field = rule.fields[name];
      if (!field) throw new Error(`${place}.${name} is in no table`);
      yield* spotsIn(inner, {
        place: `${place}.${name}`,
        kind: `${kind}.${name}`,
        path: [...path, name],
        rule: field,
      });
    }
  }
}

/** The last place of each kind in the rich world. */
function spotsOfEachKind(): readonly Spot[] {
  const spots = Object.entries(itemFields).flatMap(([name, fields]) => {
    const of: Rule = { type: "object", fields };
    const rule: Rule = { type: "list", of, min: 0, max: 0 };
    return [
      ...spotsIn(rich[name as keyof typeof itemFields], { place: name, kind: name, path: [name], rule }),
    ];
  });
  return [...new Map(spots.map((spot) => [spot.kind, spot])).values()];
}

/** The rich world with another value at a place; without one, if that is undefined. */
function changed(path: Spot["path"], value: unknown): object {
  const world = structuredClone(rich) as object;
  const parent = path.slice(0, -1).reduce<object>((at, key) => at[key as keyof object], world);
  const last = path.at(-1) ?? "";
  if (Array.isArray(parent)) parent[Number(last)] = value;
  else if (value === undefined) delete parent[last as keyof object];
  else Object.assign(parent, { [last]: value });
  return world;
}

test("the rich world has an item in each collection, and is read as it was written", () => {
  const { format: _, last_id: __, ...items } = rich;
  expect(Object.entries(items).filter(([, all]) => all.length === 0)).toEqual([]);
  expect(Object.keys(items).sort()).toEqual(Object.keys(itemFields).sort());
  expect(readingOf(rich)).toBe("");
  expect(JSON.parse(JSON.stringify(createEmulator({ file }).world.snapshot()))).toEqual(rich);
});

test("each optional property of each entity is somewhere in the rich world, so that its type is tried", () => {
  const seen = new Set(spotsOfEachKind().map(({ kind }) => kind));
  const fields = Object.entries(itemFields).flatMap(([name, rules]) =>
    Object.keys(rules).map((field) => `${name}[].${field}`),
  );
  expect(fields.filter((field) => !seen.has(field))).toEqual([]);
});

test("another type anywhere in a world is refused with its place", () => {
  const wrong = spotsOfEachKind()
    .filter(({ rule }) => rule.type !== "anything")
    .flatMap(({ place, path, rule }) =>
      [null, rule.type === "number" || rule.type === "integer" ? "7" : 7].map(
        (other) => [place, other, findWorldFault(changed(path, other))] as const,
      ),
    )
    .filter(([place, , said]) => !said?.startsWith(`${place} must be `));
  expect(wrong).toEqual([]);
});

test("a required property that is missing is refused with its place, an optional one isn't", () => {
  const wrong = spotsOfEachKind()
    .filter(({ path }) => typeof path.at(-1) === "string" && path.length > 1)
    .map(({ place, path, rule }) => [place, rule.required, findWorldFault(changed(path, undefined))] as const)
    .filter(([place, required, said]) => said !== (required ? `${place} is missing` : undefined));
  expect(wrong).toEqual([]);
});

test("a property that no entity has is refused with its place: it may be the damaged name of an optional one", () => {
  const wrong = spotsOfEachKind()
    .filter(({ rule }) => rule.type === "object")
    .map(({ place, path }) => [place, findWorldFault(changed([...path, "publishe_"], 1))] as const)
    .filter(([place, said]) => said !== `${place}.publishe_ isn't a key that this cozeform knows`);
  expect(wrong).toEqual([]);
});

const damages: readonly (readonly [what: string, damage: () => unknown, said: string])[] = [
  ["without bytes", () => "", "the emulator's world is damaged: the file is empty"],
  ["cut", () => JSON.stringify(rich, null, 1).slice(0, 40), "3:25 the emulator's world is damaged: "],
  [
    "with a comma too many",
    () => '{\n "format": 1,\n}',
    "3:1 the emulator's world is damaged: quoted object key expected but got '}'",
  ],
  [
    "with a key twice",
    () => '{"format": 1, "format": 2}',
    '1:15 the emulator\'s world is damaged: the key "format" stands there twice',
  ],
  ["of a nest", () => "[".repeat(100_000), "1:1 the emulator's world is damaged: values nest too deep"],
  ["not UTF-8", () => Uint8Array.from([0x7b, 0xff]), "the emulator's world is damaged: it isn't UTF-8 text"],
  ["null", () => "null", 'this is not a world of the emulator: it has no "format": 1'],
  [
    "of a newer version",
    () => ({ ...rich, format: 2 }),
    "the emulator's world was written by a newer cozeform: it has format 2, this one reads format 1",
  ],
  [
    "with a number for last_id",
    () => ({ ...rich, last_id: 7 }),
    "the emulator's world is damaged: last_id must be a text of digits",
  ],
  [
    "without documents",
    () => ({ ...rich, documents: undefined }),
    "the emulator's world is damaged: documents is missing",
  ],
  [
    "without chats alone",
    () => ({ ...rich, chats: undefined }),
    "the emulator's world is damaged: chats is missing",
  ],
  [
    "with an unknown collection",
    () => ({ ...rich, bot: [] }),
    "the emulator's world is damaged: bot isn't a key that this cozeform knows",
  ],
  [
    "with an id twice",
    () => ({ ...rich, files: [rich.files[0], rich.files[0]] }),
    "the emulator's world is damaged: files[1].id is that of an item before it",
  ],
  [
    "with an id that isn't one",
    () => changed(["bots", 0, "id"], "bot"),
    "the emulator's world is damaged: bots[0].id must be a text of digits",
  ],
  [
    "with an id to come",
    () => changed(["runs", 0, "id"], "9".repeat(19)),
    "the emulator's world is damaged: runs[0].id is beyond last_id, ",
  ],
  [
    "of a bot nowhere",
    () => changed(["bots", 1, "space_id"], "5"),
    'the emulator\'s world is damaged: bots[1].space_id is "5", which none of workspaces has as its id',
  ],
  [
    "without a personal workspace",
    () => changed(["workspaces", 0, "workspace_type"], "team"),
    "the emulator's world is damaged: workspaces lacks the personal one",
  ],
];

test.each(damages)("a world %s is told as what it is", (_, damage, said) => {
  expect(readingOf(damage()).slice(0, said.length)).toBe(said);
});

test.each([...new Set(generations.map(([, one]) => one))])(
  "a world of generation %d, without the collections of later ones, is read",
  (newest) => {
    const older = { ...rich } as Record<string, unknown>;
    const later = generations.flatMap(([name, generation]) => (generation > newest ? [name] : []));
    for (const name of later) delete older[name];
    expect(readingOf(older)).toBe("");
    const { world } = createEmulator({ file });
    expect(later.map((name) => world.snapshot()[name])).toEqual(later.map(() => []));
  },
);

test("a world that 0.1.0 wrote is read", () => {
  const text = readFileSync(join(import.meta.dirname, "world-0.1.0.json"), "utf8");
  expect(readingOf(text)).toBe("");
  expect(createEmulator({ file }).world.snapshot()).toMatchObject(JSON.parse(text));
});

describe("what isn't a regular file", () => {
  const onUnix = process.platform === "win32" ? test.skip : test;
  const special = (name: string) => join(makeScratch(), name);
  const refused = (what: string) => `the emulator's world can't be read: this is ${what}`;

  test("is refused where it is a directory", () => {
    const place = special("directory");
    mkdirSync(place);
    expect(complaintOf(place)).toBe(refused("a directory"));
  });

  onUnix(
    "is refused at once where it is a pipe that nothing is written to, or a link, wherever that leads",
    () => {
      const pipe = special("pipe");
      expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
      expect(complaintOf(pipe)).toBe(refused("a named pipe"));
      for (const target of ["/dev/zero", "nowhere.json", "world.json"]) {
        const link = special("link");
        writeFileSync(join(link, "../world.json"), JSON.stringify(rich));
        symlinkSync(target, link);
        expect(complaintOf(link)).toBe(refused("a link"));
      }
    },
  );
});

test("a world that lacks any one item is refused, or answers every read without breaking", async () => {
  const broken: unknown[] = [];
  for (const name of Object.keys(itemFields) as (keyof typeof itemFields)[]) {
    for (const index of new Set([0, rich[name].length - 1])) {
      const less = { ...rich, [name]: rich[name].filter((_, at) => at !== index) };
      if (readingOf(less) === "") broken.push(...(await listBreakages(`${name}[${index}]`)));
    }
  }
  expect(broken).toEqual([]);
});

/** Reads all that the whole world held in one that lacks something; what is answered with HTTP 500. */
async function listBreakages(lacks: string): Promise<readonly string[]> {
  const emulator = createEmulator({ file });
  const headers = { authorization: `Bearer ${emulator.token}` };
  const get = async (path: string) => {
    const { status } = await readAnswer(await emulator.fetch(`http://localhost${path}`, { headers }));
    return status === 500 ? [`without ${lacks}: ${path}`] : [];
  };
  const found: string[] = [];
  for (const path of readsOf(rich)) found.push(...(await get(path)));
  return found;
}

const readsOf = (world: WorldSnapshot): readonly string[] => [
  "/v1/workspaces",
  "/v1/api_apps",
  "/v1/stores/plugins",
  "/v1/stores/categories?entity_type=plugin",
  ...world.workspaces.flatMap(({ id }) => [
    `/v1/workspaces/${id}/members`,
    `/v1/folders?workspace_id=${id}&folder_type=development`,
    `/v1/bots?workspace_id=${id}`,
    `/v1/apps?workspace_id=${id}`,
    `/v1/workflows?workspace_id=${id}&page_num=1`,
    `/v1/datasets?space_id=${id}`,
  ]),
  ...world.folders.map(({ id }) => `/v1/folders/${id}`),
  ...world.bots.flatMap(({ id }) => [
    `/v1/bots/${id}?is_published=false`,
    `/v1/bots/${id}`,
    `/v1/bots/${id}/versions`,
  ]),
  ...world.workflows.flatMap(({ id }) => [
    `/v1/workflows/${id}?include_input_output=true`,
    `/v1/workflows/${id}/versions`,
  ]),
  ...world.plugins.map(({ id }) => `/v1/plugins/${id}`),
  ...world.datasets.map(({ id }) => `/v1/datasets/${id}/images`),
  ...world.files.map(({ id }) => `/v1/files/retrieve?file_id=${id}`),
  ...world.callbackApps.map(({ id }) => `/v1/api_apps/${id}/events`),
  ...world.copyTasks.map(({ id }) => `/v1/entities/copy_tasks/${id}`),
  ...world.chats.flatMap(({ id, conversation_id: place }) => [
    `/v3/chat/retrieve?conversation_id=${place}&chat_id=${id}`,
    `/v3/chat/message/list?conversation_id=${place}&chat_id=${id}`,
  ]),
  "/v1/audio/voices?voice_state=all",
  "/v1/audio/voiceprint_groups",
  "/v1/commerce/benefit/limitations?entity_type=single_device&benefit_type=resource_point",
  "/v1/commerce/benefit/benefits/get?benefit_type_list=api_run_qps&resource_id=chat",
  "/v1/enterprises/volcano_2105850001/organizations",
  ...world.organizations.map(({ id }) => `/v1/organizations/${id}/members`),
  ...world.voiceprintGroups.map(({ id }) => `/v1/audio/voiceprint_groups/${id}/features`),
  ...world.variableLists.map(({ id }) => `/v1/variables?bot_id=${id}&connector_uid=u`),
  ...world.conversations.flatMap(({ id, bot_id }) => [
    `/v1/conversation/retrieve?conversation_id=${id}`,
    `/v1/conversations?bot_id=${bot_id}`,
  ]),
  ...world.runs.map(({ id, workflow_id }) => `/v1/workflows/${workflow_id}/run_histories/${id}`),
];
