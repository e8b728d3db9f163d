import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { postgresScript, postgresTest } from "../support/postgres.ts";

const places: string[] = [];

function makePlace(): string {
  const place = mkdtempSync(join(tmpdir(), "cozeform-postgres-"));
  places.push(place);
  return place;
}

/** A run of the example's script, or of another. */
function run(place: string, command: string, script = postgresScript) {
  return new Promise<{ code: number; out: string; err: string }>((done) => {
    execFile(
      script,
      [command],
      { env: { PATH: process.env.PATH, POSTGRES_DIR: place } },
      (error, out, err) => {
        done({ code: Number(error?.code ?? 0), out, err });
      },
    );
  });
}

afterEach(async () => {
  for (const place of places.splice(0)) {
    await run(place, "stop");
    rmSync(place, { recursive: true });
  }
});

const address =
  /^export PG_CONN_STR='postgres:\/\/terraform:[0-9a-f]{48}@127\.0\.0\.1:\d+\/terraform\?sslmode=disable'\n$/;

postgresTest(
  "a PostgreSQL starts once, says where it is as often as it is asked, and stops once",
  async () => {
    const place = makePlace();
    const first = await run(place, "start");
    expect(first).toEqual({
      code: 0,
      out: expect.stringMatching(address),
      err: `postgres.sh: making a cluster in ${place}\n`,
    });
    expect(await run(place, "start")).toEqual({ ...first, err: "" });
    expect(await run(place, "env")).toEqual({ ...first, err: "" });
    expect(await run(place, "stop")).toEqual({ code: 0, out: "", err: "" });
    expect(await run(place, "stop")).toEqual({ code: 0, out: "", err: "" });
    expect(await run(place, "env")).toEqual({
      code: 1,
      out: "",
      err: `postgres.sh: it doesn't run: ${postgresScript} start\n`,
    });
    const again = await run(place, "start");
    expect(again).toMatchObject({ code: 0, err: "" });
    expect(passwordIn(again.out)).toBe(passwordIn(first.out));
  },
);

postgresTest("two of them take ports of their own, and nobody else can read a password", async () => {
  const [one, other] = [makePlace(), makePlace()];
  const starts = await Promise.all([run(one, "start"), run(other, "start")]);
  const ports = starts.map(({ out }) => /:(\d+)\/terraform/u.exec(out)?.[1]);
  expect(starts.map(({ code }) => code)).toEqual([0, 0]);
  expect(new Set(ports).size).toBe(2);
  expect([modeOf(one), modeOf(join(one, "password"))]).toEqual(["700", "600"]);
});

test("without the package, the script says how to install it", async () => {
  const directory = makePlace();
  const script = join(directory, "postgres.sh");
  const text = readFileSync(postgresScript, "utf8");
  writeFileSync(script, text.replace("/usr/lib/postgresql/", "/nowhere/"), { mode: 0o755 });
  expect(await run(directory, "start", script)).toEqual({
    code: 1,
    out: "",
    err: "postgres.sh: PostgreSQL isn't installed here. On Debian and Ubuntu: apt-get install -y --no-install-recommends postgresql\n",
  });
});

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const passwordIn = (line: string): string | undefined => /terraform:([0-9a-f]+)@/u.exec(line)?.[1];
