import { type Command, InvalidArgumentError, Option } from "commander";
import type { ProjectOptions } from "../commands/connections.ts";
import type { PlanCommandOptions } from "../commands/plan.ts";
import { proposeAddress } from "../core/schema-errors.ts";
import type { Permission } from "../plan/plan.ts";
import { type LogLevel, logLevels } from "./log.ts";

/** Options that every command takes. */
export interface CommonOptions {
  readonly environment?: string;
  readonly endpoint?: string;
  readonly emulator?: boolean;
  readonly var?: { readonly [name: string]: string };
  readonly envFile?: string;
  readonly color: boolean;
  readonly logLevel: LogLevel;
}

/** Options that choose what a plan is about. */
export interface PlanningOptions {
  readonly target?: readonly string[];
  readonly refresh: "auto" | "full" | "none";
  readonly adopt?: boolean;
  readonly destroy?: boolean;
  readonly full?: boolean;
  readonly maxCalls?: number;
}

/** Options of commands that change things. */
export interface ApplyingOptions {
  readonly autoApprove?: boolean;
  readonly confirmEnvironment?: string;
  readonly parallelism?: number;
  readonly timeout?: number;
  readonly waitLost?: boolean;
  readonly format: "text" | "json";
  readonly allowOwnershipTransfer?: boolean;
  readonly allowOrphans?: boolean;
}

/** Declares what every command takes, before or after the command's name. */
export function addCommonOptions(program: Command): Command {
  return program
    .option("-e, --environment <name>", "environment of cozeform.yaml; its default_environment without it")
    .option("--endpoint <url>", "API to talk to in place of the environment's", parseUrl)
    .option("--emulator", "run against the embedded emulator, no account needed")
    .option("--env-file <file>", "read environment variables from a file (NAME=value lines)")
    .option("--var <name=value>", "set a variable; may be repeated", collectVariable)
    .option("--no-color", "no colours (so does NO_COLOR; FORCE_COLOR wants them)")
    .addOption(
      new Option("--log-level <level>", "what to tell on standard error; debug adds a line per API call")
        .choices(logLevels)
        .default("info"),
    );
}

/** Declares what a command that plans takes. */
export function addPlanningOptions(command: Command, modes: readonly string[] = ["auto", "full"]): Command {
  return addReadingOptions(
    command.option("--target <address>", "only this resource and what it needs; may be repeated", collect),
    modes,
  );
}

/** Declares how a command that plans reads what is there, and how it shows the plan. */
export function addReadingOptions(command: Command, modes: readonly string[] = ["auto", "full"]): Command {
  return command
    .addOption(
      new Option("--refresh <mode>", "auto reads what changed since last time, full everything, none nothing")
        .choices(modes)
        .default("auto"),
    )
    .option("--max-calls <number>", "stop before making more API calls than this, in all", parseMost)
    .option("--full", "show each resource also where many are alike, and long texts to their end");
}

/** Declares what a command that changes things takes. */
export function addApplyingOptions(command: Command): Command {
  return command
    .option("--auto-approve", "don't ask")
    .option("--confirm-environment <name>", "the name of a protected environment, in place of the question")
    .option(
      "--parallelism <number>",
      "how many resources are worked on at once, and copies by Coze (default: 10)",
      parseCount,
    )
    .option("--timeout <duration>", "how long to wait for Coze's own work (default: 30m)", parseDuration)
    .addOption(formatOption())
    .option(
      "--allow-ownership-transfer",
      "do what moves a member's resources to the workspace's owner, for good",
    )
    .option("--allow-orphans", "replace what Coze can't delete, leaving the old one there");
}

/** Declares what a command that copies takes. */
export const addCopyingOptions = (command: Command): Command =>
  command.option(
    "--wait-lost",
    "if a copying call gets no answer, wait until what it made can't appear any more (ten minutes), then repeat it; without this, do all else and end as pending",
  );

/** How results are written. */
export const formatOption = (): Option =>
  new Option("--format <format>", "how to write the result").choices(["text", "json"]).default("text");

/** A project and its environment, for the library. */
export function projectOptions(directory: string, options: CommonOptions): ProjectOptions {
  const { environment, endpoint, emulator } = options;
  return {
    directory,
    ...(environment === undefined ? {} : { environment }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(emulator ? { emulator } : {}),
    ...(options.var ? { variables: options.var } : {}),
  };
}

/** What to plan, for the library. */
export function planOptions(directory: string, options: CommonOptions & PlanningOptions): PlanCommandOptions {
  const { target, refresh, adopt, destroy, maxCalls } = options;
  return {
    ...projectOptions(directory, options),
    refresh,
    ...(target ? { targets: target } : {}),
    ...(adopt ? { adopt } : {}),
    ...(destroy ? { destroy } : {}),
    ...(maxCalls === undefined ? {} : { maxCalls }),
  };
}

/** The permissions that were given. */
export function permissionsOf(options: ApplyingOptions): ReadonlySet<Permission> {
  const given: Permission[] = [];
  if (options.allowOwnershipTransfer) given.push("allow-ownership-transfer");
  if (options.allowOrphans) given.push("allow-orphans");
  return new Set(given);
}

/** The values of an option that may be repeated. */
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
