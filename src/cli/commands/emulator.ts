import { InvalidArgumentError, Option } from "commander";
import { type Variant, variantNames } from "../../emulator/world/variants.ts";
import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import { collect, formatOption, parseMost } from "../options.ts";

/** Declares `emulator` and its subcommand. */
export function addEmulatorCommand(program: Command, start: CommandRunner): void {
  const emulator = program
    .command("emulator")
    .description(say("cli-help/emulator"))
    .option("--port <number>", say("cli-help/option-port"), parsePort, 0)
    .option("--file <file>", say("cli-help/option-file"))
    .option("--token <token>", say("cli-help/option-token"))
    .option("--oauth-app <file>", say("cli-help/option-oauth-app"), collect)
    .option("--faults <file>", say("cli-help/option-faults"))
    .addOption(variantOption())
    .option("--requests-per-second <number>", say("cli-help/option-requests-per-second"), parseRate)
    .option("--total-calls <number>", say("cli-help/option-total-calls"), parseMost)
    .examples(
      "cozeform emulator --port 8787 --file world.json --token pat_local",
      "COZE_API_TOKEN=pat_local cozeform plan --endpoint http://127.0.0.1:8787",
      "cozeform emulator --oauth-app app.yaml   # app_id, key_id, public_key: {file}",
      "cozeform emulator --faults examples/faults/bad-day.yaml",
    )
    .action(start("serves", async () => (await import("../actions/emulator.ts")).runEmulator));
  emulator
    .command("edit <file>")
    .description(say("cli-help/emulator-edit"))
    .option("--dir <dir>", say("cli-help/option-dir-world"))
    .addOption(formatOption())
    .examples(
      "cozeform emulator edit by-hand.yaml",
      "cozeform emulator edit v2.yaml --dir infra",
      "cozeform emulator edit v2.yaml --file world.json",
    )
    .action(start("changes", async () => (await import("../actions/emulator.ts")).runEdit));
}

/** Repeatable, and with commas. Its choices are for help and completion; each name is checked here. */
const variantOption = (): Option =>
  new Option("--variant <name>", say("cli-help/option-variant"))
    .choices(variantNames)
    .argParser<readonly Variant[]>((text, before = []) => [...before, ...text.split(",").map(parseVariant)]);

function parseVariant(text: string): Variant {
  const name = text.trim();
  const variant = variantNames.find((one) => one === name);
  if (!variant)
    throw new InvalidArgumentError(say("cli/allowed-choices", { choices: variantNames.join(", ") }));
  return variant;
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || rate <= 0) throw new InvalidArgumentError(say("cli/write-rate"));
  return rate;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError(say("cli/write-port"));
  return port;
}
