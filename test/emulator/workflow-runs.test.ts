import { afterEach, describe, expect, test } from "@jest/globals";
import { expectExchangesMatchOpenApi } from "../support/openapi-check.ts";
import { listAt, type Stage, setStage, textAt } from "./client.ts";

const stages = new Set<Stage>();

afterEach(() => {
  for (const { emulator } of stages) expectExchangesMatchOpenApi(emulator.requests);
  stages.clear();
});

function setScene(options: Parameters<typeof setStage>[0] = {}) {
  const slept: number[] = [];
  const stage = setStage({ sleep: async (ms) => void slept.push(ms), ...options });
  stages.add(stage);
  const { world } = stage.emulator;
  const input = { parameters: { month: { type: "string", required: true }, note: { type: "string" } } };
  const workflow = world.addWorkflow({
    space_id: stage.space,
    name: "invoice",
    content: "adds up",
    input,
  }).id;
  const run = (parameters: unknown, more: object = {}) =>
    stage.post("/v1/workflow/run", { workflow_id: workflow, parameters, ...more });
  const history = (execution: string) => stage.get(`/v1/workflows/${workflow}/run_histories/${execution}`);
  return { stage, world, slept, workflow, run, history };
}

const october = JSON.stringify({ month: "10" });

describe("a run", () => {
  test("needs a published workflow, and runs what was published", async () => {
    const { world, workflow, run, slept } = setScene();
    expect(await run(october)).toMatchObject({ status: 404, body: { code: 4200 } });
    world.publishWorkflow(workflow);
    world.editWorkflow(workflow, { content: "multiplies" });
    const first = await run(october);
    expect(first.body).toMatchObject({
      code: 0,
      data: '{"output":"invoice v0.0.1 made of \\"adds up\\" was given {\\"month\\":\\"10\\"}"}',
      debug_url: expect.stringContaining(`workflow_id=${workflow}`),
    });
    expect(first.body).not.toHaveProperty("execute_id");
    world.publishWorkflow(workflow);
    expect(textAt(await run(october), "data")).toContain('v0.0.2 made of \\"multiplies');
    expect(textAt(await run(october, { workflow_version: "v0.0.1" }), "data")).toContain("adds up");
    expect((await run(october, { workflow_version: "v9" })).body.code).toBe(4200);
    expect(slept).toEqual([]);
  });

  test("takes parameters as a text and as a map, and the required ones", async () => {
    const { world, workflow, run } = setScene();
    world.publishWorkflow(workflow);
    expect(textAt(await run({ month: "10" }), "data")).toBe(textAt(await run(october), "data"));
    for (const [parameters, says] of [
      [undefined, /lacks month/],
      ["{}", /lacks month/],
      ["{", /not valid JSON/],
      ["[]", /must be an object/],
      [7, /must be an object/],
    ] as const) {
      expect((await run(parameters)).body).toMatchObject({ code: 4000, msg: expect.stringMatching(says) });
    }
  });

  test("of an app's workflow names the app, and runs what it has published", async () => {
    const { stage, world } = setScene();
    const app = world.addApp({ space_id: stage.space }).id;
    const workflow_id = world.addWorkflow({ space_id: stage.space, app_id: app, name: "pay" }).id;
    const run = async (more: object) => (await stage.post("/v1/workflow/run", { workflow_id, ...more })).body;
    expect(await run({})).toMatchObject({ code: 4000, msg: expect.stringContaining("app_id") });
    expect(await run({ app_id: app })).toMatchObject({ code: 4200 });
    world.publishApp(app);
    expect(await run({ app_id: app })).toMatchObject({
      code: 0,
      data: expect.stringContaining("pay v0.0.1"),
    });
  });

  test("names a bot only if that is published to the API", async () => {
    const { stage, world, workflow, run } = setScene();
    world.publishWorkflow(workflow);
    const bot_id = world.addBot({ space_id: stage.space }).id;
    expect((await run(october, { bot_id })).body.code).toBe(4015);
    world.publishBot(bot_id);
    expect((await run(october, { bot_id })).body.code).toBe(0);
  });

  test("takes its time, and loses its caller after 90 seconds", async () => {
    const { world, workflow, run, slept, stage } = setScene();
    world.publishWorkflow(workflow);
    world.scriptRun({ parameters: { month: "10" }, takes_ms: 90_000 });
    world.scriptRun({ parameters: { month: "11" }, takes_ms: 90_001 });
    world.scriptRun({ parameters: { month: "12" }, never_ends: true });
    expect((await run(october)).body.code).toBe(0);
    await expect(run({ month: "11" })).rejects.toThrow("fetch failed");
    await expect(run({ month: "12" })).rejects.toThrow("fetch failed");
    expect(slept).toEqual([90_000, 90_000, 90_000]);
    expect(stage.emulator.requests.map(({ status }) => status)).toEqual([200, 0, 0]);
  });

  test("isn't waited for longer than callers do", async () => {
    const { world, workflow, run, slept } = setScene({ patienceMs: 60_000 });
    world.publishWorkflow(workflow);
    world.scriptRun({ takes_ms: 60_001 });
    await expect(run(october)).rejects.toThrow("fetch failed");
    expect(slept).toEqual([60_001]);
  });
});

describe("a run in the background", () => {
  test("is refused on the free plan", async () => {
    const { run } = setScene({ plan: "personal" });
    expect(await run(october, { is_async: true })).toMatchObject({
      status: 200,
      body: {
        code: 6003,
        msg: "Workflow execution with is_async=true is a premium feature available only to Coze Professional users",
      },
    });
  });

  test("is asked for by its execution", async () => {
    const { stage, world, workflow, run, history, slept } = setScene({ world: { runMs: 5000 } });
    world.publishWorkflow(workflow);
    world.scriptRun({ output: { total: 7 } });
    const started = await run(october, { is_async: true, ext: { user_id: "u1" } });
    expect(started.body).not.toHaveProperty("data");
    const execution = textAt(started, "execute_id");
    stage.clock.ms += 4999;
    expect(listAt(await history(execution), "data")).toEqual([
      expect.objectContaining({ execute_status: "Running", output: "", run_mode: 2, connector_uid: "u1" }),
    ]);
    stage.clock.ms += 1;
    expect(listAt(await history(execution), "data")).toEqual([
      expect.objectContaining({
        execute_status: "Success",
        output: '{"Output":"{\\"total\\":7}"}',
        error_code: "",
        bot_id: "0",
      }),
    ]);
    expect((await history("7000000000000000001")).body.code).toBe(4200);
    const other = world.addWorkflow({ space_id: stage.space }).id;
    expect((await stage.get(`/v1/workflows/${other}/run_histories/${execution}`)).body.code).toBe(4200);
    expect(slept).toEqual([]);
  });

  test("fails, or never ends", async () => {
    const { stage, world, workflow, run, history } = setScene();
    world.publishWorkflow(workflow);
    world.scriptRun({
      parameters: { month: "10" },
      fail: { code: 6006, msg: "code node timed out" },
      takes_ms: 10,
    });
    world.scriptRun({ parameters: { month: "11" }, never_ends: true });
    const failing = textAt(await run(october, { is_async: true }), "execute_id");
    const endless = textAt(await run({ month: "11" }, { is_async: true }), "execute_id");
    stage.clock.ms += 365 * 86_400_000;
    expect(listAt(await history(failing), "data")[0]).toMatchObject({
      execute_status: "Fail",
      error_code: "6006",
      error_message: "code node timed out",
      output: "",
    });
    expect(listAt(await history(endless), "data")[0]).toMatchObject({ execute_status: "Running" });
  });
});

describe("a script", () => {
  test("is chosen by workflow, parameters and what was published", async () => {
    const { world, workflow, run } = setScene();
    world.publishWorkflow(workflow);
    world.scriptRun({ workflow: "invoice", output: "{{name}} {{version}} {{content}} {{workflow}}" });
    world.scriptRun({ parameters: { month: "10", note: { deep: [1], more: 2 } }, output: "by parameters" });
    world.scriptRun({
      content: "multiplies",
      parameters: { month: "12" },
      output: { list: ["{{content}}"] },
    });
    world.scriptRun({ workflow: "other", output: "never" });
    expect(textAt(await run(october), "data")).toBe(`invoice v0.0.1 adds up ${workflow}`);
    expect(textAt(await run({ month: "10", note: { more: 2, deep: [1] }, more: 1 }), "data")).toBe(
      "by parameters",
    );
    expect(textAt(await run({ month: "12" }), "data")).toBe(`invoice v0.0.1 adds up ${workflow}`);
    world.editWorkflow(workflow, { content: "multiplies" });
    world.publishWorkflow(workflow);
    expect(textAt(await run({ month: "12" }), "data")).toBe('{"list":["multiplies"]}');
  });

  test("fails a run", async () => {
    const { world, workflow, run } = setScene();
    world.publishWorkflow(workflow);
    world.scriptRun({ fail: { code: 6006 } });
    expect(await run(october)).toMatchObject({
      status: 200,
      body: { code: 6006, msg: "The request failed" },
    });
    expect(() => world.scriptRun({ output: { a: ["{{nam}}"] } })).toThrow("{{nam}} stands for nothing");
  });
});
