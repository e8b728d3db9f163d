import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createConsole, smallProject } from "../cli/console.ts";
import { makeScratch } from "../support/scratch.ts";
import { manifest } from "../support/story.ts";

/** A repository with a base commit and the head of a pull request on it, of which one is checked out. */
function openRepository() {
  const console = createConsole(smallProject);
  const { directory } = console;
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", directory, "-c", "user.name=a", "-c", "user.email=a@b.example", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  const commit = (message: string): string => {
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "--message", message);
    return git("rev-parse", "HEAD");
  };
  git("init", "--quiet");
  const base = commit("base");
  console.write({
    "manifests/more.yaml": manifest("Workspace", "more", { name: "更多", description: "更多" }),
  });
  const head = commit("head");
  const event = join(makeScratch(), "event.json");
  writeFileSync(event, JSON.stringify({ pull_request: { base: { sha: base }, head: { sha: head } } }));
  const env = {
    PATH: String(process.env.PATH),
    GITHUB_EVENT_NAME: "pull_request_target",
    GITHUB_SHA: base,
    GITHUB_EVENT_PATH: event,
  };
  return { ...console, git, base, head, env };
}

const sending = [
  "plan",
  "apply --auto-approve",
  "destroy --auto-approve",
  "auth check",
  "plan --format json",
];

describe("under pull_request_target", () => {
  test.each(sending)("%s refuses what isn't the base branch, and sends nothing", async (line) => {
    const { sh, env, asked } = openRepository();
    const { code, out, err } = await sh(line, { env });
    const message =
      "this pull_request_target workflow has the repository's secrets, but its base commit isn't checked out: cozeform makes no plan";
    const hint =
      "check out the base branch, or run cozeform validate on pull requests and plan after the merge; see docs/security.md";
    const diagnostic = { severity: "error", code: "pull-request", message, hint };
    const document = { type: "error", exit_code: 1, diagnostics: [diagnostic] };
    expect({ code, out }).toEqual({
      code: 1,
      out: line.endsWith("--format json") ? `${JSON.stringify(document)}\n` : "",
    });
    expect(err).toBe(`error: ${message}\n  hint: ${hint}\n`);
    expect(asked()).toEqual([]);
  });

  test.each(sending)("%s goes on with the base commit", async (line) => {
    const { sh, env, git, base } = openRepository();
    git("checkout", "--quiet", base);
    expect((await sh(line, { env })).code).toBe(0);
    expect((await sh(line, { env: { ...env, GITHUB_SHA: "" } })).code).toBe(0);
  });

  test("validate says what is wrong, since it sends nothing", async () => {
    const { sh, env } = openRepository();
    expect((await sh("validate", { env })).code).toBe(0);
    expect((await sh("plan --emulator", { env })).code).toBe(0);
  });

  test("what is checked out has to be known", async () => {
    const { sh, asked, directory } = createConsole(smallProject);
    const env = {
      PATH: String(process.env.PATH),
      GITHUB_EVENT_NAME: "pull_request_target",
      GITHUB_SHA: "0".repeat(40),
    };
    for (const lead of [{}, { PATH: makeScratch() }, { GIT_DIR: join(directory, "repo") }]) {
      mkdirSync(join(directory, "repo"), { recursive: true });
      const { code, err } = await sh("plan", { env: { ...env, ...lead } as Record<string, string> });
      expect(code).toBe(1);
      expect(err).toContain("the commit that is checked out is unknown");
    }
    expect(asked()).toEqual([]);
  });

  test("a project that looks like a repository of its own, or a file of variables, changes nothing", async () => {
    const { sh, env, base, write, asked } = openRepository();
    write({
      "proj/HEAD": base,
      "proj/objects/x": "",
      "proj/refs/x": "",
      "proj/desk.yaml": manifest("Workspace", "proj", { name: "d", description: "d" }),
      "ci.env": "GITHUB_EVENT_NAME=push\nGITHUB_SHA=x\nPATH=/nowhere\n",
    });
    for (const line of ["plan proj", "plan proj --env-file ci.env", "plan --env-file ci.env"]) {
      expect((await sh(line, { env })).err).toContain("its base commit isn't checked out");
    }
    expect(asked()).toEqual([]);
  });

  test("other events aren't concerned", async () => {
    const { sh, env } = openRepository();
    for (const event of ["pull_request", "push"]) {
      expect((await sh("plan", { env: { ...env, GITHUB_EVENT_NAME: event } })).code).toBe(0);
    }
  });
});
