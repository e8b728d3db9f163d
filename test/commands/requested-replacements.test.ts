import { expect, test } from "@jest/globals";
import { createFaults, createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const filesOf = (original: string) => ({
  "a.yaml": manifests(
    manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
    manifest("WorkspaceMember", "lee", { workspace: "desk", user_id: "2069720456012", role: "member" }),
    manifest("Dataset", "faq", { workspace: "desk", name: "faq", format: "text" }),
    manifest("Document", "a", { dataset: "faq", name: "a", source: { file: "a.txt" } }),
    manifest("Document", "b", { dataset: "faq", name: "b", source: { file: "b.txt" } }),
    manifest("Bot", "support", {
      workspace: "desk",
      name: "support",
      knowledge: { datasets: ["faq"] },
      publish: { connectors: ["api"] },
    }),
    manifest("CallbackApp", "events", { name: "events", callback_url: "https://example.com/hook" }),
    manifest("Copy", "twin", { type: "bot", source: { id: original }, workspace: "desk" }),
  ),
  "a.txt": "一",
  "b.txt": "二",
});

async function createDesk(hooks = {}) {
  const story = createStory({ emulator: { hooks } });
  const { world } = story.emulator;
  const space = world.addWorkspace({ name: "源" }).id;
  story.write(filesOf(world.addBot({ space_id: space, draft: { name: "助手" } }).id));
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(summarize(await story.plan())).toEqual([]);
  return story;
}

const cases: readonly (readonly [address: string, steps: readonly string[]])[] = [
  ["Document.a", ["replace Document.a"]],
  ["CallbackApp.events", ["replace CallbackApp.events"]],
  ["WorkspaceMember.lee", ["replace WorkspaceMember.lee"]],
  ["Copy.twin", ["replace Copy.twin"]],
  ["Bot.support", ["replace Bot.support"]],
  ["Dataset.faq", ["update Bot.support", "replace Dataset.faq", "replace Document.a", "replace Document.b"]],
];

test.each(cases)("%s is replaced by request, with what depends on it, and once", async (address, steps) => {
  const story = await createDesk();
  const replace = [address];
  const planned = await story.plan({ replace });
  expect(summarize(planned)).toEqual(steps);
  const { resource_changes: changes } = planned.document as {
    resource_changes: readonly { address: string }[];
  };
  expect(changes).toContainEqual(expect.objectContaining({ address, action_reason: "replace_by_request" }));
  const allow = ["allow-orphans", "allow-ownership-transfer"] as const;
  expect(failuresOf(await story.apply({ replace, allow }))).toEqual([]);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a requested replacement that failed half way is completed by the same command, not begun again", async () => {
  const faults = createFaults();
  const story = await createDesk(faults.hooks);
  const { datasets, bots } = story.emulator.world;
  const [old] = datasets.keys();
  faults.refuse("create_knowledge_files");
  const options = { replace: ["Dataset.faq", "Bot.support"], allow: ["allow-orphans"] } as const;
  expect(failuresOf(await story.apply(options))).toContain("Document.a: Coze rejected a parameter: no");
  expect(datasets.size).toBe(2);
  const [, made] = datasets.keys();
  const count = bots.size;
  faults.heal();
  const planned = await story.plan(options);
  expect(planned.plan.diagnostics.map(({ message }) => message)).toContainEqual(
    expect.stringContaining("Dataset.faq isn't replaced: an earlier apply of it has to be completed first"),
  );
  expect(failuresOf(await story.apply(options))).toEqual([]);
  expect([...datasets.keys()]).toEqual([made]);
  expect(made).not.toBe(old);
  expect(bots.size).toBe(count + 1);
  expect(summarize(await story.plan())).toEqual([]);
});
