import { type Command, InvalidArgumentError } from "commander";
import { openTofuHost, providerSource } from "../../commands/provider-package.ts";
import { type Installed, installProvider } from "../../commands/terraform.ts";
import { printable } from "../../report/escape-control.ts";
import { shellQuote } from "../../report/values.ts";
import { type CommandRunner, examples } from "../command.ts";
import { ExitCode, UsageError } from "../exit-code.ts";

interface InstallCommandOptions {
  readonly dir?: string;
  readonly host: string;
}

/** Declares `terraform` and its subcommand. */
export function addTerraformCommand(program: Command, start: CommandRunner): void {
  const terraform = program
    .command("terraform")
    .description("Use the bundled Terraform provider")
    .addHelpText("after", examples("cozeform terraform install", "terraform init"));
  terraform
    .command("install")
    .description("Install the provider where Terraform finds it, and print the configuration it needs")
    .option("--dir <dir>", "plugin directory (default: ~/.terraform.d/plugins)")
    .option("--host <host>", "host of the provider's source address", parseHost, providerSource.host)
    .allowExcessArguments()
    .addHelpText(
      "after",
      examples(
        "cozeform terraform install",
        "cozeform terraform install --dir terraform.d/plugins",
        "cozeform terraform install --host registry.opentofu.org",
      ),
    )
    .action((_options, self: Command) =>
      start<InstallCommandOptions>(self, "changes", async (session, { dir, host }) => {
        refuseArguments(self.args);
        const installed = await installProvider({
          host,
          env: session.io.env,
          workingDirectory: session.path("."),
          directory: dir === undefined ? undefined : session.path(dir),
        });
        session.print(printable(describeInstalled(installed)));
        return ExitCode.done;
      }),
    );
}

/** The argument is probably meant as the folder. */
function refuseArguments(given: readonly string[]): void {
  if (given.length === 0) return;
  throw new UsageError(
    `too many arguments for 'install': expected 0 arguments but got ${given.length}`,
    "name a folder with --dir, such as --dir terraform.d/plugins",
  );
}

function describeInstalled(installed: Installed): string {
  const { source, version, directory, outcome } = installed;
  const name = `${source} ${version}`;
  const heads = {
    installed: `Installed ${name} in`,
    replaced: `Replaced another build of ${name} in`,
    unchanged: `${name} is there already, in`,
  };
  const blocks = [
    `${heads[outcome]}\n  ${directory}`,
    "Your configuration needs:",
    requirement(installed),
    ...adviseOnConfiguration(installed),
    ...adviseOnLock(installed),
    nextLine(installed),
  ];
  return `${blocks.join("\n\n")}\n`;
}

const requirement = ({ source, version }: Installed): string => `terraform {
  required_providers {
    coze = {
      source  = ${JSON.stringify(source)}
      version = ${JSON.stringify(version)}
    }
  }
}`;

/** The configuration that takes the provider from its folder and leaves all others where they are. */
function adviseOnConfiguration({ overruledBy, plugins, source }: Installed): readonly string[] {
  if (!overruledBy) return [];
  const { file, others } = overruledBy;
  const pattern = JSON.stringify([source]);
  return [
    `First, since a file says where providers come from:\n  ${file}`,
    "Put this into its provider_installation:",
    `  filesystem_mirror {\n    path    = ${JSON.stringify(plugins)}\n    include = ${pattern}\n  }`,
    ...(others.length === 0
      ? []
      : [
          `And add to its ${others.join(" and ")}, where all other providers come from:`,
          `    exclude = ${pattern}`,
        ]),
  ];
}

/**
 * The lock file records the other build's checksum, and neither `init -upgrade` nor a new plan updates it.
 */
function adviseOnLock({ outcome, plugins, source, host }: Installed): readonly string[] {
  if (outcome !== "replaced") return [];
  return [
    "In each folder that was initialised with the other build, run this first, or its\nchecksum in .terraform.lock.hcl keeps this one out:",
    `${programOf(host)} providers lock \\\n  -fs-mirror=${shellQuote(plugins)} \\\n  ${source}`,
  ];
}

/** Terraform doesn't search other folders by itself. */
function nextLine({ host, plugins, found }: Installed): string {
  const command = `Next: ${programOf(host)} init`;
  return found ? command : `${command} \\\n  -plugin-dir=${shellQuote(plugins)}`;
}

const programOf = (host: string): string => (host === openTofuHost ? "tofu" : "terraform");

function parseHost(text: string): string {
  const isName = /^(?=.{1,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)+$/iu.test(text);
  if (!isName) throw new InvalidArgumentError("Write a host name, such as registry.opentofu.org.");
  return text.toLowerCase();
}
