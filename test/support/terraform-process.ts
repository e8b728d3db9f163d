import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { test } from "@jest/globals";

/** What a run of terraform left behind. */
export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of terraform that goes on. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

/** The executable of terraform; undefined where there is none. */
export const terraform: string | undefined = findTerraform();

function findTerraform(): string | undefined {
  const named = process.env.COZEFORM_TERRAFORM;
  const candidates = named
    ? [named]
    : (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "terraform"));
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const isDemanded = process.env.COZEFORM_ACCEPTANCE === "1";

/**
 * A test with the real terraform. Without one it is skipped, which is said; with `COZEFORM_ACCEPTANCE=1` it fails.
 */
export function terraformTest(name: string, run: () => Promise<void>): void {
  if (terraform !== undefined || isDemanded) test(name, run);
  else test.skip(name, run);
}

if (terraform === undefined && !isDemanded)
  process.stderr.write("no terraform on PATH, nor in COZEFORM_TERRAFORM: tests with it are skipped\n");

const plain = ["-no-color"];
const quiet = ["-no-color", "-input=false"];
const flags: { readonly [command: string]: readonly string[] } = {
  apply: quiet,
  console: plain,
  destroy: quiet,
  import: quiet,
  init: quiet,
  output: plain,
  plan: quiet,
  refresh: quiet,
  show: plain,
  validate: plain,
};

/** Starts terraform in a directory; its environment holds nothing but what is given and what keeps it to itself. */
export function startTerraform(
  directory: string,
  [command = "", ...args]: readonly string[],
  env: { readonly [name: string]: string },
): Running {
  if (terraform === undefined)
    throw new Error(
      "COZEFORM_ACCEPTANCE=1 asks for terraform: put it on PATH or name it in COZEFORM_TERRAFORM",
    );
  const child = spawn(terraform, [command, ...(flags[command] ?? []), ...args], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (texts.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (texts.stderr += chunk));
  const ended = new Promise<Ran>((done, fail) => {
    child.on("error", fail);
    child.on("close", (exitCode) => {
      const { stdout, stderr } = texts;
      done({ exitCode, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) });
    });
  });
  return { child, ended };
}
