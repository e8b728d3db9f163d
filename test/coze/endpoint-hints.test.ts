import { describe, expect, test } from "@jest/globals";
import { answer, clientOf, failureOf } from "./answers.ts";

const strange = {
  code: 4200,
  msg: "The requested API endpoint GET /v1/v1/bots/1 does not exist. Verify it.",
};
const page = "<html>nothing here</html>";
const take = (path: string, origin = "https://api.coze.test") =>
  `calls add paths of their own, such as /v1/bots: remove ${path} and set the endpoint to ${origin}`;

describe("an endpoint whose path is wrong", () => {
  test.each<[string, string, object | string, string]>([
    ["by Coze's own words", "https://api.coze.test/v1", strange, take("/v1")],
    ["by a gateway's page", "https://api.coze.test/v1/", page, take("/v1/")],
    [
      "by a gateway's JSON",
      "http://127.0.0.1:8741/a/b",
      { error: "x" },
      take("/a/b", "http://127.0.0.1:8741"),
    ],
    [
      "not by a page without a path",
      "https://api.coze.test",
      page,
      "check the endpoint and any proxy in between",
    ],
    [
      "not by Coze's words without a path",
      "https://api.coze.test",
      strange,
      "check the endpoint: it must be an address of Coze's API",
    ],
  ])("is told %s", async (_name, baseUrl, body, hint) => {
    const { client, requests } = clientOf([answer(404, body)], { baseUrl });
    expect(await failureOf(client.bots.get("1", false))).toMatchObject({ outcome: "none", hint });
    // Without a path it is asked whether the server is a Coze Studio.
    expect(requests).toHaveLength(new URL(baseUrl).pathname === "/" ? 2 : 1);
  });

  test("says of no object that it is gone", async () => {
    const { client } = clientOf([answer(404, strange)], { baseUrl: "https://api.coze.test/v1" });
    const error = await failureOf(client.bots.get("1", false));
    expect(error).toMatchObject({ name: "BadRequest", code: 4200, said: strange.msg });
  });

  test("has nothing to do with an object that isn't there", async () => {
    const msg = "The requested resource does not exist: bot 1";
    const { client } = clientOf([answer(404, { code: 4200, msg })], { baseUrl: "https://api.coze.test/v1" });
    expect(await failureOf(client.bots.get("1", false))).toMatchObject({ name: "NotFound" });
  });
});

test("a port that fetch keeps off is told of at once", async () => {
  const refusal = new TypeError("fetch failed", { cause: new Error("bad port") });
  const { client, requests } = clientOf([refusal], { baseUrl: "http://127.0.0.1:6000" });
  const error = await failureOf(client.bots.create({ space_id: "1", name: "a" }));
  expect(error).toMatchObject({
    name: "ConnectionLost",
    outcome: "none",
    message: "Coze couldn't be reached: port 6000 is reserved for another protocol",
    hint: "set another port in the endpoint; https://fetch.spec.whatwg.org/#port-blocking lists the blocked ones",
  });
  expect(requests).toHaveLength(1);
});

describe("a self-hosted Coze Studio", () => {
  const missing = () =>
    new Response("404 page not found", { status: 404, headers: { "content-type": "text/plain" } });
  const studio = {
    name: "BadRequest",
    outcome: "none",
    message: expect.stringMatching(/^the endpoint is a self-hosted Coze Studio, which lacks this call: /u),
    hint: "set the endpoint to https://api.coze.cn or https://api.coze.com; Coze Studio isn't supported",
  };

  test.each<[string, object]>([
    ["datasets", { code: 0, data: { dataset_list: [], total_count: 0 } }],
    ["a refusal of the token", answer(401, { code: 700_012_006, msg: "no" })],
    ["a refusal with HTTP 200", { code: 4000, msg: "no" }],
  ])("is recognised by %s where workspaces are missing, once", async (_name, datasets) => {
    const { client, requests } = clientOf([missing(), datasets, missing()]);
    expect(await failureOf(client.workspaces.list().next())).toMatchObject(studio);
    expect(await failureOf(client.workspaces.list().next())).toMatchObject(studio);
    expect(requests.map(({ url }) => new URL(url).pathname)).toEqual([
      "/v1/workspaces",
      "/v1/datasets",
      "/v1/workspaces",
    ]);
  });

  test("isn't seen in a server that has neither", async () => {
    const { client } = clientOf([missing(), missing()]);
    expect(await failureOf(client.workspaces.list().next())).toMatchObject({
      message: "HTTP 404 with a text instead of an answer of Coze's API",
    });
  });

  test("isn't looked for at Coze, or where an object is missing", async () => {
    const here = clientOf([missing()], { baseUrl: "https://api.coze.cn" });
    await failureOf(here.client.workspaces.list().next());
    const there = clientOf([answer(404, { code: 4200, msg: "no such bot" })]);
    await failureOf(there.client.bots.get("1", false));
    expect([here.requests.length, there.requests.length]).toEqual([1, 1]);
  });
});
