import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createConsole, hold, type Ran, smallProject } from "./console.ts";

interface ErrorDocument {
  readonly type: string;
  readonly exit_code: number;
  readonly diagnostics: readonly { readonly [key: string]: unknown }[];
}

/** The objects of standard output, one a line or one alone. */
function parse({ out }: Ran): readonly { readonly type?: string }[] {
  try {
    return [JSON.parse(out)];
  } catch {
    return out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  }
}

/** The error at the end of standard output, after checking that it is the only one and has the exit code. */
function errorOf(ran: Ran): ErrorDocument {
  const documents = parse(ran);
  const errors = documents.filter(({ type }) => type === "error") as ErrorDocument[];
  expect(errors).toHaveLength(1);
  expect(documents.at(-1)).toBe(errors[0]);
  expect(errors[0]?.exit_code).toBe(ran.code);
  // People get one sentence, and perhaps a hint.
  expect(ran.err).toMatch(/^(?:error: .+\n(?: {2}.+\n){0,2}|Interrupted.*\n)$/);
  return errors[0] as ErrorDocument;
}

const single = ["plan", "outputs", "state list", "state show Bot.x", "auth check", "validate"];
const streams = ["apply --auto-approve", "destroy --auto-approve", "promote --from a --to b --auto-approve"];
const all = [...single, ...streams];
const project = { ...smallProject, "cozeform.yaml": "kind: Project\nnaem: x\n" };

describe("with --format json", () => {
  test.each(all)("%s tells a wrong option", async (command) => {
    const { sh } = createConsole(smallProject);
    const ran = await sh(`${command} --format json --bogus`);
    expect(ran).toMatchObject({ code: 3, err: "error: unknown option '--bogus'\n" });
    expect(errorOf(ran).diagnostics).toEqual([
      { severity: "error", code: "usage", message: "unknown option '--bogus'" },
    ]);
  });

  test.each(all.filter((command) => !/^(?:state|outputs)/.test(command)))(
    "%s tells a project file that is wrong, with its places",
    async (command) => {
      const { sh, emulator } = createConsole(project);
      const ran = await sh(`${command} --format json`);
      expect(ran.code).toBe(3);
      const { diagnostics } = errorOf(ran);
      expect(diagnostics).toContainEqual({
        severity: "error",
        code: expect.any(String),
        ...(command === "validate" && { rule: "unknown-key" }),
        message: expect.stringContaining("naem"),
        hint: expect.stringContaining("name"),
        file: "cozeform.yaml",
        line: 2,
        column: 1,
      });
      expect(emulator.requests).toEqual([]);
    },
  );

  const spoilt = async () => {
    const console = createConsole(smallProject);
    await console.sh("apply --auto-approve");
    return console;
  };

  test.each(["plan", "outputs", "state list", "state show Dataset.faq", "apply --auto-approve"])(
    "%s tells a damaged state with its place",
    async (command) => {
      const { sh, directory } = await spoilt();
      writeFileSync(join(directory, ".cozeform/default.state.json"), '{"format": 1,\n oops');
      const ran = await sh(`${command} --format json`);
      expect(ran.code).toBe(1);
      expect(errorOf(ran).diagnostics).toEqual([
        expect.objectContaining({
          code: "state",
          file: expect.stringMatching(/default\.state\.json$/),
          line: 2,
          hint: expect.any(String),
        }),
      ]);
    },
  );

  test.each(["plan", "auth check", "apply --auto-approve"])(
    "%s tells a token that is missing",
    async (command) => {
      const { sh } = createConsole(smallProject);
      const ran = await sh(`${command} --format json`, { env: { COZE_API_TOKEN: "" } });
      expect(ran.code).toBe(3);
      expect(errorOf(ran).diagnostics).toHaveLength(1);
    },
  );

  test.each(["plan", "auth check", "destroy --auto-approve"])(
    "%s tells what Coze answered",
    async (command) => {
      const { sh } = await spoilt();
      const ran = await sh(`${command} --format json`, { env: { COZE_API_TOKEN: "pat_wrong" } });
      expect(ran.code).toBe(1);
      expect(errorOf(ran).diagnostics[0]).toMatchObject({
        code: 4100,
        message: expect.stringContaining("token"),
        hint: expect.any(String),
        operation: "list_workspace",
        logid: expect.stringMatching(/^\w+$/),
      });
    },
  );

  test("a network that fails is told", async () => {
    const fetch = async () => {
      throw Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNREFUSED" } });
    };
    const { sh } = createConsole(smallProject, {}, { fetch });
    const ran = await sh("plan --format json");
    expect(ran.code).toBe(1);
    expect(errorOf(ran).diagnostics).toMatchObject([{ operation: "list_workspace", code: "no-answer" }]);
  });

  test("a locked state is told", async () => {
    const { sh, directory } = createConsole(smallProject);
    mkdirSync(join(directory, ".cozeform"));
    const holder = { pid: process.pid, host: `${hostname()}x`, user: "lee", since: "2026-01-05T08:00:00Z" };
    const lock = JSON.stringify({ ...holder, command: "cozeform apply" });
    writeFileSync(join(directory, ".cozeform/default.lock"), lock);
    expect(errorOf(await sh("apply --auto-approve --format json")).diagnostics).toMatchObject([
      { code: "locked", message: expect.stringContaining("lee"), hint: expect.any(String) },
    ]);
  });

  test("a stale plan is told", async () => {
    const { sh } = createConsole(smallProject);
    await sh("plan --out desk.plan.json");
    await sh("apply desk.plan.json");
    expect(errorOf(await sh("apply desk.plan.json --format json")).diagnostics).toMatchObject([
      { code: "stale-plan", message: expect.stringContaining("the state changed"), hint: expect.any(String) },
    ]);
  });

  test("what an apply refuses is told for each resource", async () => {
    const member = (role: string) => ({
      "manifests/member.yaml": `\
apiVersion: cozeform/v1
kind: WorkspaceMember
metadata: {name: lee}
spec: {workspace: desk, user_id: "1000000000000001", role: ${role}}
`,
    });
    const { sh, write } = createConsole({ ...smallProject, ...member("member") });
    await sh("apply --auto-approve");
    write(member("admin"));
    const ran = await sh("apply --auto-approve --format json");
    expect(ran.code).toBe(1);
    expect(errorOf(ran).diagnostics).toMatchObject([
      { code: "refused", address: "WorkspaceMember.lee", file: "manifests/member.yaml", line: 1 },
    ]);
  });

  test("a plan that can't be saved gives one document, that of the error", async () => {
    const { sh } = createConsole(smallProject);
    const ran = await sh(`plan --format json --out ${"p".repeat(249)}.json`);
    expect(ran.code).toBe(1);
    expect(errorOf(ran).diagnostics).toMatchObject([{ code: "usage" }]);
  });

  test("an internal error is told without a stack trace", async () => {
    const answer = hold();
    const ground = createConsole(smallProject, {
      hooks: {
        before: () => {
          ground.crash(new RangeError("lost count"));
          return answer.promise;
        },
      },
    });
    const ran = await ground.sh("plan --format json");
    answer.release();
    expect(ran.code).toBe(1);
    expect(errorOf(ran).diagnostics).toMatchObject([
      { code: "internal", message: "cozeform failed unexpectedly: RangeError: lost count" },
    ]);
  });

  test("an interruption of a plan is told", async () => {
    const answer = hold();
    const ground = createConsole(smallProject, {
      hooks: {
        before: () => {
          ground.interrupt();
          return answer.promise;
        },
      },
    });
    const ran = await ground.sh("plan --format json");
    expect(ran.code).toBe(130);
    expect(errorOf(ran).diagnostics).toEqual([
      { severity: "error", code: "interrupted", message: "Interrupted: nothing was changed." },
    ]);
    answer.release();
  });

  test("validate says what is valid, and what it warns of", async () => {
    const { sh, write } = createConsole(smallProject);
    expect(await sh("validate --format json")).toMatchObject({ code: 0, err: "" });
    const valid = JSON.parse((await sh("validate --format json")).out);
    expect(valid).toEqual({ valid: true, environment: "default", resources: 2, diagnostics: [] });
    write({ "a.yaml": "kind: Bto\n" });
    const ran = await sh("validate --format json");
    expect(ran.code).toBe(3);
    expect(ran.err).toMatch(/^error: \d problems, all of them on standard output; the first: .+\n$/);
    expect(errorOf(ran)).toMatchObject({ valid: false });
  });
});

test("a problem of many items has the address and the file of each", async () => {
  const files = Array.from({ length: 7 }, (_, index) => `k/d${index + 1}.txt`);
  const { sh, write, directory } = createConsole(smallProject);
  write({
    "k/d1.txt": "x",
    "manifests/k.yaml": `\
apiVersion: cozeform/v1
kind: Document
metadata: {name: k, for_each: {files: "k/*.txt"}}
spec: {dataset: faq, name: "\${each.key}", source: {file: "\${each.path}"}}
`,
  });
  for (const file of files) writeFileSync(join(directory, file), Buffer.from([0xc4, 0xe3, 0xba, 0xc3]));
  const addresses = files.map((file) => `Document.k["${file.slice(2)}"]`);
  expect(errorOf(await sh("validate --format json")).diagnostics).toEqual([
    expect.objectContaining({ code: "not-utf8", file: "manifests/k.yaml", addresses, files }),
  ]);
  const { err } = await sh("validate");
  expect(err).toContain(`(all 7 items: ${addresses.join(", ")})`);
});

describe("an apply that fails", () => {
  const refuse = { code: 4000, msg: "名称不可用", detail: { logid: "20260105ABC" } };
  const broken = () =>
    createConsole(smallProject, {
      hooks: {
        before: ({ operation, writes }) =>
          writes && /dataset/i.test(operation) ? Response.json(refuse) : undefined,
      },
    });

  test("ends its stream with an error that names the resource, its place and the call", async () => {
    const ran = await broken().sh("apply --auto-approve --format json");
    expect(ran.code).toBe(1);
    expect(errorOf(ran).diagnostics).toEqual([
      {
        severity: "error",
        code: 4000,
        message: expect.stringContaining("名称不可用"),
        file: "manifests/desk.yaml",
        line: 6,
        column: 1,
        address: "Dataset.faq",
        operation: "create_dataset",
        logid: "20260105ABC",
        hint: "correct the parameter that the message names",
      },
    ]);
    expect(parse(ran).map(({ type }) => type)).toContain("run-finished");
    expect(ran.err).toBe("error: apply failed: 1 failed\n");
  });

  test("as text says so at the end of standard error, with the counts", async () => {
    const { code, err } = await broken().sh("apply --auto-approve");
    expect({ code, err }).toEqual({ code: 1, err: "error: apply failed: 1 failed\n" });
  });
});
