import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createCozeClient } from "../../src/coze/client.ts";
import { createEmulator, type FaultRule } from "../../src/emulator/index.ts";
import { makeScratch } from "../support/scratch.ts";
import { listAt, type Stage, setStage, textAt, valueAt, withDoor } from "./client.ts";

const createBot = (stage: Stage, name = "bot") =>
  stage.post("/v1/bot/create", { space_id: stage.space, name });

/** What a caller sees of one call: status and text of the answer, or how the connection ended. */
async function see(stage: Stage, method: string, path: string, body?: object) {
  try {
    const response = await stage.emulator.fetch(`http://localhost${path}`, {
      method,
      headers: { authorization: `Bearer ${stage.emulator.token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const { status, headers } = response;
    return { status, type: headers.get("content-type"), bytes: Buffer.from(await response.arrayBuffer()) };
  } catch (error) {
    return ((error as Error).cause as { readonly code: string }).code;
  }
}

const makeBot = (stage: Stage, name = "bot") =>
  see(stage, "POST", "/v1/bot/create", { space_id: stage.space, name });

describe("calls are chosen", () => {
  const choices: readonly [string, Omit<FaultRule & { fault: "refuse" }, "fault" | "code">, string][] = [
    ["all of an operation's", { operation: "create_bot" }, "xxxxxxxx"],
    ["none of another's", { operation: ["update_bot", "publish_bot"] }, "........"],
    ["by everything", { operation: "*" }, "xxxxxxxx"],
    ["by writing", { operation: "writes" }, "xxxxxxxx"],
    ["not by reading", { operation: "reads" }, "........"],
    ["after some", { operation: "*", calls: { skip: 3 } }, "...xxxxx"],
    ["at most some", { operation: "*", calls: { times: 2 } }, "xx......"],
    ["every third", { operation: "*", calls: { every: 3 } }, "..x..x.."],
    ["every second after one, twice", { operation: "*", calls: { skip: 1, every: 2, times: 2 } }, "..x.x..."],
    ["by chance", { operation: "*", calls: { probability: 0.5 } }, "x.x....x"],
    ["between two moments", { operation: "*", calls: { from_ms: 2000, until_ms: 5000 } }, "..xxx..."],
    ["for a while from the first", { operation: "*", calls: { skip: 1, for_ms: 3000 } }, ".xxx...."],
  ];
  test.each(choices)("%s", async (_how, choice, expected) => {
    const draws = [0.2, 0.7, 0.4, 0.5, 0.9, 0.6, 0.8, 0.1];
    const stage = setStage({ random: () => draws.shift() ?? 0, token: "pat_t" });
    stage.emulator.faults.set([{ ...choice, fault: "refuse", code: 4000 }]);
    let seen = "";
    for (let call = 0; call < expected.length; call += 1) {
      const answer = await createBot(stage);
      seen += answer.body.code === 4000 ? "x" : ".";
      stage.clock.ms += 1000;
    }
    expect(seen).toBe(expected);
    expect(stage.emulator.faults.hits).toHaveLength(expected.replaceAll(".", "").length);
    expect(stage.emulator.world.bots.size).toBe(expected.replaceAll("x", "").length);
  });
});

describe("an answer takes another's place", () => {
  const html = /^<html>.*<h1>502 Bad Gateway<\/h1>/s;
  const cases: readonly [string, FaultRule, object | string, number][] = [
    [
      "a refusal",
      { operation: "*", fault: "refuse", code: 4101, msg: "no" },
      { status: 403, text: /"code":4101,"msg":"no"/ },
      0,
    ],
    [
      "a refusal with HTTP 200",
      { operation: "*", fault: "refuse", code: 4101, status: 200 },
      { status: 200, text: /"code":4101/ },
      0,
    ],
    ["a storm", { operation: "*", fault: "storm" }, { status: 429, text: /"code":4013/ }, 0],
    [
      "a storm in silence",
      { operation: "*", fault: "storm", status: 200, code: 4020 },
      { status: 200, text: /"code":4020/ },
      0,
    ],
    [
      "a failure before",
      { operation: "*", fault: "server-error" },
      { status: 500, text: /"code":5000,"msg":"Internal server error"/ },
      0,
    ],
    [
      "a failure after",
      { operation: "*", fault: "server-error", moment: "after", status: 503 },
      { status: 503, text: /"code":5000/ },
      1,
    ],
    ["a gateway before", { operation: "*", fault: "gateway" }, { status: 502, text: html }, 0],
    [
      "a gateway after",
      { operation: "*", fault: "gateway", moment: "after", status: 504 },
      { status: 504, text: /504 Gateway Time-out/ },
      1,
    ],
    ["a cut before", { operation: "*", fault: "drop" }, "ECONNRESET", 0],
    ["a cut after", { operation: "*", fault: "drop", moment: "after" }, "ECONNRESET", 1],
    ["nothing", { operation: "*", fault: "empty" }, { status: 200, text: /^$/ }, 1],
    [
      "a success without code",
      { operation: "*", fault: "leave-out", part: "code" },
      { status: 200, text: /"data":\{"bot_id":"\d{19}"\},"msg":""/ },
      1,
    ],
    [
      "a success without data",
      { operation: "*", fault: "leave-out", part: "data" },
      { status: 200, text: /^\{"code":0,"msg":"","detail"/ },
      1,
    ],
  ];
  test.each(cases)("%s", async (_what, rule, expected, bots) => {
    const stage = setStage({ faults: [rule] });
    const seen = await makeBot(stage);
    if (typeof seen === "string") expect(seen).toBe(expected);
    else {
      const { status, text } = expected as { readonly status: number; readonly text: RegExp };
      expect([seen.status, seen.type?.split(";")[0]]).toEqual([
        status,
        rule.fault === "gateway" ? "text/html" : "application/json",
      ]);
      expect(seen.bytes.toString()).toMatch(text);
    }
    expect(stage.emulator.world.bots.size).toBe(bots);
    const [request] = stage.emulator.requests;
    expect(request?.status).toBe(typeof seen === "string" ? 0 : seen.status);
    expect(request?.faults).toEqual([rule.fault]);
    expect(stage.emulator.faults.hits).toMatchObject([{ rule, method: "POST", operation: "create_bot" }]);
  });

  test("with the wish to wait", async () => {
    const stage = setStage({ faults: [{ operation: "*", fault: "storm", retry_after: 7 }] });
    expect((await stage.get("/v1/workspaces")).headers.get("retry-after")).toBe("7");
  });
});

describe("the world that a lost answer leaves", () => {
  test.each(["drop", "gateway", "server-error"] as const)("is on disk before a %s", async (fault) => {
    const file = join(makeScratch(), "world.json");
    const stage = setStage({ file, faults: [{ operation: "create_bot", fault, moment: "after" }] });
    let saved = "";
    await makeBot(stage, "kept").finally(() => {
      saved = readFileSync(file, "utf8");
    });
    expect(saved).toContain('"name": "kept"');
  });

  test("is the same over HTTP, where the connection is cut", async () => {
    const stage = setStage({ faults: [{ operation: "create_bot", fault: "drop", moment: "after" }] });
    await withDoor(stage.emulator, async (url) => {
      const sent = fetch(`${url}/v1/bot/create`, {
        method: "POST",
        headers: { authorization: `Bearer ${stage.emulator.token}` },
        body: JSON.stringify({ space_id: stage.space, name: "kept" }),
      });
      await expect(sent).rejects.toThrow("fetch failed");
    });
    expect([...stage.emulator.world.bots.values()].map(({ draft }) => draft.name)).toEqual(["kept"]);
  });
});

describe("an answer that is cut off", () => {
  test("ends in its middle", async () => {
    const stage = setStage();
    const whole = await see(stage, "GET", "/v1/workspaces");
    stage.emulator.faults.set([{ operation: "*", fault: "truncate" }]);
    const cut = await see(stage, "GET", "/v1/workspaces");
    if (typeof whole === "string" || typeof cut === "string") throw new Error("no answer");
    expect(cut.bytes.length).toBe(Math.floor(whole.bytes.length / 2));
    expect(() => JSON.parse(cut.bytes.toString())).toThrow();
  });

  test("may end inside a character", async () => {
    const stage = setStage({ faults: [{ operation: "*", fault: "truncate", inside_character: true }] });
    stage.emulator.world.addWorkspace({ name: "客服" });
    const cut = await see(stage, "GET", "/v1/workspaces");
    if (typeof cut === "string") throw new Error("no answer");
    expect(cut.bytes.toString().endsWith("\ufffd")).toBe(true);
  });
});

describe("a delay", () => {
  test("passes on the emulator's clock, before the effect or after", async () => {
    const effects: number[] = [];
    const stage = setStage({
      sleep: async (ms) => {
        effects.push(stage.emulator.world.bots.size);
        stage.clock.ms += ms;
      },
      faults: [
        { operation: "*", fault: "delay", ms: 300 },
        { operation: "*", fault: "delay", ms: 400, moment: "after" },
      ],
    });
    const before = stage.clock.ms;
    expect((await createBot(stage)).status).toBe(200);
    expect(stage.clock.ms - before).toBe(700);
    expect(effects).toEqual([0, 1]);
  });

  test("beyond a caller's patience ends without an answer, yet with the effect", async () => {
    const stage = setStage({
      sleep: async () => {},
      patienceMs: 60_000,
      faults: [{ operation: "*", fault: "delay", ms: 60_001 }],
    });
    expect(await makeBot(stage)).toBe("ETIMEDOUT");
    expect(stage.emulator.world.bots.size).toBe(1);
  });

  test("beyond the client's time-out is one", async () => {
    let pass = () => {};
    const stage = setStage({
      sleep: () => new Promise((resolve) => (pass = resolve)),
      faults: [{ operation: "create_bot", fault: "delay", ms: 90_000 }],
    });
    const { bots } = createCozeClient({
      baseUrl: "http://localhost",
      token: stage.emulator.token,
      fetch: stage.emulator.fetch,
      timeoutMs: 1,
    });
    await expect(bots.create({ space_id: stage.space, name: "late" })).rejects.toMatchObject({
      message: "it is unknown whether the call took effect: no answer within 0.001 s",
      outcome: "unknown",
    });
    pass();
    await stage.get("/v1/workspaces");
    expect(stage.emulator.world.bots.size).toBe(1);
  });
});

describe("a list", () => {
  const fill = (stage: Stage, count: number) => {
    for (let index = 1; index <= count; index += 1)
      stage.emulator.world.addDataset({ space_id: stage.space, name: `set ${index}` });
  };
  const names = async (stage: Stage, query = "") => {
    const answer = await stage.get(`/v1/datasets?space_id=${stage.space}${query}`);
    return listAt(answer, "data.dataset_list").map(({ name }) => name);
  };

  test("repeats its first page", async () => {
    const stage = setStage({ faults: [{ operation: "*", fault: "repeat-page" }] });
    fill(stage, 3);
    expect(await names(stage, "&page_size=2&page_num=2")).toEqual(["set 1", "set 2"]);
    expect(await names(stage, "&page_size=2&page_num=1")).toEqual(["set 1", "set 2"]);
    expect(stage.emulator.faults.hits).toHaveLength(1);
  });

  test("by body and by token too", async () => {
    const stage = setStage();
    for (const name of ["a", "b", "c"]) await stage.post("/v1/api_apps", { app_type: "normal", name });
    const first = await stage.get("/v1/api_apps?page_size=2");
    const token = textAt(first, "data.next_page_token");
    stage.emulator.faults.set([{ operation: "reads", fault: "repeat-page" }]);
    const second = await stage.get(`/v1/api_apps?page_size=2&page_token=${token}`);
    expect(listAt(second, "data.items").map(({ name }) => name)).toEqual(["a", "b"]);
    fill(stage, 1);
    const [dataset] = [...stage.emulator.world.datasets.keys()];
    await stage.post("/open_api/knowledge/document/list", { dataset_id: dataset, page: 2, size: 1 });
    expect(stage.emulator.faults.hits.map(({ operation }) => operation)).toEqual([
      "list_callback_app",
      "list_knowledge_files",
    ]);
  });

  test("counts its page only", async () => {
    const stage = setStage({ faults: [{ operation: "*", fault: "page-total" }] });
    fill(stage, 3);
    const answer = await stage.get(`/v1/datasets?space_id=${stage.space}&page_size=2`);
    expect(valueAt(answer, "data.total_count")).toBe(2);
  });

  test("lags behind: what is new, what changed, what is gone", async () => {
    const stage = setStage();
    const { faults } = stage.emulator;
    const add = async (name: string) =>
      textAt(
        await stage.post("/v1/datasets", { name, space_id: stage.space, format_type: 0 }),
        "data.dataset_id",
      );
    const [kept, gone] = [await add("kept"), await add("gone")];
    faults.set([{ operation: "reads", fault: "list-lag", ms: 3000 }]);
    stage.clock.ms += 10_000;
    await stage.put(`/v1/datasets/${kept}`, { name: "changed" });
    await stage.remove(`/v1/datasets/${gone}`);
    await add("new");
    expect(await names(stage)).toEqual(["kept", "gone"]);
    stage.clock.ms += 2999;
    expect(await names(stage)).toEqual(["kept", "gone"]);
    stage.clock.ms += 1;
    expect(await names(stage)).toEqual(["changed", "new"]);
    await add("newer");
    expect(await names(stage)).toEqual(["changed", "new"]);
    faults.clear();
    expect(await names(stage)).toEqual(["changed", "new", "newer"]);
  });

  test("lags behind changes by hand as well", async () => {
    const stage = setStage({ faults: [{ operation: "reads", fault: "list-lag", ms: 3000 }] });
    stage.clock.ms += 10_000;
    fill(stage, 1);
    expect(await names(stage)).toEqual([]);
    stage.clock.ms += 3000;
    expect(await names(stage)).toEqual(["set 1"]);
  });

  test("of what an object holds lags too, from when the object was made", async () => {
    const stage = setStage({ faults: [{ operation: "list_space_member", fault: "list-lag", ms: 3000 }] });
    stage.clock.ms += 10_000;
    const space = textAt(await stage.post("/v1/workspaces", { name: "n", description: "d" }), "data.id");
    stage.clock.ms += 1;
    await stage.post(`/v1/workspaces/${space}/members`, { users: [{ user_id: "77", role_type: "member" }] });
    const members = async () =>
      listAt(await stage.get(`/v1/workspaces/${space}/members`), "data.items").map(({ user_id }) => user_id);
    const [me] = await members();
    expect(await members()).toEqual([me]);
    stage.clock.ms += 3000;
    expect(await members()).toEqual([me, "77"]);
  });
});

describe("values in another dress", () => {
  test("ids are numbers with all their digits", async () => {
    const stage = setStage({ faults: [{ operation: "*", fault: "number-ids" }] });
    const seen = await makeBot(stage);
    const [id] = [...stage.emulator.world.bots.keys()];
    if (typeof seen === "string") throw new Error("no answer");
    expect(seen.bytes.toString()).toContain(`"data":{"bot_id":${id}}`);
  });

  test("times are texts", async () => {
    const stage = setStage({ faults: [{ operation: "reads", fault: "text-times" }] });
    await createBot(stage);
    const answer = await stage.get(`/v1/bots?workspace_id=${stage.space}&publish_status=all`);
    expect(listAt(answer, "data.items")).toMatchObject([{ updated_at: "1767225600" }]);
  });

  test("only of answers that have any", async () => {
    const stage = setStage({
      faults: [
        { operation: "*", fault: "text-times", calls: { times: 1 } },
        { operation: "*", fault: "page-total", calls: { times: 1 } },
      ],
    });
    await createBot(stage);
    expect(stage.emulator.faults.hits).toEqual([]);
  });
});

describe("tokens that expire", () => {
  test("are refused from this call on, or from the next", async () => {
    const codes = [];
    for (const moment of ["before", "after"] as const) {
      const stage = setStage({
        expiredAs: "http-401",
        faults: [{ operation: "*", fault: "expire-tokens", moment, calls: { skip: 1, times: 1 } }],
      });
      for (let call = 1; call <= 3; call += 1) codes.push((await createBot(stage)).body.code);
      codes.push(stage.emulator.world.bots.size);
    }
    expect(codes).toEqual([0, 4100, 4100, 1, 0, 0, 4100, 2]);
  });
});

test("a token endpoint is met by its name only, and fails in its own words", async () => {
  const stage = setStage();
  const exchange = async (operation: string) => {
    stage.emulator.faults.set([{ operation, fault: "storm" }]);
    return stage.post("/api/permission/oauth2/token", {});
  };
  expect(await exchange("*")).toMatchObject({ status: 400, body: { error_code: "invalid_request" } });
  const refused = { error_code: "internal_error", error_message: "Service internal error." };
  expect(await exchange("oauth_jwt")).toMatchObject({ status: 429, body: refused });
});

test("rules can be replaced, and what happened stays known", async () => {
  const stage = setStage({ faults: [{ operation: "*", fault: "storm", calls: { times: 1 } }] });
  const { faults } = stage.emulator;
  const codes = [];
  for (const change of [() => {}, () => {}, () => faults.set(faults.rules), () => faults.clear()]) {
    change();
    codes.push((await createBot(stage)).body.code);
  }
  expect(codes).toEqual([4013, 0, 4013, 0]);
  expect(faults.rules).toEqual([]);
  expect(faults.hits.map(({ rule, at }) => [rule.fault, at])).toEqual([
    ["storm", stage.clock.ms],
    ["storm", stage.clock.ms],
  ]);
});

test("faults add up, and one that answers ends it", async () => {
  const slept: number[] = [];
  const emulator = createEmulator({
    token: "pat_t",
    sleep: async (ms) => void slept.push(ms),
    faults: [
      { operation: "*", fault: "delay", ms: 10 },
      { operation: "*", fault: "server-error" },
      { operation: "*", fault: "delay", ms: 20 },
      { operation: "*", fault: "truncate" },
    ],
  });
  const headers = { authorization: "Bearer pat_t" };
  const response = await emulator.fetch("http://localhost/v1/workspaces", { headers });
  expect([response.status, slept]).toEqual([500, [10]]);
  expect(emulator.requests.map(({ faults }) => faults)).toEqual([["delay", "server-error"]]);
});
