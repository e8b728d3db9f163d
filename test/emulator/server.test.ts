import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createEmulator, isWrite } from "../../src/emulator/index.ts";
import { listAt, readAnswer, setStage, textAt, withDoor } from "./client.ts";

describe("the door", () => {
  test("asks for the token", async () => {
    const { fetch } = createEmulator({ token: "pat_right" });
    const statuses = [];
    for (const authorization of ["", "Bearer pat_wrong", "pat_right", "Bearer pat_right"]) {
      const answer = await readAnswer(
        await fetch("http://localhost/v1/workspaces", { headers: { authorization } }),
      );
      statuses.push([answer.status, answer.body.code]);
    }
    expect(statuses).toEqual([
      [401, 4100],
      [401, 4100],
      [401, 4100],
      [200, 0],
    ]);
  });

  test("answers with an envelope, the log id and the clock's date", async () => {
    const answer = await setStage().get("/v1/workspaces");
    expect(answer.body).toMatchObject({
      code: 0,
      msg: "",
      detail: { logid: answer.headers.get("x-tt-logid") },
    });
    expect(answer.headers.get("date")).toBe("Thu, 01 Jan 2026 00:00:00 GMT");
  });

  test("knows no other addresses", async () => {
    const stage = setStage();
    for (const path of ["/v1/nothing", "/v3/chat", "/v1/workspaces/1"]) {
      expect(await stage.get(path)).toMatchObject({ status: 404, body: { code: 4200 } });
    }
  });

  test("refuses large bodies and what is not JSON", async () => {
    const stage = setStage();
    const large = await stage.post("/v1/workspaces", {
      name: "a",
      description: "x".repeat(15 * 1024 * 1024),
    });
    expect(large).toMatchObject({ status: 400, body: { code: 4000 } });
    const headers = { authorization: `Bearer ${stage.emulator.token}` };
    for (const body of ["{", "[]", '"a"', "null"]) {
      const response = await stage.emulator.fetch("http://localhost/v1/workspaces", {
        method: "POST",
        headers,
        body,
      });
      expect((await readAnswer(response)).body.code).toBe(4000);
    }
  });

  test("only answers to loopback names, on both doors", async () => {
    const emulator = createEmulator({ token: "pat_t" });
    const headers = { authorization: "Bearer pat_t" };
    expect((await emulator.fetch("http://evil.example/v1/workspaces", { headers })).status).toBe(403);
    expect((await emulator.fetch("http://[::1]:9/v1/workspaces", { headers })).status).toBe(200);
    const send = (url: string, host: string) =>
      new Promise((resolve, reject) => {
        const options = { headers: { ...headers, host } };
        httpRequest(`${url}/v1/workspaces`, options, (answer) => resolve(answer.resume().statusCode))
          .on("error", reject)
          .end();
      });
    await withDoor(emulator, async (url) => {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      const statuses = ["evil.example", "localhost:1", "LOCALHOST"].map((host) => send(url, host));
      expect(await Promise.all(statuses)).toEqual([403, 200, 200]);
    });
  });

  test("ids have 19 digits, rise with gaps, and never fit a double", async () => {
    const { world } = createEmulator();
    const ids = Array.from({ length: 100 }, () => world.newId());
    for (const [index, id] of ids.entries()) {
      expect(id).toMatch(/^\d{19}$/);
      expect(String(Number(id))).not.toBe(id);
      expect(BigInt(id) > BigInt(ids[index - 1] ?? 0) + 1n).toBe(true);
    }
  });

  test("tells writes from reads", () => {
    expect(isWrite("POST", "/open_api/knowledge/document/list")).toBe(false);
    expect(isWrite("POST", "/v1/datasets/1/process?x=1")).toBe(false);
    expect(isWrite("POST", "/v1/bot/create")).toBe(true);
    expect(isWrite("GET", "/v1/nothing")).toBe(false);
    expect(isWrite("PATCH", "/v1/nothing")).toBe(true);
  });
});

describe("the request log", () => {
  test("holds what was sent and answered, without the token", async () => {
    const stage = setStage();
    await stage.put(`/v1/workspaces/${stage.space}?a=b`, { name: "x" });
    const [recorded] = stage.emulator.requests;
    expect(recorded).toMatchObject({
      method: "PUT",
      path: `/v1/workspaces/${stage.space}?a=b`,
      operation: "update_workspace_info",
      writes: true,
      body: { name: "x" },
      status: 200,
      response: { code: 0 },
    });
    expect(JSON.stringify(recorded)).not.toContain(stage.emulator.token);
  });

  test("keeps only the latest", async () => {
    const stage = setStage({ keepRequests: 2 });
    for (const page of [1, 2, 3]) {
      await stage.get(`/v1/workspaces?page_num=${page}`);
    }
    expect(stage.emulator.requests.map((one) => one.path)).toEqual([
      "/v1/workspaces?page_num=2",
      "/v1/workspaces?page_num=3",
    ]);
  });
});

describe("hooks", () => {
  test("before may answer instead: nothing happens", async () => {
    const stage = setStage({
      hooks: {
        before: ({ operation }) =>
          operation === "create_workspace" ? new Response("", { status: 502 }) : undefined,
      },
    });
    const made = stage.emulator.world.workspaces.size;
    const init = { method: "POST", headers: { authorization: `Bearer ${stage.emulator.token}` }, body: "{}" };
    expect((await stage.emulator.fetch("http://localhost/v1/workspaces", init)).status).toBe(502);
    expect(stage.emulator.world.workspaces.size).toBe(made);
  });

  test("after may drop the answer: the effect stays, on both doors", async () => {
    const stage = setStage({
      hooks: {
        after: ({ writes }) => {
          if (writes) throw new Error("cut");
          return undefined;
        },
      },
    });
    const create = { name: "a", description: "" };
    await expect(stage.post("/v1/workspaces", create)).rejects.toThrow(TypeError);
    const headers = { authorization: `Bearer ${stage.emulator.token}` };
    const init = { method: "POST", headers, body: JSON.stringify(create) };
    await withDoor(stage.emulator, (url) =>
      expect(fetch(`${url}/v1/workspaces`, init)).rejects.toThrow("fetch failed"),
    );
    expect(listAt(await stage.get("/v1/workspaces"), "data.workspaces")).toHaveLength(4);
    expect(stage.emulator.requests.map((one) => one.status)).toEqual([0, 0, 200]);
  });

  test("a caller that gives up gets its reason; the effect stays", async () => {
    const stage = setStage({ hooks: { after: () => new Promise(() => {}) } });
    const headers = { authorization: `Bearer ${stage.emulator.token}` };
    const body = JSON.stringify({ name: "a", description: "" });
    const init = { method: "POST", headers, body, signal: AbortSignal.timeout(20) };
    await expect(stage.emulator.fetch("http://localhost/v1/workspaces", init)).rejects.toMatchObject({
      name: "TimeoutError",
    });
    expect(stage.emulator.world.workspaces.size).toBe(3);
  });
});

describe("the world's file", () => {
  const place = () => join(mkdtempSync(join(tmpdir(), "emulator-")), "world.json");

  test("is written before the answer leaves, for its owner alone, and read at the start", async () => {
    const file = place();
    const stage = setStage({ file });
    const id = textAt(await stage.post("/v1/workspaces", { name: "kept", description: "" }), "data.id");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(
      JSON.parse(JSON.stringify(stage.emulator.world.snapshot())),
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = createEmulator({ file });
    expect(again.world.workspaces.get(id)).toMatchObject({ name: "kept" });
    expect(BigInt(again.world.newId()) > BigInt(id)).toBe(true);
  });

  test("that is broken stops the start with the next move", () => {
    const file = place();
    writeFileSync(file, "{");
    expect(() => createEmulator({ file })).toThrow("the emulator's world is damaged: ");
    writeFileSync(file, "{}");
    expect(() => createEmulator({ file })).toThrow(
      'this is not a world of the emulator: it has no "format": 1',
    );
  });

  test("that cannot be written makes a 5000 without a trace", async () => {
    const stage = setStage({ file: join(place(), "below", "world.json") });
    const answer = await stage.post("/v1/workspaces", { name: "a", description: "" });
    expect(answer).toMatchObject({ status: 500, body: { code: 5000, msg: "Internal server error" } });
  });
});
