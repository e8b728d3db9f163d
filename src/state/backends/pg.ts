import { createHash } from "node:crypto";
import { explain } from "../../messages/text.ts";
import type { Backend, KeptTexts, LockedBackend, Stored } from "../backend.ts";
import { holdLock } from "../held-locks.ts";
import { Locked } from "../lock.ts";
import { type LockHolder, parseHolder } from "../lock-holder.ts";
import { StateError } from "../model.ts";
import { checkUnlocking, hintToUnlock, noLock, type Unlocking } from "../unlocking.ts";
import { openGatheredJournal } from "./gathered-journal.ts";
import { migrateSchema, readVersion, versionWithTexts } from "./pg-schema.ts";
import { escapeIdentifier, openSession, type Session } from "./pg-session.ts";
import { unwritable } from "./requests.ts";
import type { BackendContext, PgSettings } from "./settings.ts";

/**
 * Keeps the state in a database of PostgreSQL. The lock is an advisory one, as that of Terraform's pg backend: it lasts
 * as long as the connection that took it (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS).
 */
export function openPgBackend(settings: PgSettings, context: BackendContext): Backend {
  const table = locateTables(settings);
  const { place } = table;
  const connect = () => openSession(settings.connection, place, context.signal);
  /** Reads in a connection of its own. */
  async function look<T>(read: (session: Session, version: number) => T | Promise<T>): Promise<T> {
    const session = await connect();
    try {
      return await read(session, await readVersion(session, table.schemaName, place));
    } finally {
      await session.end();
    }
  }
  return {
    names: { document: place, journal: place },
    texts: {
      read: (hashes) =>
        look((session, version) =>
          version < versionWithTexts ? new Map() : readTexts(session, table, hashes),
        ),
    },
    read: () =>
      look((session, version) =>
        version === 0 ? { document: undefined, journals: [] } : readRows(session, table),
      ),
    async lock(holder) {
      const session = await connect().catch((error: unknown) => {
        throw unwritable(error);
      });
      try {
        await migrateSchema(session, table.schemaName, place);
        await takeLock(session, table, holder, context);
      } catch (error) {
        await session.end();
        throw error instanceof Locked ? error : unwritable(error);
      }
      return holdSession(session.keep(), table, context);
    },
    unlock: (id, force) =>
      look((session, version) =>
        breakLock(session, table, { id, version, environment: context.environment, force }),
      ),
  };
}

/** The tables of a state, and which of their rows are its own. */
interface Tables {
  /** What messages name. */
  readonly place: string;
  readonly schemaName: string;
  readonly documents: string;
  readonly lines: string;
  readonly locks: string;
  readonly texts: string;
  readonly name: string;
  /** The number of the advisory lock, which counts in the whole database. */
  readonly key: string;
}

function locateTables({ connection, schema = "cozeform", name }: PgSettings): Tables {
  const url = URL.canParse(connection) ? new URL(connection) : undefined;
  if (!url || !/^postgres(?:ql)?:$/u.test(url.protocol))
    throw new StateError("", explain("state/pg-address"));
  const quoted = escapeIdentifier(schema);
  const digest = createHash("sha256")
    .update(JSON.stringify(["cozeform", schema, name]))
    .digest();
  return {
    // A socket's folder is encoded in an address.
    place: `postgres://${decodeURIComponent(url.host)}${url.pathname}/${schema}/${name}`,
    schemaName: schema,
    documents: `${quoted}.documents`,
    lines: `${quoted}.journal_lines`,
    locks: `${quoted}.locks`,
    texts: `${quoted}.release_texts`,
    name,
    key: digest.readBigInt64BE().toString(),
  };
}

/** One statement sees one moment: no other run can save between the reading of the document and of the lines. */
async function readRows({ query }: Session, { documents, lines, name }: Tables): Promise<Stored> {
  const [row] = await query<{ readonly document: Buffer | null; readonly lines: Buffer | null }>(
    `SELECT (SELECT document FROM ${documents} WHERE name = $1) AS document,
      (SELECT string_agg(line, ''::bytea ORDER BY sequence) FROM ${lines} WHERE name = $1) AS lines`,
    [name],
  );
  return { document: row?.document ?? undefined, journals: row?.lines ? [row.lines] : [] };
}

/** The most texts of one question. */
const textsAtOnce = 500;

async function readTexts(
  { query }: Session,
  { texts, name }: Tables,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (let begin = 0; begin < hashes.length; begin += textsAtOnce) {
    const rows = await query<{ readonly hash: string; readonly content: Buffer }>(
      `SELECT hash, content FROM ${texts} WHERE name = $1 AND hash = ANY ($2)`,
      [name, hashes.slice(begin, begin + textsAtOnce)],
    );
    for (const { hash, content } of rows) found.set(hash, content);
  }
  return found;
}

const keepTexts = (session: Session, table: Tables): KeptTexts => ({
  read: (hashes) => readTexts(session, table, hashes),
  async write(given) {
    try {
      await session.query(
        `INSERT INTO ${table.texts} (name, hash, content)
        SELECT $1, hash, content FROM unnest($2::text[], $3::bytea[]) AS given (hash, content)
        ON CONFLICT DO NOTHING`,
        [table.name, [...given.keys()], [...given.values()]],
      );
    } catch (error) {
      throw unwritable(error);
    }
  },
  async sweep(inUse) {
    await session.query(`DELETE FROM ${table.texts} WHERE name = $1 AND hash <> ALL ($2)`, [
      table.name,
      [...inUse],
    ]);
  },
});

/** The attempts to name a holder that takes the lock at this moment, or gives it back. */
const attempts = 20;
const pauseMs = 100;

async function takeLock(
  session: Session,
  table: Tables,
  holder: LockHolder,
  { clock, environment, signal }: BackendContext,
): Promise<void> {
  const { query } = session;
  for (let attempt = 1; ; attempt += 1) {
    const [row] = await query<{ readonly taken: boolean }>("SELECT pg_try_advisory_lock($1) AS taken", [
      table.key,
    ]);
    if (row?.taken) break;
    const found = await findHolder(session, table);
    if (found?.holder || attempt === attempts)
      throw new Locked(table.place, found?.holder, hintToUnlock(found?.holder, environment));
    await clock.sleep(pauseMs, signal).catch(() => {});
  }
  await query(
    `INSERT INTO ${table.locks} (name, holder, backend) VALUES ($1, $2, pg_backend_pid())
    ON CONFLICT (name) DO UPDATE SET holder = $2, backend = pg_backend_pid(), taken = now()`,
    [table.name, Buffer.from(JSON.stringify(holder))],
  );
}

interface FoundHolder {
  /** Undefined where it hasn't said yet who it is. */
  readonly holder: LockHolder | undefined;
  readonly backend: number;
}

/** The connection that has the lock; undefined when there is none. A row that another connection left doesn't count. */
async function findHolder(
  { query }: Session,
  { locks, name, key }: Tables,
): Promise<FoundHolder | undefined> {
  const [row] = await query<{ readonly backend: number; readonly holder: Buffer | null }>(
    `SELECT held.pid AS backend, row.holder FROM pg_locks AS held
    LEFT JOIN ${locks} AS row ON row.backend = held.pid AND row.name = $1
    WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
      AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND ((held.classid::bigint << 32) | held.objid::bigint) = $2`,
    [name, key],
  );
  return row && { backend: row.backend, holder: parseHolder(row.holder?.toString()) };
}

/** Ends the connection that holds a lock, and so whatever its run would still write. */
async function breakLock(
  session: Session,
  table: Tables,
  given: Unlocking & { readonly id: string; readonly version: number },
): Promise<LockHolder> {
  const { query } = session;
  const { place, locks, name, key } = table;
  const found = given.version === 0 ? undefined : await findHolder(session, table);
  if (!found) throw noLock(place);
  const { backend } = found;
  const holder = checkUnlocking(place, found.holder, given.id, given);
  try {
    await query("SELECT pg_terminate_backend($1)", [backend]);
    await query("SET lock_timeout = '10s'");
    await query("SELECT pg_advisory_lock($1)", [key]);
    await query(`DELETE FROM ${locks} WHERE name = $1 AND backend = $2`, [name, backend]);
  } catch (error) {
    throw unwritable(error);
  }
  return holder;
}

function holdSession(session: Session, table: Tables, { clock }: BackendContext): LockedBackend {
  const { query } = session;
  const { documents, lines, locks, name, key } = table;
  return {
    texts: keepTexts(session, table),
    read: () => readRows(session, table),
    openJournal(header, { before }) {
      let written = 0;
      const write = async (gathered: readonly Uint8Array[]): Promise<void> => {
        await before();
        await query(
          `INSERT INTO ${lines} (name, sequence, line)
          SELECT $1, $2 + place, line FROM unnest($3::bytea[]) WITH ORDINALITY AS gathered (line, place)`,
          [name, written, gathered],
        );
        written += gathered.length;
      };
      return openGatheredJournal(header, { pauseMs: 0, write }, clock);
    },
    async save(document, { serial, lineage }) {
      try {
        // One statement is one transaction.
        await query(
          `WITH folded AS (DELETE FROM ${lines} WHERE name = $1)
          INSERT INTO ${documents} (name, serial, lineage, document) VALUES ($1, $2, $3, $4)
          ON CONFLICT (name) DO UPDATE SET serial = $2, lineage = $3, document = $4, updated = now()`,
          [name, serial, lineage, Buffer.from(document)],
        );
      } catch (error) {
        throw unwritable(error);
      }
    },
    async removeJournal() {
      await query(`DELETE FROM ${lines} WHERE name = $1`, [name]);
    },
    release: holdLock(async () => {
      try {
        await query(`DELETE FROM ${locks} WHERE name = $1 AND backend = pg_backend_pid()`, [name]);
        await query("SELECT pg_advisory_unlock($1)", [key]);
      } catch {
        // The lock goes with the connection.
      } finally {
        await session.end();
      }
    }),
  };
}
