import { execFile } from "node:child_process";
import { join, parse } from "node:path";
import { readFileGuarded } from "../files/guarded-reading.ts";
import { findWorkTree } from "../files/project-paths.ts";
import { ForeignHead } from "./machine-errors.ts";
import type { Env } from "./trust.ts";

/**
 * Throws {@link ForeignHead} when a workflow of GitHub's `pull_request_target` runs on another commit than that of its
 * base branch (https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows).
 */
export async function refuseForeignHead(env: Env, directory: string): Promise<void> {
  if (env.GITHUB_EVENT_NAME !== "pull_request_target") return;
  const head = await readHead(env, directory);
  const bases = [env.GITHUB_SHA, baseOfEvent(env.GITHUB_EVENT_PATH)];
  if (head === undefined || !bases.includes(head)) throw new ForeignHead(head);
}

/** The commit that is checked out in the work tree of a directory. */
function readHead({ PATH, HOME }: Env, directory: string): Promise<string | undefined> {
  const tree = findWorkTree(directory);
  if (tree === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    // Files of a pull request can form a bare repository, but git checks out no file named .git.
    const args = [`--git-dir=${join(tree, ".git")}`, `--work-tree=${tree}`, "rev-parse", "HEAD"];
    // Neither variables nor the working directory can lead git to another repository or program.
    execFile("git", args, { cwd: parse(tree).root, env: { PATH, HOME } }, (error, output) => {
      const head = output.trim();
      resolve(!error && /^[0-9a-f]{40,64}$/u.test(head) ? head : undefined);
    });
  });
}

/** The base commit in the event's payload. */
function baseOfEvent(file: string | undefined): string | undefined {
  if (!file) return undefined;
  try {
    const event = JSON.parse(readFileGuarded(file, { most: 64 * 2 ** 20, links: "follow" }).toString());
    const sha: unknown = event?.pull_request?.base?.sha;
    return typeof sha === "string" ? sha : undefined;
  } catch {
    return undefined;
  }
}
