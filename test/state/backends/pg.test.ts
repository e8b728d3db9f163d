import { afterAll, beforeAll, expect } from "@jest/globals";
import { Client } from "pg";
import { systemClock } from "../../../src/coze/clock.ts";
import { openBackend } from "../../../src/state/backends/open.ts";
import type { PgSettings } from "../../../src/state/backends/settings.ts";
import { openStore, readState } from "../../../src/state/store.ts";
import { type CountingDoor, openCountingDoor } from "../../support/counting-door.ts";
import { pgTest, usePostgres } from "../../support/postgres.ts";
import { createPlace, entry } from "../place.ts";
import { behaviours, breakOff, errorOf, type Ground, makeHolder, refusalOf } from "./behaviours.ts";

const postgres = usePostgres();
let door: CountingDoor | undefined;
let schemas = 0;

beforeAll(async () => {
  const { PG_CONN_STR: address } = postgres();
  if (address !== "") door = await openCountingDoor(Number(new URL(address).port));
});
afterAll(() => door?.close());

/** The address of the database behind the door that counts. */
const throughDoor = (): string =>
  Object.assign(new URL(postgres().PG_CONN_STR), { port: String(door?.port) }).href;

// A database takes the time that it takes: another run may have the lock and not have said yet who it is.
const context = { fetch: () => Promise.reject(new Error("no fetch")), clock: systemClock };

async function administer<Row>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
  const client = new Client({ connectionString: postgres().PG_CONN_STR });
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows as Row[];
  } finally {
    await client.end();
  }
}

interface PgGround extends Ground {
  readonly schema: string;
  openAs(change: Partial<PgSettings>): ReturnType<Ground["open"]>;
}

function createGround(): PgGround {
  schemas += 1;
  // To be quoted.
  const schema = `State "${schemas}"`;
  const openAs = (change: Partial<PgSettings>) =>
    openBackend({ type: "pg", connection: throughDoor(), schema, name: "dev", ...change }, context);
  return {
    schema,
    openAs,
    open: () => openAs({}),
    written: () => door?.received() ?? 0,
    secrets: [new URL(postgres().PG_CONN_STR).password],
    fences: true,
    keepsLines: true,
    async countTexts() {
      const [row] = await administer<{ readonly count: number }>(
        `SELECT count(*)::int AS count FROM "${schema.replaceAll('"', '""')}".release_texts`,
      );
      return row?.count ?? 0;
    },
  };
}

pgTest.each(behaviours)("a state in PostgreSQL: %s", (_, behave) => behave(createGround()));

pgTest("two environments of one schema have states and locks of their own", async () => {
  const { openAs } = createGround();
  const [dev, prod] = [await openAs({ name: "dev" }), await openAs({ name: "prod" })];
  const [first, second] = [await dev.lock(makeHolder()), await prod.lock(makeHolder())];
  await first.save(Buffer.from("dev"), { lineage: "l", serial: 1 });
  expect(await second.read()).toEqual({ document: undefined, journals: [] });
  await first.release();
  await second.release();
  expect([dev.names.document, prod.names.document].map((name) => name.split("/").at(-1))).toEqual([
    "dev",
    "prod",
  ]);
});

pgTest("saving takes the lines of the journal along in one transaction", async () => {
  const { open } = createGround();
  const locked = await (await open()).lock(makeHolder());
  const version = { lineage: "l", serial: 0 };
  const journal = locked.openJournal(
    { ...version, endpoint: "" },
    {
      whole: () => Buffer.from(""),
      before: async () => {},
    },
  );
  journal.append({ note: "made" });
  await journal.synced();
  expect((await (await open()).read()).journals).toHaveLength(1);
  await locked.save(Buffer.from("{}"), { ...version, serial: 1 });
  expect((await (await open()).read()).journals).toEqual([]);
  await journal.close();
  await locked.release();
});

pgTest("reading a place that was never used makes nothing there", async () => {
  const { open, schema } = createGround();
  await (await open()).read();
  expect(await administer("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema])).toEqual([]);
});

pgTest("tables of a newer cozeform are left alone", async () => {
  const { open, schema, secrets } = createGround();
  await (await (await open()).lock(makeHolder())).release();
  await administer(`INSERT INTO "${schema.replaceAll('"', '""')}".versions (version) VALUES (99)`);
  const backend = await open();
  for (const attempt of [backend.read, () => backend.lock(makeHolder())]) {
    const { message, hint } = await errorOf(attempt(), secrets);
    expect(message).toContain("the tables were made by a newer cozeform: they have version 99");
    expect(hint).toBe("upgrade cozeform to one version for everyone who applies");
  }
});

pgTest(
  "a run whose connection ends in the middle is told so, and the next one finds all that was kept",
  async () => {
    const { open, secrets } = createGround();
    const store = await openStore({ ...createPlace().place, backend: await open() }, "cozeform apply");
    store.put("made", { "Bot.a": entry });
    await store.kept();
    await administer(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cozeform' AND pid <> pg_backend_pid()",
    );
    const attempt = async () => {
      store.put("made", { "Bot.b": entry });
      await store.kept();
    };
    const { message, hint } = await errorOf(attempt(), secrets);
    expect(message).toMatch(/^the state can't be written: the database ended the connection, /);
    expect(hint).toContain("otherwise check the database; then run again");
    await errorOf(store.kept(), secrets);
    await errorOf(store.close(), secrets);
    const next = await openStore({ ...createPlace().place, backend: await open() }, "cozeform apply");
    expect(Object.keys(next.state.resources)).toEqual(["Bot.a"]);
    await next.close();
  },
);

pgTest("the row of a run that is gone names no holder", async () => {
  const { open } = createGround();
  await (await open()).lock(makeHolder({ id: "gone" }));
  await breakOff(await open());
  const held = await (await open()).lock(makeHolder({ id: "new" }));
  expect((await refusalOf(await open())).holder?.id).toBe("new");
  await held.release();
});

const faults: readonly (readonly [string, (url: URL) => void, RegExp, RegExp])[] = [
  [
    "a wrong password",
    (url) => Object.assign(url, { password: "w0rd" }),
    /the database refuses the login: password authentication failed/,
    /check the user and the password/,
  ],
  [
    "no such database",
    (url) => Object.assign(url, { pathname: "/none" }),
    /there is no such database/,
    /create it, or correct its name/,
  ],
  [
    "a server that isn't there",
    (url) => Object.assign(url, { port: "1" }),
    /127\.0\.0\.1:1 can't be reached: nothing listens there/,
    /check the address/,
  ],
  [
    "encryption that the server doesn't offer",
    (url) => url.searchParams.set("sslmode", "require"),
    /the database can't be connected to: The server does not support SSL connections/,
    /check the connection string/,
  ],
];

pgTest.each(faults)("what a connection string with %s is told", async (_, change, message, hint) => {
  const { openAs, secrets } = createGround();
  const url = new URL(postgres().PG_CONN_STR);
  change(url);
  const backend = await openAs({ connection: url.href });
  for (const attempt of [backend.read, () => backend.lock(makeHolder())]) {
    const error = await errorOf(attempt(), [...secrets, "w0rd"]);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  }
});

pgTest("a text that is no connection string is refused, without showing it", async () => {
  const { openAs } = createGround();
  const error = await errorOf(openAs({ connection: "host=db password=hunter2" }), ["hunter2"]);
  expect(error.hint).toBe("write it as postgres://user:password@host:5432/database");
});

pgTest("a user who may not create tables can read, and is told what a run needs", async () => {
  const { open, openAs, secrets, schema } = createGround();
  const store = await openStore({ ...createPlace().place, backend: await open() }, "cozeform apply");
  store.put("made", { "Bot.a": entry });
  await store.close();
  await administer("CREATE ROLE reader LOGIN PASSWORD 'r3ad'");
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  await administer(`GRANT USAGE ON SCHEMA ${quoted} TO reader`);
  await administer(`GRANT SELECT ON ALL TABLES IN SCHEMA ${quoted} TO reader`);
  const url = Object.assign(new URL(postgres().PG_CONN_STR), { username: "reader", password: "r3ad" });
  const backend = await openAs({ connection: url.href });
  expect(Object.keys((await readState({ ...createPlace().place, backend })).resources)).toEqual(["Bot.a"]);
  expect((await errorOf(backend.lock(makeHolder()), secrets)).message).toMatch(
    /the database doesn't allow it/,
  );
  const other = await openAs({ connection: url.href, schema: "elsewhere" });
  expect((await errorOf(other.lock(makeHolder()), secrets)).hint).toMatch(/let this user create the schema/);
});

pgTest("a full database in mid-run loses nothing, and the message says what to do", async () => {
  const { open, schema } = createGround();
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  const place = { ...createPlace().place, backend: await open() };
  const store = await openStore(place, "cozeform apply");
  store.put("made", { "Bot.a": entry });
  await store.synced();
  // As the server reports a disk without room.
  await administer(`CREATE FUNCTION ${quoted}.refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$`);
  await administer(`CREATE TRIGGER full_disk BEFORE INSERT ON ${quoted}.journal_lines
    FOR EACH ROW EXECUTE FUNCTION ${quoted}.refuse()`);
  store.put("made", { "Bot.b": entry });
  const refused = await errorOf(store.synced(), []);
  expect(refused.message).toBe(
    "the state can't be written: the database has no room left: could not extend file: No space left on device",
  );
  expect(refused.hint).toBe(
    "make room there, then run again: the next run finds out what the last calls did",
  );
  const ended = await errorOf(store.close(), []);
  expect(ended.message).toContain("what the run did is kept in ");
  expect(ended.hint).toContain("make room there, then run again");
  expect(Object.keys((await readState(place)).resources)).toEqual(["Bot.a", "Bot.b"]);
  await administer(`DROP TRIGGER full_disk ON ${quoted}.journal_lines`);
  const next = await openStore(place, "cozeform apply");
  await next.close();
  const elsewhere = { ...createPlace().place, backend: await open() };
  expect(Object.keys((await readState(elsewhere)).resources)).toEqual(["Bot.a", "Bot.b"]);
});

pgTest("a lock that is released in mid-run is told as that, not as a broken connection", async () => {
  const { open } = createGround();
  const store = await openStore({ ...createPlace().place, backend: await open() }, "cozeform apply");
  store.put("made", { "Bot.a": entry });
  await store.synced();
  await breakOff(await open());
  store.put("made", { "Bot.b": entry });
  const { message, hint } = await errorOf(store.synced(), []);
  expect(message).toContain("the database ended the connection, and the lock of the state went with it");
  expect(hint).toContain("if somebody released the lock with state unlock, find out who");
  await errorOf(store.close(), []);
});
