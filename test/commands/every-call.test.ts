import { expect, test } from "@jest/globals";
import type { Exchange, RecordedRequest } from "../../src/emulator/index.ts";
import { createStory, failuresOf, manifest, manifests, type Story, summarize } from "../support/story.ts";
import { describeWorld } from "../support/world.ts";

const [ann, bob, eve] = ["2000000000001", "2000000000002", "2000000000003"];
const icon = (shade: number) => Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, shade]);
const allow = new Set(["allow-ownership-transfer"] as const);

const members = (roles: { readonly [user: string]: string }) =>
  manifest(
    "WorkspaceMember",
    "desk",
    { workspace: "desk", user_id: "${each.key}", role: "${each.value}" },
    { for_each: roles },
  );
const documents = manifest(
  "Document",
  "faq",
  { dataset: "faq", name: "${each.name}", source: { file: "${each.path}" } },
  { for_each: { files: "faq/*.txt" } },
);
const dataset = (name: string, description: string) =>
  manifest("Dataset", name, { workspace: "desk", name, format: "text", description, icon: "icon.png" });
const bot = (name: string, prompt: string, connectors: string[], datasets: string[]) =>
  manifest("Bot", name, {
    workspace: "desk",
    name,
    prompt,
    icon: "icon.png",
    knowledge: { datasets },
    publish: { connectors },
  });
const hooks = (events: string[]) =>
  manifest("CallbackApp", "hooks", { name: "通知", callback_url: "https://hooks.example.com/coze", events });
const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });

const before = {
  "desk.yaml": manifests(
    workspace,
    members({ [ann]: "member", [bob]: "member" }),
    dataset("faq", "旧"),
    dataset("old", "要删除的"),
    documents,
    bot("a", "一", ["api", "chat_sdk"], ["faq", "old"]),
    bot("gone", "走", ["api"], ["old"]),
    hooks(["bot.published"]),
  ),
  "icon.png": icon(1),
  "faq/a.txt": "退货",
  "faq/b.txt": "换货",
};
/** Creates, updates, replaces, publishes, unpublishes, uploads, abandons and removes. */
const after = {
  "desk.yaml": manifests(
    workspace,
    members({ [ann]: "admin", [eve]: "member" }),
    dataset("faq", "新"),
    documents,
    bot("a", "二", ["api"], ["faq"]),
    bot("b", "新来的", ["api"], ["faq"]),
    hooks(["bot.deleted"]),
  ),
  "icon.png": icon(2),
  "faq/a.txt": "退货规则改了",
  "faq/c.txt": "新的",
  "faq/b.txt": undefined,
};

type Disturbance = (story: Story, exchange: Exchange) => Response | undefined;
const lose: Disturbance = () => {
  throw new TypeError("connection lost");
};
const fail: Disturbance = () => Response.json({ code: 5000, msg: "internal" }, { status: 500 });

/** Applies the changes with one call disturbed, then again without; undefined when there are fewer calls. */
async function disturb(call: number, moment: "before" | "after", disturbance: Disturbance | undefined) {
  let counting = false;
  let calls = 0;
  const hit = (when: "before" | "after") => (exchange: Exchange) => {
    if (!counting) return undefined;
    if (when === "before") calls += 1;
    return calls === call && when === moment ? disturbance?.(story, exchange) : undefined;
  };
  const story = createStory({
    files: before,
    emulator: { hooks: { before: hit("before"), after: hit("after") } },
  });
  expect(failuresOf(await story.apply())).toEqual([]);
  story.write(after);
  await story.apply({
    allow,
    approve: async () => {
      counting = true;
      return true;
    },
  });
  counting = false;
  if (calls < call) return undefined;
  expect([call, failuresOf(await story.apply({ allow }))]).toEqual([call, []]);
  expect([call, summarize(await story.plan())]).toEqual([call, []]);
  return { world: describeWorld(story.emulator.world), requests: story.emulator.requests };
}

const creations = (requests: readonly RecordedRequest[] = []) =>
  requests.filter(({ operation, status }) => status !== 0 && operation?.startsWith("create_")).length;

test.each([
  ["lost before it took effect", "before", lose],
  ["lost after it took effect", "after", lose],
  ["a 500 after it took effect", "after", fail],
] as const)(
  "whichever call of an apply is %s, the next apply ends in the same world",
  async (_how, moment, disturbance) => {
    const undisturbed = await disturb(1, moment, undefined);
    expect(creations(undisturbed?.requests)).toBeGreaterThan(8);
    let calls = 0;
    for (let call = 1; ; call += 1) {
      const disturbed = await disturb(call, moment, disturbance);
      if (!disturbed) break;
      calls = call;
      expect([call, disturbed.world]).toEqual([call, undisturbed?.world]);
    }
    expect(calls).toBeGreaterThan(20);
  },
  120_000,
);
