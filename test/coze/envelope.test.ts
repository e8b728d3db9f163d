import { getEventListeners, getMaxListeners } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { BadAnswer, CozeError, type NotFound, UnexpectedAnswer } from "../../src/coze/error-classes.ts";
import type { CallRecord } from "../../src/coze/http/transport.ts";
import { answer, clientOf, collect, failureOf } from "./answers.ts";

describe("reading answers", () => {
  test("an answer without a code counts as success", async () => {
    const { client } = clientOf([{ data: { id: "1" } }]);
    await expect(client.workspaces.create({ name: "a", description: "b" })).resolves.toBe("1");
  });

  test("ids that come as numbers keep all their digits, and other numbers stay numbers", async () => {
    const { client } = clientOf([
      '{"code":0,"document_infos":[{"document_id":7386942056030100481,"char_count":12,"status":1}],"total":1}',
    ]);
    expect(await collect(client.documents.list("9"))).toEqual([
      { document_id: "7386942056030100481", char_count: 12, status: 1 },
    ]);
  });

  test("small ids that come as numbers become text", async () => {
    const { client } = clientOf([{ code: 0, data: { dataset_id: 42 } }]);
    const made = client.datasets.create({ space_id: "1", name: "a", format_type: 0 });
    await expect(made).resolves.toBe("42");
  });

  test.each([
    ["at the top", { code: 0, document_infos: [{ document_id: "1" }], total: 1 }],
    ["inside data", { code: 0, data: { document_infos: [{ document_id: "1" }], total: 1 } }],
  ])("documents are found %s", async (_where, body) => {
    const { client } = clientOf([body]);
    expect(await collect(client.documents.list("9"))).toEqual([{ document_id: "1" }]);
  });

  test("a write that says success without its id has an unknown outcome", async () => {
    const { client } = clientOf([{ code: 0, data: {}, detail: { logid: "L1" } }]);
    const error = await failureOf(client.bots.create({ space_id: "1", name: "a" }));
    expect(error).toBeInstanceOf(UnexpectedAnswer);
    expect(error).toMatchObject({ outcome: "unknown", operation: "create_bot", logid: "L1" });
  });

  test.each([0, -1, 1e21, true, [], "x", "0", "75e3"])(
    "what can't be the id of something made (%j) leaves open what came of the call",
    async (id) => {
      const { client } = clientOf([{ code: 0, data: { dataset_id: id } }]);
      const error = await failureOf(client.datasets.create({ space_id: "1", name: "a", format_type: 0 }));
      expect(error).toMatchObject({ name: "UnexpectedAnswer", outcome: "unknown" });
    },
  );

  test.each([[], {}, true, 0, -1])("what can't be an id (%j) is no copy's", async (id) => {
    const { client } = clientOf([{ code: 0, data: { copied_entity_id: id } }]);
    const error = await failureOf(
      client.copyTasks.create({ entity_id: "1", entity_type: "bot", to_workspace_id: "2" }),
    );
    expect(error).toMatchObject({ name: "UnexpectedAnswer", outcome: "unknown" });
  });

  test.each([
    ["detail", answer(200, { code: 4200, detail: { logid: "L1" } })],
    ["error", answer(200, { code: 4200, error: { logid: "L1" } })],
    ["a header", answer(200, { code: 4200 }, { "x-tt-logid": "L1" })],
  ])("the logid is taken from %s", async (_where, reply) => {
    const { client } = clientOf([reply]);
    const error = (await failureOf(client.bots.get("1", false))) as NotFound;
    expect(error.logid).toBe("L1");
  });

  test("a gateway's page for a missing address doesn't say that an object is gone", async () => {
    const { client } = clientOf([answer(404, "<html>404</html>")]);
    const error = await failureOf(client.datasets.remove("1"));
    expect(error).toBeInstanceOf(BadAnswer);
    expect(error).toMatchObject({ outcome: "none", httpStatus: 404 });
  });

  test.each([
    { message: "no Route matched with those values" },
    { code: 404, message: "not found" },
    { code: "NotFound", message: "not found" },
    { error: { code: 404 } },
  ])("nor does a gateway's JSON: %j", async (body) => {
    const { client } = clientOf([answer(404, body)]);
    expect(await failureOf(client.bots.get("1", false))).toBeInstanceOf(BadAnswer);
  });

  test("an error never shows the token, even when Coze quotes it", async () => {
    const { client } = clientOf([{ code: 4100, msg: "the token pat_secret is wrong" }]);
    const error = (await failureOf(client.bots.get("1", false))) as CozeError;
    expect(error.message).toBe("the token isn't valid: the token [secret] is wrong");
    expect(JSON.stringify(error)).not.toContain("pat_secret");
  });

  test("an error shows no other token either, and no link's signature", async () => {
    const msg = `sat_Abc1 and eyJhbGci.eyJpc3Mi.c2ln sent https://sign.example/icon.png?lk3s=1&x-signature=abc`;
    const { client } = clientOf([{ code: 4000, msg }]);
    const error = (await failureOf(client.bots.get("1", false))) as CozeError;
    expect(error.message).toBe(
      "Coze rejected a parameter: [secret] and [secret] sent https://sign.example/icon.png?[…]",
    );
  });

  test("a code in words beside HTTP 200 is a gateway's, not success", async () => {
    const { client } = clientOf([{ code: "ServiceBusy", data: { bot_id: "1" } }]);
    const error = await failureOf(client.bots.create({ space_id: "1", name: "a" }));
    expect(error).toMatchObject({ name: "BadAnswer", outcome: "unknown", code: undefined });
  });

  test("a code in words beside a failing status leaves the status to tell", async () => {
    const { client } = clientOf([answer(403, { code: "AccessDenied", msg: "no" })]);
    const error = await failureOf(client.bots.get("1", false));
    expect(error).toMatchObject({ name: "Forbidden", code: undefined });
  });

  test("a token with a line break is refused before anything is sent", async () => {
    const { client, requests } = clientOf([], { token: "pat_secret\n" });
    const error = await failureOf(client.bots.get("1", false));
    expect(error).toMatchObject({ name: "Unauthenticated", outcome: "none" });
    expect(String(error)).not.toContain("pat_secret");
    expect(requests).toEqual([]);
  });
});

describe("sending calls", () => {
  test("only the four document calls ask for ids as text", async () => {
    const { client, requests } = clientOf([{}, {}, { data: {} }]);
    await client.documents.remove(["1"]);
    await client.documents.update({ document_id: "1", document_name: "a" });
    await client.datasets.remove("1");
    expect(requests.map(({ headers }) => headers.get("Agw-Js-Conv"))).toEqual(["str", "str", null]);
  });

  test("a deletion carries its body", async () => {
    const { client, requests } = clientOf([{ data: { removed_success_user_ids: ["5"] } }]);
    await client.members.remove("1", ["5"]);
    expect(requests[0]?.method).toBe("DELETE");
    expect(await requests[0]?.json()).toEqual({ user_ids: ["5"] });
  });

  test.each(["not_in_workspace_user_ids", "not_in_space_user_ids"])(
    "members that aren't there are read from %s",
    async (bucket) => {
      const { client } = clientOf([{ data: { [bucket]: ["5"] } }]);
      expect(await client.members.remove("1", ["5"])).toEqual({ removed: [], notMembers: ["5"], owners: [] });
    },
  );

  test("a file goes as multipart under its own name", async () => {
    const { client, requests } = clientOf([{ code: 0, data: { id: "77" } }]);
    expect(await client.files.upload("icon.png", new Uint8Array([1, 2, 3]))).toBe("77");
    const file = (await requests[0]?.formData())?.get("file");
    expect(file).toMatchObject({ name: "icon.png", size: 3 });
  });

  test("every attempt is told of, without headers and bodies", async () => {
    const records: CallRecord[] = [];
    const { client } = clientOf(
      [answer(502, "bad gateway"), { code: 0, data: { bot_mode: 0 }, detail: { logid: "L" } }],
      {
        onCall: (record) => records.push(record),
      },
    );
    await client.bots.get("12", false);
    const call = { operation: "get_metadata_draft_published", method: "GET", path: "/v1/bots/12" };
    expect(records).toEqual([
      { ...call, status: 502, code: undefined, logid: undefined, ms: 0, attempt: 1 },
      { ...call, status: 200, code: 0, logid: "L", ms: 0, attempt: 2 },
    ]);
    expect(client.callCount()).toBe(2);
  });

  test("the server's clock is followed from below", async () => {
    const late = new Date(1_700_000_009_000).toUTCString();
    const early = new Date(1_700_000_003_000).toUTCString();
    const { client, clock } = clientOf([answer(200, {}, { date: late }), answer(200, {}, { date: early })]);
    expect(client.serverTime()).toBe(1_699_999_998_000);
    await client.datasets.remove("1");
    await clock.sleep(500);
    await client.datasets.remove("1");
    expect(client.serverTime()).toBe(1_700_000_009_500);
  });

  test("a rejected token is replaced once", async () => {
    const asked: (string | undefined)[] = [];
    const token = async (rejected?: string) => {
      asked.push(rejected);
      return rejected ? "new" : "old";
    };
    const { client, requests } = clientOf([{ code: 4100 }, { code: 0 }], { token });
    await client.datasets.remove("1");
    expect(requests.map(({ headers }) => headers.get("Authorization"))).toEqual(["Bearer old", "Bearer new"]);
    expect(asked).toEqual([undefined, "old"]);
  });

  test("a token that stays rejected is reported", async () => {
    const { client, requests } = clientOf([{ code: 4100 }, { code: 4100 }], {
      token: async (rejected) => (rejected ? "new" : "old"),
    });
    expect(await failureOf(client.datasets.remove("1"))).toMatchObject({ name: "Unauthenticated" });
    expect(requests).toHaveLength(2);
  });
});

describe("interrupting and losing calls", () => {
  test("a call that isn't sent yet is interrupted", async () => {
    const { client, requests } = clientOf([{}], { signal: AbortSignal.abort() });
    expect(await failureOf(client.bots.create({ space_id: "1", name: "a" }))).toMatchObject({
      name: "Interrupted",
    });
    expect(requests).toEqual([]);
  });

  test.each([
    ["a write on its way has an unknown outcome", "create", { name: "ConnectionLost", outcome: "unknown" }],
    ["a read on its way is interrupted", "get", { name: "Interrupted", outcome: "none" }],
  ])("%s", async (_title, what, expected) => {
    const controller = new AbortController();
    const { client } = clientOf([], {
      signal: controller.signal,
      fetch: () => {
        controller.abort();
        return new Promise<Response>(() => {});
      },
    });
    const call =
      what === "get" ? client.bots.get("1", false) : client.bots.create({ space_id: "1", name: "a" });
    expect(await failureOf(call)).toMatchObject(expected);
  });

  test("many calls under way at once are no leak to warn of", async () => {
    const controller = new AbortController();
    const { client } = clientOf([], {
      signal: controller.signal,
      fetch: () => new Promise<Response>(() => {}),
    });
    const calls = Array.from({ length: 20 }, () => failureOf(client.bots.get("1", false)));
    await new Promise(setImmediate);
    const listeners = getEventListeners(controller.signal, "abort").length;
    expect(listeners).toBeGreaterThan(20);
    // Node warns of more.
    expect(getMaxListeners(controller.signal)).toBeGreaterThanOrEqual(listeners);
    controller.abort();
    await Promise.all(calls);
  });

  test("a call without an answer ends with the time-out", async () => {
    const { client } = clientOf([], { timeoutMs: 10, fetch: () => new Promise<Response>(() => {}) });
    const error = (await failureOf(client.bots.create({ space_id: "1", name: "a" }))) as CozeError;
    expect(error).toMatchObject({ name: "ConnectionLost", outcome: "unknown" });
    expect(error.message).toBe("it is unknown whether the call took effect: no answer within 0.01 s");
  });

  test.each([
    ["ECONNREFUSED", "none"],
    ["ECONNRESET", "unknown"],
  ])("after %s the outcome of a write is %s", async (code, outcome) => {
    const cause = Object.assign(new Error("socket"), { code });
    const { client } = clientOf([new TypeError("fetch failed", { cause })]);
    const error = await failureOf(client.bots.create({ space_id: "1", name: "a" }));
    expect(error).toBeInstanceOf(CozeError);
    expect(error).toMatchObject({ name: "ConnectionLost", outcome });
  });
});
