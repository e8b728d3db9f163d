import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { manifest, manifests } from "../support/story.ts";
import { createConsole, type Run, smallProject } from "./console.ts";

const project = {
  "cozeform.yaml":
    "apiVersion: cozeform/v1\nkind: Project\nmanifests: [manifests/*.yaml]\ndefault_environment: dev\nenvironments: {dev: {variables: {suffix: -dev}}, prod: {variables: {suffix: ''}}}\n",
  "manifests/all.yaml": manifests(
    manifest("Workspace", "desk", { name: "客服${var.suffix}", description: "客服" }),
    manifest("Copy", "flow", {
      type: "workflow",
      source: { environment: "dev", workflow: "开票" },
      workspace: "desk",
    }),
  ),
  "hand.yaml": "edits:\n  - workspace: 开发\n",
};

/** The reader of standard output went away before anything was written. */
const unread: Run = { failing: (output) => (output === "out" ? "EPIPE" : undefined) };

/** Dev and prod are applied, and dev's workflow was published again since. */
async function setScene() {
  const console = createConsole(project);
  const { sh, emulator, clock } = console;
  const run = async (line: string) =>
    expect(await sh(line)).toMatchObject({ code: 0, err: expect.any(String) });
  await run("apply --target Workspace.desk --auto-approve");
  const desk = [...emulator.world.workspaces.values()].find(({ name }) => name === "客服-dev");
  const original = emulator.world.addWorkflow({ space_id: desk?.id ?? "", name: "开票" }).id;
  await run("apply --auto-approve");
  await run("apply -e prod --auto-approve");
  await clock.sleep(5000);
  emulator.world.editWorkflow(original, {});
  console.write({
    "manifests/later.yaml": manifest("Dataset", "faq", {
      workspace: "desk",
      name: "常见问题",
      format: "text",
    }),
  });
  return { ...console, succeed: run };
}

const promoting = "promote --from dev --to prod";

describe("a command that only reads", () => {
  test.each([
    "plan",
    "plan --format json",
    "plan --detailed-exitcode",
    "plan -e prod --against dev",
    "validate",
    "outputs",
    "state list",
    "state show Workspace.desk",
    "auth check",
    "schema",
    "schema --out schemas",
    "completion bash",
    "__complete state",
    "version",
    "--version",
    "--help",
    "help plan",
  ])("ends with 141 and without a word when its reader goes away: %s", async (line) => {
    const { sh } = await setScene();
    expect(await sh(line, unread)).toEqual({ code: 141, out: "", err: "" });
  });

  test("ends with 141, without a lock left, when the reader of its log goes away", async () => {
    const { sh, directory } = await setScene();
    const failing: Run["failing"] = (output) => (output === "err" ? "EPIPE" : undefined);
    expect(await sh("plan --log-level debug", { failing })).toMatchObject({ code: 141, err: "" });
    expect(existsSync(join(directory, ".cozeform", "dev.lock"))).toBe(false);
  });

  test("says that the disk is full, and fails", async () => {
    const { sh } = await setScene();
    const failing: Run["failing"] = (output) => (output === "out" ? "ENOSPC" : undefined);
    expect(await sh("plan", { failing })).toEqual({
      code: 1,
      out: "",
      err: "error: standard output can't be written: the disk is full\n",
    });
  });

  test.each(["plan", promoting])("has saved its plan by then: %s --out", async (line) => {
    const { sh, succeed } = await setScene();
    expect(await sh(`${line} --out saved.json`, unread)).toEqual({
      code: 141,
      out: "",
      err: "Saved to saved.json; to apply exactly this plan: cozeform apply saved.json\n",
    });
    await succeed("apply saved.json --auto-approve");
  });
});

interface Change {
  readonly name: string;
  readonly before?: string;
  readonly line: string;
  /** What standard error begins with. */
  readonly first?: RegExp;
  readonly outcome?: RegExp;
  /** A line that shows the change, and what it prints. */
  readonly after: readonly [line: string, out: RegExp];
}

describe("a command that changes things", () => {
  const backupLine = /^The state before is in .*\.state\.json\.\n/;
  const changes: readonly Change[] = [
    {
      name: "apply",
      line: "apply --auto-approve",
      outcome: /^Apply complete: 1 created in .* API calls?\.$/,
      after: ["plan", /^No changes\./m],
    },
    {
      name: "destroy",
      line: "destroy -e prod --auto-approve",
      outcome: /^Apply complete: .* API calls?\.$/,
      after: ["state list -e prod", /^$/],
    },
    {
      name: "promote",
      line: `${promoting} --auto-approve`,
      outcome: /^Apply complete: .* API calls\.$/,
      after: [`${promoting} --auto-approve`, /^No changes\. prod already has the release of dev/m],
    },
    {
      name: "promote",
      before: `${promoting} --auto-approve`,
      line: "promote --rollback --to prod --auto-approve",
      outcome: /^Apply complete: .* API calls\.$/,
      after: ["promote --rollback --to prod --auto-approve", /^No changes\. There is nothing to roll back/m],
    },
    {
      name: "promote",
      before: `${promoting} --auto-approve`,
      line: "promote --retire --to prod --auto-approve",
      outcome: /^Done\.$/,
      after: ["promote --retire --to prod --auto-approve", /^Nothing/],
    },
    {
      name: "state mv",
      line: "state mv Workspace.desk Workspace.table",
      first: backupLine,
      after: ["state list", /Workspace\.table/],
    },
    {
      name: "state rm",
      line: "state rm Copy.flow -e prod",
      first: backupLine,
      after: ["state list -e prod", /^Workspace\.desk.*\n$/],
    },
    { name: "init", line: "init new", after: ["validate new", /^Valid:/] },
    { name: "emulator edit", line: "emulator edit hand.yaml", after: ["emulator edit hand.yaml", /nothing/] },
    {
      name: "terraform install",
      line: "terraform install --dir plugins",
      after: ["terraform install --dir plugins", /is already installed in/],
    },
  ];
  test.each(changes)("finishes, says so in one line, and ends with 1: $line", async (change) => {
    const { name, before, line, first = /^/, outcome = /^Done\.$/, after } = change;
    const { sh, succeed } = await setScene();
    if (before !== undefined) await succeed(before);
    const { code, out, err } = await sh(line, unread);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    const said = `error: standard output was closed; ${name} continued without it. `;
    expect(err).toMatch(first);
    const told = err.replace(first, "");
    expect(told.slice(0, said.length)).toBe(said);
    expect(told.slice(said.length, -1)).toMatch(outcome);
    expect((await sh(after[0])).out).toMatch(after[1]);
  });
});

describe("an apply", () => {
  /** Calls `act` at each creation of that kind, before or after its effect. */
  const atCreation = (kind: RegExp, act: () => void) => (exchange: { readonly operation: string }) => {
    if (kind.test(exchange.operation) && /create/i.test(exchange.operation)) act();
    return undefined;
  };

  test("says how far it got without its reader when a part of it fails", async () => {
    const refuse = ({ operation, writes }: { readonly operation: string; readonly writes: boolean }) =>
      writes && /dataset/i.test(operation) ? Response.json({ code: 4000, msg: "no" }) : undefined;
    const { sh } = createConsole(smallProject, { hooks: { before: refuse } });
    const { code, err } = await sh("apply --auto-approve", unread);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^error: apply failed: 1 failed\nerror: standard output was closed; apply continued without it\. Apply incomplete: 1 created, 1 failed in .*s with \d API calls\. Completed steps are saved; run again to continue\.\n$/,
    );
  });

  test("that is interrupted as well ends with 130", async () => {
    let interrupt = (): void => {};
    const hooks = { after: atCreation(/workspace/i, () => interrupt()) };
    const console = createConsole(smallProject, { hooks });
    interrupt = console.interrupt;
    const { code, err } = await console.sh("apply --auto-approve --format json", unread);
    expect(code).toBe(130);
    expect(err).toMatch(
      /^Interrupted: finishing .*\nerror: apply was interrupted: 1 skipped\nerror: standard output was closed; apply continued without it\. Apply interrupted: 1 created, 1 skipped in .* API calls?\. Run again to continue\.\n$/,
    );
  });

  test("that is over, and whose reader has stopped reading, says so when it is interrupted", async () => {
    const { sh, interrupt } = createConsole(smallProject);
    const stuck = (text: string): boolean => {
      const isSummary = text.includes("Apply complete:");
      if (isSummary) setImmediate(interrupt);
      return isSummary;
    };
    const { code, err } = await sh("apply --auto-approve", { stuck });
    expect(code).toBe(130);
    expect(err).toMatch(
      /^Interrupted before all output was read; apply had finished\. Apply complete: 2 created in .* API calls\.\n$/,
    );
  });

  test("whose terminal is closed finishes what is in flight and ends with 130", async () => {
    let gone = false;
    let interrupt = (): void => {};
    const hangUp = (): void => {
      gone = true;
      interrupt();
    };
    const console = createConsole(smallProject, { hooks: { before: atCreation(/workspace/i, hangUp) } });
    interrupt = console.interrupt;
    const failing = () => (gone ? "EIO" : undefined);
    const { code, out } = await console.sh("apply", { typed: "yes\n", failing });
    expect(code).toBe(130);
    expect(out).not.toContain("Workspace.desk: created");
    expect((await console.sh("state list")).out).toMatch(/^Workspace\.desk .*\n$/);
  });

  test("ends with 1, and its whole output, when the reader of its log goes away", async () => {
    const { sh } = createConsole(smallProject);
    const failing: Run["failing"] = (output) => (output === "err" ? "EPIPE" : undefined);
    const { code, out, err } = await sh("apply --auto-approve --log-level debug", { failing });
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(/\nApply complete: 2 created in .* API calls\.\n$/);
  });

  test("ends with 1 when both readers go away", async () => {
    const { sh } = createConsole(smallProject);
    const ran = await sh("apply --auto-approve --log-level debug", { failing: () => "EPIPE" });
    expect(ran).toEqual({ code: 1, out: "", err: "" });
    expect((await sh("plan")).out).toMatch(/^No changes\./m);
  });
});
