import { explain } from "../../messages/text.ts";
import { StateError } from "../model.ts";
import { escapeIdentifier, type Session } from "./pg-session.ts";

/**
 * What each version of the schema adds to the one before. Bytes are kept as they are, since a database may be of an
 * encoding that lacks some characters.
 */
const migrations: readonly ((schema: string) => readonly string[])[] = [
  (schema) => [
    `CREATE TABLE ${schema}.documents (
      name text PRIMARY KEY,
      serial bigint NOT NULL,
      lineage text NOT NULL,
      document bytea NOT NULL,
      updated timestamptz NOT NULL DEFAULT now()
    )`,
    `CREATE TABLE ${schema}.journal_lines (
      name text,
      sequence bigint,
      line bytea NOT NULL,
      PRIMARY KEY (name, sequence)
    )`,
    `CREATE TABLE ${schema}.locks (
      name text PRIMARY KEY,
      holder bytea NOT NULL,
      backend integer NOT NULL,
      taken timestamptz NOT NULL DEFAULT now()
    )`,
  ],
  (schema) => [
    `CREATE TABLE ${schema}.release_texts (
      name text,
      hash text,
      content bytea NOT NULL,
      PRIMARY KEY (name, hash)
    )`,
  ],
];

/** The first version with the configurations of releases. */
export const versionWithTexts = 2;

/**
 * The version of the schema in a database; 0 where there is none. Throws {@link StateError} when a newer cozeform made
 * it.
 */
export async function readVersion({ query }: Session, name: string, place: string): Promise<number> {
  const schema = escapeIdentifier(name);
  const [found] = await query<{ readonly there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [
    `${schema}.versions`,
  ]);
  if (!found?.there) return 0;
  const [row] = await query<{ readonly version: number }>(
    `SELECT coalesce(max(version), 0) AS version FROM ${schema}.versions`,
  );
  const version = row?.version ?? 0;
  if (version <= migrations.length) return version;
  throw new StateError(place, explain("state/pg-newer", { version, known: migrations.length }));
}

/** Brings the schema to the newest version; runs that begin at the same time wait for one another. */
export async function migrateSchema(session: Session, name: string, place: string): Promise<void> {
  if ((await readVersion(session, name, place)) === migrations.length) return;
  const { query } = session;
  const schema = escapeIdentifier(name);
  await query("BEGIN");
  try {
    await query("SELECT pg_advisory_xact_lock(hashtext($1))", [`cozeform migrations of ${name}`]);
    const [found] = await query<{ readonly there: boolean }>(
      "SELECT to_regnamespace($1) IS NOT NULL AS there",
      [schema],
    );
    // IF NOT EXISTS asks for the permission to create even where nothing is created.
    if (!found?.there) await query(`CREATE SCHEMA ${schema}`);
    await query(`CREATE TABLE IF NOT EXISTS ${schema}.versions (
      version integer PRIMARY KEY,
      applied timestamptz NOT NULL DEFAULT now()
    )`);
    const current = await readVersion(session, name, place);
    for (const [index, statementsOf] of migrations.entries()) {
      if (index < current) continue;
      for (const statement of statementsOf(schema)) await query(statement);
      await query(`INSERT INTO ${schema}.versions (version) VALUES ($1)`, [index + 1]);
    }
    await query("COMMIT");
  } catch (error) {
    await query("ROLLBACK").catch(() => {});
    throw error;
  }
}
