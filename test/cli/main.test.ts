import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { createConsole, hold, smallProject } from "./console.ts";

const planned = `\
  + Dataset.faq  create
      workspace: Workspace.desk (known after apply)
      name:      "常见问题"
      format:    "text"

  + Workspace.desk  create
      name:        "客服空间"
      description: "客服"

`;

describe("without a terminal", () => {
  test("a plan goes to standard output and says how many calls it takes", async () => {
    const { sh } = createConsole(smallProject);
    const { code, out, err } = await sh("plan");
    expect(code).toBe(0);
    expect(out).toMatch(
      /\nPlan: 2 to create; about \d+ API calls to apply, taking at least 1s \(this plan made 1\)\.\n$/,
    );
    expect(out).toContain(planned);
    expect(err).toBe("");
  });

  test("only what applies expects a long run", async () => {
    let expected = 0;
    const { sh } = createConsole(smallProject, {}, { expectLongRun: () => (expected += 1) });
    await sh("plan");
    expect(expected).toBe(0);
    await sh("apply --auto-approve");
    expect(expected).toBe(1);
  });

  test("plan --detailed-exitcode ends with 2 while there are changes, and 0 afterwards", async () => {
    const { sh } = createConsole(smallProject);
    expect((await sh("plan --detailed-exitcode")).code).toBe(2);
    expect((await sh("apply --auto-approve")).code).toBe(0);
    const { code, out } = await sh("plan --detailed-exitcode");
    expect(out).toMatch(
      /^Environment default at https:\/\/api\.coze\.cn, with environment variable COZE_API_TOKEN\n\nNo changes\. Coze matches the manifests \(2 resources, \d API calls\)\.\n$/,
    );
    expect(code).toBe(0);
  });

  test("an apply tells one line per event and ends with what was done", async () => {
    const { sh } = createConsole(smallProject);
    const { code, out } = await sh("apply --auto-approve");
    expect(code).toBe(0);
    const told = out.slice(out.indexOf("\nApplying")).replaceAll(/\(\d+\)/g, "(id)");
    expect(told.replace(/with \d+ API/, "with N API")).toBe(`
Applying 2 steps: 2 to create
  + Workspace.desk: creating …
  + Workspace.desk: created in 0.2s (id)
  + Dataset.faq: creating …
  + Dataset.faq: created in 0.2s (id)

Apply complete: 2 created in 0.4s with N API calls.
`);
  });

  test("an apply without approval is refused before anything is read", async () => {
    const { sh, emulator } = createConsole(smallProject);
    const { code, out, err } = await sh("apply");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toBe(`\
error: apply needs an approval, and there is no terminal to ask on
  hint: review the plan, then run cozeform apply --auto-approve, or apply a plan saved with plan --out
`);
    expect(emulator.requests).toEqual([]);
  });

  test("as JSON standard output holds one object a line", async () => {
    const { sh } = createConsole(smallProject);
    const { code, out, err } = await sh("apply --auto-approve --format json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const events = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; address?: string });
    expect(events.map(({ type, address }) => (address ? `${type} ${address}` : type))).toEqual([
      "planned",
      "run-started",
      "step-started Workspace.desk",
      "step-finished Workspace.desk",
      "step-started Dataset.faq",
      "step-finished Dataset.faq",
      "run-finished",
    ]);
  });

  test("a plan as JSON is one document that tools for Terraform plans read", async () => {
    const { sh } = createConsole(smallProject);
    const { out } = await sh("plan --format json");
    const document = JSON.parse(out) as {
      resource_changes: { address: string; change: { actions: string[] } }[];
    };
    expect(document.resource_changes.map(({ address, change }) => [address, change.actions])).toEqual([
      ["Dataset.faq", ["create"]],
      ["Workspace.desk", ["create"]],
    ]);
  });
});

describe("a saved plan", () => {
  test("is applied without asking, and refused once it is stale", async () => {
    const { sh } = createConsole(smallProject);
    const saved = await sh("plan --out desk.plan.json");
    expect(saved.err).toBe(
      "Saved to desk.plan.json; to apply exactly this plan: cozeform apply desk.plan.json\n",
    );
    expect((await sh("apply desk.plan.json")).code).toBe(0);
    const again = await sh("apply . desk.plan.json");
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/^error: the plan is stale: the state changed .*\n {2}hint: plan again/);
  });

  test("can't be narrowed afterwards", async () => {
    const { sh } = createConsole(smallProject);
    await sh("plan --out desk.plan.json");
    expect(await sh("apply desk.plan.json --target Workspace.desk")).toEqual({
      code: 3,
      out: "",
      err: "error: a saved plan is applied as it is, without --target\n  hint: pass these options to the plan command\n",
    });
  });

  test("is refused when it isn't the one that was pinned, whatever it holds by now", async () => {
    const { sh, directory, write } = createConsole(smallProject);
    await sh("plan --out desk.plan.json");
    const text = readFileSync(join(directory, "desk.plan.json"), "utf8");
    const digest = createHash("sha256").update(text).digest("hex");
    write({ "desk.plan.json": "{}" });
    const other = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    expect(await sh(`apply desk.plan.json --plan-sha256 ${digest}`)).toEqual({
      code: 3,
      out: "",
      err: `${directory}/desk.plan.json:1:1  this isn't the pinned plan: its SHA-256 is ${other}  hint: review this plan, and pin its SHA-256\n1 error\n`,
    });
    write({ "desk.plan.json": text });
    expect((await sh(`apply desk.plan.json --plan-sha256 ${digest.toUpperCase()}`)).code).toBe(0);
    expect(await sh(`apply --plan-sha256 ${digest}`)).toEqual({
      code: 3,
      out: "",
      err: "error: --plan-sha256 needs a plan file\n  hint: pass a file that plan --out wrote\n",
    });
  });

  test("that isn't there, or isn't one, is invalid input", async () => {
    const { sh, write } = createConsole(smallProject);
    write({ "other.json": "{}" });
    expect((await sh("apply nothing.json")).code).toBe(3);
    const { code, err } = await sh("apply other.json");
    expect(code).toBe(3);
    expect(err).toContain("this isn't a plan that this version of cozeform wrote");
  });
});

describe("at a terminal", () => {
  const question = "Apply these changes to environment default? Only 'yes' is accepted: ";

  test("only yes is an approval", async () => {
    const { sh, emulator } = createConsole(smallProject);
    const refused = await sh("apply --no-color", { typed: "y\n" });
    expect(refused.code).toBe(1);
    expect(refused.err).toBe(`\n${question}Not approved: nothing was changed.\n`);
    expect(emulator.requests.filter(({ writes }) => writes)).toEqual([]);
    expect((await sh("apply", { typed: "" })).code).toBe(1);
    expect((await sh("apply", { typed: "yes\n" })).code).toBe(0);
  });

  test("running steps are shown live and leave a line each", async () => {
    const { sh } = createConsole(smallProject);
    const { out } = await sh("apply", { typed: "yes\n", env: { NO_COLOR: "1" } });
    expect(out).toContain("  + Workspace.desk  creating 0s");
    expect(out).toContain("    1 of 2, 1 running  0s");
    expect(out).toContain("  + Dataset.faq: created in 0.2s");
    expect(out.endsWith("API calls.\n")).toBe(true);
  });

  test("there is colour unless it is declined", async () => {
    const { sh } = createConsole(smallProject);
    expect((await sh("plan", { typed: "" })).out).toContain("\u001b[32m");
    expect((await sh("plan --no-color", { typed: "" })).out).not.toContain("\u001b[");
    expect((await sh("plan", { typed: "", env: { NO_COLOR: "1" } })).out).not.toContain("\u001b[");
    expect((await sh("plan", { env: { FORCE_COLOR: "1" } })).out).toContain("\u001b[32m");
  });

  test("a problem is shown with its line and a mark", async () => {
    const { sh } = createConsole({
      "a.yaml": "apiVersion: cozeform/v1\nkind: Bto\nmetadata: {name: 客服}\n",
    });
    const { code, err } = await sh("validate --no-color", { typed: "" });
    expect(code).toBe(3);
    expect(err).toContain("  2 | kind: Bto\n    |       ^^^\n");
  });
});

describe("a protected environment", () => {
  const project = {
    ...smallProject,
    "cozeform.yaml": `\
apiVersion: cozeform/v1
kind: Project
name: desk
manifests: [manifests/*.yaml]
environments:
  prod: {protect: true, auth: {token: {env: COZE_API_TOKEN}}}
`,
  };

  test("is changed only when its name is typed", async () => {
    const { sh } = createConsole(project);
    const wrong = await sh("apply -e prod --auto-approve", { typed: "yes\n" });
    expect(wrong.err).toContain("Environment prod is protected. Type its name to apply these changes: ");
    expect(wrong.code).toBe(1);
    expect((await sh("apply -e prod", { typed: "prod\n" })).code).toBe(0);
    expect((await sh("destroy -e prod", { typed: "prod\n" })).code).toBe(0);
  });

  test("takes the name as an option where nobody can be asked", async () => {
    const { sh, emulator } = createConsole(project);
    const without = await sh("apply -e prod --auto-approve");
    expect({ code: without.code, err: without.err }).toEqual({
      code: 1,
      err: "error: environment prod is protected\n  hint: pass --confirm-environment prod\n",
    });
    const wrong = await sh("apply -e prod --auto-approve --confirm-environment dev");
    expect(wrong.code).toBe(1);
    expect(emulator.requests.filter(({ writes }) => writes)).toEqual([]);
    expect((await sh("apply -e prod --auto-approve --confirm-environment prod")).code).toBe(0);
  });
});

describe("failures", () => {
  test("of a step end the run with 1 and are told with code, log id, manifest line and next move", async () => {
    const refuse = { code: 4000, msg: "名称不可用", detail: { logid: "20260105ABC" }, logid: "20260105ABC" };
    const { sh } = createConsole(smallProject, {
      hooks: {
        before: ({ operation, writes }) =>
          writes && /dataset/i.test(operation) ? Response.json(refuse) : undefined,
      },
    });
    const { code, out } = await sh("apply --auto-approve");
    expect(code).toBe(1);
    expect(out).toMatch(/Failed \(1\):\n {2}\+ Dataset\.faq {2}\w+, code 4000: .*\(logid 20260105ABC\)/s);
    expect(out).toContain("      manifests/desk.yaml:6\n");
    expect(out).toContain("Apply incomplete: 1 created, 1 failed in 0.4s");
    expect(out.endsWith("run again to continue.\n")).toBe(true);
  });

  test("of the API are told in a line, and with --log-level debug each call too, never the token", async () => {
    const { sh, emulator } = createConsole(smallProject);
    const { code, err } = await sh("plan --log-level debug", { env: { COZE_API_TOKEN: "wrong" } });
    expect(code).toBe(1);
    expect(err).toMatch(/^debug: \w+ {2}GET \/v1\/workspaces {2}401, code \d+, logid \w+, \d+ ms$/m);
    expect(err).toMatch(/^error: \w+, code \d+: .*\(logid \w+\)$/m);
    expect(err).not.toContain(emulator.token);
    expect(err).not.toMatch(/^\s+at /m);
  });

  test("of the disk are told in words", async () => {
    const { sh } = createConsole(smallProject);
    const { code, err } = await sh("schema --out manifests/desk.yaml");
    expect(code).toBe(1);
    expect(err).toMatch(/^error: .*manifests\/desk\.yaml: it already exists$/m);
  });
});

test("what does harm for good is refused without its option, whatever was approved", async () => {
  const member = (role: string) => ({
    "manifests/member.yaml": `\
apiVersion: cozeform/v1
kind: WorkspaceMember
metadata: {name: lee}
spec: {workspace: desk, user_id: "1000000000000001", role: ${role}}
`,
  });
  const { sh, write } = createConsole({ ...smallProject, ...member("member") });
  expect((await sh("apply --auto-approve")).code).toBe(0);
  write(member("admin"));
  const refused = await sh("apply --auto-approve");
  expect(refused.code).toBe(1);
  expect(refused.out).toContain("for good; needs --allow-ownership-transfer\n");
  expect(refused.err).toBe(
    "error: refused without --allow-ownership-transfer: WorkspaceMember.lee (moves the member's resources to the workspace owner, for good). Nothing was changed.\n" +
      "  hint: to do it all the same: cozeform apply --auto-approve --allow-ownership-transfer\n",
  );
  expect((await sh("apply --auto-approve --allow-ownership-transfer")).code).toBe(0);
});

const locks = (directory: string): readonly string[] =>
  readdirSync(join(directory, ".cozeform")).filter((file) => file.includes("lock"));

describe("interruption", () => {
  test("the first lets what is in flight finish and ends with 130", async () => {
    let interrupt = (): void => {};
    const { sh, interrupt: ring } = createConsole(smallProject, {
      hooks: {
        after: ({ operation }) => {
          if (/workspace/i.test(operation) && /create/i.test(operation)) interrupt();
          return undefined;
        },
      },
    });
    interrupt = ring;
    const { code, out, err } = await sh("apply --auto-approve");
    expect(code).toBe(130);
    expect(err).toBe(`\
Interrupted: finishing the steps in progress. Press Ctrl-C again to stop now.
error: apply was interrupted: 1 skipped
`);
    expect(out).toContain("Workspace.desk: created");
    expect(out).toContain("  + Dataset.faq  the run was interrupted\n");
    expect(out.endsWith("Run again to continue.\n")).toBe(true);
    expect((await sh("plan")).out).toContain("Plan: 1 to create");
  });

  test("the second ends at once", async () => {
    let interrupt = (): void => {};
    const answer = hold();
    const {
      sh,
      directory,
      interrupt: ring,
    } = createConsole(smallProject, {
      hooks: {
        before: ({ writes }) => {
          if (!writes) return undefined;
          interrupt();
          interrupt();
          return answer.promise;
        },
      },
    });
    interrupt = ring;
    const { code, err } = await sh("apply --auto-approve");
    expect({ code, err }).toEqual({
      code: 130,
      err: "Interrupted: finishing the steps in progress. Press Ctrl-C again to stop now.\nStopped: 1 step was in progress; run again to find out how it ended.\n",
    });
    expect(locks(directory)).toEqual([]);
    answer.release();
  });

  test("while nothing is being changed the first ends at once", async () => {
    let interrupt = (): void => {};
    const answer = hold();
    const {
      sh,
      directory,
      interrupt: ring,
    } = createConsole(smallProject, {
      hooks: {
        before: () => {
          interrupt();
          return answer.promise;
        },
      },
    });
    interrupt = ring;
    const untouched = { code: 130, out: "", err: "Interrupted: nothing was changed.\n" };
    expect(await sh("plan")).toEqual(untouched);
    expect(await sh("apply --auto-approve")).toEqual(untouched);
    expect(locks(directory)).toEqual([]);
    answer.release();
  });

  test("at the question the first ends at once, without a lock left", async () => {
    const { sh, directory, interrupt } = createConsole(smallProject);
    const { code, err } = await sh("apply", { typed: interrupt });
    expect({ code, err }).toEqual({
      code: 130,
      err: "\nApply these changes to environment default? Only 'yes' is accepted: \nInterrupted: nothing was changed.\n",
    });
    expect(locks(directory)).toEqual([]);
  });

  test("the second takes the live lines away", async () => {
    let interrupt = (): void => {};
    const answer = hold();
    const { sh, interrupt: ring } = createConsole(smallProject, {
      hooks: {
        before: ({ writes }) => {
          if (!writes) return undefined;
          interrupt();
          interrupt();
          return answer.promise;
        },
      },
    });
    interrupt = ring;
    const { out } = await sh("apply --no-color", { typed: "yes\n" });
    answer.release();
    expect(out).toContain("    0 of 2, 1 running  0s");
    const erased = out.lastIndexOf("\u001b[2K");
    expect(erased).toBeGreaterThan(out.lastIndexOf("1 running"));
    expect(stripVTControlCharacters(out.slice(erased)).trim()).toBe("");
  });
});
