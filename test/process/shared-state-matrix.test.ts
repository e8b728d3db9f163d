import { expect, test } from "@jest/globals";
import { prepareGround } from "../support/crash-ground.ts";
import { changes } from "../support/crash-project.ts";
import { pgTest, usePostgres } from "../support/postgres.ts";
import { createS3Server } from "../support/s3-server.ts";
import { killAndGoOnElsewhere } from "../support/shared-matrix.ts";
import { createStateServer, serve } from "../support/state-server.ts";

const connection = usePostgres();
const moments = ["before", "after"] as const;

/** The description of a lock as a machine of another name would have written it. */
const movedAway = (holder: string): string => {
  const { boot: _, machine: _own, space: _space, ...rest } = JSON.parse(holder);
  return JSON.stringify({ ...rest, host: "elsewhere" });
};

pgTest.each(moments)(
  "killed %s the effect of any call, an apply goes on in a fresh clone with the state in PostgreSQL",
  async (moment) => {
    const ground = await prepareGround(changes);
    expect(ground.calls.length).toBeGreaterThanOrEqual(60);
    await killAndGoOnElsewhere(
      ground,
      {
        setting: (number) => `, state: {pg: {schema: ${number.replace("-", "_")}}}`,
        env: connection(),
      },
      moment,
    );
  },
);

test.each(moments)(
  "killed %s the effect of any call, an apply goes on elsewhere with the state in S3, once it is unlocked",
  async (moment) => {
    const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "c2VjcmV0LXNlY3JldA" };
    const store = createS3Server({ bucket: "ops", region: "cn-north-1", ...keys, now: Date.now });
    const door = await serve(store.fetch);
    const ground = await prepareGround(changes);
    try {
      await killAndGoOnElsewhere(
        ground,
        {
          setting: (number) =>
            `, state: {s3: {endpoint: "${door.url}", bucket: ops, key: ${number}.json, region: cn-north-1}}`,
          env: { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey },
          moveLock(number) {
            const key = `ops/${number}.json.lock`;
            const lock = store.objects.get(key);
            if (!lock) throw new Error(`there is no ${key} among ${[...store.objects.keys()].join(" ")}`);
            store.objects.set(key, {
              ...lock,
              body: Buffer.from(movedAway(Buffer.from(lock.body).toString())),
            });
          },
        },
        moment,
      );
    } finally {
      await door.close();
    }
  },
);

test.each(moments)(
  "killed %s the effect of any call, an apply goes on elsewhere with the state at a server of Terraform's, once it is unlocked",
  async (moment) => {
    const server = createStateServer();
    const door = await server.listen();
    const ground = await prepareGround(changes);
    try {
      await killAndGoOnElsewhere(
        ground,
        {
          setting: (number) => `, state: {http: {address: "${door.url}/${number}"}}`,
          env: {},
          moveLock(number) {
            const lock = server.locks.get(`/${number}`) as { ID: string; Info: string } | undefined;
            if (!lock) throw new Error(`there is no lock of ${number}`);
            server.locks.set(`/${number}`, { ...lock, Info: movedAway(lock.Info) } as { ID: string });
          },
        },
        moment,
      );
    } finally {
      await door.close();
    }
  },
);
