import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, test } from "@jest/globals";
import { terraformTest } from "./terraform-process.ts";

/** The example's own way to a PostgreSQL. */
export const postgresScript = resolve(import.meta.dirname, "../../examples/terraform/postgres.sh");

const programs = "/usr/lib/postgresql";
const isInstalled =
  existsSync(programs) &&
  readdirSync(programs).some((version) => existsSync(join(programs, version, "bin", "initdb")));
const isDemanded = process.env.COZEFORM_ACCEPTANCE === "1";

if (!isInstalled && !isDemanded)
  process.stderr.write("no PostgreSQL from Debian's package: tests with a state in it are skipped\n");

/** A test with the real terraform and a PostgreSQL; where one is missing it is skipped, or fails if acceptance is demanded. */
export function postgresTest(name: string, run: () => Promise<void>): void {
  if (isInstalled || isDemanded) terraformTest(name, run);
  else test.skip(name, run);
}

/** A test with a PostgreSQL; where it is missing it is skipped, or fails if acceptance is demanded. */
export const pgTest: typeof test | typeof test.skip = isInstalled || isDemanded ? test : test.skip;

/**
 * A PostgreSQL for the tests of a file, from before the first to after the last; gives the environment by which
 * Terraform finds it. Each test wants a schema of its own.
 */
export function usePostgres(): () => { readonly PG_CONN_STR: string } {
  if (!isInstalled && !isDemanded) return () => ({ PG_CONN_STR: "" });
  const place = mkdtempSync(join(tmpdir(), "cozeform-postgres-"));
  const env = { PATH: process.env.PATH, POSTGRES_DIR: place };
  let address = "";
  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(postgresScript, ["start"], { env });
    address = /^export PG_CONN_STR='(.+)'$/mu.exec(stdout)?.[1] ?? "";
    if (address === "") throw new Error(`${postgresScript} start doesn't say where it runs: ${stdout}`);
  });
  afterAll(async () => {
    await promisify(execFile)(postgresScript, ["stop"], { env });
    rmSync(place, { recursive: true });
  });
  return () => ({ PG_CONN_STR: address });
}
