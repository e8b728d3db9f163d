import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach } from "@jest/globals";
import type { Values } from "../../src/core/value.ts";
import { type Files, writeFiles } from "./files.ts";
import { makeScratch } from "./scratch.ts";
import { type Ran, type Running, startTerraform } from "./terraform-process.ts";

const closers: (() => Promise<void>)[] = [];

/** Has something closed when the test ends, before what was opened earlier. */
export const closeAfterwards = (close: () => Promise<void>): void => void closers.push(close);

afterEach(async () => {
  const failures: unknown[] = [];
  // One that fails must leave none open: the next test would wait for it.
  for (const close of closers.splice(0).reverse()) await close().catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
});

/** A run with what it asked of Coze: names of the emulator's operations, in their order. */
interface Told extends Ran {
  readonly requests: readonly string[];
}

/** What `terraform show -json` says of a saved plan, and its actions in short: `{ "coze_bot.a": "delete/create" }`. */
interface ShownPlan extends Told {
  readonly json: PlanJson;
  readonly actions: { readonly [address: string]: string };
}

interface PlanJson {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly change: {
      readonly actions: readonly string[];
      readonly before: Values | null;
      readonly after: Values | null;
      readonly after_unknown: Values;
      readonly replace_paths?: readonly (readonly (string | number)[])[];
    };
  }[];
  readonly output_changes?: { readonly [name: string]: { readonly actions: readonly string[] } };
}

interface StateJson {
  readonly values?: {
    readonly outputs?: { readonly [name: string]: { readonly value: unknown } };
    readonly root_module: {
      readonly resources?: readonly {
        readonly address: string;
        readonly values: Values;
        readonly tainted?: boolean;
      }[];
    };
  };
}

/** What a directory is laid out with. */
interface Ground {
  /** `toy` is `cozeform/toy` for Terraform. */
  readonly provider: string;
  /** Where Terraform runs, below a directory of the story's own; that directory itself unless given. */
  readonly folder?: string;
  /** By path; `terraform.tf` names the provider, unless it is given. */
  readonly files: Files;
  /** Of Terraform, and of providers that it starts. */
  readonly env: { readonly [name: string]: string };
  /** The names of all requests to Coze until now. */
  readonly requests: () => readonly string[];
}

/** A directory of configurations that the real terraform runs in. */
export function layOut({ provider, folder = ".", files: first, env: given, requests }: Ground) {
  const directory = join(makeScratch(), folder);
  const write = (files: Files): void => writeFiles(directory, files);
  const source = `terraform {\n  required_providers {\n    ${provider} = { source = "cozeform/${provider}" }\n  }\n}\n`;
  write({ "terraform.tf": source, ...first });
  // Terraform reads ~/.terraformrc when no other is named, and warns of one that isn't there.
  const cli = join(directory, "cli.tfrc");
  writeFileSync(cli, "");
  const env: { [name: string]: string } = { TF_CLI_CONFIG_FILE: cli, ...given };
  return { directory, write, env, ...commandsOf(directory, env, requests) };
}

function commandsOf(
  directory: string,
  env: { readonly [name: string]: string },
  requests: () => readonly string[],
) {
  const start = (...args: string[]): Running => {
    const running = startTerraform(directory, args, env);
    // Whatever a test left running ends with it.
    closeAfterwards(async () => {
      if (running.child.exitCode === null) running.child.kill("SIGKILL");
      await running.ended;
    });
    return running;
  };
  const run = async (...args: string[]): Promise<Told> => {
    const before = requests().length;
    const ran = await start(...args).ended;
    return { ...ran, requests: requests().slice(before) };
  };
  const succeed = async (...args: string[]): Promise<Told> => {
    const told = await run(...args);
    if (told.exitCode !== 0) throw new Error(`terraform ${args.join(" ")}\n${told.stdout}\n${told.stderr}`);
    return told;
  };
  const fail = async (...args: string[]): Promise<Told> => {
    const told = await run(...args);
    if (told.exitCode !== 1)
      throw new Error(
        `terraform ${args.join(" ")} ends with ${told.exitCode}\n${told.stdout}\n${told.stderr}`,
      );
    return told;
  };
  const show = async <Shown>(...args: string[]): Promise<Shown> =>
    JSON.parse((await succeed("show", "-json", ...args)).stdout);
  const state = () => show<StateJson>();
  return {
    /** Starts a command and leaves it running; what is left at the test's end is killed. */
    start,
    /** Runs a command to its end, whatever that is. */
    run,
    /** Runs a command that has to end with 1. */
    fail,
    async plan(...args: string[]): Promise<ShownPlan> {
      const told = await succeed("plan", "-out=saved.tfplan", ...args);
      const json = await show<PlanJson>("saved.tfplan");
      const changes = (json.resource_changes ?? []).map(
        ({ address, change }) => [address, change.actions.join("/")] as const,
      );
      return { ...told, json, actions: Object.fromEntries(changes) };
    },
    apply: (...args: string[]) => succeed("apply", "-auto-approve", ...args),
    destroy: (...args: string[]) => succeed("destroy", "-auto-approve", ...args),
    importResource: (address: string, id: string) => succeed("import", address, id),
    /** Throws with the plan when there is anything to do. */
    expectNoChanges: (...args: string[]) => succeed("plan", "-detailed-exitcode", ...args),
    state,
    /** The attributes of one resource in the state; undefined when it isn't there. */
    async resource(address: string): Promise<Values | undefined> {
      const resources = (await state()).values?.root_module.resources ?? [];
      return resources.find((one) => one.address === address)?.values;
    },
    /** Values of the outputs in the state. */
    async outputs(): Promise<{ readonly [name: string]: unknown }> {
      const outputs = (await state()).values?.outputs ?? {};
      return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
    },
  };
}
