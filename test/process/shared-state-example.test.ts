import { cpSync, existsSync as exists } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { createStrictEmulator } from "../support/emulator.ts";
import { pgTest, usePostgres } from "../support/postgres.ts";
import { startCozeform } from "../support/process.ts";
import { createS3Server } from "../support/s3-server.ts";
import { makeScratch } from "../support/scratch.ts";
import { createStateServer, serve } from "../support/state-server.ts";

const example = resolve(import.meta.dirname, "../../examples/shared-state");
const connection = usePostgres();

/** Applies the example from one clone, and plans and changes it from another. */
async function share(environment: string, env: { readonly [name: string]: string }): Promise<void> {
  const emulator = createStrictEmulator({ token: "pat_shared_state" });
  const door = await emulator.listen();
  const [one, other] = [makeScratch(), makeScratch()];
  for (const clone of [one, other]) cpSync(example, clone, { recursive: true });
  const run = (words: readonly string[]) =>
    startCozeform([...words, "-e", environment], {
      ...env,
      COZE_API_TOKEN: emulator.token,
      COZE_API_BASE: door.url,
    }).ended;
  expect(await run(["apply", one, "--auto-approve"])).toMatchObject({ code: 0 });
  expect(await run(["plan", other, "--detailed-exitcode"])).toMatchObject({
    code: 0,
    output: expect.stringContaining("No changes. Coze matches the manifests (2 resources, "),
  });
  expect(await run(["state", "list", other])).toMatchObject({
    output: expect.stringMatching(/^Bot\.greeter /u),
  });
  const pulled = await run(["state", "pull", other]);
  expect(JSON.parse(pulled.output)).toMatchObject({ environment, serial: expect.any(Number) });
  expect(
    [one, other].map((clone) => join(clone, ".cozeform", `${environment}.state.json`)).filter(exists),
  ).toEqual([]);
  await door.close();
}

pgTest("the example shares its state in PostgreSQL", () => share("pg", connection()));

test("the example shares its state in S3", async () => {
  const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "c2VjcmV0LXNlY3JldA" };
  const server = await serve(
    createS3Server({ bucket: "ops", region: "cn-north-1", ...keys, now: Date.now }).fetch,
  );
  const env = { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey };
  await share("s3", { ...env, AWS_ENDPOINT_URL_S3: server.url }).finally(server.close);
});

test("the example shares its state at GitLab", async () => {
  const login = { username: "gitlab-ci-token", password: "glcbt-secret-secret" };
  const server = await createStateServer({ manner: "gitlab", login }).listen();
  const address = `${server.url}/api/v4/projects/42/terraform/state/coze`;
  await share("gitlab", {
    TF_HTTP_ADDRESS: address,
    TF_HTTP_LOCK_ADDRESS: `${address}/lock`,
    TF_HTTP_UNLOCK_ADDRESS: `${address}/lock`,
    TF_HTTP_USERNAME: login.username,
    TF_HTTP_PASSWORD: login.password,
  }).finally(server.close);
});
