import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { readFaultFile } from "../../src/commands/fault-file.ts";
import { showState } from "../../src/commands/state.ts";
import { callFields, faultFields } from "../../src/emulator/faults/fault-rules.ts";
import type { FaultRule } from "../../src/emulator/index.ts";
import { emulatedApp as app, privatePem } from "../support/rsa-keys.ts";
import { createStory, failuresOf, manifest, manifests, type Story, summarize } from "../support/story.ts";

const desk = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const faq = manifest("Dataset", "faq", { workspace: "desk", name: "常见问题", format: "text" });
const documents = manifest(
  "Document",
  "faq",
  { dataset: "faq", name: "${each.name}", source: { file: "${each.path}" } },
  { for_each: { files: "faq/*.txt" } },
);
const guide = manifest("Bot", "guide", {
  workspace: "desk",
  name: "导购",
  prompt: "你好",
  knowledge: { datasets: ["faq"] },
  publish: { connectors: ["api"] },
});
const li = manifest("WorkspaceMember", "li", { workspace: "desk", user_id: "4114791485511", role: "member" });
const files = {
  "a.yaml": manifests(desk, faq, documents, guide, li),
  "faq/a.txt": "退货",
  "faq/b.txt": "换货",
};
/** The writing calls of an apply that nothing disturbs. */
const undisturbed = [
  "add_space_member",
  "create_bot",
  "create_dataset",
  "create_knowledge_files",
  "create_workspace",
  "publish_bot",
  "update_bot",
];

/** What of the project there is at Coze: nothing twice, nothing else. */
const contents = ({ emulator: { world } }: Story) => ({
  workspaces: [...world.workspaces.values()].map(({ name, members }) => [name, members.length]),
  datasets: [...world.datasets.values()].map(({ name }) => name),
  documents: [...world.documents.values()].map(({ name }) => name),
  bots: [...world.bots.values()].map(({ draft, channels, published }) => [
    draft.name,
    draft.knowledge?.dataset_ids?.length,
    Object.keys(channels),
    published?.prompt_info?.prompt,
  ]),
});
const complete = {
  workspaces: [
    ["个人空间", 1],
    ["客服空间", 2],
  ],
  datasets: ["常见问题"],
  documents: ["a.txt", "b.txt"],
  bots: [["导购", 1, ["1024"], "你好"]],
};

const hitsOf = ({ emulator }: Story) => emulator.faults.hits.map(({ operation }) => operation);

interface Disturbed {
  readonly rule: FaultRule;
  /** What the rule met. */
  readonly hits: readonly string[];
  /** Writing calls beyond those of an undisturbed apply. */
  readonly more?: readonly string[];
  readonly failures?: readonly string[];
  /** Writing calls that it kept from being made. */
  readonly fewer?: readonly string[];
}

const once = { times: 1 } as const;

describe("an apply comes through", () => {
  const cases: readonly [string, Disturbed][] = [
    [
      "a storm, with the waiting that Coze asks for",
      {
        rule: { operation: "writes", fault: "storm", retry_after: 30, calls: { times: 2 } },
        hits: ["create_workspace", "create_workspace"],
        more: ["create_workspace", "create_workspace"],
      },
    ],
    [
      "a storm that hides behind HTTP 200",
      {
        rule: { operation: "create_bot", fault: "storm", status: 200, calls: { times: 3 } },
        hits: ["create_bot", "create_bot", "create_bot"],
        more: ["create_bot", "create_bot", "create_bot"],
      },
    ],
    [
      "a creation that failed without effect: it is looked for, then made",
      {
        rule: { operation: "create_dataset", fault: "server-error", calls: once },
        hits: ["create_dataset"],
        more: ["create_dataset"],
      },
    ],
    [
      "a creation that failed with effect: it is looked for, and found",
      {
        rule: { operation: "create_dataset", fault: "server-error", moment: "after", calls: once },
        hits: ["create_dataset"],
      },
    ],
    ...(
      [
        ["a gateway's page", { fault: "gateway", moment: "after" }],
        ["a cut connection", { fault: "drop", moment: "after" }],
        ["half an answer", { fault: "truncate" }],
        ["no body at all", { fault: "empty" }],
        ["a success without data", { fault: "leave-out", part: "data" }],
        ["an answer that comes too late", { fault: "delay", ms: 90_000 }],
      ] as const
    ).flatMap(([what, fault]) =>
      ["create_workspace", "create_dataset", "create_knowledge_files", "create_bot"]
        // Of documents the answer has no data.
        .filter((operation) => fault.fault !== "leave-out" || operation !== "create_knowledge_files")
        .map((operation): [string, Disturbed] => [
          `${what} in place of the answer to ${operation}, which is looked for and found`,
          { rule: { operation, ...fault, calls: once }, hits: [operation] },
        ]),
    ),
    ...(["gateway", "drop", "truncate", "empty"] as const).map((fault): [string, Disturbed] => [
      `a ${fault} at a write that may be repeated`,
      {
        rule: { operation: "update_bot", fault, calls: { times: 2 } },
        hits: ["update_bot", "update_bot"],
        more: ["update_bot", "update_bot"],
      },
    ]),
    [
      "a cut before a creation took effect",
      {
        rule: { operation: "create_bot", fault: "drop", calls: once },
        hits: ["create_bot"],
        more: ["create_bot"],
      },
    ],
  ];
  test.each(cases)("%s", async (_what, { rule, hits, more = [] }) => {
    const story = createStory({ files, emulator: { faults: [rule] } });
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(hitsOf(story)).toEqual(hits);
    expect([...story.writes()].sort()).toEqual([...undisturbed, ...more].sort());
    expect(contents(story)).toEqual(complete);
    expect(summarize(await story.plan())).toEqual([]);
  });

  test.each<[string, FaultRule]>([
    ["cut off", { operation: "reads", fault: "truncate", calls: { every: 2 } }],
    [
      "cut off inside a character",
      { operation: "reads", fault: "truncate", inside_character: true, calls: { every: 2 } },
    ],
    ["empty", { operation: "reads", fault: "empty", calls: { every: 2 } }],
    ["a gateway's", { operation: "reads", fault: "gateway", status: 504, calls: { every: 2 } }],
    ["an error", { operation: "reads", fault: "server-error", calls: { every: 2 } }],
    ["lost", { operation: "reads", fault: "drop", calls: { every: 2 } }],
    ["late", { operation: "reads", fault: "delay", ms: 90_000, calls: { every: 2 } }],
  ])("answers to readings of which every second is %s, by asking again", async (_what, rule) => {
    // Without documents: how often these are asked after depends on the time that goes by.
    const few = { "a.yaml": manifests(desk, faq, guide, li) };
    const calm = createStory({ files: few });
    await calm.apply();
    const story = createStory({ files: few, emulator: { faults: [rule] } });
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(hitsOf(story)).toHaveLength(3);
    expect(story.emulator.requests).toHaveLength(calm.emulator.requests.length + 3);
    expect(contents(story)).toEqual({ ...complete, documents: [] });
    expect(summarize(await story.plan())).toEqual([]);
  });

  test("a storm waits as long as Coze says, and no shorter", async () => {
    const rule: FaultRule = { operation: "writes", fault: "storm", retry_after: 30, calls: { times: 2 } };
    const took = async (faults: readonly FaultRule[]) => {
      const story = createStory({ files: { "a.yaml": desk }, emulator: { faults } });
      const begun = story.host.clock.now();
      await story.apply();
      return story.host.clock.now() - begun;
    };
    expect((await took([rule])) - (await took([]))).toBeGreaterThanOrEqual(60_000);
  });
});

describe("an apply that a fault stops says why, and the next one ends it", () => {
  const publishing = ["publish_bot"];
  const bot = ["publish_bot", "update_bot"];
  const cases: readonly [string, Disturbed][] = [
    [
      "a refusal",
      {
        rule: { operation: "create_bot", fault: "refuse", code: 4101, msg: "no right to this" },
        hits: ["create_bot"],
        failures: [
          "Bot.guide: the token lacks the permission createBot, or the object isn't visible to it: no right to this",
        ],
        fewer: bot,
      },
    ],
    [
      "a refusal by a code that nobody knows, behind HTTP 200",
      {
        rule: { operation: "update_bot", fault: "refuse", code: 987654321, msg: "闭门谢客" },
        hits: ["update_bot"],
        failures: ["Bot.guide: Coze refused the call: 闭门谢客"],
        fewer: publishing,
      },
    ],
    [
      "a storm without end",
      {
        rule: { operation: "publish_bot", fault: "storm" },
        hits: Array.from({ length: 8 }, () => "publish_bot"),
        more: Array.from({ length: 7 }, () => "publish_bot"),
        failures: ["Bot.guide: too many calls: Too many requests"],
      },
    ],
    [
      "a publication of whose answer a gateway made nothing",
      {
        rule: { operation: "publish_bot", fault: "gateway", moment: "after", calls: once },
        hits: ["publish_bot"],
        failures: ["Bot.guide: Coze or its gateway failed"],
      },
    ],
    [
      "a connection that is cut whenever a bot is filled in",
      {
        rule: { operation: "update_bot", fault: "drop", moment: "after" },
        hits: ["update_bot", "update_bot", "update_bot", "update_bot"],
        more: ["update_bot", "update_bot", "update_bot"],
        failures: ["Bot.guide: it is unknown whether the call took effect: the connection was lost"],
        fewer: publishing,
      },
    ],
    [
      "answers that are always cut off",
      {
        rule: { operation: "update_bot", fault: "truncate" },
        hits: ["update_bot", "update_bot", "update_bot", "update_bot"],
        more: ["update_bot", "update_bot", "update_bot"],
        failures: ["Bot.guide: HTTP 200 with truncated or other JSON instead of an answer of Coze's API"],
        fewer: publishing,
      },
    ],
  ];
  test.each(cases)("%s", async (_what, { rule, hits, more = [], fewer = [], failures = [] }) => {
    const story = createStory({ files, emulator: { faults: [rule] } });
    expect(failuresOf(await story.apply())).toEqual(failures);
    expect(hitsOf(story)).toEqual(hits);
    const left = undisturbed.filter((operation) => !fewer.includes(operation));
    expect([...story.writes()].sort()).toEqual([...left, ...more].sort());
    story.emulator.faults.clear();
    await story.host.clock.sleep(10_000);
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(contents(story)).toEqual(complete);
    expect(summarize(await story.plan())).toEqual([]);
  });

  test("a token that ends mid-run, when it is a personal one", async () => {
    const story = createStory({
      files,
      emulator: {
        expiredAs: "http-401",
        faults: [{ operation: "create_dataset", fault: "expire-tokens", calls: once }],
      },
    });
    expect(failuresOf(await story.apply())).toEqual([
      "Dataset.faq: the token isn't valid: authentication is invalid",
    ]);
    expect(story.writes()).toEqual(["create_workspace", "add_space_member", "create_dataset"]);
    await expect(story.plan()).rejects.toThrow("the token isn't valid: authentication is invalid");
  });

  test("but not when an app can fetch another one", async () => {
    const jwt = `{app_id: "${app.app_id}", key_id: ${app.key_id}, private_key: {env: COZE_APP_KEY}}`;
    const project = `apiVersion: cozeform/v1\nkind: Project\nname: desk\nenvironments:\n  dev:\n    auth: {jwt: ${jwt}}\n`;
    const story = createStory({
      files: { ...files, "cozeform.yaml": project },
      emulator: {
        apps: [app],
        faults: [
          { operation: ["create_dataset", "update_bot"], fault: "expire-tokens" },
          { operation: "create_bot", fault: "expire-tokens", moment: "after" },
        ].map((rule) => ({ ...rule, calls: once }) as FaultRule),
      },
    });
    Object.assign(story.host, { env: { COZE_APP_KEY: privatePem } });
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(hitsOf(story).sort()).toEqual(["create_bot", "create_dataset"]);
    expect(contents(story)).toEqual(complete);
    expect(summarize(await story.plan())).toEqual([]);
  });
});

describe("lists that don't say what they seem to", () => {
  const users = Array.from({ length: 120 }, (_, index) => String(4_114_791_485_511 + index));
  const crowd = manifest(
    "WorkspaceMember",
    "crowd",
    { workspace: "desk", user_id: "${each.key}", role: "member" },
    { for_each: Object.fromEntries(users.map((user) => [user, ""])) },
  );
  const crowded = { "a.yaml": manifests(desk, crowd) };
  const membersOf = ({ emulator }: Story) =>
    [...emulator.world.workspaces.values()].map(({ members }) => members.length);

  test("with totals per page everything is seen all the same", async () => {
    const story = createStory({ files: crowded });
    await story.apply();
    expect(membersOf(story)).toEqual([1, 121]);
    story.emulator.faults.set([{ operation: "reads", fault: "page-total" }]);
    const requests = await story.requestsOf(async () =>
      expect(summarize(await story.plan({ refresh: "full" }))).toEqual([]),
    );
    expect(requests.filter((request) => request.includes("/members"))).toHaveLength(3);
    expect(hitsOf(story)).toEqual(["list_space_member", "list_space_member", "list_space_member"]);
  });

  test("with pages that repeat nothing is planned", async () => {
    const story = createStory({ files: crowded });
    await story.apply();
    const writes = story.writes().length;
    story.emulator.faults.set([{ operation: "reads", fault: "repeat-page" }]);
    const message = "Coze's answer can't be understood: page 2 repeats user_id 3290203000000017";
    await expect(story.plan()).rejects.toThrow(message);
    await expect(story.apply()).rejects.toThrow(message);
    expect(story.writes()).toHaveLength(writes);
    expect(hitsOf(story)).toEqual(["list_space_member", "list_space_member"]);
  });

  test("what was just made is missing from a list that lags, and isn't made again", async () => {
    const story = createStory({
      files,
      emulator: { faults: [{ operation: "reads", fault: "list-lag", ms: 4999 }] },
    });
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(contents(story)).toEqual(complete);
    expect(summarize(await story.plan())).toEqual([]);
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(contents(story)).toEqual(complete);
    expect([...story.writes()].sort()).toEqual(undisturbed);
  });

  test("nor when its answer was lost as well", async () => {
    const operations = ["create_workspace", "create_dataset", "create_knowledge_files", "create_bot"];
    const story = createStory({
      files,
      emulator: {
        faults: [
          { operation: "reads", fault: "list-lag", ms: 4999 },
          ...operations.map(
            (operation): FaultRule => ({ operation, fault: "drop", moment: "after", calls: once }),
          ),
        ],
      },
    });
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(contents(story)).toEqual(complete);
    expect([...story.writes()].sort()).toEqual(undisturbed);
    expect(summarize(await story.plan())).toEqual([]);
  });

  test("a channel that a list doesn't show yet isn't published to again", async () => {
    const channels = (...connectors: string[]) =>
      manifests(desk, manifest("Bot", "guide", { workspace: "desk", name: "导购", publish: { connectors } }));
    const story = createStory({ files: { "a.yaml": channels("api") } });
    await story.apply();
    await story.host.clock.sleep(60_000);
    story.emulator.faults.set([{ operation: "reads", fault: "list-lag", ms: 4999 }]);
    story.write({ "a.yaml": channels("api", "chat_sdk") });
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(summarize(await story.plan())).toEqual([]);
    story.write({ "a.yaml": channels("api") });
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(summarize(await story.plan())).toEqual([]);
    expect(story.writes().filter((operation) => operation === "unpublish_agent")).toHaveLength(1);
  });

  test("what was removed may show for a while, and isn't removed again", async () => {
    const story = createStory({ files });
    await story.apply();
    await story.host.clock.sleep(60_000);
    story.emulator.faults.set([{ operation: "reads", fault: "list-lag", ms: 4999 }]);
    story.write({ "faq/b.txt": undefined });
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(summarize(await story.plan())).toEqual([]);
    expect(contents(story).documents).toEqual(["a.txt"]);
    expect(story.writes().filter((operation) => operation === "delete_knowdge_files")).toHaveLength(1);
  });

  test("what is really gone is made anew once a second list agrees", async () => {
    const story = createStory({ files: { "a.yaml": manifests(desk, faq) } });
    await story.apply();
    story.emulator.world.datasets.clear();
    const requests = await story.requestsOf(async () =>
      expect(summarize(await story.plan())).toEqual(["create Dataset.faq"]),
    );
    expect(requests.map((request) => request.split("?")[0])).toEqual([
      "GET /v1/workspaces",
      "GET /v1/datasets",
      "GET /v1/datasets",
    ]);
  });
});

describe("values in another dress make no difference", () => {
  test.each<[string, FaultRule]>([
    ["ids as numbers", { operation: "*", fault: "number-ids" }],
    ["times as texts", { operation: "*", fault: "text-times" }],
    ["successes without code", { operation: "*", fault: "leave-out", part: "code" }],
    ["totals of one page", { operation: "*", fault: "page-total" }],
  ])("%s", async (_what, rule) => {
    const calm = createStory({ files });
    await calm.apply();
    await calm.plan();
    const story = createStory({ files, emulator: { faults: [rule] } });
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(contents(story)).toEqual(complete);
    expect(summarize(await story.plan())).toEqual([]);
    expect(story.emulator.requests.map(({ operation }) => operation)).toEqual(
      calm.emulator.requests.map(({ operation }) => operation),
    );
  });

  test("the state holds every digit of ids that came as numbers", async () => {
    const story = createStory({ files, emulator: { faults: [{ operation: "*", fault: "number-ids" }] } });
    await story.apply();
    const { datasets, bots, documents: made } = story.emulator.world;
    const addresses = ["Dataset.faq", "Bot.guide", 'Document.faq["a.txt"]', 'Document.faq["b.txt"]'];
    const entries = await Promise.all(
      addresses.map((address) => showState(story.host, story.common, address)),
    );
    expect(entries.map(({ id }) => id)).toEqual([...datasets.keys(), ...bots.keys(), ...made.keys()]);
  });
});

test("the bad day of the examples ends well", async () => {
  const faults = await readFaultFile(resolve(import.meta.dirname, "../../examples/faults/bad-day.yaml"));
  const draws = [0.9, 0.1, 0.5, 0.3, 0.7];
  let drawn = 0;
  const random = () => draws[drawn++ % draws.length] ?? 0;
  const story = createStory({ files, emulator: { faults, random } });
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(contents(story)).toEqual(complete);
  expect(new Set(story.emulator.faults.hits.map(({ rule }) => rule))).toEqual(new Set(faults));
  await story.host.clock.sleep(5000);
  expect(summarize(await story.plan())).toEqual([]);
});

test("every fault is described with all its keys", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/emulator.md"), "utf8");
  const rows = new Map(
    [...page.matchAll(/^\| `([\w-]+)` *\|([^|]*)\|/gmu)].map(([, name, keys]) => [name, keys]),
  );
  for (const [fault, fields] of Object.entries(faultFields)) {
    const keys = [...(rows.get(fault) ?? "none").matchAll(/`(\w+)`/gu)].map(([, key]) => key);
    expect([fault, ...keys.sort()]).toEqual([fault, ...Object.keys(fields).sort()]);
  }
  for (const key of Object.keys(callFields)) expect(page).toContain(`\`${key}\``);
});

describe("an object that a list shows, and a call about it doesn't find", () => {
  const unreadable = {
    operation: "get_metadata_draft_published",
    fault: "refuse",
    code: 4200,
    status: 404,
  } as const;

  test("isn't gone: the plan fails, and no second one is planned", async () => {
    const story = createStory({ files });
    await story.apply();
    const [bot] = story.emulator.world.bots.values();
    story.emulator.faults.set([unreadable]);
    await expect(story.plan({ refresh: "full" })).rejects.toThrow(
      `Coze lists ${bot?.id}, but a call about it says that it doesn't exist: this token can't read it`,
    );
    story.emulator.faults.clear();
    expect(summarize(await story.plan())).toEqual([]);
  });

  test("isn't adopted unseen either: without a state, the plan fails", async () => {
    const story = createStory({ files });
    await story.apply();
    rmSync(join(story.directory, ".cozeform"), { recursive: true });
    story.emulator.faults.set([unreadable]);
    await expect(story.plan({ adopt: true })).rejects.toThrow("this token can't read it");
    expect(story.emulator.world.bots.size).toBe(1);
  });
});
