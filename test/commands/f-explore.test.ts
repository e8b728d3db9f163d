import { cpSync, readFileSync, writeFileSync, appendFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "@jest/globals";
import { createConsole } from "../cli/console.ts";

test("explore", async () => {
  const given = createConsole();
  cpSync(resolve(import.meta.dirname, "../../examples/promotion"), given.directory, { recursive: true });
  const bot = join(given.directory, "manifests/bot.yaml");
  const hasChecks = (await given.sh("validate")).code === 0;
  if (!hasChecks) writeFileSync(bot, readFileSync(bot, "utf8").replace(/^checks:[^]*$/mu, ""));
  const log = "/tmp/f/example.txt";
  writeFileSync(log, `checks: ${hasChecks}\n`);
  for (const line of [
    "apply -e dev --target Workspace.desk --emulator --auto-approve",
    "emulator edit by-hand/1-build.yaml",
    "apply -e dev --emulator --auto-approve",
    "apply -e prod --emulator --auto-approve --confirm-environment prod",
    "plan -e prod --against dev --emulator",
    "emulator edit by-hand/2-improve.yaml",
    "plan -e prod --against dev --emulator",
    `promote --from dev --to prod --emulator --auto-approve --confirm-environment prod ${hasChecks ? "--check" : ""}`,
    "promote --from dev --to prod --emulator --auto-approve --confirm-environment prod",
    "plan -e prod --emulator",
    "emulator edit by-hand/3-hurry.yaml",
    ...(hasChecks ? ["promote --from dev --to prod --emulator --auto-approve --confirm-environment prod --check"] : []),
    "promote --from dev --to prod --emulator --auto-approve --confirm-environment prod",
    "promote --rollback --to prod --emulator --auto-approve --confirm-environment prod",
    "plan -e prod --against dev --emulator",
    "outputs -e prod --format env --emulator",
    "state show Bot.support -e prod --emulator",
    "state show Copy.invoice -e prod --emulator",
  ]) {
    const { code, out, err } = await given.sh(line, { env: {NO_COLOR: "1"}});
    appendFileSync(log, `$ cozeform ${line}\n${out}${err}[exit ${code}]\n\n`);
  }
});
