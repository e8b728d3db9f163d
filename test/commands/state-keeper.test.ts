import { getEventListeners, once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { readFormerKeeper } from "../../src/commands/former-keeper.ts";
import { createHost } from "../../src/commands/host.ts";
import { findStatePlace, readProject } from "../../src/commands/project.ts";
import { InvalidInput } from "../../src/core/diagnostic.ts";
import { createConsole } from "../cli/console.ts";
import { type Files, writeFiles } from "../support/files.ts";
import { makeScratch } from "../support/scratch.ts";

type Env = { readonly [name: string]: string };

const projectFile = (state: string): string =>
  `apiVersion: cozeform/v1\nkind: Project\nenvironments:\n  dev:\n    state: ${state}\n`;

const keys = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI-K7MDENG" };

/** A project whose state is kept so, and the addresses that its keeper asks. */
async function openAt(state: string, env: Env, files: Files = {}, signal?: AbortSignal) {
  const directory = makeScratch();
  writeFiles(directory, { "cozeform.yaml": projectFile(state), ...files });
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (input) => {
    const { url } = new Request(input);
    asked.push(url);
    // A bucket without objects.
    return new Response(null, { status: url.includes("list-type=2") ? 200 : 404 });
  };
  const host = createHost({ env, fetch, signal });
  const project = await readProject(host, { directory, environment: "dev" });
  return { host, project, asked, open: () => findStatePlace(project, { directory }) };
}

/** Where a project keeps its state, in the words of messages. */
async function placeOf(state: string, env: Env, files: Files = {}): Promise<string | undefined> {
  return (await (await openAt(state, env, files)).open()).backend?.names.document;
}

/** What is wrong with the settings, with its hint. */
async function problemsOf(state: string, env: Env, files: Files = {}): Promise<string> {
  const { open } = await openAt(state, env, files);
  const error = await open().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof InvalidInput)) throw new Error(`no problem is found: ${error}`);
  return error.diagnostics.map(({ message, hint }) => `${message} (${hint})`).join("\n");
}

const inFile = "{pg: {conn: {file: conn.txt}}}";

describe("a connection string from a file", () => {
  const trusted = { COZEFORM_ALLOW_HOSTS: "db.example" };
  const refused: readonly (readonly [text: string, env: Env, problem: string])[] = [
    ["postgres://u@localhost/d?host=evil.example", {}, "may not set host"],
    ["postgres://u@localhost/d?hostaddr=6.6.6.6&port=1", {}, "may not set hostaddr, port"],
    ["postgres://u@db.example/d?sslmode=disable&sslkey=/etc/shadow", trusted, "may not set sslkey"],
    ["postgres://u@db.example/d?sslrootcert=ca.pem", trusted, "may not set sslrootcert"],
    ["postgres://u@db.example/d?options=-cx", trusted, "may not set options"],
    ["postgres://u@db.example/d?ho%73t=evil.example", trusted, "may not set host"],
    ["postgres://u@/d?host=evil.example", {}, "may not set host"],
    ["postgres://u@evil.example/d", {}, "keeps its state at evil.example:5432,"],
    ["postgres://u@evil%2Eexample/d", {}, "keeps its state at evil.example:5432,"],
    ["postgres://u@db.example:6432/d", { COZEFORM_ALLOW_HOSTS: "db.example:5432" }, "at db.example:6432,"],
    ["postgres://u@db.example:6432/d", { PGHOST: "db.example" }, "at db.example:6432,"],
    ["postgres://u@db.example/d", { PGHOST: "db.example", PGPORT: "6432" }, "at db.example:5432,"],
    ["postgres://u@localhost%3A1%40evil.example/d", {}, "can't be read"],
    ["postgres://u@localhost%2F.evil.example/d", {}, "can't be read"],
    ["postgres://u@localhost,evil.example/d", {}, "can't be read"],
  ];
  test.each(refused)("%s with %j is refused: %s", async (text, env, problem) => {
    const said = await problemsOf(inFile, env, { "conn.txt": text });
    expect(said).toContain(problem);
    expect(said).not.toContain("\n");
  });

  const allowed: readonly (readonly [text: string, env: Env, place: string])[] = [
    ["postgres://u@localhost:6432/d?sslmode=require", {}, "postgres://localhost:6432/d"],
    ["postgres://u@db.example/d?application_name=x&connect_timeout=5", trusted, "postgres://db.example/d"],
    ["postgres://u@db.example:6432/d", trusted, "postgres://db.example:6432/d"],
    ["postgres://u@db.example/d", { COZEFORM_ALLOW_HOSTS: "db.example:5432" }, "postgres://db.example/d"],
    ["postgres://u@db.example/d", { PGHOST: "db.example" }, "postgres://db.example/d"],
    [
      "postgres://u@db.example:6432/d",
      { PGHOST: "db.example", PGPORT: "6432" },
      "postgres://db.example:6432/d",
    ],
    ["postgres:///d", { PGHOST: "db.example" }, "postgres://db.example/d"],
    ["postgres://u@%2Frun%2Fpg/d", {}, "postgres:///run/pg/d"],
  ];
  test.each(allowed)("%s with %j leads to %s", async (text, env, place) => {
    expect(await placeOf(inFile, env, { "conn.txt": text })).toBe(`${place}/cozeform/dev`);
  });
});

describe("PostgreSQL by its variables", () => {
  const found: readonly (readonly [env: Env, place: string])[] = [
    [{ PGHOST: "db.example", PGPORT: "6432", PGDATABASE: "d" }, "postgres://db.example:6432/d"],
    [{ PGHOST: "::1", PGDATABASE: "d" }, "postgres://[::1]/d"],
    [{ PGHOST: "/var/run/postgresql", PGUSER: "u", PGDATABASE: "d" }, "postgres:///var/run/postgresql/d"],
    [{ PG_CONN_STR: "postgres://u:p%23%25@db.example/d" }, "postgres://db.example/d"],
    [{ PG_CONN_STR: "postgresql://u:p@/d?host=/run/pg&port=6432" }, "postgres:///run/pg:6432/d"],
    [{ PG_CONN_STR: "postgres:///d?host=/run/pg" }, "postgres:///run/pg/d"],
    [{ PG_CONN_STR: "postgres:///?dbname=d&host=::1&user=a@b" }, "postgres://[::1]/d"],
    [{ PG_CONN_STR: "postgres://u:p@/d", PGHOST: "db.example" }, "postgres://db.example/d"],
    [{ PG_CONN_STR: "postgres://u:a b@db.example/d" }, "postgres://db.example/d"],
  ];
  test.each(found)("%j is %s", async (env, place) => {
    expect(await placeOf("{pg: {}}", env)).toBe(`${place}/cozeform/dev`);
  });

  test("a socket in a folder is connected to, and a connection that fails leaves nothing behind", async () => {
    const folder = makeScratch();
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await once(server.listen(join(folder, ".s.PGSQL.6432")), "listening");
    const { signal } = new AbortController();
    try {
      for (const env of [
        { PGHOST: folder, PGPORT: "6432" },
        { PG_CONN_STR: `postgres://u:p@/d?host=${folder}&port=6432` },
      ]) {
        const place = await (await openAt("{pg: {}}", env, {}, signal)).open();
        await expect(place.backend?.read()).rejects.toThrow("the connection broke");
      }
    } finally {
      server.close();
    }
    expect([connections, getEventListeners(signal, "abort")]).toEqual([2, []]);
  });

  const unreadable = ["p#w", "p%w", "p%", "1#w", "1/w", "1?w", "p/w"];
  test.each(unreadable)("the password %s has to be encoded, and isn't shown", async (password) => {
    const env = { PG_CONN_STR: `postgres://u:${password}@db.example/d` };
    const said = await problemsOf("{pg: {}}", env);
    expect(said).toContain("the connection string in environment variable PG_CONN_STR can't be read");
    expect(said).toContain("percent-encoded");
    expect(said).not.toContain(env.PG_CONN_STR);
  });

  const wrong: readonly (readonly [env: Env, problem: string])[] = [
    [{ PGHOST: "a,b" }, "the environment variable PGHOST has neither"],
    [{ PGHOST: "db.example", PGSSLMODE: "bogus" }, "the unknown sslmode bogus (write one of disable, allow,"],
    [{ PG_CONN_STR: "postgres://u@db.example/d?sslmode=on" }, "the unknown sslmode on"],
    [{ PGHOST: "db.example:1" }, "the environment variable PGHOST has neither"],
    [{ PGHOST: "u@db.example" }, "the environment variable PGHOST has neither"],
    [{ PGHOST: "a b" }, "the environment variable PGHOST has neither"],
    [{ PGHOST: "db.example", PGPORT: "many" }, "the environment variable PGPORT has no port"],
    [{ PGHOST: "db.example", PGPORT: "70000" }, "the environment variable PGPORT has no port"],
    [{ PG_CONN_STR: "postgres://db.example/d?port=x" }, "PG_CONN_STR can't be read"],
    [{ PG_CONN_STR: "host=db.example" }, "doesn't begin with postgres://"],
    [{}, "it isn't said how to connect to PostgreSQL"],
  ];
  test.each(wrong)("%j: %s", async (env, problem) => {
    expect(await problemsOf("{pg: {}}", env)).toContain(problem);
  });
});

describe("a server of Terraform's protocol", () => {
  const wrong: readonly (readonly [env: Env, name: string])[] = [
    [{ TF_HTTP_ADDRESS: "git.example/state" }, "TF_HTTP_ADDRESS"],
    [{ TF_HTTP_ADDRESS: "localhost:8080" }, "TF_HTTP_ADDRESS"],
    [{ TF_HTTP_ADDRESS: "https://" }, "TF_HTTP_ADDRESS"],
    [{ TF_HTTP_ADDRESS: "https://u:50%@git.example/" }, "TF_HTTP_ADDRESS"],
    [{ TF_HTTP_ADDRESS: "https://git.example/", TF_HTTP_LOCK_ADDRESS: "lock" }, "TF_HTTP_LOCK_ADDRESS"],
    [{ TF_HTTP_ADDRESS: "https://git.example/", TF_HTTP_UNLOCK_ADDRESS: "x" }, "TF_HTTP_UNLOCK_ADDRESS"],
  ];
  test.each(wrong)("%j is told with the name of the variable %s", async (env, name) => {
    const said = await problemsOf("{http: {}}", env);
    expect(said).toMatch(new RegExp(`^the environment variable ${name} has no http or https address \\(`));
    expect(said).toContain("percent-encoded");
  });

  test("a value that can't be read is an error of the input on the command line, too", async () => {
    for (const [state, env] of [
      ["{http: {}}", { TF_HTTP_ADDRESS: "http://[" }],
      ["{pg: {}}", { PG_CONN_STR: "postgres://u:a%zz@db.example/d" }],
      ["{s3: {bucket: ops, key: k}}", { ...keys, AWS_ENDPOINT_URL_S3: "store" }],
      ["{http: {address: 'http://['}}", {}],
    ] as const) {
      const { sh } = createConsole({ "cozeform.yaml": projectFile(state) });
      const { code, err } = await sh("state list -e dev", { env });
      expect([code, err]).toEqual([3, expect.stringMatching(/^cozeform\.yaml:5:\d+ .* {2}hint: /)]);
    }
  });
});

describe("S3", () => {
  const asking: readonly (readonly [settings: string, env: Env, address: string])[] = [
    ["bucket: ops, region: eu-west-1", {}, "https://ops.s3.eu-west-1.amazonaws.com/"],
    ["bucket: ops", { AWS_REGION: "cn-north-1" }, "https://ops.s3.cn-north-1.amazonaws.com.cn/"],
    ["bucket: ops.dev, region: eu-west-1", {}, "https://s3.eu-west-1.amazonaws.com/ops.dev/"],
    [
      "bucket: ops.dev, region: eu-west-1, path_style: false",
      {},
      "https://ops.dev.s3.eu-west-1.amazonaws.com/",
    ],
    ["bucket: ops, region: eu-west-1, path_style: true", {}, "https://s3.eu-west-1.amazonaws.com/ops/"],
    ["bucket: ops", { AWS_ENDPOINT_URL: "https://store.example:9000" }, "https://store.example:9000/ops/"],
  ];
  test.each(asking)("{%s} with %j is asked at %s", async (settings, env, address) => {
    const { open, asked } = await openAt(`{s3: {key: k, ${settings}}}`, { ...keys, ...env });
    await (await open()).backend?.read();
    expect(asked.length).toBeGreaterThan(0);
    for (const one of asked) expect(one.slice(0, address.length)).toBe(address);
  });

  const wrong: readonly (readonly [env: Env, problem: string])[] = [
    [{ AWS_REGION: "x.evil.example/" }, "AWS_REGION has no region"],
    [{ AWS_REGION: "evil.example#" }, "AWS_REGION has no region"],
    [{ AWS_DEFAULT_REGION: "a@evil.example:1" }, "AWS_DEFAULT_REGION has no region"],
    [{ AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL_S3: "store.example" }, "AWS_ENDPOINT_URL_S3 has no http"],
    [{ AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL: "ftp://store" }, "AWS_ENDPOINT_URL has no http"],
  ];
  test.each(wrong)("%j: %s", async (env, problem) => {
    expect(await problemsOf("{s3: {bucket: ops, key: k}}", { ...keys, ...env })).toContain(problem);
  });

  const names = [
    "bucket: evil.example/x, region: r",
    "bucket: 'evil.example#', region: r",
    "bucket: 'u@evil.example:1', region: r",
    "bucket: ab, region: r",
    "bucket: Ops, region: r",
    "bucket: -ops, region: r",
    "bucket: a..b, region: r",
    "bucket: 10.0.0.1, region: r",
    "bucket: ops, region: evil.example/",
    "bucket: ops, region: 'evil.example?'",
  ];
  test.each(names)(
    "{%s} is an error of the file, and of a former one, and nothing is asked",
    async (names) => {
      const state = `{s3: {key: k, ${names}}}`;
      const { project } = await openAt(state, keys);
      expect(project.diagnostics.map(({ message, at }) => [message, at?.line])).toEqual([
        [expect.stringMatching(/^state\.s3\.(bucket|region) |(bucket|region)/), 5],
      ]);
      const other = await openAt("local", keys, { "former.yaml": projectFile(state) });
      const former = `${other.project.directory}/former.yaml`;
      await expect(readFormerKeeper(other.host, other.project, former)).rejects.toThrow("of S3");
      expect(other.asked).toEqual([]);
    },
  );
});

describe("which variables are read for a state", () => {
  const refused: readonly (readonly [state: string, env: Env, name: string])[] = [
    ["{pg: {conn: {env: AWS_SECRET_ACCESS_KEY}}}", keys, "AWS_SECRET_ACCESS_KEY"],
    ["{pg: {conn: {env: TF_HTTP_PASSWORD}}}", { TF_HTTP_PASSWORD: "x" }, "TF_HTTP_PASSWORD"],
    ["{http: {username: {env: PGPASSWORD}}}", { PGPASSWORD: "x" }, "PGPASSWORD"],
    ["{http: {password: {env: AWS_SECRET_ACCESS_KEY}}}", keys, "AWS_SECRET_ACCESS_KEY"],
    ["{pg: {conn: {env: PG_OTHER}}}", { COZEFORM_ALLOW_ENV: "!PG*" }, "PG_OTHER"],
    ["{pg: {conn: {env: PG_OTHER}}}", { COZEFORM_ALLOW_ENV: "!PG_OTHER" }, "PG_OTHER"],
    ["{pg: {}}", { COZEFORM_ALLOW_ENV: "!PG*", PG_CONN_STR: "postgres://h/d" }, "PG_CONN_STR"],
    ["{http: {}}", { COZEFORM_ALLOW_ENV: "!TF_HTTP_*", TF_HTTP_ADDRESS: "https://h" }, "TF_HTTP_ADDRESS"],
    [
      "{s3: {bucket: ops, key: k, region: r}}",
      { COZEFORM_ALLOW_ENV: "!AWS_*", ...keys },
      "AWS_ACCESS_KEY_ID",
    ],
  ];
  test.each(refused)("%s with %j may not read %s", async (state, env, name) => {
    const said = await problemsOf(state, { TF_HTTP_ADDRESS: "https://git.example", ...env });
    expect(said).toContain(`may not read the environment variable ${name} for its state`);
    expect(said).toContain(`COZEFORM_ALLOW_ENV=${name}`);
  });

  const allowed: readonly (readonly [env: Env, place: string])[] = [
    [{ COZEFORM_ALLOW_ENV: "!PG*,PG_OTHER" }, "postgres://h/d"],
    [{ COZEFORM_ALLOW_ENV: "!AWS_*" }, "postgres://h/d"],
    [{ PGDATABASE: "other", PG_OTHER: "postgres://h" }, "postgres://h/other"],
    [{ COZEFORM_ALLOW_ENV: "!PGDATABASE", PGDATABASE: "other", PG_OTHER: "postgres://h" }, "postgres://h/"],
  ];
  test.each(allowed)("the connection string of %j is read: %s", async (env, place) => {
    const all = { PG_OTHER: "postgres://h/d", ...env };
    expect(await placeOf("{pg: {conn: {env: PG_OTHER}}}", all)).toBe(`${place}/cozeform/dev`);
  });
});

describe("what the settings have that is secret", () => {
  const secret = "k7#Qz81/xv0";
  const encoded = encodeURIComponent(secret);
  const hidden: readonly (readonly [state: string, env: Env])[] = [
    ["{http: {}}", { TF_HTTP_ADDRESS: `https://u:${encoded}@git.example/` }],
    [
      "{http: {}}",
      { TF_HTTP_ADDRESS: "https://git.example/", TF_HTTP_LOCK_ADDRESS: `https://u:${encoded}@git.example/l` },
    ],
    ["{http: {}}", { TF_HTTP_ADDRESS: "https://git.example/", TF_HTTP_PASSWORD: secret }],
    ["{pg: {}}", { PG_CONN_STR: `postgres://u:${encoded}@db.example/d` }],
    ["{pg: {}}", { PG_CONN_STR: `postgres://u@db.example/d?password=${encoded}` }],
    ["{pg: {}}", { PGHOST: "db.example", PGPASSWORD: secret }],
    ["{s3: {bucket: ops, key: k, region: r}}", { ...keys, AWS_SECRET_ACCESS_KEY: secret }],
  ];
  test.each(hidden)("%s with %j", async (state, env) => {
    const { open, host } = await openAt(state, env);
    await open();
    for (const text of [secret, encoded]) expect(host.secrets.redact(`(${text})`)).toBe("([secret])");
    const { PG_CONN_STR: whole } = env;
    if (whole !== undefined) expect(host.secrets.redact(`(${whole})`)).toBe("([secret])");
  });
});
