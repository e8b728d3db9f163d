import { InvalidArgumentError, Option } from "commander";
import type { PlanCommandOptions } from "../commands/plan.ts";
import type { ProjectOptions } from "../commands/project.ts";
import type { Invocation } from "../core/command-line.ts";
import { findEndpointProblem } from "../core/endpoint.ts";
import { proposeAddress } from "../core/schema-errors.ts";
import { readDuration } from "../core/time.ts";
import { explain, say } from "../messages/text.ts";
import type { Permission } from "../plan/guards/refusal.ts";
import type { PlanOptions } from "../plan/plan.ts";
import type { PlanningWords } from "../report/refusals.ts";
import { UsageError } from "./exit-code.ts";
import type { Command } from "./help.ts";
import { type LogLevel, logLevels } from "./log.ts";

/** Options of every command. */
export interface CommonOptions {
  readonly environment?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly emulator?: boolean | undefined;
  readonly var?: Variables | undefined;
  readonly envFile?: string | undefined;
  readonly color: boolean;
  readonly logLevel: LogLevel;
}

type Variables = { readonly [name: string]: string };

/** Options of commands that plan. */
export interface PlanningOptions {
  readonly target?: readonly string[] | undefined;
  readonly refresh: RefreshMode;
  readonly adopt?: boolean | undefined;
  /** False with `--no-wait`. */
  readonly wait?: boolean | undefined;
  readonly retryRefused?: boolean | undefined;
  readonly destroy?: boolean | undefined;
  readonly full?: boolean | undefined;
  readonly maxCalls?: number | undefined;
  readonly allowOwnershipTransfer?: boolean | undefined;
  readonly allowOrphans?: boolean | undefined;
  readonly notRenamed?: readonly string[] | undefined;
  readonly duplicate?: readonly string[] | undefined;
  readonly releaseHold?: readonly string[] | undefined;
  readonly confirmRemovals?: number | undefined;
  readonly replace?: readonly string[] | undefined;
  readonly refreshOnly?: boolean | undefined;
}

/** Options of commands that lock the state. */
export interface LockingOptions {
  /** Milliseconds. */
  readonly lockTimeout?: number | undefined;
}

/** Options of commands that change things. */
export interface ApplyingOptions extends FormatOption, LockingOptions {
  readonly autoApprove?: boolean | undefined;
  readonly confirmEnvironment?: string | undefined;
  readonly parallelism?: number | undefined;
  readonly timeout?: number | undefined;
  readonly waitLost?: boolean | undefined;
}

/** Adds the options of every command, which may stand before or after its name. */
export function addCommonOptions(program: Command): Command {
  return program
    .option("-e, --environment <name>", say("cli-help/option-environment"))
    .option("--endpoint <url>", say("cli-help/option-endpoint"), parseUrl)
    .option("--emulator", say("cli-help/option-emulator"))
    .option("--env-file <file>", say("cli-help/option-env-file"))
    .option("--var <name=value>", say("cli-help/option-var"), collectVariable)
    .option("--no-color", say("cli-help/option-no-color"))
    .addOption(
      new Option("--log-level <level>", say("cli-help/option-log-level")).choices(logLevels).default("info"),
    );
}

/** Adds the options of commands that plan. */
export const addPlanningOptions = (command: Command, modes?: readonly RefreshMode[]): Command =>
  addReadingOptions(command.option("--target <address>", say("cli-help/option-target"), collect), modes);

type RefreshMode = "auto" | "full" | "none";

/** Adds the options for reading Coze and for showing the plan. */
export function addReadingOptions(
  command: Command,
  modes: readonly RefreshMode[] = ["auto", "full"],
): Command {
  const key = modes.includes("none") ? "cli-help/option-refresh-or-none" : "cli-help/option-refresh";
  return command
    .addOption(new Option("--refresh <mode>", say(key)).choices(modes).default("auto"))
    .option("--max-calls <number>", say("cli-help/option-max-calls"), parseMost)
    .option("--full", say("cli-help/option-full"));
}

/** Adds the options of commands that plan otherwise than manifests say. */
export const addPlanModes = (command: Command): Command =>
  command
    .option("--replace <address>", say("cli-help/option-replace"), collect)
    .option("--refresh-only", say("cli-help/option-refresh-only"));

/** Throws for options that can't go together with `--refresh-only` or `--replace`. */
export function refuseMixedModes(options: PlanningOptions): void {
  const { destroy, replace, refresh, refreshOnly } = options;
  if (replace && destroy) throw new UsageError(explain("cli/replace-destroyed"));
  const beside = [
    ...flagsOf(options, "destroy", "replace"),
    ...(refresh === "none" ? ["--refresh=none"] : []),
    ...answersIn(options),
    ...publishingIn(options),
  ];
  if (refreshOnly && beside.length > 0) {
    throw new UsageError(explain("cli/refresh-only-alone", { options: beside.join(", ") }));
  }
}

/** The flags for documents and bots that are among the options. */
export const publishingIn = ({ wait, retryRefused }: PlanningOptions): readonly string[] => [
  ...(wait === false ? ["--no-wait"] : []),
  ...(retryRefused ? ["--retry-refused"] : []),
];

/** The flags of the modes that are among the options. */
export const modesIn = ({ replace, refreshOnly }: PlanningOptions): readonly string[] => [
  ...(replace ? ["--replace"] : []),
  ...(refreshOnly ? ["--refresh-only"] : []),
];

/** Adds the options of commands that change things. */
export function addApplyingOptions(command: Command): Command {
  return command
    .on("option:yes", refuseYes)
    .addOption(new Option("--yes").hideHelp())
    .option("--auto-approve", say("cli-help/option-auto-approve"))
    .option("--confirm-environment <name>", say("cli-help/option-confirm-environment"))
    .option("--parallelism <number>", say("cli-help/option-parallelism"), parseCount)
    .option("--timeout <duration>", say("cli-help/option-timeout"), parseDuration)
    .addOption(lockTimeoutOption())
    .addOption(formatOption());
}

/** The option `--lock-timeout`, of commands that lock the state. */
export const lockTimeoutOption = (): Option =>
  new Option("--lock-timeout <duration>", say("cli-help/option-lock-timeout")).argParser(parseDuration);

/** Adds the answers to what plans are refused for; where nothing is created, only those to removals. */
export function addAnswers(command: Command, { creates = true } = {}): Command {
  const answered = command
    .option("--allow-ownership-transfer", say("cli-help/option-allow-ownership-transfer"))
    .option("--allow-orphans", say("cli-help/option-allow-orphans"))
    .option("--confirm-removals <number>", say("cli-help/option-confirm-removals"), parseMost);
  if (!creates) return answered;
  return answered
    .option("--not-renamed <address>", say("cli-help/option-not-renamed"), collect)
    .option("--duplicate <address>", say("cli-help/option-duplicate"), collect)
    .option("--release-hold <address>", say("cli-help/option-release-hold"), collect)
    .option("--adopt", say("cli-help/option-adopt"));
}

/** The flags of the answers that are among the options. */
export const answersIn = (options: PlanningOptions): readonly string[] => [
  ...flagsOf(options, "adopt", "duplicate"),
  ...(options.allowOwnershipTransfer ? ["--allow-ownership-transfer"] : []),
  ...(options.allowOrphans ? ["--allow-orphans"] : []),
  ...(options.confirmRemovals === undefined ? [] : ["--confirm-removals"]),
  ...(options.notRenamed ? ["--not-renamed"] : []),
  ...(options.releaseHold ? ["--release-hold"] : []),
];

/** Other tools have this option; an approval is worth its full name. */
function refuseYes(): never {
  throw new UsageError({
    message: say("cli/unknown-option", { option: "--yes" }),
    hint: say("common/did-you-mean", { word: "--auto-approve" }),
  });
}

/** Adds the options of commands that copy. */
export const addCopyingOptions = (command: Command): Command =>
  command.option("--wait-lost", say("cli-help/option-wait-lost"));

/** Adds the options of commands that make documents, and bind and publish bots. */
export const addPublishingOptions = (command: Command): Command =>
  command
    .option("--no-wait", say("cli-help/option-no-wait"))
    .option("--retry-refused", say("cli-help/option-retry-refused"));

/** The option of commands whose output is for people or for programs. */
export interface FormatOption {
  readonly format: "text" | "json";
}

/** The option `--format`. */
export const formatOption = (): Option =>
  new Option("--format <format>", say("cli-help/option-format")).choices(["text", "json"]).default("text");

/** The project of a command line. */
export type ProjectPlace = Pick<ProjectOptions, "directory" | "placesFrom">;

/** What command lines in messages repeat of the user's. */
export function readInvocation(
  words: readonly string[],
  options: CommonOptions & { readonly to?: string | undefined },
): Invocation {
  const { environment, to = environment, endpoint, emulator, envFile, var: variables = {} } = options;
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
  return {
    words,
    environment: option("-e", to),
    access: [...(emulator ? ["--emulator"] : []), ...option("--endpoint", endpoint)],
    inputs: [
      ...option("--env-file", envFile),
      ...Object.entries(variables).flatMap(([name, value]) => ["--var", `${name}=${value}`]),
    ],
  };
}

/** The library's options for a project and its environment. */
export function projectOptions(place: ProjectPlace, options: CommonOptions): ProjectOptions {
  const { environment, endpoint, emulator, var: variables } = options;
  return { ...place, environment, endpoint, emulator, variables };
}

/** The library's options for a plan. */
export function planOptions(
  place: ProjectPlace,
  options: CommonOptions & PlanningOptions,
): PlanCommandOptions {
  const { target: targets, refresh, adopt, wait, retryRefused, destroy, maxCalls } = options;
  const { notRenamed, duplicate, releaseHold, confirmRemovals, replace, refreshOnly } = options;
  const allow = permissionsOf(options);
  const answers = { adopt, notRenamed, duplicate, releaseHold, confirmRemovals, allow };
  const chosen = { targets, replace, refreshOnly, noWait: wait === false, retryRefused, destroy, ...answers };
  return { ...projectOptions(place, options), refresh, ...chosen, maxCalls };
}

/** The command line that makes a plan with these choices: what {@link planOptions} reads. */
export function planningWords(options: PlanOptions, environment: string): PlanningWords {
  const { targets = [], replace, refreshOnly, destroy, adopt, promotion } = options;
  const { allow = [], notRenamed, duplicate, releaseHold, confirmRemovals, noWait, retryRefused } = options;
  const each = (flag: string, values: readonly string[] = []) => values.map((value) => [flag, value]);
  const flag = (name: string, given: boolean | undefined) => (given ? [[name]] : []);
  const shared = [
    ...flag("--adopt", adopt),
    ...[...allow].map((permission) => [`--${permission}`]),
    ...each("--not-renamed", notRenamed),
    ...each("--duplicate", duplicate),
    ...each("--release-hold", releaseHold),
    ...(confirmRemovals === undefined ? [] : [["--confirm-removals", String(confirmRemovals)]]),
    ...flag("--no-wait", noWait),
    ...flag("--retry-refused", retryRefused),
  ];
  if (promotion?.from !== undefined) {
    const between = [...each("--from", [promotion.from]), ...each("--to", [environment])];
    return {
      words: ["promote", ...targets],
      options: [...between, ...flag("--check", promotion.check), ...shared],
      environment: null,
    };
  }
  const modes = [...flag("--destroy", destroy), ...flag("--refresh-only", refreshOnly)];
  return {
    words: ["plan"],
    options: [...modes, ...each("--target", targets), ...each("--replace", replace), ...shared],
  };
}

/** The permissions of the options. */
function permissionsOf(options: PlanningOptions): readonly Permission[] {
  const given: Permission[] = [];
  if (options.allowOwnershipTransfer) given.push("allow-ownership-transfer");
  if (options.allowOrphans) given.push("allow-orphans");
  return given;
}

/** The flags of those of the named options that are set. */
export const flagsOf = <Name extends string>(
  options: { readonly [Option in Name]?: unknown },
  ...names: readonly Name[]
): readonly string[] => names.filter((name) => (options[name] ?? false) !== false).map((name) => `--${name}`);

/** Collects the values of a repeatable option. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

function collectVariable(text: string, before: Variables = {}): Variables {
  const split = text.indexOf("=");
  if (split < 1) throw new InvalidArgumentError(say("cli/write-variable"));
  return { ...before, [text.slice(0, split)]: text.slice(split + 1) };
}

function parseUrl(text: string): string {
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) {
    const problem = findEndpointProblem(text, "--endpoint");
    if (problem) throw new InvalidArgumentError(problem.hint);
    const address = proposeAddress(text);
    throw new InvalidArgumentError(address ? say("cli/write-this", { address }) : say("cli/write-url"));
  }
  const { username, password, search, hash } = new URL(text);
  if (username || password || search || hash) throw new InvalidArgumentError(say("cli/write-address-alone"));
  return text;
}

/** A whole number from 1. */
function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,4}$/.test(text) || count < 1) throw new InvalidArgumentError(say("cli/write-count"));
  return count;
}

/** A whole number from 0. */
export function parseMost(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(say("cli/write-number"));
  return Number(text);
}

/** A duration such as `90s` or `1h30m`, in milliseconds. */
function parseDuration(text: string): number {
  const ms = readDuration(text);
  if (ms === undefined) throw new InvalidArgumentError(say("cli/write-duration"));
  return ms;
}
