import { Socket } from "node:net";
import { Client, escapeIdentifier } from "pg";
import { excerpt } from "../../core/excerpt.ts";
import { escapeInvisible } from "../../core/invisible-characters.ts";
import { type Explained, explain, say } from "../../messages/text.ts";
import { StateError } from "../model.ts";
import { describeCode } from "./requests.ts";

export { escapeIdentifier };

/** A connection to a database; it ends with the first failure of the connection, and then every query fails. */
export interface Session {
  /** Runs a statement and returns its rows. Throws {@link StateError}. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** From now on, the signal doesn't end it any more. */
  keep(): Session;
  end(): Promise<void>;
}

const connectMs = 15_000;
const queryMs = 60_000;
/** The slowest line that is waited for. */
const bytesPerMs = 100;

/** Connects to a database; `place` is its name in messages. The signal ends the connection. Throws {@link StateError}. */
export async function openSession(connection: string, place: string, signal?: AbortSignal): Promise<Session> {
  const socket = new Socket();
  let lost: unknown;
  let isConnected = false;
  const fail = (error: unknown): StateError => {
    const problem =
      error === interrupted ? explain("state/stopped") : explainFailure(error, { place, isConnected });
    return new StateError(place, problem, { cause: error });
  };
  const lose = (error: unknown): void => {
    lost ??= error;
    socket.destroy();
  };
  const interrupted = new Error();
  const stop = () => lose(interrupted);
  signal?.addEventListener("abort", stop, { once: true });
  let client: Client;
  try {
    if (signal?.aborted) throw interrupted;
    client = new Client({
      connectionString: withLibpqModes(connection),
      application_name: "cozeform",
      connectionTimeoutMillis: connectMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      stream: () => socket,
    });
    client.on("error", lose);
    await client.connect();
    isConnected = true;
  } catch (error) {
    signal?.removeEventListener("abort", stop);
    socket.destroy();
    throw fail(lost ?? error);
  }
  const query = async <Row>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> => {
    if (lost) throw fail(lost);
    const bytes = values
      .flat()
      .reduce<number>((sum, one) => sum + (Buffer.isBuffer(one) ? one.length : 0), 0);
    const timer = setTimeout(() => lose(new Error(say("state/pg-silent"))), queryMs + bytes / bytesPerMs);
    try {
      return (await client.query(text, [...values])).rows as Row[];
    } catch (error) {
      throw fail(lost ?? error);
    } finally {
      clearTimeout(timer);
    }
  };
  const session: Session = {
    query,
    keep() {
      signal?.removeEventListener("abort", stop);
      return session;
    },
    async end() {
      session.keep();
      if (lost) return;
      const timer = setTimeout(() => socket.destroy(), connectMs);
      await client.end().catch(() => {});
      clearTimeout(timer);
    },
  };
  await configure(session).catch(async (error: unknown) => {
    await session.end();
    throw error;
  });
  return session;
}

/**
 * The modes of `sslmode` mean what they mean to libpq, and so to Terraform: without this, the library takes `require` for
 * `verify-full`, and warns (https://node-postgres.com/features/ssl).
 */
function withLibpqModes(connection: string): string {
  const url = new URL(connection);
  if (url.searchParams.has("sslmode") && !url.searchParams.has("uselibpqcompat"))
    url.searchParams.set("uselibpqcompat", "true");
  return url.href;
}

/**
 * Settings of this connection alone, as far as the server knows them: it lives through a long wait, the server notices
 * within a minute when this machine is gone, and what is committed is on the disk
 * (https://www.postgresql.org/docs/current/runtime-config.html).
 */
async function configure({ query }: Session): Promise<void> {
  await query(`
    SELECT set_config(name, wanted.value, false)
    FROM (VALUES ('idle_session_timeout', '0'), ('statement_timeout', '0'), ('tcp_keepalives_idle', '30'),
      ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3'), ('synchronous_commit', 'on'))
      AS wanted (name, value)
    JOIN pg_settings USING (name)
    WHERE name <> 'synchronous_commit' OR setting = 'off'`);
}

/** What the codes mean: https://www.postgresql.org/docs/current/errcodes-appendix.html. */
function explainFailure(
  error: unknown,
  { place, isConnected }: { readonly place: string; readonly isConnected: boolean },
): Explained {
  const { code = "", message = String(error) } = error as {
    readonly code?: string;
    readonly message?: string;
  };
  const said = excerpt(escapeInvisible(message), 300);
  const reason = describeCode(code);
  if (reason) return explain("state/unreached", { host: hostOf(place), reason });
  if (/^28/u.test(code)) return explain("state/pg-login", { said });
  if (code === "3D000") return explain("state/pg-no-database", { said });
  if (code === "42501") return explain("state/pg-forbidden", { said });
  if (code === "57P01" && isConnected) return explain("state/pg-ended", { said });
  if (/^53/u.test(code)) return explain("state/pg-exhausted", { said });
  const isOfServer = /^[0-9A-Z]{5}$/u.test(code) && !/^(?:08|57P)/u.test(code);
  if (!isOfServer) return explain(isConnected ? "state/pg-lost" : "state/pg-unconnected", { said });
  return explain("state/pg-refused", { said });
}

const hostOf = (place: string): string => new URL(place).host || place;
