import { hostname } from "node:os";
import { setImmediate } from "node:timers/promises";
import { expect, jest, test } from "@jest/globals";
import type { Backend } from "../../../src/state/backend.ts";
import { openBackend } from "../../../src/state/backends/open.ts";
import type { BackendContext, HttpSettings } from "../../../src/state/backends/settings.ts";
import type { Locked } from "../../../src/state/lock.ts";
import { markOwnProcess } from "../../../src/state/process-mark.ts";
import { openStore, readState } from "../../../src/state/store.ts";
import { createEventClock } from "../../support/event-clock.ts";
import { createStateServer, type StateServerOptions } from "../../support/state-server.ts";
import { terraformTest } from "../../support/terraform.ts";
import { closeAfterwards, layOut } from "../../support/terraform-directory.ts";
import { createPlace, entry } from "../place.ts";
import { behaviours, errorOf, type Ground, makeHolder, refusalOf } from "./behaviours.ts";

const login = { username: "deploy", password: "pa55 w:rd" };
const path = "/api/v4/projects/7/terraform/state/dev";

function createServer(options: StateServerOptions = {}) {
  const clock = createEventClock();
  const server = createStateServer({ now: clock.now, login, ...options });
  const openAs = (change: Partial<HttpSettings> = {}, context: Partial<BackendContext> = {}) =>
    openBackend(
      { type: "http", address: `https://git.example${path}`, ...login, ...change },
      { fetch: server.fetch, clock, ...context },
    );
  return { clock, server, openAs, open: () => openAs(), secrets: [login.password, "cGE1NSB3OnJk"] };
}

function createGround(options: StateServerOptions): Ground {
  const { open, secrets } = createServer(options);
  return { open, written: () => 0, secrets, fences: true, keepsLines: false };
}

test.each(behaviours)("a state at a server of Terraform's protocol: %s", (_, behave) =>
  behave(createGround({})),
);

const atGitlab = ["what a killed run", "a run whose lock was broken", "a lock is broken"];

test.each(behaviours.filter(([name]) => atGitlab.some((begin) => name.startsWith(begin))))(
  "a state at a server with GitLab's manners: %s",
  async (name, behave) => {
    // The user of a lock is all that GitLab says of its holder.
    if (!name.startsWith("a lock is broken")) await behave(createGround({ manner: "gitlab" }));
  },
);

const placeOf = (backend: Backend) => ({ ...createPlace().place, backend });

test("at GitLab a refused lock is told with the holder's user, not with what was asked", async () => {
  const { open } = createServer({ manner: "gitlab" });
  await (await open()).lock(makeHolder({ id: "4f1c", command: "cozeform promote" }));
  const { message, hint } = await refusalOf(await open());
  expect(message).toBe("the state is locked by li, since 2026-01-05T08:00:00.000Z");
  expect(hint).toBe("wait until that run ends; if it is no longer running, run cozeform state unlock 4f1c");
  expect(await (await open()).unlock("4f1c")).toMatchObject({ id: "4f1c", who: "li" });
});

test("intents of creations go into one write, and results are written every two seconds at most", async () => {
  const { clock, server, open } = createServer();
  const store = await openStore(placeOf(await open()), "cozeform apply");
  const put = (count: number, status: "unknown" | "ready") => {
    for (let index = 0; index < count; index += 1)
      store.put("x", { [`Bot.b${index}`]: { ...entry, status } });
  };
  put(50, "unknown");
  await Promise.all(Array.from({ length: 50 }, () => store.synced()));
  expect(server.writes).toHaveLength(1);
  expect(JSON.parse(server.documents.get(path)?.toString() ?? "").resources["Bot.b49"].status).toBe(
    "unknown",
  );
  const results = async () => {
    for (let index = 0; index < 100; index += 1) {
      put(1, "ready");
      await clock.sleep(100);
    }
  };
  const begun = clock.now();
  await clock.run(results());
  expect(server.writes.length - 1).toBeLessThanOrEqual((clock.now() - begun) / 2000);
  expect(server.writes.length - 1).toBeGreaterThan(2);
  const gaps = server.writes.slice(1).map((at, index) => at - (server.writes[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2000);
  await store.close();
  const last = JSON.parse(server.documents.get(path)?.toString() ?? "");
  expect(last).toMatchObject({ serial: server.writes.length, resources: { "Bot.b0": { status: "ready" } } });
});

test("what is put while a write is under way goes with the next one", async () => {
  const { server, openAs } = createServer();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let writes = 0;
  const fetch = async (request: Request) => {
    if (request.method === "POST") {
      writes += 1;
      if (writes === 1) await held;
    }
    return server.fetch(request);
  };
  const store = await openStore(placeOf(await openAs({}, { fetch })), "cozeform apply");
  store.put("x", { "Bot.a": entry });
  const first = store.synced();
  while (writes === 0) await setImmediate();
  const later = ["b", "c", "d"].map((name) => {
    store.put("x", { [`Bot.${name}`]: entry });
    return store.synced();
  });
  release();
  await Promise.all([first, ...later]);
  expect(writes).toBe(2);
  expect(Object.keys((await readState(placeOf(await openAs()))).resources)).toHaveLength(4);
});

test("a server that doesn't lock isn't used, and is told apart from one that refuses", async () => {
  const { open, secrets } = createServer({ locking: false });
  const { message, hint } = await errorOf((await open()).lock(makeHolder()), secrets);
  expect(message).toBe(
    `the state can't be written: the server doesn't lock the state: LOCK https://git.example${path} answers HTTP 405`,
  );
  expect(hint).toMatch(/^set lock_address and unlock_address/);
});

test("a lost answer to a write that GitLab has taken isn't an error", async () => {
  const { clock, server, open } = createServer({ manner: "gitlab" });
  let cuts = 0;
  server.intercept = ({ method }) => {
    if (method !== "POST" || cuts > 0) return undefined;
    cuts += 1;
    return { when: "after", answer: () => new Response("", { status: 502 }) };
  };
  const store = await openStore(placeOf(await open()), "cozeform apply");
  store.put("x", { "Bot.a": entry });
  await clock.run(store.synced());
  await store.close();
  expect([cuts, server.log.filter((line) => line.startsWith("POST") && line.endsWith("422")).length]).toEqual(
    [1, 1],
  );
  expect(Object.keys((await readState(placeOf(await open()))).resources)).toEqual(["Bot.a"]);
});

test("a lost answer to the lock leaves it with this run", async () => {
  const { clock, server, open } = createServer();
  let cuts = 0;
  server.intercept = ({ method }) => {
    if (method !== "LOCK" || cuts > 0) return undefined;
    cuts += 1;
    return { when: "after", answer: () => new Response("", { status: 504 }) };
  };
  const locked = await clock.run((await open()).lock(makeHolder()));
  await locked.release();
  expect(server.locks.size).toBe(0);
});

test("the lock of a run of this machine that is dead is taken over", async () => {
  const { open, server } = createServer();
  await (await open()).lock(
    makeHolder({ host: hostname(), pid: 2 ** 30, ...markOwnProcess(), started: "1" }),
  );
  await (await (await open()).lock(makeHolder())).release();
  expect(server.locks.size).toBe(0);
});

test("addresses and methods of their own, as GitLab documents them", async () => {
  const { openAs, server } = createServer();
  const calls: string[] = [];
  const fetch = (request: Request) => {
    const { method, url } = request;
    calls.push(`${method} ${new URL(url).pathname}${new URL(url).search.replace(/ID=.*/, "ID")}`);
    const isLock = url.endsWith("/lock");
    return server.fetch(isLock ? rewrite(request, method === "POST" ? "LOCK" : "UNLOCK") : request);
  };
  const address = `https://u:pa55@git.example${path}`;
  const lockAddress = `https://git.example${path}/lock`;
  const change = { address, lockAddress, lockMethod: "POST", unlockMethod: "DELETE", updateMethod: "PUT" };
  const backend = await openAs(change, { fetch });
  expect(backend.names.document).toBe(`https://git.example${path}`);
  const locked = await backend.lock(makeHolder());
  await errorOf(locked.save(Buffer.from("{}"), { lineage: "l", serial: 1 }), []);
  await locked.release();
  expect(calls).toEqual([`POST ${path}/lock`, `PUT ${path}?ID`, `DELETE ${path}/lock`]);
});

const rewrite = (request: Request, method: string): Request =>
  new Request(request.url.replace(/\/lock$/, ""), {
    method,
    headers: request.headers,
    body: request.body,
    duplex: "half",
  } as RequestInit);

const refusals: readonly (readonly [string, Partial<HttpSettings>, RegExp, RegExp])[] = [
  [
    "no login",
    { username: undefined, password: undefined },
    /asks for a user name and a password/,
    /TF_HTTP_USERNAME/,
  ],
  ["a wrong password", { password: "wr0ng" }, /the server refuses access/, /check that this user/],
];

test.each(refusals)("what settings with %s are told", async (_, change, message, hint) => {
  const { openAs, secrets } = createServer();
  const backend = await openAs(change);
  for (const attempt of [backend.read, () => backend.lock(makeHolder())]) {
    const error = await errorOf(attempt(), [...secrets, "wr0ng"]);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  }
});

const html = { "content-type": "text/html; charset=utf-8" };
const answers: readonly (readonly [string, () => Response, RegExp, RegExp])[] = [
  [
    "a login that is wrong",
    () => new Response("", { status: 401 }),
    /doesn't know this user/,
    /TF_HTTP_USER/,
  ],
  ["no rights", () => new Response("", { status: 403 }), /refuses access/, /TF_HTTP_PASSWORD/],
  ["a web page", () => new Response("<p>hello", { headers: html }), /a web page/, /api\/v4\/projects/],
  ["a page without a type", () => new Response("\n<!DOCTYPE html>"), /a web page/, /log in/],
  [
    "a redirect to a login",
    () => new Response("", { status: 302, headers: { location: "/users/sign_in?token=pa55" } }),
    /redirects \(HTTP 302\) to https:\/\/git\.example\/users\/sign_in$/,
    /a page to log in at/,
  ],
  [
    "a project that isn't there",
    () => Response.json({ message: "404 Project Not Found" }, { status: 404 }),
    /no such project, or this user may not see it: .*404 Project Not Found/,
    /the project in the address/,
  ],
];

test.each(answers)("what an answer with %s says", async (_, answer, message, hint) => {
  const { server, open, secrets } = createServer();
  server.intercept = () => ({ when: "before", answer });
  const backend = await open();
  const error = await errorOf(backend.read(), secrets);
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
  // A page has no lock to give.
  if (answer().status !== 200)
    expect((await errorOf(backend.lock(makeHolder()), secrets)).message).toMatch(message);
});

test("a server that is silent is told after ten seconds, and given up after fifteen for each attempt", async () => {
  const { openAs, secrets } = createServer();
  const told: string[] = [];
  const silent: Partial<BackendContext> = {
    fetch: () => new Promise(() => {}),
    clock: { now: Date.now, sleep: async () => {} },
    onSilence: (place) => told.push(place),
  };
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] });
  try {
    let message = "";
    const attempt = errorOf((await openAs({}, silent)).read(), secrets).then((error) => {
      message = error.message;
    });
    await jest.advanceTimersByTimeAsync(9000);
    expect(told).toEqual([]);
    await jest.advanceTimersByTimeAsync(2000);
    expect(told).toEqual([`https://git.example${path}`]);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(message).toBe("");
    await jest.advanceTimersByTimeAsync(5000);
    await attempt;
    expect([message, told.length]).toEqual(["git.example doesn't answer", 1]);
  } finally {
    jest.useRealTimers();
  }
});

test("a server that can't be reached is asked a few times, and an answer that arrived damaged isn't used", async () => {
  const { clock, openAs, server, open, secrets } = createServer();
  let calls = 0;
  const fetch = () => {
    calls += 1;
    const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    return Promise.reject(new TypeError("fetch failed", { cause }));
  };
  const attempt = errorOf((await openAs({}, { fetch })).read(), secrets);
  expect((await clock.run(attempt)).message).toBe("git.example can't be reached: nothing listens there");
  expect(calls).toBe(5);
  server.intercept = () => ({
    when: "before",
    answer: () => new Response("{}", { headers: { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" } }),
  });
  expect((await errorOf((await open()).read(), secrets)).message).toMatch(/the digest differs$/);
});

terraformTest("the real terraform and cozeform respect each other's locks at one address", async () => {
  const server = createStateServer();
  const { url, close } = await server.listen();
  closeAfterwards(close);
  const address = `${url}/state`;
  const locks = `lock_address = "${address}"\n    unlock_address = "${address}"`;
  const files = {
    "terraform.tf": `terraform {\n  backend "http" {\n    address = "${address}"\n    ${locks}\n  }\n}\n`,
    "main.tf": 'resource "terraform_data" "a" { input = "1" }\n',
  };
  const terraform = layOut({ provider: "coze", files, env: {}, requests: () => [] });
  const backend = await openBackend({ type: "http", address }, { fetch, clock: createEventClock() });
  await terraform.run("init");

  const locked = await backend.lock(makeHolder({ id: "4f1c" }));
  const refused = await terraform.fail("apply", "-auto-approve");
  expect(refused.stderr).toContain("Error acquiring the state lock");
  expect(refused.stderr).toContain("HTTP remote state already locked: ID=4f1c");
  await locked.release();

  let refusal: Locked | undefined;
  server.intercept = async ({ method }) => {
    // Terraform holds the lock while it writes.
    if (method === "POST") refusal ??= await refusalOf(backend);
    return undefined;
  };
  await terraform.apply();
  expect(refusal?.message).toMatch(/^the state is locked by OperationTypeApply of .+@.+, since 20\d\d-/);
  expect(refusal?.hint).toMatch(/cozeform state unlock [0-9a-f-]{36}$/);
  // A state of Terraform isn't taken for one of cozeform, and stays as it is.
  const before = server.documents.get("/state")?.toString();
  await expect(openStore(placeOf(backend), "cozeform apply")).rejects.toThrow(
    "this is not a cozeform state file",
  );
  expect(server.documents.get("/state")?.toString()).toBe(before);
  expect(server.locks.size).toBe(0);
});

test("where the lock that unlocking takes to find the holder can't be released, its ID is told", async () => {
  const { open, server, secrets, clock } = createServer();
  for (const status of [400, 503]) {
    server.intercept = ({ method }) =>
      method === "UNLOCK" ? { when: "before", answer: () => new Response("no", { status }) } : undefined;
    const attempt = errorOf((await open()).unlock("4f1c"), secrets);
    const { message, hint } = await clock.run(attempt);
    const { ID = "" } = server.locks.get(path) ?? {};
    expect(message).toBe(
      `the state wasn't locked, and is now: the lock ${ID}, taken to find that out, can't be released: the server answers HTTP ${status}: no`,
    );
    expect(hint).toBe(`release it: run cozeform state unlock ${ID}`);
    server.intercept = undefined;
    expect(await (await open()).unlock(ID, true)).toMatchObject({ id: ID });
  }
});

test("unlocking what isn't locked says so, also when the answer to its lock is lost", async () => {
  const { open, server, secrets, clock } = createServer();
  let cuts = 0;
  server.intercept = ({ method }) => {
    if (method !== "LOCK" || cuts > 0) return undefined;
    cuts += 1;
    return { when: "after", answer: () => new Response("", { status: 503 }) };
  };
  const { message } = await clock.run(errorOf((await open()).unlock("4f1c"), secrets));
  expect([message, server.locks.size, cuts]).toEqual(["the state isn't locked", 0, 1]);
});
