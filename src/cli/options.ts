import { type Command, InvalidArgumentError, Option } from "commander";
import type { PlanCommandOptions } from "../commands/plan.ts";
import type { ProjectOptions } from "../commands/project.ts";
import { proposeAddress } from "../core/schema-errors.ts";
import type { Permission } from "../plan/permissions.ts";
import { type LogLevel, logLevels } from "./log.ts";

/** Options of every command. */
export interface CommonOptions {
  readonly environment?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly emulator?: boolean | undefined;
  readonly var?: { readonly [name: string]: string } | undefined;
  readonly envFile?: string | undefined;
  readonly color: boolean;
  readonly logLevel: LogLevel;
}

/** Options of commands that plan. */
export interface PlanningOptions {
  readonly target?: readonly string[] | undefined;
  readonly refresh: RefreshMode;
  readonly adopt?: boolean | undefined;
  readonly destroy?: boolean | undefined;
  readonly full?: boolean | undefined;
  readonly maxCalls?: number | undefined;
}

/** Options of commands that change things. */
export interface ApplyingOptions {
  readonly autoApprove?: boolean | undefined;
  readonly confirmEnvironment?: string | undefined;
  readonly parallelism?: number | undefined;
  readonly timeout?: number | undefined;
  readonly waitLost?: boolean | undefined;
  readonly format: "text" | "json";
  readonly allowOwnershipTransfer?: boolean | undefined;
  readonly allowOrphans?: boolean | undefined;
}

/** Adds the options of every command, which may stand before or after its name. */
export function addCommonOptions(program: Command): Command {
  return program
    .option("-e, --environment <name>", "target environment (default: default_environment of cozeform.yaml)")
    .option("--endpoint <url>", "API endpoint; overrides the environment's", parseUrl)
    .option("--emulator", "run against the embedded emulator; needs no account")
    .option("--env-file <file>", "read environment variables from a file of NAME=value lines")
    .option("--var <name=value>", "set a project variable; repeatable", collectVariable)
    .option("--no-color", "disable colors (also NO_COLOR; FORCE_COLOR forces them)")
    .addOption(
      new Option("--log-level <level>", "verbosity on standard error; debug adds a line per API call")
        .choices(logLevels)
        .default("info"),
    );
}

/** Adds the options of commands that plan. */
export function addPlanningOptions(
  command: Command,
  modes: readonly RefreshMode[] = ["auto", "full"],
): Command {
  return addReadingOptions(
    command.option("--target <address>", "only this resource and its dependencies; repeatable", collect),
    modes,
  );
}

const refreshModes = {
  auto: "auto: changed objects only",
  full: "full: everything",
  none: "none: no API calls",
} as const;

type RefreshMode = keyof typeof refreshModes;

/** Adds the options for reading Coze and for showing the plan. */
export function addReadingOptions(
  command: Command,
  modes: readonly RefreshMode[] = ["auto", "full"],
): Command {
  return command
    .addOption(
      new Option("--refresh <mode>", modes.map((mode) => refreshModes[mode]).join("; "))
        .choices(modes)
        .default("auto"),
    )
    .option("--max-calls <number>", "maximum number of API calls in this run", parseMost)
    .option("--full", "show similar resources one by one and long texts in full");
}

/** Adds the options of commands that change things. */
export function addApplyingOptions(command: Command): Command {
  return command
    .option("--auto-approve", "apply without asking for approval")
    .option("--confirm-environment <name>", "confirm a protected environment by its name")
    .option(
      "--parallelism <number>",
      "number of resources, or copies at Coze, in progress at once (default: 10)",
      parseCount,
    )
    .option(
      "--timeout <duration>",
      "how long to wait for Coze to finish its own work (default: 30m)",
      parseDuration,
    )
    .addOption(formatOption())
    .option(
      "--allow-ownership-transfer",
      "allow steps that move a member's resources to the workspace's owner for good",
    )
    .option("--allow-orphans", "allow replacing objects that Coze can't delete; the old ones stay");
}

/** Adds the options of commands that copy. */
export const addCopyingOptions = (command: Command): Command =>
  command.option(
    "--wait-lost",
    "after a copy call without an answer, wait until its copy can no longer appear (ten minutes), then repeat it; by default the run does everything else and ends as pending",
  );

/** The option `--format`. */
export const formatOption = (): Option =>
  new Option("--format <format>", "output format").choices(["text", "json"]).default("text");

/** The library's options for a project and its environment. */
export function projectOptions(directory: string, options: CommonOptions): ProjectOptions {
  const { environment, endpoint, emulator } = options;
  return {
    directory,
    environment,
    endpoint,
    emulator,
    variables: options.var,
  };
}

/** The library's options for a plan. */
export function planOptions(directory: string, options: CommonOptions & PlanningOptions): PlanCommandOptions {
  const { target, refresh, adopt, destroy, maxCalls } = options;
  return {
    ...projectOptions(directory, options),
    refresh,
    targets: target,
    adopt,
    destroy,
    maxCalls,
  };
}

/** The permissions of the options. */
export function permissionsOf(options: ApplyingOptions): ReadonlySet<Permission> {
  const given: Permission[] = [];
  if (options.allowOwnershipTransfer) given.push("allow-ownership-transfer");
  if (options.allowOrphans) given.push("allow-orphans");
  return new Set(given);
}

/** Collects the values of a repeatable option. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

function collectVariable(
  text: string,
  before: { readonly [name: string]: string } = {},
): { readonly [name: string]: string } {
  const split = text.indexOf("=");
  if (split < 1) throw new InvalidArgumentError("Write name=value.");
  return { ...before, [text.slice(0, split)]: text.slice(split + 1) };
}

function parseUrl(text: string): string {
  if (!/^https?:\/\/[^/]/.test(text) || !URL.canParse(text)) {
    const address = proposeAddress(text) ?? "a URL, such as https://api.coze.com";
    throw new InvalidArgumentError(`Write ${address}.`);
  }
  const { username, password, search, hash } = new URL(text);
  if (username || password || search || hash) {
    throw new InvalidArgumentError("Write the address alone, without user, password and query.");
  }
  return text;
}

/** A whole number from 1. */
function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,4}$/.test(text) || count < 1) throw new InvalidArgumentError("Write a whole number from 1.");
  return count;
}

/** A whole number from 0. */
export function parseMost(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Write a whole number.");
  return Number(text);
}

const units: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration such as `90s` or `1h30m`, in milliseconds. */
function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (text === "" || parts.map(([part]) => part).join("") !== text) {
    throw new InvalidArgumentError("Write a duration, such as 30m, 90s or 1h30m.");
  }
  return parts.reduce((sum, [, amount = "", unit = ""]) => sum + Number(amount) * (units[unit] ?? 0), 0);
}
