import { type Command, InvalidArgumentError } from "commander";
import { providerSource } from "../../commands/provider-package.ts";
import { type Installed, installProvider } from "../../commands/terraform-install.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit-code.ts";
import type { Start } from "../start.ts";

interface InstallCommandOptions {
  readonly dir?: string;
  readonly host: string;
}

/** Declares `terraform` and its own commands. */
export function addTerraformCommand(program: Command, start: Start): void {
  const terraform = program
    .command("terraform")
    .description("use the kinds from Terraform, with the provider that comes along")
    .addHelpText("after", examples("cozeform terraform install", "terraform init"));
  terraform
    .command("install")
    .description("put the provider where Terraform finds it, and print what your configuration needs")
    .option("--dir <dir>", "a folder of plugins (default: ~/.terraform.d/plugins)")
    .option("--host <host>", "host of the provider's address", parseHost, providerSource.host)
    .addHelpText(
      "after",
      examples(
        "cozeform terraform install",
        "cozeform terraform install --dir terraform.d/plugins",
        "cozeform terraform install --host registry.opentofu.org",
      ),
    )
    .action((_options, self: Command) =>
      start<InstallCommandOptions>(self, async (session, { dir, host }) => {
        const installed = await installProvider({
          host,
          env: session.io.env,
          workingDirectory: session.path("."),
          ...(dir === undefined ? {} : { directory: session.path(dir) }),
        });
        session.print(describeInstalled(installed));
        return ExitCode.done;
      }),
    );
}

function describeInstalled(installed: Installed): string {
  const { source, version, directory, outcome, overruledBy, plugins } = installed;
  const name = `${source} ${version}`;
  const heads = {
    installed: `Installed ${name} in`,
    replaced: `Replaced another build of ${name} in`,
    unchanged: `${name} is there already, in`,
  };
  const lines = [
    `${heads[outcome]} ${directory}`,
    "",
    "Your configuration needs:",
    "",
    "terraform {",
    "  required_providers {",
    "    coze = {",
    `      source  = ${JSON.stringify(source)}`,
    `      version = ${JSON.stringify(version)}`,
    "    }",
    "  }",
    "}",
    "",
    `Next: ${initLine(installed)}`,
    ...(outcome === "replaced"
      ? ["Where it was initialised with the other build: take coze out of .terraform.lock.hcl first."]
      : []),
    ...(overruledBy === undefined
      ? []
      : [
          `${overruledBy} says in provider_installation where providers come from. Put there:`,
          `  filesystem_mirror { path = ${JSON.stringify(plugins)} }`,
        ]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Of folders where it doesn't look by itself Terraform has to be told. */
function initLine({ host, plugins, found }: Installed): string {
  const program = host === "registry.opentofu.org" ? "tofu" : "terraform";
  return found ? `${program} init` : `${program} init -plugin-dir=${plugins}`;
}

function parseHost(text: string): string {
  const isName = /^(?=.{1,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)+$/iu.test(text);
  if (!isName) throw new InvalidArgumentError("Write a host name, such as registry.opentofu.org.");
  return text.toLowerCase();
}
