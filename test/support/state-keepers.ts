import { Client } from "pg";
import { createS3Server } from "./s3-server.ts";
import type { Keeper } from "./shared-matrix.ts";
import { createStateServer, serve } from "./state-server.ts";

/** A keeper that tests look into, and what ends it. */
export interface OpenKeeper extends Keeper {
  /** What the lock of a case says of its holder; undefined when there is none. */
  holder(number: string): Promise<string | undefined>;
  close(): Promise<void>;
}

/** The description of a lock as a machine of another name would have written it. */
const movedAway = (holder: string): string => {
  const { boot: _, machine: _own, space: _space, ...rest } = JSON.parse(holder);
  return JSON.stringify({ ...rest, host: "elsewhere" });
};

/** Keeps states in schemas of a PostgreSQL. */
export async function openPgKeeper(env: { readonly PG_CONN_STR: string }): Promise<OpenKeeper> {
  const client = new Client({ connectionString: env.PG_CONN_STR });
  await client.connect();
  return {
    env,
    setting: (number) => `, state: {pg: {schema: ${schemaOf(number)}}}`,
    async holder(number) {
      const { rows } = await client.query(`SELECT holder FROM ${schemaOf(number)}.locks`);
      return rows[0]?.holder.toString();
    },
    close: () => client.end(),
  };
}

const schemaOf = (number: string): string => number.replaceAll("-", "_");

/** Keeps states in a bucket of S3. */
export async function openS3Keeper(): Promise<OpenKeeper> {
  const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "c2VjcmV0LXNlY3JldA" };
  const store = createS3Server({ bucket: "ops", region: "cn-north-1", ...keys, now: Date.now });
  const { url, close } = await serve(store.fetch);
  const lockOf = (number: string) => `ops/${number}.json.lock`;
  const holderOf = (number: string): string | undefined => {
    const lock = store.objects.get(lockOf(number));
    return lock && Buffer.from(lock.body).toString();
  };
  return {
    env: { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey },
    setting: (number) =>
      `, state: {s3: {endpoint: "${url}", bucket: ops, key: ${number}.json, region: cn-north-1}}`,
    holder: async (number) => holderOf(number),
    moveLock(number) {
      const lock = store.objects.get(lockOf(number));
      if (!lock)
        throw new Error(`there is no lock of ${number} among ${[...store.objects.keys()].join(" ")}`);
      const body = Buffer.from(movedAway(holderOf(number) ?? ""));
      store.objects.set(lockOf(number), { ...lock, body });
    },
    close,
  };
}

/** Keeps states at a server of Terraform's http protocol. */
export async function openHttpKeeper(): Promise<OpenKeeper> {
  const server = createStateServer();
  const { url, close } = await server.listen();
  const lockOf = (number: string) =>
    server.locks.get(`/${number}`) as { ID: string; Info: string } | undefined;
  return {
    env: {},
    setting: (number) => `, state: {http: {address: "${url}/${number}"}}`,
    holder: async (number) => lockOf(number)?.Info,
    moveLock(number) {
      const lock = lockOf(number);
      if (!lock) throw new Error(`there is no lock of ${number}`);
      server.locks.set(`/${number}`, { ...lock, Info: movedAway(lock.Info) } as { ID: string });
    },
    close,
  };
}
