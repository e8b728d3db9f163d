import { describe, expect, test } from "@jest/globals";
import { apply } from "../../src/commands/apply.ts";
import type { Host } from "../../src/commands/host.ts";
import { showState } from "../../src/commands/state.ts";
import type { FaultRule } from "../../src/emulator/faults/fault-rules.ts";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const dataset = (format = "text", more: object = {}) =>
  manifest("Dataset", "faq", { workspace: "desk", name: "常见问题", format, ...more });
const documents = manifest(
  "Document",
  "faq",
  { dataset: "faq", name: "${each.name}", source: { file: "${each.path}" } },
  { for_each: { files: "faq/*.txt" } },
);
const files = {
  "desk.yaml": manifests(workspace, dataset(), documents),
  "faq/a.txt": "退货",
  "faq/b.txt": "换货",
};

test("a changed file is uploaded anew, and the old one goes once the new one is ready", async () => {
  const story = createStory({ files });
  await story.apply();
  const before = [...story.emulator.world.documents.keys()];
  story.write({ "faq/a.txt": "退货规则改了" });
  const planned = await story.plan();
  expect(summarize(planned)).toEqual(['replace Document.faq["a.txt"]']);
  expect(planned.plan.steps.find(({ action }) => action === "replace")?.because).toEqual([
    "source.file can't be updated in place",
  ]);
  const requests = await story.requestsOf(() => story.apply());
  const order = requests
    .filter((request) => /create|process|delete/.test(request))
    .map((one) => one.split("/").at(-1));
  expect(order[0]).toBe("create");
  expect(order.at(-1)).toBe("delete");
  expect(order.slice(1, -1).every((one) => one === "process")).toBe(true);
  expect(story.emulator.world.documents.size).toBe(2);
  expect([...story.emulator.world.documents.keys()].filter((id) => before.includes(id))).toHaveLength(1);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a document that Coze can't process is told with its reason and made again, the old one kept until then", async () => {
  const story = createStory({ files });
  await story.apply();
  story.write({ "faq/a.txt": "!!fail!!" });
  expect(failuresOf(await story.apply())).toEqual([expect.stringMatching(/^Document.faq\["a.txt"\]: .+/)]);
  expect(story.emulator.world.documents.size).toBe(3);

  story.write({ "faq/a.txt": "退货规则改好了" });
  expect(summarize(await story.plan())).toEqual(['replace Document.faq["a.txt"]']);
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(story.emulator.world.documents.size).toBe(2);
  expect(summarize(await story.plan())).toEqual([]);
});

test("documents that take too long stay pending, and the next run waits on without making them again", async () => {
  const story = createStory({ files, emulator: { world: { processingMs: 120_000 } } });
  const { result } = await story.apply({ timeout: 5000 });
  expect(result?.pending.map(({ step }) => step.address)).toEqual([
    'Document.faq["a.txt"]',
    'Document.faq["b.txt"]',
  ]);
  expect(summarize(await story.plan())).toEqual([
    'retry Document.faq["a.txt"]',
    'retry Document.faq["b.txt"]',
  ]);
  const writes = story.writes().length;
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(story.writes()).toHaveLength(writes);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a look at documents that Coze refuses for a while doesn't end the wait for them", async () => {
  const story = createStory({ files });
  story.emulator.faults.set([
    { operation: "get_dataset_progress", fault: "refuse", code: 4013, calls: { times: 7 } },
  ]);
  const { result } = await story.apply();
  expect([result?.failed, result?.pending]).toEqual([[], []]);
  expect(summarize(await story.plan())).toEqual([]);
});

test.each<readonly [string, object]>([
  ["server errors", { fault: "server-error" }],
  ["refusals of too many calls", { fault: "refuse", code: 4013 }],
  ["lost connections", { fault: "drop", moment: "before" }],
  ["answers that aren't JSON", { fault: "gateway", status: 502 }],
])(
  "a wait for documents goes on through %s to its time-out, and the next apply goes on",
  async (_, fault) => {
    const story = createStory({ files });
    story.emulator.faults.set([{ operation: "get_dataset_progress", ...fault } as FaultRule]);
    const begun = story.host.clock.now();
    const { result } = await story.apply({ timeout: 600_000 });
    expect(result?.failed).toEqual([]);
    expect(result?.pending.map(({ step, detail }) => [step.address, detail])).toEqual([
      ['Document.faq["a.txt"]', expect.stringContaining("timed out; the last look at it failed: ")],
      ['Document.faq["b.txt"]', expect.stringContaining("timed out; the last look at it failed: ")],
    ]);
    expect(story.host.clock.now() - begun).toBeGreaterThan(500_000);
    story.emulator.faults.set([]);
    const writes = story.writes().length;
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(story.writes()).toHaveLength(writes);
    expect(summarize(await story.plan())).toEqual([]);
  },
);

test("a wait for documents that was interrupted is over once Coze is done", async () => {
  const story = createStory({ files });
  const project = { directory: story.directory, endpoint: "http://127.0.0.1" };
  const statusOf = async () => (await showState(story.host, project, 'Document.faq["a.txt"]')).status;
  const interruption = new AbortController();
  const host: Host = {
    ...story.host,
    signal: interruption.signal,
    onEvent(event) {
      if (event.type === "step-started" && event.step.kind === "Document") interruption.abort();
    },
  };
  const { result } = await apply(host, { ...project, approve: async () => true });
  expect(result?.interrupted).toBe(true);
  expect(await statusOf()).toBe("pending");
  await story.host.clock.sleep(60_000);
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(await statusOf()).toBe("ready");
});

test("25 documents go up in 3 calls, and the wait makes one call per batch and look", async () => {
  const many = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`faq/${n}.txt`, `第${n}条`]));
  const story = createStory({ files: { "desk.yaml": manifests(workspace, dataset(), documents), ...many } });
  expect(failuresOf(await story.apply())).toEqual([]);
  const created = story.emulator.requests.filter(({ operation }) => operation === "create_knowledge_files");
  const sizes = created.map(({ body }) => (body as { document_bases: unknown[] }).document_bases.length);
  expect(sizes.sort((a, b) => b - a)).toEqual([10, 10, 5]);
  story.write({ "desk.yaml": manifests(workspace, dataset()) });
  await story.apply({ confirmRemovals: 25 });
  const deleted = story.emulator.requests.filter(({ operation }) => operation === "delete_knowdge_files");
  expect(deleted).toHaveLength(1);
});

test("another format replaces the dataset: bots move to the new one before the old one goes", async () => {
  const bot = manifest("Bot", "a", { workspace: "desk", name: "a", knowledge: { datasets: ["faq"] } });
  const story = createStory({ files: { "desk.yaml": manifests(workspace, dataset("text"), bot) } });
  await story.apply();
  story.write({ "desk.yaml": manifests(workspace, dataset("image"), bot) });
  expect(summarize(await story.plan())).toEqual(["update Bot.a", "replace Dataset.faq"]);
  const before = story.writes().length;
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(story.writes().slice(before)).toEqual(["create_dataset", "update_bot", "delete_dataset"]);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a description taken out is reset, and an icon is sent along with every change", async () => {
  const icon = Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 0]);
  const withIcon = dataset("text", { description: "旧", icon: "icon.png" });
  const story = createStory({ files: { "desk.yaml": manifests(workspace, withIcon), "icon.png": icon } });
  expect(failuresOf(await story.apply())).toEqual([]);
  const [made] = [...story.emulator.world.datasets.values()];
  story.write({ "desk.yaml": manifests(workspace, dataset("text", { icon: "icon.png" })) });
  await story.apply();
  const [changed] = [...story.emulator.world.datasets.values()];
  expect(changed).toMatchObject({ description: "", icon_file_id: made?.icon_file_id });
  expect(story.writes().filter((operation) => operation === "upload_files")).toHaveLength(1);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a dataset deleted by hand is made again with what it held", async () => {
  const story = createStory({ files });
  await story.apply();
  const [made] = [...story.emulator.world.datasets.keys()];
  await story.byHand("DELETE", `/v1/datasets/${made}`);
  expect(summarize(await story.plan())).toEqual([
    "create Dataset.faq",
    'create Document.faq["a.txt"]',
    'create Document.faq["b.txt"]',
  ]);
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(summarize(await story.plan())).toEqual([]);
});

test.each([1, 100, 101, 250])(
  "%i documents are found where Coze counts their pages from 0, at one call more",
  async (count) => {
    const names = Array.from({ length: count }, (_, index) => `faq/${index}.txt`);
    const many = Object.fromEntries(names.map((name) => [name, name]));
    const callsOfPlan = async (variants: readonly "pages-from-0"[]) => {
      const story = createStory({
        files: { "desk.yaml": files["desk.yaml"], ...many },
        emulator: { world: { variants } },
      });
      expect(failuresOf(await story.apply())).toEqual([]);
      const requests = await story.requestsOf(async () => expect(summarize(await story.plan())).toEqual([]));
      return requests.filter((one) => one.endsWith("/document/list")).length;
    };
    expect((await callsOfPlan(["pages-from-0"])) - (await callsOfPlan([]))).toBe(1);
  },
);

test("several datasets are listed at once where Coze counts pages from 0", async () => {
  const names = ["one", "two", "three"];
  const datasets = names.map((name) =>
    manifest("Dataset", name, { workspace: "desk", name, format: "text" }),
  );
  const each = names.map((name) =>
    manifest(
      "Document",
      name,
      { dataset: name, name: "${each.name}", source: { file: "${each.path}" } },
      { for_each: { files: `${name}/*.txt` } },
    ),
  );
  const counts = { one: 1, two: 101, three: 250 };
  const texts = Object.entries(counts).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, index) => [`${name}/${index}.txt`, `${name} ${index}`] as const),
  );
  const story = createStory({
    files: { "desk.yaml": manifests(workspace, ...datasets, ...each), ...Object.fromEntries(texts) },
    emulator: { world: { variants: ["pages-from-0"] } },
  });
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(summarize(await story.plan())).toEqual([]);
});

test.each([
  [2, "it is disabled in Coze"],
  [3, "it was deleted in Coze"],
  [9, "Coze gives no reason"],
  [1000, "moderation rejected its content"],
])("a document that ends with status %i fails: %s", async (status, reason) => {
  const story = createStory({ files: { ...files, "faq/a.txt": `!!working 5!! !!status ${status}!!` } });
  const requests = await story.requestsOf(async () =>
    expect(failuresOf(await story.apply())).toEqual([`Document.faq["a.txt"]: ${reason}`]),
  );
  expect(requests.filter((one) => one.endsWith("/process"))).toHaveLength(2);
  const next = status === 1000 ? "retry" : "replace";
  expect(summarize(await story.plan())).toEqual([`${next} Document.faq["a.txt"]`]);
});

test("a document that people disabled later is theirs to enable again", async () => {
  const story = createStory({ files });
  await story.apply();
  for (const document of story.emulator.world.documents.values()) document.ends_as = 2;
  expect(summarize(await story.plan())).toEqual([]);
});

describe("an upload of an earlier run that Coze has dropped", () => {
  const png = (mark: number) => Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, mark]);
  const images = manifest(
    "Document",
    "shots",
    { dataset: "faq", name: "${each.name}", source: { file: "${each.path}" } },
    { for_each: { files: "shots/*.png" } },
  );
  const shots = { "shots/a.png": png(1), "shots/b.png": png(2) };
  const pictures = { "desk.yaml": manifests(workspace, dataset("image"), images), ...shots };

  /** Applies, loses the documents and their uploads, and applies again; returns the writing calls of that. */
  async function applyAgain(story: ReturnType<typeof createStory>): Promise<readonly (string | undefined)[]> {
    expect(failuresOf(await story.apply())).toEqual([]);
    const { world } = story.emulator;
    world.documents.clear();
    for (const file of world.files.values()) Object.assign(file, { expires_at_ms: 0, used_as_icon: false });
    const before = story.writes().length;
    expect(failuresOf(await story.apply())).toEqual([]);
    return story.writes().slice(before);
  }

  test("is uploaded again, once", async () => {
    const story = createStory({ files: pictures });
    expect(await applyAgain(story)).toEqual([
      "create_knowledge_files",
      "upload_files",
      "upload_files",
      "create_knowledge_files",
    ]);
    expect(story.emulator.world.documents.size).toBe(2);
    expect(summarize(await story.plan())).toEqual([]);
  });

  test("is uploaded again in a call that makes others too, which are made with it", async () => {
    const story = createStory({ files: pictures });
    await story.apply();
    const { world } = story.emulator;
    world.documents.clear();
    for (const file of world.files.values()) Object.assign(file, { expires_at_ms: 0 });
    story.write({ "shots/b.png": png(9) });
    const before = story.writes().length;
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(story.writes().slice(before)).toEqual([
      "upload_files",
      "create_knowledge_files",
      "upload_files",
      "create_knowledge_files",
    ]);
    expect(world.documents.size).toBe(2);
  });

  test.each([
    ["its content", 4014],
    ["the rate of calls", 4013],
  ])("isn't uploaded again when Coze refuses %s", async (_, code) => {
    const icon = { "desk.yaml": manifests(workspace, dataset("text", { icon: "i.png" })), "i.png": png(3) };
    const story = createStory({ files: icon });
    await story.apply();
    story.write({
      "desk.yaml": manifests(workspace, dataset("text", { icon: "i.png", description: "新" })),
    });
    story.emulator.faults.set([{ operation: "update_dataset", fault: "refuse", code, status: 200 }]);
    const before = story.writes().length;
    expect(failuresOf(await story.apply())).toHaveLength(1);
    expect(story.writes().slice(before)).not.toContain("upload_files");
  });

  test("is renewed for an icon as well, and a call that is refused for another reason isn't repeated twice", async () => {
    const icon = { "desk.yaml": manifests(workspace, dataset("text", { icon: "i.png" })), "i.png": png(3) };
    const story = createStory({ files: icon });
    await story.apply();
    for (const file of story.emulator.world.files.values()) {
      Object.assign(file, { expires_at_ms: 0, used_as_icon: false });
    }
    story.write({
      "desk.yaml": manifests(workspace, dataset("text", { icon: "i.png", description: "新" })),
    });
    const before = story.writes().length;
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(story.writes().slice(before)).toEqual(["update_dataset", "upload_files", "update_dataset"]);

    story.write({
      "desk.yaml": manifests(workspace, dataset("text", { icon: "i.png", description: "更新" })),
    });
    story.emulator.faults.set([{ operation: "update_dataset", fault: "refuse", code: 4000, status: 400 }]);
    const later = story.writes().length;
    expect(failuresOf(await story.apply())).toHaveLength(1);
    expect(story.writes().slice(later)).toEqual(["update_dataset", "upload_files", "update_dataset"]);
  });
});
