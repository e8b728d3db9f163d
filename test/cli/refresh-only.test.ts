import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createConsole, smallManifests } from "./console.ts";

const bot = (name: string, spec: string) => `\
---
apiVersion: cozeform/v1
kind: Bot
metadata: {name: ${name}}
spec: {workspace: desk, name: ${name}, ${spec}}
`;

const long = "很长的提示词。".repeat(80);
const sales = bot("sales", "prompt: 你卖货");
const all = `${smallManifests}${bot("support", `prompt: ${long}`)}${sales}`;

/** An applied project whose objects are changed at Coze, a minute later; `see` runs a line that writes nothing there. */
async function createDesk(manifests = all) {
  const desk = createConsole({ "desk.yaml": manifests });
  expect((await desk.sh("apply --auto-approve")).code).toBe(0);
  await desk.clock.sleep(Date.UTC(2026, 0, 5, 8, 1, 1) - desk.clock.now());
  const { world } = desk.emulator;
  const idOf = (name: string) => [...world.bots.values()].find(({ draft }) => draft.name === name)?.id ?? "";
  const see: typeof desk.sh = async (line, how) => {
    const before = desk.emulator.requests.length;
    const ran = await desk.sh(line, how);
    const made = desk.emulator.requests.slice(before);
    expect(made.filter(({ writes }) => writes)).toEqual([]);
    return ran;
  };
  const state = () => JSON.parse(readFileSync(join(desk.directory, ".cozeform/default.state.json"), "utf8"));
  return {
    ...desk,
    world,
    idOf,
    see,
    state,
    edit: (name: string, prompt: string) => world.editBot(idOf(name), { prompt_info: { prompt } }),
  };
}

test("drift is shown by field, with what is gone; a changed manifest and an unmanaged field are none", async () => {
  const desk = await createDesk();
  const { world, see } = desk;
  const clean = await see("plan --refresh-only --detailed-exitcode");
  expect(clean.out).toContain("No drift. Coze is as the state has it (4 resources, 3 API calls).\n");
  expect(clean.code).toBe(0);
  desk.edit("support", `${long}改了。`);
  world.editBot(desk.idOf("sales"), { onboarding_info: { prologue: "你好" } });
  const [dataset = ""] = world.datasets.keys();
  world.datasets.delete(dataset);
  desk.write({ "desk.yaml": all.replace("你卖货", "你卖好货") });
  await desk.clock.sleep(10_000);
  const { code, out } = await see("plan --refresh-only --detailed-exitcode");
  expect(out.split("\n\n").slice(1).join("\n\n")).toBe(`\
  ~ Bot.support  changed at Coze
      prompt: 560 characters -> 563 characters
          …的提示词。很长的提示词。{+改了。+}
      i last changed 2026-01-05 08:01:01 UTC

  * Dataset.faq  forget (${dataset} no longer exists in Coze)

Drift: 1 changed at Coze, 1 gone (this plan made 6 API calls). An apply takes this into the state, and changes nothing at Coze.
`);
  expect(code).toBe(2);
  const document = JSON.parse((await see("plan --refresh-only --format json")).out);
  expect(document).toMatchObject({
    applyable: true,
    resource_changes: [],
    resource_drift: [
      {
        address: "Bot.support",
        change: { actions: ["update"], before: { prompt: long }, after: { prompt: `${long}改了。` } },
        cozeform: { action: "refresh", id: desk.idOf("support"), paths: ["prompt"] },
      },
      { address: "Dataset.faq", change: { actions: ["delete"], after: null }, cozeform: { id: dataset } },
    ],
  });
});

test("an apply takes drift into the state alone, and what it was is still wanted", async () => {
  const desk = await createDesk();
  const { see, state } = desk;
  desk.edit("sales", "你卖好货");
  desk.world.datasets.clear();
  const before = state();
  expect((await see("apply --refresh-only", { typed: "no\n" })).code).toBe(1);
  expect(state()).toEqual(before);
  const asked = await see("apply --refresh-only", { typed: "yes\n" });
  expect(asked.err).toContain("Take this into the state of environment default?");
  expect(asked.out).toContain(" 1 forgotten, 1 brought up to date");
  const after = state();
  expect(after.resources["Bot.sales"].spec.prompt).toBe("你卖好货");
  expect(Object.keys(after.resources)).toEqual(["Bot.sales", "Bot.support", "Workspace.desk"]);
  expect(after.resources["Bot.support"]).toEqual(before.resources["Bot.support"]);
  expect(readdirSync(join(desk.directory, ".cozeform/backups"))).toContainEqual(
    expect.stringMatching(/^default\..*\.state\.json$/u),
  );
  expect((await see("plan --refresh-only --detailed-exitcode")).code).toBe(0);
  const plan = await see("plan");
  expect(plan.out).toContain(
    '~ Bot.sales  update (its manifest changed)\n      prompt: "你卖好货" -> "你卖货"',
  );
  expect(plan.out).toContain("+ Dataset.faq  create\n");
  expect((await desk.sh("apply --auto-approve")).code).toBe(0);
  expect((await see("plan --detailed-exitcode")).code).toBe(0);
});

test("a saved refresh is applied as it is, or stale after another edit", async () => {
  const desk = await createDesk();
  const { see } = desk;
  desk.edit("sales", "你卖好货");
  await see("plan --refresh-only --out saved.json");
  desk.edit("sales", "你卖最好的货");
  expect(await see("apply saved.json")).toMatchObject({ code: 1, err: expect.stringContaining("Bot.sales") });
  // The time of the edit is in the second plan, and in the first one it may be missing still.
  await see("plan --refresh-only --out saved.json");
  await desk.clock.sleep(10_000);
  expect((await see("apply saved.json")).code).toBe(0);
  expect(desk.state().resources["Bot.sales"].spec.prompt).toBe("你卖最好的货");
});

test("targets stand alone, and a refresh goes together with nothing that decides what an apply does", async () => {
  const desk = await createDesk();
  const { see, emulator } = desk;
  desk.edit("sales", "你卖好货");
  desk.world.datasets.clear();
  const before = emulator.requests.length;
  const { out } = await see("plan --refresh-only --target Bot.sales");
  expect(out).toContain("Drift: 1 changed at Coze (this plan made 2 API calls)");
  expect(emulator.requests.length - before).toBe(2);
  expect((await see("plan --refresh-only --target Bot.salse")).err).toContain("did you mean Bot.sales?");
  const lines = [
    ["plan --refresh none", "--refresh=none"],
    ["plan --destroy", "--destroy"],
    ["plan --against dev", "--refresh-only"],
    ["apply --replace Bot.sales --adopt", "--replace, --adopt"],
    ["apply --confirm-removals 3 --no-wait", "--confirm-removals, --no-wait"],
  ];
  for (const [line, names] of lines) {
    const { code, err } = await see(`${line} --refresh-only`);
    expect({ line, code }).toEqual({ line, code: 3 });
    expect(err).toContain(`can't be combined with ${names}\n`);
  }
});

test("what a colleague took off its channel and added to a list is drift; an ignored field is none", async () => {
  const spec = "prompt: 你卖货, onboarding: {suggested_questions: [一]}, publish: {connectors: [api]}";
  const ignoring = bot("sales", spec).replace(
    "{name: sales}",
    "{name: sales, lifecycle: {ignore_changes: [prompt]}}",
  );
  const desk = await createDesk(`${smallManifests}${ignoring}`);
  const id = desk.idOf("sales");
  desk.edit("sales", "你卖好货");
  desk.world.editBot(id, { onboarding_info: { suggested_questions: ["一", "二"] } });
  const published = desk.world.bots.get(id);
  if (published) published.channels = {};
  await desk.clock.sleep(10_000);
  const { out } = await desk.see("plan --refresh-only");
  expect(out).toContain(`\
  ~ Bot.sales  changed at Coze
      onboarding.suggested_questions: + "二"
      publish.connectors:             - "api"
      i last changed 2026-01-05 08:01:01 UTC
`);
  expect((await desk.see("apply --refresh-only --auto-approve")).code).toBe(0);
  expect(desk.state().resources["Bot.sales"].spec).toEqual({
    ...{ workspace: expect.any(String), name: "sales", prompt: "你卖货" },
    ...{ onboarding: { suggested_questions: ["一", "二"] }, publish: { connectors: [] } },
  });
  const plan = await desk.see("plan");
  expect(plan.out).toContain('onboarding.suggested_questions: - "二"');
  expect(plan.out).toContain('publish.connectors:             + "api"');
});
