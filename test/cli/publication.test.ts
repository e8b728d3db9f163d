import { describe, expect, test } from "@jest/globals";
import type { Exchange } from "../../src/emulator/index.ts";
import { createConsole, smallManifests } from "./console.ts";

const project = `${smallManifests}---
apiVersion: cozeform/v1
kind: Document
metadata: {name: faq, for_each: {files: "faq/*.txt"}}
spec: {dataset: faq, name: "\${each.name}", source: {file: "\${each.path}"}}
`;

const bot = (name: string, more = "", dataset = "faq") => `\
---
apiVersion: cozeform/v1
kind: Bot
metadata: {name: ${name}${more}}
spec:
  workspace: desk
  name: ${name}
  prompt: 你是客服
  knowledge: {datasets: [${dataset}]}
  publish: {connectors: [api]}
`;

const files = {
  "desk.yaml": `${project}${bot("support")}`,
  "faq/a.txt": "退货",
  "faq/b.txt": "换货",
};

/** A project whose documents take so many milliseconds. */
const createKnowledge = (more: object = {}, processingMs = 20_000) =>
  createConsole({ ...files, ...more }, { world: { processingMs } });

/** Requests that write or look, without repeats of the look. */
function orderOf({ emulator }: ReturnType<typeof createConsole>, from = 0): readonly string[] {
  const names = emulator.requests
    .slice(from)
    .filter(({ writes, operation }) => writes || operation === "get_dataset_progress")
    .map(({ operation = "" }) => operation);
  return names.filter((name, index) => name !== names[index - 1]);
}

const botsOf = ({ emulator }: ReturnType<typeof createConsole>) => [...emulator.world.bots.values()];

describe("a bot is bound and published", () => {
  test("once the documents of its datasets are ready, the first time and after a change", async () => {
    const desk = createKnowledge();
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect(orderOf(desk)).toEqual([
      "create_workspace",
      "create_dataset",
      "create_knowledge_files",
      "get_dataset_progress",
      "create_bot",
      "update_bot",
      "publish_bot",
    ]);
    const before = desk.emulator.requests.length;
    desk.write({
      "faq/a.txt": "退货改了",
      "desk.yaml": files["desk.yaml"].replace("你是客服", "你是好客服"),
    });
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    const order = orderOf(desk, before);
    expect(order.indexOf("update_bot")).toBeGreaterThan(order.lastIndexOf("get_dataset_progress"));
    expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);
  });

  test("whichever way its dataset is named, with a saved plan, and with --target", async () => {
    const desk = createKnowledge();
    const { id: space } = desk.emulator.world.addWorkspace({ name: "老空间" });
    const { id } = desk.emulator.world.addDataset({ space_id: space, name: "旧问题", format_type: 0 });
    desk.write({
      "desk.yaml": `${project}${bot("support")}`
        .replace("dataset: faq", `dataset: {id: "${id}"}`)
        .replace("workspace: desk\n  name: support", `workspace: {id: "${space}"}\n  name: support`)
        .replace("[faq]", "[{lookup: {name: 旧问题}}]"),
    });
    const planned = await desk.sh("plan --target Bot.support --target Document.faq --out plan.json");
    expect(planned.code).toBe(0);
    expect((await desk.sh("apply plan.json --auto-approve")).code).toBe(0);
    expect(orderOf(desk)).toEqual([
      "create_knowledge_files",
      "get_dataset_progress",
      "create_bot",
      "update_bot",
      "publish_bot",
    ]);
  });

  test("and what waits for it after it; other resources don't wait", async () => {
    const desk = createKnowledge({
      "desk.yaml": `${project}
---
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: other}
spec: {workspace: desk, name: 其他, format: text}
${bot("support")}${bot("after", ", depends_on: [Bot.support]", "other")}${bot("free", "", "other")}`,
    });
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    const created = desk.emulator.requests.flatMap(({ operation, body }) =>
      operation === "create_bot" ? [(body as { readonly name: string }).name] : [],
    );
    expect(created).toEqual(["free", "support", "after"]);
    const first = desk.emulator.requests.findIndex(({ operation }) => operation === "publish_bot");
    expect(desk.emulator.requests.slice(first).map(({ operation }) => operation)).toContain(
      "get_dataset_progress",
    );
  });

  test("at once where a document waits for the bot itself", async () => {
    const desk = createKnowledge({
      "desk.yaml": `${project.replace("metadata: {name: faq, for_each", "metadata: {name: faq, depends_on: [Bot.support], for_each")}${bot("support")}`,
    });
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect(orderOf(desk).slice(2, 6)).toEqual([
      "create_bot",
      "update_bot",
      "publish_bot",
      "create_knowledge_files",
    ]);
  });

  test("without waiting with --no-wait, which the plan says and a saved plan keeps", async () => {
    const desk = createKnowledge();
    const planned = await desk.sh("plan --no-wait --out plan.json");
    expect(planned.out).toContain(
      'i doesn\'t wait until 2 resources are ready, such as Document.faq["a.txt"] (--no-wait)\n',
    );
    const json = await desk.sh("plan --no-wait --format json");
    expect(json.out).toContain("doesn't wait until 2 resources are ready");
    const refused = await desk.sh("apply plan.json --no-wait --auto-approve");
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining("--no-wait")]);
    expect((await desk.sh("apply plan.json --auto-approve")).code).toBe(0);
    const order = orderOf(desk);
    expect(order.indexOf("publish_bot")).toBeLessThan(order.lastIndexOf("get_dataset_progress"));
    const waiting = JSON.parse((await createKnowledge().sh("plan --format json")).out) as {
      readonly resource_changes: readonly { readonly address: string; readonly cozeform: object }[];
    };
    expect(waiting.resource_changes.find(({ address }) => address === "Bot.support")?.cozeform).toMatchObject(
      {
        awaits: ['Document.faq["a.txt"]', 'Document.faq["b.txt"]'],
      },
    );
  });
});

describe("a document that isn't ready leaves the published bot as it was", () => {
  const because = (name: string) =>
    `Document.faq["${name}"] isn't ready, so nothing of it was bound or published; callers see it as before`;

  test("when Coze can't process it; the rest goes on, and so does the next apply", async () => {
    const desk = createKnowledge({}, 0);
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    const versions = () => botsOf(desk).map((one) => [one.draft.prompt_info?.prompt, one.versions.length]);
    const before = versions();
    desk.write({
      "faq/a.txt": "!!fail!!",
      "faq/c.txt": "新的",
      "desk.yaml": `${files["desk.yaml"].replace("你是客服", "你是好客服")}${bot("after", ", depends_on: [Bot.support]")}`,
    });
    const failed = await desk.sh("apply --auto-approve");
    expect(failed.code).toBe(1);
    expect(failed.out).toContain(because("a.txt"));
    expect(failed.out).toContain("it waits for Bot.support");
    expect(versions()).toEqual(before);
    expect([...desk.emulator.world.documents.values()].map(({ name }) => name)).toContain("c.txt");

    desk.write({ "faq/a.txt": "退货改好了" });
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect(botsOf(desk)[0]?.versions).toHaveLength(2);
    expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);
  });

  test("when it takes too long, until a later apply finds it ready", async () => {
    const desk = createKnowledge({}, 120_000);
    const late = await desk.sh("apply --auto-approve --timeout 5s");
    expect([late.code, botsOf(desk)]).toEqual([1, []]);
    expect(late.out).toContain(because("a.txt"));
    await desk.clock.sleep(300_000);
    expect((await desk.sh("apply --auto-approve")).code).toBe(0);
    expect(botsOf(desk)[0]?.versions).toHaveLength(1);
  });
});

test("an apply that is interrupted while documents are processed is continued by the next one", async () => {
  let strike: (() => void) | undefined;
  const after = ({ operation }: Exchange) => {
    if (operation !== "get_dataset_progress") return undefined;
    // Only the first look: a run that is interrupted again ends again.
    const once = strike;
    strike = undefined;
    once?.();
    return undefined;
  };
  const desk = createConsole(files, { world: { processingMs: 20_000 }, hooks: { after } });
  strike = desk.interrupt;
  const stopped = await desk.sh("apply --auto-approve");
  expect([stopped.code, stopped.err]).toEqual([
    130,
    expect.stringContaining("error: apply was interrupted: 1 skipped, 2 still pending"),
  ]);
  expect(botsOf(desk)).toEqual([]);
  const before = desk.emulator.requests.length;
  expect((await desk.sh("apply --auto-approve")).code).toBe(0);
  expect(orderOf(desk, before)).toEqual(["get_dataset_progress", "create_bot", "update_bot", "publish_bot"]);
  expect((await desk.sh("plan --detailed-exitcode")).code).toBe(0);
});

test("documents that go are removed once the bot that lets go of their dataset is published", async () => {
  const desk = createKnowledge({}, 0);
  await desk.sh("apply --auto-approve");
  const before = desk.emulator.requests.length;
  desk.write({
    "desk.yaml": `${project.slice(0, project.lastIndexOf("---"))}${bot("support", "", "")}`,
  });
  expect((await desk.sh("apply --auto-approve")).code).toBe(0);
  expect(orderOf(desk, before)).toEqual(["update_bot", "publish_bot", "delete_knowdge_files"]);
});

test("a promotion waits as well, and is stopped by a document that fails before callers see any of it", async () => {
  const desk = createKnowledge(
    {
      "cozeform.yaml": `\
apiVersion: cozeform/v1
kind: Project
name: desk
default_environment: dev
environments:
  dev: {variables: {suffix: 测试}}
  prod: {variables: {suffix: 正式}}
`,
      "desk.yaml": `${project.replace("客服空间", '"客服${var.suffix}"')}${bot("support")}`,
    },
    5000,
  );
  for (const environment of ["dev", "prod"])
    expect((await desk.sh(`apply -e ${environment} --auto-approve`)).code).toBe(0);
  const changed = desk.emulator.world.bots.values().next().value;
  desk.emulator.world.editBot(changed?.id ?? "", { prompt_info: { prompt: "你是好客服" } });
  desk.emulator.world.publishBot(changed?.id ?? "");
  const before = desk.emulator.requests.length;
  desk.write({ "faq/a.txt": "!!fail!!" });
  const stopped = await desk.sh("promote --from dev --to prod --auto-approve");
  expect(stopped.code).toBe(1);
  const calls = orderOf(desk, before);
  expect([calls.includes("update_bot"), calls.includes("publish_bot")]).toEqual([false, false]);

  const again = desk.emulator.requests.length;
  desk.write({ "faq/a.txt": "退货改好了" });
  expect((await desk.sh("promote --from dev --to prod --auto-approve")).code).toBe(0);
  expect(orderOf(desk, again).filter((name) => !name.startsWith("delete"))).toEqual([
    "create_knowledge_files",
    "get_dataset_progress",
    "update_bot",
    "publish_bot",
  ]);
});
