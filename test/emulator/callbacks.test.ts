import { describe, expect, test } from "@jest/globals";
import { listAt, type Stage, setStage, textAt, valueAt } from "./client.ts";

async function createApp(stage: Stage, fields: object = {}): Promise<string> {
  return textAt(
    await stage.post("/v1/api_apps", { app_type: "normal", name: "orders", ...fields }),
    "data.id",
  );
}

/** A callback server that answers with what `reply` makes of the challenge. */
function callbackServer(reply: (challenge: string) => Response | Promise<Response>) {
  const seen: string[] = [];
  const request: typeof fetch = async (input, init) => {
    seen.push(`${init?.method} ${String(input)}`);
    const body: { challenge: string } = JSON.parse(String(init?.body));
    init?.signal?.throwIfAborted();
    return reply(body.challenge);
  };
  return { seen, request };
}

describe("callback apps", () => {
  test("are made without a URL, with a verify token", async () => {
    const stage = setStage();
    const made = await stage.post("/v1/api_apps", {
      app_type: "normal",
      name: "orders",
      callback_url: "https://a.example/",
    });
    expect(made.body.data).toEqual({
      id: expect.any(String),
      name: "orders",
      app_type: "normal",
      verify_token: expect.stringMatching(/^\w{60}$/),
    });
  });

  test("need a name when normal, a channel when for a channel", async () => {
    const stage = setStage();
    expect((await stage.post("/v1/api_apps", { app_type: "normal" })).body.code).toBe(4000);
    expect((await stage.post("/v1/api_apps", { app_type: "connector" })).body.code).toBe(4000);
    expect(await createApp(stage, { app_type: "connector", connector_id: "7" })).toMatch(/^\d{19}$/);
  });

  const replies: readonly [string, (challenge: string) => Response | Promise<Response>, number][] = [
    ["echoed in an object", (challenge) => Response.json({ challenge }), 0],
    ["echoed bare", (challenge) => new Response(challenge), 0],
    ["answered with something else", () => Response.json({ challenge: "x" }), 4000],
    ["answered with an error", (challenge) => Response.json({ challenge }, { status: 500 }), 4000],
    ["not answered", () => Promise.reject(new TypeError("fetch failed")), 4000],
  ];
  test.each(replies)("a challenge %s", async (_title, reply, code) => {
    const { seen, request } = callbackServer(reply);
    const stage = setStage({ fetch: request });
    const app = await createApp(stage);
    const answer = await stage.put(`/v1/api_apps/${app}`, {
      name: "new",
      callback_url: "https://hook.test/coze",
    });
    expect(answer.body.code).toBe(code);
    expect(seen).toEqual(["POST https://hook.test/coze"]);
    const kept = stage.emulator.world.callbackApps.get(app);
    expect([kept?.name, kept?.callback_url]).toEqual(
      code === 0 ? ["new", "https://hook.test/coze"] : ["orders", undefined],
    );
  });

  test("example hosts are not reached: they echo, one refuses", async () => {
    const { seen, request } = callbackServer(() => new Response("no"));
    const stage = setStage({ fetch: request });
    const app = await createApp(stage);
    const set = async (callback_url: string) =>
      (await stage.put(`/v1/api_apps/${app}`, { callback_url })).body.code;
    expect(await set("https://hook.example.com/a")).toBe(0);
    expect(await set("https://hook.example/a")).toBe(0);
    expect(await set("https://refuse.example.com/a")).toBe(4000);
    expect(await set("ftp://hook.example.com/a")).toBe(4000);
    expect(seen).toEqual([]);
    expect(await set("https://notexample.com/")).toBe(4000);
    expect(seen).toHaveLength(1);
  });

  test("events are added and removed, unknown ones refused", async () => {
    const stage = setStage();
    const path = `/v1/api_apps/${await createApp(stage)}/events`;
    await stage.post(path, { event_types: ["bot.published", "bot.deleted"] });
    await stage.post(path, { event_types: ["bot.published"] });
    await stage.remove(path, { event_types: ["bot.deleted", "benefit.usage"] });
    const listed = await stage.get(path);
    expect(listAt(listed, "data.items")).toMatchObject([{ event_type: "bot.published", name: "orders" }]);
    expect((await stage.post(path, { event_types: ["bot.sold"] })).body.code).toBe(4000);
    expect((await stage.remove(path)).body.code).toBe(4000);
  });

  test("are listed by token", async () => {
    const stage = setStage();
    const ids = [await createApp(stage), await createApp(stage), await createApp(stage)];
    const first = await stage.get("/v1/api_apps?page_size=2");
    const last = await stage.get(
      `/v1/api_apps?page_size=2&page_token=${textAt(first, "data.next_page_token")}`,
    );
    expect([first, last].flatMap((page) => listAt(page, "data.items").map((one) => one.id))).toEqual(ids);
    expect([valueAt(first, "data.has_more"), valueAt(last, "data.has_more")]).toEqual([true, false]);
    expect((await stage.get("/v1/api_apps?page_token=nonsense")).body.code).toBe(4000);
    expect((await stage.remove(`/v1/api_apps/${ids[0]}`)).body.code).toBe(0);
    expect((await stage.remove(`/v1/api_apps/${ids[0]}`)).body.code).toBe(4200);
  });
});
