import { describe, expect, test } from "@jest/globals";
import { createConsole } from "./console.ts";

const manifest = (kind: string, name: string, spec: object, metadata: object = {}) =>
  `${JSON.stringify({ apiVersion: "cozeform/v1", kind, metadata: { name, ...metadata }, spec })}\n`;
const desk = manifest("Workspace", "desk", { name: "客服", description: "客服空间" });
const bot = (name: string, metadata: object = {}) =>
  manifest("Bot", name, { workspace: "desk", name: "助手", prompt: "你是客服" }, metadata);
const members = (keys: object) =>
  manifest(
    "WorkspaceMember",
    "team",
    { workspace: "desk", user_id: "${each.value}", role: "member" },
    { for_each: keys },
  );
const documents = (keys: object) =>
  manifest(
    "Document",
    "faq",
    { dataset: "faq", name: "${each.key}", source: { file: "${each.value}" } },
    { for_each: keys },
  );
const dataset = manifest("Dataset", "faq", { workspace: "desk", name: "问答", format: "text" });
const project = (...moved: readonly string[]) =>
  `apiVersion: cozeform/v1
kind: Project
moved:
${moved.map((one) => `  - ${one}\n`).join("")}`;

async function open(files: { readonly [file: string]: string | undefined }) {
  const console = createConsole({ "ws.yaml": desk, ...files });
  expect((await console.sh("apply --auto-approve")).code).toBe(0);
  const before = console.emulator.requests.length;
  const writes = () =>
    console.emulator.requests.slice(before).flatMap(({ writes: one, operation }) => (one ? [operation] : []));
  return { ...console, writes };
}

const isEmpty = { code: 0, out: expect.stringContaining("No changes.") };

describe("a resource that moved keeps its object", () => {
  test("by the project, after a chain of moves, which says nothing once it is made", async () => {
    const { sh, write, writes } = await open({ "b.yaml": bot("a") });
    write({
      "b.yaml": bot("c"),
      "cozeform.yaml": project("{from: Bot.a, to: Bot.b}", "{from: Bot.b, to: Bot.c}"),
    });
    const state = (await sh("state list")).out;
    const plan = await sh("plan");
    expect(plan.out).toContain("> Bot.c  moved (was Bot.a)\n");
    expect((await sh("plan --detailed-exitcode")).code).toBe(2);
    // A plan writes nothing into the state.
    expect((await sh("state list")).out).toBe(state);
    const document = JSON.parse((await sh("plan --format json")).out) as {
      readonly resource_changes: readonly object[];
    };
    expect(document.resource_changes[0]).toMatchObject({
      address: "Bot.c",
      previous_address: "Bot.a",
      change: { actions: ["no-op"] },
      cozeform: { action: "moved" },
    });
    const applied = await sh("apply --auto-approve");
    expect(applied.out).toContain("Apply complete: 1 moved in 0.0s with 0 API calls.");
    expect(writes()).toEqual([]);
    expect((await sh("state list")).out).toBe(state.replace("Bot.a", "Bot.c"));
    expect(await sh("plan")).toMatchObject({ ...isEmpty, err: "" });
  });

  test("by its manifest, with a change of its own, from a saved plan", async () => {
    const { sh, write, writes } = await open({ "b.yaml": bot("assistant") });
    write({ "b.yaml": bot("helper", { moved_from: ["assistant"] }).replace("你是客服", "你好") });
    const plan = await sh("plan --out saved.json");
    expect(plan.out).toContain("~ Bot.helper  update (was Bot.assistant; its manifest changed)\n");
    expect(await sh("apply saved.json")).toMatchObject({ code: 0 });
    expect(writes()).toEqual(["update_bot"]);
    expect(await sh("plan")).toMatchObject(isEmpty);
  });

  test("into a for_each, out of it, and from key to key, one of many as a target", async () => {
    const [lee, ann] = ["2069720456012", "2069720456013"];
    const one = manifest("WorkspaceMember", "lee", { workspace: "desk", user_id: lee, role: "member" });
    const { sh, run, write, writes } = await open({ "m.yaml": one });
    write({
      "m.yaml": members({ lee, ann }),
      "cozeform.yaml": project(`{from: WorkspaceMember.lee, to: 'WorkspaceMember.team["lee"]'}`),
    });
    const applied = await run(["apply", "--auto-approve", "--target", 'WorkspaceMember.team["lee"]']);
    expect(applied.out).toContain("Apply complete: 1 moved");
    expect(writes()).toEqual([]);
    expect((await sh("apply --auto-approve")).code).toBe(0);
    // The key alone changes, and the user tells who it is.
    write({ "m.yaml": members({ boss: lee, ann }) });
    expect((await sh("plan")).out).toContain(
      '> WorkspaceMember.team["boss"]  moved (was WorkspaceMember.team["lee"])',
    );
    write({
      "m.yaml": one,
      "cozeform.yaml": project(`{from: 'WorkspaceMember.team["lee"]', to: WorkspaceMember.lee}`),
    });
    const { out } = await sh("plan");
    expect(out).toContain('> WorkspaceMember.lee  moved (was WorkspaceMember.team["lee"])');
    expect(out).toContain('- WorkspaceMember.team["ann"]  delete');
  });

  test("as items of one for_each with the same content under another key, renamed at Coze", async () => {
    const texts = { "a.txt": "一", "b.txt": "二", "c.txt": "三", "d.txt": "三" };
    const { sh, write, writes } = await open({
      "d.yaml": dataset,
      "f.yaml": documents({ one: "a.txt", two: "b.txt", three: "c.txt" }),
      ...texts,
    });
    write({ "f.yaml": documents({ first: "a.txt", two: "b.txt", third: "c.txt" }) });
    const { out } = await sh("apply --auto-approve");
    expect(out).toContain('~ Document.faq["first"]  update (was Document.faq["one"]; its manifest changed)');
    expect(out).toContain('name: "three" -> "third"');
    expect(writes()).toEqual(["modify_knowledge_files", "modify_knowledge_files"]);
    // Two have the content of the one that goes: one of them is it.
    write({ "f.yaml": documents({ first: "a.txt", two: "b.txt", x: "c.txt", y: "d.txt" }) });
    expect((await sh("plan")).out).toContain("1 to create, 1 to update");
  });
});

describe("what can't be true is told with its place", () => {
  test.each([
    ["Bot.x", "Bot.x", "4:12", "Bot.x can't move to itself"],
    ["Bot.x", "Dataset.x", "4:23", "Bot.x is a Bot and can't move to Dataset.x, a Dataset"],
    ["Bot.here", "Bot.y", "4:12", "Bot.here still has a manifest, so it didn't move to Bot.y"],
    ["bot", "Bot.y", "4:12", "moved[0].from"],
  ])("from %s to %s", async (from, to, place, message) => {
    const { sh, write } = createConsole({ "ws.yaml": desk, "b.yaml": bot("here") });
    write({ "cozeform.yaml": project(`{from: ${from}, to: ${to}}`) });
    const { code, err } = await sh("validate");
    expect(code).toBe(3);
    expect(err).toContain(`cozeform.yaml:${place}  `);
    expect(err).toContain(message);
  });

  test("loops, two ways at once, and an old name that is still there", async () => {
    const { sh, write } = createConsole({ "ws.yaml": desk, "b.yaml": bot("here") });
    write({ "cozeform.yaml": project("{from: Bot.a, to: Bot.b}", "{from: Bot.b, to: Bot.a}") });
    expect((await sh("validate")).err).toContain(
      "cozeform.yaml:4:12  these moves go round in a circle: Bot.a -> Bot.b -> Bot.a  hint: remove the one that no longer holds\n",
    );
    write({ "cozeform.yaml": project("{from: Bot.a, to: Bot.b}", "{from: Bot.a, to: Bot.c}") });
    expect((await sh("validate")).err).toContain(
      "cozeform.yaml:5:12  Bot.a already moves elsewhere, at cozeform.yaml:4:12",
    );
    write({ "cozeform.yaml": undefined, "c.yaml": bot("there", { moved_from: ["here", "Here"] }) });
    const { err } = await sh("validate");
    expect(err).toContain("Bot.here still has a manifest, so it didn't move to Bot.there");
    expect(err).toContain("lower-case letters, digits and hyphens");
  });

  test("two that are both there, and a name that nothing has; what never was there is none", async () => {
    const { sh, write, writes } = await open({
      "b.yaml": `${bot("a")}---\n${bot("b").replace("助手", "分身")}`,
    });
    write({
      "b.yaml": bot("b").replace("助手", "分身"),
      "cozeform.yaml": project("{from: Bot.a, to: Bot.b}"),
    });
    expect(await sh("plan")).toMatchObject({
      code: 3,
      err: expect.stringContaining("cozeform.yaml:4:12  Bot.a moved to Bot.b, but the state has both"),
    });
    write({
      "b.yaml": `${bot("helper")}---\n${bot("b").replace("助手", "分身")}`,
      "cozeform.yaml": project("{from: Bot.a, to: Bot.halper}"),
    });
    expect(await sh("apply --auto-approve")).toMatchObject({
      code: 3,
      err: expect.stringContaining(
        "Bot.a moved to Bot.halper, which has no manifest  hint: did you mean Bot.helper?",
      ),
    });
    write({
      "b.yaml": `${bot("a")}---\n${bot("b").replace("助手", "分身")}`,
      "cozeform.yaml": project("{from: Bot.never, to: Bot.ever}"),
    });
    expect(await sh("plan")).toMatchObject({ ...isEmpty, err: "" });
    expect(writes()).toEqual([]);
  });
});
