import { hostname } from "node:os";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import type { Backend } from "../../../src/state/backend.ts";
import { openBackend } from "../../../src/state/backends/open.ts";
import type { BackendContext, S3Settings } from "../../../src/state/backends/settings.ts";
import { markOwnProcess } from "../../../src/state/process-mark.ts";
import { openStore, readState } from "../../../src/state/store.ts";
import { createEventClock } from "../../support/event-clock.ts";
import { createS3Server, type S3Options, s3Error } from "../../support/s3-server.ts";
import { createPlace, entry } from "../place.ts";
import { behaviours, breakOff, errorOf, type Ground, makeHolder, refusalOf } from "./behaviours.ts";

const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
// With what addresses and answers have to escape.
const where = { bucket: "states", key: "team a/支付 (1)+&'!*.json", region: "cn-north-1" };

function createStore(options: Partial<S3Options> = {}) {
  const clock = createEventClock();
  const server = createS3Server({ ...where, ...keys, now: clock.now, pageSize: 3, ...options });
  const openAs = (change: Partial<S3Settings> = {}, context: Partial<BackendContext> = {}) =>
    openBackend(
      { type: "s3", endpoint: "https://store.example", ...where, ...keys, ...change },
      { fetch: server.fetch, clock, ...context },
    );
  const at = (suffix: string) => `${where.bucket}/${where.key}${suffix}`;
  return { clock, server, openAs, open: () => openAs(), at, secrets: [keys.secretAccessKey, "a-token"] };
}

function createGround(): Ground {
  const { server, open, at, secrets } = createStore();
  const countTexts = () =>
    [...server.objects.keys()].filter((key) => key.startsWith(at(".releases/"))).length;
  return { open, written: server.written, secrets, fences: true, keepsLines: true, countTexts };
}

test.each(behaviours)("a state in S3: %s", (_, behave) => behave(createGround()));

const placeOf = (backend: Backend) => ({ ...createPlace().place, backend });

test("a finished run leaves the state alone, and lists of many pages are read whole", async () => {
  const { server, open, at } = createStore();
  const killed = await openStore(placeOf(await open()), "cozeform apply");
  for (let index = 0; index < 10; index += 1) {
    killed.put("made", { [`Bot.b${index}`]: entry });
    await killed.kept();
  }
  expect([...server.objects.keys()].filter((key) => key.includes(".journal/"))).toHaveLength(10);
  await breakOff(await open());
  expect(Object.keys((await readState(placeOf(await open()))).resources)).toHaveLength(10);
  await (await openStore(placeOf(await open()), "cozeform apply")).close();
  expect([...server.objects.keys()]).toEqual([at("")]);
});

test("a run that dies while it removes its journal leaves nothing that is taken for changes", async () => {
  const { server, open } = createStore();
  const store = await openStore(placeOf(await open()), "cozeform apply");
  for (const status of ["unknown", "pending", "ready"] as const) {
    store.put("made", { "Bot.a": { ...entry, status } });
    await store.kept();
  }
  let removals = 0;
  server.intercept = ({ method, key }) => {
    if (method !== "DELETE" || !key.includes(".journal/")) return undefined;
    removals += 1;
    // The last line is gone, and the first is still there.
    return removals === 3 ? undefined : { when: "before", answer: () => s3Error(403, "AccessDenied") };
  };
  await store.close();
  server.intercept = undefined;
  expect((await readState(placeOf(await open()))).resources["Bot.a"]?.status).toBe("ready");
  const next = await openStore(placeOf(await open()), "cozeform apply");
  expect(next.state.resources["Bot.a"]?.status).toBe("ready");
  await next.close();
  expect(server.objects.size).toBe(1);
});

test.each(["ignored", "refused"] as const)(
  "a store where conditions are %s isn't used",
  async (conditions) => {
    const { server, open, secrets } = createStore({ conditions });
    const { message, hint } = await errorOf((await open()).lock(makeHolder()), secrets);
    expect(message).toMatch(
      /this store has no conditional writes, so two runs could lock the state at a time$/,
    );
    expect(hint).toMatch(/If-None-Match/);
    expect(server.objects.size).toBe(0);
  },
);

test("the lock is renewed while a run lives, and one that isn't is told as probably dead, and left", async () => {
  const { clock, server, open, at } = createStore();
  const locked = await (await open()).lock(makeHolder({ id: "4f1c" }));
  const renewals = () => server.log.filter((line) => line === `PUT ${at(".lock")} 200`).length - 1;
  for (let minute = 1; minute <= 10; minute += 1) {
    await clock.run(clock.sleep(60_000));
    while (renewals() < minute) await setImmediate();
  }
  expect((await refusalOf(await open())).hint).toBe(
    "wait until that run ends; if it is no longer running, run cozeform state unlock 4f1c",
  );
  await locked.release();
  const other = await open();
  await other.lock(makeHolder({ id: "dead" }));
  const lock = server.objects.get(at(".lock"));
  if (lock) lock.modified = clock.now() - 7 * 60_000;
  const refused = await refusalOf(await open());
  expect(refused.message).toMatch(/^the state is locked by cozeform apply of li on runner-7/);
  expect(refused.hint).toBe(
    "the lock hasn't been renewed for 7 minutes, so that run is probably dead; if it is no longer running, run cozeform state unlock dead",
  );
});

test("the lock of a run of this machine that is dead is taken over", async () => {
  const { open } = createStore();
  await (await open()).lock(
    makeHolder({ host: hostname(), pid: 2 ** 30, ...markOwnProcess(), started: "1" }),
  );
  await (await (await open()).lock(makeHolder())).release();
  expect((await (await open()).read()).document).toBeUndefined();
});

test("a run that lost its lock finds out within a minute although it writes nothing", async () => {
  const { clock, open, secrets, server, at } = createStore();
  const locked = await (await open()).lock(makeHolder());
  await breakOff(await open());
  const next = await (await open()).lock(makeHolder({ id: "next" }));
  await clock.run(clock.sleep(61_000));
  const { message } = await errorOf(locked.save(Buffer.from("{}"), { lineage: "l", serial: 1 }), secrets);
  expect(message).toBe("the state can't be written: this run has lost the lock of the state");
  await locked.release();
  expect(Buffer.from(server.objects.get(at(".lock"))?.body ?? "").toString()).toContain('"next"');
  await next.release();
});

test("a state that another run saved meanwhile isn't overwritten", async () => {
  const { open, server, at, secrets } = createStore();
  const first = await (await open()).lock(makeHolder());
  await first.read();
  await breakOff(await open());
  const second = await (await open()).lock(makeHolder());
  await second.save(Buffer.from("second"), { lineage: "l", serial: 1 });
  await errorOf(first.save(Buffer.from("first"), { lineage: "l", serial: 1 }), secrets);
  expect(Buffer.from(server.objects.get(at(""))?.body ?? "").toString()).toBe("second");
});

test("a line that arrives after the next run has folded the journal in isn't passed over", async () => {
  const { open, server, at } = createStore();
  const late = await openStore(placeOf(await open()), "cozeform apply");
  late.put("made", { "Bot.a": entry });
  await late.kept();
  const [[key, piece] = []] = [...server.objects].filter(([one]) => one.includes(".journal/"));
  await breakOff(await open());
  const next = await openStore(placeOf(await open()), "cozeform apply");
  await next.close();
  expect([...server.objects.keys()]).toEqual([at("")]);
  if (!key || !piece) throw new Error("there is no line");
  const other = Buffer.from(piece.body).toString().replaceAll("Bot.a", "Bot.late");
  server.objects.set(key.replace(/0$/, "1"), { ...piece, body: Buffer.from(other) });
  await expect(readState(placeOf(await open()))).rejects.toThrow("this journal continues an older state");
});

/** Cuts the answer to the first request of a kind off, after the store has done what was asked. */
const lostAnswers: readonly (readonly [string, string, RegExp])[] = [
  ["to the lock", "PUT", /\.lock$/],
  ["to the document", "PUT", /\.json$/],
  ["to a line", "PUT", /\.journal\//],
  ["to a removal", "DELETE", /./],
];

test.each(lostAnswers)("an answer %s that is lost changes nothing", async (_, lost, pattern) => {
  const { clock, open, server, at } = createStore();
  let cuts = 0;
  server.intercept = ({ method, key }) => {
    if (cuts > 0 || method !== lost || !pattern.test(key)) return undefined;
    cuts += 1;
    return { when: "after", answer: () => s3Error(503, "SlowDown", "", { "retry-after": "1" }) };
  };
  const run = async () => {
    const store = await openStore(placeOf(await open()), "cozeform apply");
    store.put("made", { "Bot.a": entry });
    await store.kept();
    await store.close();
  };
  await clock.run(run());
  expect(cuts).toBe(1);
  expect([...server.objects.keys()]).toEqual([at("")]);
  expect(Object.keys((await readState(placeOf(await open()))).resources)).toEqual(["Bot.a"]);
});

test("a store that is busy is asked again, with pauses, and given up in the end", async () => {
  const { clock, open, server, secrets } = createStore();
  server.intercept = () => ({ when: "before", answer: () => s3Error(503, "SlowDown") });
  const begun = clock.now();
  const reading = (await open()).read();
  const { message } = await clock.run(errorOf(reading, secrets));
  expect(message).toBe("the server answers HTTP 503: SlowDown: SlowDown & more");
  expect(server.log).toHaveLength(5);
  expect(clock.now() - begun).toBeGreaterThanOrEqual(7500);
});

test("a wrong clock of this machine is corrected by that of the store", async () => {
  const { clock, server, openAs } = createStore();
  const slow = { now: () => clock.now() - 3 * 3_600_000, sleep: clock.sleep };
  const backend = await openAs({}, { clock: slow });
  await clock.run(backend.read());
  expect(server.log.filter((line) => line.endsWith(" 403"))).toHaveLength(1);
  expect(server.log.filter((line) => !line.endsWith(" 403")).length).toBeGreaterThan(0);
});

const refusals: readonly (readonly [string, Partial<S3Settings>, RegExp, RegExp])[] = [
  [
    "another region",
    { region: "us-east-1" },
    /is in the region cn-north-1, not in us-east-1/,
    /set region: cn-north-1/,
  ],
  ["another bucket", { bucket: "none" }, /there is no bucket none/, /create it/],
  [
    "an unknown key",
    { accessKeyId: "AKIDOTHER" },
    /refuses the access key: InvalidAccessKeyId/,
    /AWS_ACCESS_KEY_ID/,
  ],
  [
    "a wrong secret",
    { secretAccessKey: "wr0ng" },
    /refuses the access key: SignatureDoesNotMatch/,
    /AWS_SECRET/,
  ],
];

test.each(refusals)("what settings with %s are told", async (_, change, message, hint) => {
  const { openAs, secrets } = createStore();
  const backend = await openAs(change);
  for (const attempt of [backend.read, () => backend.lock(makeHolder())]) {
    const error = await errorOf(attempt(), [...secrets, "wr0ng"]);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  }
});

const answers: readonly (readonly [string, () => Response, RegExp, RegExp])[] = [
  [
    "a redirect to another region",
    () => s3Error(301, "PermanentRedirect", "", { "x-amz-bucket-region": "eu-west-1" }),
    /is in the region eu-west-1, not in cn-north-1/,
    /set region: eu-west-1/,
  ],
  [
    "no permission",
    () => s3Error(403, "AccessDenied"),
    /the store refuses access/,
    /s3:ListBucket on states, and s3:GetObject/,
  ],
  [
    "a token that ended",
    () => s3Error(400, "ExpiredToken"),
    /refuses the access key: ExpiredToken/,
    /AWS_SESSION_TOKEN/,
  ],
  [
    "a page",
    () => new Response("<html>", { status: 418 }),
    /the server answers HTTP 418/,
    /check the address/,
  ],
];

test.each(answers)("what an answer with %s says", async (_, answer, message, hint) => {
  const { open, server, secrets } = createStore();
  server.intercept = () => ({ when: "before", answer });
  const error = await errorOf((await open()).read(), secrets);
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
});

test("a token goes along, and the bucket may stand in the host name", async () => {
  const { server, openAs, clock } = createStore();
  let token: string | null = null;
  let host = "";
  const fetch = (request: Request) => {
    token = request.headers.get("x-amz-security-token");
    host = new URL(request.url).host;
    return server.fetch(request);
  };
  await (await openAs({ pathStyle: false, sessionToken: "a-token" }, { fetch, clock })).read();
  expect([token, host]).toEqual(["a-token", "states.store.example"]);
  await (await openAs({ endpoint: undefined }, { fetch, clock })).read();
  expect(host).toBe("states.s3.cn-north-1.amazonaws.com.cn");
});

test("an interrupted run takes no lock", async () => {
  const { server, openAs, secrets } = createStore();
  const interruption = new AbortController();
  const backend = await openAs({}, { signal: interruption.signal });
  server.intercept = ({ method }) => {
    if (method === "PUT") interruption.abort();
    return undefined;
  };
  const { message } = await errorOf(backend.lock(makeHolder()), secrets);
  expect(message).toBe("the state can't be written: it was interrupted");
  expect(server.objects.size).toBe(0);
});

/** Another run takes the lock between the reading and the removal of the one that is to be removed. */
function takeBetween(store: ReturnType<typeof createStore>, taken: string): void {
  const { server, at } = store;
  let isDue = true;
  server.intercept = ({ method, key }) => {
    if (method === "DELETE" && key.endsWith(".lock") && isDue) {
      isDue = false;
      server.objects.set(at(".lock"), { body: Buffer.from(taken), etag: '"other"', modified: 0 });
    }
    return undefined;
  };
}

test("a lock that another run takes meanwhile is neither broken nor released", async () => {
  for (const end of ["unlock", "release"]) {
    const store = createStore();
    const other = JSON.stringify(makeHolder({ id: "other" }));
    const locked = await (await store.open()).lock(makeHolder({ id: "4f1c" }));
    takeBetween(store, other);
    if (end === "unlock") await (await store.open()).unlock("4f1c");
    else await locked.release();
    expect(Buffer.from(store.server.objects.get(store.at(".lock"))?.body ?? "").toString()).toBe(other);
  }
});

test("a lock that its run renews meanwhile is broken all the same", async () => {
  const store = createStore();
  await (await store.open()).lock(makeHolder({ id: "4f1c" }));
  takeBetween(store, JSON.stringify(makeHolder({ id: "4f1c" })));
  await (await store.open()).unlock("4f1c");
  expect(store.server.objects.size).toBe(0);
});

test.each(["ignored", "refused"] as const)(
  "a store where conditions of removals are %s is used",
  async (removals) => {
    const { open, server } = createStore({ removals });
    await (await (await open()).lock(makeHolder())).release();
    expect(server.objects.size).toBe(0);
    await (await open()).lock(makeHolder({ id: "4f1c" }));
    await (await open()).unlock("4f1c");
    expect(server.objects.size).toBe(0);
  },
);

test("a lock whose ETag the store doesn't recognise is released", async () => {
  const { open, server, at } = createStore();
  const locked = await (await open()).lock(makeHolder());
  server.intercept = ({ method, headers }) =>
    method === "DELETE" && headers.has("if-match")
      ? { when: "before", answer: () => s3Error(412, "PreconditionFailed") }
      : undefined;
  await locked.release();
  expect(server.objects.has(at(".lock"))).toBe(false);
});
