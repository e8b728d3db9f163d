import { InvalidArgumentError } from "commander";
import { providerSource } from "../../commands/provider-source.ts";
import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";

/** Declares `terraform` and its subcommand. */
export function addTerraformCommand(program: Command, start: CommandRunner): void {
  const terraform = program
    .command("terraform")
    .description(say("cli-help/terraform"))
    .examples("cozeform terraform install", "terraform init");
  const install = terraform
    .command("install")
    .description(say("cli-help/terraform-install"))
    .option("--dir <dir>", say("cli-help/option-dir-plugins"))
    .option("--host <host>", say("cli-help/option-host"), parseHost, providerSource.host)
    .allowExcessArguments()
    .examples(
      "cozeform terraform install",
      "cozeform terraform install --dir terraform.d/plugins",
      "cozeform terraform install --host registry.opentofu.org",
    );
  install.action(
    start("changes", async () => {
      const { runInstall } = await import("../actions/terraform.ts");
      return (session, options: Parameters<typeof runInstall>[1]) =>
        runInstall(session, options, install.args);
    }),
  );
}

function parseHost(text: string): string {
  const isName = /^(?=.{1,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)+$/iu.test(text);
  if (!isName) throw new InvalidArgumentError(say("cli/write-host"));
  return text.toLowerCase();
}
