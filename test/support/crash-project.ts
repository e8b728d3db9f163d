import { apply } from "../../src/commands/apply.ts";
import { plan } from "../../src/commands/plan.ts";
import type { Json } from "../../src/core/value.ts";
import type { World } from "../../src/emulator/index.ts";
import { runUndisturbed, type Scenario } from "./crash-ground.ts";
import { type Files, writeFiles } from "./files.ts";
import { manifest, manifests } from "./story.ts";

const [ann, bob, eve] = ["2000000000001", "2000000000002", "2000000000003"];

const picture = (shade: number) => Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, shade]);

const workspace = (name: string, description: string, icon?: string) =>
  manifest("Workspace", name, { name, description: `${description}\r\n`, ...(icon ? { icon } : {}) });

const members = (where: string, roles: { readonly [user: string]: string }) =>
  manifest(
    "WorkspaceMember",
    where,
    { workspace: where, user_id: "${each.key}", role: "${each.value}" },
    { for_each: roles },
  );

const dataset = (name: string, format: string, given: { icon?: string; description?: string } = {}) =>
  manifest("Dataset", name, { workspace: "desk", name, format, ...given });

const texts = manifest(
  "Document",
  "faq",
  { dataset: "faq", name: "${each.name}", source: { file: "${each.path}" } },
  { for_each: { files: "faq/*.txt" } },
);
const page = (hours: number) =>
  manifest("Document", "page", {
    dataset: "faq",
    name: "网页",
    source: { url: "https://docs.example.com/faq", refresh_hours: hours },
  });
const image = (name: string, into: string, caption?: string) =>
  manifest("Document", name, {
    dataset: into,
    name,
    source: { file: `${name}.png` },
    ...(caption ? { caption } : {}),
  });

interface BotGiven {
  readonly in?: string;
  readonly icon?: string;
  readonly datasets?: readonly string[];
  readonly connectors?: readonly string[];
  readonly workflows?: readonly Json[];
}

const bot = (name: string, prompt: string, given: BotGiven = {}) =>
  manifest("Bot", name, {
    workspace: given.in ?? "desk",
    name: `${name} `,
    prompt: ` ${prompt}\r\ncafe\u0301`,
    model: { id: "1706077826", temperature: 0.7 },
    ...(given.icon ? { icon: given.icon } : {}),
    ...(given.datasets ? { knowledge: { datasets: given.datasets } } : {}),
    ...(given.connectors ? { publish: { connectors: given.connectors } } : {}),
    ...(given.workflows ? { workflows: given.workflows } : {}),
  });

const app = (name: string, url: string, events: readonly string[]) =>
  manifest("CallbackApp", name, {
    name: ` ${name}`,
    callback_url: `https://hooks.example.com/${url}`,
    events,
  });

const copyOf = (name: string, type: string, from: Json, to: string, revision?: string) =>
  manifest("Copy", name, {
    type,
    source: { [type]: from },
    workspace: to,
    ...(revision ? { revision } : {}),
  });
const found = (name: string): Json => ({ lookup: { name, workspace: "desk" } });

/** With enough that stays, what the changes remove isn't so much that its number has to be confirmed. */
const shelves = Array.from({ length: 20 }, (_, number) => workspace(`shelf-${number}`, "架子"));

const standing = [workspace("left", "不再管的"), workspace("shop", "门店"), ...shelves];

/** The workspaces, before anything is in them. */
const empty: Files = {
  "cozeform.yaml":
    "apiVersion: cozeform/v1\nkind: Project\nname: crash\nenvironments: {dev: {requests_per_second: 1000}}\n",
  "all.yaml": manifests(workspace("desk", "客服"), ...standing),
};

/** What is there before the apply that is disturbed. */
const before: Files = {
  "all.yaml": manifests(
    workspace("desk", "客服"),
    ...standing,
    copyOf("again", "workflow", found("物流"), "shop", "1"),
    members("desk", { [ann]: "member", [bob]: "member" }),
    dataset("faq", "text", { icon: "one.png", description: "旧" }),
    dataset("old", "text"),
    dataset("shapes", "text"),
    dataset("album", "image"),
    texts,
    page(24),
    image("cat", "album", "猫"),
    bot("a", "一", { icon: "one.png", datasets: ["faq", "old", "shapes"], connectors: ["api", "chat_sdk"] }),
    bot("gone", "走", { datasets: ["old"], connectors: ["api", "chat_sdk"] }),
    bot("moving", "搬", { connectors: ["api"] }),
    bot("quiet", "静"),
    app("hooks", "one", ["bot.published", "bot.unpublished"]),
    app("older", "older", ["bot.published"]),
  ),
  "one.png": picture(1),
  "cat.png": picture(10),
  "faq/a.txt": "退货",
  "faq/b.txt": "换货",
  "faq/d.txt": "不变",
};

/** What the web interface alone can make, once the workspaces are there. */
function seedLibrary(world: World): void {
  const desk = [...world.workspaces.values()].find(({ name }) => name === "desk");
  if (!desk) throw new Error("the workspace desk isn't there");
  world.addWorkflow({ space_id: desk.id, name: "物流" });
  // A bot gets it, which takes published ones alone.
  world.publishWorkflow(world.addWorkflow({ space_id: desk.id, name: "退款" }).id);
}

/** The changes: creates, updates, replaces, publishes, unpublishes, uploads, copies, abandons and removes. */
const after: Files = {
  "all.yaml": manifests(
    workspace("desk", "客服二"),
    workspace("shop", "门店"),
    ...shelves,
    workspace("lab", "新的", "two.png"),
    copyOf("again", "workflow", found("物流"), "shop", "2"),
    copyOf("twin", "bot", "quiet", "desk"),
    copyOf("there", "bot", "quiet", "lab"),
    copyOf("flow", "workflow", found("退款"), "lab"),
    bot("runner", "跑", { in: "lab", workflows: [{ copy: "flow" }] }),
    members("desk", { [ann]: "admin", [eve]: "member" }),
    members("lab", { [ann]: "member" }),
    dataset("faq", "text", { icon: "two.png", description: "新" }),
    dataset("shapes", "image"),
    dataset("album", "image"),
    dataset("news", "text", { icon: "three.png" }),
    texts,
    page(48),
    manifest("Document", "today", { dataset: "news", name: "今日", source: { file: "today.txt" } }),
    image("cat", "album", "黑猫"),
    image("dog", "album"),
    image("circle", "shapes", "圆"),
    bot("a", "二", { icon: "two.png", datasets: ["faq", "shapes"], connectors: ["api"] }),
    bot("b", "新来的", {
      datasets: ["faq", "news"],
      connectors: ["api", "chat_sdk"],
      workflows: [{ lookup: { name: "退款" } }],
    }),
    bot("moving", "搬", { in: "lab", connectors: ["api"] }),
    bot("quiet", "静了"),
    app("hooks", "two", ["bot.unpublished", "bot.deleted"]),
    app("fresh", "fresh", ["bot.published"]),
  ),
  "two.png": picture(2),
  "three.png": picture(3),
  "dog.png": picture(11),
  "circle.png": picture(12),
  "today.txt": "开业",
  "faq/a.txt": "退货规则改了",
  "faq/b.txt": undefined,
  "faq/c.txt": "新的",
};

const run: Scenario["run"] = (host, options) =>
  apply(host, { ...options, allow: new Set(["allow-ownership-transfer", "allow-orphans"] as const) });

/** An apply of the changes to what the first manifests were applied to. */
export const changes: Scenario = {
  async prepare(site) {
    writeFiles(site.directory, empty);
    await runUndisturbed(site, run);
    seedLibrary(site.emulator.world);
    writeFiles(site.directory, before);
    await runUndisturbed(site, run);
    writeFiles(site.directory, after);
  },
  command: "apply",
  options: ["--allow-ownership-transfer", "--allow-orphans"],
  run,
  plan,
  environment: "dev",
  bystanders: [],
};
